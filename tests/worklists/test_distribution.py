"""Deeds that give many stays: by the rules, to those who cover, back again; what is kept of them."""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from app import wiring
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.web.stay import BriefSection
from app.worklists.assignment.bulk import give_selected
from app.worklists.assignment.commands import AssignStay, assign, take, undo
from app.worklists.assignment.cover import brief
from app.worklists.assignment.cover.commands import MarkAbsent, apply_split, end_absence, mark_absent
from app.worklists.assignment.cover.lent import with_colleagues
from app.worklists.assignment.cover.takeover import TakeOver, take_over
from app.worklists.assignment.daily import assign_by_rules, return_due, return_stays
from app.worklists.assignment.gathering import expected_by_stay, situation, work_of
from app.worklists.assignment.giving import Change, Deed, give_many, undo_distribution
from app.worklists.assignment.lead.balancing import Wanted
from app.worklists.assignment.rulebook.commands import DescribeRule, add_rule
from app.worklists.assignment.terms import Why
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import NOW, World

TODAY = date(2026, 3, 5)
SAYS = "user_id, why, reason, covers_for, returns_at, distribution_id, replaces_id"


def owners(world: World, stays: Sequence[uuid.UUID]) -> list[str]:
    names = {key: name for name, key in world.user.items()}
    with reading(everywhere("test")) as db:
        held = dict(
            db.rows(
                lambda stay, person: (stay, person),
                "select encounter_id, user_id from assignment where ended_at is null",
            )
        )
    return [names.get(held.get(stay), "") for stay in stays]


def what_is_said(stays: Sequence[uuid.UUID]) -> list[tuple[object, ...]]:
    """What the open assignments say, all but their keys and times."""
    with reading(everywhere("test")) as db:
        return db.rows(
            lambda *values: values,
            f"select encounter_id, {SAYS} from assignment where ended_at is null and encounter_id = any(%s) order by 1",
            (list(stays),),
        )


def north(world: World) -> int:
    return world.facility["NORTH"]


def give(world: World, stays: Sequence[uuid.UUID], person: str, *, at: datetime = NOW) -> uuid.UUID:
    with begin(world.viewer("lee"), at=at) as work:
        made = give_selected(work, stays, world.user[person]).distribution_id
    assert made is not None
    return made


def cover(world: World, stays: Sequence[uuid.UUID], absent: str, taker: str, last: date) -> tuple[uuid.UUID, uuid.UUID]:
    """The absent one's stays go to the taker; gives the absence and the deed."""
    with begin(world.viewer("lee"), at=NOW) as work:
        absence = mark_absent(
            work, north(world), MarkAbsent(user_id=world.user[absent], first_day=TODAY, last_day=last)
        )
        now = situation(work, north(world))
        held = {one.facts.id: one.held.id for one in now.stays if one.held is not None}
        rows = [Wanted(stay, held[stay], world.user[taker]) for stay in stays]
        done = apply_split(work, absence.id, now, rows)
    assert done.done == len(stays) and done.distribution_id is not None
    return absence.id, done.distribution_id


def test_rules_give_what_nobody_has_and_nothing_twice(world: World) -> None:
    stays = add_stays(world, [StaySpec(), StaySpec(unit="ICU"), StaySpec(status="discharged"), StaySpec()])
    give(world, [stays[3]], "sol")
    with begin(world.viewer("lee"), at=NOW) as work:
        add_rule(work, north(world), DescribeRule(name="West", units=["4W"], people=[world.user["dana"]]))
        first = assign_by_rules(work, north(world))
        again = assign_by_rules(work, north(world))

    assert (first.assigned, first.unmatched) == (1, 1) and (again.assigned, again.unmatched) == (0, 1)
    assert owners(world, stays) == ["dana", "", "", "sol"]


def test_rules_pass_by_who_is_away(world: World) -> None:
    stay = add_stay(world)
    with begin(world.viewer("lee"), at=NOW) as work:
        add_rule(work, north(world), DescribeRule(name="All", people=[world.user["dana"], world.user["uma"]]))
        mark_absent(work, north(world), MarkAbsent(user_id=world.user["dana"], first_day=TODAY, last_day=TODAY))
        assign_by_rules(work, north(world))
    assert owners(world, [stay]) == ["uma"]


