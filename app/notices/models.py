"""The tables of notices. A version of a delivery is ended, never rewritten."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from app.clocks.terms import NoticeKind
from app.notices.terms import Channel, Receipt, Recipient
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


class Delivery(SQLModel, table=True):
    """One version of what is known about the delivery of one notice. `delivery_id` is the same in all versions.

    `delivered_at` is the true time, however late it was entered; `made_at` is when this version was entered.
    """

    __tablename__ = "notice_delivery"
    __table_args__ = (
        enum_check("kind", NoticeKind),
        CheckConstraint("which_copy in ('', 'first', 'followup') and (which_copy <> '') = (kind = 'IM')", name="copy"),
        enum_check("recipient", Recipient),
        enum_check("channel", Channel),
        enum_check("receipt", Receipt),
        CheckConstraint("basis in ('', 'attending', 'qio')", name="basis"),
        CheckConstraint("delivered_at <= made_at", name="past"),
        CheckConstraint("receipt <> 'refused' or (witness_name <> '' and witness_title <> '')", name="witness"),
        CheckConstraint("kind <> 'MOON' or explained", name="explained"),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'amended', 'void', 'struck_out')", name="ended_because"),
        Index("uq_notice_delivery_current", "delivery_id", unique=True, postgresql_where=CURRENT),
        Index("ix_notice_delivery_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    delivery_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.CLINICAL)
    which_copy: str = words(Holds.CLINICAL)
    delivered_at: datetime = instant(Holds.CLINICAL)
    given_by: str = words(Holds.STAFF)
    recipient: str = words(Holds.CLINICAL)
    recipient_name: str = words(Holds.PERSON)
    relation: str = words(Holds.PERSON)
    channel: str = words(Holds.CLINICAL)
    mailed_on: date | None = number(Holds.CLINICAL)
    receipt: str = words(Holds.CLINICAL)
    drawing: str = words(Holds.PERSON)  # lines of a signature, as an SVG path in a field of 600 by 200
    witness_name: str = words(Holds.STAFF)
    witness_title: str = words(Holds.STAFF)
    certified: bool = number(Holds.CLINICAL, null=False, default=False)  # the witness certifies the presentation
    explained: bool = number(Holds.CLINICAL, null=False, default=False)
    outpatient_reason: str = words(Holds.CLINICAL)
    item: str = words(Holds.CLINICAL)
    basis: str = words(Holds.CLINICAL)
    basis_name: str = words(Holds.STAFF)
    language: str = words(Holds.PERSON)
    interpreter: str = words(Holds.PERSON)
    copies: int = number(Holds.CLINICAL, null=False, default=1)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    made_because: str = words(Holds.CLINICAL)  # why this version stands in the place of another
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class Scan(SQLModel, table=True):
    """The signed paper of a delivery, as a picture or PDF."""

    __tablename__ = "notice_scan"
    __table_args__ = (Index("ix_notice_scan_stay", "encounter_id"), Index("ix_notice_scan_delivery", "delivery_id"))
    id: uuid.UUID = key()
    delivery_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    media_type: str = words(Holds.OPERATION)
    digest: str = words(Holds.OPERATION)  # SHA-256 of the content
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)


class CoveredDay(SQLModel, table=True):
    """The last day on which skilled services of a swing bed are covered, as somebody set it."""

    __tablename__ = "notice_covered_day"
    __table_args__ = (
        Index("uq_notice_covered_day_current", "encounter_id", unique=True, postgresql_where=CURRENT),
        Index("ix_notice_covered_day_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    last_day: date = number(Holds.CLINICAL, null=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
