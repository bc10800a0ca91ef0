"""The tables of avoidable days. A version is ended, never rewritten; of a stay's day one primary reason stands."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.avoidable_days.terms import (
    Controllable,
    CostConvention,
    CostSetting,
    DraftRule,
    Origin,
    PartyKind,
    Phase,
    RejectReason,
    Weight,
)
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")
PRIMARY = text("ended_at is null and weight = 'primary'")


class AvoidableDay(SQLModel, table=True):
    """One version of one reason for one patient day. `entry_id` is the same in all versions.

    `code` is the reason, the party is who could have prevented the loss: two things. `amount` is the number of days
    that it counts: 0 for a contributing reason. `proposed` is the reason that a draft had, `validated_by` who confirmed
    it; `lock_reason` says why a locked day was changed.
    """

    __tablename__ = "avoidable_day"
    __table_args__ = (
        enum_check("weight", Weight),
        enum_check("party_kind", PartyKind),
        enum_check("controllable", Controllable),
        enum_check("phase", Phase),
        enum_check("origin", Origin),
        CheckConstraint("amount in (0, 0.5, 1) and (amount = 0) = (weight = 'contributing')", name="amount"),
        CheckConstraint("hours is null or (hours > 0 and hours <= 25)", name="hours"),
        CheckConstraint("(origin = 'manual') = (rule = '')", name="rule"),
        CheckConstraint("ended_because in ('', 'amended', 'struck_out')", name="ended_because"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_avoidable_day_current", "entry_id", unique=True, postgresql_where=CURRENT),
        Index("uq_avoidable_day_primary", "encounter_id", "day", unique=True, postgresql_where=PRIMARY),
        Index("uq_avoidable_day_code", "encounter_id", "day", "code", unique=True, postgresql_where=CURRENT),
        Index("ix_avoidable_day_stay", "encounter_id", "made_at"),
        Index("ix_avoidable_day_facility", "facility_id", "day", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    entry_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    day: date = number(Holds.CLINICAL, null=False)
    code: str = words(Holds.CLINICAL)
    weight: str = words(Holds.CLINICAL)
    amount: float = number(Holds.CLINICAL, null=False)
    hours: float | None = number(Holds.CLINICAL)
    phase: str = words(Holds.CLINICAL)
    party_kind: str = words(Holds.CLINICAL)
    party: str = words(Holds.STAFF)
    controllable: str = words(Holds.CLINICAL)
    controllable_because: str = words(Holds.CLINICAL)
    explanation: str = words(Holds.CLINICAL)
    override: str = words(Holds.CLINICAL)
    origin: str = words(Holds.OPERATION)
    rule: str = words(Holds.OPERATION)
    proposed: str = words(Holds.OPERATION)
    evidence: str = words(Holds.CLINICAL)
    recorded_at: datetime = instant()
    recorded_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    validated_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    lock_reason: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class AvoidableDelay(SQLModel, table=True):
    """A delay of hours that cost no midnight. Never counted as a day."""

    __tablename__ = "avoidable_delay"
    __table_args__ = (
        enum_check("party_kind", PartyKind),
        enum_check("controllable", Controllable),
        CheckConstraint("until_at > since_at and until_at <= made_at", name="period"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("ix_avoidable_delay_stay", "encounter_id", "made_at"),
        Index("ix_avoidable_delay_facility", "facility_id", "since_at", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    since_at: datetime = instant(Holds.CLINICAL)
    until_at: datetime = instant(Holds.CLINICAL)
    code: str = words(Holds.CLINICAL)
    party_kind: str = words(Holds.CLINICAL)
    party: str = words(Holds.STAFF)
    controllable: str = words(Holds.CLINICAL)
    explanation: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_reason: str = words(Holds.CLINICAL)


class AvoidableDraft(SQLModel, table=True):
    """One version of what a rule proposes for a day: from `made_at` until it is taken, rejected, or gone.

    `mark` tells the evidence from other evidence: a rejected proposal comes back when it is another.
    """

    __tablename__ = "avoidable_draft"
    __table_args__ = (
        enum_check("rule", DraftRule),
        enum_check("party_kind", PartyKind),
        enum_check("phase", Phase),
        CheckConstraint("ended_because in ('', 'gone', 'taken', 'rejected')", name="ended_because"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        Index("uq_avoidable_draft_current", "encounter_id", "day", unique=True, postgresql_where=CURRENT),
        Index("ix_avoidable_draft_stay", "encounter_id", "made_at"),
        Index("ix_avoidable_draft_facility", "facility_id", "day", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    day: date = number(Holds.CLINICAL, null=False)
    rule: str = words(Holds.OPERATION)
    code: str = words(Holds.CLINICAL)
    phase: str = words(Holds.CLINICAL)
    party_kind: str = words(Holds.CLINICAL)
    party: str = words(Holds.STAFF)
    began_at: datetime = instant(Holds.CLINICAL)
    evidence: str = words(Holds.CLINICAL)
    mark: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)


class DraftRejection(SQLModel, table=True):
    """A proposal that somebody rejected, and why. Standing, it keeps the same rule from proposing the same again."""

    __tablename__ = "avoidable_rejection"
    __table_args__ = (
        enum_check("rule", DraftRule),
        enum_check("reason", RejectReason),
        Index("ix_avoidable_rejection_stay", "encounter_id", "made_at"),
        Index("ix_avoidable_rejection_facility", "facility_id", "day", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    day: date = number(Holds.CLINICAL, null=False)
    rule: str = words(Holds.OPERATION)
    code: str = words(Holds.CLINICAL)
    mark: str = words(Holds.OPERATION)
    reason: str = words(Holds.OPERATION)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class AvoidableReason(SQLModel, table=True):
    """One wording of a reason of a facility from a day on, in the place of the starting list or of an earlier one."""

    __tablename__ = "avoidable_reason"
    __table_args__ = (
        enum_check("party_kind", PartyKind),
        enum_check("controllable", Controllable),
        Index("uq_avoidable_reason_current", "facility_id", "code", "begins", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    code: str = words(Holds.OPERATION)
    group_code: str = words(Holds.OPERATION)
    label: str = words(Holds.OPERATION)
    definition: str = words(Holds.OPERATION)
    party_kind: str = words(Holds.OPERATION)
    party: str = words(Holds.OPERATION)
    controllable: str = words(Holds.OPERATION)
    retired: bool = number(null=False, default=False)
    begins: date = number(null=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class DayCost(SQLModel, table=True):
    """What one day costs in a setting from a day on, and by which convention."""

    __tablename__ = "avoidable_cost"
    __table_args__ = (
        enum_check("setting", CostSetting),
        enum_check("convention", CostConvention),
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint("(setting = 'facility') = (setting_key = '')", name="setting_key"),
        Index("uq_avoidable_cost_current", "facility_id", "setting", "setting_key", "begins", unique=True,
              postgresql_where=CURRENT),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    setting: str = words(Holds.OPERATION)
    setting_key: str = words(Holds.OPERATION)
    cents: int = number(null=False)
    convention: str = words(Holds.OPERATION)
    source: str = words(Holds.OPERATION)
    begins: date = number(null=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class DayPolicy(SQLModel, table=True):
    """What a facility has decided about counting, and who owns it."""

    __tablename__ = "avoidable_policy"
    __table_args__ = (
        CheckConstraint("ownership in ('', 'nonprofit', 'for_profit', 'government')", name="ownership"),
        Index("uq_avoidable_policy_current", "facility_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    half_days: bool = number(null=False, default=False)
    ownership: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
