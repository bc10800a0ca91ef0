"""Ledgers of stays that the product's own commands made."""

import json
import uuid
from datetime import datetime
from typing import Any

from app.ledger.exporting import AskLedger, export_ledger
from app.ledger.gather import Found, gather
from app.ledger.rules import Ledger, ledger
from app.platform.work import everywhere, reading
from tests.support.world import NOW


def found(stay: uuid.UUID, at: datetime = NOW) -> Found:
    """The facts of the ledger of one stay."""
    with reading(everywhere("test"), at=at) as view:
        [one] = gather(view, [stay])
    return one


def ledger_of(stay: uuid.UUID, at: datetime = NOW) -> Ledger:
    """The ledger of one stay."""
    return ledger(found(stay, at).facts)


def lanes(stay: uuid.UUID, at: datetime = NOW) -> tuple[str, str, str, str]:
    """Its lanes as letters: occupied, necessary, authorized, avoidable."""
    days = ledger_of(stay, at).days
    return (
        "".join(one.occupied for one in days),
        "".join(one.necessary for one in days),
        "".join(one.authorized for one in days),
        " ".join("-" if one.entry is None else one.entry.code + "?" * one.entry.draft for one in days),
    )


def exported(code: str, as_of: datetime | None = None) -> list[dict[str, Any]]:
    """The ledger of a facility as its file has it."""
    rows: list[dict[str, Any]] = json.loads(export_ledger(AskLedger(code, as_of=as_of)))
    return rows
