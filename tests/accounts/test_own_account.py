"""One's own account: password, second factor, sessions, keys; and that an unfinished account comes first."""

import html
import re
from collections.abc import Callable

import pyotp
import pytest

from app.accounts.factors.seeds import seed_of
from app.accounts.own import set_password
from app.accounts.signing import Entered, SignIn, Visit, sign_in
from app.census.places import Facility
from app.kernel.refusal import Refused
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.models import User
from app.security.totp import step_at
from tests.support.client import Browser
from tests.support.world import PASSWORD, World

BrowserFor = Callable[..., Browser]
VISIT = Visit(cookie="visit", address="192.0.2.7")
NEW = "eleven slow bicycles"


def give_password(world: World, name: str, *, temporary: bool = False) -> None:
    with begin(everywhere("test")) as work:
        set_password(work, work.get(User, world.user[name]), PASSWORD, temporary=temporary)


def require_second_factor(world: World) -> None:
    with begin(everywhere("test")) as work:
        work.get(Facility, world.facility["NORTH"]).totp_required = True
        set_password(work, work.get(User, world.user["uma"]), PASSWORD, temporary=False)


def event_names() -> list[object]:
    with reading(everywhere("test")) as view:
        return view.values("select name from audit_event order by id")


def shown_secret(page: str) -> str:
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None
    return found[1].replace(" ", "")


def shown_codes(page: str) -> list[str]:
    """Recovery codes on a page."""
    return re.findall(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){2})</code>", page)


def seed(name: str, world: World) -> str:
    with begin(everywhere("test")) as work:
        return seed_of(work.get(User, world.user[name]))


def test_new_password_ends_other_sessions_but_this(browser_for: BrowserFor, world: World) -> None:
    give_password(world, "dana")
    here, elsewhere = browser_for("dana"), browser_for("dana")

    saved = here.post("/account/password", {"current": PASSWORD, "password": NEW, "again": NEW})

    assert (saved.status_code, saved.headers["location"]) == (303, "/account")
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert isinstance(sign_in(SignIn(name="dana", password=NEW), VISIT), Entered)
    with pytest.raises(Refused):
        sign_in(SignIn(name="dana", password=PASSWORD), VISIT)
    assert {"password.changed", "user.signed_out"} <= set(event_names())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"current": "wrong", "password": NEW, "again": NEW}, "This is not your present password."),
        ({"current": PASSWORD, "password": NEW, "again": NEW + "!"}, "The two new passwords differ."),
        ({"current": PASSWORD, "password": "short", "again": "short"}, "Use at least 15 characters."),
        ({"current": PASSWORD, "password": PASSWORD, "again": PASSWORD}, "Choose another password"),
        ({"current": PASSWORD, "password": "", "again": ""}, "Fill in this field."),
    ],
)
def test_refused_password_says_why_and_shows_nothing_typed(
    browser_for: BrowserFor, world: World, data: dict[str, str], sentence: str
) -> None:
    give_password(world, "dana")

    answer = browser_for("dana").post("/account/password", data)

    assert answer.status_code == 422 and sentence in html.unescape(answer.text)
    assert all(value not in answer.text for value in data.values() if value)


def test_guessing_the_password_in_a_stolen_session_locks_the_account(browser_for: BrowserFor, world: World) -> None:
    give_password(world, "dana")
    browser = browser_for("dana")
    for _ in range(5):
        browser.post("/account/password", {"current": "a guess", "password": NEW, "again": NEW})

    answer = browser.post("/account/password", {"current": PASSWORD, "password": NEW, "again": NEW})

    assert answer.status_code == 422 and "Too many failed attempts" in answer.text


