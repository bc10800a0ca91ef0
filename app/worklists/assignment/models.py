"""What the distribution of stays keeps: deeds, rules, minutes, absences. Rows end and new ones follow."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Date, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import String, Uuid
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, enum_check, facility_link, holds, instant, key, link, number, words
from app.worklists.assignment.terms import Why


def _listed(kind: Holds) -> Column[list[str]]:
    return Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": kind})


class Distribution(SQLModel, table=True):
    """One deed that gave several stays to people; it is undone as one."""

    __tablename__ = "distribution"
    __table_args__ = (
        enum_check("why", Why),
        CheckConstraint("undone_by is null or undone_at is not null", name="undone"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link()
    why: str = words(Holds.OPERATION)
    absence_id: uuid.UUID | None = link("absence.id", null=True)
    stays: int = number(null=False)  # how many it gave
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    undone_at: datetime | None = instant(null=True)
    undone_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class AssignmentRule(SQLModel, table=True):
    """Stays that fit go to one of these people. An empty list of units, services, payers or classes means any."""

    __tablename__ = "assignment_rule"
    __table_args__ = (
        CheckConstraint("cardinality(people) > 0", name="people"),
        CheckConstraint("name <> ''", name="name"),
        Index("ix_assignment_rule_open", "facility_id", "place", postgresql_where=text("ended_at is null")),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    place: int = number(null=False)  # the first rule that fits decides
    name: str = words(Holds.OPERATION)
    units: list[str] = Field(default_factory=list, sa_column=_listed(Holds.OPERATION))
    services: list[str] = Field(default_factory=list, sa_column=_listed(Holds.OPERATION))
    payers: list[str] = Field(default_factory=list, sa_column=_listed(Holds.OPERATION))
    classes: list[str] = Field(default_factory=list, sa_column=_listed(Holds.OPERATION))
    people: list[uuid.UUID] = Field(
        sa_column=Column(ARRAY(Uuid), nullable=False, info={"holds": Holds.STAFF}),
    )
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class WorkMinutes(SQLModel, table=True):
    """The minutes of work that a facility expects, where they differ from the documented ones."""

    __tablename__ = "work_minutes"
    __table_args__ = (
        Index("uq_work_minutes_open", "facility_id", unique=True, postgresql_where=text("ended_at is null")),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link()
    minutes: dict[str, int] = Field(
        sa_column=Column(JSONB, nullable=False, server_default="{}", info={"holds": Holds.OPERATION})
    )
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)


class Absence(SQLModel, table=True):
    """A colleague is away from one facility, from the first to the last day, both whole days there."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days"),
        Index("ix_absence_open", "facility_id", "last_day", postgresql_where=text("ended_at is null")),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    user_id: uuid.UUID = link("app_user.id", index=False, kind=Holds.STAFF)
    first_day: date = Field(sa_type=Date, sa_column_kwargs=holds(Holds.STAFF))
    last_day: date = Field(sa_type=Date, sa_column_kwargs=holds(Holds.STAFF))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)  # back earlier, or entered by mistake
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
