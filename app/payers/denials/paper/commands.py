"""Making an appeal packet out of what every feature says of the stay, and keeping it as it was sent."""

import hashlib
import uuid
from collections.abc import Sequence

from app.census.united import Subject
from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.payers.authorizations.showing import ranges_words
from app.payers.denials.appeals.course import course_of
from app.payers.denials.commands import about, held_denial
from app.payers.denials.events import AppealPacketMade
from app.payers.denials.models import AppealPacket
from app.payers.denials.paper.section import WITH_YEAR
from app.payers.denials.queries import DenialVersion
from app.payers.denials.rules import money_text
from app.payers.denials.terms import DenialState
from app.platform.work import Reading, Work
from app.web import packets
from app.web.packets import Recipient, Section
from app.web.paper.packet import Packet, packet_pdf

_HEAD = """
select concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), p.number, e.visit_number, f.name from encounter e
  join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id where e.id = %s
"""


def make_packet(work: Work, denial_id: uuid.UUID, chosen: Sequence[str] | None, by: str) -> AppealPacket:
    """Make and keep a packet of the chosen sections, of all without a choice. Refused where nothing is left, and where
    it needs a consent to leave and has none."""
    held, stay = held_denial(work, denial_id)
    if held.state == DenialState.STRUCK_OUT:
        raise Refused("This denial is struck out. No packet is made for it.")
    found = packets.let_go(work, stay.encounter_id, Recipient.PAYER, stay.day(work.now))
    sections = offered(work, stay)
    if chosen is not None:
        sections = [one for one in sections if one.key in set(chosen)]
    if not sections:
        raise Refused("Choose at least one part of the packet.", field="sections")
    made = packet_pdf(packet_of(work, held, stay, [*packets.notice(found), *sections], by))
    kept = work.add(
        AppealPacket(
            denial_id=denial_id, encounter_id=held.encounter_id, facility_id=held.facility_id,
            sections=[one.key for one in sections], digest=made.digest,
            file_digest=hashlib.sha256(made.content).hexdigest(), content=made.content, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        AppealPacketMade(**about(stay, held), packet_id=kept.id, digest=kept.digest, consent_id=found.consent_id)
    )
    return kept


def offered(db: Reading, stay: Subject) -> list[Section]:
    """The sections that a packet about the stay can have."""
    return packets.sections(db, stay.encounter_id)


def packet_of(db: Reading, held: DenialVersion, stay: Subject, sections: Sequence[Section], by: str) -> Packet:
    """What the packet says."""
    name, number, visit, facility = db.rows(lambda *row: row, _HEAD, (stay.encounter_id,))[0]
    course = course_of(db, held, stay)
    level = course.under_way.level_name if course.under_way is not None else course.next.name if course.next else ""
    facts = [
        ("Patient", name), ("Record number", number), ("Visit", visit.removeprefix("ACCT:")), ("Payer", held.payer),
        ("Payer's reference", held.reference), ("Notice of denial", day_text(stay.day(held.notice_at), WITH_YEAR)),
        ("Days denied", ranges_words(held.days, WITH_YEAR)), ("Amount", money_text(held.amount)),
        ("Payer's reason", " · ".join(part for part in (held.reason_code, held.reason) if part)), ("Level", level),
    ]  # fmt: skip
    return Packet(
        title="Appeal packet", facility=facility, subject=[(label, text) for label, text in facts if text],
        sections=sections, made_by=by, made_at=db.now, zone=stay.zone,
    )  # fmt: skip
