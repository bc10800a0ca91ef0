"""The tables of the plan. A version is ended, never rewritten; `..._id` is the same in all versions of one thing."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.discharge.plan.terms import (
    BarrierAction,
    BarrierState,
    Confidence,
    DateReason,
    ItemAction,
    ItemPart,
    ItemState,
)
from app.discharge.terms import BarrierKind, CareType, Discipline
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")
_DISCIPLINES = ", ".join(f"'{one.value}'" for one in Discipline)
_PLACES = ", ".join(f"'{one.value}'" for one in CareType)
_ENDED = "(ended_at is null) = (ended_because = '') and ended_because in ('', 'replaced', 'undone')"


def _person() -> uuid.UUID | None:
    found: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    return found


class ExpectedDate(SQLModel, table=True):
    """The day on which the patient is expected to leave, as somebody set it at `made_at`."""

    __tablename__ = "expected_date"
    __table_args__ = (
        enum_check("because", DateReason),
        enum_check("confidence", Confidence),
        CheckConstraint(_ENDED, name="ended"),
        Index("uq_expected_date_current", "encounter_id", unique=True, postgresql_where=CURRENT),
        Index("ix_expected_date_stay", "encounter_id", "made_at"),
        Index("ix_expected_date_day", "facility_id", "expected_on", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    expected_on: date = number(Holds.CLINICAL, null=False)
    confidence: str = words(Holds.CLINICAL)
    because: str = words(Holds.CLINICAL)
    detail: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_because: str = words(Holds.OPERATION)


class Disposition(SQLModel, table=True):
    """Where the patient is to go, where else if that fails, and who agreed to it."""

    __tablename__ = "plan_disposition"
    __table_args__ = (
        enum_check("going_to", CareType),
        CheckConstraint(f"backup in ('', {_PLACES})", name="backup"),
        CheckConstraint("backup <> going_to", name="differs"),
        CheckConstraint(_ENDED, name="ended"),
        Index("uq_plan_disposition_current", "encounter_id", unique=True, postgresql_where=CURRENT),
        Index("ix_plan_disposition_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    going_to: str = words(Holds.CLINICAL)
    backup: str = words(Holds.CLINICAL)
    agreed_with: str = words(Holds.PERSON)
    detail: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_because: str = words(Holds.OPERATION)


class Barrier(SQLModel, table=True):
    """One version of something that stands in the way. `began_at` is its true begin, `raised_at` its first entry.

    `due_at` is when it should be out of the way; without a time of day that is the end of the day.
    """

    __tablename__ = "plan_barrier"
    __table_args__ = (
        enum_check("kind", BarrierKind),
        enum_check("discipline", Discipline),
        enum_check("state", BarrierState),
        enum_check("action", BarrierAction),
        CheckConstraint("kind <> 'other' or detail <> ''", name="detail"),
        CheckConstraint("began_at <= raised_at", name="past"),
        CheckConstraint("(state = 'resolved') = (resolved_at is not null)", name="resolved"),
        Index("uq_plan_barrier_current", "barrier_id", unique=True, postgresql_where=CURRENT),
        Index("ix_plan_barrier_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    barrier_id: uuid.UUID = number(null=False)
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    kind: str = words(Holds.CLINICAL)
    detail: str = words(Holds.CLINICAL)
    discipline: str = words(Holds.OPERATION)
    owner_id: uuid.UUID | None = _person()
    owner_name: str = words(Holds.STAFF)  # where the owner has no account here
    began_at: datetime = instant(Holds.CLINICAL)
    raised_at: datetime = instant(Holds.CLINICAL)
    due_at: datetime | None = instant(Holds.CLINICAL, null=True)
    state: str = words(Holds.CLINICAL)
    resolved_at: datetime | None = instant(Holds.CLINICAL, null=True)
    action: str = words(Holds.OPERATION)
    note: str = words(Holds.CLINICAL)  # what was said with the action
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class PlanItem(SQLModel, table=True):
    """One version of a goal, a milestone or a task.

    `measure` and `target` belong to goals, `kind` to milestones, `discipline` to tasks.
    """

    __tablename__ = "plan_item"
    __table_args__ = (
        enum_check("part", ItemPart),
        enum_check("state", ItemState),
        enum_check("action", ItemAction),
        CheckConstraint(f"discipline in ('', {_DISCIPLINES})", name="discipline"),
        CheckConstraint("(part = 'milestone') = (kind <> '')", name="kind"),
        CheckConstraint("part <> 'task' or discipline <> ''", name="task"),
        CheckConstraint("part = 'milestone' or wording <> ''", name="wording"),
        CheckConstraint("(state = 'done') = (settled_at is not null)", name="settled"),
        Index("uq_plan_item_current", "item_id", unique=True, postgresql_where=CURRENT),
        Index("ix_plan_item_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    item_id: uuid.UUID = number(null=False)
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    part: str = words(Holds.OPERATION)
    kind: str = words(Holds.CLINICAL)
    wording: str = words(Holds.CLINICAL)
    measure: str = words(Holds.CLINICAL)
    target: str = words(Holds.CLINICAL)
    discipline: str = words(Holds.OPERATION)
    owner_name: str = words(Holds.PERSON)  # staff, or the patient and the family for their own goals
    due_on: date | None = number(Holds.CLINICAL)
    state: str = words(Holds.CLINICAL)
    settled_at: datetime | None = instant(Holds.CLINICAL, null=True)
    action: str = words(Holds.OPERATION)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class PlanLook(SQLModel, table=True):
    """Somebody looked at the plan as it stood at `made_at` and found that it holds: 42 CFR 482.43(a)(6)."""

    __tablename__ = "plan_look"
    __table_args__ = (Index("ix_plan_look_stay", "encounter_id", "made_at"),)
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
