"""Measures as tables: one row for each case, one for each figure of a day, and the patients to reckon anew.

All of it is derived from the census and from records that are kept and audited. Rows are replaced whenever a patient's
stays or records change, and a full computation from the same facts gives the same rows: so they bear no versions and
are not copied into the trail, and each refresh records one event. As of an earlier instant there are no figures: a
report keeps the figures that it showed.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Identity, Index, SmallInteger, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Float
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, holds, instant, key, number, words

INDEXED = [
    "excluded", "numerator", "denominator", "value", "unit", "service", "attending", "payer", "vendor", "counted",
    "encounter_id", "record_id",
]  # fmt: skip
"""What the index of days holds besides: three years of a measure are added up without a look at the rows, which lie
patient by patient, so that each would be a page of its own."""


def _amount(*, null: bool = True) -> Any:
    """A figure of a case or the sum of such figures."""
    extra: dict[str, Any] = {"info": {"holds": Holds.CLINICAL}}
    if not null:
        extra["server_default"] = text("0")
    return Field(default=None if null else 0.0, sa_type=Float, nullable=null, sa_column_kwargs=extra)


def _named(kind: Any = Uuid) -> Any:
    """A key without the check of a foreign key, which costs more than all else when millions of cases are made anew:
    what it names was read a moment before, and no stay and no patient is ever deleted."""
    return Field(sa_type=kind, nullable=False, sa_column_kwargs=holds(Holds.OPERATION))


def _part_of_key(holding: Holds = Holds.OPERATION) -> Any:
    return Field(primary_key=True, sa_column_kwargs=holds(holding))


class MeasureCase(SQLModel, table=True):
    """One case of one measure: counted, or left out for a reason of the definition.

    `day` is the local day of the facility that the case is counted on. What describes it (unit, service, attending,
    payer, vendor) are texts as people read them: those with which the stay ended or stands now, and of a patient day
    those of its midnight.
    """

    __tablename__ = "measure_case"
    __table_args__ = (
        CheckConstraint("counted = (excluded = '')", name="excluded"),
        Index("ix_measure_case_day", "facility_id", "measure", "day", postgresql_include=INDEXED),
        Index("ix_measure_case_patient", "patient_id"),
        Index("uq_measure_case", "encounter_id", "measure", "day", "record_id", unique=True,
              postgresql_nulls_not_distinct=True),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = _named(SmallInteger)
    measure: str = words(Holds.OPERATION)
    day: date = Field(sa_type=Date, sa_column_kwargs=holds(Holds.CLINICAL))
    encounter_id: uuid.UUID = _named()
    patient_id: uuid.UUID = _named()
    record_id: uuid.UUID | None = Field(default=None, nullable=True, sa_column_kwargs=holds(Holds.OPERATION))
    counted: bool = number(null=False, default=True)
    excluded: str = words(Holds.OPERATION)
    numerator: float | None = _amount()
    denominator: float | None = _amount()
    value: float | None = _amount()
    unit: str = words(Holds.CLINICAL)
    service: str = words(Holds.CLINICAL)
    attending: str = words(Holds.STAFF)
    payer: str = words(Holds.CLINICAL)
    vendor: str = words(Holds.OPERATION)
    detail: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default="{}", info={"holds": Holds.CLINICAL}),
    )
    computed_at: datetime = instant()


class MeasureDay(SQLModel, table=True):
    """The sums of one measure on one day of a facility, of all its cases or of those of one member of a dimension."""

    __tablename__ = "measure_day"
    facility_id: int = Field(primary_key=True, sa_type=SmallInteger, sa_column_kwargs=holds(Holds.OPERATION))
    measure: str = _part_of_key()
    day: date = Field(sa_type=Date, primary_key=True, sa_column_kwargs=holds(Holds.CLINICAL))
    dimension: str = _part_of_key()  # empty: the whole
    member: str = _part_of_key()
    cases: int = number(null=False, default=0)
    excluded: int = number(null=False, default=0)
    numerator: float = _amount(null=False)
    denominator: float = _amount(null=False)
    total: float = _amount(null=False)  # of the values
    logs: float = _amount(null=False)  # of the values, or of the numerators where a case has no value
    logs_expected: float = _amount(null=False)  # of the denominators
    computed_at: datetime = instant()


class MeasureTouch(SQLModel, table=True):
    """A patient of whom something changed: one row each time, taken away by the refresh that has seen the change."""

    __tablename__ = "measure_touch"
    id: int = Field(
        default=None,
        sa_column=Column(BigInteger, Identity(always=True), primary_key=True, info={"holds": Holds.OPERATION}),
    )
    patient_id: uuid.UUID = Field(sa_column_kwargs=holds(Holds.OPERATION))
    facility_id: int = facility_link(index=False)
    at: datetime = instant()
