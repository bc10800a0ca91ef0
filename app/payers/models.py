"""Payers as tables: rule cards and ways to reach them, authorizations with requests and answers, the log of contacts.

No row is rewritten: a change ends a row and makes another. `request_id`, `decision_id` and `contact_id` are the same in
all versions of one thing.
"""

import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, SmallInteger, String, Time, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.payers.authorizations.terms import AuthorizationState, Channel
from app.payers.contacts.terms import Direction
from app.payers.directory.terms import ChannelKind, PeerToPeerEffect
from app.payers.requests.terms import Action, CertificationType, ServiceLevel
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def _array(kind: Any, holds: Holds) -> Any:
    return Field(
        default_factory=list,
        sa_column=Column(ARRAY(kind), nullable=False, server_default="{}", info={"holds": holds}),
    )


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def _ended(*reasons: str) -> tuple[CheckConstraint, CheckConstraint]:
    among = ", ".join(f"'{reason}'" for reason in ("", *reasons))
    return (
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint(f"ended_because in ({among})", name="ended_because"),
    )


class PayerCard(SQLModel, table=True):
    """What a payer's contract says of its calendar and its answers, from a day on."""

    __tablename__ = "payer_card"
    __table_args__ = (
        enum_check("p2p_effect", PeerToPeerEffect),
        CheckConstraint("ends is null or ends >= begins", name="period"),
        CheckConstraint("weekdays <> '{}' and weekdays <@ '{0,1,2,3,4,5,6}'::smallint[]", name="weekdays"),
        Index("ix_payer_card_current", "facility_id", "payer_code", "begins", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    payer_code: str = words(Holds.OPERATION)
    timezone: str = words(Holds.OPERATION)  # of the payer's own clocks
    cutoff: time | None = Field(
        default=None, sa_column=Column(Time, nullable=True, info={"holds": Holds.OPERATION})
    )  # what comes later counts from the next working day
    weekdays: list[int] = _array(SmallInteger, Holds.OPERATION)  # 0 is Monday
    closed_days: list[date] = _array(Date, Holds.OPERATION)
    keeps_federal_holidays: bool = number(null=False, default=True)
    decision_within: str = words(Holds.OPERATION)  # allowance of the contract; empty: none
    urgent_within: str = words(Holds.OPERATION)
    p2p_effect: str = words(Holds.OPERATION, default=PeerToPeerEffect.CAN_OVERTURN.value)
    appeal_days: list[int] = _array(SmallInteger, Holds.OPERATION)  # days to file, by level
    begins: date = number(null=False)
    ends: date | None = number()
    source: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class PayerChannel(SQLModel, table=True):
    """A way to reach a payer: a telephone number, a portal, a fax number, an address."""

    __tablename__ = "payer_channel"
    __table_args__ = (
        enum_check("kind", ChannelKind),
        Index("ix_payer_channel_current", "facility_id", "payer_code", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    payer_code: str = words(Holds.OPERATION)
    kind: str = words(Holds.OPERATION)
    purpose: str = words(Holds.OPERATION)
    value: str = words(Holds.OPERATION)
    hours: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class Authorization(SQLModel, table=True):
    """One authorization of one payer for one stay; its requests and answers hang on it."""

    __tablename__ = "payer_authorization"
    __table_args__ = (
        *_ended("struck_out"),
        Index("ix_payer_authorization_stay", "encounter_id", "made_at"),
        Index("ix_payer_authorization_payer", "facility_id", "payer_code", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    payer_code: str = words(Holds.CLINICAL)
    payer_name: str = words(Holds.CLINICAL)
    plan_code: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


def _of_authorization() -> Any:
    return Field(
        sa_column=Column(
            ForeignKey("payer_authorization.id"), nullable=False, info={"holds": Holds.OPERATION}
        )
    )  # fmt: skip


class Request(SQLModel, table=True):
    """One version of a request to a payer. `asked_at` is when it was sent, however late it was entered."""

    __tablename__ = "payer_request"
    __table_args__ = (
        enum_check("certification_type", CertificationType),
        enum_check("service_level", ServiceLevel),
        enum_check("channel", Channel),
        CheckConstraint("(first_day is null) = (until_day is null) and until_day > first_day", name="days"),
        CheckConstraint("asked_at <= made_at", name="past"),
        *_ended("amended", "struck_out"),
        Index("uq_payer_request_current", "request_id", unique=True, postgresql_where=CURRENT),
        Index("uq_payer_request_trace", "event_trace", unique=True, postgresql_where=CURRENT),
        Index("ix_payer_request_stay", "encounter_id", "made_at"),
        Index("ix_payer_request_authorization", "authorization_id"),
    )
    id: uuid.UUID = key()
    request_id: uuid.UUID = number(null=False)
    authorization_id: uuid.UUID = _of_authorization()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    event_trace: str = words(Holds.OPERATION)
    certification_type: str = words(Holds.CLINICAL)
    service_level: str = words(Holds.CLINICAL)
    service_type: str = words(Holds.CLINICAL)
    expedited: bool = number(Holds.CLINICAL, null=False, default=False)
    first_day: date | None = number(Holds.CLINICAL)
    until_day: date | None = number(Holds.CLINICAL)  # not covered itself
    level_of_care: str = words(Holds.CLINICAL)
    channel: str = words(Holds.CLINICAL)
    to_whom: str = words(Holds.STAFF)
    authorization_number: str = words(Holds.CLINICAL)
    reference: str = words(Holds.CLINICAL)
    message: str = words(Holds.CLINICAL)
    asked_at: datetime = instant(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class ReceivedDecision(SQLModel, table=True):
    """One version of an answer of a payer, as it was received. `received_at` is when the hospital learned of it."""

    __tablename__ = "payer_decision"
    __table_args__ = (
        enum_check("action", Action),
        enum_check("channel", Channel),
        CheckConstraint("cardinality(firsts) = cardinality(untils)", name="ranges"),
        CheckConstraint("received_at <= made_at", name="past"),
        *_ended("amended", "struck_out"),
        Index("uq_payer_decision_current", "decision_id", unique=True, postgresql_where=CURRENT),
        Index("ix_payer_decision_stay", "encounter_id", "made_at"),
        Index("ix_payer_decision_authorization", "authorization_id"),
    )
    id: uuid.UUID = key()
    decision_id: uuid.UUID = number(null=False)
    authorization_id: uuid.UUID = _of_authorization()
    request_id: uuid.UUID | None = number()  # which request it answers; none for what was said unasked
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    action: str = words(Holds.CLINICAL)
    authorization_number: str = words(Holds.CLINICAL)
    reference: str = words(Holds.CLINICAL)
    firsts: list[date] = _array(Date, Holds.CLINICAL)  # first days of the periods, in order
    untils: list[date] = _array(Date, Holds.CLINICAL)  # and the days on which they end, not covered themselves
    quantity: int | None = number(Holds.CLINICAL)
    reasons: list[str] = _array(String, Holds.CLINICAL)
    issued_on: date | None = number(Holds.CLINICAL)
    decided_at: datetime | None = instant(Holds.CLINICAL, null=True)
    received_at: datetime = instant(Holds.CLINICAL)
    channel: str = words(Holds.CLINICAL)
    from_whom: str = words(Holds.STAFF)
    more_follows: bool = number(Holds.CLINICAL, null=False, default=False)
    text: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class StandingAuthorization(SQLModel, table=True):
    """Where an authorization stands from `made_at` until `ended_at`, computed from what was asked and answered."""

    __tablename__ = "payer_standing"
    __table_args__ = (
        enum_check("state", AuthorizationState),
        Index("uq_payer_standing_current", "authorization_id", unique=True, postgresql_where=CURRENT),
        Index("ix_payer_standing_stay", "encounter_id", "made_at"),
        Index("ix_payer_standing_open", "facility_id", "state", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    authorization_id: uuid.UUID = _of_authorization()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    state: str = words(Holds.CLINICAL)
    since: datetime | None = instant(Holds.CLINICAL, null=True)
    authorization_number: str = words(Holds.CLINICAL)
    firsts: list[date] = _array(Date, Holds.CLINICAL)
    untils: list[date] = _array(Date, Holds.CLINICAL)
    through: date | None = number(Holds.CLINICAL)  # the last covered day
    ask_by: datetime | None = instant(Holds.CLINICAL, null=True)  # further days must be asked until then
    known_at: datetime | None = instant(Holds.CLINICAL, null=True)  # when the answer that covers it was received
    contradiction: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)


class Contact(SQLModel, table=True):
    """One version of a contact with a payer. `at` is when it took place, however late it was entered."""

    __tablename__ = "payer_contact"
    __table_args__ = (
        CheckConstraint("channel in ('call', 'portal', 'fax', 'letter')", name="channel"),
        enum_check("direction", Direction),
        CheckConstraint("at <= made_at", name="past"),
        CheckConstraint("follow_up_at > at", name="follow_up"),
        *_ended("amended", "struck_out"),
        Index("uq_payer_contact_current", "contact_id", unique=True, postgresql_where=CURRENT),
        Index("ix_payer_contact_stay", "encounter_id", "made_at"),
        Index("ix_payer_contact_payer", "facility_id", "payer_code", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    contact_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    payer_code: str = words(Holds.CLINICAL)
    payer_name: str = words(Holds.CLINICAL)
    channel: str = words(Holds.CLINICAL)
    direction: str = words(Holds.CLINICAL)
    at: datetime = instant(Holds.CLINICAL)
    person: str = words(Holds.STAFF)  # with whom at the payer
    reference: str = words(Holds.CLINICAL)
    said: str = words(Holds.CLINICAL)
    notified: bool = number(Holds.CLINICAL, null=False, default=False)  # the payer was told of the admission
    follow_up_at: datetime | None = instant(Holds.CLINICAL, null=True)
    authorization_id: uuid.UUID | None = Field(
        default=None,
        sa_column=Column(ForeignKey("payer_authorization.id"), nullable=True, info={"holds": Holds.OPERATION}),
    )
    denial_id: uuid.UUID | None = number()  # of a denial (table of a later step)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    made_because: str = words(Holds.CLINICAL)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)
