"""A view of a list, as the address says it: filters, sort keys, the saved view, the earlier instant, the open row.

    /worklists/inpatient?unit=4W&unit=ICU&edd=2026-03-05..2026-03-08&sort=unit,-day&as-of=2026-03-04T07:00

Pure: text in, view out, and back. What is not understood is named in a sentence and left out. Forms that work without
script say the same in more words, `sort-1=unit&sort-2=-day` and `edd-from=2026-03-05&edd-to=2026-03-08`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import quote, urlencode

from app.kernel.as_of import PARAMETER as AS_OF

MOST_SORTS = 3
MOST_VALUES = 40
PLAIN = "plain"  # in the place of a saved view: the list without any, although one of them is this person's default


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order, up or down."""

    key: str
    down: bool = False

    @property
    def text(self) -> str:
        return f"-{self.key}" if self.down else self.key


Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class View:
    """A list under its filters and order. Without sort keys the list's own order holds.

    Attributes:
        saved: the saved view from which this one came, or `plain`.
        as_of: the earlier instant at which the list is shown, as the address says it; empty is now.
    """

    list: str
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sorts: tuple[Sort, ...] = ()
    open: str = ""
    saved: str = ""
    as_of: str = ""

    def query(self, *, open_row: bool = True) -> str:
        """The query of the address, without its question mark; the same view always gives the same text."""
        pairs = self._kept()
        if self.saved and not (self.saved == PLAIN and pairs):
            pairs.append(("view", self.saved))
        if self.as_of:
            pairs.append((AS_OF, self.as_of))
        if self.open and open_row:
            pairs.append(("open", self.open))
        return urlencode(pairs, safe=",:", quote_via=quote)

    def kept(self) -> str:
        """What a saved view keeps: filters and order, not the row, not the instant."""
        return urlencode(self._kept(), safe=",:", quote_via=quote)

    def _kept(self) -> Pairs:
        pairs = [(name, value) for name, values in self.filters.items() for value in values]
        if self.sorts:
            pairs.append(("sort", ",".join(sort.text for sort in self.sorts)))
        return pairs

    def bare(self) -> "View":
        """The list without filters, in the same order, at the same instant."""
        return replace(self, filters={}, open="")

    def address(self, part: str = "") -> str:
        """Where this view is found, or a part of it such as `/rows`."""
        query = self.query()
        return f"/worklists/{self.list}{part}" + (f"?{query}" if query else "")

    def without(self, name: str, value: str = "") -> "View":
        """The view without a filter, or without one of its values."""
        kept = {
            n: tuple(v for v in values if not (n == name and value in ("", v))) for n, values in self.filters.items()
        }
        return replace(self, filters={n: values for n, values in kept.items() if values}, open="")

    def then_by(self, key: str, present: tuple[Sort, ...]) -> "View":
        """What the same head leads to with Shift: this key after those in use, turned round when it is one of them."""
        if any(sort.key == key for sort in present):
            keys = tuple(Sort(sort.key, not sort.down) if sort.key == key else sort for sort in present)
        else:
            keys = (*present[: MOST_SORTS - 1], Sort(key))
        return replace(self, sorts=keys, open="")

    def sorted_by(self, key: str, primary: Sort | None) -> "View":
        """What a column's head leads to: this key first, turned round when it is first already; two others stay."""
        down = primary is not None and primary.key == key and not primary.down
        others = tuple(sort for sort in self.sorts if sort.key != key)
        return replace(self, sorts=(Sort(key, down), *others)[:MOST_SORTS], open="")


@dataclass(frozen=True)
class Language:
    """What addresses of lists may say.

    Attributes:
        fixed: the values of those filters whose values are a fixed list.
        days: filters that take windows of days.
    """

    filters: Collection[str]
    sorts: Collection[str]
    fixed: Mapping[str, set[str]] = field(default_factory=dict)
    days: Collection[str] = ()


def read(name: str, query: Iterable[tuple[str, str]], language: Language) -> tuple[View, list[str]]:
    """The view that an address asks for, and a sentence for each part that is not understood."""
    fixed, windows = language.fixed, set(language.days)
    given: dict[str, dict[str, None]] = {filter_name: {} for filter_name in language.filters}
    plain: dict[str, str] = {}
    said: list[str] = []
    pairs = list(query)
    for part, value in [*pairs, *_windows(pairs, windows)]:
        if part in given:
            if value and len(given[part]) < MOST_VALUES:
                if part in fixed and value not in fixed[part] and not (part in windows and days_of(value)):
                    said.append(f"The filter {part} has no such value; it was left out.")
                else:
                    given[part][value] = None
        elif part in _PLAIN_PARTS:
            plain[part] = value
        elif not _belongs_to_form(part, windows):
            said.append("This list has no filter of one name in the address; it was left out.")
    order, wrong = _read_sorts(plain.get("sort") or _form_sorts(plain), set(language.sorts))
    chosen = {filter_name: tuple(values) for filter_name, values in given.items() if values}
    saved = plain.get("view", "")
    return View(name, chosen, tuple(order), plain.get("open", ""), saved, plain.get(AS_OF, "")), said + wrong


_SORT_FIELDS = tuple(f"sort-{place}" for place in range(1, MOST_SORTS + 1))
_PLAIN_PARTS = frozenset({"sort", "open", "view", AS_OF, *_SORT_FIELDS})
_ENDS = ("-from", "-to")


def _belongs_to_form(part: str, windows: set[str]) -> bool:
    return part == "id" or part in {f"{name}{end}" for name in windows for end in _ENDS}


def by_a_form(parts: Iterable[str], language: Language) -> bool:
    """Whether an address comes from a form, which says a view in more words than the view's own address."""
    windows = set(language.days)
    return any(part in _SORT_FIELDS or (part != "id" and _belongs_to_form(part, windows)) for part in parts)


def _form_sorts(plain: Mapping[str, str]) -> str:
    return ",".join(filter(None, (plain.get(name, "") for name in _SORT_FIELDS)))


def _windows(pairs: list[tuple[str, str]], windows: set[str]) -> list[tuple[str, str]]:
    """The windows of days that a form says by their two ends."""
    given = dict(pairs)
    found = []
    for name in sorted(windows):
        first, last = (given.get(f"{name}{end}", "").strip() for end in _ENDS)
        if first or last:
            found.append((name, f"{first}..{last}"))
    return found


def days_of(value: str) -> tuple[date | None, date | None] | None:
    """First and last day of a window such as `2026-03-05..2026-03-08`, open at either end; None is no window."""
    first, dots, last = value.partition("..")
    if not dots or not (first or last):
        return None
    try:
        window = tuple(date.fromisoformat(end) if end else None for end in (first, last))
    except ValueError:
        return None
    if any(end and len(end) != 10 for end in (first, last)):  # one way of writing a day, the one with dashes
        return None
    if window[0] and window[1] and window[1] < window[0]:
        return None
    return window[0], window[1]


def _read_sorts(text: str, keys: set[str]) -> tuple[list[Sort], list[str]]:
    found: dict[str, Sort] = {}
    said = []
    for word in filter(None, text.split(",")):
        key = word.removeprefix("-")
        if key not in keys:
            said.append("One sort key in the address is not known; it was left out.")
        elif len(found) == MOST_SORTS and key not in found:
            said.append(f"A list is sorted by up to {MOST_SORTS} keys; the others were left out.")
        else:
            found.setdefault(key, Sort(key, word.startswith("-")))
    return list(found.values()), said
