"""The tables of departure: what was said of each item, packets as they were made, and the way that each one took."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.discharge.departure.terms import Item
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, words

CURRENT = text("ended_at is null")


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def _document(kind: Holds, empty: str) -> Any:
    return Column(JSONB, nullable=False, server_default=empty, info={"holds": kind})


class DepartureItem(SQLModel, table=True):
    """What somebody said of one item of the checklist. `at` is when it was done, or when it was said."""

    __tablename__ = "departure_item"
    __table_args__ = (
        enum_check("item", Item),
        CheckConstraint("state in ('done', 'not_needed', 'without')", name="state"),
        CheckConstraint("state = 'done' or reason <> ''", name="reason"),
        CheckConstraint("at <= made_at", name="past"),
        Index("uq_departure_item_current", "encounter_id", "item", unique=True, postgresql_where=CURRENT),
        Index("ix_departure_item_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    item: str = words(Holds.CLINICAL)
    state: str = words(Holds.CLINICAL)
    at: datetime = instant(Holds.CLINICAL)
    done_by: str = words(Holds.STAFF)
    with_whom: str = words(Holds.CLINICAL)  # practitioner of the appointment, recipient of the summary, driver
    planned_at: datetime | None = instant(Holds.CLINICAL, null=True)  # of an appointment or a ride
    reason: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class HandoffPacket(SQLModel, table=True):
    """A packet as it was made: the PDF, the FHIR document, what it holds and what is missing. Never changed."""

    __tablename__ = "handoff_packet"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$' and file_digest ~ '^[0-9a-f]{64}$'", name="digests"),
        Index("ix_handoff_packet_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    recipient: str = words(Holds.CLINICAL)
    destination: str = words(Holds.CLINICAL)
    manifest: dict[str, Any] = Field(default_factory=dict, sa_column=_document(Holds.CLINICAL, "{}"))
    digest: str = words(Holds.OPERATION)  # SHA-256 of what it says, as its cover shows
    file_digest: str = words(Holds.OPERATION)  # SHA-256 of the PDF
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    document: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()


class HandoffStep(SQLModel, table=True):
    """A step of a packet's way. A step that is taken back is ended; the state follows from the steps that stand."""

    __tablename__ = "handoff_step"
    __table_args__ = (
        CheckConstraint("action in ('release', 'confirm', 'withdraw')", name="action"),
        CheckConstraint("action <> 'release' or (recipient <> '' and channel <> '')", name="release"),
        CheckConstraint("action <> 'withdraw' or reason <> ''", name="withdraw"),
        CheckConstraint("at <= made_at", name="past"),
        Index("uq_handoff_step_current", "packet_id", "action", unique=True, postgresql_where=CURRENT),
        Index("ix_handoff_step_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    packet_id: uuid.UUID = link("handoff_packet.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    action: str = words(Holds.CLINICAL)
    at: datetime = instant(Holds.CLINICAL)
    recipient: str = words(Holds.CLINICAL)
    channel: str = words(Holds.CLINICAL)
    reason: str = words(Holds.CLINICAL)  # why it went out incomplete, or why it does not count
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
