"""Groups with their roles, people with their identity at the provider, and what an attempt to sign in leaves."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, enum_check, facility_link, holds, instant, key, link, words
from app.security.permissions import Role

_STANDS = text("ended_at is null")


def _person() -> uuid.UUID | None:
    found: uuid.UUID | None = Field(default=None, nullable=True, sa_column_kwargs=holds(Holds.OPERATION))
    return found


class IdentityRole(SQLModel, table=True):
    """A group of the provider holds a role, in one facility or in all. It never changes but to end."""

    __tablename__ = "identity_role"
    __table_args__ = (
        enum_check("role", Role),
        Index("uq_identity_role_current", "group_name", "role", "facility_id", unique=True, postgresql_where=_STANDS,
              postgresql_nulls_not_distinct=True),
    )  # fmt: skip
    id: uuid.UUID = key()
    group_name: str = words(Holds.OPERATION)
    role: str = words(Holds.OPERATION)
    facility_id: int | None = facility_link(null=True)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()


class IdentityRule(SQLModel, table=True):
    """How somebody who comes for the first time becomes a person here. The newest row is in force."""

    __tablename__ = "identity_rule"
    __table_args__ = (CheckConstraint("matching in ('prepared', 'groups')", name="matching"),)
    id: uuid.UUID = key()
    matching: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _person()


class IdentityLink(SQLModel, table=True):
    """This subject of this issuer is this person. It never changes but to end."""

    __tablename__ = "identity_link"
    __table_args__ = (
        Index("uq_identity_link_subject", "issuer", "subject", unique=True, postgresql_where=_STANDS),
        Index("uq_identity_link_person", "issuer", "user_id", unique=True, postgresql_where=_STANDS),
    )
    id: uuid.UUID = key()
    user_id: uuid.UUID = link("app_user.id")
    issuer: str = words(Holds.OPERATION)
    subject: str = words(Holds.STAFF)
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _person()


class IdentitySession(SQLModel, table=True):
    """What is kept of the provider for a session that came by it: whom to ask about, and with what.

    `refresh` is the refresh token, sealed; `asked_at` is when the provider last vouched for the person; `proved_at` is
    when the person last signed in there anew because we asked for it.
    """

    __tablename__ = "identity_session"
    __table_args__ = (Index("ix_identity_session_subject", "issuer", "subject"),)
    session_id: uuid.UUID = Field(
        foreign_key="user_session.id", primary_key=True, sa_column_kwargs=holds(Holds.OPERATION)
    )
    issuer: str = words(Holds.OPERATION)
    subject: str = words(Holds.STAFF)
    sid: str = words(Holds.OPERATION)
    refresh: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary, nullable=True, info={"holds": Holds.SECRET})
    )
    asked_at: datetime = instant()
    proved_at: datetime | None = instant(null=True)


class IdentitySpent(SQLModel, table=True):
    """The digest of something that may be used once: the state of an attempt, the number of a logout token."""

    __tablename__ = "identity_spent"
    __table_args__ = (Index("ix_identity_spent_at", "spent_at"),)
    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True, info={"holds": Holds.OPERATION}))
    spent_at: datetime = instant()


class IdentityPending(SQLModel, table=True):
    """Somebody the provider vouched for, who still owes the code of our own second factor."""

    __tablename__ = "identity_pending"
    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True, info={"holds": Holds.OPERATION}))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False, info={"holds": Holds.SECRET}))
    until: datetime = instant()


class IdentityContact(SQLModel, table=True):
    """How the provider answered when it was last asked; `trouble` is empty when it did."""

    __tablename__ = "identity_contact"
    issuer: str = Field(primary_key=True, sa_column_kwargs={"server_default": text("''"), **holds(Holds.OPERATION)})
    tried_at: datetime = instant()
    trouble: str = words(Holds.OPERATION)
    answered_at: datetime | None = instant(null=True)
