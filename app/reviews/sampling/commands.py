"""Drawing samples of signed reviews, and reading a drawn review a second time. Rows are ended, never rewritten."""

import secrets
import uuid
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.census.united import subject, with_former
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.reviews.commands import Words
from app.reviews.sampling import queries, reading, rules
from app.reviews.sampling.events import (
    SampleDrawn,
    SampleShareSet,
    SampleStruckOut,
    SecondReadingGivenBack,
    SecondReadingSigned,
    SecondReadingStruckOut,
    SecondReadingTaken,
)
from app.reviews.sampling.models import (
    ReviewSample,
    SampledReview,
    SampleShare,
    SecondReading,
    SecondReadingClaim,
)
from app.reviews.sampling.queries import NO_SAMPLE, NOT_THERE, Period, Task
from app.reviews.sampling.rules import LIFE
from app.reviews.sampling.terms import ReadingAction, ReadingState
from app.reviews.terms import Outcome
from app.web.fields import empty_is_none

Percent = Annotated[int, Field(ge=1, le=100)]
BARRED = (
    "You have written a review of this stay, or looked at one since it was signed, so you cannot read it blind."
    " Leave it to a colleague."
)


class SetShare(BaseModel):
    """Per cent of signed reviews that are read twice."""

    percent: Percent


class DrawSample(BaseModel):
    """The local days on which the reviews were signed. Without a share that of the facility holds; without a seed one
    is made up and kept."""

    first_day: date
    last_day: date
    percent: Annotated[Percent | None, BeforeValidator(empty_is_none)] = None
    seed: Annotated[str, Field(max_length=40), AfterValidator(str.strip)] = ""


class StrikeOut(BaseModel):
    """Why it does not count."""

    reason: Annotated[str, Field(min_length=3, max_length=300), AfterValidator(str.strip)]


class WriteReading(BaseModel):
    """What the second reader found. Without an outcome it follows from the points; a licensed product needs one."""

    points: Annotated[list[str], Field(max_length=40)] = []
    values: dict[str, str] = {}
    moments: dict[str, str] = {}
    outcome: Annotated[Outcome | None, BeforeValidator(empty_is_none)] = None
    reason: Words = ""


# --- samples ----------------------------------------------------------------------------------------------------------


def set_share(work: Work, facility_id: int, ask: SetShare) -> None:
    """Set the share of the facility; the former one is ended."""
    _alone(work, facility_id)
    if _share_ended(work, facility_id, ask.percent):
        _share_begun(work, facility_id, ask.percent)


def undo_share(work: Work, facility_id: int) -> int:
    """Set the share back to the one before, or to the usual one where there was none; tells which it is."""
    _alone(work, facility_id)
    query = "select percent from sample_share where facility_id = %s and ended_at is not null order by ended_at desc"
    former = work.value(query, (facility_id,))
    percent = int(former) if former is not None else rules.DEFAULT_SHARE
    if _share_ended(work, facility_id, percent):
        _share_begun(work, facility_id, percent)
    return percent


def _share_ended(work: Work, facility_id: int, percent: int) -> bool:
    """End the share that holds; False where it is this one already."""
    key = work.value("select id from sample_share where facility_id = %s and ended_at is null", (facility_id,))
    if key is None:
        return True
    held = work.lock(SampleShare, key)
    if held.percent == percent:
        return False
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.session.flush()
    return True


def _share_begun(work: Work, facility_id: int, percent: int) -> None:
    work.add(SampleShare(facility_id=facility_id, percent=percent, made_at=work.now, made_by=work.who.actor_id))
    work.record(SampleShareSet(facility_id=facility_id, percent=percent))


def draw_sample(work: Work, facility_id: int, ask: DrawSample) -> ReviewSample:
    """Draw the share of the reviews signed in a period that no other sample holds. Refused where there is none."""
    _alone(work, facility_id)
    zone = ZoneInfo(work.value("select timezone from facility where id = %s", (facility_id,)) or "UTC")
    if ask.last_day < ask.first_day:
        raise Refused("The last day lies before the first one.", field="last_day")
    if ask.first_day > work.today(zone.key):
        raise Refused("No review of these days can be signed yet.", field="first_day")
    found = queries.frame(work, facility_id, Period(ask.first_day, ask.last_day, work.now))
    if not found:
        raise Refused("No review signed on these days is left to draw from. Choose other days.", field="first_day")
    made = ReviewSample(
        facility_id=facility_id, first_day=ask.first_day, last_day=ask.last_day,
        percent=ask.percent or queries.share_of(work, facility_id), seed=ask.seed or secrets.token_hex(4),
        eligible=len(found), made_at=work.now, made_by=work.who.actor_id,
    )  # fmt: skip
    work.add(made)
    taken = set(rules.draw((one.review_id for one in found), made.percent, made.seed))
    for one in found:
        if one.review_id in taken:
            work.add(
                SampledReview(sample_id=made.id, encounter_id=one.encounter_id, facility_id=facility_id,
                              review_id=one.review_id, version_id=one.version_id, made_at=work.now)
            )  # fmt: skip
    work.record(
        SampleDrawn(facility_id=facility_id, sample_id=made.id, first_day=made.first_day, last_day=made.last_day,
                    percent=made.percent, seed=made.seed, eligible=made.eligible, drawn=len(taken))
    )  # fmt: skip
    return made


