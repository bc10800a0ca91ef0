"""The inbox: every inbound message as it came, what waits to be applied, and what could not be."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, LargeBinary, SmallInteger, text
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, holds, instant, key, words


class InboundMessage(SQLModel, table=True):
    """A message as received, stored before it is acknowledged; never changed. `id` is the receive sequence."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        Index("uq_inbound_message", "facility_id", "sending_application", "sending_facility", "control_id", "digest",
              unique=True, postgresql_nulls_not_distinct=True),
        Index("ix_inbound_message_heard", "facility_id", "received_at"),
        CheckConstraint("source in ('mllp', 'file', 'replay', 'demo', 'fhir', 'census', 'repair')", name="source"),
    )  # fmt: skip
    id: int = Field(
        default=None,
        sa_column=Column(BigInteger, Identity(always=True), primary_key=True, info={"holds": Holds.OPERATION}),
    )
    received_at: datetime = instant()
    facility_id: int | None = facility_link(null=True, index=False)
    source: str = words(Holds.OPERATION)
    origin: str = words(Holds.OPERATION)  # port and peer, or the name of the file
    sending_application: str = words(Holds.OPERATION)
    sending_facility: str = words(Holds.OPERATION)
    control_id: str = words(Holds.OPERATION)
    event: str = words(Holds.OPERATION)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.OPERATION}))
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.PERSON}))
    ack: str = words(Holds.OPERATION)
    refusal: str = words(Holds.OPERATION)  # kind of exception when it was not accepted
    sentence: str = words(Holds.OPERATION)  # why, in words, without patient data


class InboundPending(SQLModel, table=True):
    """A queue: accepted messages whose facts are not folded yet."""

    __tablename__ = "inbound_pending"
    message_id: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False, info={"holds": Holds.OPERATION})
    )
    facility_id: int | None = Field(default=None, sa_type=SmallInteger, sa_column_kwargs=holds(Holds.OPERATION))


class InboundProblem(SQLModel, table=True):
    """A stored message that is not applied: parked for an unknown facility, or failed. Replayable after a repair."""

    __tablename__ = "inbound_problem"
    __table_args__ = (
        Index("uq_inbound_problem_open", "message_id", unique=True, postgresql_where=text("closed_at is null")),
    )
    id: uuid.UUID = key()
    message_id: int = Field(sa_type=BigInteger, sa_column_kwargs=holds(Holds.OPERATION))
    facility_id: int | None = facility_link(null=True)
    kind: str = words(Holds.OPERATION)
    sentence: str = words(Holds.OPERATION)
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(null=True)
