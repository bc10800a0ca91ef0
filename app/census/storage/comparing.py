"""The tables against a fold of everything: what `daybook doctor` and the tests of faults ask for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.census.storage import kept, queue
from app.census.storage.difference import Difference
from app.census.storage.kept import House
from app.census.storage.rows import ENCOUNTER, PATIENT, Values, changed_columns
from app.census.storage.versions import STAY
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
    yield from _newest_versions(view)
    yield from _without_person(view)


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
    difference = Difference(view, kept.by_number(view, messages).facts, houses)
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


def _newest_versions(view: Reading) -> Iterator[Discrepancy]:
    """The newest version of a stay or person says what its row says; a row that is gone has none that is open."""
    stay = [name for name in STAY if name not in _BY_DAY]
    yield from _unlike(view, "encounter", stay, "(select from adt_fact f where f.message_id = t.first_message_id)")
    yield from _unlike(view, "patient", list(PATIENT), "(select 1)")


def _unlike(view: Reading, table: str, columns: Sequence[str], told: str) -> Iterator[Discrepancy]:
    differing = ", ".join(f"case when t.{name} is distinct from k.{name} then '{name}' end" for name in columns)
    gone = " and t.gone_at is null" if table == "encounter" else ""
    found = view.rows(
        _pair,
        f"select coalesce(t.id, k.{table}_id), array_remove(array[{differing}], null)"
        f" from (select * from {table} t where exists {told}{gone}) t"
        f" full join (select * from {table}_known where known_until = 'infinity') k on k.{table}_id = t.id"
        f" where ({', '.join(f't.{name}' for name in columns)}) is distinct from"
        f" ({', '.join(f'k.{name}' for name in columns)})",
    )
    for key, names in found:
        yield Discrepancy(f"{table}_known", key, tuple(names))


def _without_person(view: Reading) -> Iterator[Discrepancy]:
    """At every instant at which a version of a stay holds, one of its patient holds too; else past lists lose rows."""
    for column in ("patient_id", "home_patient_id"):
        found = view.values(
            "select distinct k.encounter_id from encounter_known k where not coalesce("
            " (select range_agg(tstzrange(p.known_from, p.known_until)) from patient_known p"
            f" where p.patient_id = k.{column}) @> tstzrange(k.known_from, k.known_until), false)"
        )
        yield from (Discrepancy("encounter_known", key, (column,)) for key in found)


def _pair(key: UUID, names: list[str]) -> tuple[UUID, list[str]]:
    return key, names
