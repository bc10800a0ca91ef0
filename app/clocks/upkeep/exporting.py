"""`daybook export obligations`: what is stored as owed, line by line, with the standing that screens show then."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import polars as pl

from app.census.exports import Form, written
from app.census.facilities import facility_by_code
from app.kernel.deadlines import Standing, standing
from app.kernel.wording import iso_text
from app.platform.work import Disclosure, Scope, System, begin, disclose, everywhere, reading

_TEXT = pl.String()
COLUMNS: dict[str, pl.DataType] = dict.fromkeys(
    ("visit", "mrn", "family", "given", "location", "rule", "subject", "title", "standing", "severity", "actor",
     "start", "earliest", "due", "closed", "because", "citation", "confidence", "version"),
    _TEXT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskObligations:
    """Of which facility (its code), as known at which instant (now, if none is said), in which form."""

    code: str
    form: Form = Form.JSON
    as_of: datetime | None = None


class _Line(msgspec.Struct):
    patient_id: uuid.UUID
    visit: str
    mrn: str
    family: str
    given: str
    location: str
    rule: str
    subject: str
    title: str
    severity: str
    actor: str
    required: bool
    start_at: datetime | None
    earliest_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    because: str
    citation: str
    confidence: str
    version: str


_LINES = """
select e.patient_id, e.visit_number, p.number, p.family, p.given, e.location, o.rule, o.subject, o.title, o.severity,
  o.actor, o.required, o.start_at, o.earliest_at, o.due_at, o.closed_at, o.because, o.citation, o.confidence, o.version
from obligation o join encounter e on e.id = o.encounter_id join patient p on p.id = e.patient_id
where o.facility_id = %s and o.ended_at is null
order by e.visit_number, o.due_at nulls last, o.rule, o.subject
"""


def export_obligations(ask: AskObligations) -> bytes:
    """The file. Refused where there is no such facility; its disclosure is committed before the data is handed out."""
    with begin(everywhere("export")) as work:
        facility = facility_by_code(work, ask.code)
    who = System("export", Scope(facilities=(facility.id,), sensitive=(facility.id,)))
    with reading(who, as_of=ask.as_of) as view:
        lines = view.rows(_Line, _LINES, (facility.id,))
        rows = list(_rows(lines, ZoneInfo(facility.timezone), view.now))
    patients = list(dict.fromkeys(one.patient_id for one in lines))
    detail = f"obligations {ask.code} {ask.form}" + (f" {ask.as_of.isoformat()}" if ask.as_of else "")
    disclose(who, Disclosure(route="export obligations", patients=patients, kind="export", detail=detail))
    return written(rows, COLUMNS, ask.form)


def standing_of(required: bool, due_at: datetime | None, closed_at: datetime | None, now: datetime) -> Standing:
    """Where a stored obligation stands when it is looked at."""
    if not required:
        return Standing.NOT_REQUIRED
    if due_at is None:
        return Standing.DUE if closed_at is None else Standing.DONE
    return standing(due_at, now, closed_at)


def _rows(lines: list[_Line], zone: ZoneInfo, now: datetime) -> Iterator[dict[str, Any]]:
    for one in lines:
        values = msgspec.structs.asdict(one)
        times = {
            name: iso_text(at, zone) if (at := values[f"{name}_at"]) is not None else None
            for name in ("start", "earliest", "due", "closed")
        }
        shown = standing_of(one.required, one.due_at, one.closed_at, now).value
        yield {name: {**values, **times, "standing": shown}[name] for name in COLUMNS}
