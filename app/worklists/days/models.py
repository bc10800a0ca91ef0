"""The tables of the daily build: a sheet for each edition of a facility's day, a line for each stay. Only added to."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import String
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, holds, instant, key, link, number, words


class DaySheet(SQLModel, table=True):
    """Who had whom on a day, as it stood when the day was built. Building again makes another edition."""

    __tablename__ = "day_sheet"
    __table_args__ = (
        UniqueConstraint("facility_id", "day", "edition"),
        CheckConstraint("edition > 0", name="edition"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    day: date = number(null=False)
    edition: int = number(null=False)
    due_at: datetime = instant()  # when the day should have been built
    built_at: datetime = instant()
    built_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    assigned: int = number(null=False, default=0)  # stays that the rules gave an owner in this build
    stays: int = number(null=False, default=0)


class DaySheetLine(SQLModel, table=True):
    """One stay on one sheet: whose it was, at which place of that person's list, and why there."""

    __tablename__ = "day_sheet_line"
    sheet_id: uuid.UUID = Field(foreign_key="day_sheet.id", primary_key=True, sa_column_kwargs=holds(Holds.OPERATION))
    encounter_id: uuid.UUID = Field(
        foreign_key="encounter.id", primary_key=True, index=True, sa_column_kwargs=holds(Holds.OPERATION)
    )
    facility_id: int = facility_link(index=False)
    user_id: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    place: int = Field(sa_type=SmallInteger, sa_column_kwargs=holds(Holds.OPERATION))
    due_text: str = words(Holds.CLINICAL)  # the next date as the row showed it
    due_what: str = words(Holds.CLINICAL)
    patient_class: str = words(Holds.CLINICAL)
    bed: str = words(Holds.CLINICAL)
    day_of_stay: int | None = number(Holds.CLINICAL)
    chips: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": Holds.CLINICAL}),
    )
    minutes: int | None = number()  # expected minutes of work
    snoozed: bool = number(null=False, default=False)  # put aside by its owner at that moment
