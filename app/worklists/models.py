"""What the worklists own: who has a stay, and notes on it."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words
from app.worklists.assignment.terms import Why


class Assignment(SQLModel, table=True):
    """A stay is somebody's, from when to when. The open one is the owner."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("uq_assignment_open", "encounter_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("ix_assignment_owner", "user_id", postgresql_where=text("ended_at is null")),
        Index(
            "ix_assignment_returns", "facility_id", "returns_at",
            postgresql_where=text("ended_at is null and returns_at is not null"),
        ),
        enum_check("why", Why),
        CheckConstraint("returns_at is null or covers_for is not null", name="returns"),
    )  # fmt: skip
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id")
    facility_id: int = facility_link()
    user_id: uuid.UUID = link("app_user.id", index=False, kind=Holds.STAFF)
    reason: str = words(Holds.CLINICAL)  # the sentence why, shown with the owner
    assigned_at: datetime = instant()
    assigned_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    why: str = words(Holds.OPERATION, default="hand")
    distribution_id: uuid.UUID | None = link("distribution.id", null=True)  # the deed that it is part of
    replaces_id: uuid.UUID | None = link("assignment.id", null=True, index=False)  # the row that ended for it
    covers_for: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    returns_at: datetime | None = instant(null=True)  # when it goes back to whom it is covered for


class Note(SQLModel, table=True):
    """A note on a stay. Amending makes a new version that points to the first; striking out keeps the text."""

    __tablename__ = "note"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint("(struck_at is null) = (struck_by is null)", name="struck"),
        CheckConstraint("struck_at is null or struck_reason <> ''", name="struck_reason"),
        Index("ix_note_stay", "encounter_id", "written_at"),
        Index("uq_note_version", "first_id", "version", unique=True),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link()
    first_id: uuid.UUID | None = link("note.id", null=True, index=False)  # the version it amends, None for the first
    version: int = number(null=False, default=1)
    current: bool = number(null=False, default=True)  # false once a newer version exists
    text: str = words(Holds.CLINICAL)
    pinned: bool = number(null=False, default=False)
    written_at: datetime = instant()
    written_by: uuid.UUID = link("app_user.id", index=False, kind=Holds.STAFF)
    struck_at: datetime | None = instant(null=True)
    struck_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    struck_reason: str = words(Holds.CLINICAL)
