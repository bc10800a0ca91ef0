"""Life cycles of the plan, statements about readiness, how good dates were, readiness lights: without a database."""

import csv
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.discharge.plan.lights.rules import OF_BARRIER, OF_MILESTONE, OpenBarrier, PlanFacts, Said, Step, lights
from app.discharge.plan.rules import BARRIER_LIFE, ITEM_LIFE, DateVersion, accuracy, check_date, moved_by
from app.discharge.plan.terms import BarrierAction, BarrierState, ItemState
from app.discharge.ready.rules import Bounds, Span, Stated, check, may_strike, since, spans
from app.discharge.ready.terms import Lane, StatementKind
from app.discharge.terms import BarrierKind, CareType, Light, LightName, MilestoneKind
from app.kernel.refusal import Refused
from app.kernel.transitions import finals, states, unreachable

CHICAGO = ZoneInfo("America/Chicago")
K = StatementKind


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=CHICAGO)


def test_the_life_of_a_barrier_reaches_every_state_and_ends_only_where_it_is_struck_out():
    assert set(states(BARRIER_LIFE)) == set(BarrierState)
    assert unreachable(BARRIER_LIFE, BarrierState.OPEN) == []
    assert finals(BARRIER_LIFE) == [BarrierState.STRUCK_OUT]
    assert (BarrierState.RESOLVED, BarrierAction.AMEND) not in BARRIER_LIFE


def test_the_life_of_an_item_reaches_every_state_and_ends_only_where_it_is_struck_out():
    assert set(states(ITEM_LIFE)) == set(ItemState)
    assert unreachable(ITEM_LIFE, ItemState.OPEN) == []
    assert finals(ITEM_LIFE) == [ItemState.STRUCK_OUT]


def test_every_barrier_has_a_code_of_its_list_and_a_usual_owner(shared: Path):
    lines = csv.DictReader((shared / "data" / "avoidable_day_codes.csv").read_text("utf-8").splitlines())
    known = {line["code"] for line in lines}
    assert {one.code for one in BarrierKind} <= known
    assert all(one.label and one.usual_owner for one in BarrierKind)


# Days of RULES 8.2: ready Monday, fever Tuesday 03:00, ready again Thursday.
FEVER = [Stated(K.READY, at(8)), Stated(K.NOT_READY, at(9, 3)), Stated(K.READY, at(11, 9))]


def test_readiness_holds_in_spans_and_the_last_one_may_be_open():
    assert spans(FEVER, Lane.READINESS) == [Span(at(8), at(9, 3)), Span(at(11, 9))]
    assert since(FEVER, Lane.READINESS) == at(11, 9)
    assert since(FEVER[:2], Lane.READINESS) is None
    assert spans(FEVER, Lane.ORDER) == []


def test_readiness_and_order_are_kept_apart():
    both = [*FEVER, Stated(K.ORDERED, at(11, 16))]
    assert since(both, Lane.ORDER) == at(11, 16)
    assert since(both, Lane.READINESS) == at(11, 9)
    check(Stated(K.WITHDRAWN, at(11, 18)), "needs a scan", both, Bounds(at(12), at(6), None))
    assert since([*both, Stated(K.WITHDRAWN, at(11, 18))], Lane.READINESS) == at(11, 9)


@pytest.mark.parametrize(
    ("said", "reason", "field"),
    [
        (Stated(K.READY, at(13)), "", "at"),  # to come
        (Stated(K.READY, at(5)), "", "on"),  # before the stay
        (Stated(K.READY, at(12, 8)), "", "at"),  # ready already
        (Stated(K.NOT_READY, at(12, 8)), "", "reason"),
        (Stated(K.WITHDRAWN, at(12, 8)), "a mistake", "at"),  # no order
        (Stated(K.NOT_READY, at(10)), "fever", "at"),  # not ready at that time
        (Stated(K.READY, at(7)), "", "at"),  # a later statement says so
    ],
)
def test_a_statement_that_cannot_be_is_refused_with_its_field(said: Stated, reason: str, field: str):
    with pytest.raises(Refused) as refused:
        check(said, reason, FEVER, Bounds(at(12), at(6), None))
    assert refused.value.field == field


def test_two_statements_of_a_lane_never_share_an_instant():
    """Which of them would hold?"""
    for kind, reason in ((K.NOT_READY, "fever"), (K.READY, "")):
        with pytest.raises(Refused) as refused:
            check(Stated(kind, at(11, 9)), reason, FEVER, Bounds(at(12), at(1), None))
        assert refused.value.field == "at"
    check(Stated(K.ORDERED, at(11, 9)), "", FEVER, Bounds(at(12), at(1), None))


def test_nothing_is_stated_after_the_departure():
    with pytest.raises(Refused) as refused:
        check(Stated(K.READY, at(11)), "", [], Bounds(at(12), at(6), at(10)))
    assert refused.value.field == "on"


def test_only_the_last_statement_of_a_lane_can_be_struck_out():
    may_strike(FEVER[2], FEVER)
    with pytest.raises(Refused):
        may_strike(FEVER[0], FEVER)


