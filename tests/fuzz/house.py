"""Two hospitals with everything in them, the people who walk them, and what may never be read by whom."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.census.stay.marks import MarkStay, mark_stay
from app.census.terms import Sensitivity
from app.interop.inbox import Source, drain, receive
from app.platform.work import begin, everywhere, reading
from app.security.permissions import ROLES, Permission, Role
from app.security.sessions import csrf_token
from tests.house.test_routes import HOLDERS, STREAM, routes
from tests.house.test_scope import MARKS, more_of, stranger
from tests.support.client import Browser
from tests.support.hl7 import Sender
from tests.support.world import World

HIDDEN_NAME = "HIDDENFEATHER"
# What makes a hidden stay visible by right, and so may be done to no hidden stay here.
OPENING = ("/glass", "/sensitivity")


@dataclass
class Person:
    """Somebody who walks: a role in one hospital, or nobody."""

    name: str
    role: Role | None
    foreign: bool
    cookie: str = ""

    @property
    def forbidden(self) -> tuple[str, ...]:
        """What no answer to this person may hold."""
        if self.role is None or self.foreign:
            return (*MARKS, HIDDEN_NAME)
        # Interfaces are the administrator's, raw messages too; the attending physician of a hidden stay sees it.
        sees = (
            self.role in (Role.ADMINISTRATOR, Role.ATTENDING)
            or Permission.SENSITIVE_SEE in ROLES[self.role].permissions
        )
        return () if sees else (HIDDEN_NAME,)

    def may(self, needed: Permission) -> bool:
        """Whether the role holds it."""
        return needed is Permission.PUBLIC or (self.role is not None and needed in ROLES[self.role].permissions)


@dataclass
class House:
    """The furnished installation, with a client for all."""

    world: World
    app: Litestar
    client: TestClient[Litestar]
    keys: dict[str, str] = field(default_factory=dict)
    hidden: str = ""
    people: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        stay = self._admit("VISIT777001", "MRN777001", "QUILLFEATHER")
        self.keys = more_of(self.world, stay, Browser(self.client, self.world, "dana"))
        self.hidden = self._admit("VISIT777002", "MRN777888", HIDDEN_NAME)["stay_id"]
        with begin(everywhere("test")) as work:
            ask = MarkStay(sensitivity=Sensitivity.VIP, reason="asked by the family")
            mark_stay(work, uuid.UUID(self.hidden), ask)
            spare = add_user(work, AddUser(name="spare", display_name="Spare Person"))
            grant = grant_role(
                work,
                GrantRole(user_id=spare.id, role=Role.AUDITOR, facility_id=self.world.facility["NORTH"]),
            )
        self.world.user["spare"] = spare.id
        self.world.cookie("spare")
        with reading(everywhere("test")) as view:
            session = view.value("select id from user_session where user_id = %s", (spare.id,))
            granted = view.value("select id from role_grant where user_id = %s", (spare.id,))
        self.keys |= {"user_id": str(spare.id), "grant_id": str(granted), "session_id": str(session)}
        assert grant is None or granted
        self.people = [Person("", None, False)]
        for role in Role:
            self.people.append(Person(HOLDERS[role], role, False))
            self.people.append(Person(stranger(self.world, role), role, True))

    def _admit(self, visit: str, number: str, name: str) -> dict[str, str]:
        message = Sender().admit(visit, number, "4W^477^A", name=f"{name}^MERLE",
                                 tail="DG1|1||Z99.777^x^ICD10\rIN1|1|SECRETPLAN|77|SECRETPLAN\r")  # fmt: skip
        (receipt,) = receive([message], Source(kind="mllp", origin="test"))
        while drain():
            pass
        with reading(everywhere("test")) as view:
            stay = view.value("select id from encounter where visit_number = %s", (visit,))
            patient = view.value("select patient_id from encounter where id = %s", (stay,))
        return {"stay_id": str(stay), "encounter_id": str(stay), "patient_id": str(patient),
                "message_id": str(receipt.id)}  # fmt: skip

    def routes(self) -> list[Any]:
        """All but the stream, which never ends."""
        return [route for route in routes(self.app) if route[1] != STREAM]

    def sign_in(self, person: Person) -> None:
        """A fresh session; whatever an earlier request did to the account is mended."""
        if person.role is None:
            return
        with self.world.owner.transaction():  # a repair of the tests is no deed of anybody: nothing goes to the trail
            self.world.owner.execute("set local session_replication_role = replica")
            self.world.owner.execute(
                "update app_user set active = true, must_change_password = false, locked_until = null where name = %s",
                (person.name,),
            )
            self.world.owner.execute("update facility set totp_required = false where totp_required")
        person.cookie = self.world.cookie(person.name)

    def token(self, person: Person) -> str:
        """What makes a form one of this session."""
        return csrf_token(person.cookie) if person.cookie else ""

    def changes(self) -> int:
        """How many rows were ever changed by people: it grows with every change that the trail copies."""
        found = self.world.owner.execute("select coalesce(max(id), 0) from row_change").fetchone()
        assert found is not None
        return int(found[0])
