"""Signing in: what is told, what is counted, what is kept."""

import hashlib
import hmac
import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pyotp
import pytest
from litestar import Litestar

from app.accounts.factors.seeds import keep_seed
from app.accounts.own import set_password
from app.accounts.signing import START_AGAIN, WRONG, Entered, GiveCode, SignIn, Visit, end_sessions, give_code, sign_in
from app.kernel.refusal import Refused
from app.platform import work as work_module
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.lockout import UNTIL_RELEASED
from app.security.models import User
from app.security.passwords import verify_password
from app.security.sessions import csrf_token
from app.security.totp import step_at
from tests.support.client import Browser
from tests.support.world import PASSWORD, World

BrowserFor = Callable[..., Browser]
SECRET = pyotp.random_base32()
VISIT = Visit(cookie="visit", address="192.0.2.7", agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0")


def give_password(world: World, name: str, password: str = PASSWORD, *, temporary: bool = False) -> None:
    with begin(everywhere("test")) as work:
        set_password(work, work.get(User, world.user[name]), password, temporary=temporary)


def enrol(world: World, name: str) -> None:
    with begin(everywhere("test")) as work:
        user = work.get(User, world.user[name])
        keep_seed(user, SECRET)
        user.totp_confirmed_at = work.now
        set_password(work, user, PASSWORD, temporary=False)


def refusal(name: str, password: str, visit: Visit = VISIT) -> str:
    with pytest.raises(Refused) as caught:
        sign_in(SignIn(name=name, password=password), visit)
    return caught.value.sentence


def column(query: str) -> list[object]:
    with reading(everywhere("test")) as view:
        return view.values(query)


def send(browser: Browser, page: httpx.Response, path: str, **data: str) -> httpx.Response:
    """Fill in the form that this browser was sent, hidden fields included."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
    return browser.post(path, {**{name: html.unescape(value) for name, value in hidden.items()}, **data})


def test_right_password_opens_a_fresh_session(browser_for: BrowserFor, world: World) -> None:
    give_password(world, "dana")
    visitor = browser_for()
    visitor.client.cookies.set("daybook", "a-cookie-that-an-attacker-chose", domain="testserver.local")
    form = visitor.get("/sign-in?next=/account")

    entered = send(visitor, form, "/sign-in", name="DANA", password=PASSWORD)

    cookie = next(text for text in entered.headers.get_list("set-cookie") if text.startswith("daybook="))
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "attacker" not in cookie
    assert visitor.get("/account").status_code == 200
    assert column("select name from audit_event where name = 'user.signed_in'") == ["user.signed_in"]


def test_secure_installation_sets_host_cookies(browser_for: BrowserFor, world: World, app: Litestar) -> None:
    give_password(world, "dana")
    app.state.settings = replace(app.state.settings, secure_cookies=True)
    visitor = browser_for()
    form = visitor.get("/sign-in")
    visit = re.search(r"__Host-daybook-visit=([^;]+)", form.headers["set-cookie"])
    assert visit is not None

    entered = visitor.client.post(
        "/sign-in", data={"_csrf_token": csrf_token(visit[1]), "name": "dana", "password": PASSWORD},
        headers={"Cookie": f"__Host-daybook-visit={visit[1]}"}, follow_redirects=False,
    )  # fmt: skip

    cookie = next(text for text in entered.headers.get_list("set-cookie") if text.startswith("__Host-daybook="))
    assert "Secure" in cookie and "HttpOnly" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_form_of_another_browser_is_refused(browser_for: BrowserFor, world: World) -> None:
    give_password(world, "dana")
    visitor = browser_for()
    visitor.get("/sign-in")

    forged = visitor.client.post(
        "/sign-in", data={"_csrf_token": csrf_token("another visit"), "name": "dana", "password": PASSWORD}
    )

    assert forged.status_code == 403
    assert column("select id from user_session") == []


def test_unknown_name_wrong_password_and_switched_off_read_the_same(world: World) -> None:
    give_password(world, "dana")
    give_password(world, "stan")
    with begin(everywhere("test")) as work:
        work.get(User, world.user["stan"]).active = False
        end_sessions(work, work.get(User, world.user["stan"]), "test")
        set_password(work, work.get(User, world.user["uma"]), PASSWORD, temporary=False)

    said = [refusal("dana", "not this one"), refusal("nobody", PASSWORD), refusal("stan", PASSWORD)]

    assert said == [WRONG] * 3


def test_unknown_name_waits_like_a_known_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    give_password(world, "dana")
    moment = now()
    monkeypatch.setattr(work_module, "wall_clock", lambda: moment)  # else the second to hear it waits a second less

    known = [refusal("dana", "wrong") for _ in range(6)]
    unknown = [refusal("nobody", "wrong") for _ in range(6)]

    assert known[:4] == [WRONG] * 4
    assert known[4:] == ["Too many failed attempts. Wait 30 seconds, then try again."] * 2
    assert known == unknown


def test_right_password_does_not_help_while_the_account_waits(world: World) -> None:
    give_password(world, "dana")
    for _ in range(5):
        refusal("dana", "wrong")

    assert refusal("dana", PASSWORD).startswith("Too many failed attempts.")

    with begin(everywhere("test")) as work:
        user = work.get(User, world.user["dana"])
        user.locked_until = work.now - timedelta(seconds=1)
        end_sessions(work, user, "test")
        set_password(work, work.get(User, world.user["uma"]), PASSWORD, temporary=False)
    assert isinstance(sign_in(SignIn(name="dana", password=PASSWORD), VISIT), Entered)
    assert column("select failed_attempts from app_user where name = 'dana'") == [0]


def test_hundred_failures_wait_for_an_administrator(world: World) -> None:
    give_password(world, "dana")
    with begin(everywhere("test")) as work:
        user = work.get(User, world.user["dana"])
        user.failed_attempts = 99
        set_password(work, work.get(User, world.user["uma"]), PASSWORD, temporary=False)

    assert "administrator" in refusal("dana", "wrong")
    assert column("select locked_until from app_user where name = 'dana'") == [UNTIL_RELEASED]

    give_password(world, "dana")
    assert isinstance(sign_in(SignIn(name="dana", password=PASSWORD), VISIT), Entered)


def test_an_address_that_tries_many_names_waits(world: World) -> None:
    give_password(world, "dana")
    said = [refusal(f"guess{number}", "wrong") for number in range(42)]

    assert said[:40] == [WRONG] * 40
    assert said[-1].startswith("Too many failed attempts.")
    assert refusal("dana", PASSWORD).startswith("Too many failed attempts.")
    elsewhere = Visit(cookie="visit", address="192.0.2.8")
    assert isinstance(sign_in(SignIn(name="dana", password=PASSWORD), elsewhere), Entered)


def test_failures_are_kept_with_the_name_only_of_our_people(world: World) -> None:
    give_password(world, "dana")
    refusal("dana", "wrong")
    refusal("my secret typed into the wrong field", "wrong")

    kept = column("select facts ->> 'user_name' from audit_event where name = 'sign_in.failed' order by id")
    assert kept == ["dana", ""]
    assert column("select count(*) from audit_event where facts::text like '%secret typed%'") == [0]


def test_code_is_asked_after_the_password_and_taken_once(browser_for: BrowserFor, world: World) -> None:
    enrol(world, "dana")
    code = pyotp.TOTP(SECRET).generate_otp(step_at(now()))
    visitor = browser_for()
    asked = send(visitor, visitor.get("/sign-in"), "/sign-in", name="dana", password=PASSWORD)
    assert asked.status_code == 200 and "Six-digit code" in asked.text
    assert "daybook=" not in asked.headers.get("set-cookie", "").replace("daybook-visit=", "")

    wrong = send(visitor, asked, "/sign-in/code", code="000000" if code != "000000" else "000001")
    assert wrong.status_code == 422 and "not right" in wrong.text
    entered = send(visitor, wrong, "/sign-in/code", code=code)
    assert entered.status_code == 303

    second = browser_for()
    asked = send(second, second.get("/sign-in"), "/sign-in", name="dana", password=PASSWORD)
    again = send(second, asked, "/sign-in/code", code=code)
    assert again.status_code == 422


def test_ticket_of_another_browser_is_worth_nothing(world: World) -> None:
    enrol(world, "dana")
    result = sign_in(SignIn(name="dana", password=PASSWORD), VISIT)
    code = pyotp.TOTP(SECRET).generate_otp(step_at(now()))
    ticket = result.ticket  # type: ignore[union-attr]

    thief = Visit(cookie="another visit", address="192.0.2.9")
    for stolen, visit in ((ticket, thief), (ticket[:-1] + "x", VISIT), ("", VISIT), ("a.b.c", VISIT)):
        with pytest.raises(Refused, match="Sign in again"):
            give_code(GiveCode.model_construct(ticket=stolen, code=code), visit)

    assert isinstance(give_code(GiveCode(ticket=ticket, code=code), VISIT), Entered)


def test_without_a_password_no_ticket_is_good(world: World) -> None:
    """Tickets are keyed by the stored hash: who signs in by a provider has none, and anybody could reckon that key."""
    enrol(world, "dana")
    with begin(everywhere("test")) as work:
        user = work.get(User, world.user["dana"])
        set_password(work, user, PASSWORD, temporary=False)
        user.password_hash = ""  # as of one whom the provider brought
    user_id, until = world.user["dana"], int((now() + timedelta(minutes=4)).timestamp())
    seal = hmac.new(b"", f"second step|visit|{user_id}|{until}|-".encode(), hashlib.sha256).hexdigest()

    with pytest.raises(Refused) as caught:
        give_code(GiveCode(ticket=f"{user_id}.{until}.-.{seal}", code=pyotp.TOTP(SECRET).now()), VISIT)

    assert caught.value.sentence == START_AGAIN
    assert column("select failed_attempts from app_user where name = 'dana'") == [0]


def test_wrong_codes_lock_the_account_and_a_right_password_does_not_forgive_them(world: World) -> None:
    enrol(world, "dana")
    for _ in range(4):
        ticket = sign_in(SignIn(name="dana", password=PASSWORD), VISIT).ticket  # type: ignore[union-attr]
        with pytest.raises(Refused):
            give_code(GiveCode(ticket=ticket, code="12345"), VISIT)
    ticket = sign_in(SignIn(name="dana", password=PASSWORD), VISIT).ticket  # type: ignore[union-attr]

    with pytest.raises(Refused, match="Too many failed attempts"):
        give_code(GiveCode(ticket=ticket, code="12345"), VISIT)

    assert column("select name from audit_event where name = 'user.locked'") == ["user.locked"]


def test_signing_out_ends_the_session_everywhere(browser_for: BrowserFor, world: World) -> None:
    browser = browser_for("dana")
    token = browser.client.cookies["daybook"]
    left = browser.post("/sign-out")
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")

    browser.client.cookies.set("daybook", token, domain="testserver.local")
    assert browser.get("/account").headers["location"] == "/sign-in?next=/account"


@pytest.mark.parametrize(("column_name", "ago"), [("seen_at", "31 minutes"), ("expires_at", "1 second")])
def test_idle_and_old_sessions_end(browser_for: BrowserFor, world: World, column_name: str, ago: str) -> None:
    browser = browser_for("dana")
    assert browser.get("/account").status_code == 200
    with begin(everywhere("test")) as work:
        work.connection.execute(f"update user_session set {column_name} = %s - interval '{ago}'", [work.now])

    assert browser.get("/account").headers["location"] == "/sign-in?next=/account"


def test_foreign_addresses_are_not_followed_after_signing_in(browser_for: BrowserFor, world: World) -> None:
    give_password(world, "dana")
    visitor = browser_for()
    form = visitor.get("/sign-in?next=//evil.example/")

    entered = send(visitor, form, "/sign-in", name="dana", password=PASSWORD)

    assert entered.headers["location"] == "/"


def test_unknown_names_cost_a_password_check_like_known_ones(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    give_password(world, "dana")
    checked: list[str] = []

    def counting(stored: str, password: str) -> bool:
        checked.append(password)
        return verify_password(stored, password)

    monkeypatch.setattr("app.accounts.signing.verify_password", counting)
    refusal("dana", "wrong for dana")
    refusal("nobody", "wrong for nobody")

    assert checked == ["wrong for dana", "wrong for nobody"]


@pytest.mark.parametrize(
    ("name", "first"),
    [("dana", "/worklists/my-day"), ("ann", "/worklists/inpatient"), ("adam", "/people"), ("priya", "/audit"),
     ("aud", "/audit")],
)  # fmt: skip
def test_start_leads_to_what_one_may_see(browser_for: BrowserFor, world: World, name: str, first: str) -> None:
    browser = browser_for(name)
    assert browser.get("/").headers["location"] == first


def test_facility_is_chosen_among_ones_own(browser_for: BrowserFor, world: World) -> None:
    browser = browser_for("adam")
    assert browser.post("/facility", {"code": "SOUTH"}).status_code == 303
    assert column("select facility_id from user_session where facility_id is not null") == [world.facility["SOUTH"]]
    browser = browser_for("dana")
    assert browser.post("/facility", {"code": "SOUTH"}).status_code == 409
