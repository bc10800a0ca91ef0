"""The census as tables. All of it is derived: folded from the facts of accepted messages, never edited by hand.

`adt_fact` keeps every accepted fact; `patient`, `encounter` and what hangs on them are what the fold says of them.
Columns that lists need stand on `encounter` itself, so that a list of 400 stays is one scan.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Identity,
    Index,
    Integer,
    Label,
    SmallInteger,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import String
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, instant, key, link, number, words


def _prefix(*columns: str) -> list[Label[Any]]:
    """Columns of an index that serves searches by the beginning of a word, in any collation."""
    return [literal_column(f"lower({column})").label(f"lower_{column}") for column in columns]


def _ops(*columns: str) -> dict[str, str]:
    return {f"lower_{column}": "text_pattern_ops" for column in columns}


def _subject(target: str) -> Any:
    """The row that a version is of: the first part of its key."""
    return Field(foreign_key=target, primary_key=True, sa_column_kwargs={"info": {"holds": Holds.OPERATION}})


def _known_from() -> Any:
    return Field(
        primary_key=True, sa_type=DateTime(timezone=True), sa_column_kwargs={"info": {"holds": Holds.OPERATION}}
    )


def _node() -> Any:
    made = Computed("known_node(known_from, known_until)", persisted=True)
    return Field(default=None, sa_column=Column(BigInteger, made, nullable=True, info={"holds": Holds.OPERATION}))


def _row_key(*, null: bool = False) -> Any:
    """A key without the check of a foreign key: what it names was checked when the row itself was written."""
    return Field(default=None if null else ..., nullable=null, sa_column_kwargs={"info": {"holds": Holds.OPERATION}})


def _parts() -> Any:
    return Field(
        default_factory=list,
        sa_type=JSONB,
        nullable=False,
        sa_column_kwargs={"server_default": "[]", "info": {"holds": Holds.PERSON}},
    )


class AdtFactRow(SQLModel, table=True):
    """One accepted message as the fold reads it. `keys` are the numbers that connect it with other facts."""

    __tablename__ = "adt_fact"
    __table_args__ = (Index("ix_adt_fact_keys", "keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),)
    message_id: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False, info={"holds": Holds.OPERATION})
    )
    facility_id: int = facility_link(index=False)
    recorded_at: datetime = instant(Holds.CLINICAL)
    known_at: datetime = instant()  # received over a live feed; else the recorded clock of the message
    keys: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False, info={"holds": Holds.PERSON}))
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"holds": Holds.PERSON}))


class PersonColumns(SQLModel):
    """What is said of a person; the same columns for what holds now and for what was known at some time."""

    authority: str = words(Holds.OPERATION)
    number: str = words(Holds.PERSON)
    facility_ids: list[int] = Field(
        sa_type=ARRAY(SmallInteger),
        nullable=False,
        sa_column_kwargs={"server_default": "{}", "info": {"holds": Holds.OPERATION}},
    )
    status: str = words(Holds.OPERATION, default="active")
    merged_into_id: uuid.UUID | None = None
    family: str = words(Holds.PERSON)
    given: str = words(Holds.PERSON)
    middle: str = words(Holds.PERSON)
    suffix: str = words(Holds.PERSON)
    birth_text: str = words(Holds.PERSON)  # digits as sent
    sex: str = words(Holds.CLINICAL)
    deceased: str = words(Holds.CLINICAL)
    zip_code: str = words(Holds.PERSON)
    phone: str = words(Holds.PERSON)
    language: str = words(Holds.CLINICAL)
    sensitivity: str = words(Holds.CLINICAL)  # of any of this person's stays
    identifiers: list[dict[str, str]] = Field(
        default_factory=list,
        sa_type=JSONB,
        nullable=False,
        sa_column_kwargs={"server_default": "[]", "info": {"holds": Holds.PERSON}},
    )


class Patient(PersonColumns, table=True):
    """A person under one medical record number; merged ones point to the number that stands for them."""

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("authority", "number"),
        CheckConstraint("status in ('active', 'merged', 'deleted')", name="status"),
        Index("ix_patient_search", *_prefix("family", "given"), postgresql_ops=_ops("family", "given")),
        Index("ix_patient_number", *_prefix("number"), postgresql_ops=_ops("number")),
    )
    id: uuid.UUID = key()
    merged_into_id: uuid.UUID | None = link("patient.id", null=True)


class StayColumns(SQLModel):
    """What is said of a stay; the same columns for what holds now and for what was known at some time."""

    authority: str = words(Holds.OPERATION)
    visit_number: str = words(Holds.PERSON)
    account_number: str = words(Holds.PERSON)
    status: str = words(Holds.CLINICAL)
    patient_class: str = words(Holds.CLINICAL)
    start_at: datetime | None = instant(Holds.CLINICAL, null=True)
    admit_at: datetime | None = instant(Holds.CLINICAL, null=True)
    inpatient_at: datetime | None = instant(Holds.CLINICAL, null=True)
    observation_at: datetime | None = instant(Holds.CLINICAL, null=True)  # start of the first observation row
    class_since: datetime | None = instant(Holds.CLINICAL, null=True)
    discharge_at: datetime | None = instant(Holds.CLINICAL, null=True)
    discharge_precise: bool = number(Holds.CLINICAL, null=False, default=True)  # false: only the day was sent
    disposition: str = words(Holds.CLINICAL)
    unit: str = words(Holds.CLINICAL)
    room: str = words(Holds.CLINICAL)
    bed: str = words(Holds.CLINICAL)
    location: str = words(Holds.CLINICAL)  # unit^room^bed; empty when not in the house
    place_facility: str = words(Holds.OPERATION)  # PV1-3.4, else the sender: one feed may tell of several houses
    last_location: str = words(Holds.CLINICAL)
    service: str = words(Holds.CLINICAL)
    attending_number: str = words(Holds.STAFF)
    attending_name: str = words(Holds.STAFF)
    admit_source: str = words(Holds.CLINICAL)
    admit_type: str = words(Holds.CLINICAL)
    admit_reason: str = words(Holds.CLINICAL)
    financial_class: str = words(Holds.CLINICAL)
    payer_code: str = words(Holds.CLINICAL)
    payer_name: str = words(Holds.CLINICAL)
    drg: str = words(Holds.CLINICAL)
    gmlos: float | None = number(Holds.CLINICAL)  # geometric mean length of stay of the DRG, days
    expected_discharge_at: datetime | None = instant(Holds.CLINICAL, null=True)  # as the feed says
    pending_kind: str = words(Holds.CLINICAL)  # transfer, discharge
    pending_location: str = words(Holds.CLINICAL)
    pending_at: datetime | None = instant(Holds.CLINICAL, null=True)
    sensitivity: str = words(Holds.CLINICAL)
    inferred: bool = number(null=False, default=False)  # its admission was never received
    first_message_id: int = Field(  # first received of its messages: by it a stay is known again under another number
        default=0,
        sa_type=BigInteger,
        nullable=False,
        sa_column_kwargs={"server_default": "0", "info": {"holds": Holds.OPERATION}},
    )


class Encounter(StayColumns, table=True):
    """A stay or visit as it stands now. Instants of the feed in UTC; texts ready for lists beside them."""

    __tablename__ = "encounter"
    __table_args__ = (
        UniqueConstraint(
            "authority", "visit_number", "gone_at", name="uq_encounter_authority_visit_number",
            deferrable=True, initially="DEFERRED", postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(
            "status in ('preadmit', 'registered', 'admitted', 'on_leave', 'discharged', 'cancelled')", name="status"
        ),
        CheckConstraint(
            "patient_class in ('IP', 'OBS', 'OP', 'ED', 'PRE', 'RCR', 'UNK')", name="patient_class"
        ),
        CheckConstraint("sensitivity in ('', 'vip', 'employee', 'part2', 'psychiatric')", name="sensitivity"),
        Index("ix_encounter_census", "facility_id", "patient_class",
              postgresql_where=text("status in ('admitted', 'on_leave')")),
        Index("ix_encounter_sensitive", "id", postgresql_where=text("sensitivity <> ''")),
        Index("ix_encounter_room", "facility_id", "unit", "room",
              postgresql_where=text("status in ('registered', 'admitted', 'on_leave')")),
        Index("ix_encounter_visit", *_prefix("visit_number"), postgresql_ops=_ops("visit_number")),
        Index("ix_encounter_departed", "facility_id", "discharge_at"),
        Index("ix_encounter_attending_number", "attending_number"),
    )  # fmt: skip
    id: uuid.UUID = key()
    serial: int = Field(
        default=None, sa_column=Column(Integer, Identity(always=True), unique=True, info={"holds": Holds.OPERATION})
    )
    facility_id: int = facility_link()
    patient_id: uuid.UUID = link("patient.id")  # the root of merges: whose stay it is shown as
    home_patient_id: uuid.UUID = link("patient.id")  # under which number it was first recorded
    gone_at: datetime | None = instant(null=True)  # it turned out to be none of its own; kept for what hangs on it
    united_into_id: uuid.UUID | None = link("encounter.id", null=True)  # the stay that it turned out to be part of
    updated_at: datetime = instant()


class Movement(SQLModel, table=True):
    """One row of a stay's timeline: where, in which class, under whom, from when to when."""

    __tablename__ = "movement"
    __table_args__ = (
        CheckConstraint("lane in (1, 2, 3, 4, 5)", name="lane"),
        CheckConstraint("until is null or until > since", name="period"),
        Index("ix_movement_stay", "encounter_id", "lane", "since"),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    stay_serial: int = number(null=False)
    facility_id: int = facility_link(index=False)
    lane: int = Field(sa_type=SmallInteger, sa_column_kwargs={"info": {"holds": Holds.OPERATION}})
    value: str = words(Holds.CLINICAL)
    label: str = words(Holds.CLINICAL)
    since: datetime = instant(Holds.CLINICAL)
    until: datetime | None = instant(Holds.CLINICAL, null=True)


class Coverage(SQLModel, table=True):
    """One insurance of a stay (IN1), in the order in which they pay."""

    __tablename__ = "coverage"
    __table_args__ = (UniqueConstraint("encounter_id", "rank"),)
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    rank: int = number(null=False)
    payer_code: str = words(Holds.CLINICAL)
    payer_name: str = words(Holds.CLINICAL)
    plan_code: str = words(Holds.CLINICAL)
    group_number: str = words(Holds.PERSON)
    member_number: str = words(Holds.PERSON)
    starts_text: str = words(Holds.CLINICAL)
    ends_text: str = words(Holds.CLINICAL)


class Diagnosis(SQLModel, table=True):
    """One diagnosis of a stay (DG1), in the order in which it was sent."""

    __tablename__ = "diagnosis"
    __table_args__ = (UniqueConstraint("encounter_id", "rank"),)
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    rank: int = number(null=False)
    code: str = words(Holds.CLINICAL)
    text: str = words(Holds.CLINICAL)
    kind: str = words(Holds.CLINICAL)


class CensusException(SQLModel, table=True):
    """Something in the feed that a person should look at. It closes itself when the facts no longer show it."""

    __tablename__ = "census_exception"
    __table_args__ = (
        Index("uq_census_exception_open", "component", "kind", "subject", "facility_id", unique=True,
              postgresql_where=text("closed_at is null"), postgresql_nulls_not_distinct=True),
        Index("ix_census_exception_open", "facility_id", "opened_at", postgresql_where=text("closed_at is null")),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int | None = facility_link(null=True, index=False)
    kind: str = words(Holds.OPERATION)
    subject: str = words(Holds.PERSON)  # control id, place or record number it is about
    component: str = words(Holds.PERSON)  # the message, bed or patient it came from, so that a fold finds it again
    message_id: int | None = Field(
        default=None, sa_type=BigInteger, sa_column_kwargs={"info": {"holds": Holds.OPERATION}}
    )
    encounter_id: uuid.UUID | None = link("encounter.id", null=True)
    patient_id: uuid.UUID | None = link("patient.id", null=True)
    detail: str = words(Holds.CLINICAL)
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(null=True)


class SensitiveMark(SQLModel, table=True):
    """A stay marked as sensitive by a person; it outranks what the feed says of it."""

    __tablename__ = "sensitive_mark"
    __table_args__ = (
        CheckConstraint("sensitivity in ('', 'vip', 'employee', 'part2', 'psychiatric')", name="sensitivity"),
    )
    encounter_id: uuid.UUID = Field(
        foreign_key="encounter.id", primary_key=True, sa_column_kwargs={"info": {"holds": Holds.OPERATION}}
    )
    facility_id: int = facility_link(index=False)
    sensitivity: str = words(Holds.CLINICAL)
    reason: str = words(Holds.CLINICAL)
    marked_at: datetime = instant()
    marked_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


# --- what was known when ---------------------------------------------------------------------------------------------


class EncounterKnown(StayColumns, table=True):
    """A stay as it was known from one instant until another; `infinity` while nothing newer is known.

    Derived like the stay itself: the fold of the facts that were known by then, kept so that a list of an earlier
    instant is one scan. `node` names the smallest piece of the calendar (halved again and again, down to a minute) that
    holds the whole period: what was known at an instant lies in one of the pieces around it, few enough to look up,
    and equality of numbers is a comparison that row policies let an index answer.
    """

    __tablename__ = "encounter_known"
    __table_args__ = (
        Index("ix_encounter_known_house", "facility_id", "node", "known_until",
              postgresql_where=text("status in ('admitted', 'on_leave')")),
        Index("ix_encounter_known_departed", "facility_id", "discharge_at",
              postgresql_where=text("status = 'discharged'")),
    )  # fmt: skip
    encounter_id: uuid.UUID = _subject("encounter.id")
    known_from: datetime = _known_from()
    known_until: datetime = instant()
    node: int = _node()
    serial: int = number(null=False)
    facility_id: int = facility_link(index=False)
    patient_id: uuid.UUID = _row_key()
    home_patient_id: uuid.UUID = _row_key()
    movements: list[dict[str, Any]] = _parts()
    coverage: list[dict[str, Any]] = _parts()
    diagnoses: list[dict[str, Any]] = _parts()


class PatientKnown(PersonColumns, table=True):
    """A person as known from one instant until another."""

    __tablename__ = "patient_known"
    patient_id: uuid.UUID = _subject("patient.id")
    known_from: datetime = _known_from()
    known_until: datetime = instant()
    merged_into_id: uuid.UUID | None = _row_key(null=True)


class Unremembered(SQLModel, table=True):
    """A queue: facts from before versions were kept. What they tell of the past is made up for in the background."""

    __tablename__ = "unremembered"
    message_id: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False, info={"holds": Holds.OPERATION})
    )
    facility_id: int = facility_link(index=False)
