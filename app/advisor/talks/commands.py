"""What is recorded about a talk with a payer's physician: deadline, number, name, and slots offered, chosen, moved."""

import uuid
from datetime import date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.advisor.events import PeerTalkDescribed
from app.advisor.models import Escalation, PeerSlot, PeerTalk
from app.advisor.rules import ANSWERABLE
from app.advisor.steps import held, patient_of
from app.advisor.terms import EscalationState, PayerReason
from app.census.united import Subject, subject
from app.kernel.days import exists, instant_of
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.web.fields import one_line

NO_SLOT = "There is no such time, or it lies outside what you may see."


def _none(value: object) -> object:
    return None if value == "" else value


Line = Annotated[str, Field(max_length=120), AfterValidator(one_line)]
Day = Annotated[date | None, BeforeValidator(_none)]
Clock = Annotated[time | None, BeforeValidator(_none)]


class DescribeTalk(BaseModel):
    """What the payer said about a talk. The deadline is the payer's own word; without it the clock's stands alone."""

    payer_reason: PayerReason = PayerReason.OTHER
    deadline_on: Day = None
    deadline_at: Clock = None
    call_back: Line = ""
    physician: Line = ""
    specialty: Line = ""


class AddSlot(BaseModel):
    """A time for the talk by the facility's clocks; `chosen` says that it is agreed."""

    on: date
    at: time
    minutes: Annotated[int, Field(ge=5, le=180)] = 20
    chosen: bool = True


def open_talk(work: Work, question: Escalation) -> PeerTalk:
    """The talk of a question, with the first payer of the stay as the feed names it; the one that stands, if any."""
    key = work.value(
        "select id from peer_talk where escalation_id = %s and ended_at is null", (question.escalation_id,)
    )
    if key is not None:
        return work.get(PeerTalk, key)
    code, name = work.rows(
        lambda code, name: (code, name),
        "select payer_code, payer_name from encounter where id = %s",
        (question.encounter_id,),
    )[0]
    return work.add(
        PeerTalk(
            escalation_id=question.escalation_id, encounter_id=question.encounter_id,
            facility_id=question.facility_id, payer_code=code, payer_name=name, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip


def describe_talk(work: Work, escalation_id: uuid.UUID, ask: DescribeTalk) -> PeerTalk:
    """Record what is known of the talk; what stood before stays readable."""
    question = _with_talk(work, escalation_id)
    before = open_talk(work, question)
    stay = subject(work, question.encounter_id)
    deadline = _instant(stay, ask.deadline_on, ask.deadline_at, "deadline_at")
    before.ended_at = work.now
    work.session.flush()
    made = work.add(
        PeerTalk(
            escalation_id=escalation_id, encounter_id=question.encounter_id, facility_id=question.facility_id,
            payer_code=before.payer_code, payer_name=before.payer_name, payer_reason=ask.payer_reason.value,
            deadline_at=deadline, call_back=ask.call_back, physician=ask.physician, specialty=ask.specialty,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _said(work, question, None, chosen=False)
    return made


def add_slot(work: Work, escalation_id: uuid.UUID, ask: AddSlot) -> PeerSlot:
    """Record a time that the payer offers, or the one that is agreed; that one takes the place of the agreed before."""
    question = _with_talk(work, escalation_id)
    stay = subject(work, question.encounter_id)
    at = _instant(stay, ask.on, ask.at, "at")
    assert at is not None, "day and time are required"
    if at <= work.now:
        raise Refused("This time is past. Write a time that lies ahead.", field="at")
    open_talk(work, question)
    return _write_slot(work, question, at, ask)


def choose_slot(work: Work, slot_id: uuid.UUID) -> PeerSlot:
    """Agree on a time that was offered."""
    offered = work.lock(PeerSlot, slot_id, NO_SLOT)
    question = _with_talk(work, offered.escalation_id)
    if offered.ended_at is not None or offered.chosen:
        raise Refused("This time is not on offer any more. Reload the page and look again.")
    if offered.begins_at <= work.now:
        raise Refused("This time is past. Choose a time that lies ahead.")
    offered.ended_at, offered.ended_by = work.now, work.who.actor_id
    work.session.flush()
    local = offered.begins_at.astimezone(subject(work, question.encounter_id).zone)
    ask = AddSlot(on=local.date(), at=local.time(), minutes=offered.minutes)
    return _write_slot(work, question, offered.begins_at, ask)


def take_slot_away(work: Work, slot_id: uuid.UUID) -> PeerSlot:
    """Say that a time is not on offer, or not agreed, any more."""
    found = work.lock(PeerSlot, slot_id, NO_SLOT)
    question = _with_talk(work, found.escalation_id)
    if found.ended_at is not None:
        raise Refused("This time was taken away already.")
    found.ended_at, found.ended_by = work.now, work.who.actor_id
    _said(work, question, found.begins_at, chosen=False)
    return found


def _write_slot(work: Work, question: Escalation, at: datetime, ask: AddSlot) -> PeerSlot:
    if ask.chosen:
        work.write(
            "peer_slot",
            "update peer_slot set ended_at = %s, ended_by = %s"
            " where escalation_id = %s and ended_at is null and chosen",
            (work.now, work.who.actor_id, question.escalation_id),
        )
    made = work.add(
        PeerSlot(
            escalation_id=question.escalation_id, encounter_id=question.encounter_id,
            facility_id=question.facility_id, begins_at=at, minutes=ask.minutes, chosen=ask.chosen,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _said(work, question, at, chosen=ask.chosen)
    return made


def _with_talk(work: Work, escalation_id: uuid.UUID) -> Escalation:
    """The question, held, while a talk about it can still change something."""
    question = held(work, escalation_id)
    state = EscalationState(question.state)
    if state not in ANSWERABLE:
        raise Refused(f"This question is {state.label}; there is no talk to prepare.")
    if not (question.kind == "concurrent_denial" or state is EscalationState.TALK):
        raise Refused("No talk with the payer is planned for this question. Choose “Peer to peer” on its card first.")
    return question


def _instant(stay: Subject, on: date | None, at: time | None, name: str) -> datetime | None:
    if on is None and at is None:
        return None
    if on is None or at is None:
        raise Refused("Write the day and the time.", field=name)
    if not exists(on, at, stay.zone):
        raise Refused("This time does not exist: the clocks are put forward that night.", field=name)
    return instant_of(on, at, stay.zone)


def _said(work: Work, question: Escalation, slot: datetime | None, *, chosen: bool) -> None:
    work.record(
        PeerTalkDescribed(
            facility_id=question.facility_id, encounter_id=question.encounter_id,
            patient_id=patient_of(work, question), escalation_id=question.escalation_id, slot_at=slot, chosen=chosen,
        )
    )  # fmt: skip
    work.changed(question.facility_id, question.encounter_id)
