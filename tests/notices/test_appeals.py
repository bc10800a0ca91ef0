"""Appeals to the QIO: steps in turn, in time or late, what they start and stop, and a machine that tries everything."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.kernel.refusal import Refused
from app.kernel.transitions import actions, finals, unreachable
from app.notices.appeals import rules
from app.notices.appeals.commands import AskAppeal, StrikeStep, TakeStep, ask_appeal, strike_last, take_step
from app.notices.appeals.queries import cases, holds
from app.notices.appeals.rules import LIFE, PENDING, Happened, charges_begin, follows, hold, late_path, state, timely
from app.notices.appeals.terms import AppealKind, AppealState, AppealStep, Favors
from app.platform.work import begin, everywhere, reading
from tests.notices.support import ADMITTED, LEAVES, deliver, owed, tell
from tests.support.world import NOW, World

ZONE = ZoneInfo("America/Chicago")
HOUR = timedelta(hours=1)
DISCHARGE, STATUS = AppealKind.DISCHARGE, AppealKind.STATUS


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_every_state_is_reached_and_three_are_final():
    assert unreachable(LIFE, AppealState.ASKED) == []
    assert set(finals(LIFE)) == {AppealState.WITHDRAWN, AppealState.RECONSIDERED}


@pytest.mark.parametrize(
    ("kind", "asked", "left", "ordered_for", "in_time"),
    [
        (DISCHARGE, "2026-05-08T21:00", None, date(2026, 5, 8), True),  # Q1: Friday night, discharge on Friday
        (DISCHARGE, "2026-05-08T23:59", None, date(2026, 5, 8), True),
        (DISCHARGE, "2026-05-09T00:00", None, date(2026, 5, 8), False),  # Q3: Saturday, still in bed
        (DISCHARGE, "2026-05-08T21:00", "2026-05-08T15:00", None, True),  # left in the afternoon, asked that evening
        (DISCHARGE, "2026-05-09T09:00", "2026-05-08T15:00", None, False),
        (DISCHARGE, "2026-05-08T21:00", None, None, True),
        (STATUS, "2026-05-08T14:59", "2026-05-08T15:00", None, True),
        (STATUS, "2026-05-08T15:00", "2026-05-08T15:00", None, False),
        (STATUS, "2026-05-08T15:00", None, None, True),
    ],
)
def test_whether_a_request_is_in_time(
    kind: AppealKind, asked: str, left: str | None, ordered_for: date | None, in_time: bool
):
    assert timely(kind, local(asked), local(left) if left else None, ordered_for, ZONE) is in_time


def test_charges_begin_at_noon_of_the_day_after_the_decision_was_told():
    assert charges_begin(local("2026-05-10T10:00"), ZONE) == local("2026-05-11T12:00")
    assert charges_begin(local("2026-10-31T23:30"), ZONE) == local("2026-11-01T12:00")


def test_a_late_request_holds_nothing_and_says_where_it_leads():
    steps = [Happened(AppealStep.ASK, NOW)]

    assert hold(DISCHARGE, steps, in_time=False, zone=ZONE) is None
    assert hold(STATUS, steps, in_time=True, zone=ZONE) is None
    assert "two calendar days" in late_path(DISCHARGE, NOW, None)
    assert "within 30 days" in late_path(DISCHARGE, NOW, NOW - HOUR)


def open_case(world: World, stay: uuid.UUID, at: datetime = NOW, **said: object) -> uuid.UUID:
    with begin(world.viewer("dana"), at=at) as work:
        return ask_appeal(work, stay, AskAppeal.model_validate(said)).id


def go_on(world: World, case: uuid.UUID, step: str, at: datetime, favors: str = "") -> None:
    with begin(world.viewer("dana"), at=at) as work:
        take_step(work, case, TakeStep.model_validate({"step": step, "favors": favors}))


def held(stay: uuid.UUID, at: datetime) -> rules.Hold | None:
    with reading(everywhere("test"), at=at) as view:
        return holds(view, [stay]).get(stay)


def test_an_appeal_starts_its_clocks_and_holds_the_discharge(world: World):
    stay = tell(world, ADMITTED + LEAVES)
    case = open_case(world, stay, discharge_on=date(2026, 3, 5))
    assert owed("N-DND") is None and held(stay, NOW) == rules.Hold(True, None)

    go_on(world, case, "call", NOW + HOUR)
    noon = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
    assert owed("N-DND") == (True, noon, None) == owed("N-QIO-REC")

    go_on(world, case, "send", NOW + 2 * HOUR)
    deliver(world, stay, NOW + 2 * HOUR, kind="DND", receipt="unsigned")
    assert owed("N-QIO-REC") == (True, noon, NOW + 2 * HOUR) == owed("N-DND")

    go_on(world, case, "complete", NOW + 3 * HOUR)
    assert (owed("N-QIO-DEC") or ())[2] is None
    go_on(world, case, "decide", NOW + 4 * HOUR, "hospital")
    go_on(world, case, "tell", NOW + 5 * HOUR)

    assert (owed("N-QIO-DEC") or ())[2] == NOW + 5 * HOUR
    assert (owed("N-LIAB") or ())[1] == noon
    assert held(stay, NOW + 6 * HOUR) == rules.Hold(False, noon)
    assert held(stay, noon + HOUR) is None
    deliver(world, stay, NOW + 6 * HOUR, kind="HINN12", basis="qio")


def test_a_decision_for_the_patient_holds_no_charges_and_allows_no_hinn_12(world: World):
    stay = tell(world, ADMITTED)
    case = open_case(world, stay)
    for number, (step, favors) in enumerate([("call", ""), ("send", ""), ("decide", "patient"), ("tell", "")], 1):
        go_on(world, case, step, NOW + number * HOUR, favors)

    assert held(stay, NOW + 5 * HOUR) is None
    with pytest.raises(Refused):
        deliver(world, stay, NOW + 5 * HOUR, kind="HINN12", basis="qio")


def test_late_and_status_appeals_hold_no_charges(world: World):
    stay = tell(world, ADMITTED)
    late = open_case(world, stay, discharge_on=date(2026, 3, 4))
    status = open_case(world, stay, kind="status")
    for case in (late, status):
        for number, (step, favors) in enumerate(
            [("call", ""), ("send", ""), ("complete", ""), ("decide", "hospital")], 1
        ):
            go_on(world, case, step, NOW + number * HOUR, favors)
        if case == late:  # decided within two days, not one: to the end of Sat 7 Mar
            assert (owed("N-QIO-DEC") or ())[1] == datetime(2026, 3, 8, 5, 59, 59, tzinfo=UTC)
        go_on(world, case, "tell", NOW + 5 * HOUR)

    assert held(stay, NOW + HOUR) is None
    assert owed("N-LIAB") is None
    assert (owed("N-MCSN-REC") or ())[2] == NOW + 2 * HOUR


def test_a_step_struck_out_reopens_its_clock_and_the_last_one_ends_the_appeal(world: World):
    stay = tell(world, ADMITTED)
    case = open_case(world, stay)
    go_on(world, case, "call", NOW)
    go_on(world, case, "send", NOW)
    assert (owed("N-QIO-REC") or ())[2] == NOW

    with begin(world.viewer("dana"), at=NOW + HOUR) as work:
        strike_last(work, case, StrikeStep(reason="Other case"))
    assert (owed("N-QIO-REC") or ())[2] is None
    for _ in range(2):
        with begin(world.viewer("dana"), at=NOW + HOUR) as work:
            strike_last(work, case, StrikeStep(reason="Other case"))

    assert owed("N-QIO-REC") is None and held(stay, NOW + HOUR) is None
    with pytest.raises(Refused):
        go_on(world, case, "call", NOW + HOUR)
    with reading(everywhere("test"), as_of=NOW + timedelta(minutes=1)) as view:
        [then] = cases(view, [stay])
        assert then.state is AppealState.SENT


def test_one_appeal_of_a_kind_is_open_at_a_time(world: World):
    stay = tell(world, ADMITTED)
    case = open_case(world, stay)
    with pytest.raises(Refused):
        open_case(world, stay)
    go_on(world, case, "withdraw", NOW)
    open_case(world, stay)


class Appealing(RuleBasedStateMachine):
    """Anything that may happen, in any order, beside a plain account of it."""

    @initialize()
    def asked(self) -> None:
        self.now = NOW
        self.steps = [Happened(AppealStep.ASK, NOW)]

    @rule(step=st.sampled_from(AppealStep), hours=st.integers(-3, 3), favors=st.sampled_from([None, *Favors]))
    def something_is_said_to_happen(self, step: AppealStep, hours: int, favors: Favors | None) -> None:
        self.now += HOUR
        told = Happened(step, self.now + hours * HOUR, favors)
        may = step in actions(LIFE, state(self.steps)) and self.steps[-1].at <= told.at <= self.now
        may = may and (favors is not None or step not in rules.DECISIONS)
        try:
            follows(self.steps, told, self.now)
        except Refused:
            assert not may
        else:
            assert may
            self.steps.append(told)

    @precondition(lambda self: len(self.steps) > 1)
    @rule()
    def the_last_step_is_struck_out(self) -> None:
        self.steps.pop()

    @invariant()
    def what_stands_is_a_way_through_the_table(self) -> None:
        if not hasattr(self, "steps"):
            return
        now = state(self.steps)
        found = hold(DISCHARGE, self.steps, in_time=True, zone=ZONE)
        told = any(one.step is AppealStep.TELL for one in self.steps)
        assert (found is not None and found.pending) == (now in PENDING)
        assert found is None or found.until is None or told
        assert [one.at for one in self.steps] == sorted(one.at for one in self.steps)


TestAppealing = Appealing.TestCase
TestAppealing.settings = settings(max_examples=60, stateful_step_count=15)


@given(st.sampled_from(AppealKind), st.booleans())
def test_nothing_is_held_without_a_request_in_time(kind: AppealKind, in_time: bool):
    found = hold(kind, [Happened(AppealStep.ASK, NOW)], in_time=in_time, zone=ZONE)

    assert (found is not None) is (kind is DISCHARGE and in_time)
