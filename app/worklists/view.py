"""A view of a list, as the address says it: filters, sort keys, the row that is open.

    /worklists/inpatient?unit=4W&unit=ICU&owner=me&sort=unit,-day

Pure: text in, view out, and back. What is not understood is named in a sentence and left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

MOST_SORTS = 3
MOST_VALUES = 40


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order, up or down."""

    key: str
    down: bool = False

    @property
    def text(self) -> str:
        return f"-{self.key}" if self.down else self.key


@dataclass(frozen=True, slots=True)
class View:
    """A list under its filters and order. Without sort keys the list's own order holds."""

    list: str
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sorts: tuple[Sort, ...] = ()
    open: str = ""

    def query(self, *, open_row: bool = True) -> str:
        """The query of the address, without its question mark; the same view always gives the same text."""
        pairs = [(name, value) for name, values in self.filters.items() for value in values]
        if self.sorts:
            pairs.append(("sort", ",".join(sort.text for sort in self.sorts)))
        if self.open and open_row:
            pairs.append(("open", self.open))
        return urlencode(pairs, safe=",", quote_via=quote)

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

    def sorted_by(self, key: str, primary: Sort | None) -> "View":
        """What a column's head leads to: this key first, turned round when it is first already; two others stay."""
        down = primary is not None and primary.key == key and not primary.down
        others = tuple(sort for sort in self.sorts if sort.key != key)
        return replace(self, sorts=(Sort(key, down), *others)[:MOST_SORTS], open="")


def read(
    name: str,
    query: Iterable[tuple[str, str]],
    filters: Iterable[str],
    sorts: Iterable[str],
    fixed: Mapping[str, set[str]],
) -> tuple[View, list[str]]:
    """The view that an address asks for, and a sentence for each part that is not understood.

    `fixed` names the values of filters whose values are a fixed list.
    """
    known, keys = list(filters), set(sorts)
    given: dict[str, dict[str, None]] = {filter_name: {} for filter_name in known}
    order: list[Sort] = []
    opened, said = "", []
    for part, value in query:
        if part in given and value and len(given[part]) < MOST_VALUES:
            if part in fixed and value not in fixed[part]:
                said.append(f"The filter {part} has no such value; it was left out.")
            else:
                given[part][value] = None
        elif part == "sort":
            order, wrong = _read_sorts(value, keys)
            said += wrong
        elif part == "open":
            opened = value
        elif part not in given and part != "id":
            said.append("This list has no filter of one name in the address; it was left out.")
    chosen = {filter_name: tuple(values) for filter_name, values in given.items() if values}
    return View(name, chosen, tuple(order), opened), said


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
