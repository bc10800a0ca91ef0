"""Tables of saved reports. A version is ended, never rewritten; a mail has a row for each step.

None of them tells of a patient: a report names measures, days and groups.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.metrics.reports.terms import DeliveryState, ReportSpan, Rhythm
from app.platform.db import Holds, enum_check, facility_link, holds, instant, key, link, number, words

CURRENT = text("ended_at is null")
_ENDED = "ended_because in ('', 'amended', 'ended')"
_BOTH = "(ended_at is null) = (ended_because = '')"


def _document(empty: str) -> Any:
    """Structured content whose shape the code owns."""
    column: Column[Any] = Column(
        JSONB, nullable=False, server_default=text(f"'{empty}'"), info=holds(Holds.OPERATION)["info"]
    )
    return Field(default_factory=list if empty == "[]" else dict, sa_column=column)


def _whole() -> Any:
    return Field(
        default=0, nullable=False, sa_type=Integer,
        sa_column_kwargs={"server_default": text("0"), "info": {"holds": Holds.OPERATION}},
    )  # fmt: skip


def _person(*, null: bool = True) -> Any:
    return link("app_user.id", null=null, index=False, kind=Holds.STAFF)


class SavedReport(SQLModel, table=True):
    """One version of a report. `report_id` is the same in all versions.

    `measures` are their names in order; `narrowed` has a member for each dimension that is narrowed.
    """

    __tablename__ = "measure_report"
    __table_args__ = (
        enum_check("span", ReportSpan),
        CheckConstraint("against in ('', 'before', 'year')", name="against"),
        CheckConstraint(_ENDED, name="ended_because"),
        CheckConstraint(_BOTH, name="ended"),
        Index("uq_measure_report_current", "report_id", unique=True, postgresql_where=CURRENT),
        Index("ix_measure_report_facility", "facility_id", "made_at"),
    )
    id: uuid.UUID = key()
    report_id: uuid.UUID = number(null=False)
    facility_id: int = facility_link(index=False)
    name: str = words(Holds.OPERATION)
    measures: list[str] = _document("[]")
    span: str = words(Holds.OPERATION)
    against: str = words(Holds.OPERATION)
    narrowed: dict[str, str] = _document("{}")
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_because: str = words(Holds.OPERATION)


class ReportSchedule(SQLModel, table=True):
    """One version of when a report is sent and to whom (keys of people, never addresses)."""

    __tablename__ = "report_schedule"
    __table_args__ = (
        enum_check("rhythm", Rhythm),
        CheckConstraint("on_day between 1 and case rhythm when 'weekly' then 7 else 28 end", name="on_day"),
        CheckConstraint("at_hour between 0 and 23", name="at_hour"),
        CheckConstraint(_ENDED, name="ended_because"),
        CheckConstraint(_BOTH, name="ended"),
        Index("uq_report_schedule_current", "report_id", unique=True, postgresql_where=CURRENT),
        Index("ix_report_schedule_facility", "facility_id", "made_at"),
    )
    id: uuid.UUID = key()
    report_id: uuid.UUID = number(null=False)
    facility_id: int = facility_link(index=False)
    rhythm: str = words(Holds.OPERATION)
    on_day: int = _whole()
    at_hour: int = _whole()
    people: list[str] = _document("[]")
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_because: str = words(Holds.OPERATION)


class ReportDelivery(SQLModel, table=True):
    """One step of one mail to one person. `delivery_id` is the same in all steps; the standing one has no end.

    `due_at` is the instant of the schedule, or when somebody sent it: a person has one mail for each.
    """

    __tablename__ = "report_delivery"
    __table_args__ = (
        enum_check("state", DeliveryState),
        CheckConstraint("state <> 'failed' or fault <> ''", name="fault"),
        Index("uq_report_delivery_current", "delivery_id", unique=True, postgresql_where=CURRENT),
        Index("uq_report_delivery_once", "report_id", "user_id", "due_at", unique=True, postgresql_where=CURRENT),
        Index("ix_report_delivery_facility", "facility_id", "made_at"),
    )
    id: uuid.UUID = key()
    delivery_id: uuid.UUID = number(null=False)
    report_id: uuid.UUID = number(null=False)
    facility_id: int = facility_link(index=False)
    user_id: uuid.UUID = _person(null=False)
    address: str = words(Holds.STAFF)
    due_at: datetime = instant()
    first: date | None = number()
    last: date | None = number()
    state: str = words(Holds.OPERATION)
    fault: str = words(Holds.OPERATION)
    attempts: int = _whole()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()


class ReportAddress(SQLModel, table=True):
    """One version of the address under which a person who works here receives reports."""

    __tablename__ = "report_address"
    __table_args__ = (
        CheckConstraint("address <> ''", name="address"),
        Index("uq_report_address_current", "user_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    user_id: uuid.UUID = _person(null=False)
    address: str = words(Holds.STAFF)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
