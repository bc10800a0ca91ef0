"""The life cycle of a review, what each outcome has to say, which day each review covers, what was carried over. Pure.

Whether a review is owed, and by when, is computed by the clocks. Whether points are met is said by the criteria.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from app.kernel.days import ONE_DAY, days_between
from app.kernel.refusal import Refused
from app.reviews.criteria.terms import ReviewKind
from app.reviews.terms import DayResult, LevelOfCare, Outcome, Override, ReviewAction, ReviewState

_S, _A = ReviewState, ReviewAction
LIFE: dict[tuple[ReviewState, ReviewAction], ReviewState] = {
    (_S.NOT_BEGUN, _A.OPEN): _S.DRAFT,
    (_S.NOT_BEGUN, _A.SIGN): _S.SIGNED,
    (_S.DRAFT, _A.OPEN): _S.DRAFT,
    (_S.DRAFT, _A.SAVE): _S.DRAFT,
    (_S.DRAFT, _A.SIGN): _S.SIGNED,
    (_S.DRAFT, _A.DISCARD): _S.DISCARDED,
    (_S.SIGNED, _A.AMEND): _S.AMENDED,
    (_S.SIGNED, _A.REFER): _S.SIGNED,
    (_S.SIGNED, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.AMENDED, _A.AMEND): _S.AMENDED,
    (_S.AMENDED, _A.REFER): _S.AMENDED,
    (_S.AMENDED, _A.STRIKE_OUT): _S.STRUCK_OUT,
}
STANDING = frozenset({_S.SIGNED, _S.AMENDED})
_BREAK = re.compile(r"\n[ \t]*\n\s*")


def name_of(kind: ReviewKind) -> str:
    """What staff call such a review: `Continued-stay review`."""
    return f"{kind.label.replace(' ', '-')} review"


# --- which review, of which day ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StayNow:
    """What decides which review fits: days are local. `watched` says that the patient is in observation now."""

    began: date | None  # first day of observation or inpatient care
    ordered: date | None  # day of the inpatient order in force
    ended: date | None  # day of the departure
    today: date
    watched: bool = False
    expected: bool = False  # announced, not here yet


def kind_next(stay: StayNow, made: Iterable[ReviewKind]) -> ReviewKind:
    """The review that comes next for a stay for which these were signed."""
    if stay.ended is not None:
        return ReviewKind.RETROSPECTIVE
    if stay.expected:
        return ReviewKind.PRE_ADMISSION
    if stay.watched:
        return ReviewKind.OBSERVATION
    return ReviewKind.CONTINUED_STAY if ReviewKind.ADMISSION in set(made) else ReviewKind.ADMISSION


def day_next(kind: ReviewKind, stay: StayNow, open_days: Sequence[date]) -> date:
    """The day that such a review is about unless somebody says otherwise."""
    if kind is ReviewKind.ADMISSION:
        return stay.ordered or stay.began or stay.today
    if kind is ReviewKind.RETROSPECTIVE:
        return open_days[0] if open_days else (stay.began or stay.today)
    return stay.today


def check_day(kind: ReviewKind, day: date, stay: StayNow) -> None:
    """Refused for a day, or a kind of review, that does not fit the stay."""
    if day > stay.today and kind is not ReviewKind.PRE_ADMISSION:
        raise Refused("This day lies in the future. Review a day that has begun.", field="for_day")
    if kind is ReviewKind.RETROSPECTIVE and stay.ended is None:
        raise Refused("The patient is still here. Choose a continued-stay review.", field="kind")
    if stay.ended is not None and kind is not ReviewKind.RETROSPECTIVE:
        raise Refused("The patient has left. Choose a retrospective review.", field="kind")
    if kind is ReviewKind.PRE_ADMISSION:
        return
    if stay.began is not None and day < stay.began:
        raise Refused("This day lies before the stay. Choose a day of the stay.", field="for_day")
    if stay.ended is not None and day > stay.ended:
        raise Refused("The patient had left by then. Choose a day of the stay.", field="for_day")


# --- what an outcome has to say ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a reviewer says about the outcome."""

    outcome: Outcome
    override: Override = Override.NONE
    override_reason: str = ""
    reason: str = ""
    level: LevelOfCare | None = None
    recommended_level: LevelOfCare | None = None
    exemption: str = ""
    refer: bool = False
    question: str = ""
    awaited: str = ""
    awaited_from: str = ""


def override_of(outcome: Outcome, *, by_points: bool) -> Override:
    """Whether the outcome is another one than the points give. Pending information overrides nothing."""
    if outcome is Outcome.MET and not by_points:
        return Override.TO_APPROPRIATE
    if outcome is Outcome.NOT_MET and by_points:
        return Override.TO_INAPPROPRIATE
    return Override.NONE


