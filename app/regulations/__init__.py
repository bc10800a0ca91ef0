"""The law as data: `in_force("N-IM1", on=day)` gives what a rule allowed on that day, with its citation.

Each rule is an entry of `data/*.toml`, read once when this package is imported. A new rule year is a new entry, never
an edit, so that an old stay keeps its old deadlines. The ids are those of the regulation registry. Terms of payer
contracts and policies of a facility are not law: they are rows that authorised users edit.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import msgspec

from app.kernel.deadlines import Allowance

DATA = Path(__file__).parent / "data"
FAMILIES = (
    "status_and_reviews",
    "notices",
    "discharge",
    "prior_authorization",
    "appeals",
    "post_acute",
    "after_discharge",
    "policy",
)


class Confidence(StrEnum):
    """How well the number is established, judged by the weakest part of it."""

    VERIFIED = "V"  # read in the statute, the regulation or the agency's own page
    VERIFIED_AT_SECOND_HAND = "V2"  # read in a source that quotes the primary text
    RECALLED_HIGH = "R-H"  # from professional memory, with high confidence; re-read before it blocks anything
    RECALLED_MEDIUM = "R-M"  # from professional memory, with medium confidence; a default that can be changed
    RECALLED_LOW = "R-L"  # from professional memory, with low confidence; never drives a block
    POLICY = "policy"  # no law: the default of a hospital's own policy


class UnknownRegulation(LookupError):
    """No entry has this id: a mistake in the program."""


class NotInForce(LookupError):
    """The rule exists, but not on that day: nothing was owed under it then."""


@dataclass(frozen=True, slots=True)
class Regulation:
    """One rule in one period. `more` holds further allowances of the same rule by name, such as "earliest"."""

    id: str
    starts: str  # the event from which the allowance runs, in words
    allowance: Allowance
    citation: str
    link: str
    confidence: Confidence
    checked_on: date
    checked_by: str
    in_force_from: date
    in_force_to: date | None = None  # the last day, included; None while the rule stands
    note: str = ""
    more: Mapping[str, Allowance] = field(default_factory=dict)

    def holds(self, on: date) -> bool:
        """Whether the entry covers that day."""
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)


def in_force(rule_id: str, on: date) -> Regulation:
    """The rule as it stood on a local day. UnknownRegulation or NotInForce when there is none."""
    for entry in history(rule_id):
        if entry.holds(on):
            return entry
    raise NotInForce(f"{rule_id} was not in force on {on}.")


def history(rule_id: str) -> tuple[Regulation, ...]:
    """All periods of a rule, oldest first."""
    try:
        return _entries[rule_id]
    except KeyError:
        raise UnknownRegulation(f"No regulation has the id {rule_id!r}; see app/regulations/data.") from None


def every_regulation() -> Mapping[str, tuple[Regulation, ...]]:
    """All rules by id, each with its periods: for the compliance page and the tests."""
    return _entries


class _Entry(msgspec.Struct, forbid_unknown_fields=True, rename={"in_force_from": "from", "in_force_to": "to"}):
    """An entry as written in the file."""

    id: str
    starts: str
    allowance: str
    citation: str
    link: str
    confidence: Confidence
    checked_on: date
    checked_by: str
    in_force_from: date
    in_force_to: date | None = None
    note: str = ""
    more: dict[str, str] = {}


class _Family(msgspec.Struct, forbid_unknown_fields=True):
    entry: list[_Entry]


def read(path: Path) -> list[Regulation]:
    """The entries of one data file. ValueError names the file and what is wrong in it."""
    try:
        family = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Family)
        return [_regulation(entry) for entry in family.entry]
    except ValueError as error:  # msgspec's and tomllib's errors are ValueErrors too
        raise ValueError(f"{path.name}: {error}") from error


def _regulation(entry: _Entry) -> Regulation:
    values = msgspec.structs.asdict(entry)
    values["allowance"] = Allowance.parse(entry.allowance)
    values["more"] = MappingProxyType({name: Allowance.parse(text) for name, text in entry.more.items()})
    return Regulation(**values)


def _read_all() -> Mapping[str, tuple[Regulation, ...]]:
    found: dict[str, list[Regulation]] = {}
    for family in FAMILIES:
        for entry in read(DATA / f"{family}.toml"):
            found.setdefault(entry.id, []).append(entry)
    return MappingProxyType(
        {name: tuple(sorted(entries, key=lambda entry: entry.in_force_from)) for name, entries in found.items()}
    )


_entries = _read_all()
