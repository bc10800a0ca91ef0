"""Settings of the rules, what they found, and the decisions. Versions are ended, never rewritten; findings stay."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.accounts.watching.unusual.terms import DecisionEnd, FindingVerdict, Pattern
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")
_ENDED = f"ended_because in ('', {', '.join(repr(one.value) for one in DecisionEnd)})"


class WatchRule(SQLModel, table=True):
    """One version of how a rule is set in a facility: its limits by name, or that it rests. Without one, as shipped."""

    __tablename__ = "watch_rule"
    __table_args__ = (
        enum_check("pattern", Pattern),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(_ENDED, name="ended_because"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_watch_rule_current", "facility_id", "pattern", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    pattern: str = words(Holds.OPERATION)
    resting: bool = number(null=False, default=False)
    limits: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"), info={"holds": Holds.OPERATION}),
    )
    reason: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)


class UnusualAccess(SQLModel, table=True):
    """What a rule found about one person on one local day. Found once, whatever the rule is set to later."""

    __tablename__ = "unusual_access"
    __table_args__ = (
        enum_check("pattern", Pattern),
        Index("uq_unusual_access_once", "facility_id", "pattern", "user_id", "day", "encounter_id", unique=True,
              postgresql_nulls_not_distinct=True),
        Index("ix_unusual_access_facility", "facility_id", "day"),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID | None = link("encounter.id", null=True)
    pattern: str = words(Holds.OPERATION)
    user_id: uuid.UUID = link("app_user.id", kind=Holds.STAFF)
    day: date = number(null=False)
    sentence: str = words(Holds.STAFF)
    rows: list[int] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(BigInteger), nullable=False, server_default=text("'{}'"),
                         info={"holds": Holds.OPERATION}),
    )  # fmt: skip
    rule_id: uuid.UUID | None = link("watch_rule.id", null=True, index=False)
    found_at: datetime = instant()


class AccessDecision(SQLModel, table=True):
    """One version of what was made of a finding."""

    __tablename__ = "access_decision"
    __table_args__ = (
        enum_check("verdict", FindingVerdict),
        CheckConstraint("said <> ''", name="said"),
        CheckConstraint(_ENDED, name="ended_because"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_access_decision_current", "finding_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link()
    finding_id: uuid.UUID = link("unusual_access.id", index=False)
    encounter_id: uuid.UUID | None = link("encounter.id", null=True)
    verdict: str = words(Holds.OPERATION)
    said: str = words(Holds.STAFF)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)
