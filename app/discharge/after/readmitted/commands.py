"""Asking a readmitted patient why, and judging how preventable it was. Records are ended, never rewritten."""

import uuid
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, model_validator

from app.census.united import Subject, held_subject
from app.discharge.after.events import ReadmissionInterviewed, ReadmissionJudged
from app.discharge.after.models import ReadmissionInterview, ReadmissionRating
from app.discharge.after.readmitted import queries, rules
from app.discharge.after.readmitted.terms import AnsweredBy, ComeBackReason, Planned
from app.discharge.after.versions import NOT_THERE, about
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.web.fields import Clock, Day, Words, one_line, past_instant


class WriteInterview(BaseModel):
    """What was asked and answered. Without day and time it took place now."""

    on: Day = None
    at: Clock = None
    answered_by: AnsweredBy
    planned: Planned = Planned.UNKNOWN
    reasons: list[ComeBackReason] = Field(default_factory=list)
    in_own_words: Words = ""
    could_have_helped: Words = ""
    because: Annotated[str, Field(max_length=300), AfterValidator(one_line)] = ""

    @model_validator(mode="after")
    def _says_something(self) -> "WriteInterview":
        if not self.reasons and not self.in_own_words:
            raise ValueError("Choose a reason, or write what was said.")
        return self


class GiveRating(BaseModel):
    """How preventable somebody holds a readmission, from 1 to 5, and why."""

    preventable: Annotated[int, Field(ge=1, le=5)]
    reasons: list[ComeBackReason] = Field(default_factory=list)
    said: Words = ""


def write_interview(work: Work, encounter_id: uuid.UUID, ask: WriteInterview) -> ReadmissionInterview:
    """Record the interview, or another version in its place, which needs a reason."""
    stay, earlier = _readmission(work, encounter_id)
    before = _standing_interview(work, stay)
    if before is not None and before.state == "recorded" and len(ask.because) < 3:
        raise Refused("Write why the interview is corrected.", field="because")
    at = past_instant(ask.on, ask.at, work.now, stay.zone, before.at if before and ask.because else None)
    if at < earlier.came_at:
        raise Refused("This time lies before the patient came back.", field="on")
    _end(work, before)
    made = work.add(
        ReadmissionInterview(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, earlier_id=earlier.earlier_id, at=at,
            answered_by=ask.answered_by.value, planned=ask.planned.value,
            reasons=[one.value for one in ask.reasons], in_own_words=ask.in_own_words,
            could_have_helped=ask.could_have_helped, state="recorded", because=ask.because, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    return _asked(work, stay, made)


def strike_interview(work: Work, encounter_id: uuid.UUID, reason: str) -> ReadmissionInterview:
    """Say that it was recorded by mistake; it stays readable."""
    stay = held_subject(work, encounter_id)
    before = _standing_interview(work, stay)
    if before is None or before.state != "recorded":
        raise NotFound(NOT_THERE)
    said = before.model_dump(exclude={"id", "made_at", "made_by", "ended_at", "ended_by"})
    _end(work, before)
    made = work.add(
        ReadmissionInterview(
            **said | {"state": "struck_out", "because": reason}, made_at=work.now, made_by=work.who.actor_id
        )
    )
    return _asked(work, stay, made)


def give_rating(work: Work, encounter_id: uuid.UUID, ask: GiveRating) -> ReadmissionRating:
    """Give a judgement. Refused for a second one of the same person, and when the judgement is settled."""
    stay, earlier = _readmission(work, encounter_id)
    given = queries.ratings_of(work, stay.encounter_id)
    if any(one.rater_id == work.who.actor_id for one in given):
        raise Refused("You have judged this readmission. Another person gives the next judgement.",
                      field="preventable")  # fmt: skip
    points = [one.preventable for one in given]
    after(rules.LIFE, rules.state(points), rules.action(points, ask.preventable), noun="judgement")
    made = work.add(
        ReadmissionRating(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, earlier_id=earlier.earlier_id,
            rater_id=work.who.actor_id, preventable=ask.preventable, reasons=[one.value for one in ask.reasons],
            said=ask.said, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    return _judged(work, stay, made, standing=True)


def take_rating_back(work: Work, rating_id: uuid.UUID) -> ReadmissionRating:
    """Take the own judgement back while it is the only one; afterwards it would not be blind any more."""
    held = work.lock(ReadmissionRating, rating_id, NOT_THERE)
    stay = held_subject(work, held.encounter_id)
    if held.ended_at is not None or held.rater_id != work.who.actor_id:
        raise NotFound(NOT_THERE)
    points = [one.preventable for one in queries.ratings_of(work, stay.encounter_id)]
    after(rules.LIFE, rules.state(points), rules.ReviewAction.TAKE_BACK, noun="judgement")
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    return _judged(work, stay, held, standing=False)


def _readmission(work: Work, encounter_id: uuid.UUID) -> tuple[Subject, queries.Earlier]:
    stay = held_subject(work, encounter_id)
    earlier = queries.earlier_stays(work, [stay.encounter_id]).get(stay.encounter_id)
    if earlier is None:
        raise Refused("This stay follows no discharge of the last thirty days.")
    return stay, earlier


def _standing_interview(work: Work, stay: Subject) -> ReadmissionInterview | None:
    standing = [one for one in queries.interviews_of(work, [stay.encounter_id]) if one.ended_at is None]
    return work.lock(ReadmissionInterview, standing[-1].id) if standing else None


def _end(work: Work, before: ReadmissionInterview | None) -> None:
    if before is not None:
        before.ended_at, before.ended_by = work.now, work.who.actor_id
        work.session.flush()


def _asked(work: Work, stay: Subject, made: ReadmissionInterview) -> ReadmissionInterview:
    said: dict[str, Any] = {"earlier_id": made.earlier_id, "standing": made.state == "recorded"}
    work.record(ReadmissionInterviewed(**about(stay), **said))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _judged(work: Work, stay: Subject, made: ReadmissionRating, *, standing: bool) -> ReadmissionRating:
    work.session.flush()
    work.record(ReadmissionJudged(**about(stay), earlier_id=made.earlier_id, standing=standing))
    work.changed(stay.facility_id, stay.encounter_id)
    return made
