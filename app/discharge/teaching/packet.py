"""What a packet says of teaching: medicines, topics with their signs of danger, caregivers, goals, the crisis plan."""

import uuid
from collections.abc import Sequence

from app.census.united import subject
from app.discharge.teaching import queries
from app.discharge.teaching.showing import FIELDS, facts, headline
from app.discharge.teaching.terms import Change, Hindrance, RecordKind
from app.kernel.wording import full_text
from app.platform.work import Reading
from app.web.packets import Block, Section, Table

PLACE = 81


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """What stands, medicines first; nothing that was struck out."""
    zone = subject(db, encounter_id).zone
    found = queries.standing(db, encounter_id)
    made = []
    medicines = [one.content for one in found[RecordKind.MEDICINE]]
    if medicines:
        rows = [
            (str(one["name"]), str(one["dose"]), str(one["purpose"]), Change(one["change"]).label,
             Hindrance(one["hindrance"]).label if one["hindrance"] else "")
            for one in medicines
        ]  # fmt: skip
        heads = ("Medicine", "Dose and times", "For", "Since before the stay", "In the way")
        made.append(Section("medicines", "Medicines after the stay", PLACE, [Block(table=Table(heads, rows))]))
    blocks = [
        Block(headline(kind, one.content) if kind is not RecordKind.GOAL else kind.label,
              facts=[("When", full_text(one.at, zone)), *_told(kind, one)])
        for kind in FIELDS if kind is not RecordKind.MEDICINE for one in found[kind]
    ]  # fmt: skip
    if blocks:
        made.append(Section("teaching", "Teaching and self-management", PLACE + 1, blocks))
    return made


def _told(kind: RecordKind, one: queries.Version) -> list[tuple[str, str]]:
    words = facts(kind, one.content)
    return [("In own words", str(one.content["goal"])), *words] if kind is RecordKind.GOAL else words
