"""The tables of rounds: conferences of units, what they said of each stay, what they gave to do, case reviews."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.platform.db import Holds, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class Conference(SQLModel, table=True):
    """A conference of a unit: when it was held and who took part."""

    __tablename__ = "conference"
    __table_args__ = (Index("ix_conference_unit", "facility_id", "unit", "held_at"),)
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    unit: str = words(Holds.OPERATION)
    held_at: datetime = instant()
    people: str = words(Holds.STAFF)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_reason: str = words(Holds.OPERATION)


class ConferenceNote(SQLModel, table=True):
    """What a conference said about one stay; a correction ends the version and writes another."""

    __tablename__ = "conference_note"
    __table_args__ = (
        CheckConstraint("said <> ''", name="said"),
        Index("uq_conference_note_current", "conference_id", "encounter_id", unique=True, postgresql_where=CURRENT),
        Index("ix_conference_note_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    conference_id: uuid.UUID = link("conference.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    said: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class ConferenceAction(SQLModel, table=True):
    """A version of something to do for a stay. `set_at` is when it was asked, `made_at` when it changed."""

    __tablename__ = "conference_action"
    __table_args__ = (
        CheckConstraint("what <> ''", name="what"),
        CheckConstraint("state in ('open', 'done', 'dropped', 'struck_out')", name="state"),
        CheckConstraint("state not in ('dropped', 'struck_out') or note <> ''", name="note"),
        Index("uq_conference_action_current", "action_id", unique=True, postgresql_where=CURRENT),
        Index("ix_conference_action_stay", "encounter_id", "made_at"),
        Index("ix_conference_action_open", "facility_id", "due_at",
              postgresql_where=text("ended_at is null and state = 'open'")),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    action_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    conference_id: uuid.UUID | None = link("conference.id", null=True, index=False)
    what: str = words(Holds.CLINICAL)
    owner: str = words(Holds.STAFF)
    due_at: datetime = instant(Holds.CLINICAL)
    state: str = words(Holds.CLINICAL)
    set_at: datetime = instant(Holds.CLINICAL)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class CaseReview(SQLModel, table=True):
    """A step in the review of a complex case. A step that is taken back is ended."""

    __tablename__ = "case_review"
    __table_args__ = (
        CheckConstraint("step in ('put_on', 'review', 'close')", name="step"),
        CheckConstraint("(step = 'close') = (due_at is null)", name="due"),
        CheckConstraint("step <> 'review' or next_step <> ''", name="next_step"),
        Index("ix_case_review_stay", "encounter_id", "made_at"),
        Index("ix_case_review_facility", "facility_id", "made_at", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    step: str = words(Holds.CLINICAL)
    owner: str = words(Holds.STAFF)
    barrier: str = words(Holds.CLINICAL)
    next_step: str = words(Holds.CLINICAL)
    due_at: datetime | None = instant(Holds.CLINICAL, null=True)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
