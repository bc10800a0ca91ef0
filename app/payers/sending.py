"""What was sent to payers as files, lent by the exchange: the tab shows it beside each authorization."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.platform.work import Reading


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file about an authorization: what it is, when it was made, what became of it, and its page."""

    what: str
    at: str
    state: str
    href: str
    late: bool = False


Lender = Callable[[Reading, Sequence[uuid.UUID]], dict[uuid.UUID, list[FileLine]]]
_lent: list[Lender] = []


def install(lenders: Sequence[Lender]) -> None:
    """Say who knows the files (app/wiring.py)."""
    _lent[:] = lenders


def files(db: Reading, authorization_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The files of these authorizations for the page, the latest first. A page of the past shows none."""
    found: dict[uuid.UUID, list[dict[str, Any]]] = {}
    if db.as_of is None:
        for lend in _lent:
            for key, lines in lend(db, authorization_ids).items():
                found.setdefault(key, []).extend(asdict(one) for one in lines)
    return found
