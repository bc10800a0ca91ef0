"""Denials as tables: the denial in versions, its appeals in versions, the packets that were made.

No row is rewritten: what happens ends a row and makes another. `denial_id` and `appeal_id` are the same in all versions
of one thing. Amounts are dollars with their cents.
"""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.payers.authorizations.terms import Channel
from app.payers.denials.appeals.terms import AppealAction, AppealState
from app.payers.denials.terms import DenialAction, DenialKind, DenialState, RootCause
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")
WORKED = text("ended_at is null and state in ('open', 'talk', 'appealed')")
OUTCOMES = "('', 'overturned', 'partly', 'upheld', 'written_off', 'status_change')"


def _amount() -> Any:
    column = Column(Numeric(12, 2), nullable=True, info={"holds": Holds.CLINICAL})
    return Field(default=None, sa_column=column)


def _days() -> Any:
    return Field(
        default_factory=list,
        sa_column=Column(ARRAY(Date), nullable=False, server_default="{}", info={"holds": Holds.CLINICAL}),
    )


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


class Denial(SQLModel, table=True):
    """One version of a denial. `notice_at` is when the payer denied; without `received_on` receipt is presumed by law.

    `review_id` and `escalation_id` name the review and the question to a physician from which the days came, and
    `payer_decision_id` the payer's answer from which the denial was recorded.
    """

    __tablename__ = "denial"
    __table_args__ = (
        enum_check("kind", DenialKind),
        enum_check("channel", Channel),
        enum_check("root_cause", RootCause),
        enum_check("state", DenialState),
        enum_check("action", DenialAction),
        CheckConstraint("cardinality(firsts) = cardinality(untils)", name="ranges"),
        CheckConstraint("notice_at <= made_at", name="past"),
        CheckConstraint("amount >= 0 and recovered_amount >= 0 and recovered_amount <= amount", name="amounts"),
        CheckConstraint("talk_outcome in ('', 'overturned', 'partly', 'upheld', 'not_held')", name="talk_outcome"),
        CheckConstraint(f"outcome in {OUTCOMES}", name="outcome"),
        CheckConstraint(
            "(state = 'closed') = (outcome <> '') and (state = 'closed') = (closed_at is not null)", name="closed"
        ),
        Index("uq_denial_current", "denial_id", unique=True, postgresql_where=CURRENT),
        Index("uq_denial_decision", "payer_decision_id", unique=True, postgresql_where=CURRENT),
        Index("ix_denial_stay", "encounter_id", "made_at"),
        Index("ix_denial_versions", "denial_id", "made_at"),
        Index("ix_denial_worked", "facility_id", "payer_code", postgresql_where=WORKED),
        Index("ix_denial_review", "review_id", postgresql_where=CURRENT),
        Index("ix_denial_escalation", "escalation_id", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    denial_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.CLINICAL)
    payer_code: str = words(Holds.CLINICAL)
    payer_name: str = words(Holds.CLINICAL)
    plan_code: str = words(Holds.CLINICAL)
    authorization_id: uuid.UUID | None = Field(
        default=None,
        sa_column=Column(ForeignKey("payer_authorization.id"), nullable=True, info={"holds": Holds.OPERATION}),
    )
    payer_decision_id: uuid.UUID | None = number()
    review_id: uuid.UUID | None = number()
    escalation_id: uuid.UUID | None = number()
    firsts: list[date] = _days()  # first nights of the denied periods, in order
    untils: list[date] = _days()  # and the days on which they end, not denied themselves
    amount: Decimal | None = _amount()  # at risk; none where nobody knows it yet
    notice_at: datetime = instant(Holds.CLINICAL)
    received_on: date | None = number(Holds.CLINICAL)
    channel: str = words(Holds.CLINICAL)
    reference: str = words(Holds.CLINICAL)
    reason_code: str = words(Holds.CLINICAL)  # as the payer sent it
    reason: str = words(Holds.CLINICAL)
    root_cause: str = words(Holds.CLINICAL, default=RootCause.UNKNOWN.value)
    root_cause_words: str = words(Holds.CLINICAL)
    owner_id: uuid.UUID | None = _staff()
    state: str = words(Holds.CLINICAL)
    action: str = words(Holds.OPERATION)  # what made this version
    note: str = words(Holds.CLINICAL)  # what was said with it
    talk_asked_at: datetime | None = instant(Holds.CLINICAL, null=True)
    talk_outcome: str = words(Holds.CLINICAL)
    outcome: str = words(Holds.CLINICAL)
    recovered_days: int | None = number(Holds.CLINICAL)
    recovered_amount: Decimal | None = _amount()
    closed_at: datetime | None = instant(Holds.CLINICAL, null=True)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)


