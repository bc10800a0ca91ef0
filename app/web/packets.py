"""Parts of a packet about a stay (review packet, appeal packet, hand-off), lent by features as plain data.

Whoever makes a packet asks every lender for its sections and sets them in order; it does not know who lent them.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.platform.work import Reading


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under heads. Every row has as many cells as there are heads."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Block:
    """One thing of a section: what it is about, facts by name, text in paragraphs, a table; any may be empty."""

    heading: str = ""
    facts: Sequence[tuple[str, str]] = ()
    paragraphs: Sequence[str] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a packet. `key` is a stable word by which somebody leaves it out; `place` orders sections."""

    key: str
    title: str
    place: int
    blocks: Sequence[Block] = field(default_factory=tuple)


SectionSource = Callable[[Reading, uuid.UUID], Sequence[Section]]
"""Sections that a feature has for a stay, ready to show, as of the reading; none where it has nothing."""

_sources: list[SectionSource] = []


def install(sources: Sequence[SectionSource]) -> None:
    """Hand over the lenders (app/wiring.py)."""
    _sources[:] = sources


def sections(db: Reading, encounter_id: uuid.UUID) -> list[Section]:
    """All sections of a stay that have something to say, in the order of a packet."""
    found = [one for source in _sources for one in source(db, encounter_id) if one.blocks]
    return sorted(found, key=lambda one: (one.place, one.key))
