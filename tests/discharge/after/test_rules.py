"""Lives of calls, issues, hand-offs and judgements; when the next call is made; how far raters agree."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.discharge.after import rules
from app.discharge.after.calls.script import script
from app.discharge.after.readmitted import rules as judging
from app.discharge.after.readmitted.terms import ReviewAction, ReviewState
from app.discharge.after.rules import CALL_LIFE, ISSUE_LIFE, PROGRAM_LIFE
from app.discharge.after.terms import (
    CallAction,
    CallOutcome,
    CallState,
    IssueAction,
    IssueState,
    ProgramAction,
    ProgramState,
    Urgency,
)
from app.kernel.refusal import Refused
from app.kernel.transitions import after, finals, states, unreachable

CHICAGO = ZoneInfo("America/Chicago")
_O = CallOutcome


def test_every_state_is_reached_every_action_is_used_and_only_what_is_over_is_final():
    for life, start, kinds, over in (
        (CALL_LIFE, CallState.UNWRITTEN, (CallState, CallAction), {CallState.STRUCK_OUT, CallState.DROPPED}),
        (ISSUE_LIFE, IssueState.UNFOUND, (IssueState, IssueAction), {IssueState.STRUCK_OUT}),
        (PROGRAM_LIFE, ProgramState.UNCHOSEN, (ProgramState, ProgramAction),
         {ProgramState.WITHDRAWN, ProgramState.STRUCK_OUT}),
        (judging.LIFE, ReviewState.WAITING, (ReviewState, ReviewAction), {ReviewState.SETTLED}),
    ):  # fmt: skip
        assert unreachable(life, start) == []  # type: ignore[type-var]
        assert set(states(life)) == set(kinds[0])  # type: ignore[type-var]
        assert {action for _, action in life} == set(kinds[1])
        assert set(finals(life)) == over  # type: ignore[type-var]


def local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("outcome", "attempts", "issue", "at", "following"),
    [
        (_O.NO_ANSWER, 1, False, "2026-05-08 09:00", "2026-05-09 15:00"),  # Friday morning: Saturday afternoon
        (_O.MESSAGE, 2, False, "2026-05-08 16:00", "2026-05-09 10:00"),
        (_O.NO_ANSWER, 3, False, "2026-05-08 16:00", "2026-05-11 10:00"),  # a letter, by Monday
        (_O.WRONG_NUMBER, 1, False, "2026-05-08 16:00", "2026-05-11 10:00"),
        (_O.PATIENT, 0, True, "2026-07-02 10:00", "2026-07-06 10:00"),  # 3 July 2026 is the holiday observed
        (_O.CAREGIVER, 0, True, "2026-11-25 10:00", "2026-11-27 10:00"),  # Thanksgiving is left out
        (_O.PATIENT, 0, False, "2026-05-08 16:00", ""),
        (_O.DECLINED, 0, True, "2026-05-08 16:00", ""),
        (_O.LETTER, 0, True, "2026-05-08 16:00", ""),
    ],
)
def test_the_next_call_follows_from_who_was_reached(
    outcome: CallOutcome, attempts: int, issue: bool, at: str, following: str
):
    found = rules.next_call(outcome, attempts, issue, local(at), CHICAGO)

    assert found.at == (local(following) if following else None)
    assert found.letter == (attempts >= rules.MOST_ATTEMPTS)


@given(st.lists(st.sampled_from(list(CallOutcome)), max_size=8))
def test_attempts_in_a_row_end_where_somebody_was_reached(outcomes: list[CallOutcome]):
    count = rules.attempts_in_a_row(outcomes)

    assert all(one.attempt for one in outcomes[len(outcomes) - count :])
    assert count == len(outcomes) or not outcomes[-count - 1].attempt


def test_a_sign_of_danger_is_settled_the_same_day_and_anything_else_within_two_working_days():
    assert rules.issue_due(Urgency.DANGER, local("2026-05-08 09:00"), CHICAGO) == local("2026-05-08 17:00")
    assert rules.issue_due(Urgency.DANGER, local("2026-05-08 18:00"), CHICAGO) == local("2026-05-08 23:59")
    assert rules.issue_due(Urgency.DANGER, local("2026-05-08 23:59"), CHICAGO) == local("2026-05-09 00:59")
    assert rules.issue_due(Urgency.USUAL, local("2026-05-08 09:00"), CHICAGO) == local("2026-05-12 17:00")


def test_transition_case_management_covers_180_days_before_the_discharge():
    assert rules.transition_from(date(2026, 7, 2)) == date(2026, 1, 3)


def test_the_script_asks_about_what_was_taught_and_what_is_booked():
    asked = script([("k1", "Insulin", "sugar below 70")], [("b1", "Home health, Larkspur")])

    assert [one.key for one in asked] == [
        "well", "danger", "topic-k1", "have_medicines", "take_medicines", "appointment", "booked-b1", "questions",
    ]  # fmt: skip
    assert asked[2].urgency is Urgency.DANGER and "sugar below 70" in asked[2].ask
    assert "services" in [one.key for one in script((), ())]


@pytest.mark.parametrize(
    ("left", "came", "day"),
    [
        ("2026-03-01", "2026-03-01", 0), ("2026-03-01", "2026-03-31", 30), ("2026-03-01", "2026-04-01", None),
        ("2026-03-02", "2026-03-01", None),
    ],
)  # fmt: skip
def test_the_day_of_a_readmission_counts_from_the_day_of_discharge(left: str, came: str, day: int | None):
    assert judging.readmission_day(date.fromisoformat(left), date.fromisoformat(came)) == day


@given(st.lists(st.integers(1, 5), max_size=5))
def test_a_walk_through_a_judgement(points: list[int]):
    """Two that are near settle it, two that are apart ask a third; after that nobody judges."""
    stands, given_so_far = ReviewState.WAITING, []
    for one in points:
        try:
            stands = after(judging.LIFE, stands, judging.action(given_so_far, one), noun="judgement")
        except Refused:
            assert judging.state(given_so_far) is ReviewState.SETTLED
            break
        given_so_far.append(one)
        assert stands is judging.state(given_so_far)
    verdict = judging.verdict(given_so_far)
    assert (verdict is not None) == (stands is ReviewState.SETTLED)
    if verdict is not None:
        assert min(given_so_far) <= verdict <= max(given_so_far)


def test_kappa_of_a_table_counted_by_hand():
    """20 both yes, 5 first only, 10 second only, 15 both no: agreement 0.7, by chance 0.5, kappa 0.4."""
    pairs = [(5, 4)] * 20 + [(4, 1)] * 5 + [(2, 5)] * 10 + [(1, 2)] * 15

    found = judging.agreement(pairs)

    assert (found.pairs, found.same, found.near) == (50, 35, 35)
    assert found.kappa == pytest.approx(0.4)
    assert judging.agreement([]).kappa is None and judging.agreement([(5, 5)]).kappa is None
