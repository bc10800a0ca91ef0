"""Vendors of the small hospital, and referrals that its people send to them."""

import uuid
from datetime import datetime
from typing import Any

from app.discharge.referrals.asks import Accept, Decline, SendReferrals
from app.discharge.referrals.commands import Outcome, send
from app.discharge.referrals.following import answering
from app.discharge.terms import CareType
from app.discharge.vendors.commands import AddContact, SetPosition, SetVendor, add_contact, add_vendor, set_position
from app.discharge.vendors.terms import ContactKind
from app.platform.work import Work, begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.world import NOW, World

NAMES = ("Alder House", "Birch Court", "Cedar Lodge", "Dogwood Manor", "Elm Terrace", "Fern Hall", "Gale View",
         "Hazel Home", "Ivy Place", "Juniper Rise")  # fmt: skip


def vendors(world: World, count: int = 5, *, care: str = "snf", mail: bool = True) -> list[uuid.UUID]:
    """Vendors of North at growing distances, in that order."""
    found = []
    with begin(world.viewer("adam").acting(Permission.VENDOR_SET), at=NOW) as work:
        set_position(work, world.facility["NORTH"], SetPosition(latitude=41.0, longitude=-87.0))
        for number, name in enumerate(NAMES[:count]):
            ask = SetVendor(name=name, care_type=CareType(care), latitude=41.0 + number / 50, longitude=-87.0)
            found.append(add_vendor(work, world.facility["NORTH"], ask))
            if mail:
                address = f"{name.split()[0].lower()}@vendor.example"
                add_contact(work, found[-1], AddContact(kind=ContactKind.EMAIL, value=address))
    return found


def refer(
    world: World, stay: uuid.UUID, to: list[uuid.UUID], *, at: datetime = NOW, care: str = "snf", **more: Any
) -> Outcome:
    """Send one need to these vendors."""
    ask = SendReferrals.model_validate({"care_type": care, "vendors": to, "alone": "asked for by name"} | more)
    with begin(world.viewer("dana").acting(Permission.REFERRAL_WRITE), at=at) as work:
        return send(work, stay, ask, "Dana Whitlow, RN")


def someone(world: World, at: datetime = NOW) -> Any:
    """A transaction of the case manager."""
    return begin(world.viewer("dana").acting(Permission.REFERRAL_WRITE), at=at)


def yes(work: Work, referral: uuid.UUID, **more: Any) -> None:
    """The vendor accepts."""
    ask = {"offered_on": "2026-03-06", "answered_by": "Kim Admissions 555 0100"} | more
    answering.accept(work, referral, Accept.model_validate(ask))


def no(work: Work, referral: uuid.UUID, **more: Any) -> None:
    """The vendor declines."""
    ask = {"decline_reason": "no_bed", "answered_by": "Kim Admissions"} | more
    answering.decline(work, referral, Decline.model_validate(ask))


def stands(referral: uuid.UUID) -> str:
    """The state of a referral."""
    with reading(everywhere("test")) as db:
        query = "select state from referral where referral_id = %s and ended_at is null"
        return str(db.value(query, (referral,)))


def need_stands(request: uuid.UUID) -> tuple[str, str]:
    """State of a need, and why it is closed."""
    with reading(everywhere("test")) as db:
        query = "select state, because from referral_request where request_id = %s and ended_at is null"
        return db.rows(lambda *row: row, query, (request,))[0]


def recorded(name: str) -> list[dict[str, Any]]:
    """The facts of the events of this name."""
    with reading(everywhere("test")) as db:
        return db.values("select facts from audit_event where name = %s order by id", (name,))


def owed(rule: str) -> dict[str, tuple[datetime | None, datetime | None]]:
    """What is stored as owed under a rule, by subject: due, closed."""
    with reading(everywhere("test")) as db:
        query = "select subject, due_at, closed_at from obligation where ended_at is null and required and rule = %s"
        return {subject: (due, closed) for subject, due, closed in db.rows(lambda *row: row, query, (rule,))}
