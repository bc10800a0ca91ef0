"""Stays whose days a payer denied, and what is owed for them."""

import uuid
from datetime import date, datetime
from typing import Any

from app.payers.denials.appeals import commands as appeals
from app.payers.denials.appeals.forms import DecideAppeal, SendAppeal
from app.payers.denials.commands import record_denial
from app.payers.denials.forms import RecordDenial
from app.payers.denials.models import Denial, DenialAppeal
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.world import NOW, World

WORK = Permission.DENIAL_WRITE
TWO_NIGHTS = {"first_day": date(2026, 3, 4), "last_day": date(2026, 3, 5)}


def deny(world: World, stay: uuid.UUID, at: datetime = NOW, **said: Any) -> Denial:
    """A denial recorded at that instant: of two nights, while the patient is here, unless it is said otherwise."""
    asked = {"kind": "concurrent", **TWO_NIGHTS, "amount": "4000.00", **said}
    with begin(world.viewer("uma").acting(WORK), at=at) as work:
        return record_denial(work, stay, RecordDenial.model_validate(asked))


def send(world: World, denial_id: uuid.UUID, at: datetime = NOW, **said: Any) -> DenialAppeal:
    """An appeal of the next level that leaves the house at that instant."""
    with begin(world.viewer("uma").acting(WORK), at=at) as work:
        return appeals.send_appeal(work, denial_id, SendAppeal.model_validate(said))


def decided(world: World, appeal_id: uuid.UUID, outcome: str, at: datetime = NOW, **said: Any) -> DenialAppeal:
    """The decision about an appeal, recorded at that instant."""
    with begin(world.viewer("uma").acting(WORK), at=at) as work:
        return appeals.decide_appeal(work, appeal_id, DecideAppeal.model_validate({"outcome": outcome, **said}))


def stands(denial_id: uuid.UUID) -> tuple[Any, ...]:
    """State and outcome."""
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row,
            "select state, outcome from denial where denial_id = %s and ended_at is null",
            (denial_id,),
        )[0]


def owed(rule: str, subject: str = "") -> tuple[bool, datetime | None, datetime | None] | None:
    """What is stored as owed under a rule, for a subject if it is named: required, due, closed."""
    with reading(everywhere("test")) as view:
        found = view.rows(
            lambda *row: row,
            "select required, due_at, closed_at from obligation where ended_at is null and rule = %s"
            " and (%s = '' or subject = %s) order by due_at",
            (rule, subject, subject),
        )
    return found[0] if found else None
