"""The clocks as tables: what is owed for each stay in versions, terms of facilities and payers, lines of business.

No row is rewritten: what changes ends a row and makes another, so that a list can be shown as it stood.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Date, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.clocks.terms import Line
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words


def _day(*, null: bool = False) -> Any:
    return Field(
        default=None if null else ...,
        sa_type=Date,
        nullable=null,
        sa_column_kwargs={"info": {"holds": Holds.OPERATION}},
    )


class StoredObligation(SQLModel, table=True):
    """One version of one obligation: what the engine said of it from `made_at` until `ended_at`.

    Whether it is due, overdue, done or late follows from `due_at`, `closed_at` and the time of looking.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        Index("uq_obligation_current", "encounter_id", "rule", "subject", unique=True,
              postgresql_where=text("ended_at is null")),
        Index("ix_obligation_open", "encounter_id", "due_at",
              postgresql_where=text("ended_at is null and required and closed_at is null")),
        Index("ix_obligation_due", "facility_id", "due_at",
              postgresql_where=text("ended_at is null and required and closed_at is null")),
        Index("ix_obligation_stay", "encounter_id", "made_at"),
    )  # fmt: skip
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    rule: str = words(Holds.OPERATION)
    subject: str = words(Holds.OPERATION)
    title: str = words(Holds.OPERATION)
    actor: str = words(Holds.OPERATION)
    severity: str = words(Holds.OPERATION)
    because: str = words(Holds.CLINICAL)
    citation: str = words(Holds.OPERATION)
    confidence: str = words(Holds.OPERATION)
    version: str = words(Holds.OPERATION)
    required: bool = number(null=False, default=True)
    start_at: datetime | None = instant(Holds.CLINICAL, null=True)
    earliest_at: datetime | None = instant(Holds.CLINICAL, null=True)
    due_at: datetime | None = instant(Holds.CLINICAL, null=True)
    closed_at: datetime | None = instant(Holds.CLINICAL, null=True)
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)


class ClockFault(SQLModel, table=True):
    """A stay whose clocks could not be computed; the others go on, and it is tried again."""

    __tablename__ = "clock_fault"
    __table_args__ = (
        Index("uq_clock_fault_open", "encounter_id", unique=True, postgresql_where=text("closed_at is null")),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link()
    error: str = words(Holds.OPERATION)  # kind and place in the program, no data of the stay
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(null=True)


class PolicyRule(SQLModel, table=True):
    """A facility's or a payer's own term in place of a default, for stays that start in its period."""

    __tablename__ = "policy_rule"
    __table_args__ = (
        CheckConstraint("ends is null or ends >= begins", name="period"),
        CheckConstraint("allowance <> '' or not asked", name="allowance"),
        Index("ix_policy_rule_current", "facility_id", "rule", postgresql_where=text("ended_at is null")),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    rule: str = words(Holds.OPERATION)
    payer_code: str = words(Holds.OPERATION)  # empty: the facility's own
    allowance: str = words(Holds.OPERATION)
    asked: bool = number(null=False, default=True)
    begins: date = _day()
    ends: date | None = _day(null=True)
    closed_days: list[date] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(Date), nullable=False, server_default="{}", info={"holds": Holds.OPERATION}),
    )
    source: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class PayerLine(SQLModel, table=True):
    """Which line of business a plan of the feed belongs to; by payer, or by one of its plans."""

    __tablename__ = "payer_line"
    __table_args__ = (
        enum_check("line", Line),
        Index("uq_payer_line_current", "facility_id", "payer_code", "plan_code", unique=True,
              postgresql_where=text("ended_at is null")),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    payer_code: str = words(Holds.OPERATION)
    plan_code: str = words(Holds.OPERATION)
    line: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
