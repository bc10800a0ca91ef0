"""Every list of the house, put together once at start from what the features lend.

A feature that adds a list, a column, a chip, a filter, a sort key or a deed writes it as data (`web/lists.py`) in its
own `worklist.py` and adds that to `LENT`. Each list becomes one SELECT whose rows are ready to show.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from app.advisor import worklist as advisor
from app.avoidable_days import worklist as avoidable_days
from app.census import worklist as census
from app.clocks.owed import worklist as clocks
from app.discharge.after import worklist as after_discharge
from app.discharge.departure import worklist as departures
from app.discharge.illness.lent import worklist as illness
from app.discharge.plan import worklist as plans
from app.discharge.referrals import worklist as referrals
from app.ltac.house import worklist as long_term
from app.notices import worklist as notices
from app.payers import worklist as payers
from app.payers.denials import worklist as denials
from app.reviews import worklist as reviews
from app.status import worklist as status
from app.web.lists import Chip, Column, Field, Filter, Join, Lends, RowAction, SortKey, WorkList
from app.web.render import compose
from app.worklists import worklist as own
from app.worklists.days import worklist as days
from app.worklists.snoozes import worklist as snoozes
from app.worklists.tiles import worklist as tiles

LENT: tuple[Lends, ...] = (
    census.LENDS,
    clocks.LENDS,
    plans.LENDS,
    illness.LENDS,
    departures.LENDS,
    referrals.LENDS,
    after_discharge.LENDS,
    own.LENDS,
    snoozes.LENDS,
    days.LENDS,
    notices.LENDS,
    payers.LENDS,
    denials.LENDS,
    reviews.LENDS,
    status.LENDS,
    advisor.LENDS,
    avoidable_days.LENDS,
    long_term.LENDS,
    tiles.LENDS,
)

# The order in which people see the lists, whoever lends them; a list that is not named here follows after these.
ORDER = (
    "my-day", "inpatient", "observation", "reviews-due", "authorizations", "decisions", "ltac", "discharges-today",
    "discharges-tomorrow", "discharges", "referrals-open", "post-discharge-calls", "denials", "unassigned",
)  # fmt: skip
MOST_CHIPS = 3  # in a row
BESIDE = "beside"
"""The field of a row for what is reckoned beside its SELECT, in lists that have such a thing."""
_FIXED = (Field("id", "e.id::text"), Field("patient_id", "e.patient_id", object), Field("serial", "e.serial", int))
_SELECTION = "worklists/cells/_select.html"
_PATIENT = "join patient p on p.id = e.patient_id"


class UnsoundList(RuntimeError):
    """A feature lent something that does not fit: a name taken twice, or a name that nobody defines."""


@dataclass(frozen=True)
class Built:
    """One list, ready to run: its columns from left to right, its row type and the parts of its SELECT.

    `carried` are all its columns, those without a cell too; `chips` the facts that a row may show.
    """

    spec: WorkList
    columns: tuple[Column, ...]
    row: type[msgspec.Struct]
    fields: str
    joins: frozenset[str]
    carried: tuple[Column, ...]
    chips: tuple[Chip, ...]

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def row_template(self) -> str:
        """The template of a whole row, put together from the cells of this list."""
        return f"worklists/row-{self.spec.name}"

    @property
    def past_template(self) -> str:
        """The same row where nothing can be selected: as of an earlier instant, and for those who only read."""
        return f"{self.row_template}-then"


@dataclass(frozen=True)
class Registry:
    """All lists and their languages, by name and in the order in which people see them."""

    lists: dict[str, Built]
    filters: dict[str, Filter]
    sorts: dict[str, SortKey]
    actions: tuple[RowAction, ...]
    joins: dict[str, Join]

    def source(self, wanted: Iterable[str], *, first: Iterable[str] = (), patient: bool = True) -> str:
        """FROM with the named joins and what they need, in the order in which they were lent.

        `first` are those by which stays are chosen. They stand before all others: with so many joins the planner keeps
        to the order in which they are written, and would look everything up for stays that are then left out.
        """
        choosing = self._with_needs(first)
        needed = [*choosing, *(name for name in self._with_needs(wanted) if name not in choosing)]
        parts = [self.joins[name].sql for name in needed]
        parts.insert(len(choosing), _PATIENT if patient else "")
        return " ".join(["from encounter e", *filter(None, parts)])

    def _with_needs(self, wanted: Iterable[str]) -> list[str]:
        """These joins and what they need, in the order in which they were lent."""
        needed: set[str] = set()
        pending = list(wanted)
        while pending:
            name = pending.pop()
            if name not in needed:
                needed.add(name)
                pending += self.joins[name].needs
        return [name for name in self.joins if name in needed]


def build(lent: Iterable[Lends]) -> Registry:
    """Put together what was lent; UnsoundList says what does not fit."""
    offers = tuple(lent)
    joins = _by_name(join for offer in offers for join in offer.joins)
    sorts = _by_name(key for offer in offers for key in offer.sorts)
    filters = _by_name(one for offer in offers for one in offer.filters)
    columns = _by_name(column for offer in offers for column in offer.columns)
    chips = _by_name(chip for offer in offers for chip in offer.chips)
    lists = _by_name(one for offer in offers for one in offer.lists)
    actions = _by_name(one for offer in offers for one in offer.actions)
    for user in (*columns.values(), *chips.values(), *filters.values(), *sorts.values(), *lists.values()):
        _known(f"{type(user).__name__} {user.name}", user.joins, joins, "join")
    for join in joins.values():
        _known(f"Join {join.name}", join.needs, joins, "join")
    for column in columns.values():
        _known(f"Column {column.name}", (column.sort,) if column.sort else (), sorts, "sort key")
        _known(f"Column {column.name}", column.lists, lists, "list")
    for one in filters.values():
        _known(f"Filter {one.name}", one.lists, lists, "list")
    for spec in lists.values():
        _known(f"List {spec.name}", spec.order, sorts, "sort key")
        _known(f"List {spec.name}", spec.without, columns, "column")
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    names = sorted(lists, key=lambda name: ranks.get(name, len(ranks)))
    built = {name: _build_list(lists[name], columns, chips) for name in names}
    return Registry(built, filters, sorts, tuple(sorted(actions.values(), key=lambda one: one.place)), joins)


def _by_name(things: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for thing in things:
        if thing.name in found:
            raise UnsoundList(f"Two features lend a {type(thing).__name__} named {thing.name}.")
        found[thing.name] = thing
    return found


def _known(who: str, names: Iterable[str], among: dict[str, Any], what: str) -> None:
    for name in names:
        if name not in among:
            raise UnsoundList(f"{who} names the {what} {name}, which nobody lends.")


def _build_list(spec: WorkList, columns: dict[str, Column], chips: dict[str, Chip]) -> Built:
    shown = sorted(
        (one for one in columns.values() if not one.lists or spec.name in one.lists), key=lambda one: one.place
    )
    facts = sorted(
        (one for one in chips.values() if not one.lists or spec.name in one.lists), key=lambda one: one.weight
    )
    fields = [*_FIXED, *(field for column in shown for field in column.fields)]
    names = [field.name for field in fields]
    if len(names) != len(set(names)):
        raise UnsoundList(
            f"The list {spec.name} has two fields of one name: {sorted(n for n in names if names.count(n) > 1)}."
        )
    fields.append(Field("chips", _chips(facts, all_of_them=spec.beside is not None), list))
    made: list[Any] = [*((field.name, field.type) for field in fields), ("order", int)]
    if spec.beside is not None:
        made.append((BESIDE, dict, msgspec.field(default_factory=dict)))
    row = msgspec.defstruct(f"{spec.name.title().replace('-', '')}Row", made, gc=False)
    used = {*spec.joins, *(j for one in shown for j in one.joins), *(j for one in facts for j in one.joins)}
    visible = tuple(column for column in shown if column.cell and column.name not in spec.without)
    select = ", ".join(f"{field.sql} as {field.name}" for field in fields)
    return Built(spec, visible, row, select, frozenset(used), tuple(shown), tuple(facts))


def _chips(facts: Iterable[Chip], *, all_of_them: bool) -> str:
    """The three heaviest; or all with their weight in front, where others are still to be weighed against them."""
    if not all_of_them:
        texts = ", ".join(chip.sql for chip in facts)
        return f"(array_remove(array[{texts}]::text[], null))[1:{MOST_CHIPS}]"
    texts = ", ".join(f"'{chip.weight:03d} ' || ({chip.sql})" for chip in facts)
    return f"array_remove(array[{texts}]::text[], null)"


def heaviest(chips: Iterable[str]) -> list[str]:
    """The three heaviest of chips that begin with their weight, without it."""
    return [one.partition(" ")[2] for one in sorted(chips, key=lambda one: one[:3])[:MOST_CHIPS]]


REGISTRY = build(LENT)
for _one in REGISTRY.lists.values():
    _cells = [column.cell for column in _one.columns]
    compose(_one.row_template, "worklists/_row.html", "{# cells #}", _cells)
    _cells = ["worklists/cells/_bare.html" if cell == _SELECTION else cell for cell in _cells]
    compose(_one.past_template, "worklists/_row.html", "{# cells #}", _cells)