def test_temporary_password_comes_first(browser_for: BrowserFor, world: World) -> None:
    give_password(world, "dana", temporary=True)
    browser = browser_for("dana")

    assert browser.get("/account").headers["location"] == "/account/password"
    assert browser.get("/worklists/inpatient").headers["location"] == "/account/password"
    saved = browser.post("/account/password", {"current": PASSWORD, "password": NEW, "again": NEW})

    assert saved.headers["location"] == "/"
    assert browser.get("/account").status_code == 200


def test_second_factor_comes_first_where_the_facility_asks_for_it(browser_for: BrowserFor, world: World) -> None:
    require_second_factor(world)
    browser = browser_for("dana")
    assert browser.get("/account").headers["location"] == "/account/second-factor"
    assert browser.post("/account/keys").headers["location"] == "/account/second-factor"

    page = browser.get("/account/second-factor")
    picture = browser.get("/account/second-factor/qr.svg")
    code = pyotp.TOTP(shown_secret(page.text)).generate_otp(step_at(now()))
    wrong = browser.post("/account/second-factor", {"code": "12345"})
    saved = browser.post("/account/second-factor", {"code": code})

    assert (
        picture.headers["content-type"].startswith("image/svg+xml") and picture.headers["cache-control"] == "no-store"
    )
    assert wrong.status_code == 422 and shown_secret(wrong.text) == shown_secret(page.text)
    assert saved.status_code == 200 and len(shown_codes(saved.text)) == 10
    assert browser.get("/account").status_code == 200
    assert "second_factor.enrolled" in event_names()
    assert browser_for("stan").get("/account").status_code == 200, "South does not ask for it"


def test_replacing_the_second_factor_needs_the_password_and_keeps_the_old_until_then(
    browser_for: BrowserFor, world: World
) -> None:
    give_password(world, "dana")
    browser = browser_for("dana")
    first = shown_secret(browser.get("/account/second-factor").text)
    browser.post("/account/second-factor", {"code": pyotp.TOTP(first).generate_otp(step_at(now()))})
    second = shown_secret(browser.get("/account/second-factor").text)
    code = pyotp.TOTP(second).generate_otp(step_at(now()))

    refused = browser.post("/account/second-factor", {"code": code, "password": "not this one"})
    kept = seed("dana", world)
    taken = browser.post("/account/second-factor", {"code": code, "password": PASSWORD})

    assert first != second and kept == first
    assert refused.status_code == 422 and "not your present password" in refused.text
    assert taken.status_code == 200
    assert seed("dana", world) == second


def test_secrets_stay_out_of_the_trail(browser_for: BrowserFor, world: World) -> None:
    give_password(world, "dana")
    browser = browser_for("dana")
    secret = shown_secret(browser.get("/account/second-factor").text)
    browser.post("/account/second-factor", {"code": pyotp.TOTP(secret).generate_otp(step_at(now()))})

    with reading(everywhere("test")) as view:
        found = view.value(
            "select count(*) from row_change where concat(old::text, new::text) like any (array[%s, '%%argon2%%'])",
            [f"%{secret}%"],
        )
        events = view.value("select count(*) from audit_event where facts::text like %s", [f"%{secret}%"])
    assert (found, events) == (0, 0)


def test_own_sessions_are_listed_and_ended_one_by_one_or_all(browser_for: BrowserFor, world: World) -> None:
    here, there, stranger = browser_for("dana"), browser_for("dana"), browser_for("stan")
    [other] = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", html.unescape(here.get("/account").text))

    stranger.post(f"/account/sessions/{other}/end")
    assert there.get("/account").status_code == 200, "another person's session is not one's to end"
    here.post(f"/account/sessions/{other}/end")
    assert there.get("/account").status_code == 303

    third = browser_for("dana")
    assert here.post("/account/sessions/end").status_code == 303
    assert third.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_single_letters_can_be_switched_off(browser_for: BrowserFor, world: World) -> None:
    browser = browser_for("dana")
    assert 'data-single-keys="on"' in browser.get("/account").text

    browser.post("/account/keys", {})

    assert 'data-single-keys="off"' in browser.get("/account").text
