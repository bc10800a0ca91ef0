"""A small named hospital, built by the product's own commands, so that it can only be in states the product can make.

Two facilities, North (acute) and South (a stranger to North's people), and one person per role.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.census.facilities import AddFacility, DescribeUnit, FacilityKind, UnitKind, add_facility, describe_unit
from app.kernel.days import local_day
from app.platform.now import now
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere
from app.security.permissions import Role
from app.security.sessions import digest, new_token
from app.security.viewer import Grant, Place, Viewer

PASSWORD = "seven quiet lanterns"
NOW = datetime(2026, 3, 5, 15, 41, tzinfo=UTC)  # Thu 5 Mar 2026 09:41 in Chicago
PEOPLE = {
    "dana": ("Dana Whitlow", "RN", Role.CASE_MANAGER, "NORTH"),
    "uma": ("Uma Reyes", "RN", Role.UR_NURSE, "NORTH"),
    "sol": ("Sol Werner", "LCSW", Role.SOCIAL_WORKER, "NORTH"),
    "paul": ("Paul Adeyemi", "MD", Role.PHYSICIAN_ADVISOR, "NORTH"),
    "ann": ("Ann Tending", "MD", Role.ATTENDING, "NORTH"),
    "carla": ("Carla Moreau", "MD", Role.CHIEF_MEDICAL_OFFICER, "NORTH"),
    "lee": ("Lee Hartono", "RN", Role.LEAD, "NORTH"),
    "dora": ("Dora Quist", "", Role.DIRECTOR, "NORTH"),
    "adam": ("Adam Sorbo", "", Role.ADMINISTRATOR, None),
    "priya": ("Priya Nair", "", Role.PRIVACY_OFFICER, "NORTH"),
    "aud": ("Aud Lindqvist", "", Role.AUDITOR, "NORTH"),
    "stan": ("Stan Ferro", "RN", Role.CASE_MANAGER, "SOUTH"),
}


def hospital_day(ago: int = 0) -> date:
    """The calendar day in the hospitals of the world, so many days ago: for six hours it is not that of UTC."""
    return local_day(now(), ZoneInfo("America/Chicago")) - timedelta(days=ago)


@dataclass
class World:
    """The hospital of the tests. `facility` and `user` map codes and names to keys."""

    addresses: Addresses
    facility: dict[str, int] = field(default_factory=dict)
    user: dict[str, uuid.UUID] = field(default_factory=dict)
    place: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with begin(everywhere("world"), at=NOW - timedelta(days=30)) as work:
            for code, name in (("NORTH", "North Harbor Hospital"), ("SOUTH", "South Ridge Hospital")):
                made = add_facility(
                    work,
                    AddFacility(
                        code=code, name=name, timezone="America/Chicago", kind=FacilityKind.ACUTE, authority=code
                    ),
                )
                self.facility[code] = made.id
                self.place[code] = Place(made.id, code, name, "America/Chicago")
                for unit, label, kind in (
                    ("4W", "4 West", UnitKind.WARD),
                    ("ICU", "Intensive care", UnitKind.INTENSIVE),
                    ("OBS", "Observation", UnitKind.OBSERVATION),
                ):
                    describe_unit(work, made.id, DescribeUnit(code=unit, name=label, kind=kind, beds=12))
            for name, (display, credentials, role, code) in PEOPLE.items():
                number = "1001" if role is Role.ATTENDING else ""
                user = add_user(
                    work, AddUser(name=name, display_name=display, credentials=credentials, attending_number=number)
                )
                self.user[name] = user.id
                grant_role(
                    work, GrantRole(user_id=user.id, role=role, facility_id=self.facility[code] if code else None)
                )

    @cached_property
    def owner(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the database's owner, who sees all; each statement stands alone. `close` ends it."""
        return psycopg.connect(self.addresses.owner, autocommit=True)

    def close(self) -> None:
        """Give back what the hospital held open; what is asked for again is opened again."""
        if "owner" in self.__dict__:
            self.__dict__.pop("owner").close()

    def viewer(self, name: str) -> Viewer:
        """This person as the program knows one after sign-in."""
        display, credentials, role, code = PEOPLE[name]
        places = tuple(self.place.values()) if code is None else (self.place[code],)
        return Viewer(
            user_id=self.user[name],
            session_id=uuid.uuid4(),
            name=name,
            display_name=display,
            credentials=credentials,
            grants=(Grant(role, self.facility[code] if code else None),),
            places=places,
            attending_number="1001" if role is Role.ATTENDING else "",
        )

    def cookie(self, name: str) -> str:
        """Sign this person in without the page: the cookie of a fresh session."""
        from app.platform.now import now

        token, moment = new_token(), now()
        with begin(everywhere("world")) as work:
            work.connection.execute(
                "insert into user_session (digest, user_id, started_at, seen_at, expires_at)"
                " values (%s, %s, %s, %s, %s)",
                (digest(token), self.user[name], moment, moment, moment + timedelta(hours=12)),
            )
        return token
