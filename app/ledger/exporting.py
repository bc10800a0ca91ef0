"""`daybook export ledger`: every midnight of every stay of a facility with its lanes, one line a midnight.

A stay that came and left on one day has no midnight and so no line. Whoever takes the file out is recorded as one who
saw every patient in it.
"""

import contextlib
import gc
import io
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import polars as pl

from app.census.exports import Form
from app.census.facilities import facility_by_code
from app.census.stay.timeline import midnights
from app.ledger.gather import gather
from app.ledger.rules import LedgerDay, ledger_days
from app.platform.work import Disclosure, Reading, Scope, System, begin, disclose, everywhere, reading

AT_ONCE = 500
"""Stays whose facts are in memory at the same time."""
_TEXT = pl.String()
COLUMNS: dict[str, pl.DataType] = {
    "visit": _TEXT, "mrn": _TEXT, "family": _TEXT, "given": _TEXT, "day": pl.Date(), "midnight": pl.Int32(),
    "unit": _TEXT, "class": _TEXT, "occupied": _TEXT, "necessary": _TEXT, "authorized": _TEXT, "avoidable": _TEXT,
    "avoidable_draft": pl.Boolean(), "phase": _TEXT, "past_expected": pl.Boolean(), "ready": pl.Boolean(),
    "place": _TEXT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskLedger:
    """Of which facility (its code), as known at which instant (now, if none is said), in which form."""

    code: str
    form: Form = Form.JSON
    as_of: datetime | None = None


class _Named(msgspec.Struct):
    id: uuid.UUID
    patient_id: uuid.UUID
    visit: str
    mrn: str
    family: str
    given: str


_STAYS = """
select e.id, e.patient_id, e.visit_number, p.number, p.family, p.given
from encounter e join patient p on p.id = e.patient_id
where e.facility_id = %s and e.gone_at is null and e.status not in ('preadmit', 'cancelled')
order by e.start_at, e.visit_number
"""


def export_ledger(ask: AskLedger) -> bytes:
    """The file. Refused where there is no such facility; its disclosure is committed before the data is handed out."""
    with begin(everywhere("export")) as work:
        facility = facility_by_code(work, ask.code)
    who = System("export", Scope(facilities=(facility.id,), sensitive=(facility.id,)))
    with reading(who, as_of=ask.as_of) as view, _uncollected():
        stays = view.rows(_Named, _STAYS, (facility.id,))
        frame, told = _frame(view, stays)
    patients = list(dict.fromkeys(one.patient_id for one in told))
    detail = f"ledger {ask.code} {ask.form}" + (f" {ask.as_of.isoformat()}" if ask.as_of else "")
    disclose(who, Disclosure(route="export ledger", patients=patients, kind="export", detail=detail))
    return written(frame, ask.form)


def written(frame: pl.DataFrame, form: Form) -> bytes:
    """The frame in the form that was asked for; days as `2026-03-05`."""
    if form is Form.JSON:
        return frame.with_columns(pl.col("day").cast(pl.String)).write_json().encode() + b"\n"
    if form is Form.CSV:
        return frame.write_csv().encode()
    return _parquet(frame)


def _parquet(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: rows by the hundred thousand make it look through all of them again and again,
    which doubles the time, and none of them forms a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def ledgers(view: Reading, stays: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, list[LedgerDay]]]:
    """The ledger days of these stays, so many stays at once that memory stays flat."""
    for first in range(0, len(stays), AT_ONCE):
        for one in gather(view, stays[first : first + AT_ONCE]):
            yield one.stay.id, ledger_days(one.facts, midnights(one.facts.course))


def _frame(view: Reading, stays: Sequence[_Named]) -> tuple[pl.DataFrame, list[_Named]]:
    """All midnights, and the stays that have some."""
    by_key = {one.id: one for one in stays}
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    told: list[_Named] = []
    for key, days in ledgers(view, list(by_key)):
        if days:
            told.append(by_key[key])
            _extend(columns, by_key[key], days)
    return pl.DataFrame(columns, schema=COLUMNS), told


def _extend(columns: dict[str, list[Any]], stay: _Named, days: Sequence[LedgerDay]) -> None:
    count = len(days)
    for name in ("visit", "mrn", "family", "given"):
        columns[name] += [getattr(stay, name)] * count
    columns["midnight"] += range(1, count + 1)
    columns["day"] += [one.day for one in days]
    columns["unit"] += [one.unit for one in days]
    columns["class"] += [one.patient_class for one in days]
    columns["occupied"] += [one.occupied for one in days]
    columns["necessary"] += [one.necessary for one in days]
    columns["authorized"] += [one.authorized for one in days]
    columns["avoidable"] += [one.entry.code if one.entry else "" for one in days]
    columns["avoidable_draft"] += [one.entry is not None and one.entry.draft for one in days]
    columns["phase"] += [one.entry.phase if one.entry else "" for one in days]
    columns["past_expected"] += [one.past_expected for one in days]
    columns["ready"] += [one.ready for one in days]
    columns["place"] += [one.place for one in days]
