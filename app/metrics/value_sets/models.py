"""Imported value sets, codes mapped by hand, and coded abstracts. What is corrected ends; nothing is rewritten."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, holds, instant, key, link, number, words

OPEN = text("ended_at is null")
LISTS = (
    "('pr1_ccs', 'pr2_ccs', 'pr3_ccs', 'pr3_pcs', 'pr4_ccs', 'pr4_cm', 'exclusion_ccs', 'cohort_ccs', 'surgery_ccs',"
    " 'surgery_pcs', 'dx_ccs', 'px_ccs')"
)


class ValueSetVintage(SQLModel, table=True):
    """The tables of one vintage as they were taken in. At most one of a vintage holds at a time."""

    __tablename__ = "value_set_vintage"
    __table_args__ = (
        CheckConstraint("vintage <> ''", name="vintage"),
        Index("uq_value_set_vintage_holds", "vintage", unique=True, postgresql_where=OPEN),
    )
    id: uuid.UUID = key()
    vintage: str = words(Holds.OPERATION)
    source: str = words(Holds.OPERATION)  # name of the folder, without those above it
    digest: str = words(Holds.OPERATION)  # SHA-256 of the rows
    codes: int = number(null=False, default=0)
    imported_at: datetime = instant()
    imported_by: str = words(Holds.STAFF)
    ended_at: datetime | None = instant(null=True)


class ValueSetCode(SQLModel, table=True):
    """One row of one list: a code or the number of a category, and what is said of it where a list says more."""

    __tablename__ = "value_set_code"
    __table_args__ = (UniqueConstraint("vintage_id", "list", "code"), CheckConstraint(f"list in {LISTS}", name="list"))
    id: uuid.UUID = key()
    vintage_id: uuid.UUID = link("value_set_vintage.id", index=False)
    list: str = words(Holds.OPERATION)
    code: str = words(Holds.OPERATION)
    value: str = words(Holds.OPERATION)


class CodeCategory(SQLModel, table=True):
    """Somebody put a code that the published map lacks into a category. Said again or taken back, the row ends."""

    __tablename__ = "code_category"
    __table_args__ = (
        CheckConstraint("system in ('dx', 'px')", name="system"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("uq_code_category_current", "system", "code", unique=True, postgresql_where=OPEN),
    )
    id: uuid.UUID = key()
    system: str = words(Holds.OPERATION)
    code: str = words(Holds.OPERATION)
    ccs: int = number(null=False)
    reason: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_reason: str = words(Holds.OPERATION)


class CodedStay(SQLModel, table=True):
    """The final coding of a stay, as billed. A corrected coding ends the one before it."""

    __tablename__ = "coded_stay"
    __table_args__ = (
        Index("uq_coded_stay_current", "encounter_id", unique=True, postgresql_where=OPEN),
        Index("ix_coded_stay_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    visit_number: str = words(Holds.PERSON)  # as the file wrote it
    principal_dx: str = words(Holds.CLINICAL)  # ICD-10-CM without a dot
    ms_drg: str = words(Holds.CLINICAL)  # three digits
    disposition: str = words(Holds.CLINICAL)  # discharge status, two digits
    coded_on: date = Field(sa_column_kwargs=holds(Holds.CLINICAL))  # day on which the coding became final
    source: str = words(Holds.OPERATION)  # name of the file, without its folder
    digest: str = words(Holds.OPERATION)  # SHA-256 of what the row says
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class CodedProcedure(SQLModel, table=True):
    """One procedure of a final coding, in the order in which it was coded."""

    __tablename__ = "coded_procedure"
    __table_args__ = (UniqueConstraint("coded_stay_id", "seq"), Index("ix_coded_procedure_stay", "encounter_id"))
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    coded_stay_id: uuid.UUID = link("coded_stay.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    seq: int = number(null=False)
    px: str = words(Holds.CLINICAL)  # ICD-10-PCS
    made_at: datetime = instant()
