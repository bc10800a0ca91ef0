"""The serious-illness lane as tables, in versions: signs, the answer to them, advance-care planning, meetings."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.discharge.assessment.models import texts
from app.discharge.illness.terms import Basis, CaseAction, CaseState, CodeStatus, MeetingState, PlanningState, Sign
from app.discharge.instruments.models import CURRENT, staff
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words


class IllnessSign(SQLModel, table=True):
    """A sign with what shows it, from when it was first found until the facts did not show it any more."""

    __tablename__ = "illness_sign"
    __table_args__ = (
        enum_check("sign", Sign),
        Index("uq_illness_sign_current", "encounter_id", "sign", unique=True, postgresql_where=CURRENT),
        Index("ix_illness_sign_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    sign: str = words(Holds.CLINICAL)
    told: bool = number(Holds.OPERATION, null=False, default=False)  # by a person; else computed from facts
    evidence: str = words(Holds.CLINICAL)
    found_at: datetime = instant(Holds.CLINICAL)  # first found in this stay, however the words about it change
    made_at: datetime = instant()
    made_by: uuid.UUID | None = staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = staff()


class IllnessCase(SQLModel, table=True):
    """One version of the answer to the signs of a stay. There is at most one case to a stay."""

    __tablename__ = "illness_case"
    __table_args__ = (
        enum_check("state", CaseState),
        CheckConstraint("action in ('find', " + ", ".join(f"'{one.value}'" for one in CaseAction) + ")", name="action"),
        CheckConstraint("state not in ('consult_ordered', 'seen') or ordered_at is not null", name="ordered"),
        CheckConstraint("state <> 'seen' or seen_at is not null", name="seen"),
        CheckConstraint("seen_at is null or seen_at >= ordered_at", name="seen_after"),
        Index("uq_illness_case_current", "encounter_id", unique=True, postgresql_where=CURRENT),
        Index("ix_illness_case_stay", "encounter_id", "made_at"),
        Index("ix_illness_case_found", "facility_id", "found_at", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    case_id: uuid.UUID = Field(sa_column_kwargs={"info": {"holds": Holds.OPERATION}})
    state: str = words(Holds.CLINICAL)
    action: str = words(Holds.OPERATION)
    why: str = words(Holds.CLINICAL)
    note: str = words(Holds.CLINICAL)
    round_id: uuid.UUID = Field(sa_column_kwargs={"info": {"holds": Holds.OPERATION}})  # another one with each return
    found_at: datetime = instant(Holds.CLINICAL)  # when it last came to wait for an answer
    first_found_at: datetime = instant(Holds.CLINICAL)
    answered_at: datetime | None = instant(Holds.CLINICAL, null=True)
    return_on: date | None = number(Holds.CLINICAL)
    ordered_at: datetime | None = instant(Holds.CLINICAL, null=True)
    seen_at: datetime | None = instant(Holds.CLINICAL, null=True)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = staff()


class AdvanceCare(SQLModel, table=True):
    """One version of advance-care planning of a stay: documents, code status, surrogate, goals."""

    __tablename__ = "advance_care"
    __table_args__ = (
        enum_check("state", PlanningState),
        enum_check("code_status", CodeStatus),
        enum_check("basis", Basis),
        Index("uq_advance_care_current", "encounter_id", unique=True, postgresql_where=CURRENT),
        Index("ix_advance_care_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    state: str = words(Holds.CLINICAL)
    documents: list[str] = texts()
    documents_seen: list[str] = texts()  # those whose paper somebody has seen
    code_status: str = words(Holds.CLINICAL)
    conflict: str = words(Holds.CLINICAL)
    surrogate: str = words(Holds.PERSON)
    basis: str = words(Holds.CLINICAL)
    contact: str = words(Holds.PERSON)
    goals: str = words(Holds.CLINICAL)
    asked_at: datetime = instant(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = staff()


class IllnessMeeting(SQLModel, table=True):
    """One version of a family meeting, or of a talk about advance-care planning."""

    __tablename__ = "illness_meeting"
    __table_args__ = (
        enum_check("state", MeetingState),
        CheckConstraint("state <> 'planned' or planned_at is not null", name="planned"),
        CheckConstraint("(state <> 'held') or (held_at is not null and outcome <> '')", name="held"),
        CheckConstraint("held_at is null or held_at <= made_at", name="past"),
        CheckConstraint("minutes between 0 and 600", name="minutes"),
        Index("uq_illness_meeting_current", "meeting_id", unique=True, postgresql_where=CURRENT),
        Index("ix_illness_meeting_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    meeting_id: uuid.UUID = Field(sa_column_kwargs={"info": {"holds": Holds.OPERATION}})
    state: str = words(Holds.OPERATION)
    wanted_at: datetime = instant(Holds.CLINICAL)  # when somebody first wanted it
    planned_at: datetime | None = instant(Holds.CLINICAL, null=True)
    held_at: datetime | None = instant(Holds.CLINICAL, null=True)
    minutes: int = number(Holds.CLINICAL, null=False, default=0)  # of advance-care planning, face to face
    present: str = words(Holds.PERSON)
    outcome: str = words(Holds.CLINICAL)
    agreed: str = words(Holds.CLINICAL)  # what was agreed, in words
    hospice_considered: bool = number(Holds.CLINICAL, null=False, default=False)
    disposition: str = words(Holds.CLINICAL)  # a CareType that the meeting proposes
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = staff()
