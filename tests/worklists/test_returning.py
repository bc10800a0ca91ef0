"""What becomes of covered stays when the colleague is back, and when there is nobody left to go back to."""

import uuid
from datetime import timedelta

import pytest

from app.accounts.people import withdraw_role
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.worklists.assignment.bulk import give_selected
from app.worklists.assignment.commands import AssignStay, assign, undo
from app.worklists.assignment.cover.commands import MarkAbsent, apply_split, end_absence, mark_absent
from app.worklists.assignment.daily import return_due
from app.worklists.assignment.gathering import situation
from app.worklists.assignment.giving import undo_distribution
from app.worklists.assignment.lead.balancing import Wanted
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import NOW, World
from tests.worklists.test_distribution import TODAY, cover, give, north, owners

LAST = TODAY + timedelta(days=3)


def leaves_the_house(world: World, person: str) -> None:
    """The roles of a person end, as an administrator ends them."""
    with begin(world.viewer("adam"), at=NOW) as work:
        for grant in work.values("select id from role_grant where user_id = %s", (world.user[person],)):
            withdraw_role(work, grant)


def test_nothing_goes_back_to_somebody_who_may_have_stays_no_more(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    give(world, stays, "dana")
    absence, _ = cover(world, stays, "dana", "uma", LAST)
    leaves_the_house(world, "dana")

    with begin(world.viewer("lee"), at=NOW + timedelta(hours=1)) as work:
        done = end_absence(work, absence)

    assert done.done == 0 and owners(world, stays) == ["uma", "uma"]


def test_an_undo_gives_nothing_back_to_somebody_who_may_have_stays_no_more(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    give(world, stays[:1], "dana")
    with begin(world.viewer("lee"), at=NOW) as work:
        deed = give_selected(work, stays, world.user["uma"]).distribution_id
    assert deed is not None
    leaves_the_house(world, "dana")

    with begin(world.viewer("lee"), at=NOW + timedelta(hours=1)) as work:
        done = undo_distribution(work, deed)

    assert (done.done, done.left) == (1, 1) and owners(world, stays) == ["uma", ""]


def test_a_protected_stay_too_goes_back_to_who_ends_their_own_absence(world: World) -> None:
    stays: list[uuid.UUID] = [add_stay(world), add_stay(world, StaySpec(sensitivity="vip"))]
    with begin(everywhere("test"), at=NOW) as work:
        give_selected(work, stays, world.user["dana"])
    absence = _cover_all(world, stays)
    assert owners(world, stays) == ["uma", "uma"]

    with begin(world.viewer("dana"), at=NOW + timedelta(hours=1)) as work:
        end_absence(work, absence)
    with begin(everywhere("returns"), at=NOW + timedelta(hours=1)) as work:
        return_due(work, north(world))

    assert owners(world, stays) == ["dana", "dana"]
    with reading(everywhere("test")) as db:
        opened = "select user_id from stay_access where encounter_id = %s and until is null"
        assert db.values(opened, (stays[1],)) == [world.user["dana"]]


def _cover_all(world: World, stays: list[uuid.UUID]) -> uuid.UUID:
    """As a lead does who sees protected stays."""
    with begin(everywhere("test"), at=NOW) as work:
        ask = MarkAbsent(user_id=world.user["dana"], first_day=TODAY, last_day=LAST)
        absence = mark_absent(work, north(world), ask)
        now = situation(work, north(world))
        held = {one.facts.id: one.held.id for one in now.stays if one.held is not None}
        apply_split(work, absence.id, now, [Wanted(stay, held[stay], world.user["uma"]) for stay in stays])
    return absence.id


def test_the_undo_of_one_stay_finds_nobody_who_may_have_stays_no_more(world: World) -> None:
    stay = add_stay(world)
    give(world, [stay], "dana")
    with begin(world.viewer("lee"), at=NOW + timedelta(minutes=1)) as work:
        made = assign(work, stay, AssignStay(to=world.user["uma"]))
    leaves_the_house(world, "dana")

    with (
        pytest.raises(Refused, match="may not have stays here any more"),
        begin(world.viewer("lee"), at=NOW + timedelta(hours=1)) as work,
    ):
        undo(work, made.id)
    assert owners(world, [stay]) == ["uma"]