class DenialAppeal(SQLModel, table=True):
    """One version of an appeal of one level. `level_name` is what the level was called when it began."""

    __tablename__ = "denial_appeal"
    __table_args__ = (
        enum_check("state", AppealState),
        enum_check("action", AppealAction),
        enum_check("channel", Channel),
        CheckConstraint("level between 1 and 9", name="level"),
        CheckConstraint("outcome in ('', 'overturned', 'partly', 'upheld', 'dismissed')", name="outcome"),
        CheckConstraint("(state = 'decided') = (outcome <> '') and (outcome <> '') = (decided_at is not null)",
                        name="decided"),
        CheckConstraint("(state in ('sent', 'verified', 'decided', 'withdrawn')) <= (sent_at is not null)",
                        name="sent"),
        CheckConstraint("sent_at <= made_at and decided_at <= made_at and verified_at <= made_at", name="past"),
        CheckConstraint("recovered_amount >= 0 and recovered_days >= 0", name="recovered"),
        Index("uq_denial_appeal_current", "appeal_id", unique=True, postgresql_where=CURRENT),
        Index("uq_denial_appeal_level", "denial_id", "level", unique=True,
              postgresql_where=text("ended_at is null and state not in ('withdrawn', 'struck_out')")),
        Index("ix_denial_appeal_stay", "encounter_id", "made_at"),
        Index("ix_denial_appeal_denial", "denial_id", "made_at"),
    )  # fmt: skip
    id: uuid.UUID = key()
    appeal_id: uuid.UUID = number(null=False)
    denial_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    level: int = Field(sa_column=Column(SmallInteger, nullable=False, info={"holds": Holds.CLINICAL}))
    level_name: str = words(Holds.CLINICAL)
    state: str = words(Holds.CLINICAL)
    action: str = words(Holds.OPERATION)
    expedited: bool = number(Holds.CLINICAL, null=False, default=False)
    channel: str = words(Holds.CLINICAL, default=Channel.FAX.value)
    to_whom: str = words(Holds.CLINICAL)
    tracking: str = words(Holds.CLINICAL)  # number of the letter, the fax, the portal's receipt
    packet_id: uuid.UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("appeal_packet.id"), nullable=True, info={"holds": Holds.OPERATION})
    )
    sent_at: datetime | None = instant(Holds.CLINICAL, null=True)
    verified_at: datetime | None = instant(Holds.CLINICAL, null=True)
    verified_with: str = words(Holds.STAFF)  # who confirmed it there, and the number of the case
    decided_at: datetime | None = instant(Holds.CLINICAL, null=True)  # when it was decided, by its letter
    decision_received_on: date | None = number(Holds.CLINICAL)
    outcome: str = words(Holds.CLINICAL)
    recovered_days: int | None = number(Holds.CLINICAL)
    recovered_amount: Decimal | None = _amount()
    note: str = words(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)


class AppealPacket(SQLModel, table=True):
    """A packet as it was made: the PDF itself, and the hash of what it says. Never changed, never removed."""

    __tablename__ = "appeal_packet"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$' and file_digest ~ '^[0-9a-f]{64}$'", name="digests"),
        Index("ix_appeal_packet_denial", "denial_id", "made_at"),
        Index("ix_appeal_packet_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    denial_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    sections: list[str] = Field(
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": Holds.CLINICAL})
    )
    digest: str = words(Holds.OPERATION)  # SHA-256 of what it says, as its cover shows
    file_digest: str = words(Holds.OPERATION)  # SHA-256 of the PDF
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
