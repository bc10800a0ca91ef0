"""What other features lend to the long-term rooms, which may not import them: app/wiring.py hands it over.

Readiness stands beside every payment threshold, so a reading without a lender says that nobody is known to be ready.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.platform.work import Reading

Stays = Sequence[uuid.UUID]
Readiness = Callable[[Reading, Stays], Mapping[uuid.UUID, datetime]]
Destinations = Callable[[Reading, Stays], Mapping[uuid.UUID, str]]


@dataclass
class Loans:
    """What was handed over."""

    readiness: Readiness | None = None
    destination: Destinations | None = None


_loans = Loans()


def install(readiness: Readiness, destination: Destinations) -> None:
    """Hand over who knows when a patient is medically ready, and where one is to go."""
    _loans.readiness, _loans.destination = readiness, destination


def ready_since(db: Reading, stays: Stays) -> Mapping[uuid.UUID, datetime]:
    """Since when each patient is medically ready; one who is not is missing."""
    return _loans.readiness(db, stays) if _loans.readiness else {}


def destinations(db: Reading, stays: Stays) -> Mapping[uuid.UUID, str]:
    """Where each patient is to go, in words; one for whom nothing is planned is missing."""
    return _loans.destination(db, stays) if _loans.destination else {}
