"""What a packet says of reviews, and the packet of one review: what a payer is sent on paper."""

import uuid
from collections.abc import Sequence

from app.census.united import Subject, subject
from app.platform.work import Reading
from app.reviews import queries, rules
from app.reviews.certificates.queries import CertificateKind, certificates
from app.reviews.queries import Version
from app.reviews.terms import Outcome
from app.reviews.writing.signed import facts_of, points_of
from app.security.viewer import Viewer
from app.web import packets
from app.web.packets import Block, Leaving, Recipient, Section, Table
from app.web.packets import sections as every_section
from app.web.paper.packet import Made, Packet, packet_pdf

PLACE = 20
PACKET_PLACES = frozenset({10, 11, PLACE, 50, 51})
"""Sections that the packet of a review holds: the stay and its course, reviews, contacts and authorizations."""
_WHO = """
select case when p.family = '' and p.given = '' then 'Name not sent' else p.family || ', ' || p.given end,
  p.number, e.visit_number, e.payer_name, f.name
from encounter e join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id where e.id = %s
"""


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """Every review that stands, in the order in which they were signed, the days they cover, certifications."""
    stay = subject(db, encounter_id)
    standing = queries.standing(db, stay.encounter_id)
    blocks = [_review(db, stay, one) for one in reversed(standing)]
    if blocks:
        blocks.append(_days(db, stay, standing))
    blocks += [
        Block(
            f"Certification: {CertificateKind(one.kind).label}",
            facts=[
                ("Certified by", one.physician),
                ("At", f"{one.certified_at.astimezone(stay.zone):%-d %b %Y %H:%M}"),
            ],
            paragraphs=[one.statement] if one.statement else [],
        )
        for one in certificates(db, stay.encounter_id)
        if one.ended_at is None
    ]
    return [Section("reviews", "Reviews of medical necessity", PLACE, blocks)]


def _review(db: Reading, stay: Subject, one: Version) -> Block:
    points = points_of(db, stay, one)
    facts = [("Outcome", Outcome(one.outcome).label), *facts_of(db, stay, one)]
    if points:
        facts.insert(2, ("Points met", "; ".join(points)))
    if one.made_because:
        facts.append(("Amended", one.made_because))
    parts = [f"{part.text} (carried forward)" if part.carried else part.text for part in one.paragraphs]
    return Block(title_of(one), facts=[fact for fact in facts if fact[1]], paragraphs=parts)


def title_of(one: Version) -> str:
    """`Continued-stay review of 5 Mar 2026`."""
    return f"{rules.name_of(one.kind_word)} of {one.for_day:%-d %b %Y}"


def _days(db: Reading, stay: Subject, standing: list[Version]) -> Block:
    found = queries.lane(queries.stay_now(db, stay.encounter_id), standing)
    rows = [(f"{one.day:%a %-d %b %Y}", one.result.word + ("" if one.own else ", by the review before"))
            for one in found]  # fmt: skip
    return Block("Days of the stay", table=Table(("Day", "Review"), rows))


def review_packet(db: Reading, stay: Subject, one: Version, viewer: Viewer) -> tuple[Made, Leaving]:
    """One review with the stay, its other reviews and what its payers were asked, as one PDF, and on which consent it
    leaves. Refused where it needs one and there is none."""
    found = packets.let_go(db, stay.encounter_id, Recipient.PAYER, stay.day(db.now))
    who = db.one(lambda *row: row, _WHO, (stay.encounter_id,))
    cover = [
        ("Patient", who[0]), ("Record number", who[1]), ("Visit", who[2].removeprefix("ACCT:")), ("Payer", who[3]),
        ("Review", f"{title_of(one)}: {Outcome(one.outcome).label.lower()}"),
    ]  # fmt: skip
    said = [each for each in every_section(db, stay.encounter_id) if each.place in PACKET_PLACES]
    made = packet_pdf(
        Packet(
            title="Review packet", facility=who[4], subject=[fact for fact in cover if fact[1]],
            sections=[*packets.notice(found), *said], made_by=viewer.display_name, made_at=db.now, zone=stay.zone,
        )
    )  # fmt: skip
    return made, found
