"""The tables against a fold of everything: what `daybook doctor` and the tests of faults ask for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.census.storage import kept, queue
from app.census.storage.difference import Difference
from app.census.storage.kept import House
from app.census.storage.rows import ENCOUNTER, PATIENT, Values, changed_columns
from app.platform.work import Reading

_TOGETHER = 5000
_BY_DAY = frozenset({"gmlos"})
"""Columns that depend on the day on which a stay was folded last: the fiscal year of the table of lengths of stay."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A row that is not what the facts say; it names the row and its columns, never what they hold."""

    table: str
    key: UUID | None
    columns: tuple[str, ...]


def compare(view: Reading) -> Iterator[Discrepancy]:
    """Every row of the census that a fold of all facts would write otherwise."""
    houses = kept.houses(view)
    for messages in _batches(kept.components(view)):
        yield from _rows(view, messages, houses)
    yield from _beds(view)


def _batches(components: Iterable[list[int]]) -> Iterator[list[int]]:
    batch: list[int] = []
    for messages in components:
        batch += messages
        if len(batch) >= _TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


def _rows(view: Reading, messages: list[int], houses: Mapping[str, House]) -> Iterator[Discrepancy]:
    difference = Difference(view, kept.by_number(view, messages), houses)
    for key, (before, after) in difference.people.items():
        yield Discrepancy("patient", key, _columns(PATIENT, before, after))
    for stay, row in difference.before.items():
        columns = _columns(ENCOUNTER, row, difference.rows[stay]) if row != difference.rows[stay] else ()
        if row is None or columns:
            yield Discrepancy("encounter", stay, columns)
    for lost, _ in difference.lost:
        yield Discrepancy("encounter", lost.id, ("gone_at",))
    for kind, children in difference.children:
        for stay in children.stays:
            yield Discrepancy(kind.table, stay, kind.columns)
    missing, surplus = queue.compare(view, difference.components(), difference.findings())
    for one in missing:
        yield Discrepancy("census_exception", one.encounter_id, ("opened_at", one.kind))
    for stored in surplus:
        yield Discrepancy("census_exception", stored.id, ("closed_at",))


def _columns(names: tuple[str, ...], before: Values | None, after: Values) -> tuple[str, ...]:
    if before is None:
        return names
    return tuple(name for name in changed_columns(names, before, after) if name not in _BY_DAY)


def _beds(view: Reading) -> Iterator[Discrepancy]:
    wanted = {one.name for one in queue.bed_conflicts(view)}
    stored = {one.name: one.id for one in queue.open_conflicts(view)}
    for name in wanted ^ stored.keys():
        yield Discrepancy("census_exception", stored.get(name), ("opened_at" if name in wanted else "closed_at",))
