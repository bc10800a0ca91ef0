"""Recording an appeal to the QIO and what happens in it; striking a step out."""

import uuid
from datetime import datetime
from typing import Annotated

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.census.united import held_subject, subject
from app.kernel.entered import true_time
from app.kernel.refusal import Refused
from app.notices.appeals.models import Appeal, Step
from app.notices.appeals.rules import Happened, follows
from app.notices.appeals.terms import AppealKind, AppealStep, Favors
from app.notices.commands import Clock, Day, Name
from app.notices.events import AppealStepRecorded, AppealStepStruckOut
from app.platform.work import Reading, Work
from app.web.fields import empty_is_none

NOT_THERE = "There is no such appeal, or it lies outside what you may see."
Detail = Annotated[str, Field(max_length=300), AfterValidator(str.strip)]


class AskAppeal(BaseModel):
    """The patient, or somebody for them, asked the QIO. Without day and time it happened now."""

    kind: AppealKind = AppealKind.DISCHARGE
    on: Day = None
    at: Clock = None
    who: Name = "patient"
    discharge_on: Day = None
    detail: Detail = ""


class TakeStep(BaseModel):
    """Something happened in an appeal. Without day and time it happened now."""

    step: AppealStep
    on: Day = None
    at: Clock = None
    who: Name = ""
    favors: Annotated[Favors | None, BeforeValidator(empty_is_none)] = None
    detail: Detail = ""


class StrikeStep(BaseModel):
    """Why the last step should not have been recorded. `last` is the step that somebody saw as the last."""

    last: Annotated[uuid.UUID | None, BeforeValidator(empty_is_none)] = None
    reason: Annotated[str, Field(min_length=3, max_length=300), AfterValidator(str.strip)]


class StepRow(msgspec.Struct):
    """A step that stands."""

    id: uuid.UUID
    place: int
    step: str
    at: datetime
    favors: str

    @property
    def happened(self) -> Happened:
        """As the rules see it."""
        return Happened(AppealStep(self.step), self.at, Favors(self.favors) if self.favors else None)


def steps_of(db: Reading, appeal_id: uuid.UUID) -> list[StepRow]:
    """The steps of an appeal that stand, in order."""
    query = "select id, place, step, at, favors from qio_appeal_step where appeal_id = %s and ended_at is null"
    return db.rows(StepRow, f"{query} order by place", (appeal_id,))


def ask_appeal(work: Work, encounter_id: uuid.UUID, ask: AskAppeal) -> Appeal:
    """Open an appeal with the request. Refused for a time to come, and while another one of its kind is open."""
    stay = held_subject(work, encounter_id)
    encounter_id = stay.encounter_id
    at = true_time(ask.on, ask.at, work.now, stay.zone)
    if at > work.now:
        raise Refused("This time lies in the future. Write when the patient asked.", field="at")
    if _is_open(work, encounter_id, ask.kind):
        raise Refused("An appeal of this kind is open already. Record what happened there.", field="kind")
    left = work.value("select discharge_at from encounter where id = %s and status = 'discharged'", (encounter_id,))
    made = work.add(
        Appeal(
            encounter_id=encounter_id, facility_id=stay.facility_id, kind=ask.kind, discharge_on=ask.discharge_on,
            released_at=left, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _add(work, made, TakeStep(step=AppealStep.ASK, who=ask.who, detail=ask.detail), at, 1)
    return made


def take_step(work: Work, appeal_id: uuid.UUID, ask: TakeStep) -> Appeal:
    """Record what happened next in an appeal. Refused out of turn."""
    held = work.lock(Appeal, appeal_id, NOT_THERE)
    if held.ended_at is not None:
        raise Refused("This appeal was struck out.")
    stay = subject(work, held.encounter_id)
    at = true_time(ask.on, ask.at, work.now, stay.zone)
    stand = steps_of(work, appeal_id)
    follows([one.happened for one in stand], Happened(ask.step, at, ask.favors), work.now)
    last = work.value("select max(place) from qio_appeal_step where appeal_id = %s", (appeal_id,))
    _add(work, held, ask, at, last + 1)
    return held


def strike_last(work: Work, appeal_id: uuid.UUID, ask: StrikeStep) -> Appeal:
    """Strike the last step out; with the request itself the appeal ends. Its clocks follow.

    Refused when another step is the last one by now, so that two people never strike out two.
    """
    held = work.lock(Appeal, appeal_id, NOT_THERE)
    if held.ended_at is not None:
        raise Refused("This appeal was struck out already.")
    stay = subject(work, held.encounter_id)
    stand = steps_of(work, appeal_id)
    if ask.last not in (None, stand[-1].id):
        raise Refused("Another step is the last one by now. Reload the page and look again.")
    step = work.lock(Step, stand[-1].id, NOT_THERE)
    step.ended_at, step.ended_by, step.ended_reason = work.now, work.who.actor_id, ask.reason
    if len(stand) == 1:
        held.ended_at = work.now
    work.record(
        AppealStepStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=held.facility_id,
            appeal_id=appeal_id, step=step.step,
        )
    )  # fmt: skip
    work.changed(held.facility_id, stay.encounter_id)
    return held


def _is_open(work: Work, encounter_id: uuid.UUID, kind: AppealKind) -> bool:
    query = """
    select exists (select from qio_appeal a where a.encounter_id = %s and a.kind = %s and a.ended_at is null
      and not exists (select from qio_appeal_step s where s.appeal_id = a.id and s.ended_at is null
        and s.step in ('tell', 'withdraw')))
    """
    return bool(work.value(query, (encounter_id, kind.value)))


def _add(work: Work, held: Appeal, ask: TakeStep, at: datetime, place: int) -> None:
    stay = subject(work, held.encounter_id)
    work.add(
        Step(
            appeal_id=held.id, encounter_id=held.encounter_id, facility_id=held.facility_id, place=place, step=ask.step,
            at=at, who=ask.who, favors=ask.favors or "", detail=ask.detail, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        AppealStepRecorded(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=held.facility_id,
            appeal_id=held.id, step=ask.step.value, at=at,
        )
    )  # fmt: skip
    work.changed(held.facility_id, stay.encounter_id)
