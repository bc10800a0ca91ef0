"""Facilities, their units and their feed settings: one row each, edited by administrators, audited."""

import uuid
from datetime import datetime, time

from sqlalchemy import CheckConstraint, Column, Identity, SmallInteger, Time, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import String
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, holds, instant, key, number, words


class Facility(SQLModel, table=True):
    """A hospital with its own time zone, units, calendar and rules; the unit of row security."""

    __tablename__ = "facility"
    __table_args__ = (
        CheckConstraint("kind in ('acute', 'ltch', 'cah')", name="kind"),
        UniqueConstraint("code"),
    )
    id: int = Field(
        default=None,
        sa_column=Column(SmallInteger, Identity(always=True), primary_key=True, info={"holds": Holds.OPERATION}),
    )
    code: str = words(Holds.OPERATION)
    name: str = words(Holds.OPERATION)
    timezone: str = words(Holds.OPERATION)
    kind: str = words(Holds.OPERATION)  # acute, ltch (long-term acute), cah (critical access)
    totp_required: bool = number(null=False, default=False)
    build_at: time = Field(default=time(5, 0), sa_type=Time, sa_column_kwargs=holds(Holds.OPERATION))
    created_at: datetime = instant()


class Unit(SQLModel, table=True):
    """A nursing unit. Units that a feed names and nobody described yet are shown by their code."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("facility_id", "code"),
        CheckConstraint(
            "kind in ('ward', 'intensive', 'step_down', 'observation', 'emergency', 'surgery', 'rehabilitation',"
            " 'psychiatric', 'ltac')",
            name="kind",
        ),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link()
    code: str = words(Holds.OPERATION)  # PV1-3.1
    name: str = words(Holds.OPERATION)
    kind: str = words(Holds.OPERATION)
    beds: int = number(null=False, default=0)
    service: str = words(Holds.OPERATION)


class Feed(SQLModel, table=True):
    """How one facility's messages arrive and which habits its sender has (the site questions of the ADT rules)."""

    __tablename__ = "feed"
    __table_args__ = (UniqueConstraint("facility_id"), UniqueConstraint("port"))
    id: int = Field(
        default=None,
        sa_column=Column(SmallInteger, Identity(always=True), primary_key=True, info={"holds": Holds.OPERATION}),
    )
    facility_id: int = facility_link(index=False)
    authority: str = words(Holds.OPERATION)  # assigning authority when CX.4 is empty, and MSH-4 of its sender
    aliases: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": Holds.OPERATION}),
    )
    port: int | None = number()  # a port of its own; else MSH-4 decides
    charset: str = words(Holds.OPERATION, default="cp1252")  # when MSH-18 is silent and the bytes are not UTF-8
    processing_ids: str = words(Holds.OPERATION, default="P")  # MSH-11 values that are taken
    a08_moves: bool = number(null=False, default=True)
    a08_class: bool = number(null=False, default=True)
    enhanced: bool = number(null=False, default=False)  # enhanced acknowledgement (CA, CE, CR)
    classes: dict[str, str] = Field(
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default="{}", info={"holds": Holds.OPERATION}),
    )
    silent_after_minutes: int = number(null=False, default=30)
