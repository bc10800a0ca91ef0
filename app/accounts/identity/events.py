"""What happens with the identity provider, for the audit trail. Tokens and groups of people are in none of these."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRoleMapped(Event):
    """A group of the provider holds a role from now on."""

    name: ClassVar[str] = "identity_role.mapped"
    group: str
    role: str
    facility_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRoleEnded(Event):
    """A group of the provider no longer holds a role; people lose it when they are looked at next."""

    name: ClassVar[str] = "identity_role.ended"
    group: str
    role: str
    facility_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRuleSet(Event):
    """An administrator chose how first sign-ins are matched with people."""

    name: ClassVar[str] = "identity_rule.chosen"
    matching: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLinked(Event):
    """A person of the provider is this person from now on."""

    name: ClassVar[str] = "identity.linked"
    user_id: uuid.UUID
    user_name: str
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityUnlinked(Event):
    """An administrator parted a person from the provider's."""

    name: ClassVar[str] = "identity.unlinked"
    user_id: uuid.UUID
    user_name: str
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRefused(Event):
    """The provider sent somebody back, and no session came of it. A subject is kept, a name or group never."""

    name: ClassVar[str] = "identity.refused"
    user_id: uuid.UUID | None
    subject: str
    cause: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySignedIn(Event):
    """A session began with the provider's word; whether the provider asked for a second factor."""

    name: ClassVar[str] = "identity.signed_in"
    user_id: uuid.UUID
    user_name: str
    session_id: uuid.UUID
    provider_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProved(Event):
    """A signed-in person signed in anew at the provider, because we asked."""

    name: ClassVar[str] = "identity.proved"
    user_id: uuid.UUID
    user_name: str
    session_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLogoutTaken(Event):
    """The provider said that a session there has ended; so many ended here."""

    name: ClassVar[str] = "identity_logout.taken"
    subject: str
    sessions: int
