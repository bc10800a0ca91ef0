"""Keeping cases in step: of the patients that were touched, or of everybody.

Both ways replace what is stored of a patient by what the sources say now, and write only what differs, so that they end
in the same rows. One refresh at a time works, whichever process it runs in.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

from app.metrics.sources import SOURCES
from app.metrics.store.cases import CASE_SCHEMA, no_cases
from app.metrics.store.days import Day, add_up
from app.metrics.store.events import MeasuresRecomputed, MeasuresRefreshed
from app.metrics.store.mark import definitions_mark
from app.platform.work import Reading, Work, begin, everywhere, reading

BATCH = 500
"""Patients whose cases are reckoned at once."""
COUNTED_AFTER = (0, 3, 15, 63)
"""Portions of a full computation after which the planner is told how many cases there are by now: it does not see what
a transaction has added, and would read all of a table that it takes for empty, once for each portion."""
_ACTOR = everywhere("measures")
_WAITING = "select id, patient_id from measure_touch order by id limit %s"
_QUEUE = """
select count(distinct patient_id), coalesce(extract(epoch from %s::timestamptz - min(at)), 0)::float8 from measure_touch
"""
# Whoever had cases of a stay that belongs to one of these patients now has lost it, and with it what followed from it.
_FORMER_OWNERS = """
select distinct c.patient_id from encounter e
cross join lateral (select m.patient_id from measure_case m where m.encounter_id = e.id offset 0) c
where e.patient_id = any(%s) and c.patient_id <> e.patient_id
"""
_EVERYBODY = "select patient_id from encounter union select patient_id from measure_case order by 1"
_KINDS = {
    "facility_id": "smallint", "day": "date", "encounter_id": "uuid", "patient_id": "uuid", "record_id": "uuid",
    "counted": "boolean", "numerator": "float8", "denominator": "float8", "value": "float8",
}  # fmt: skip
_NAMES = ", ".join(CASE_SCHEMA)
_COLUMNS = ", ".join(name + " " + _KINDS.get(name, "text") for name in CASE_SCHEMA)
_FRESH = f"json_to_recordset(%s::json) as f ({_COLUMNS})"
_SAME = " and ".join(
    "c.detail = f.detail::jsonb" if name == "detail" else f"c.{name} is not distinct from f.{name}"
    for name in CASE_SCHEMA
    if name not in ("encounter_id", "measure", "day")
)
_REMOVE = f"""
delete from measure_case c where c.patient_id = any(%s) and not exists (
  select from {_FRESH} where f.encounter_id = c.encounter_id and f.measure = c.measure and f.day = c.day and {_SAME})
