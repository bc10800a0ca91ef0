"""People and what they were granted: commands for the pages, the command line and the demo."""

import secrets
import uuid
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, Field
from sqlalchemy import func
from sqlmodel import select

from app.accounts.factors.choosing import chooser_of
from app.accounts.factors.recovery import end_codes
from app.accounts.factors.seeds import drop_seed
from app.kernel.events import Event
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Who, Work
from app.security.models import RoleGrant, User
from app.security.passwords import LONGEST, hash_password, refuse_weak
from app.security.permissions import ROLES, Permission, Role
from app.security.viewer import Viewer

NO_PERSON = "There is no such person among those whom you manage."
ADMINISTRATION = "select pg_advisory_xact_lock(hashtext('daybook people'))"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no i, l, o, 0, 1: they are misread


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


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(Event):
    """Name, credentials or number of a person were corrected."""

    name: ClassVar[str] = "user.changed"
    user_id: uuid.UUID
    user_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSwitched(Event):
    """A person may no longer sign in, or may again."""

    name: ClassVar[str] = "user.switched"
    user_id: uuid.UUID
    user_name: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorReset(Event):
    """The second factor of a person was taken away, after a lost device."""

    name: ClassVar[str] = "second_factor.reset"
    user_id: uuid.UUID
    user_name: str


class EditUser(BaseModel):
    """What an administrator may correct about a person; the sign-in name stays, since the trail holds it."""

    display_name: str = Field(min_length=1, max_length=80)
    credentials: str = Field(default="", max_length=30)
    attending_number: str = Field(default="", max_length=30)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom and where an actor may administer: everything, or the people and units of some facilities."""

    everything: bool
    facilities: frozenset[int]

    def covers(self, facility_id: int | None) -> bool:
        """Whether a role for this facility (None: for all) is the actor's to give and take."""
        return self.everything or (facility_id is not None and facility_id in self.facilities)


def reach_of(who: Who, permission: Permission = Permission.USER_MANAGE) -> Reach:
    """What `who` may administer; parts of the program that act for all facilities reach everything."""
    if not isinstance(who, Viewer):
        return Reach(who.scope.everywhere, frozenset(who.scope.facilities))
    whole = any(permission in ROLES[grant.role].permissions and grant.facility_id is None for grant in who.grants)
    return Reach(whole, frozenset(who.facilities_with(permission)))


class AddUser(BaseModel):
    """A new person. Without a password one must be set before the first sign-in."""

    name: str = Field(min_length=2, max_length=60, pattern=r"^[A-Za-z0-9._@-]+$")
    display_name: str = Field(min_length=1, max_length=80)
    credentials: str = Field(default="", max_length=30)
    password: str = Field(default="", max_length=LONGEST)
    must_change_password: bool = False
    attending_number: str = Field(default="", max_length=30)


class GrantRole(BaseModel):
    """A role for a person; without a facility it holds in all of them."""

    user_id: uuid.UUID
    role: Role
    facility_id: int | None = None


def temporary_password() -> str:
    """Sixteen letters and digits in groups, to be read out or copied once; about 79 bits."""
    text = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def person(work: Work, user_id: uuid.UUID, *, wholly: bool = False) -> User:
    """A person within the actor's reach, locked. NotFound beyond it.

    With `wholly` every role of the person must be within reach: name, password and second factor hold everywhere,
    so an administrator of one must not take over somebody who works in another. Refused otherwise.
    """
    user = work.session.exec(select(User).where(User.id == user_id).with_for_update()).first()
    reach = reach_of(work.who)
    places = work.session.exec(select(RoleGrant.facility_id).where(RoleGrant.user_id == user_id)).all()
    within = [reach.covers(place) for place in places]
    if user is None or (within and not any(within)):
        raise NotFound(NO_PERSON)
    if wholly and not all(within):
        raise Refused("This person also holds roles outside your facilities: an administrator of all can do this.")
    return user


def add_user(work: Work, ask: AddUser) -> User:
    """Add a person. Refused when the name is taken or the password is weak."""
    work.value(ADMINISTRATION)
    if work.session.exec(select(User).where(func.lower(User.name) == ask.name.lower())).first() is not None:
        raise Refused("This user name is taken.", field="name")
    if ask.password:
        refuse_weak(ask.password, chooser_of(work, (ask.name, ask.display_name)))
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


