"""`daybook export worklist`: a list as data for programs, with the values that its page and its files show.

Columns are those of the CSV that people take out, without the mark: who ran the command is in the trail of disclosures.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from app.census.exports import Form, written
from app.census.facilities import facility_by_code
from app.kernel.as_of import AsOf
from app.kernel.refusal import Refused
from app.platform.work import Disclosure, Scope, System, begin, disclose, everywhere, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.paper.csv_files import csv_text
from app.worklists.out.taking import Taken, take
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import View

_NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class AskList:
    """One list of a facility (its code), now or as it was known at an earlier instant."""

    name: str
    code: str
    form: Form = Form.JSON
    as_of: datetime | None = None


def list_names() -> list[str]:
    """Lists that belong to a house and not to a person."""
    return [name for name, built in REGISTRY.lists.items() if "%(me)s" not in built.spec.condition]


def export_list(ask: AskList) -> bytes:
    """The file. Refused where there is no such facility or list. Its disclosure is committed before it is given."""
    if ask.name not in list_names():
        raise Refused(f"There is no list {ask.name}. There are: {', '.join(list_names())}.")
    with begin(everywhere("export")) as work:
        facility = facility_by_code(work, ask.code)
    who = System("export", Scope(facilities=(facility.id,), sensitive=(facility.id,)))
    reader = _reader(Place(facility.id, facility.code, facility.name, facility.timezone))
    as_of = AsOf(ask.as_of, ZoneInfo(facility.timezone)).address if ask.as_of else ""
    with reading(who, as_of=ask.as_of) as db:
        taken = take(Ask(REGISTRY, REGISTRY.lists[ask.name], View(ask.name, as_of=as_of), db, reader), who.actor)
    detail = f"{ask.name} {ask.code} {ask.form}" + (f" {ask.as_of.isoformat()}" if ask.as_of else "")
    disclose(who, Disclosure(route="export worklist", patients=taken.patients, kind="export", detail=detail))
    return _written(taken, ask.form)


def _reader(place: Place) -> Viewer:
    """The program as a reader of lists: it works in one facility and is nobody's "Me". Rows come by the scope of the
    reading, not by this."""
    return Viewer(
        user_id=_NOBODY,
        session_id=_NOBODY,
        name="export",
        display_name="",
        credentials="",
        grants=(),
        places=(place,),
        permission=Permission.LIST_EXPORT,
    )


def _written(taken: Taken, form: Form) -> bytes:
    names = [one.name for one in taken.exports]
    if form is Form.CSV:
        return csv_text(names, taken.values).encode()
    plain = _iso if form is Form.JSON else _same
    rows = [{name: plain(value) for name, value in zip(names, line, strict=True)} for line in taken.values]
    return written(rows, _columns(taken), form)


def _columns(taken: Taken) -> dict[str, pl.DataType]:
    kinds: dict[str, pl.DataType] = {
        "text": pl.String(), "count": pl.Int64(), "measure": pl.Float64(), "day": pl.Date(), "yes": pl.Boolean(),
        "instant": pl.Datetime("us", str(taken.mark.at.tzinfo)),
    }  # fmt: skip
    return {one.name: kinds[one.kind] for one in taken.exports}


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _same(value: Any) -> Any:
    return value