returning c.facility_id, c.measure, c.day, c.patient_id
"""
_ADD = f"""
insert into measure_case ({_NAMES}, computed_at)
select {_NAMES.replace("detail", "detail::jsonb")}, %s from {_FRESH}
on conflict (encounter_id, measure, day, record_id) do nothing
returning facility_id, measure, day, patient_id
"""


class SourceFault(RuntimeError):
    """A source gave what is no set of cases of the patients that were asked for. Names the source, no values."""


@dataclass(slots=True)
class Change:
    """What a refresh found to differ: rows made and removed, the days they lie on, whose they are."""

    made: int = 0
    removed: int = 0
    days: set[Day] = field(default_factory=set)
    patients: set[uuid.UUID] = field(default_factory=set)

    def note(self, rows: Sequence[tuple[int, str, date, uuid.UUID]]) -> int:
        """Take rows in; returns how many."""
        for facility_id, measure, day, patient in rows:
            self.days.add(Day(facility_id, measure, day))
            self.patients.add(patient)
        return len(rows)


class Waiting(NamedTuple):
    """Patients who wait to be reckoned anew, and the seconds since the first of them was touched."""

    patients: int
    seconds: float


def waiting() -> Waiting:
    """How many wait, and for how long."""
    with reading(_ACTOR) as view:
        return view.one(Waiting, _QUEUE, (view.now,))


def bring_up_to_date(limit: int = 2 * BATCH, *, at: datetime | None = None) -> bool:
    """Standing duty: reckon the patients anew that were touched. True when more of them wait.

    Does nothing while another refresh works; what waits then is done by the next turn.
    """
    with begin(_ACTOR, at=at) as work:
        if not work.value("select pg_try_advisory_xact_lock(hashtext('measures.refresh'))"):
            return False
        queue = work.rows(_pair, _WAITING, (limit,))
        patients = sorted({patient for _, patient in queue})
        change = Change()
        for some in batches(patients):
            replace(work, some, change)
        add_up(work, change.days)
        _done(work, [number for number, _ in queue])
        if change.days:
            work.record(MeasuresRefreshed(patients=len(patients), made=change.made, removed=change.removed))
    return len(queue) == limit


def recompute(*, at: datetime | None = None) -> MeasuresRecomputed:
    """Reckon everybody anew, write what differs, and say what did. In one transaction: nobody sees half of it.

    What is changed by others meanwhile is touched, and comes in with the next turn of the duty.
    """
    with begin(_ACTOR, at=at) as work:
        work.connection.execute("select pg_advisory_xact_lock(hashtext('measures.refresh'))")
        queue = work.rows(_pair, _WAITING, (None,))
        patients = everybody(work)
        change = Change()
        for number, some in enumerate(batches(patients)):
            replace(work, some, change)
            if change.made and number in COUNTED_AFTER:
                work.connection.execute("analyze measure_case")
        add_up(work, change.days)
        _done(work, [number for number, _ in queue])
        touched = {patient for _, patient in queue} | set(work.values("select patient_id from measure_touch"))
        found = MeasuresRecomputed(
            patients=len(patients),
            cases=work.value("select count(*) from measure_case"),
            made=change.made,
            removed=change.removed,
            differing=len(change.patients - touched),
            measures=tuple(sorted({day.measure for day in change.days})),
            definitions=definitions_mark(),
        )
        work.record(found)
    return found


def recompute_job() -> None:
    """Job: everything anew; every night, and whenever tables or definitions have changed."""
    recompute()


def replace(work: Work, patients: Sequence[uuid.UUID], change: Change) -> None:
    """Put what the sources say of these patients in the place of what is stored, and note the difference.

    A patient who has lost a stay to one of them is reckoned with them. The sums of days are the caller's to make.
    """
    former = work.values(_FORMER_OWNERS, (list(patients),))
    concerned = sorted({*patients, *former})
    fresh = cases_of(work, concerned).write_json()
    with work.connection.cursor() as cursor:
        # Nobody knows how many cases a text holds. Compared one by one, a portion would take minutes.
        cursor.execute("set local enable_nestloop = off")
        change.removed += change.note(cursor.execute(_REMOVE, (concerned, fresh)).fetchall())
        cursor.execute("set local enable_nestloop = on")
        change.made += change.note(cursor.execute(_ADD, (work.now, fresh)).fetchall())


def cases_of(view: Reading, patients: Sequence[uuid.UUID]) -> pl.DataFrame:
    """All cases of all measures of these patients, as the sources say them now."""
    frames = [_checked(name, source(view, patients), patients) for name, source in SOURCES.items()]
    return pl.concat([no_cases(), *frames])


def _checked(name: str, frame: pl.DataFrame, patients: Sequence[uuid.UUID]) -> pl.DataFrame:
    if dict(frame.schema) != {column: pl.Schema({column: kind})[column] for column, kind in CASE_SCHEMA.items()}:
        raise SourceFault(f"The source {name} gives other columns than cases have.")
    if frame.select("encounter_id", "measure", "day", "record_id").is_duplicated().any():
        raise SourceFault(f"The source {name} gives a case twice.")
    if not frame["patient_id"].is_in([str(patient) for patient in patients]).all():
        raise SourceFault(f"The source {name} gives cases of other patients than were asked for.")
    if (frame["counted"] != (frame["excluded"] == "")).any():
        raise SourceFault(f"The source {name} counts a case and leaves it out.")
    return frame


def _done(work: Work, numbers: list[int]) -> None:
    if numbers:
        work.connection.execute("delete from measure_touch where id = any(%s)", (numbers,))


def everybody(view: Reading) -> list[uuid.UUID]:
    """All patients who have a stay or a case."""
    return view.values(_EVERYBODY)


def batches(patients: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    """The patients in portions that are reckoned at once."""
    for start in range(0, len(patients), BATCH):
        yield patients[start : start + BATCH]


def _pair(number: int, patient: uuid.UUID) -> tuple[int, uuid.UUID]:
    return number, patient