def edit_user(work: Work, user_id: uuid.UUID, ask: EditUser) -> None:
    """Correct what is known of a person."""
    user = person(work, user_id, wholly=True)
    user.display_name, user.credentials = ask.display_name, ask.credentials
    user.attending_number = ask.attending_number
    work.record(UserChanged(user_id=user.id, user_name=user.name))


def switch_user(work: Work, user_id: uuid.UUID, *, active: bool) -> User:
    """Let a person sign in, or no longer. Refused for oneself and for the last administrator."""
    work.value(ADMINISTRATION)
    user = person(work, user_id, wholly=True)
    if not active:
        if user.id == work.who.actor_id:
            raise Refused("You cannot switch yourself off. Ask another administrator.")
        for grant in work.session.exec(select(RoleGrant).where(RoleGrant.user_id == user.id)).all():
            _refuse_without_administrator(work, grant, without_person=True)
    user.active = active
    work.record(UserSwitched(user_id=user.id, user_name=user.name, active=active))
    return user


def reset_second_factor(work: Work, user_id: uuid.UUID) -> User:
    """Take the second factor away from a person whose device is lost, with its recovery codes.

    The person is told at every sign-in until there is another one. The password stays: that is a deed of its own.
    """
    user = person(work, user_id, wholly=True)
    drop_seed(user)
    end_codes(work, user, "second factor taken away")
    by = work.who.display_name if isinstance(work.who, Viewer) else work.who.actor
    user.factor_taken_at, user.factor_taken_by = work.now, by
    work.record(SecondFactorReset(user_id=user.id, user_name=user.name))
    return user


def grant_role(work: Work, ask: GrantRole) -> None:
    """Give a role; giving it again changes nothing. Refused beside `facility` outside the actor's reach."""
    user = person(work, ask.user_id)
    if not reach_of(work.who).covers(ask.facility_id):
        raise Refused("You manage people of your own facilities only.", field="facility")
    held = work.session.exec(
        select(RoleGrant).where(
            RoleGrant.user_id == user.id, RoleGrant.role == ask.role.value, RoleGrant.facility_id == ask.facility_id
        )
    ).first()
    if held is None:
        work.add(RoleGrant(user_id=user.id, role=ask.role.value, facility_id=ask.facility_id, granted_at=work.now))
    else:
        held.given_by = "hand"  # stays now, whatever the groups of the identity provider say
    work.record(RoleGranted(user_id=user.id, user_name=user.name, role=ask.role.value, facility_id=ask.facility_id))


def withdraw_role(work: Work, grant_id: uuid.UUID) -> RoleGrant:
    """Take a role away. Refused for the last administrator, and for a role that would come back with its group."""
    work.value(ADMINISTRATION)
    grant = work.lock(RoleGrant, grant_id, "This role was taken away already.")
    user = person(work, grant.user_id)
    if not reach_of(work.who).covers(grant.facility_id):
        raise NotFound("This role is not yours to take away.")
    if grant.given_by != "hand":
        raise Refused("This role follows from a group of the identity provider: take the person out of it there.")
    _refuse_without_administrator(work, grant, without_person=False)
    work.delete(grant)
    work.record(RoleWithdrawn(user_id=user.id, user_name=user.name, role=grant.role, facility_id=grant.facility_id))
    return grant


def _refuse_without_administrator(work: Work, grant: RoleGrant, *, without_person: bool) -> None:
    """Refuse when nobody would be left to administer where this grant holds. The caller holds ADMINISTRATION.

    Only roles given by hand count: what follows from groups of the identity provider goes when the groups go, or when
    the provider does not answer.
    """
    if grant.role != Role.ADMINISTRATOR or grant.given_by != "hand":
        return
    left = work.value(
        "select exists (select 1 from role_grant g join app_user u on u.id = g.user_id where u.active"
        " and g.role = 'administrator' and g.given_by = 'hand' and (g.facility_id is null or g.facility_id = %s)"
        " and case when %s then g.user_id <> %s else g.id <> %s end)",
        [grant.facility_id, without_person, grant.user_id, grant.id],
    )
    if not left:
        raise Refused("This is the last administrator. Give the role to somebody else first.")
