"""The tables of referrals. A version is ended, never rewritten; `..._id` is the same in all versions."""

import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.discharge.referrals.terms import (
    Channel,
    ClosedBecause,
    ConsentFor,
    DeclineReason,
    MailKind,
    MailState,
    ReferralAction,
    ReferralState,
    RequestAction,
    RequestState,
)
from app.discharge.terms import CareType
from app.platform.db import Holds, enum_check, facility_link, holds, instant, key, link, number, words

CURRENT = text("ended_at is null")
STAYS = "encounter.id"


def _person() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def _many(kind: Holds = Holds.OPERATION) -> Any:
    column: Column[Any] = Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": kind})
    return Field(default_factory=list, sa_column=column)


def _document(kind: Holds, empty: str = "{}") -> Any:
    column: Column[Any] = Column(JSONB, nullable=False, server_default=text(f"'{empty}'"), info={"holds": kind})
    return Field(default_factory=dict, sa_column=column)


def _or_empty(column: str, words_of: type[Any]) -> CheckConstraint:
    allowed = ", ".join(f"'{one.value}'" for one in words_of)
    return CheckConstraint(f"{column} in ('', {allowed})", name=column)


class ReferralRequest(SQLModel, table=True):
    """One version of a need: what is sought, from when on, until when vendors answer, how it may be widened.

    `search` holds what the vendors were searched by, so that widening asks the next ones of the same search.
    """

    __tablename__ = "referral_request"
    __table_args__ = (
        enum_check("care_type", CareType),
        enum_check("state", RequestState),
        enum_check("action", RequestAction),
        _or_empty("because", ClosedBecause),
        CheckConstraint("(state = 'open') = (because = '')", name="because_closed"),
        CheckConstraint("widen_by between 0 and 10", name="widen_by"),
        Index("uq_referral_request_current", "request_id", unique=True, postgresql_where=CURRENT),
        Index("ix_referral_request_stay", "encounter_id", "made_at"),
        Index("ix_referral_request_due", "due_at", postgresql_where=text("ended_at is null and state = 'open'")),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    request_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    care_type: str = words(Holds.CLINICAL)
    needs: list[str] = _many(Holds.CLINICAL)
    ready_on: date | None = number(Holds.CLINICAL)
    message: str = words(Holds.CLINICAL)  # what the vendors are told besides the packet
    due_at: datetime = instant(Holds.CLINICAL)
    sections: list[str] = _many()
    search: dict[str, Any] = _document(Holds.CLINICAL)
    widen_by: int = number(null=False, default=0)
    widened_at: datetime | None = instant(Holds.CLINICAL, null=True)
    waves: int = number(null=False, default=1)
    state: str = words(Holds.CLINICAL)
    action: str = words(Holds.OPERATION)
    because: str = words(Holds.CLINICAL)
    placed_id: uuid.UUID | None = number()  # the referral that was booked
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class Referral(SQLModel, table=True):
    """One version of a referral to one vendor.

    `sent_at`, `opened_at` and `answered_at` are the true times of the latest round. `offered_on` and `offered_after`
    are from when on the vendor takes the patient, by the facility's clocks; `free_on` is until when it has no bed.
    """

    __tablename__ = "referral"
    __table_args__ = (
        enum_check("state", ReferralState),
        enum_check("action", ReferralAction),
        _or_empty("decline_reason", DeclineReason),
        _or_empty("channel", Channel),
        _or_empty("because", ClosedBecause),
        CheckConstraint("(state = 'draft') <= (sent_at is null)", name="draft"),
        CheckConstraint(
            "(state in ('sent', 'opened', 'question', 'accepted', 'declined', 'withdrawn', 'expired'))"
            " <= (sent_at is not null and due_at is not null)",
            name="sent",
        ),
        CheckConstraint("(state in ('accepted', 'declined', 'withdrawn')) <= (answered_at is not null)", name="answer"),
        CheckConstraint("(state = 'declined') = (decline_reason <> '')", name="declined"),
        CheckConstraint("(state = 'closed') = (because <> '')", name="because_closed"),
        Index("uq_referral_current", "referral_id", unique=True, postgresql_where=CURRENT),
        Index(
            "uq_referral_vendor",
            "request_id",
            "vendor_id",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
        Index("ix_referral_versions", "referral_id", "made_at"),
        Index("ix_referral_stay", "encounter_id", "made_at"),
        Index("ix_referral_vendor", "vendor_id", "sent_at"),
        Index(
            "ix_referral_waiting",
            "facility_id",
            "due_at",
            postgresql_where=text("ended_at is null and state in ('sent', 'opened', 'question', 'accepted')"),
        ),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    referral_id: uuid.UUID = number(null=False)
    request_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    vendor_id: uuid.UUID = link("vendor.id", index=False)
    vendor_name: str = words(Holds.OPERATION)
    care_type: str = words(Holds.CLINICAL)
    wave: int = number(null=False, default=1)
    state: str = words(Holds.CLINICAL)
    action: str = words(Holds.OPERATION)
    sent_at: datetime | None = instant(Holds.CLINICAL, null=True)
    due_at: datetime | None = instant(Holds.CLINICAL, null=True)
    ends_at: datetime | None = instant(Holds.CLINICAL, null=True)  # its links end then
    opened_at: datetime | None = instant(Holds.CLINICAL, null=True)
    answered_at: datetime | None = instant(Holds.CLINICAL, null=True)
    choose_by: datetime | None = instant(Holds.CLINICAL, null=True)
    offered_on: date | None = number(Holds.CLINICAL)
    offered_after: time | None = number(Holds.CLINICAL)
    decline_reason: str = words(Holds.CLINICAL)
    free_on: date | None = number(Holds.CLINICAL)
    said: str = words(Holds.CLINICAL)  # conditions of an acceptance, words of a decline or withdrawal
    answered_by: str = words(Holds.STAFF)  # name and telephone of who answered for the vendor
    channel: str = words(Holds.OPERATION)
    because: str = words(Holds.CLINICAL)
    note: str = words(Holds.CLINICAL)  # why it was cancelled, closed or taken back
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class ReferralMessage(SQLModel, table=True):
    """One message of the conversation between hospital and vendor; it is only ever added."""

    __tablename__ = "referral_message"
    __table_args__ = (
        CheckConstraint("said <> ''", name="said"),
        Index("ix_referral_message_referral", "referral_id", "made_at"),
        Index("ix_referral_message_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    referral_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    from_vendor: bool = number(null=False, default=False)
    said: str = words(Holds.CLINICAL)
    said_by: str = words(Holds.STAFF)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()


class ReferralPacket(SQLModel, table=True):
    """A packet as it was sent to the vendors of one need: its texts, its PDF, and what was left out of it."""

    __tablename__ = "referral_packet"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$' and file_digest ~ '^[0-9a-f]{64}$'", name="digests"),
        CheckConstraint("version >= 1", name="version"),
        Index("uq_referral_packet_version", "request_id", "version", unique=True),
        Index("ix_referral_packet_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    request_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    version: int = number(null=False)
    sections: list[str] = _many()
    left_out: list[str] = _many()
    consent_id: uuid.UUID | None = number()
    texts: list[Any] = Field(
        default_factory=list,
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"), info={"holds": Holds.PERSON}),
    )
    digest: str = words(Holds.OPERATION)
    file_digest: str = words(Holds.OPERATION)
    content: bytes = Field(sa_type=LargeBinary, sa_column_kwargs=holds(Holds.PERSON))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()


class ReferralConsent(SQLModel, table=True):
    """A patient's consent that protected records leave: 42 CFR 2.31. It stands until it is revoked or ends."""

    __tablename__ = "referral_consent"
    __table_args__ = (
        enum_check("covers", ConsentFor),
        CheckConstraint("given_by <> '' and scope <> ''", name="words"),
        CheckConstraint("ends_on is null or ends_on >= given_on", name="period"),
        Index("ix_referral_consent_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    given_by: str = words(Holds.PERSON)  # the patient, or who decides for the patient
    given_on: date = number(Holds.CLINICAL, null=False)
    ends_on: date | None = number(Holds.CLINICAL)
    scope: str = words(Holds.CLINICAL)  # what may be told to whom
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_reason: str = words(Holds.CLINICAL)
    covers: str = words(Holds.CLINICAL, default=ConsentFor.VENDORS.value)  # to whom


class ReferralLink(SQLModel, table=True):
    """A way to one referral without an account. Only the digest of its key is kept."""

    __tablename__ = "referral_link"
    __table_args__ = (
        Index("uq_referral_link_digest", "digest", unique=True),
        Index("ix_referral_link_referral", "referral_id", postgresql_where=CURRENT),
        Index("ix_referral_link_stay", "encounter_id"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    referral_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    digest: bytes = Field(sa_type=LargeBinary, sa_column_kwargs=holds(Holds.SECRET))
    expires_at: datetime = instant()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()


class ReferralMail(SQLModel, table=True):
    """One version of a message by mail about a referral; it never holds what it is about."""

    __tablename__ = "referral_mail"
    __table_args__ = (
        enum_check("kind", MailKind),
        enum_check("state", MailState),
        CheckConstraint("address <> ''", name="address"),
        Index("uq_referral_mail_current", "mail_id", unique=True, postgresql_where=CURRENT),
        Index("ix_referral_mail_referral", "referral_id", "made_at"),
        Index("ix_referral_mail_stay", "encounter_id"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    mail_id: uuid.UUID = number(null=False)
    referral_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link(STAYS, index=False)
    kind: str = words(Holds.OPERATION)
    state: str = words(Holds.OPERATION)
    address: str = words(Holds.OPERATION)  # of the vendor
    fault: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class ReferralSetting(SQLModel, table=True):
    """One version of a facility's own terms for referrals."""

    __tablename__ = "referral_setting"
    __table_args__ = (
        CheckConstraint(
            "link_days between 1 and 60 and widen_by between 1 and 10",
            name="bounds",
        ),
        Index("uq_referral_setting_current", "facility_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    link_days: int = number(null=False)
    widen_by: int = number(null=False)
    widens: bool = number(null=False, default=False)  # sends to the next vendors by itself instead of proposing them
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class PortalCount(SQLModel, table=True):
    """How often one link or one address asked lately: a counter by digest, so that guessing and hammering stop."""

    __tablename__ = "portal_count"
    bucket: bytes = Field(sa_type=LargeBinary, primary_key=True, sa_column_kwargs=holds(Holds.OPERATION))
    since: datetime = instant()
    asked: int = number(null=False, default=0)
