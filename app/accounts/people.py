"""People and what they were granted: commands for the pages, the command line and the demo."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, Field
from sqlalchemy import func
from sqlmodel import select

from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.security.models import RoleGrant, User
from app.security.passwords import hash_password, refuse_weak
from app.security.permissions import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAdded(Event):
    """A person may sign in from now on."""

    name: ClassVar[str] = "user.added"
    user_id: uuid.UUID
    user_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGranted(Event):
    """A person was given a role, in one facility or in all."""

    name: ClassVar[str] = "role.granted"
    user_id: uuid.UUID
    user_name: str
    role: str
    facility_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWithdrawn(Event):
    """A role was taken from a person."""

    name: ClassVar[str] = "role.withdrawn"
    user_id: uuid.UUID
    user_name: str
    role: str
    facility_id: int | None


class AddUser(BaseModel):
    """A new person. Without a password one must be set before the first sign-in."""

    name: str = Field(min_length=2, max_length=60, pattern=r"^[A-Za-z0-9._@-]+$")
    display_name: str = Field(min_length=1, max_length=80)
    credentials: str = Field(default="", max_length=30)
    password: str = Field(default="", max_length=200)
    must_change_password: bool = False
    attending_number: str = Field(default="", max_length=30)


class GrantRole(BaseModel):
    """A role for a person; without a facility it holds in all of them."""

    user_id: uuid.UUID
    role: Role
    facility_id: int | None = None


def add_user(work: Work, ask: AddUser) -> User:
    """Add a person. Refused when the name is taken or the password is weak."""
    if work.session.exec(select(User).where(func.lower(User.name) == ask.name.lower())).first() is not None:
        raise Refused("This user name is taken.", field="name")
    if ask.password:
        refuse_weak(ask.password, ask.name)
    user = work.add(
        User(
            name=ask.name, display_name=ask.display_name, credentials=ask.credentials,
            attending_number=ask.attending_number, must_change_password=ask.must_change_password,
            password_hash=hash_password(ask.password) if ask.password else "",
            password_changed_at=work.now if ask.password else None, created_at=work.now,
        )
    )  # fmt: skip
    work.record(UserAdded(user_id=user.id, user_name=user.name))
    return user


def grant_role(work: Work, ask: GrantRole) -> None:
    """Give a role; giving it again changes nothing."""
    user = work.get(User, ask.user_id, "There is no such person.")
    held = work.session.exec(
        select(RoleGrant).where(
            RoleGrant.user_id == user.id, RoleGrant.role == ask.role.value, RoleGrant.facility_id == ask.facility_id
        )
    ).first()
    if held is None:
        work.add(RoleGrant(user_id=user.id, role=ask.role.value, facility_id=ask.facility_id, granted_at=work.now))
    work.record(
        RoleGranted(user_id=user.id, user_name=user.name, role=ask.role.value, facility_id=ask.facility_id)
    )


def withdraw_role(work: Work, grant_id: uuid.UUID) -> None:
    """Take a role away."""
    grant = work.lock(RoleGrant, grant_id, "This role was taken away already.")
    user = work.get(User, grant.user_id)
    work.delete(grant)
    work.record(
        RoleWithdrawn(user_id=user.id, user_name=user.name, role=grant.role, facility_id=grant.facility_id)
    )
