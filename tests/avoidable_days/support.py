"""Stays of the world whose readiness, barriers and referrals are lent to the clocks, as other features would."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import pytest

from app.avoidable_days.commands import RecordDay, record_day
from app.avoidable_days.drafts.queries import Draft, drafts_of
from app.avoidable_days.drafts.storing import sweep
from app.avoidable_days.models import AvoidableDay
from app.avoidable_days.queries import Entry, entries
from app.clocks import gather
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.platform.work import Reading, begin, everywhere, reading
from app.reactions import FACT_SOURCES
from app.security.permissions import Permission
from tests.avoidable_days.stories import local
from tests.support.feed import Telling
from tests.support.world import NOW, World

# The story is told on the clocks of New York: the patient comes on 25 February at 09:00 of Chicago.
ADMITTED = "A01 | rec 02-25 10:00 | occ 02-25 10:00 | bed 4W^401^A | ins MEDICARE\n"
READY = Event(kind=EventKind.MEDICALLY_READY, at=local("2026-03-02 14:00"))
RECORD = Permission.AVOIDABLE_DAY_RECORD


class Planted:
    """Facts that the tests lend to the clocks in the place of other features."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.events: dict[uuid.UUID, list[Event]] = {}
        self.records: dict[uuid.UUID, list[Record]] = {}
        monkeypatch.setattr(gather, "_sources", [*FACT_SOURCES, self.facts])

    def facts(self, _db: Reading, stays: Sequence[uuid.UUID]) -> Iterable[Lent]:
        """A fact source."""
        for stay in stays:
            if stay in self.events or stay in self.records:
                yield Lent(stay, tuple(self.events.get(stay, ())), tuple(self.records.get(stay, ())))

    def happened(self, stay: uuid.UUID, *events: Event) -> None:
        """These events belong to the stay, and the drafts are computed."""
        self.events.setdefault(stay, []).extend(events)
        sweep(at=NOW)

    def recorded(self, stay: uuid.UUID, kind: RecordKind, at: str, subject: str) -> None:
        """A record that closes something."""
        self.records.setdefault(stay, []).append(Record(kind=kind, at=local(at), subject=subject))
        sweep(at=NOW)


def barrier(at: str, code: str, subject: str = "b1", party: str = "") -> Event:
    """Something in the way since that time."""
    return Event(kind=EventKind.BARRIER_OPEN, at=local(at), code=code, subject=subject, party=party)


def admitted(world: World, number: int = 1) -> uuid.UUID:
    """A stay that began on 25 February; each number is another patient."""
    story = ADMITTED.replace("401^A", f"{400 + number}^A").replace(
        "A01 |", f"A01 | patient M{number} | visit V{number} | name Alder^Case{number} |"
    )
    Telling(world, first=number * 10).tell(story)
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select id from encounter order by serial desc limit 1")
    return found


def drafts(stay: uuid.UUID) -> list[Draft]:
    """What waits for a stay, the earliest day first."""
    with reading(everywhere("test"), at=NOW) as db:
        return list(reversed(drafts_of(db, stay)))


def proposed(stay: uuid.UUID) -> dict[date, tuple[str, str]]:
    """Rule and code that are proposed for each day."""
    return {one.day: (one.rule, one.code) for one in drafts(stay)}


def history(stay: uuid.UUID) -> list[Entry]:
    """All versions of all entries."""
    with reading(everywhere("test"), at=NOW) as db:
        return entries(db, stay)


def record(world: World, stay: uuid.UUID, name: str = "dana", now: datetime = NOW, **said: Any) -> AvoidableDay:
    """An entry by this person at that instant."""
    with begin(world.viewer(name).acting(RECORD), at=now) as work:
        return record_day(work, stay, RecordDay.model_validate(said))
