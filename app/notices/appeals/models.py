"""The tables of appeals: the case, and what happened in it. A step is ended when it is struck out, never rewritten."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.notices.appeals.terms import AppealKind, AppealStep
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words


class Appeal(SQLModel, table=True):
    """One appeal of one stay. What it stands at follows from its steps."""

    __tablename__ = "qio_appeal"
    __table_args__ = (enum_check("kind", AppealKind), Index("ix_qio_appeal_stay", "encounter_id", "made_at"))
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.CLINICAL)
    discharge_on: date | None = number(Holds.CLINICAL)  # the day for which the discharge was ordered
    released_at: datetime | None = instant(Holds.CLINICAL, null=True)  # departure known when the appeal was recorded
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)  # its last step was struck out


class Step(SQLModel, table=True):
    """Something that happened in an appeal, at its true time."""

    __tablename__ = "qio_appeal_step"
    __table_args__ = (
        enum_check("step", AppealStep),
        CheckConstraint("favors in ('', 'hospital', 'patient')", name="favors"),
        CheckConstraint("at <= made_at", name="past"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("ix_qio_appeal_step_stay", "encounter_id", "made_at"),
        Index("ix_qio_appeal_step_appeal", "appeal_id", postgresql_where=text("ended_at is null")),
    )
    id: uuid.UUID = key()
    appeal_id: uuid.UUID = link("qio_appeal.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    place: int = number(null=False)  # number of the step in its appeal
    step: str = words(Holds.CLINICAL)
    at: datetime = instant(Holds.CLINICAL)
    who: str = words(Holds.PERSON)  # who asked, called, sent or was told
    favors: str = words(Holds.CLINICAL)
    detail: str = words(Holds.CLINICAL)  # case number, way of sending, what was sent
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_reason: str = words(Holds.CLINICAL)
