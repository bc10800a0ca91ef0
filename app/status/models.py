"""The tables of status. Versions are ended, never rewritten; what was a mistake is struck out with a reason."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words
from app.status.terms import (
    Answer,
    Basis,
    ChangeKind,
    Channel,
    CutShort,
    Degree,
    DeterminationAction,
    Finding,
    Part,
    Question,
    Statement,
    Told,
)

CURRENT = text("ended_at is null")


def _struck_out() -> CheckConstraint:
    """What counts no more says why."""
    return CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended")


def _person(*, null: bool = True) -> Any:
    return link("app_user.id", null=null, index=False, kind=Holds.STAFF)


class CommitteeMember(SQLModel, table=True):
    """A seat on the utilization-review committee of a hospital, from a day on, up to a last day if there is one."""

    __tablename__ = "committee_member"
    __table_args__ = (
        enum_check("degree", Degree),
        CheckConstraint("last_day is null or last_day >= first_day", name="days"),
        Index("uq_committee_member_current", "facility_id", "user_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    user_id: uuid.UUID = _person(null=False)
    degree: str = words(Holds.STAFF)
    first_day: date = number(Holds.STAFF, null=False)
    last_day: date | None = number(Holds.STAFF)
    financial_interest: bool = number(Holds.STAFF, null=False, default=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()


class CareTeamEntry(SQLModel, table=True):
    """Somebody who takes part in a patient's care and whom the feed does not name: a consultant, a surgeon."""

    __tablename__ = "care_team_entry"
    __table_args__ = (
        CheckConstraint("name <> '' or user_id is not null", name="named"),
        Index("ix_care_team_entry_stay", "encounter_id", "made_at"),
        _struck_out(),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    user_id: uuid.UUID | None = _person()
    name: str = words(Holds.STAFF)
    number: str = words(Holds.STAFF)  # as the feed would name an attending physician
    capacity: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_reason: str = words(Holds.CLINICAL)


class Determination(SQLModel, table=True):
    """One version of a determination of the committee. `determination_id` is the same in all versions.

    `exception` says why it was closed before all three had been told. `members_needed` is what the rule asked when it
    was made.
    """

    __tablename__ = "determination"
    __table_args__ = (
        enum_check("question", Question),
        CheckConstraint("state in ('open', 'determined', 'closed', 'withdrawn', 'struck_out')", name="state"),
        CheckConstraint("finding in ('', 'necessary', 'not_necessary')", name="finding"),
        enum_check("action", DeterminationAction),
        CheckConstraint("(finding <> '') = (determined_at is not null)", name="determined"),
        CheckConstraint("finding <> 'not_necessary' or (rationale <> '' and members_needed in (1, 2))", name="reasons"),
        Index("uq_determination_current", "determination_id", unique=True, postgresql_where=CURRENT),
        Index("ix_determination_stay", "encounter_id", "made_at"),
        Index(
            "ix_determination_open", "facility_id",
            postgresql_where=text("ended_at is null and state in ('open', 'determined')"),
        ),
    )  # fmt: skip
    id: uuid.UUID = key()
    determination_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    question: str = words(Holds.CLINICAL)
    review_id: uuid.UUID | None = number(null=True)  # the review that led to it
    opened_at: datetime = instant(Holds.CLINICAL)
    opened_by: uuid.UUID | None = _person()
    state: str = words(Holds.OPERATION)
    finding: str = words(Holds.CLINICAL)
    rationale: str = words(Holds.CLINICAL)
    members_needed: int | None = number(Holds.OPERATION)
    determined_at: datetime | None = instant(Holds.CLINICAL, null=True)
    determined_by: uuid.UUID | None = _person()
    exception: str = words(Holds.CLINICAL)
    action: str = words(Holds.OPERATION)
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class Consult(SQLModel, table=True):
    """One attempt to hear a practitioner before a determination, at its true time, with what came of it."""

    __tablename__ = "determination_consult"
    __table_args__ = (
        enum_check("part", Part),
        enum_check("channel", Channel),
        enum_check("answer", Answer),
        CheckConstraint("attempted_at <= made_at", name="past"),
        CheckConstraint("practitioner <> ''", name="practitioner"),
        CheckConstraint("answer <> 'disagrees' or views <> ''", name="views"),
        Index("ix_determination_consult_stay", "encounter_id", "made_at"),
        Index("ix_determination_consult_of", "determination_id"),
        _struck_out(),
    )
    id: uuid.UUID = key()
    determination_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    part: str = words(Holds.CLINICAL)
    practitioner: str = words(Holds.STAFF)
    attempted_at: datetime = instant(Holds.CLINICAL)
    channel: str = words(Holds.CLINICAL)
    answer: str = words(Holds.CLINICAL)
    views: str = words(Holds.CLINICAL)
    documented_in: str = words(Holds.CLINICAL)  # where the medical record holds the concurrence
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_reason: str = words(Holds.CLINICAL)


class Opinion(SQLModel, table=True):
    """What one member of the committee found."""

    __tablename__ = "determination_opinion"
    __table_args__ = (
        enum_check("finding", Finding),
        Index("uq_determination_opinion_current", "determination_id", "user_id", unique=True, postgresql_where=CURRENT),
        Index("ix_determination_opinion_stay", "encounter_id", "made_at"),
        _struck_out(),
    )
    id: uuid.UUID = key()
    determination_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    member_id: uuid.UUID = link("committee_member.id", index=False)
    user_id: uuid.UUID = _person(null=False)
    finding: str = words(Holds.CLINICAL)
    rationale: str = words(Holds.CLINICAL)
    made_at: datetime = instant(Holds.CLINICAL)
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_reason: str = words(Holds.CLINICAL)


class DeterminationNotice(SQLModel, table=True):
    """A written notice of a determination to one of the three, at its true time however late."""

    __tablename__ = "determination_notice"
    __table_args__ = (
        enum_check("told", Told),
        CheckConstraint("channel in ('letter', 'electronic')", name="channel"),
        CheckConstraint("delivered_at <= made_at", name="past"),
        Index("uq_determination_notice_current", "determination_id", "told", unique=True, postgresql_where=CURRENT),
        Index("ix_determination_notice_stay", "encounter_id", "made_at"),
        _struck_out(),
    )
    id: uuid.UUID = key()
    determination_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    told: str = words(Holds.CLINICAL)
    recipient: str = words(Holds.PERSON)
    channel: str = words(Holds.CLINICAL)
    given_by: str = words(Holds.STAFF)
    delivered_at: datetime = instant(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_reason: str = words(Holds.CLINICAL)


class AdmissionExpectation(SQLModel, table=True):
    """What the physician documented of the stay to be expected: 42 CFR 412.3(d). One stands for a stay."""

    __tablename__ = "admission_expectation"
    __table_args__ = (
        enum_check("basis", Basis),
        enum_check("cut_short", CutShort),
        CheckConstraint("written_at <= made_at", name="past"),
        CheckConstraint("factors <> '' and physician <> ''", name="said"),
        Index("uq_admission_expectation_current", "encounter_id", unique=True, postgresql_where=CURRENT),
        Index("ix_admission_expectation_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    basis: str = words(Holds.CLINICAL)
    physician: str = words(Holds.STAFF)
    written_at: datetime = instant(Holds.CLINICAL)
    factors: str = words(Holds.CLINICAL)
    cut_short: str = words(Holds.CLINICAL)
    elsewhere_since: datetime | None = instant(Holds.CLINICAL, null=True)  # begin of care at the sending hospital
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_reason: str = words(Holds.CLINICAL)


class StatusCase(SQLModel, table=True):
    """One version of a change of status that is worked towards. `change_id` is the same in all versions."""

    __tablename__ = "status_change"
    __table_args__ = (
        enum_check("kind", ChangeKind),
        CheckConstraint("state in ('open', 'completed', 'withdrawn', 'struck_out')", name="state"),
        CheckConstraint("state <> 'completed' or (completed_at is not null and ordered_at is not null)", name="order"),
        CheckConstraint("effective_at is null or effective_at >= ordered_at", name="forward"),
        Index("uq_status_change_current", "change_id", unique=True, postgresql_where=CURRENT),
        Index(
            "uq_status_change_open", "encounter_id", unique=True,
            postgresql_where=text("ended_at is null and state = 'open'"),
        ),
        Index("ix_status_change_stay", "encounter_id", "made_at"),
        Index(
            "ix_status_change_waiting", "facility_id",
            postgresql_where=text("ended_at is null and state in ('open', 'completed')"),
        ),
    )  # fmt: skip
    id: uuid.UUID = key()
    change_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.CLINICAL)
    state: str = words(Holds.OPERATION)
    begun_at: datetime = instant(Holds.CLINICAL)
    begun_by: uuid.UUID | None = _person()
    determination_id: uuid.UUID | None = number(null=True)
    order_number: str = words(Holds.CLINICAL)
    ordered_by: str = words(Holds.STAFF)
    ordered_at: datetime | None = instant(Holds.CLINICAL, null=True)
    effective_at: datetime | None = instant(Holds.CLINICAL, null=True)
    completed_at: datetime | None = instant(Holds.CLINICAL, null=True)
    completed_by: uuid.UUID | None = _person()
    reason: str = words(Holds.CLINICAL)
    note: str = words(Holds.CLINICAL)  # why this version stands in the place of another
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class ClaimStatement(SQLModel, table=True):
    """What somebody who knows said of the inpatient claim, as of that instant; the latest that stands counts."""

    __tablename__ = "claim_statement"
    __table_args__ = (
        enum_check("statement", Statement),
        CheckConstraint("said_at <= made_at", name="past"),
        CheckConstraint("said_by <> ''", name="said_by"),
        Index("ix_claim_statement_stay", "encounter_id", "made_at"),
        _struck_out(),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    statement: str = words(Holds.CLINICAL)
    said_by: str = words(Holds.STAFF)
    said_at: datetime = instant(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_reason: str = words(Holds.CLINICAL)
