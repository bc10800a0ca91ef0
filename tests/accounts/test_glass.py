"""Breaking the glass: a reason, one stay, four hours, and privacy reads of it."""

import uuid
from datetime import timedelta

import pytest

from app.accounts.glass import OPEN_FOR, break_glass, open_stay
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

REASON = "Covering for the case manager of the unit tonight"


def events() -> list[tuple[object, ...]]:
    with reading(everywhere("test")) as view:
        return view.connection.execute(
            "select actor, encounter_id, patient_id is not null, facts ->> 'reason' from audit_event"
            " where name = 'glass.broken'"
        ).fetchall()


def test_restricted_stay_opens_for_four_hours_and_leaves_a_trace(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))

    opened = open_stay(world.viewer("dana"), stay, f"  {REASON} ")

    assert (opened.kind, opened.reason, opened.facility_id) == ("glass", REASON, world.facility["NORTH"])
    assert opened.until == opened.opened_at + OPEN_FOR == opened.opened_at + timedelta(hours=4)
    assert events() == [("dana", stay, True, REASON)]


@pytest.mark.parametrize("reason", ["", "   ", "short", "x" * 501])
def test_without_a_real_reason_it_stays_closed(world: World, reason: str) -> None:
    stay = add_stay(world, StaySpec(sensitivity="part2"))

    with pytest.raises(Refused) as caught:
        open_stay(world.viewer("dana"), stay, reason)

    assert caught.value.field == "reason" and events() == []


def test_stay_of_another_facility_does_not_exist(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))

    for who, which in (("stan", stay), ("dana", uuid.uuid4()), ("adam", stay)):
        with pytest.raises(NotFound):
            open_stay(world.viewer(who), which, REASON)
    assert events() == []


def test_ordinary_stay_needs_no_glass(world: World) -> None:
    with pytest.raises(NotFound):
        open_stay(world.viewer("dana"), add_stay(world), REASON)


def test_only_a_person_breaks_glass(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))

    with pytest.raises(Refused), begin(everywhere("a job")) as work:
        break_glass(work, stay, REASON)


def test_the_opened_stay_is_seen_by_this_person_only(world: World) -> None:
    stay, other = add_stay(world, StaySpec(sensitivity="vip")), add_stay(world, StaySpec(sensitivity="vip"))
    open_stay(world.viewer("dana"), stay, REASON)
    with reading(everywhere("test")) as view:
        found = "select opened from find_session(%s, now(), interval '1 hour', false)"
        from app.security.sessions import digest

        opened = {
            name: view.value(found, [digest(token)])
            for name, token in (("dana", world.cookie("dana")), ("uma", world.cookie("uma")))
        }
    assert opened == {"dana": [stay], "uma": None} and other not in opened["dana"]
    with reading(world.viewer("uma").acting(Permission.STAY_SEE)) as view:
        assert view.values("select id from encounter") == []
