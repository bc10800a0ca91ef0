"""People, what they were granted, their sessions, and stays that were opened for them."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INET
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, enum_check, facility_link, holds, instant, key, link, number, words
from app.security.permissions import Role


class User(SQLModel, table=True):
    """A person who signs in. Never deleted: switched off, since the audit trail names them."""

    __tablename__ = "app_user"
    __table_args__ = (Index("uq_app_user_name", text("lower(name)"), unique=True),)
    id: uuid.UUID = key()
    name: str = words(Holds.STAFF)  # sign-in name
    display_name: str = words(Holds.STAFF)
    credentials: str = words(Holds.STAFF)  # "RN", "LCSW": shown after the name
    attending_number: str = words(Holds.STAFF)  # PV1-7.1 of an attending physician
    password_hash: str = words(Holds.SECRET)
    password_changed_at: datetime | None = instant(null=True)
    must_change_password: bool = number(null=False, default=False)
    totp_secret: str = words(Holds.SECRET)
    totp_confirmed_at: datetime | None = instant(null=True)
    totp_last_step: int = number(Holds.SECRET, null=False, default=0)  # a code is taken once
    failed_attempts: int = number(null=False, default=0)
    locked_until: datetime | None = instant(null=True)
    active: bool = number(null=False, default=True)
    single_keys: bool = number(null=False, default=True)  # single-letter shortcuts
    theme: str = words(Holds.OPERATION)
    created_at: datetime = instant()


class RoleGrant(SQLModel, table=True):
    """A role held by a person, for one facility or (without one) for all."""

    __tablename__ = "role_grant"
    __table_args__ = (
        enum_check("role", Role),
        UniqueConstraint("user_id", "role", "facility_id", postgresql_nulls_not_distinct=True),
    )
    id: uuid.UUID = key()
    user_id: uuid.UUID = link("app_user.id")
    role: str = words(Holds.STAFF)
    facility_id: int | None = facility_link(null=True)
    granted_at: datetime = instant()


class UserSession(SQLModel, table=True):
    """A browser that signed in. Only the hash of its cookie is kept."""

    __tablename__ = "user_session"
    __table_args__ = (CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),)
    id: uuid.UUID = key()
    digest: bytes = Field(sa_column=Column(LargeBinary, unique=True, nullable=False, info={"holds": Holds.SECRET}))
    user_id: uuid.UUID = link("app_user.id")
    started_at: datetime = instant()
    seen_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
    ended_because: str = words(Holds.OPERATION)
    address: str | None = Field(default=None, sa_column=Column(INET, info={"holds": Holds.STAFF}))
    agent: str = words(Holds.STAFF)
    facility_id: int | None = Field(default=None, sa_type=SmallInteger, sa_column_kwargs=holds(Holds.OPERATION))


class SignInAttempt(SQLModel, table=True):
    """Failed attempts of one address in a row: the back-off that does not depend on a name."""

    __tablename__ = "sign_in_attempt"
    address: str = Field(primary_key=True, sa_column_kwargs=holds(Holds.STAFF))
    failed: int = number(null=False, default=0)
    last_at: datetime = instant()


class StayAccess(SQLModel, table=True):
    """A sensitive stay opened for a person: with a reason (break the glass) or because it was assigned."""

    __tablename__ = "stay_access"
    __table_args__ = (
        CheckConstraint("kind in ('glass', 'assigned')", name="kind"),
        CheckConstraint("kind <> 'glass' or reason <> ''", name="reason"),
        Index("ix_stay_access_user", "user_id", "until"),
    )
    id: uuid.UUID = key()
    user_id: uuid.UUID = link("app_user.id", index=False)
    encounter_id: uuid.UUID = link("encounter.id")
    facility_id: int = facility_link()
    kind: str = words(Holds.OPERATION)
    reason: str = words(Holds.STAFF)
    opened_at: datetime = instant()
    until: datetime | None = instant(null=True)
