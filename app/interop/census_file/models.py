"""Census files: what each said, what people repaired by them, which stays were closed because files lacked them.

Rows are never rewritten: a repair or a closing that is taken back gets an end, a setting that changes is the
facility's and is audited. Only parts of the program read what files say of patients; pages show a person of it what
that person may see.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, instant, key, link, number, words


class CensusFileSetting(SQLModel, table=True):
    """How one facility's census files are read, and what they are for. No row: everything as usual."""

    __tablename__ = "census_file_setting"
    __table_args__ = (
        UniqueConstraint("facility_id"),
        CheckConstraint("use in ('automatic', 'source', 'check')", name="use"),
        CheckConstraint("absent_after between 1 and 99", name="absent_after"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    use: str = words(Holds.OPERATION, default="automatic")
    absent_after: int = number(null=False, default=3)  # files in a row that must lack a stay
    headers: dict[str, str] = Field(
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default="{}", info={"holds": Holds.OPERATION}),
    )
    mrn_width: int = number(null=False, default=0)  # digits of a record number, 0 where it varies
    visit_width: int = number(null=False, default=0)


class CensusFile(SQLModel, table=True):
    """One file as it came. The same bytes of the same instant are taken once for each way of reading them."""

    __tablename__ = "census_file"
    __table_args__ = (UniqueConstraint("facility_id", "digest", "taken_at", "habits"),)
    id: int = Field(
        default=None,
        sa_column=Column(Integer, Identity(always=True), primary_key=True, info={"holds": Holds.OPERATION}),
    )
    facility_id: int = facility_link(index=False)
    name: str = words(Holds.OPERATION)
    taken_at: datetime = instant(Holds.OPERATION)
    received_at: datetime = instant()
    received_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.OPERATION}))
    habits: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.OPERATION}))
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.PERSON}))
    encoding: str = words(Holds.OPERATION)
    delimiter: str = words(Holds.OPERATION)
    headers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False, info={"holds": Holds.OPERATION}))
    problems: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False, info={"holds": Holds.OPERATION}))
    row_count: int = number(null=False, default=0)
    refused_count: int = number(null=False, default=0)
    whole: bool = number(null=False, default=True)  # false: part of it could not be told apart, so nothing is absent
    applied: bool = number(null=False, default=False)  # its rows are facts of the census; else it is only compared


class CensusFileRow(SQLModel, table=True):
    """One row of a file. A refused one is kept with what can be read of its numbers, and has no content."""

    __tablename__ = "census_file_row"
    __table_args__ = (Index("ix_census_file_row_file", "file_id", "line"), Index("ix_census_file_row_visit", "visit"))
    id: uuid.UUID = key()
    file_id: int = link("census_file.id", index=False)
    facility_id: int = facility_link(index=False)
    line: int = number(null=False)
    visit: str = words(Holds.PERSON)  # AUTHORITY|number
    patient: str = words(Holds.PERSON)
    content: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB, nullable=True, info={"holds": Holds.PERSON})
    )
    message_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, nullable=True, info={"holds": Holds.OPERATION})
    )


class CensusUpload(SQLModel, table=True):
    """A file that a person uploaded and has not taken yet: it is looked at first. Taken or discarded, it goes."""

    __tablename__ = "census_upload"
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    user_id: uuid.UUID = link("app_user.id", index=False, kind=Holds.STAFF)
    name: str = words(Holds.OPERATION)
    taken_at: datetime = instant(Holds.OPERATION)
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.PERSON}))
    uploaded_at: datetime = instant()


class CensusRepair(SQLModel, table=True):
    """A person made the census agree with a file in one stay. `messages` are the facts by which it was done."""

    __tablename__ = "census_repair"
    __table_args__ = (
        CheckConstraint("kind in ('missing', 'extra', 'different')", name="kind"),
        Index("ix_census_repair_file", "file_id"),
        Index("ix_census_repair_batch", "batch_id"),
    )
    id: uuid.UUID = key()
    batch_id: uuid.UUID = number(null=False)  # repairs that were made together are taken back together
    file_id: int = link("census_file.id", index=False)
    facility_id: int = facility_link()
    visit: str = words(Holds.PERSON)
    kind: str = words(Holds.OPERATION)
    reason: str = words(Holds.CLINICAL)
    messages: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False, info={"holds": Holds.OPERATION}))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class CensusClosing(SQLModel, table=True):
    """A stay was closed as of the first of several files in a row that lacked it."""

    __tablename__ = "census_closing"
    __table_args__ = (
        Index("uq_census_closing_standing", "facility_id", "visit", unique=True,
              postgresql_where=text("ended_at is null")),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    file_id: int = link("census_file.id", index=False)
    visit: str = words(Holds.PERSON)
    message_id: int = Field(sa_column=Column(BigInteger, nullable=False, info={"holds": Holds.OPERATION}))
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
