"""The pure rules of reviews: the life cycle, which review comes next, what an outcome needs, which day is covered."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.kernel import transitions
from app.kernel.refusal import Refused
from app.reviews.criteria.terms import ReviewKind
from app.reviews.rules import (
    LIFE,
    STANDING,
    Finding,
    Paragraph,
    Reviewed,
    StayNow,
    check,
    day_next,
    day_results,
    days_open,
    goes_to_physician,
    kind_next,
    override_of,
    paragraphs,
    stay_days,
)
from app.reviews.terms import DayResult, LevelOfCare, Outcome, Override, ReviewAction, ReviewState

FIRST = date(2026, 3, 1)
HERE = StayNow(began=FIRST, ordered=FIRST, ended=None, today=date(2026, 3, 5))
NOT_MET = Finding(outcome=Outcome.NOT_MET, reason="Only tablets", level=LevelOfCare.ACUTE,
                  recommended_level=LevelOfCare.SKILLED_NURSING)  # fmt: skip


# --- life cycle -------------------------------------------------------------------------------------------------------


def test_every_state_is_reached_and_final_ones_are_known():
    assert transitions.unreachable(LIFE, ReviewState.NOT_BEGUN) == []
    assert set(transitions.finals(LIFE)) == {ReviewState.STRUCK_OUT, ReviewState.DISCARDED}


class Reviewing(RuleBasedStateMachine):
    """Any order of deeds: each is in the table or refused, and what was signed never becomes a draft again."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ReviewState.NOT_BEGUN
        self.was_signed = False

    @rule(action=st.sampled_from(list(ReviewAction)))
    def act(self, action: ReviewAction) -> None:
        if (self.state, action) not in LIFE:
            with pytest.raises(Refused):
                transitions.after(LIFE, self.state, action, noun="review")
            return
        self.state = transitions.after(LIFE, self.state, action, noun="review")
        self.was_signed = self.was_signed or self.state in STANDING

    @invariant()
    def a_signed_review_stands_or_is_struck_out(self) -> None:
        assert not self.was_signed or self.state in {*STANDING, ReviewState.STRUCK_OUT}


TestReviewing = Reviewing.TestCase


# --- which review comes next ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stay", "made", "kind"),
    [
        (HERE, [], ReviewKind.ADMISSION),
        (HERE, [ReviewKind.OBSERVATION], ReviewKind.ADMISSION),
        (HERE, [ReviewKind.ADMISSION], ReviewKind.CONTINUED_STAY),
        (StayNow(FIRST, None, None, HERE.today, watched=True), [ReviewKind.OBSERVATION], ReviewKind.OBSERVATION),
        (StayNow(FIRST, FIRST, HERE.today, HERE.today), [ReviewKind.ADMISSION], ReviewKind.RETROSPECTIVE),
        (StayNow(None, None, None, HERE.today, expected=True), [], ReviewKind.PRE_ADMISSION),
    ],
)
def test_the_review_that_comes_next(stay: StayNow, made: list[ReviewKind], kind: ReviewKind):
    assert kind_next(stay, made) is kind


def test_the_day_that_a_review_is_about():
    assert day_next(ReviewKind.ADMISSION, HERE, []) == FIRST
    assert day_next(ReviewKind.CONTINUED_STAY, HERE, [FIRST]) == HERE.today
    assert day_next(ReviewKind.RETROSPECTIVE, HERE, [date(2026, 3, 3)]) == date(2026, 3, 3)


# --- outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "by_points", "override"),
    [
        (Outcome.MET, True, Override.NONE),
        (Outcome.MET, False, Override.TO_APPROPRIATE),
        (Outcome.NOT_MET, True, Override.TO_INAPPROPRIATE),
        (Outcome.NOT_MET, False, Override.NONE),
        (Outcome.PENDING, True, Override.NONE),
        (Outcome.PENDING, False, Override.NONE),
    ],
)
def test_an_outcome_against_the_points_is_an_override(outcome: Outcome, by_points: bool, override: Override):
    assert override_of(outcome, by_points=by_points) is override


