"""A list to take out: the rows of its view with every value as itself, and what the page says about them in words.

One SELECT gives both the display-ready fields of the page and the typed values for files, so that a file, the paper and
the page under the same view never differ.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.refusal import Refused
from app.platform.now import now
from app.web.lists import Column, Export
from app.worklists import queries
from app.worklists.listing import view_words
from app.worklists.queries import Ask
from app.worklists.registry import BESIDE, Built

MOST_STAYS = 20_000
"""In one file. A hospital's open stays are some hundreds."""
PROTECTED = "Protected stay"
FLAGS = Export("flags", "Flags")
_PREFIX = "out_"
_FIRST_WORDS = 2  # tone and picture of a chip, before what it says


@dataclass(frozen=True, slots=True)
class Mark:
    """Who took a list out of which facility, and when: what every file and every sheet of paper says."""

    by: str
    facility: str
    at: datetime
    as_of: datetime | None = None

    @property
    def text(self) -> str:
        """One line, in the facility's time."""
        known = f" · as known {_written(self.as_of)}" if self.as_of else ""
        return f"Taken out by {self.by} · {self.facility} · {_written(self.at)}{known} · Contains patient data"

    @property
    def short(self) -> str:
        """For the paper behind the text."""
        return f"{self.by} · {_written(self.at)}"


def _written(instant: datetime) -> str:
    return instant.strftime("%a %-d %b %Y %H:%M %Z")


@dataclass(frozen=True)
class Taken:
    """A list under its view, as values.

    `values` has a row for each stay, in the order of `exports`; `rows` are the same rows by field, as the page shows
    them. `restricted` stays follow as taken beds: nothing is said of them but that they are there.
    """

    built: Built
    words: str
    mark: Mark
    exports: tuple[Export, ...]
    values: list[tuple[Any, ...]]
    rows: list[Any]
    restricted: int
    patients: list[uuid.UUID]

    @property
    def lines(self) -> list[tuple[Any, ...]]:
        """The rows of a file: all values, and one line for each restricted stay."""
        hidden = tuple(PROTECTED if one.name == "name" else None for one in self.exports)
        return [*self.values, *[hidden] * self.restricted]

    @property
    def file_name(self) -> str:
        """Without ending: the list and the minute, never anything of a patient."""
        return f"{self.built.name}-{self.mark.at:%Y-%m-%d-%H%M}"


def exports_of(built: Built) -> tuple[Export, ...]:
    """What the columns of a list give to files, from left to right, with the chips beside the hidden note."""
    found = [one for column in built.carried for one in _exports_of(column)]
    notes = [one for one in found if one.name == "note"]
    return (*(one for one in found if one not in notes), FLAGS, *notes)


def _exports_of(column: Column) -> tuple[Export, ...]:
    if column.export:
        return column.export
    fields = [one for one in column.fields if one.type is str]
    several = len(fields) > 1
    return tuple(
        Export(one.name, f"{column.label} {i}" if several else column.label) for i, one in enumerate(fields, 1)
    )


@lru_cache(maxsize=64)
def _with_exports(built: Built) -> Built:
    """The list with its typed values beside the fields of the page."""
    own = [one for one in exports_of(built) if one.sql]
    fields = ", ".join([built.fields, *(f"{one.sql} as {_PREFIX}{one.name}" for one in own)])
    known = [(one.name, one.type) for one in msgspec.structs.fields(built.row) if one.name != BESIDE]
    *shown, order = known
    made: list[Any] = [*shown, *((_PREFIX + one.name, object) for one in own), order]
    if built.spec.beside is not None:
        made.append((BESIDE, dict, msgspec.field(default_factory=dict)))
    row = msgspec.defstruct(f"{built.row.__name__}Out", made, gc=False)
    return replace(built, fields=fields, row=row)


def take(ask: Ask, by: str) -> Taken:
    """Everything that the view of `ask` shows. Refused for more than MOST_STAYS."""
    found = queries.everything(replace(ask, built=_with_exports(ask.built)), ask.view.filters)
    if len(found.rows) > MOST_STAYS:
        raise Refused(f"A file holds up to {MOST_STAYS:,} stays, here are {len(found.rows):,}. Narrow the list first.")
    exports, zone = exports_of(ask.built), ZoneInfo(str(ask.values()["zone"]))
    return Taken(
        built=ask.built,
        words=view_words(ask, found),
        mark=_mark(ask, by, zone),
        exports=exports,
        values=[tuple(_value(row, one, zone) for one in exports) for row in found.rows],
        rows=found.rows,
        restricted=sum(stay.shown for stay in found.restricted),
        patients=[row.patient_id for row in found.rows],
    )


def _mark(ask: Ask, by: str, zone: ZoneInfo) -> Mark:
    place = ask.viewer.place
    assert place is not None, "the values of the list were asked for, which need a facility"
    then = ask.db.as_of.astimezone(zone) if ask.db.as_of else None
    return Mark(by, place.name, now().astimezone(zone), then)


def _value(row: Any, one: Export, zone: ZoneInfo) -> Any:
    if one is FLAGS:
        return "; ".join(chip_words(row.chips)) or None
    found = getattr(row, _PREFIX + one.name) if one.sql else _read(row, one.name)
    if isinstance(found, datetime):
        return found.astimezone(zone)
    return None if found == "" else found


def _read(row: Any, name: str) -> Any:
    """A field of the row, or what was reckoned beside it."""
    return getattr(row, name) if hasattr(row, name) else getattr(row, BESIDE, {}).get(name)


def chip_words(chips: Sequence[str]) -> list[str]:
    """What chips say, without tone and picture."""
    return [chip.split(" ", _FIRST_WORDS)[-1] for chip in chips]


def paper_lines(column: Column, row: Any) -> tuple[str, str]:
    """What a column says on paper about a row: its first line, and the rest below it."""
    names = column.paper or tuple(one.name for one in column.fields if one.type is str)
    found = [text for name in names if (text := _paper_text(row, name))]
    return (found[0] if found else "", " · ".join(found[1:]))


def _paper_text(row: Any, name: str) -> str:
    value = getattr(row, _PREFIX + name, None) or _read(row, name)
    if name == "chips":
        return " · ".join(chip_words(value or ()))
    return "" if value is None else str(value)
