"""Breaking the glass: a reason, proof of who asks, one stay, four hours at most, and privacy reads of it."""

import html
import uuid
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest

from app.accounts.factors import proofs
from app.accounts.factors.recovery import make_codes
from app.accounts.factors.seeds import keep_seed
from app.accounts.glass import OPEN_FOR, BreakGlass, Opening, break_glass, close_stay, open_stay
from app.kernel.refusal import NotFound, Refused
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.models import User
from app.security.opening import Why
from app.security.permissions import Permission
from app.security.totp import step_at
from tests.support import glass
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import PASSWORD, World

REASON = "Covering for the case manager of the unit tonight"
SEED = pyotp.random_base32()
BrowserFor = Callable[..., Browser]


def asked(proof: str = PASSWORD, reason: str = REASON) -> BreakGlass:
    return BreakGlass(code=Why.COVERING, reason=reason, proof=proof)


def events(name: str = "glass.broken") -> list[tuple[object, ...]]:
    with reading(everywhere("test")) as view:
        return view.connection.execute(
            "select actor, encounter_id, facts ->> 'code', facts ->> 'proof' from audit_event where name = %s", [name]
        ).fetchall()


def enrol(world: World, name: str) -> list[str]:
    """Give a person a device, and recovery codes."""
    with begin(everywhere("test")) as work:
        user = work.get(User, world.user[name])
        keep_seed(user, SEED)
        user.totp_confirmed_at = work.now
        return make_codes(work, user)


def test_restricted_stay_opens_for_four_hours_and_leaves_a_trace(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    glass.give_password(world, "dana")

    opened = open_stay(world.viewer("dana"), stay, asked(reason=f"  {REASON} "))

    assert (opened.kind, opened.reason, opened.facility_id) == ("glass", REASON, world.facility["NORTH"])
    assert (opened.code, opened.proof) == ("covering", "password")
    assert opened.until == opened.opened_at + OPEN_FOR == opened.opened_at + timedelta(hours=4)
    assert events() == [("dana", stay, "covering", "password")]


@pytest.mark.parametrize("reason", ["", "   ", "short", "x" * 501])
def test_without_a_real_reason_it_stays_closed(world: World, reason: str) -> None:
    stay = add_stay(world, StaySpec(sensitivity="part2"))
    glass.give_password(world, "dana")

    with pytest.raises(Refused) as caught:
        open_stay(world.viewer("dana"), stay, asked(reason=reason))

    assert caught.value.field == "reason" and events() == []


def test_who_has_a_device_gives_its_code_or_a_recovery_code_and_never_the_password(world: World) -> None:
    first, second, third = (add_stay(world, StaySpec(sensitivity="vip")) for _ in range(3))
    glass.give_password(world, "dana")
    codes = enrol(world, "dana")
    code = pyotp.TOTP(SEED).generate_otp(step_at(now()))
    dana = world.viewer("dana")

    with pytest.raises(Refused) as caught:
        open_stay(dana, first, asked(PASSWORD))
    opened = [open_stay(dana, stay, asked(typed)).proof for stay, typed in ((first, code), (second, codes[0]))]
    for used in (code, codes[0]):
        with pytest.raises(Refused):
            open_stay(dana, third, asked(used))

    assert caught.value.field == "proof" and opened == ["totp", "recovery"]
    assert [row[1] for row in events("glass.held")] == [first, third, third]


def test_guessing_at_the_door_locks_the_account(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    glass.give_password(world, "dana")
    for _ in range(5):
        with pytest.raises(Refused):
            open_stay(world.viewer("dana"), stay, asked("a guess of mine"))

    with pytest.raises(Refused, match="Too many failed attempts") as caught:
        open_stay(world.viewer("dana"), stay, asked(PASSWORD))

    assert caught.value.field == "proof" and events() == [] and len(events("glass.held")) == 6
    assert len(events("user.locked")) == 1


def test_who_came_by_the_provider_proves_it_there(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    before, seen = list(proofs._fresh), [False, True]
    proofs.install(lambda _work, viewer: viewer.name == "dana" and seen.pop(0))
    try:
        with pytest.raises(Refused, match="sign-in provider"):
            open_stay(world.viewer("dana"), stay, asked(""))
        assert open_stay(world.viewer("dana"), stay, asked("")).proof == "provider"
    finally:
        proofs.install(before[0])


def test_stay_of_another_facility_does_not_exist(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))

    for who, which in (("stan", stay), ("dana", uuid.uuid4()), ("adam", stay)):
        with pytest.raises(NotFound):
            open_stay(world.viewer(who), which, asked())
    assert events() == []


def test_ordinary_stay_needs_no_glass(world: World) -> None:
    with pytest.raises(NotFound):
        open_stay(world.viewer("dana"), add_stay(world), asked())


def test_only_a_person_breaks_glass(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))

    with pytest.raises(Refused), begin(everywhere("a job")) as work:
        break_glass(work, stay, Opening(Why.OTHER, REASON, "password"))


def opened_now(world: World) -> dict[str, object]:
    """Which stays the sessions of Dana and Uma may see by an opening."""
    from app.security.sessions import digest

    found = "select opened from find_session(%s, now(), interval '1 hour', false)"
    with reading(everywhere("test")) as view:
        return {name: view.value(found, [digest(world.cookie(name))]) for name in ("dana", "uma")}


def test_the_opened_stay_is_seen_by_this_person_only_and_no_more_once_it_is_closed(world: World) -> None:
    stay, _other = add_stay(world, StaySpec(sensitivity="vip")), add_stay(world, StaySpec(sensitivity="vip"))
    glass.open_stay(world.viewer("dana"), stay, REASON)

    assert opened_now(world) == {"dana": [stay], "uma": None}
    with reading(world.viewer("uma").acting(Permission.STAY_SEE)) as view:
        assert view.values("select id from encounter") == []
    with pytest.raises(NotFound):
        close_stay(world.viewer("uma"), stay)

    close_stay(world.viewer("dana"), stay)

    assert opened_now(world) == {"dana": None, "uma": None}
    assert [row[:2] for row in events("glass.closed")] == [("dana", stay)]
    with pytest.raises(NotFound):
        close_stay(world.viewer("dana"), stay)


def test_the_door_asks_and_the_banner_counts_down_and_closes(browser_for: BrowserFor, world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    given = glass.filled(world, "dana", REASON)
    dana = browser_for("dana")

    door = dana.get(f"/encounters/{stay}")
    wrong = dana.post(f"/encounters/{stay}/glass", {**given, "proof": "not this one"})
    without = dana.post(f"/encounters/{stay}/glass", {**given, "code": ""})
    opened = dana.post(f"/encounters/{stay}/glass", given)
    page = html.unescape(dana.get(f"/encounters/{stay}").text)
    closed = dana.post(f"/encounters/{stay}/glass/end")

    assert "Your password" in door.text and "I cover for a colleague" in door.text
    assert wrong.status_code == without.status_code == 422 and opened.status_code == 303
    assert "not this one" not in wrong.text and REASON in wrong.text and "not your present password" in wrong.text
    assert "Closes <time" in page and f'action="/encounters/{stay}/glass/end"' in page
    assert closed.status_code == 303 and "This stay is protected" in dana.get(f"/encounters/{stay}").text


def test_the_door_asks_who_has_a_device_for_a_code(browser_for: BrowserFor, world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    glass.give_password(world, "dana")
    enrol(world, "dana")

    door = browser_for("dana").get(f"/encounters/{stay}").text

    assert "Code of your authenticator" in door and "Your password" not in door
