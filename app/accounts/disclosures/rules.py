"""What the accounting names, what it puts together, what waits: pure. Source: 45 CFR 164.528."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

ANSWER_DAYS = 60  # (c)(1)(i)
EXTENSION_DAYS = 30  # (c)(1)(ii), once
FREE_MONTHS = 12  # (c)(2): one accounting in any twelve months costs nothing
YEARS = 6  # (a)(1)
ORAL_DAYS = 30  # (a)(2)(ii)
SOON_DAYS = 10
"""So many days before the answer is due, the request is shown as one to hurry with."""


@dataclass(frozen=True, slots=True)
class Item:
    """One disclosure as it may stand in an accounting; `key` names the record."""

    key: str
    on: date
    recipient: str
    address: str
    description: str
    purpose: str
    category: str
    may_be_suspended: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A recipient of whom the accounting says nothing on these days, both included."""

    recipient: str
    begins: date
    ends: date


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the accounting: one disclosure, or several to the same recipient for the same purpose.

    Of several the first is told in full, then how many there were and when the last was (164.528(b)(3)).
    """

    first: Item
    count: int = 1
    last_on: date | None = None
    others: Sequence[date] = field(default=())


@dataclass(frozen=True, slots=True)
class Accounting:
    """The accounting of a period: its lines, and how many disclosures wait because of a suspension."""

    entries: Sequence[Entry]
    waiting: int


def six_years_before(day: date) -> date:
    """The earliest day that an accounting asked for on this day may reach back to."""
    try:
        return day.replace(year=day.year - YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year - YEARS, day=28)


def due_on(asked_on: date, extended: bool) -> date:
    """The last day on which the accounting is given in time."""
    return asked_on + timedelta(days=ANSWER_DAYS + (EXTENSION_DAYS if extended else 0))


def costs_nothing(asked_on: date, earlier: Iterable[date]) -> bool:
    """Whether it is the first within twelve months. `earlier`: days on which the others were asked for."""
    since = _a_year_before(asked_on)
    return not any(since < day <= asked_on for day in earlier)


def account(items: Sequence[Item], held: Sequence[Held], on: date) -> Accounting:
    """What the accounting of these disclosures says on a day, the earliest first."""
    named = [one for one in items if not _waits(one, held, on)]
    series: dict[tuple[str, str, str], list[Item]] = {}
    for one in sorted(named, key=lambda item: (item.on, item.key)):
        series.setdefault((_plain(one.recipient), one.category, _plain(one.purpose)), []).append(one)
    entries = [
        Entry(group[0], len(group), group[-1].on if len(group) > 1 else None, [one.on for one in group[1:]])
        for group in series.values()
    ]
    return Accounting(sorted(entries, key=lambda entry: entry.first.on), len(items) - len(named))


def _waits(one: Item, held: Sequence[Held], on: date) -> bool:
    return one.may_be_suspended and any(
        _plain(hold.recipient) == _plain(one.recipient) and hold.begins <= on <= hold.ends for hold in held
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