def check(said: Finding, exemptions: Iterable[str]) -> None:
    """Refused, with the field, for an outcome that lacks what it needs.

    A not met review goes to a physician, or names a policy of the hospital by which it need not: 42 CFR 482.30(d).
    """
    if said.override is not Override.NONE and not said.override_reason:
        raise Refused("The points say otherwise. Write why you decide against them.", field="override_reason")
    if said.outcome is Outcome.NOT_MET:
        _check_not_met(said, frozenset(exemptions))
    if said.outcome is Outcome.PENDING:
        if not said.awaited:
            raise Refused("Write which information is awaited.", field="awaited")
        if not said.awaited_from:
            raise Refused("Write from whom the information is awaited.", field="awaited_from")


def _check_not_met(said: Finding, exemptions: frozenset[str]) -> None:
    if not said.reason:
        raise Refused("Write why the criteria are not met.", field="reason")
    if said.level is None:
        raise Refused("Choose the level of care that the patient has now.", field="level")
    if said.recommended_level is None:
        raise Refused("Choose the level of care that would be enough.", field="recommended_level")
    if said.exemption and said.exemption not in exemptions:
        raise Refused("This policy is not on the list of the facility. Choose one of the list.", field="exemption")


def goes_to_physician(said: Finding) -> bool:
    """Whether the review is referred: not met without a policy that exempts it, or because the reviewer asks."""
    return said.refer or (said.outcome is Outcome.NOT_MET and not said.exemption)


def question_of(said: Finding, kind: ReviewKind, for_day: date) -> str:
    """The question to the physician: the reviewer's own, else the usual one in one sentence."""
    if said.question:
        return said.question
    name = f"{name_of(kind)} of {for_day:%a %-d %b}"
    if said.recommended_level is not None and said.level is not None and said.outcome is Outcome.NOT_MET:
        return f"{name} not met: is {_inside(said.level)} care needed, or is {_inside(said.recommended_level)} enough?"
    return f"{name}: is this level of care needed?"


def _inside(level: LevelOfCare) -> str:
    """A level of care inside a sentence."""
    return level.label[0].lower() + level.label[1:].removesuffix(" care")


# --- days -------------------------------------------------------------------------------------------------------------


class Reviewed(msgspec.Struct, frozen=True):
    """A review that stands, as days see it. `next_on` is the day of the next review that it set."""

    review_id: uuid.UUID
    for_day: date
    outcome: Outcome
    signed_at: datetime
    next_on: date | None = None


class ReviewedDay(msgspec.Struct, frozen=True):
    """One day of a stay with what reviews say of it. `own` is False where an earlier review reaches this day."""

    day: date
    result: DayResult
    review_id: uuid.UUID | None = None
    own: bool = True


_LETTERS = {Outcome.MET: DayResult.MET, Outcome.NOT_MET: DayResult.NOT_MET, Outcome.PENDING: DayResult.PENDING}


def stay_days(began: date, ended: date | None, today: date) -> list[date]:
    """The patient days of a stay so far, by their dates: the day of departure is none, in and out on one day is one."""
    last = today if ended is None else max(began, ended - ONE_DAY)
    return list(days_between(began, last))


def day_results(days: Sequence[date], reviews: Iterable[Reviewed]) -> list[ReviewedDay]:
    """What the reviews that stand say of each of these days.

    A review covers its own day; of two of one day the one signed last speaks. A review that is met also reaches the
    days before the next review that it set, and ends where a later one begins: the payer's cadence asks for no review
    of each single day.
    """
    latest: dict[date, Reviewed] = {}
    for one in sorted(reviews, key=lambda one: (one.signed_at, str(one.review_id))):
        latest[one.for_day] = one
    found: list[ReviewedDay] = []
    ordered = sorted(latest)
    for day in days:
        if (own := latest.get(day)) is not None:
            found.append(ReviewedDay(day, _LETTERS[own.outcome], own.review_id))
            continue
        before = max((one for one in ordered if one < day), default=None)
        reach = latest[before] if before is not None else None
        if reach is not None and reach.outcome is Outcome.MET and reach.next_on is not None and day < reach.next_on:
            found.append(ReviewedDay(day, DayResult.MET, reach.review_id, own=False))
        else:
            found.append(ReviewedDay(day, DayResult.NONE))
    return found


def days_open(results: Iterable[ReviewedDay]) -> list[date]:
    """The days that no review covers."""
    return [one.day for one in results if one.result is DayResult.NONE]


# --- the summary ------------------------------------------------------------------------------------------------------


class Paragraph(msgspec.Struct, frozen=True):
    """A part of the summary. `carried` says that it stood in the review before and was not touched."""

    text: str
    carried: bool = False


def paragraphs(texts: Iterable[str], before: Iterable[Paragraph]) -> list[Paragraph]:
    """The parts of a summary, apart at empty lines; those that stood in the last review are marked as carried."""
    known = {_bare(one.text) for one in before}
    parts = [part.strip() for text in texts for part in _BREAK.split(text.replace("\r\n", "\n"))]
    return [Paragraph(part, _bare(part) in known) for part in parts if part]


def _bare(text: str) -> str:
    """Words alone: another line break is no other text."""
    return " ".join(text.split())