def test_each_stay_of_a_deed_is_told_and_its_row_is_announced(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 3)
    with begin(everywhere("daily"), at=NOW) as work:
        add_rule(work, north(world), DescribeRule(name="All", people=[world.user["dana"]]))
        assign_by_rules(work, north(world))
        announced = {stay for _, stay in work.changed_stays}
    with reading(everywhere("test")) as db:
        told = db.values("select encounter_id from audit_event where name = 'stay.assigned'")
    assert announced == set(stays) == set(told) and len(told) == 3


def test_a_protected_stay_opens_and_closes_with_the_deed(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    with begin(everywhere("test"), at=NOW) as work:
        done = give_selected(work, [stay], world.user["dana"])
    query = "select user_id from stay_access where encounter_id = %s and until is null"
    with reading(everywhere("test")) as db:
        assert db.values(query, (stay,)) == [world.user["dana"]]
    assert done.distribution_id is not None
    with begin(everywhere("test"), at=NOW) as work:
        undo_distribution(work, done.distribution_id, [north(world)])
    with reading(everywhere("test")) as db:
        assert db.values(query, (stay,)) == []


def test_undo_puts_back_exactly_what_was_said_deed_by_deed(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 4)
    with begin(world.viewer("dana"), at=NOW) as work:
        take(work, stays[0])
    give(world, stays[1:3], "dana")
    states = [what_is_said(stays)]
    deeds = [cover(world, stays[:3], "dana", "uma", TODAY)[1]]
    states.append(what_is_said(stays))
    deeds.append(give(world, stays, "sol"))
    states.append(what_is_said(stays))
    deeds.append(give(world, stays[:2], "paul"))

    for deed, before in zip(reversed(deeds), reversed(states), strict=True):
        with begin(world.viewer("lee"), at=NOW + timedelta(minutes=1)) as work:
            done = undo_distribution(work, deed)
        assert done.left == 0 and what_is_said(stays) == before


def test_undo_leaves_what_somebody_changed_since(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    deed = give(world, stays, "dana")
    with begin(world.viewer("lee")) as work:
        assign(work, stays[0], AssignStay(to=world.user["uma"]))
    with begin(world.viewer("lee")) as work:
        done = undo_distribution(work, deed)
    assert (done.done, done.left) == (1, 1) and owners(world, stays) == ["uma", ""]


def test_a_deed_is_undone_once_by_who_did_it_or_by_a_lead_when_the_program_did(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    own = give(world, stays[:1], "dana")
    with begin(everywhere("daily"), at=NOW) as work:
        built = give_selected(work, stays[1:], world.user["dana"]).distribution_id
    assert built is not None
    with pytest.raises(Refused, match="by a colleague"), begin(world.viewer("dora")) as work:
        undo_distribution(work, own, [north(world)])
    with pytest.raises(Refused, match="by a colleague"), begin(world.viewer("dana")) as work:
        undo_distribution(work, built, [])
    with begin(world.viewer("dora")) as work:
        undo_distribution(work, built, [north(world)])
    with pytest.raises(Refused, match="undone already"), begin(world.viewer("dora")) as work:
        undo_distribution(work, built, [north(world)])


def test_a_decision_that_was_overtaken_is_left_out(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    give(world, [stays[0]], "sol")
    changes = [Change(stay, None, world.user["dana"]) for stay in stays]
    with begin(world.viewer("lee")) as work:
        done = give_many(work, Deed(Why.RULE, north(world)), changes)
    assert (done.done, done.left) == (1, 1) and owners(world, stays) == ["sol", "dana"]


def test_rows_of_assignments_are_never_rewritten(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    deed = cover_after_giving(world, stays)
    with begin(world.viewer("lee")) as work:
        undo_distribution(work, deed)
    with reading(everywhere("test")) as db:
        changed = db.values(
            "select distinct key from row_change c, jsonb_each(c.new) n(key, value)"
            " where c.table_name = 'assignment' and c.operation = 'update' and n.value <> c.old -> n.key"
        )
        gone = db.value("select count(*) from row_change where table_name = 'assignment' and operation = 'delete'")
    assert changed == ["ended_at"] and gone == 0


def cover_after_giving(world: World, stays: Sequence[uuid.UUID]) -> uuid.UUID:
    give(world, stays, "dana")
    return cover(world, stays, "dana", "uma", TODAY)[1]


def test_covered_stays_go_back_on_the_day_after_and_not_before(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    give(world, stays, "dana")
    cover(world, stays, "dana", "uma", TODAY + timedelta(days=1))
    midnight = datetime(2026, 3, 7, 6, tzinfo=UTC)  # Sat 7 Mar 00:00 in Chicago
    for moment, expected in ((midnight - timedelta(seconds=1), "uma"), (midnight, "dana"), (midnight, "dana")):
        with begin(everywhere("daily"), at=moment) as work:
            return_due(work, north(world))
            if not work.recorded:
                assert not work.written
        assert owners(world, stays) == [expected] * 2


def test_the_return_waits_while_the_colleague_is_away_again(world: World) -> None:
    stays = add_stays(world, [StaySpec()])
    give(world, stays, "dana")
    cover(world, stays, "dana", "uma", TODAY)
    tomorrow = TODAY + timedelta(days=1)
    with begin(world.viewer("lee"), at=NOW) as work:
        mark_absent(work, north(world), MarkAbsent(user_id=world.user["dana"], first_day=tomorrow, last_day=tomorrow))
    for days, expected in ((1, "uma"), (2, "dana")):
        with begin(everywhere("daily"), at=NOW + timedelta(days=days)) as work:
            return_due(work, north(world))
        assert owners(world, stays) == [expected]


def test_a_cover_of_a_cover_goes_back_to_the_first(world: World) -> None:
    stays = add_stays(world, [StaySpec()])
    give(world, stays, "dana")
    cover(world, stays, "dana", "uma", TODAY + timedelta(days=4))
    cover(world, stays, "uma", "sol", TODAY + timedelta(days=1))
    for days, expected in ((2, "sol"), (5, "dana")):
        with begin(everywhere("daily"), at=NOW + timedelta(days=days)) as work:
            return_due(work, north(world))
        assert owners(world, stays) == [expected]


def test_who_is_back_early_gets_all_back_at_once_but_not_what_was_taken_over(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    give(world, stays, "dana")
    absence, _ = cover(world, stays[:1], "dana", "uma", TODAY + timedelta(days=4))
    with begin(world.viewer("sol"), at=NOW) as work:
        take_over(work, stays[1], TakeOver(reason="meeting", until=datetime(2026, 3, 5, 15, 0)))
    with begin(world.viewer("lee"), at=NOW) as work:
        done = end_absence(work, absence)
    assert done.done == 1 and owners(world, stays) == ["dana", "sol"]
    with pytest.raises(Refused, match="ended already"), begin(world.viewer("lee"), at=NOW) as work:
        end_absence(work, absence)


@pytest.mark.parametrize("taker", ["dana", "sol", "stan"], ids=["the absent one", "one away", "a stranger"])
def test_only_who_is_here_covers(world: World, taker: str) -> None:
    stays = add_stays(world, [StaySpec()])
    give(world, stays, "dana")
    with begin(world.viewer("lee"), at=NOW) as work:
        mark_absent(work, north(world), MarkAbsent(user_id=world.user["sol"], first_day=TODAY, last_day=TODAY))
    with pytest.raises(Refused, match="Choose another one"):
        cover(world, stays, "dana", taker, TODAY)
    assert owners(world, stays) == ["dana"]


def test_a_stay_taken_over_returns_by_a_job_at_its_time(world: World) -> None:
    stay = add_stay(world)
    give(world, [stay], "dana")
    with begin(world.viewer("uma"), at=NOW) as work:
        made = take_over(work, stay, TakeOver(reason="family meeting", until=datetime(2026, 3, 5, 14, 0)))
    assert made.returns_at == datetime(2026, 3, 5, 20, tzinfo=UTC) and owners(world, [stay]) == ["uma"]
    with reading(everywhere("test")) as db:
        job = db.rows(
            lambda name, at, given: (name, at, given),
            "select task_name::text, scheduled_at, args from procrastinate_jobs where task_name = 'assignment.return'",
        )
    assert job == [("assignment.return", made.returns_at, {"facility_id": north(world)})]
    return_stays(north(world))  # long after that time
    assert owners(world, [stay]) == ["dana"]


def test_the_former_owner_reads_who_has_the_stay_now(world: World) -> None:
    taken, kept = add_stays(world, [StaySpec(family="Taken"), StaySpec(family="Kept")])
    give(world, [taken, kept], "dana")
    with begin(world.viewer("uma"), at=NOW + timedelta(hours=1)) as work:
        take_over(work, taken, TakeOver(reason="family meeting", until=datetime(2026, 3, 6, 14, 0)))
    with reading(world.viewer("dana"), at=NOW + timedelta(hours=2)) as db:
        (told,) = with_colleagues(db, world.viewer("dana"), NOW + timedelta(minutes=1))
        nothing_since = with_colleagues(db, world.viewer("dana"), NOW + timedelta(hours=2))
    assert [(one.name, one.words) for one in told.stays] == [("Taken", "Uma Reyes took it over: family meeting")]
    assert nothing_since == []


def test_a_feature_lends_a_section_to_the_brief(world: World, browser_for: Callable[..., Browser]) -> None:
    stay = add_stay(world, StaySpec(family="Handed"))
    today = datetime.now(UTC).date()
    give(world, [stay], "dana")
    with begin(world.viewer("lee")) as work:
        ask = MarkAbsent(user_id=world.user["dana"], first_day=today - timedelta(days=1), last_day=today)
        absence = mark_absent(work, north(world), ask)
    brief.install([BriefSection("Next review", lambda db, stays: {one: ["due at noon"] for one in stays})])
    try:
        text = browser_for("lee").get(f"/absences/{absence.id}/brief").text
    finally:
        brief.install(wiring.BRIEF)
    assert "Next review" in text and "due at noon" in text and "Handed, Ann" in text


def test_taking_over_is_undone_like_any_change(world: World) -> None:
    stay = add_stay(world)
    give(world, [stay], "dana")
    before = what_is_said([stay])
    with begin(world.viewer("uma"), at=NOW) as work:
        made = take_over(work, stay, TakeOver(reason="family meeting", until=datetime(2026, 3, 5, 14, 0)))
    with begin(world.viewer("uma"), at=NOW) as work:
        undo(work, made.id)
    assert what_is_said([stay]) == before


def test_nobody_takes_over_what_is_free_or_their_own(world: World) -> None:
    free, own = add_stays(world, [StaySpec()] * 2)
    give(world, [own], "uma")
    ask = TakeOver(reason="family meeting", until=datetime(2026, 3, 5, 14, 0))
    for stay, words in ((free, "Nobody has this stay"), (own, "already")):
        with pytest.raises(Refused, match=words), begin(world.viewer("uma"), at=NOW) as work:
            take_over(work, stay, ask)


def test_what_is_known_of_a_stay_makes_its_minutes(world: World) -> None:
    specs = [
        StaySpec(start=NOW - timedelta(days=4)),
        StaySpec(start=NOW),
        StaySpec(start=NOW - timedelta(days=4), pending="discharge"),
        StaySpec(start=NOW - timedelta(days=4), expected=NOW + timedelta(days=1)),
        StaySpec(start=NOW - timedelta(days=4), birth="19400101"),
        StaySpec(start=NOW - timedelta(days=4), payer=""),
        StaySpec(start=NOW - timedelta(days=4), unit="ICU"),
        StaySpec(start=NOW - timedelta(days=9), gmlos=5.0),
        StaySpec(start=NOW - timedelta(hours=30), patient_class="OBS"),
    ]
    stays = add_stays(world, specs)
    give(world, stays, "dana")
    with reading(world.viewer("lee"), at=NOW) as db:
        found = expected_by_stay(db, north(world))
        some = expected_by_stay(db, north(world), stays[:2])
        number, minutes = work_of(db, north(world), world.user["dana"])
    assert [found[str(stay)].minutes for stay in stays] == [8, 23, 23, 16, 10, 12, 14, 8 + 16, 12 + 8 + 15]
    assert set(some) == {str(stay) for stay in stays[:2]}
    assert (number, minutes) == (9, sum(one.minutes for one in found.values()))


def test_distribution_is_read_as_of_an_earlier_instant(world: World) -> None:
    stays = add_stays(world, [StaySpec()])
    give(world, stays, "dana", at=NOW)
    give(world, stays, "uma", at=NOW + timedelta(hours=1))
    with reading(everywhere("test"), as_of=NOW + timedelta(minutes=30)) as db:
        held = db.values("select user_id from assignment where ended_at is null")
    assert held == [world.user["dana"]]
