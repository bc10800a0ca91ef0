"""Changes of status that are worked towards, and what was said of the claim."""

import uuid
from datetime import datetime

import msgspec

from app.census.united import with_former
from app.platform.work import Reading
from app.status.queries import PEOPLE


class Change(msgspec.Struct):
    """The version of a change of status that stands."""

    id: uuid.UUID
    change_id: uuid.UUID
    encounter_id: uuid.UUID
    kind: str
    state: str
    begun_at: datetime
    begun_by: str
    determination_id: uuid.UUID | None
    order_number: str
    ordered_by: str
    ordered_at: datetime | None
    effective_at: datetime | None
    completed_at: datetime | None
    completed_by: str
    reason: str
    note: str


def changes(db: Reading, encounter_id: uuid.UUID) -> list[Change]:
    """Changes of status of a stay, earliest first."""
    query = (
        "select s.id, s.change_id, s.encounter_id, s.kind, s.state, s.begun_at,"
        f" coalesce(({PEOPLE} s.begun_by), ''), s.determination_id, s.order_number, s.ordered_by, s.ordered_at,"
        f" s.effective_at, s.completed_at, coalesce(({PEOPLE} s.completed_by), ''), s.reason, s.note"
        " from status_change s where s.encounter_id = any(%s) and s.ended_at is null order by s.begun_at, s.id"
    )
    return db.rows(Change, query, (list(with_former(db, [encounter_id])),))


class Claim(msgspec.Struct):
    """What was said of the claim."""

    id: uuid.UUID
    statement: str
    said_by: str
    said_at: datetime


def claim_statements(db: Reading, encounter_id: uuid.UUID) -> list[Claim]:
    """Statements about the claim that stand, latest last."""
    query = (
        "select c.id, c.statement, c.said_by, c.said_at from claim_statement c where c.encounter_id = any(%s)"
        " and c.ended_at is null order by c.said_at, c.made_at, c.id"
    )
    return db.rows(Claim, query, (list(with_former(db, [encounter_id])),))