@given(st.lists(st.tuples(st.sampled_from(list(K)), st.integers(1, 2000)), max_size=12))
def test_what_is_accepted_alternates_whatever_is_tried(tries: list[tuple[StatementKind, int]]):
    standing: list[Stated] = []
    held = {Lane.READINESS: False, Lane.ORDER: False}
    for kind, minutes in tries:
        said = Stated(kind, at(6) + timedelta(minutes=minutes))
        try:
            check(said, "said in the test", standing, Bounds(at(20), at(6), None))
        except Refused:
            continue
        standing.append(said)
        lane = Lane.READINESS if kind in (K.READY, K.NOT_READY) else Lane.ORDER
        held[lane] = kind in (K.READY, K.ORDERED)
    for lane, holds in held.items():
        assert (since(standing, lane) is not None) == holds
        kinds = [one.kind for one in sorted(standing, key=lambda one: one.at)
                 if (one.kind in (K.READY, K.NOT_READY)) == (lane is Lane.READINESS)]  # fmt: skip
        assert all(first is not second for first, second in pairwise(kinds))
        assert len(spans(standing, lane)) == (len(kinds) + 1) // 2


def test_accuracy_is_the_date_that_stood_against_the_day_of_departure():
    left = at(12, 10)
    dates = [
        DateVersion(date(2026, 6, 15), at(6), at(10, 9)),
        DateVersion(date(2026, 6, 12), at(10, 9), at(11, 20)),
        DateVersion(date(2026, 6, 13), at(11, 20), None),
    ]
    assert accuracy(dates, left, CHICAGO) == {24: 0, 48: 0, 72: 3}
    assert accuracy(dates[1:], left, CHICAGO) == {24: 0, 48: 0, 72: None}
    assert accuracy([], left, CHICAGO) == {24: None, 48: None, 72: None}
    assert moved_by([date(2026, 6, 15), date(2026, 6, 12)]) == -3


def test_accuracy_goes_by_the_local_day_of_the_departure():
    late = datetime(2026, 6, 13, 3, 30, tzinfo=UTC)  # 22:30 on the 12th in Chicago
    assert accuracy([DateVersion(date(2026, 6, 12), at(6), None)], late, CHICAGO)[24] == 0


@pytest.mark.parametrize("on", [date(2026, 6, 5), date(2026, 6, 9), date(2029, 6, 9)])
def test_an_expected_day_that_cannot_be_is_refused(on: date):
    with pytest.raises(Refused):
        check_date(on, date(2026, 6, 10), date(2026, 6, 6))


def shown(facts: PlanFacts) -> dict[LightName, tuple[Light, str]]:
    return {one.name: (one.state, one.why) for one in lights(facts)}


def test_every_barrier_and_every_milestone_concerns_a_light():
    assert set(OF_BARRIER) == set(BarrierKind)
    assert set(OF_MILESTONE) == set(MilestoneKind)


def test_without_a_plan_lights_say_what_is_missing():
    found = shown(PlanFacts())
    assert found[LightName.MEDICAL] == (Light.AMBER, "No physician has said that the patient is ready.")
    assert found[LightName.DESTINATION] == (Light.AMBER, "No disposition is set.")
    assert found[LightName.TRANSPORT] == (Light.GRAY, "Nothing is recorded.")


def test_an_open_barrier_blocks_its_light_and_a_waiting_one_only_when_overdue():
    def of(waiting: bool, overdue: bool) -> Light:
        barrier = OpenBarrier(BarrierKind.RIDE, "Ride", waiting, overdue)
        return shown(PlanFacts(barriers=[barrier]))[LightName.TRANSPORT][0]

    assert (of(False, False), of(True, False), of(True, True)) == (Light.RED, Light.AMBER, Light.RED)


def test_the_worst_fact_decides_and_gives_the_sentence():
    facts = PlanFacts(
        ready_since="Tue 14:00",
        steps=[Step(MilestoneKind.CONSULT, "Cardiology", False, True), Step(MilestoneKind.WEAN, "Wean", True, False)],
    )
    assert shown(facts)[LightName.MEDICAL] == (Light.RED, "Cardiology: overdue.")


def test_home_needs_nobody_and_a_facility_needs_a_booked_place():
    home, snf = PlanFacts(going_to=CareType.HOME), PlanFacts(going_to=CareType.SNF)
    assert shown(home)[LightName.DESTINATION][0] is Light.GREEN
    assert shown(snf)[LightName.DESTINATION][0] is Light.AMBER
    booked = [Said(LightName.DESTINATION, Light.GREEN, "Bed booked")]
    assert shown(PlanFacts(going_to=CareType.SNF, lent=booked))[LightName.DESTINATION] == (Light.GREEN, "Bed booked.")


def test_readiness_without_an_order_is_said_on_the_papers():
    found = shown(PlanFacts(ready_since="Tue 14:00"))
    assert found[LightName.PAPERWORK] == (Light.AMBER, "Ready, and the discharge order is not written.")
    both = shown(PlanFacts(ready_since="Tue 14:00", ordered_since="Wed 09:10"))
    assert both[LightName.PAPERWORK] == (Light.GREEN, "Discharge order of Wed 09:10.")