def strike_sample(work: Work, sample_id: uuid.UUID, ask: StrikeOut) -> ReviewSample:
    """Strike a draw out with all its second readings; its reviews can be drawn again."""
    held = work.lock(ReviewSample, sample_id, NO_SAMPLE)
    if held.ended_at is not None:
        raise Refused("This sample is struck out already.")
    for one in queries.tasks_of_sample(work, sample_id):
        if one.state is ReadingState.TAKEN:
            _end_claim(work, one, "withdrawn")
    held.ended_at, held.ended_by, held.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(SampleStruckOut(facility_id=held.facility_id, sample_id=held.id))
    return held


def _alone(work: Work, facility_id: int) -> None:
    """Two draws at once would take the same reviews."""
    work.connection.execute("select pg_advisory_xact_lock(hashtext('reviews.sampling'), %s)", (facility_id,))


# --- second readings --------------------------------------------------------------------------------------------------


def take(work: Work, sampled_id: uuid.UUID) -> Task:
    """Begin to read a drawn review. Refused for who knows the first reading."""
    held = _held(work, sampled_id, ReadingAction.TAKE)
    if held.barred or _wrote_for(work, held):
        raise Refused(BARRED)
    work.add(SecondReadingClaim(sampled_id=held.id, taken_at=work.now, taken_by=work.who.actor_id, **_of_stay(held)))
    work.record(SecondReadingTaken(sampled_id=held.id, **_named(held)))
    return held


def give_back(work: Work, sampled_id: uuid.UUID, *, of_anyone: bool = False) -> Task:
    """Leave a reading to somebody else; with `of_anyone` also one that a colleague has."""
    held = _held(work, sampled_id, ReadingAction.GIVE_BACK)
    if not of_anyone:
        _own(work, held)
    _end_claim(work, held, "given_back")
    work.record(SecondReadingGivenBack(sampled_id=held.id, **_named(held)))
    return held


def sign_reading(work: Work, sampled_id: uuid.UUID, ask: WriteReading) -> SecondReading:
    """Sign what one found. Refused, with the field, for what contradicts itself or says too little."""
    held = _held(work, sampled_id, ReadingAction.SIGN)
    _own(work, held)
    found = reading.judge(work, held, ask)
    assert held.taken_at is not None
    _end_claim(work, held, "signed")
    made = work.add(
        SecondReading(
            sampled_id=held.id, answers=found.answers, met=list(found.met), qualifies=found.qualifies,
            outcome=found.outcome.value, reason=ask.reason, started_at=held.taken_at, made_at=work.now,
            made_by=work.who.actor_id, **_of_stay(held),
        )
    )  # fmt: skip
    work.record(SecondReadingSigned(sampled_id=held.id, reading_id=made.id, **_named(held)))
    return made


def strike_reading(work: Work, sampled_id: uuid.UUID, ask: StrikeOut) -> Task:
    """Say that a second reading does not count; somebody who has not read it reads it again."""
    held = _held(work, sampled_id, ReadingAction.STRIKE_OUT)
    row = work.lock(SecondReading, held.reading_id, NOT_THERE)
    row.ended_at, row.ended_by, row.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(SecondReadingStruckOut(sampled_id=held.id, reading_id=row.id, **_named(held)))
    return held


def _held(work: Work, sampled_id: uuid.UUID, action: ReadingAction) -> Task:
    """The drawn review, with its draw locked: of two people who take it the second sees what the first did."""
    key = work.value("select sample_id from sampled_review where id = %s", (sampled_id,))
    if key is None:
        raise NotFound(NOT_THERE)
    work.lock(ReviewSample, key, NO_SAMPLE)
    held = queries.task(work, sampled_id)
    after(LIFE, held.state, action, noun="reading")
    return held


def _own(work: Work, held: Task) -> None:
    if held.taken_by != work.who.actor_id:
        raise Refused("A colleague reads this review. Choose another one from the list.")


def _wrote_for(work: Work, held: Task) -> bool:
    """Whether the person wrote a review for any part of the stay, also where it became one only later."""
    whole = subject(work, held.encounter_id)
    query = "select exists (select from review where encounter_id = any(%s) and %s in (signed_by, made_by))"
    return bool(work.value(query, (list(with_former(work, [whole.encounter_id])), work.who.actor_id)))


def _end_claim(work: Work, held: Task, because: str) -> None:
    key = work.value("select id from second_reading_claim where sampled_id = %s and ended_at is null", (held.id,))
    row = work.lock(SecondReadingClaim, key, NOT_THERE)
    row.ended_at, row.ended_by, row.ended_because = work.now, work.who.actor_id, because
    work.session.flush()


def _of_stay(held: Task) -> dict[str, Any]:
    return {"facility_id": held.facility_id, "encounter_id": held.encounter_id}


def _named(held: Task) -> dict[str, Any]:
    return _of_stay(held) | {"patient_id": held.patient_id}
