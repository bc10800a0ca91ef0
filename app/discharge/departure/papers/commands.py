"""Making a packet and keeping it as it was made; its way: released, received, withdrawn, taken back."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from app.census.united import Subject, held_subject, subject
from app.discharge.departure import queries, rules
from app.discharge.departure.events import HandoffPacketMade, HandoffPacketMoved
from app.discharge.departure.models import HandoffPacket, HandoffStep
from app.discharge.departure.papers.document import document
from app.discharge.departure.papers.gathering import chosen, gather, handoff, paper, with_maker
from app.discharge.departure.queries import Packet
from app.discharge.departure.terms import Channel, PacketAction, PacketState, Part
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.web import packets
from app.web.fields import Clock, Day, Name, Reason, one_line, past_instant
from app.web.packets import Recipient
from app.web.paper.packet import packet_pdf

CONSENT = "The patient consented in writing (42 CFR 2.31)"


class MakePacket(BaseModel):
    """To whom the packet goes, and which sections it holds; without a choice all that are about care."""

    recipient: Name = ""
    sections: list[str] = Field(default_factory=list)


class ReleasePacket(BaseModel):
    """How the packet goes out. A packet with gaps needs the reason why it goes all the same."""

    recipient: Annotated[str, Field(min_length=1, max_length=160), AfterValidator(one_line)]
    channel: Channel
    on: Day = None
    at: Clock = None
    reason: Annotated[str, Field(max_length=300), AfterValidator(one_line)] = ""
    consented: bool = False


class ConfirmPacket(BaseModel):
    """When the recipient said that it arrived."""

    on: Day = None
    at: Clock = None


class WithdrawPacket(BaseModel):
    """Why the packet does not count."""

    reason: Reason


def make_packet(work: Work, encounter_id: uuid.UUID, ask: MakePacket, by: str) -> HandoffPacket:
    """Make a packet of what is recorded now and keep it to the byte. Refused when nothing is chosen."""
    stay = held_subject(work, encounter_id)
    found = gather(work, stay)
    sections = chosen(found, ask.sections or None)
    if not sections:
        raise Refused("Choose at least one part of the packet.", field="sections")
    key = uuid.uuid4()
    made = packet_pdf(paper(found, sections, ask.recipient, (by, work.now)))
    told = document(with_maker(handoff(found, sections, ask.recipient, key), by, work.now, stay.zone))
    kept = work.add(
        HandoffPacket(
            id=key, facility_id=stay.facility_id, encounter_id=stay.encounter_id, recipient=ask.recipient,
            destination=found.destination,
            manifest={
                "sections": [{"key": one.key, "title": one.title} for one in sections],
                "missing": [part.value for part in found.absent(ask.recipient)],
            },
            digest=made.digest, file_digest=hashlib.sha256(made.content).hexdigest(), content=made.content,
            document=json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass"),
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        HandoffPacketMade(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            packet_id=kept.id, digest=kept.digest,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return kept


def release_packet(work: Work, packet_id: uuid.UUID, ask: ReleasePacket) -> PacketState:
    """It goes out. Refused while something is missing and no reason is given, and for Part 2 without a consent that is
    recorded, or that whoever releases it says there is on paper."""
    stay, held = _held(work, packet_id)
    state = after(rules.PACKET_LIFE, held.state, PacketAction.RELEASE, noun="packet")
    absent = {Part(one) for one in held.absent} - {Part.RECIPIENT}
    gaps = rules.blocks_release(absent)
    if gaps and len(ask.reason) < 3:
        names = ", ".join(part.label.lower() for part in gaps)
        raise Refused(f"The packet lacks: {names}. Complete it, or write why it goes out as it is.", field="reason")
    leaving = packets.leaving(work, stay.encounter_id, Recipient.CAREGIVER, stay.day(work.now))
    if leaving.lacks_consent and not ask.consented:
        raise packets.ConsentMissing(packets.MISSING[Recipient.CAREGIVER], field="consented")
    reason = ". ".join(part for part in (ask.reason, CONSENT if ask.consented else "") if part)
    step = HandoffStep(
        facility_id=held.facility_id, packet_id=held.id, encounter_id=held.encounter_id, action=PacketAction.RELEASE,
        at=past_instant(ask.on, ask.at, work.now, stay.zone, None), recipient=ask.recipient, channel=ask.channel.value,
        reason=reason, made_at=work.now, made_by=work.who.actor_id,
    )  # fmt: skip
    _not_before(held.made_at, step.at)
    return _moved(work, held, step, state, leaving.consent_id)


def confirm_packet(work: Work, packet_id: uuid.UUID, ask: ConfirmPacket) -> PacketState:
    """The recipient said that it arrived."""
    stay, held = _held(work, packet_id)
    state = after(rules.PACKET_LIFE, held.state, PacketAction.CONFIRM, noun="packet")
    step = _step(work, held, PacketAction.CONFIRM, past_instant(ask.on, ask.at, work.now, stay.zone, None))
    _not_before(max(one.at for one in held.steps), step.at)
    return _moved(work, held, step, state)


def withdraw_packet(work: Work, packet_id: uuid.UUID, ask: WithdrawPacket) -> PacketState:
    """It does not count any more; the recipient has to be told by whoever withdraws it."""
    _stay, held = _held(work, packet_id)
    state = after(rules.PACKET_LIFE, held.state, PacketAction.WITHDRAW, noun="packet")
    return _moved(work, held, _step(work, held, PacketAction.WITHDRAW, work.now, ask.reason), state)


def take_back_step(work: Work, packet_id: uuid.UUID) -> PacketState:
    """The last step was recorded by mistake."""
    _stay, held = _held(work, packet_id)
    state = after(rules.PACKET_LIFE, held.state, PacketAction.TAKE_BACK, noun="packet")
    key = work.value(
        "select id from handoff_step where packet_id = %s and ended_at is null order by made_at desc, id desc limit 1",
        (packet_id,),
    )
    last = work.lock(HandoffStep, key)
    last.ended_at, last.ended_by = work.now, work.who.actor_id
    return _moved(work, held, None, state)


def _held(work: Work, packet_id: uuid.UUID) -> tuple[Subject, Packet]:
    """The packet, with its stay locked, so that of two people one sees what the other did."""
    stay = held_subject(work, queries.packet(work, packet_id).encounter_id)
    return stay, queries.packet(work, packet_id)


def _not_before(earlier: datetime, at: datetime) -> None:
    if at < earlier.replace(second=0, microsecond=0):
        raise Refused("This lies before the step that came first. Write when it took place.", field="on")


def _step(work: Work, held: Packet, action: PacketAction, at: datetime, reason: str = "") -> HandoffStep:
    return HandoffStep(
        facility_id=held.facility_id, packet_id=held.id, encounter_id=held.encounter_id, action=action, at=at,
        reason=reason, made_at=work.now, made_by=work.who.actor_id,
    )  # fmt: skip


def _moved(
    work: Work, held: Packet, step: HandoffStep | None, state: PacketState, consent_id: uuid.UUID | None = None
) -> PacketState:
    stay = subject(work, held.encounter_id)
    if step is not None:
        work.add(step)
    action = step.action if step is not None else PacketAction.TAKE_BACK
    work.record(
        HandoffPacketMoved(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=held.facility_id,
            packet_id=held.id, action=str(action), state=state.value, consent_id=consent_id,
        )
    )  # fmt: skip
    work.changed(held.facility_id, stay.encounter_id)
    return state
