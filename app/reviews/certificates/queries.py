"""Certifications of a stay, standing and struck out."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from app.census.united import Subject, with_former
from app.kernel.wording import dated_text
from app.platform.work import Reading

NOT_THERE = "There is no such certification, or it lies outside what you may see."


class CertificateKind(StrEnum):
    """What is certified."""

    LONG_STAY = "long_stay"  # the reasons for hospital care beyond twenty days, 42 CFR 424.13
    CRITICAL_ACCESS = "critical_access"  # discharge or transfer expected within 96 hours, 42 CFR 424.15

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"long_stay": "Long stay, by day 20", "critical_access": "Critical access hospital, 96 hours"}[
            self.value
        ]


class Certificate(msgspec.Struct):
    """A certification with who recorded and who struck it out."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    kind: str
    physician: str
    certified_at: datetime
    statement: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    ended_reason: str


_ROWS = """
select c.id, c.encounter_id, c.kind, c.physician, c.certified_at, c.statement, c.made_at, coalesce(m.display_name, ''),
  c.ended_at, coalesce(b.display_name, ''), case when c.ended_at is null then '' else c.ended_reason end
from certification c left join app_user m on m.id = c.made_by left join app_user b on b.id = c.ended_by
"""


def certificates(db: Reading, encounter_id: uuid.UUID) -> list[Certificate]:
    """All certifications of a stay, the latest first."""
    stays = list(with_former(db, [encounter_id]))
    order = " order by c.certified_at desc, c.id desc"
    return db.rows(Certificate, f"{_ROWS} where c.encounter_id = any(%s){order}", (stays,))


def certificate(db: Reading, certification_id: uuid.UUID) -> Certificate:
    """One certification; NotFound outside the reader's scope."""
    return db.one(Certificate, f"{_ROWS} where c.id = %s", (certification_id,), missing=NOT_THERE)


def certificates_context(db: Reading, stay: Subject) -> dict[str, Any]:
    """What the tab shows of them."""
    now = db.now.astimezone(stay.zone)
    return {
        "certificates": [_words(one, stay, db) for one in certificates(db, stay.encounter_id)],
        "certificate_kinds": [{"value": one.value, "label": one.label} for one in CertificateKind],
        "certificate_now": {"on": f"{now:%Y-%m-%d}", "at": f"{now:%H:%M}"},
    }


def _words(one: Certificate, stay: Subject, db: Reading) -> dict[str, str]:
    ended = ""
    if one.ended_at is not None:
        ended = f"struck out {dated_text(one.ended_at, stay.zone, db.now)} by {one.ended_by}: {one.ended_reason}"
    return {
        "id": str(one.id), "kind": CertificateKind(one.kind).label, "physician": one.physician,
        "at": dated_text(one.certified_at, stay.zone, db.now), "statement": one.statement, "ended": ended,
        "entered": f"entered {dated_text(one.made_at, stay.zone, db.now)} by {one.made_by or 'the program'}",
    }  # fmt: skip