def test_a_nurse_never_ends_a_case_as_not_necessary():
    check(NOT_MET, [])
    assert goes_to_physician(NOT_MET)
    exempt = Finding(outcome=Outcome.NOT_MET, reason="x", level=LevelOfCare.ACUTE, recommended_level=LevelOfCare.HOME,
                     exemption="inpatient_only")  # fmt: skip
    check(exempt, ["inpatient_only"])
    assert not goes_to_physician(exempt)
    assert goes_to_physician(Finding(outcome=Outcome.MET, refer=True))


# --- days -------------------------------------------------------------------------------------------------------------


def reviewed(day: int, outcome: Outcome, next_on: int | None = None, minute: int = 0) -> Reviewed:
    at = datetime(2026, 3, 20, 12, 0, tzinfo=UTC) + timedelta(minutes=minute)
    after = date(2026, 3, next_on) if next_on else None
    return Reviewed(uuid.uuid4(), date(2026, 3, day), outcome, at, after)


def letters(days: int, *reviews: Reviewed) -> str:
    whole = [FIRST + timedelta(days=offset) for offset in range(days)]
    return "".join(one.result.value for one in day_results(whole, reviews))


MET, NOT, PENDING = Outcome.MET, Outcome.NOT_MET, Outcome.PENDING


@pytest.mark.parametrize(
    ("reviews", "said"),
    [
        ([], "?????"),
        ([reviewed(1, MET)], "M????"),
        ([reviewed(1, MET, 3)], "MM???"),
        ([reviewed(1, MET, 9)], "MMMMM"),
        ([reviewed(1, NOT, 4)], "N????"),
        ([reviewed(2, PENDING, 4)], "?P???"),
        ([reviewed(1, MET, 9), reviewed(3, NOT, 9, minute=1)], "MMN??"),
        ([reviewed(1, MET, 3), reviewed(3, MET, 5, minute=1)], "MMMM?"),
        ([reviewed(2, NOT, minute=5), reviewed(2, MET, minute=1)], "?N???"),
        ([reviewed(2, NOT, minute=1), reviewed(2, MET, 4, minute=5)], "?MM??"),
    ],
)
def test_what_reviews_say_of_each_day(reviews: list[Reviewed], said: str):
    assert letters(5, *reviews) == said


@given(
    st.lists(
        st.builds(
            reviewed, st.integers(1, 9), st.sampled_from(list(Outcome)), st.integers(1, 20), minute=st.integers(0, 99)
        ),
        max_size=6,
    )
)
def test_every_day_has_one_result_and_own_days_say_what_was_signed_last(reviews: list[Reviewed]):
    days = stay_days(FIRST, date(2026, 3, 10), date(2026, 3, 20))
    found = day_results(days, reviews)

    assert [one.day for one in found] == days
    assert set(days_open(found)) == {one.day for one in found if one.result is DayResult.NONE}
    for one in found:
        own = [each for each in reviews if each.for_day == one.day]
        assert bool(own) == (one.own and one.review_id is not None)
        if own:
            last = max(own, key=lambda each: (each.signed_at, str(each.review_id)))
            assert one.review_id == last.review_id


@pytest.mark.parametrize(
    ("began", "ended", "today", "count"),
    [
        (FIRST, None, FIRST, 1),
        (FIRST, FIRST, FIRST, 1),
        (FIRST, date(2026, 3, 3), date(2026, 3, 9), 2),
        (date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 9), 3),
    ],
)
def test_the_day_of_departure_is_none_and_one_day_is_one(began: date, ended: date | None, today: date, count: int):
    assert len(stay_days(began, ended, today)) == count


# --- the summary ------------------------------------------------------------------------------------------------------


def test_parts_stand_apart_at_empty_lines_and_keep_whether_they_were_touched():
    before = [Paragraph("Lives alone."), Paragraph("Fever at night.")]

    found = paragraphs(["Fever gone.\r\n\r\nLives\nalone.", "  ", "Fever at night!"], before)

    assert found == [
        Paragraph("Fever gone."), Paragraph("Lives\nalone.", carried=True), Paragraph("Fever at night!"),
    ]  # fmt: skip
