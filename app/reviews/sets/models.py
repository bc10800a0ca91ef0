"""The table of a hospital's own criteria sets. A changed set is another version, in another row."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, instant, key, link, number, words


class HospitalSet(SQLModel, table=True):
    """One version of an own set, in use in its facility from `begins` until a later version is, or it is ended.

    Id and version name it for good: reviews refer to them. `definition` has the form of the shipped sets.
    """

    __tablename__ = "criteria_set"
    __table_args__ = (
        CheckConstraint("(ended_at is null) = (last_day is null)", name="ended"),
        Index("uq_criteria_set_version", "facility_id", "set_id", "version", unique=True),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    set_id: str = words(Holds.OPERATION)
    version: str = words(Holds.OPERATION)
    title: str = words(Holds.OPERATION)
    begins: date = number(null=False)
    definition: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"holds": Holds.OPERATION}))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    last_day: date | None = number()  # the last day of use, said when it was ended; the day before `begins` for none
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
