"""Stays to which notices are delivered, and what is owed for them."""

import uuid
from datetime import datetime
from typing import Any

from app.notices.commands import DeliverNotice, deliver_notice
from app.notices.models import Delivery
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.feed import Telling
from tests.support.world import NOW, World

ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins MEDICARE\n"
WATCHED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | class O | type OBS | ins MEDICARE\n"
LEAVES = "A08 | rec 03-05 09:00 | bed 4W^401^A | expected 20260307120000 | ins MEDICARE\n"
FIRST = {"kind": "IM", "which_copy": "first"}
FOLLOW_UP = {"kind": "IM", "which_copy": "followup"}


def tell(world: World, story: str, *, first: int = 1) -> uuid.UUID:
    """Tell a story of messages, the first with this number of receipt; the key of its stay."""
    Telling(world, first=first).tell(story)
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select id from encounter")
    return found


def deliver(world: World, stay: uuid.UUID, now: datetime = NOW, name: str = "dana", **said: Any) -> Delivery:
    """A delivery by this person at that instant."""
    with begin(world.viewer(name).acting(Permission.NOTICE_DELIVER), at=now) as work:
        return deliver_notice(work, stay, DeliverNotice.model_validate(said))


def owed(rule: str, at: datetime | None = None) -> tuple[bool, datetime | None, datetime | None] | None:
    """What is stored as owed under a rule: required, due, closed."""
    with reading(everywhere("test"), as_of=at) as view:
        found = view.rows(
            lambda *row: row,
            "select required, due_at, closed_at from obligation where ended_at is null and rule = %s",
            (rule,),
        )
    return found[0] if found else None
