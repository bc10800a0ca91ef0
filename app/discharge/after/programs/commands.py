"""Handing a patient over to a program of the community: choosing it, telling it, its answer, the warm hand-off."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from app.census.united import Subject, held_subject
from app.discharge.after import rules
from app.discharge.after.events import ProgramHandoffMoved
from app.discharge.after.models import ProgramHandoff
from app.discharge.after.terms import ProgramAction, ProgramKind, ProgramState
from app.discharge.after.versions import about, follow, held
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.web.fields import Clock, Day, Name, Words, one_line, past_instant

NEEDS_WORDS = frozenset({ProgramAction.DECLINE, ProgramAction.WITHDRAW, ProgramAction.STRIKE_OUT})
_TIMES = {
    ProgramAction.TELL: "told_at", ProgramAction.ACCEPT: "answered_at", ProgramAction.DECLINE: "answered_at",
    ProgramAction.MEET: "met_at",
}  # fmt: skip


class ChooseProgram(BaseModel):
    """The program, who leads there, and the patient's consent: by whom, and on which day it was given."""

    kind: ProgramKind
    program: Annotated[str, Field(min_length=2, max_length=120), AfterValidator(one_line)]
    member_number: Name = ""
    lead_name: Name = ""
    lead_phone: Name = ""
    consent_by: Name = ""
    consent_on: Day = None
    consent_clock: Clock = None
    documents: Words = ""


class StepProgram(BaseModel):
    """A step of the hand-off. Without day and time it took place now."""

    action: ProgramAction
    on: Day = None
    at: Clock = None
    note: Annotated[str, Field(max_length=300), AfterValidator(one_line)] = ""


def choose_program(work: Work, encounter_id: uuid.UUID, ask: ChooseProgram) -> ProgramHandoff:
    """Begin a hand-off; from now on the program is to be told."""
    stay = held_subject(work, encounter_id)
    state = after(rules.PROGRAM_LIFE, ProgramState.UNCHOSEN, ProgramAction.CHOOSE, noun="hand-off")
    made = work.add(
        ProgramHandoff(
            facility_id=stay.facility_id, handoff_id=uuid.uuid4(), encounter_id=stay.encounter_id,
            chosen_at=work.now, state=state.value, made_at=work.now, made_by=work.who.actor_id,
            **_said(work, stay, ask, None),
        )
    )  # fmt: skip
    return _moved(work, stay, made, ProgramAction.CHOOSE)


def amend_program(work: Work, handoff_id: uuid.UUID, ask: ChooseProgram) -> ProgramHandoff:
    """Correct names, numbers, consent and documents; where it stands stays as it is."""
    stay, before = held(work, ProgramHandoff, handoff_id)
    state = after(rules.PROGRAM_LIFE, ProgramState(before.state), ProgramAction.AMEND, noun="hand-off")
    said = _said(work, stay, ask, before)
    if all(getattr(before, name) == value for name, value in said.items()):
        raise Refused("Nothing is different from what stands.", field="program")
    return _moved(work, stay, follow(work, before, **said, state=state.value), ProgramAction.AMEND)


def step_program(work: Work, handoff_id: uuid.UUID, ask: StepProgram) -> ProgramHandoff:
    """A step of its life. Nothing is told to a program before the patient has consented."""
    stay, before = held(work, ProgramHandoff, handoff_id)
    state = after(rules.PROGRAM_LIFE, ProgramState(before.state), ask.action, noun="hand-off")
    if ask.action in NEEDS_WORDS and len(ask.note) < 3:
        raise Refused("Write why.", field="note")
    if ask.action is ProgramAction.TELL and before.consent_at is None:
        raise Refused("Record the patient's consent first: a program outside the hospital is told.", field="on")
    changes: dict[str, Any] = {"state": state.value, "note": ask.note}
    if ask.action in _TIMES:
        at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
        if at < (earliest := _earliest(ask.action, before)):
            local = earliest.astimezone(stay.zone)
            raise Refused(f"This time lies before {local:%-d %b %H:%M}, the step before it.", field="on")
        changes[_TIMES[ask.action]] = at
    if ask.action is ProgramAction.TELL:
        changes["answered_at"] = None
    return _moved(work, stay, follow(work, before, **changes), ask.action)


def _earliest(action: ProgramAction, before: ProgramHandoff) -> datetime:
    if action is ProgramAction.TELL:
        return before.consent_at or before.chosen_at
    told = before.told_at or before.chosen_at
    return (before.answered_at or told) if action is ProgramAction.MEET else told


def _said(work: Work, stay: Subject, ask: ChooseProgram, before: ProgramHandoff | None) -> dict[str, Any]:
    consent: datetime | None = None
    if ask.consent_by:
        consent = past_instant(ask.consent_on, ask.consent_clock, work.now, stay.zone,
                               before.consent_at if before else None)  # fmt: skip
    elif ask.consent_on is not None:
        raise Refused("Say who consented.", field="consent_by")
    return {
        "kind": ask.kind.value, "program": ask.program, "member_number": ask.member_number,
        "lead_name": ask.lead_name, "lead_phone": ask.lead_phone, "consent_by": ask.consent_by,
        "consent_at": consent, "documents": ask.documents,
    }  # fmt: skip


def _moved(work: Work, stay: Subject, made: ProgramHandoff, action: ProgramAction) -> ProgramHandoff:
    work.record(ProgramHandoffMoved(**about(stay), handoff_id=made.handoff_id, action=action.value))
    work.changed(stay.facility_id, stay.encounter_id)
    return made
