"""Stays whose payer is asked, and what is owed for them."""

import uuid
from datetime import datetime
from typing import Any

from app.payers.authorizations.commands import record_decision, request_authorization
from app.payers.authorizations.forms import AskPayer, Received
from app.payers.models import ReceivedDecision, Request
from app.payers.requests.terms import Decision
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.feed import Telling
from tests.support.world import NOW, World

PLAN = "BAYSHORE ADVANTAGE"  # read as Medicare Advantage from its name
ADMITTED = f"A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins {PLAN}\n"
WORK = Permission.AUTHORIZATION_WRITE


def tell(world: World, story: str = ADMITTED, *, first: int = 1) -> uuid.UUID:
    """Tell a story of messages, the first with this number of receipt; the key of its stay."""
    Telling(world, first=first).tell(story)
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select id from encounter where gone_at is null order by serial desc limit 1")
    return found


def ask(world: World, stay: uuid.UUID, now: datetime = NOW, name: str = "uma", **said: Any) -> Request:
    """A request by this person at that instant."""
    with begin(world.viewer(name).acting(WORK), at=now) as work:
        return request_authorization(work, stay, AskPayer.model_validate(said))


def answer(
    world: World, authorization_id: uuid.UUID, now: datetime = NOW, *, how: Received | None = None, **said: Any
) -> ReceivedDecision:
    """An answer, recorded at that instant."""
    with begin(world.viewer("uma").acting(WORK), at=now) as work:
        return record_decision(work, authorization_id, Decision(**said), how)


def owed(rule: str, at: datetime | None = None) -> tuple[bool, datetime | None, datetime | None] | None:
    """What is stored as owed under a rule: required, due, closed."""
    with reading(everywhere("test"), as_of=at) as view:
        found = view.rows(
            lambda *row: row,
            "select required, due_at, closed_at from obligation where ended_at is null and rule = %s order by due_at",
            (rule,),
        )
    return found[0] if found else None


def standing() -> list[tuple[Any, ...]]:
    """State, last covered day and last instant to ask for more, of all authorizations as they stand."""
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row,
            "select state, through, ask_by from payer_standing where ended_at is null order by made_at",
        )
