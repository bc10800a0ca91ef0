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
    totp_secret: str = words(Holds.SECRET)  # of before secrets were sealed; emptied at the next start or use
    totp_sealed: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary, nullable=True, info={"holds": Holds.SECRET})
    )
    totp_confirmed_at: datetime | None = instant(null=True)
    totp_last_step: int = number(Holds.SECRET, null=False, default=0)  # a code is taken once
    factor_taken_at: datetime | None = instant(null=True)  # an administrator took the second factor away
    factor_taken_by: str = words(Holds.STAFF)
    failed_attempts: int = number(null=False, default=0)
    locked_until: datetime | None = instant(null=True)
    active: bool = number(null=False, default=True)
    single_keys: bool = number(null=False, default=True)  # single-letter shortcuts
    theme: str = words(Holds.OPERATION)
    created_at: datetime = instant()


class RecoveryCode(SQLModel, table=True):
    """A code that stands in once for the second factor. The codes of one person are hashed with one salt."""

    __tablename__ = "recovery_code"
    __table_args__ = (CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),)
    id: uuid.UUID = key()
    user_id: uuid.UUID = link("app_user.id")
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
    ended_because: str = words(Holds.OPERATION)


class SealingKey(SQLModel, table=True):
    """A key that seals secrets of this database: its name, and a text that only it opens."""

    __tablename__ = "sealing_key"
    __table_args__ = (UniqueConstraint("name"),)
    id: uuid.UUID = key()
    name: str = words(Holds.OPERATION)
    proof: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    made_at: datetime = instant()


class RoleGrant(SQLModel, table=True):
    """A role held by a person, for one facility or (without one) for all."""

    __tablename__ = "role_grant"
    __table_args__ = (
        enum_check("role", Role),
        CheckConstraint("given_by in ('hand', 'provider')", name="given_by"),
        UniqueConstraint("user_id", "role", "facility_id", postgresql_nulls_not_distinct=True),
    )
    id: uuid.UUID = key()
    user_id: uuid.UUID = link("app_user.id")
    role: str = words(Holds.STAFF)
    facility_id: int | None = facility_link(null=True)
    granted_at: datetime = instant()
    given_by: str = words(Holds.OPERATION, default="hand")  # by hand, or after the groups of the identity provider


class UserSession(SQLModel, table=True):
    """A browser that signed in. Only the hash of its cookie is kept."""

    __tablename__ = "user_session"
    __table_args__ = (
        CheckConstraint("(ended_at is null) = (ended_because = '')", name="ended"),
        CheckConstraint("signed_in_by in ('password', 'provider')", name="signed_in_by"),
    )
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
    signed_in_by: str = words(Holds.OPERATION, default="password")
    provider_factor: bool = number(null=False, default=False)  # the identity provider asked for a second factor


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
    code: str = words(Holds.OPERATION)  # why the glass was broken, in one of a few words; empty before there were any
    reason: str = words(Holds.STAFF)
    proof: str = words(Holds.OPERATION)  # how the person proved at that moment who they are
    opened_at: datetime = instant()
    until: datetime | None = instant(null=True)
