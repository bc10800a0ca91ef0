"""Conferences and case reviews on a real database, and what the clocks make of them."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.discharge.rounds.cases import CloseCase, PutOnList, ReviewCase, close_case, put_on_list, review_case
from app.discharge.rounds.cases import take_case_back as back
from app.discharge.rounds.commands import (
    BeginConference,
    MoveAction,
    SetAction,
    StepAction,
    WriteNote,
    begin_conference,
    move_action,
    set_action,
    step_action,
    strike_conference,
    write_note,
)
from app.discharge.rounds.queries import action, actions_of, case_rows, case_state, cases_of, notes_in, notes_of
from app.discharge.rounds.rules import ACTION_LIFE, CASE_LIFE
from app.discharge.rounds.terms import ActionState, ActionStep, CaseState, CaseStep
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from tests.discharge.departure.support import planner
from tests.notices.support import owed
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def asked(world: World, stay: uuid.UUID, at: datetime = NOW, **said: Any) -> uuid.UUID:
    with begin(planner(world), at=at) as work:
        return set_action(
            work, stay, SetAction.model_validate({"what": "Order oxygen", "owner": "Sol"} | said)
        ).action_id


def step(world: World, key: uuid.UUID, what: ActionStep, at: datetime = NOW) -> None:
    with begin(planner(world), at=at) as work:
        if what is ActionStep.MOVE:
            days = (at - NOW).days + 2
            move_action(work, key, MoveAction(owner=f"Sol at {at:%H:%M}", due_on=date(2026, 3, 5) + timedelta(days)))
        else:
            step_action(work, key, what, StepAction(note="said in the test"))


def conference(world: World) -> uuid.UUID:
    with begin(planner(world), at=NOW) as work:
        ask = BeginConference(people="Dana, Sol")
        return begin_conference(work, (world.facility["NORTH"], "4W"), ask, ZoneInfo("America/Chicago")).id


def test_an_action_is_owed_until_it_is_done(world: World, stay: uuid.UUID):
    key = asked(world, stay, due_on="2026-03-06", due_clock="12:00")
    required, due, closed = owed("DP-ACTION") or (None, None, None)
    assert required and closed is None and due is not None and due.isoformat() == "2026-03-06T18:00:00+00:00"

    step(world, key, ActionStep.FINISH, at=NOW + timedelta(hours=2))

    assert owed("DP-ACTION") == (True, due, NOW + timedelta(hours=2))


def test_a_dropped_action_is_owed_by_nobody(world: World, stay: uuid.UUID):
    key = asked(world, stay)
    step(world, key, ActionStep.DROP)

    assert owed("DP-ACTION") is None


@pytest.mark.parametrize(
    ("said", "sentence"), [({"due_on": "2026-03-04"}, "over already"), ({"due_clock": "08:00"}, "over already")]
)
def test_nothing_is_due_in_the_past(world: World, stay: uuid.UUID, said: dict[str, str], sentence: str):
    with pytest.raises(Refused, match=sentence):
        asked(world, stay, **said)


def test_dropping_needs_a_reason(world: World, stay: uuid.UUID):
    key = asked(world, stay)
    with pytest.raises(Refused, match="Write why"), begin(planner(world), at=NOW) as work:
        step_action(work, key, ActionStep.DROP, StepAction())


def test_notes_of_a_conference_keep_their_earlier_words(world: World, stay: uuid.UUID):
    held = conference(world)
    for minutes, words in ((1, "Oxygen at home"), (2, "Oxygen and a walker")):
        with begin(planner(world), at=NOW + timedelta(minutes=minutes)) as work:
            write_note(work, held, stay, WriteNote(said=words))

    with reading(everywhere("test")) as db:
        assert [(one.said, one.ended_at is None) for one in notes_of(db, stay)] == [
            ("Oxygen and a walker", True), ("Oxygen at home", False),
        ]  # fmt: skip
        assert notes_in(db, held)[stay].people == "Dana, Sol"
    with pytest.raises(Refused, match="holds notes"), begin(planner(world), at=NOW) as work:
        strike_conference(work, held, "Opened twice")


def test_a_conference_of_another_hospital_takes_no_note(world: World):
    held, other = conference(world), add_stay(world, StaySpec(facility="SOUTH"))

    with pytest.raises(NotFound), begin(everywhere("test"), at=NOW) as work:
        write_note(work, held, other, WriteNote(said="x"))


def test_long_stays_are_proposed_for_review_and_listed_ones_stay(world: World):
    add_stay(world, StaySpec(family="Short"))
    long = add_stay(world, StaySpec(family="Long", start=NOW - timedelta(days=20)))
    listed = add_stay(world, StaySpec(family="Listed"))
    with begin(planner(world), at=NOW) as work:
        put_on_list(work, listed, PutOnList())

    with reading(everywhere("test"), as_of=None) as db:
        db.now = NOW
        found = {one.encounter_id: one.listed for one in case_rows(db, world.facility["NORTH"])}
    assert found == {long: False, listed: True}


def test_a_review_is_owed_weekly_until_the_case_is_closed(world: World, stay: uuid.UUID):
    with begin(planner(world), at=NOW) as work:
        put_on_list(work, stay, PutOnList())
    first = owed("DP-CASE")
    assert first is not None and first[1] is not None and first[1].isoformat() == "2026-03-12T17:00:00+00:00"

    with begin(planner(world), at=NOW + timedelta(days=6)) as work:
        review_case(work, stay, ReviewCase(next_step="Ask the court for a date", owner="Sol"))
    again = owed("DP-CASE")
    assert again is not None and again[1] is not None and again[1].date() == date(2026, 3, 18) and again[2] is None

    with reading(everywhere("test"), as_of=NOW + timedelta(days=1)) as db:  # what was known then
        assert case_state(cases_of(db, [stay])[stay]) is CaseState.WAITING

    with begin(planner(world), at=NOW + timedelta(days=7)) as work:
        close_case(work, stay, CloseCase(reason="A bed is found"))
    assert owed("DP-CASE") is None or (owed("DP-CASE") or (0, 0, None))[2] is not None


def actions_machine(world: World) -> type[RuleBasedStateMachine]:
    class Acting(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.at, self.stay, self.versions = NOW, add_stay(world), 1
            self.key, self.state = asked(world, self.stay, due_on="2026-03-30"), ActionState.OPEN

        @rule(what=st.sampled_from([one for one in ActionStep if one is not ActionStep.SET]))
        def act(self, what: ActionStep) -> None:
            self.at += timedelta(minutes=1)
            expected = ACTION_LIFE.get((self.state, what))
            if expected is None:
                with pytest.raises(Refused):
                    step(world, self.key, what, at=self.at)
                return
            step(world, self.key, what, at=self.at)
            self.state, self.versions = expected, self.versions + 1

        @invariant()
        def table_and_database_agree(self) -> None:
            with reading(everywhere("test")) as db:
                assert action(db, self.key).state is self.state
                assert len(actions_of(db, [self.stay], ended=True)) == self.versions

    return Acting


def cases_machine(world: World) -> type[RuleBasedStateMachine]:
    class Reviewing(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.at, self.stay = NOW, add_stay(world)
            self.states = [CaseState.OFF]

        @rule(what=st.sampled_from(CaseStep))
        def act(self, what: CaseStep) -> None:
            self.at += timedelta(minutes=1)
            deeds = {
                CaseStep.PUT_ON: lambda work: put_on_list(work, self.stay, PutOnList()),
                CaseStep.REVIEW: lambda work: review_case(work, self.stay, ReviewCase(next_step="Call")),
                CaseStep.CLOSE: lambda work: close_case(work, self.stay, CloseCase(reason="Settled")),
                CaseStep.TAKE_BACK: lambda work: back(work, self.stay),
            }
            taking = what is CaseStep.TAKE_BACK
            expected = CASE_LIFE.get((self.states[-1], what)) if not taking else (self.states[-2:-1] or [None])[0]
            if expected is None:
                with pytest.raises(Refused), begin(planner(world), at=self.at) as work:
                    deeds[what](work)
                return
            with begin(planner(world), at=self.at) as work:
                deeds[what](work)
            if taking:
                self.states.pop()
            else:
                self.states.append(expected)

        @invariant()
        def table_and_database_agree(self) -> None:
            with reading(everywhere("test")) as db:
                assert case_state(cases_of(db, [self.stay]).get(self.stay, [])) is self.states[-1]

    return Reviewing


@pytest.mark.parametrize("machine", [actions_machine, cases_machine], ids=["actions", "cases"])
def test_any_order_of_steps_follows_the_table(world: World, machine: Any):
    few = settings(max_examples=5, stateful_step_count=8, deadline=None)
    run_state_machine_as_test(machine(world), settings=few)
