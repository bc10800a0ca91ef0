"""Who is looking: a signed-in person with what they may do and see."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.platform.work import Scope
from app.security.permissions import ROLES, Permission, Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in one facility, or in all of them (facility_id None)."""

    role: Role
    facility_id: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """A facility as a viewer knows it; `kind` as app/census/facilities.py names it."""

    id: int
    code: str
    name: str
    timezone: str
    kind: str = "acute"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with a session. `acting(permission)` narrows the scope to where that permission is held."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    name: str
    display_name: str
    credentials: str
    grants: tuple[Grant, ...]
    places: tuple[Place, ...]
    facility_id: int | None = None  # the facility being worked in
    opened: tuple[uuid.UUID, ...] = ()
    attending_number: str = ""
    single_keys: bool = True
    must_change_password: bool = False
    must_enrol_totp: bool = False
    csrf: str = ""
    address: str = ""
    permission: Permission = Permission.ACCOUNT_OWN

    @property
    def actor(self) -> str:
        """The name that the audit trail keeps."""
        return self.name

    @property
    def actor_id(self) -> uuid.UUID:
        return self.user_id

    def may(self, permission: Permission) -> bool:
        """Whether the permission is held anywhere; rows are scoped by the database in any case."""
        return any(permission in ROLES[grant.role].permissions for grant in self.grants)

    def permissions(self) -> frozenset[Permission]:
        """Everything held anywhere."""
        return frozenset().union(*(ROLES[grant.role].permissions for grant in self.grants))

    def facilities_with(self, permission: Permission) -> tuple[int, ...]:
        """Facilities in which the permission is held."""
        return self._where(grant for grant in self.grants if permission in ROLES[grant.role].permissions)

    def _where(self, grants: Iterable[Grant]) -> tuple[int, ...]:
        held = tuple(grants)
        if any(grant.facility_id is None for grant in held):
            return tuple(place.id for place in self.places)
        known = {place.id for place in self.places}
        return tuple(sorted(known.intersection(grant.facility_id for grant in held if grant.facility_id is not None)))

    def acting(self, permission: Permission) -> "Viewer":
        """The same person, acting under one permission: sees the rows that this permission reaches."""
        return replace(self, permission=permission)

    @property
    def scope(self) -> Scope:
        """The rows that the present permission reaches."""
        holding = [grant for grant in self.grants if self.permission in ROLES[grant.role].permissions]
        whole = self._where(grant for grant in holding if not ROLES[grant.role].own_patients)
        own = self._where(grant for grant in holding if ROLES[grant.role].own_patients)
        own_only = tuple(facility for facility in own if facility not in whole)
        return Scope(
            facilities=(*whole, *own_only),
            sensitive=self.facilities_with(Permission.SENSITIVE_SEE),
            opened=self.opened,
            attending=self.attending_number,
            attending_at=own_only,
            interface=self.permission
            in (Permission.INTERFACE_SEE, Permission.INTERFACE_REPLAY, Permission.MESSAGE_READ),
        )

    @property
    def place(self) -> Place | None:
        """The facility being worked in: the chosen one, else the first."""
        chosen = [place for place in self.places if place.id == self.facility_id]
        return next(iter(chosen or self.places), None)

    @property
    def role_label(self) -> str:
        """The first role, in words."""
        return ROLES[self.grants[0].role].label if self.grants else "No role yet"

    @property
    def initials(self) -> str:
        """Up to two letters for the avatar."""
        parts = [part for part in self.display_name.split() if part[:1].isalpha()]
        return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts[:1])).upper()
