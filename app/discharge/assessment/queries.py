"""Screens and assessments as they stand and stood."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from app.census.united import with_former
from app.discharge.assessment.rules import Content, read_content
from app.platform.work import Reading


class ScreenVersion(msgspec.Struct):
    """One version of a screen or a request."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    screening_id: uuid.UUID
    kind: str
    state: str
    needs: list[str]
    asked_by: str
    note: str
    found_at: datetime
    found_by: str
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None


_SCREENS = """
select s.id, s.encounter_id, s.screening_id, s.kind, s.state, s.needs, s.asked_by, s.note, s.found_at,
  coalesce(f.display_name, ''), s.made_at, coalesce(m.display_name, ''), s.made_because, s.ended_at
from screening s left join app_user f on f.id = s.found_by left join app_user m on m.id = s.made_by
where s.encounter_id = any(%s) order by s.found_at desc, s.screening_id, s.made_at desc, s.id desc
"""


def screens(db: Reading, encounter_id: uuid.UUID) -> list[ScreenVersion]:
    """Every version of every screen and request of a stay, the latest first."""
    return db.rows(ScreenVersion, _SCREENS, (list(with_former(db, [encounter_id])),))


class Version(msgspec.Struct):
    """One version of an assessment."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    assessment_id: uuid.UUID
    kind: str
    state: str
    stored: dict[str, Any]
    discussed: str
    discussed_with: str
    discussed_at: datetime | None
    signed_at: datetime | None
    signed_by: str
    made_at: datetime
    made_by_id: uuid.UUID | None
    made_by: str
    made_because: str
    ended_at: datetime | None

    @property
    def content(self) -> Content:
        """What it says."""
        return read_content(self.stored)


_VERSIONS = """
select a.id, a.encounter_id, a.assessment_id, a.kind, a.state, a.content, a.discussed, a.discussed_with,
  a.discussed_at, a.signed_at, coalesce(s.display_name, ''), a.made_at, a.made_by, coalesce(m.display_name, ''),
  a.made_because, a.ended_at
from assessment a left join app_user s on s.id = a.signed_by left join app_user m on m.id = a.made_by
where a.encounter_id = any(%s)
"""


def assessments(db: Reading, encounter_id: uuid.UUID) -> list[Version]:
    """Every version of the assessments of a stay that is no draft, the latest signed first."""
    query = (
        f"{_VERSIONS} and a.signed_at is not null order by a.signed_at desc, a.assessment_id, a.made_at desc, a.id desc"
    )
    return db.rows(Version, query, (list(with_former(db, [encounter_id])),))


def standing(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Version]]:
    """The signed assessments that count, by the stay for which they count; the latest first."""
    belongs = with_former(db, stays)
    query = f"{_VERSIONS} and a.ended_at is null and a.state = 'signed' order by a.signed_at desc, a.id desc"
    found: dict[uuid.UUID, list[Version]] = {}
    for one in db.rows(Version, query, (list(belongs),)):
        found.setdefault(belongs[one.encounter_id], []).append(one)
    return found


def draft(db: Reading, encounter_id: uuid.UUID) -> Version | None:
    """The draft of a stay, if one is being written."""
    query = f"{_VERSIONS} and a.ended_at is null and a.state = 'draft' order by a.made_at desc"
    return next(iter(db.rows(Version, query, (list(with_former(db, [encounter_id])),))), None)


def versions_of(db: Reading, assessment_id: uuid.UUID) -> list[Version]:
    """Every version of one assessment, the latest first; empty outside the reader's scope."""
    query = (
        _VERSIONS.replace("a.encounter_id = any(%s)", "a.assessment_id = %s") + " order by a.made_at desc, a.id desc"
    )
    return db.rows(Version, query, (assessment_id,))
