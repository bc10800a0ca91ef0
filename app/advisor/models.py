"""The tables of the physician advisor. A version is ended, never rewritten; `..._id` is the same in all versions."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from app.advisor.terms import (
    AnswerChannel,
    AttendingAnswer,
    EscalationAction,
    EscalationKind,
    EscalationState,
    Outcome,
    PayerReason,
    Reason,
    Rung,
)
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def _person(name: str = "app_user.id") -> uuid.UUID | None:
    found: uuid.UUID | None = link(name, null=True, index=False, kind=Holds.STAFF)
    return found


class Escalation(SQLModel, table=True):
    """One version of a question: where it stands, who owes the answer and until when, and what made it so.

    `review_id` and `denial_id` name what it came from. `due_at` is empty while nobody of a rung owes the answer.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        enum_check("kind", EscalationKind),
        enum_check("state", EscalationState),
        enum_check("rung", Rung),
        enum_check("action", EscalationAction),
        CheckConstraint("question <> ''", name="question"),
        CheckConstraint("(state = 'waiting') <= (due_at is not null)", name="due"),
        Index("uq_escalation_current", "escalation_id", unique=True, postgresql_where=CURRENT),
        Index("ix_escalation_stay", "encounter_id", "made_at"),
        Index("ix_escalation_due", "due_at", postgresql_where=text("ended_at is null and state = 'waiting'")),
        Index(
            "ix_escalation_open",
            "facility_id",
            postgresql_where=text("ended_at is null and state in ('waiting', 'returned', 'with_attending', 'talk')"),
        ),
    )
    id: uuid.UUID = key()
    escalation_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    kind: str = words(Holds.CLINICAL)
    question: str = words(Holds.CLINICAL)
    background: str = words(Holds.CLINICAL)  # why it is asked
    review_id: uuid.UUID | None = number()
    denial_id: uuid.UUID | None = number()
    asked_at: datetime = instant(Holds.CLINICAL)
    asked_by: uuid.UUID | None = _person()
    state: str = words(Holds.CLINICAL)
    rung: str = words(Holds.OPERATION)
    due_at: datetime | None = instant(Holds.CLINICAL, null=True)
    holder_id: uuid.UUID | None = _person()  # nobody: anybody of the rung may take it
    action: str = words(Holds.OPERATION)
    note: str = words(Holds.CLINICAL)  # what was said with the action: the question back, the answer to it, the reason
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class EscalationDecision(SQLModel, table=True):
    """One version of a signed answer. `decided_at` is when it was first signed."""

    __tablename__ = "escalation_decision"
    __table_args__ = (
        enum_check("outcome", Outcome),
        enum_check("reason", Reason),
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("ended_because in ('', 'amended', 'struck_out')", name="ended_because"),
        CheckConstraint("reason <> 'other' or rationale <> ''", name="rationale"),
        Index("uq_escalation_decision_current", "decision_id", unique=True, postgresql_where=CURRENT),
        Index("ix_escalation_decision_stay", "encounter_id", "made_at"),
        Index("ix_escalation_decision_escalation", "escalation_id"),
        Index("ix_escalation_decision_facility", "facility_id", "decided_at", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    decision_id: uuid.UUID = number(null=False)
    escalation_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    outcome: str = words(Holds.CLINICAL)
    reason: str = words(Holds.CLINICAL)
    rationale: str = words(Holds.CLINICAL)
    decided_at: datetime = instant(Holds.CLINICAL)
    decided_by: uuid.UUID | None = _person()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    made_because: str = words(Holds.CLINICAL)  # why this version stands in the place of another
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_because: str = words(Holds.OPERATION)
    ended_reason: str = words(Holds.CLINICAL)


class EscalationLadder(SQLModel, table=True):
    """Minutes that each rung has at a facility, from a day on; a rung without minutes is skipped."""

    __tablename__ = "escalation_ladder"
    __table_args__ = (
        CheckConstraint(
            "coalesce(case_manager, 1) > 0 and coalesce(lead, 1) > 0 and coalesce(physician_advisor, 1) > 0"
            " and coalesce(chief_medical_officer, 1) > 0",
            name="minutes",
        ),
        CheckConstraint("physician_advisor is not null or chief_medical_officer is not null", name="physician"),
        Index("ix_escalation_ladder_facility", "facility_id", "begins"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    begins: date = number(null=False)
    case_manager: int | None = number()
    lead: int | None = number()
    physician_advisor: int | None = number()
    chief_medical_officer: int | None = number()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()


class PeerTalk(SQLModel, table=True):
    """One version of what is known of a talk with a payer's physician, for one question."""

    __tablename__ = "peer_talk"
    __table_args__ = (
        enum_check("payer_reason", PayerReason),
        Index("uq_peer_talk_current", "escalation_id", unique=True, postgresql_where=CURRENT),
        Index("ix_peer_talk_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    escalation_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    payer_code: str = words(Holds.CLINICAL)
    payer_name: str = words(Holds.CLINICAL)
    payer_reason: str = words(Holds.CLINICAL, default="other")
    deadline_at: datetime | None = instant(Holds.CLINICAL, null=True)  # as the payer said; the clock has its own
    call_back: str = words(Holds.STAFF)  # number under which they call, or we do
    physician: str = words(Holds.STAFF)
    specialty: str = words(Holds.STAFF)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)


class PeerSlot(SQLModel, table=True):
    """A time for a talk: offered by the payer, or chosen. Moving ends the chosen one and writes another."""

    __tablename__ = "peer_slot"
    __table_args__ = (
        CheckConstraint("minutes between 5 and 180", name="minutes"),
        Index(
            "uq_peer_slot_chosen", "escalation_id", unique=True, postgresql_where=text("ended_at is null and chosen")
        ),
        Index("ix_peer_slot_escalation", "escalation_id"),
        Index("ix_peer_slot_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    escalation_id: uuid.UUID = number(null=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    begins_at: datetime = instant(Holds.CLINICAL)
    minutes: int = number(Holds.CLINICAL, null=False)
    chosen: bool = number(Holds.CLINICAL, null=False, default=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()


class AttendingMessage(SQLModel, table=True):
    """A question to the attending physician of a stay, with the answer that is proposed."""

    __tablename__ = "attending_message"
    __table_args__ = (
        CheckConstraint("question <> ''", name="question"),
        CheckConstraint("due_at > made_at", name="due"),
        Index("ix_attending_message_stay", "encounter_id", "made_at"),
        Index("ix_attending_message_escalation", "escalation_id"),
    )
    id: uuid.UUID = key()
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    escalation_id: uuid.UUID | None = number()
    question: str = words(Holds.CLINICAL)
    attending_number: str = words(Holds.STAFF)
    attending_name: str = words(Holds.STAFF)
    due_at: datetime = instant(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)  # withdrawn
    ended_by: uuid.UUID | None = _person()


class AttendingReply(SQLModel, table=True):
    """What the attending physician answered; struck out when it was recorded by mistake."""

    __tablename__ = "attending_reply"
    __table_args__ = (
        enum_check("answer", AttendingAnswer),
        enum_check("channel", AnswerChannel),
        CheckConstraint("answered_at <= made_at", name="past"),
        CheckConstraint("(ended_at is null) = (ended_reason = '')", name="ended"),
        Index("uq_attending_reply_current", "message_id", unique=True, postgresql_where=CURRENT),
        Index("ix_attending_reply_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    message_id: uuid.UUID = link("attending_message.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    answer: str = words(Holds.CLINICAL)
    said: str = words(Holds.CLINICAL)
    channel: str = words(Holds.OPERATION)
    answered_by: str = words(Holds.STAFF)  # the physician, by name
    answered_at: datetime = instant(Holds.CLINICAL)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()
    ended_reason: str = words(Holds.CLINICAL)


class AttendingLink(SQLModel, table=True):
    """The way to one message without an account. Only a digest of its key is kept; it expires and can be revoked."""

    __tablename__ = "attending_link"
    __table_args__ = (
        CheckConstraint("expires_at > made_at", name="expires"),
        Index("ix_attending_link_message", "message_id"),
        Index("ix_attending_link_stay", "encounter_id", "made_at"),
    )
    id: uuid.UUID = key()
    message_id: uuid.UUID = link("attending_message.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id", index=False)
    facility_id: int = facility_link(index=False)
    digest: bytes = Field(sa_column=Column(LargeBinary, unique=True, nullable=False, info={"holds": Holds.SECRET}))
    expires_at: datetime = instant()
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)  # revoked, or used
    ended_by: uuid.UUID | None = _person()
