"""The audit trail: what happened, which bytes changed, who saw whom, and the seals that chain them.

No foreign keys to live rows and names copied in, so that the trail never loses anything with what it tells about.
The application role may add and read, never change or remove.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, LargeBinary, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, holds, instant, key, number, words


def _serial() -> Any:
    return Field(
        default=None,
        sa_column=Column(BigInteger, Identity(always=True), primary_key=True, info={"holds": Holds.OPERATION}),
    )


class AuditEvent(SQLModel, table=True):
    """What happened, by whom, about whom: the history that the stay's page shows (net 1)."""

    __tablename__ = "audit_event"
    id: int = _serial()
    at: datetime = instant()
    actor: str = words(Holds.STAFF)
    actor_id: uuid.UUID | None = Field(default=None, sa_column_kwargs=holds(Holds.STAFF))
    name: str = words(Holds.OPERATION)
    facility_id: int | None = Field(default=None, sa_type=SmallInteger, sa_column_kwargs=holds(Holds.OPERATION))
    encounter_id: uuid.UUID | None = Field(default=None, index=True, sa_column_kwargs=holds(Holds.PERSON))
    patient_id: uuid.UUID | None = Field(default=None, index=True, sa_column_kwargs=holds(Holds.PERSON))
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"holds": Holds.CLINICAL}))


class RowChange(SQLModel, table=True):
    """A copy of a row before and after a change, written by a trigger (net 3); as-of reading stands on it."""

    __tablename__ = "row_change"
    id: int = _serial()
    at: datetime = instant()
    actor: str = words(Holds.STAFF)
    table_name: str = words(Holds.OPERATION)
    row_key: str = words(Holds.PERSON, index=True)
    facility_id: int | None = Field(default=None, sa_type=SmallInteger, sa_column_kwargs=holds(Holds.OPERATION))
    encounter_id: uuid.UUID | None = Field(default=None, index=True, sa_column_kwargs=holds(Holds.PERSON))
    operation: str = words(Holds.OPERATION)
    old: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, info={"holds": Holds.PERSON}))
    new: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB, info={"holds": Holds.PERSON}))


class PhiAccess(SQLModel, table=True):
    """Who saw which patients, where and when: one row a page, whatever the number of patients (net 4)."""

    __tablename__ = "phi_access"
    __table_args__ = (Index("ix_phi_access_actor", "actor_id", "at"),)
    id: int = _serial()
    at: datetime = instant(index=True)
    actor: str = words(Holds.STAFF)
    actor_id: uuid.UUID | None = Field(default=None, sa_column_kwargs=holds(Holds.STAFF))
    route: str = words(Holds.OPERATION)
    kind: str = words(Holds.OPERATION)
    address: str = words(Holds.STAFF)
    detail: str = words(Holds.OPERATION)
    patients: list[uuid.UUID] = Field(
        sa_column=Column(ARRAY(UUID(as_uuid=True)), nullable=False, info={"holds": Holds.PERSON})
    )
    facilities: list[int] = Field(
        sa_column=Column(ARRAY(SmallInteger), nullable=False, info={"holds": Holds.OPERATION})
    )


class AuditSeal(SQLModel, table=True):
    """One link of the hash chain: rows up to these numbers, hashed together with the link before.

    Form 1 hashed all rows together; form 2 has a digest (`parts`) and a count for each of the three trails, and its own
    number, time and borders are hashed too.
    """

    __tablename__ = "audit_seal"
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_kwargs=holds(Holds.OPERATION))
    at: datetime = instant()
    form: int = number(null=False, default=1)
    event_to: int = Field(sa_type=BigInteger, sa_column_kwargs=holds(Holds.OPERATION))
    change_to: int = Field(sa_type=BigInteger, sa_column_kwargs=holds(Holds.OPERATION))
    access_to: int = Field(sa_type=BigInteger, sa_column_kwargs=holds(Holds.OPERATION))
    rows: int = number(null=False, default=0)
    digest: bytes = Field(sa_type=LargeBinary, sa_column_kwargs=holds(Holds.OPERATION))
    parts: list[bytes] | None = Field(
        default=None, sa_column=Column(ARRAY(LargeBinary), nullable=True, info={"holds": Holds.OPERATION})
    )
    counts: list[int] | None = Field(
        default=None, sa_column=Column(ARRAY(BigInteger), nullable=True, info={"holds": Holds.OPERATION})
    )


def _whole() -> Any:
    return Field(sa_type=BigInteger, sa_column_kwargs=holds(Holds.OPERATION))


class AuditArchive(SQLModel, table=True):
    """Seals with their rows that lie in a file now. `ended_at`: they were read back into the database.

    The chain goes on from `digest`, the last of them. Copies of rows that still stand were left behind, since earlier
    instants are read from them; `left_digest` covers everything below the border.
    """

    __tablename__ = "audit_archive"
    __table_args__ = (
        CheckConstraint("seal_from <= seal_to", name="span"),
        Index("uq_audit_archive_current", "seal_from", unique=True, postgresql_where="ended_at is null"),
    )
    id: uuid.UUID = key()
    seal_from: int = _whole()
    seal_to: int = _whole()
    event_to: int = _whole()
    change_to: int = _whole()
    access_to: int = _whole()
    rows: int = _whole()
    digest: bytes = Field(sa_type=LargeBinary, sa_column_kwargs=holds(Holds.OPERATION))
    sealed_from: datetime = instant()
    sealed_to: datetime = instant()
    file: str = words(Holds.OPERATION)
    file_digest: bytes = Field(sa_type=LargeBinary, sa_column_kwargs=holds(Holds.OPERATION))
    left_digest: bytes = Field(sa_type=LargeBinary, sa_column_kwargs=holds(Holds.OPERATION))
    left_rows: int = _whole()
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
