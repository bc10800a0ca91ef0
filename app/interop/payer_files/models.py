"""The exchange with payers as tables: settings, numbers of interchanges, files out and in, and what each answer did.

Files are kept as they were sent and received. Steps and answers are rows that never change but to end.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.interop.payer_files.terms import Format, ItemKind, ItemState, Step
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class PayerExchange(SQLModel, table=True):
    """How one facility exchanges files with one payer: folders, addresses, habits of that payer."""

    __tablename__ = "payer_exchange"
    __table_args__ = (
        UniqueConstraint("facility_id", "payer_code"),
        Index("uq_payer_exchange_inbox", "inbox", unique=True, postgresql_where=text("inbox <> ''")),
        enum_check("format", Format),
        CheckConstraint("usage in ('T', 'P')", name="usage"),
        CheckConstraint("line_end in ('none', 'lf', 'crlf')", name="line_end"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    payer_code: str = words(Holds.OPERATION)
    format: str = words(Holds.OPERATION, default="x12")
    outbox: str = words(Holds.OPERATION)  # name of a folder; empty: files are fetched by hand
    inbox: str = words(Holds.OPERATION)
    payer_name: str = words(Holds.OPERATION)  # as the payer wants to be addressed
    payer_qualifier: str = words(Holds.OPERATION, default="PI")
    payer_number: str = words(Holds.OPERATION)
    requester_name: str = words(Holds.OPERATION)
    requester_npi: str = words(Holds.OPERATION)
    contact: str = words(Holds.OPERATION)
    phone: str = words(Holds.OPERATION)
    fax: str = words(Holds.OPERATION)
    trace_origin: str = words(Holds.OPERATION)  # TRN03
    sender_qualifier: str = words(Holds.OPERATION, default="ZZ")
    sender: str = words(Holds.OPERATION)
    receiver_qualifier: str = words(Holds.OPERATION, default="ZZ")
    receiver: str = words(Holds.OPERATION)
    group_sender: str = words(Holds.OPERATION)
    group_receiver: str = words(Holds.OPERATION)
    usage: str = words(Holds.OPERATION, default="T")
    line_end: str = words(Holds.OPERATION, default="none")
    review_release: str = words(Holds.OPERATION)  # GS08 and ST03 where the payer wants another than the usual one
    notification_release: str = words(Holds.OPERATION)
    inquiry_release: str = words(Holds.OPERATION)
    notification_purpose: str = words(Holds.OPERATION, default="CN")
    inquiry_purpose: str = words(Holds.OPERATION, default="28")


class PayerControl(SQLModel, table=True):
    """The last control number that was given out between two addresses. A number is spent even if nothing is sent."""

    __tablename__ = "payer_control"
    __table_args__ = (UniqueConstraint("sender", "receiver"), CheckConstraint("last > 0", name="last"))
    id: uuid.UUID = key()
    sender: str = words(Holds.OPERATION)
    receiver: str = words(Holds.OPERATION)
    last: int = number(null=False)


class PayerFileOut(SQLModel, table=True):
    """One file for a payer, as it is sent. What became of it are its steps."""

    __tablename__ = "payer_file_out"
    __table_args__ = (
        enum_check("format", Format),
        UniqueConstraint("reference"),
        Index("ix_payer_file_out_facility", "facility_id", "made_at"),
        Index("ix_payer_file_out_authorization", "authorization_id", "made_at"),
        Index("ix_payer_file_out_trace", "event_trace"),
        Index("ix_payer_file_out_control", "receiver", "control"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id")
    authorization_id: uuid.UUID = link("payer_authorization.id", index=False)
    request_id: uuid.UUID | None = number()  # none for notifications
    payer_code: str = words(Holds.CLINICAL)
    format: str = words(Holds.OPERATION)
    kind: str = words(Holds.CLINICAL)
    event_trace: str = words(Holds.OPERATION)
    reference: str = words(Holds.OPERATION)  # BHT03, never used twice
    sender: str = words(Holds.OPERATION)
    receiver: str = words(Holds.OPERATION)
    control: int = number(null=False)
    usage: str = words(Holds.OPERATION)
    name: str = words(Holds.OPERATION)
    folder: str = words(Holds.OPERATION)  # where it is to be put; empty: it is fetched by hand
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.PERSON}))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.OPERATION}))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()


class PayerFileStep(SQLModel, table=True):
    """Something that happened to a file for a payer."""

    __tablename__ = "payer_file_step"
    __table_args__ = (enum_check("step", Step), Index("ix_payer_file_step_file", "out_id", "at"))
    id: uuid.UUID = key()
    out_id: uuid.UUID = link("payer_file_out.id", index=False)
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    step: str = words(Holds.OPERATION)
    detail: str = words(Holds.OPERATION)  # place, or why not; nothing of a patient
    at: datetime = instant()
    by: uuid.UUID | None = _staff()


class PayerFileIn(SQLModel, table=True):
    """One file of a payer, stored before it is read. The same bytes are one file."""

    __tablename__ = "payer_file_in"
    __table_args__ = (
        UniqueConstraint("facility_id", "digest"),
        enum_check("format", Format),
        Index("ix_payer_file_in_facility", "facility_id", "received_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    payer_code: str = words(Holds.OPERATION)
    format: str = words(Holds.OPERATION)
    name: str = words(Holds.OPERATION)
    folder: str = words(Holds.OPERATION)  # empty: a person brought it
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.OPERATION}))
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.PERSON}))
    received_at: datetime = instant()
    received_by: uuid.UUID | None = _staff()


class PayerFileItem(SQLModel, table=True):
    """One version of what became of one part of a file: an answer, a receipt, an acknowledgement."""

    __tablename__ = "payer_file_item"
    __table_args__ = (
        enum_check("kind", ItemKind),
        enum_check("state", ItemState),
        Index("uq_payer_file_item_current", "file_id", "place", unique=True, postgresql_where=CURRENT),
        Index("ix_payer_file_item_state", "facility_id", "state", "made_at", postgresql_where=CURRENT),
        Index("ix_payer_file_item_authorization", "authorization_id"),
    )
    id: uuid.UUID = key()
    file_id: uuid.UUID = link("payer_file_in.id", index=False)
    place: int = number(null=False)  # which part of the file, from 0
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID | None = link("encounter.id", null=True)
    authorization_id: uuid.UUID | None = link("payer_authorization.id", null=True, index=False)
    out_id: uuid.UUID | None = link("payer_file_out.id", null=True, index=False)
    decision_id: uuid.UUID | None = number()
    kind: str = words(Holds.OPERATION)
    state: str = words(Holds.OPERATION)
    event_trace: str = words(Holds.OPERATION)
    action: str = words(Holds.CLINICAL)  # HCR01
    sentence: str = words(Holds.OPERATION)  # why it is where it is
    reason: str = words(Holds.CLINICAL)  # what a person said who put it aside
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
