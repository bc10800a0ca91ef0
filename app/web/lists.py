"""What a feature lends to the worklists, as data: columns, chips, filters, sort keys, deeds, whole lists.

Every `sql` is an expression over the aliases of the list's FROM: `e` (the stay), `p` (its patient) and those that the
named joins bring. It gives text that is ready to show, so that no row passes through Python. Values it may use:
`%(now)s`, `%(today)s` and `%(today_number)s` (20260305), `%(zone)s`, `%(me)s`, `%(lead)s` (whether the viewer may
assign) and `%(set)s` (names of the filters that are set). The registry of the worklists checks names and builds one
SELECT per list at start.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Join:
    """A named part of FROM. `needs` are other joins that must stand before it."""

    name: str
    sql: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a row, by the name under which the cell's template finds it."""

    name: str
    sql: str
    type: type = str


@dataclass(frozen=True, slots=True)
class Export:
    """One plain value that a column gives to files: text, whole number, measured number, day, instant, or yes and no.

    `sql` gives a value of that kind, NULL for none; without it the value is the column's own field of this name.
    """

    name: str
    label: str
    sql: str = ""
    kind: Literal["text", "count", "measure", "day", "instant", "yes"] = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Attributes:
        kind: the fixed width of the component (`w-…`), or "" for the one that takes what is left.
        cell: the template that draws the whole cell, with `row` and the `list` at hand.
        place: where it stands among the others, from left to right.
        lists: the lists that show it; empty means all.
        export: what it gives to files; empty means its own text fields as they are shown.
        paper: what it says on paper, by names of exports or fields: the first on a line of its own, the others below.
            Empty means its text fields.
    """

    name: str
    label: str
    kind: str
    cell: str
    fields: tuple[Field, ...]
    place: int
    sort: str = ""
    joins: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    hidden: bool = False
    export: tuple[Export, ...] = ()
    paper: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """A fact that explains a row: `sql` gives NULL, or tone, icon and at most four words: `amber hour obs 19 h`.

    Chips stand in the order of their weight, the heaviest first, and a row shows three.
    """

    name: str
    sql: str
    weight: int
    joins: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of the sort language; stays without a value come last in either direction."""

    name: str
    label: str
    sql: str
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter with its own condition, for filters whose values are a fixed list.

    One that is not `offered` now is left out of the menu; an address may name it all the same.
    """

    value: str
    label: str
    condition: str
    offered: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of the address. Several values of one filter widen it, several filters narrow the list.

    Either `choices` (each value has its condition), or `value` and `label`: expressions for the code in the address
    and for its words; what occurs in the list is what can be chosen. Codes only: an address never names a patient.
    With `day`, the expression of a calendar day, a value may also be a window of days: `2026-03-05..2026-03-08`, open
    at either end. With `lists` only their menus offer it; an address may set it on every list.
    """

    name: str
    label: str
    value: str = ""
    words: str = ""
    choices: tuple[Choice, ...] = ()
    joins: tuple[str, ...] = ()
    restricted: str = ""  # the same value of a restricted stay (alias r), when it may be known
    day: str = ""
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowAction:
    """A deed in the row in place: a link, and the key that presses it. `{id}` in the address is the stay.

    One that `reads` leads to a page that can also be shown as of an earlier instant, and stands there too. One that is
    done `in_place` is a form that takes the room of the row in place.
    """

    name: str
    label: str
    href: str
    permission: Permission
    key: str = ""
    kind: Literal["", "primary", "quiet"] = ""
    place: int = 50
    reads: bool = False
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """What one list says above its rows when it is opened: a piece, and what that piece shows.

    `context` also gives `sub`, the line beside the heading, and `patients`, whom the piece names.
    """

    template: str
    context: Callable[[Reading, Viewer], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a row shows that no SELECT can tell, because rules reckon it: values for cells and files by name, and chips.

    Each chip begins with its weight in three digits, so that the worst of all can be chosen: `020 red clock late`.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    chips: tuple[str, ...] = ()


BesideSource = Callable[[Reading, Sequence[UUID]], Mapping[UUID, Beside]]
"""Asked once for all rows of a page, in a fixed number of statements; a stay without anything may be missing."""


@dataclass(frozen=True, slots=True)
class WorkList:
    """One list: which stays belong to it and how it is ordered when nobody says otherwise.

    `restricted` is the condition for stays that the viewer may only know as taken beds (alias r); without it they
    do not appear. `empty` is said when no stay belongs to the list. A list that appears `with content` has no tab
    while it is empty; its address works all the same. With `permission` the list exists for those who hold it.
    An empty list says how it `fills`, and leads to the lists of `elsewhere` that are not empty. Columns named by
    `without` have no cell in it; their values stay at hand. `layout` is the class of its table, where its rows are of
    another shape. `closing` stands below its rows.
    """

    name: str
    label: str
    condition: str
    order: tuple[str, ...]
    empty: str
    joins: tuple[str, ...] = ()
    restricted: str = ""
    fills: str = ""
    elsewhere: tuple[str, ...] = ()
    appears: Literal["always", "with content"] = "always"
    permission: Permission | None = None
    opening: Opening | None = None
    closing: Opening | None = None
    beside: BesideSource | None = None
    without: tuple[str, ...] = ()
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One stay to which something happened: its name as a strip shows it, and in a few words what it was."""

    stay_id: UUID
    patient_id: UUID
    name: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Overnight:
    """Things of one kind that happened to a person's stays while they were away, for the strip above their own list.

    Attributes:
        kind: a word for the address of its part of the page.
        one: what it is called when it is one ("new admission"), `many` when it is several.
        late: what is lost already stands first.
    """

    kind: str
    one: str
    many: str
    stays: Sequence[Happening]
    late: bool = False


OvernightSource = Callable[[Reading, Viewer, datetime], Sequence[Overnight]]
"""Asked for what happened since an instant; kinds without anything are left out."""


@dataclass(frozen=True, slots=True)
class Lends:
    """Everything that one feature lends."""

    joins: tuple[Join, ...] = ()
    columns: tuple[Column, ...] = ()
    chips: tuple[Chip, ...] = ()
    filters: tuple[Filter, ...] = ()
    sorts: tuple[SortKey, ...] = ()
    actions: tuple[RowAction, ...] = ()
    lists: tuple[WorkList, ...] = ()
    base: tuple[Field, ...] = field(default=())


def local(instant: str) -> str:
    """An instant as the facility's clocks show it."""
    return f"({instant} at time zone %(zone)s::text)"


def named_by(stays: str) -> str:
    """The condition that a stay, or one that became part of it, is among those of a SELECT of keys.

    For lists that hold stays of the past too: the database begins with the few that a record names, and not with all
    that were ever in the house. A number that is part of another stay has no row of its own.
    """
    return (
        "(e.gone_at is null or e.united_into_id is null) and"
        " e.id = any(array(select unnest(array[f.id, f.united_into_id]) from public.encounter f"
        f" where f.id in ({stays})))"
    )


def day_text(instant: str) -> str:
    """`Thu 5 Mar`; another year adds itself."""
    wall = local(instant)
    return (
        f"case when extract(year from {wall}) = extract(year from %(today)s::date) then to_char({wall}, 'Dy FMDD Mon')"
        f" else to_char({wall}, 'Dy FMDD Mon YYYY') end"
    )


def moment_text(instant: str) -> str:
    """`11:00` today, `Thu 5 Mar 11:00` on another day."""
    wall = local(instant)
    return (
        f"case when {wall}::date = %(today)s::date then to_char({wall}, 'HH24:MI')"
        f" else to_char({wall}, 'Dy FMDD Mon HH24:MI') end"
    )


def machine_text(instant: str) -> str:
    """The instant for `<time datetime>`, in UTC."""
    return f"to_char({instant} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
