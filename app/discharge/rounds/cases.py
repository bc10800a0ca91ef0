"""The weekly review of complex cases: putting a stay on the list, reviewing it, closing, taking a step back."""

import uuid
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from app.census.united import Subject, held_subject, with_former
from app.discharge.rounds import rules
from app.discharge.rounds.events import CaseReviewMoved
from app.discharge.rounds.models import CaseReview
from app.discharge.rounds.terms import CaseState, CaseStep
from app.kernel.days import instant_of
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.web.fields import Day, Name, Reason, Words, one_line

NOON = time(12, 0)
"""When on its day a review is due."""


class PutOnList(BaseModel):
    """By when a case is to be reviewed first; without a day within a week."""

    due_on: Day = None
    owner: Name = ""


class ReviewCase(BaseModel):
    """What a review found: who owns the case, what is in the way, what comes next, when it is looked at again."""

    owner: Name = ""
    barrier: Words = ""
    next_step: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(one_line)]
    due_on: Day = None
    note: Words = ""


class CloseCase(BaseModel):
    """Why a case needs no review any more."""

    reason: Reason


def put_on_list(work: Work, encounter_id: uuid.UUID, ask: PutOnList) -> CaseReview:
    """Put a stay on the list of complex cases."""
    stay = held_subject(work, encounter_id)
    _next(work, stay, CaseStep.PUT_ON)
    due = _due(work, stay, ask.due_on)
    return _store(work, stay, CaseReview(**_head(work, stay, CaseStep.PUT_ON), owner=ask.owner, due_at=due))


def review_case(work: Work, encounter_id: uuid.UUID, ask: ReviewCase) -> CaseReview:
    """Record a review with its next step; the next review is due in a week unless a day is said."""
    stay = held_subject(work, encounter_id)
    _next(work, stay, CaseStep.REVIEW)
    said = ask.model_dump(exclude={"due_on"})
    due = _due(work, stay, ask.due_on)
    return _store(work, stay, CaseReview(**_head(work, stay, CaseStep.REVIEW), **said, due_at=due))


def close_case(work: Work, encounter_id: uuid.UUID, ask: CloseCase) -> CaseReview:
    """Take a case off the list, with the reason."""
    stay = held_subject(work, encounter_id)
    _next(work, stay, CaseStep.CLOSE)
    return _store(work, stay, CaseReview(**_head(work, stay, CaseStep.CLOSE), note=ask.reason))


def take_case_back(work: Work, encounter_id: uuid.UUID) -> CaseState:
    """The last step was recorded by mistake; the case stands as before it. Refused when there is none."""
    stay = held_subject(work, encounter_id)
    found = standing_steps(work, stay.encounter_id)
    if not found:
        raise Refused("Nothing is recorded that could be taken back.")
    last = work.lock(CaseReview, found[-1][0])
    last.ended_at, last.ended_by = work.now, work.who.actor_id
    work.session.flush()
    _record(work, stay, CaseStep.TAKE_BACK)
    return rules.case_state(step for _, step in found[:-1])


def standing_steps(db: Reading, encounter_id: uuid.UUID) -> list[tuple[uuid.UUID, CaseStep]]:
    """The steps of a stay that stand, the earliest first, with their keys."""
    return db.rows(
        lambda key, step: (key, CaseStep(step)),
        "select id, step from case_review where encounter_id = any(%s) and ended_at is null order by made_at, id",
        (list(with_former(db, [encounter_id])),),
    )


def _next(work: Work, stay: Subject, step: CaseStep) -> CaseState:
    state = rules.case_state(one for _, one in standing_steps(work, stay.encounter_id))
    return after(rules.CASE_LIFE, state, step, noun="case")


def _due(work: Work, stay: Subject, on: date | None) -> datetime:
    today = stay.day(work.now)
    due = instant_of(on or rules.next_review(today), NOON, stay.zone)
    if on == today and due <= work.now:
        return instant_of(on, time(23, 59), stay.zone)
    if due <= work.now:
        raise Refused("This day is over. Write when the case is reviewed next.", field="due_on")
    return due


def _head(work: Work, stay: Subject, step: CaseStep) -> dict[str, Any]:
    return {
        "facility_id": stay.facility_id, "encounter_id": stay.encounter_id, "step": step.value, "made_at": work.now,
        "made_by": work.who.actor_id,
    }  # fmt: skip


def _store(work: Work, stay: Subject, row: CaseReview) -> CaseReview:
    made = work.add(row)
    _record(work, stay, CaseStep(made.step))
    return made


def _record(work: Work, stay: Subject, step: CaseStep) -> None:
    work.record(
        CaseReviewMoved(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id, step=step.value
        )
    )
    work.changed(stay.facility_id, stay.encounter_id)
