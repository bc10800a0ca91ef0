"""Freezing a packet: what the chosen sections say now, as text and as PDF, kept as it was sent."""

import hashlib
import uuid
from dataclasses import asdict, dataclass
from datetime import date

from app.census.united import Subject, subject
from app.discharge.referrals.events import PacketSent
from app.discharge.referrals.models import ReferralPacket, ReferralRequest
from app.discharge.referrals.packets.consents import consent_today, is_sensitive
from app.discharge.referrals.rules import MINIMUM, WITHHELD, may_disclose
from app.discharge.referrals.steps import about_need
from app.discharge.terms import CareType
from app.kernel.wording import age_text, day_text
from app.platform.work import Reading, Work
from app.web import packets
from app.web.packets import Recipient, Section
from app.web.paper.packet import Packet, packet_pdf

WITH_YEAR = date.min
_HEAD = """
select p.sex, p.birth_text, upper(left(p.given, 1) || left(p.family, 1)), f.name,
  coalesce((select string_agg(coalesce(nullif(c.payer_name, ''), c.payer_code), ', ' order by c.rank) from coverage c
    where c.encounter_id = e.id), '')
from encounter e join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id where e.id = %s
"""


@dataclass(frozen=True, slots=True)
class Offered:
    """A section that may be chosen; `usual` ones are chosen beforehand."""

    key: str
    title: str
    usual: bool


@dataclass(frozen=True, slots=True)
class Described:
    """A patient as a vendor knows one: no name, no number. The initials tell two referrals apart."""

    person: str
    initials: str
    facility: str
    payers: str


def described(db: Reading, encounter_id: uuid.UUID, today: date) -> Described:
    """Sex, age, initials, hospital and payers of a stay."""
    sex, birth, initials, facility, payers = db.rows(lambda *row: row, _HEAD, (encounter_id,))[0]
    word = {"F": "Woman", "M": "Man"}.get(sex, "Person")
    age = age_text(birth, today)
    return Described(f"{word}, {age}" if age else word, initials, facility, payers)


def available(db: Reading, encounter_id: uuid.UUID) -> list[Section]:
    """Sections that a packet for a vendor can have; the hospital's dealings with payers are none of them."""
    return [one for one in packets.sections(db, encounter_id) if one.key not in WITHHELD]


def offered(db: Reading, encounter_id: uuid.UUID) -> list[Offered]:
    """What can be chosen, the minimum necessary chosen beforehand: 45 CFR 164.502(b)."""
    return [Offered(one.key, one.title, one.key in MINIMUM) for one in available(db, encounter_id)]


def freeze(work: Work, need: ReferralRequest, by: str) -> ReferralPacket:
    """The next version of the packet of a need. Without a consent nothing of a protected stay goes into it."""
    stay = subject(work, need.encounter_id)
    today = stay.day(work.now)
    found = available(work, stay.encounter_id)
    consent = consent_today(work, stay.encounter_id, today)
    leaving = may_disclose(
        need.sections, [one.key for one in found], sensitive=is_sensitive(work, stay.encounter_id),
        consented=consent is not None,
    )  # fmt: skip
    sections = [one for one in found if one.key in leaving.sections]
    if sections:  # the notice alone would tell what the patient is treated for
        told = packets.leaving(work, stay.encounter_id, Recipient.CAREGIVER, today)
        sections = [*packets.notice(told), *sections]
    made = packet_pdf(packet_of(work, need, stay, sections, by))
    query = "select coalesce(max(version), 0) + 1 from referral_packet where request_id = %s"
    kept = work.add(
        ReferralPacket(
            facility_id=need.facility_id, request_id=need.request_id, encounter_id=need.encounter_id,
            version=work.value(query, (need.request_id,)), sections=list(leaving.sections),
            left_out=list(leaving.left_out), consent_id=consent, texts=[asdict(one) for one in sections],
            digest=made.digest, file_digest=hashlib.sha256(made.content).hexdigest(), content=made.content,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        PacketSent(
            **about_need(work, need), packet_id=kept.id, version=kept.version, digest=kept.digest,
            left_out=leaving.left_out, consent_id=consent,
        )
    )  # fmt: skip
    return kept


def packet_of(work: Work, need: ReferralRequest, stay: Subject, sections: list[Section], by: str) -> Packet:
    """What the packet says."""
    who = described(work, stay.encounter_id, stay.day(work.now))
    facts = [
        ("Patient", f"{who.person}, {who.initials}"), ("Sought", CareType(need.care_type).label),
        ("Needs", ", ".join(word.replace("_", " ") for word in need.needs)),
        ("Ready", day_text(need.ready_on, WITH_YEAR) if need.ready_on else ""), ("Payer", who.payers),
        ("Message", need.message),
    ]  # fmt: skip
    return Packet(
        title="Referral packet", facility=who.facility, subject=[(label, text) for label, text in facts if text],
        sections=sections, made_by=by, made_at=work.now, zone=stay.zone,
    )  # fmt: skip
