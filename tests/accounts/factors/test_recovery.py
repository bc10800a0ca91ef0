"""Recovery codes: ten, each good once in place of the device, hashed, void when there are new ones."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pyotp
import pytest

from app.accounts.factors.recovery import codes_left, looks_like_one, make_codes, redeem
from app.accounts.factors.seeds import keep_seed, seed_of
from app.accounts.own import set_password
from app.accounts.people import reset_second_factor
from app.accounts.signing import CodeWanted, Entered, GiveCode, SignIn, Visit, give_code, sign_in
from app.kernel.refusal import Refused
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security import sealed
from app.security.models import User
from app.security.totp import step_at
from tests.support.client import Browser
from tests.support.world import PASSWORD, World

BrowserFor = Callable[..., Browser]
SEED = pyotp.random_base32()
VISIT = Visit(cookie="visit", address="192.0.2.7")


@pytest.fixture
def codes(world: World) -> list[str]:
    """Dana has a password, a device and these codes."""
    with begin(everywhere("test")) as work:
        user = work.get(User, world.user["dana"])
        set_password(work, user, PASSWORD, temporary=False)
        keep_seed(user, SEED)
        user.totp_confirmed_at = work.now
        return make_codes(work, user)


def ticket() -> str:
    wanted = sign_in(SignIn(name="dana", password=PASSWORD), VISIT)
    assert isinstance(wanted, CodeWanted)
    return wanted.ticket


def left(world: World) -> int:
    with reading(everywhere("test")) as view:
        return codes_left(view, world.user["dana"])


def test_each_code_opens_once_and_says_how_many_are_left(world: World, codes: list[str]) -> None:
    entered = give_code(GiveCode(ticket=ticket(), code=codes[3].upper().replace("-", " ")), VISIT)

    assert isinstance(entered, Entered) and "9 recovery codes are left" in entered.told
    with pytest.raises(Refused) as caught:
        give_code(GiveCode(ticket=ticket(), code=codes[3]), VISIT)
    assert caught.value.field == "code" and left(world) == 9
    with reading(everywhere("test")) as view:
        assert view.value("select facts ->> 'left' from audit_event where name = 'recovery_code.used'") == "9"


def test_new_codes_make_the_former_ones_void(world: World, codes: list[str]) -> None:
    with begin(everywhere("test")) as work:
        user = work.get(User, world.user["dana"])
        new = make_codes(work, user)
        assert not redeem(work, user, codes[0]) and redeem(work, user, new[0])
    assert left(world) == 9 and len({*codes, *new}) == 20


def test_codes_of_another_person_are_of_no_use(world: World, codes: list[str]) -> None:
    with begin(everywhere("test")) as work:
        other = work.get(User, world.user["uma"])
        make_codes(work, other)
        assert not redeem(work, other, codes[0])
    assert left(world) == 10


def test_wrong_codes_count_until_one_waits(codes: list[str]) -> None:
    said, same = [], ticket()
    for code in ("aaaa-bbbb-cccc", "222222", "aaaa-bbbb-cccd", "333333", "aaaa-bbbb-ccce", codes[0]):
        with pytest.raises(Refused) as caught:
            give_code(GiveCode(ticket=same, code=code), VISIT)
        said.append(caught.value.sentence)
    assert said[0].startswith("This code is not right") and all("Too many failed attempts" in one for one in said[4:])


def test_what_lies_in_the_database_opens_nothing(world: World, codes: list[str]) -> None:
    with reading(everywhere("test")) as view:
        dump = view.value(
            "select string_agg(t::text, ' ') from (select u::text as t from app_user u union all"
            " select r::text from recovery_code r union all select c.new::text from row_change c) x"
        )
    assert SEED not in dump and SEED.encode().hex() not in dump
    assert not re.search(r"\b[A-Z2-7]{32}\b", dump), "no seed of an authenticator in Base32"
    assert not any(code in dump or code.replace("-", "") in dump for code in codes)


def test_a_seed_moved_to_another_person_does_not_open(world: World, codes: list[str]) -> None:
    with begin(everywhere("test")) as work:
        dana, uma = work.get(User, world.user["dana"]), work.get(User, world.user["uma"])
        uma.totp_sealed, uma.totp_confirmed_at = dana.totp_sealed, dana.totp_confirmed_at
        set_password(work, uma, PASSWORD, temporary=False)
        with pytest.raises(Refused, match="belongs elsewhere"):
            seed_of(uma)


def test_without_the_keys_a_recovery_code_still_opens_and_a_device_code_gets_a_sentence(
    browser_for: BrowserFor, world: World, codes: list[str], tmp_path: Path
) -> None:
    visitor = browser_for()
    sealed.use(tmp_path / "lost")
    page = send(visitor, visitor.get("/sign-in").text, "/sign-in", name="dana", password=PASSWORD)

    refused = send(visitor, page.text, "/sign-in/code", code=pyotp.TOTP(SEED).generate_otp(step_at(now())))
    entered = send(visitor, page.text, "/sign-in/code", code=codes[0])

    assert refused.status_code == 422 and "missing on this machine" in refused.text
    assert entered.status_code == 303


def test_the_page_shows_new_codes_once_after_proof(browser_for: BrowserFor, world: World, codes: list[str]) -> None:
    browser = browser_for("dana")
    refused = browser.post("/account/recovery-codes", {"proof": "123456"})
    shown = browser.post("/account/recovery-codes", {"proof": codes[0]})

    assert refused.status_code == 422 and "not right" in refused.text
    assert len(re.findall(r"<code>", shown.text)) == 10 and shown.headers["cache-control"] == "no-store"
    assert "You have 10 recovery codes left" in browser.get("/account/recovery-codes").text
    assert "10 left" in browser.get("/account").text


def test_without_a_second_factor_the_page_leads_to_setting_one_up(browser_for: BrowserFor, world: World) -> None:
    browser = browser_for("dana")
    assert "You have not set one up" in browser.get("/account/recovery-codes").text
    assert browser.post("/account/recovery-codes", {"proof": "x"}).status_code == 422


def test_who_lost_the_second_factor_is_told_at_every_sign_in_until_there_is_another(
    browser_for: BrowserFor, world: World, codes: list[str]
) -> None:
    with begin(world.viewer("adam")) as work:
        reset_second_factor(work, world.user["dana"])

    first, again = (sign_in(SignIn(name="dana", password=PASSWORD), VISIT) for _ in range(2))

    assert isinstance(first, Entered) and isinstance(again, Entered)
    assert "taken away" in first.told and "by Adam Sorbo" in first.told and first.told == again.told
    assert left(world) == 0
    browser = browser_for("dana")
    assert "by Adam Sorbo" in browser.get("/account").text
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", browser.get("/account/second-factor").text)[0].replace(" ", "")
    browser.post("/account/second-factor", {"code": pyotp.TOTP(secret).generate_otp(step_at(now()))})
    assert "by Adam Sorbo" not in browser.get("/account").text


def test_a_short_password_of_before_still_opens_and_is_told_to_change(world: World) -> None:
    with begin(everywhere("test")) as work:
        set_password(work, work.get(User, world.user["dana"]), "twelve chars", temporary=False)

    entered = sign_in(SignIn(name="dana", password="twelve chars"), VISIT)

    assert isinstance(entered, Entered) and "Choose another one in Your account" in entered.told


def test_the_session_goes_on_under_another_cookie_after_a_change(browser_for: BrowserFor, world: World) -> None:
    with begin(everywhere("test")) as work:
        set_password(work, work.get(User, world.user["dana"]), PASSWORD, temporary=False)
    browser = browser_for("dana")
    before = browser.client.cookies["daybook"]
    new = "eleven slow bicycles"
    saved = browser.post("/account/password", {"current": PASSWORD, "password": new, "again": new})

    after = browser.client.cookies["daybook"]
    assert saved.status_code == 303 and after != before
    assert browser.get("/account").status_code == 200
    browser.client.cookies.set("daybook", before, domain="testserver.local")
    assert browser.get("/account").status_code == 303, "the cookie of before opens nothing"


@pytest.mark.parametrize(("typed", "meant"), [("123456", False), ("123 456", False), ("abcd-efgh-jkmn", True)])
def test_what_is_typed_says_which_code_is_meant(typed: str, meant: bool) -> None:
    assert looks_like_one(typed) is meant


def send(browser: Browser, page: str, path: str, **data: str) -> httpx.Response:
    """Fill in the form that this browser was sent, hidden fields included."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    return browser.post(path, {**{name: html.unescape(value) for name, value in hidden.items()}, **data})
