"""The trail as a privacy officer reads it: views, deeds and broken glass on one line of time.

Scope is the database's: rows of other facilities, and stays that are hidden from the reader, are not there.
Source: 45 CFR 164.312(b), audit controls; 164.528, six years of accounting.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.accounts.audit.words import PROGRAMS, event_words, page_words
from app.accounts.queries import zone_of
from app.kernel.refusal import NotFound
from app.kernel.wording import dated_text, full_text, iso_text
from app.platform.work import Reading, reading
from app.security.viewer import Viewer

PAGE = 50
PERIODS = {"30": "Last 30 days", "180": "Last half year", "366": "Last year", "2200": "Last six years"}
NAMED = 3  # a line names so many patients at most and counts the rest


@dataclass
class Trail:
    """Lines ready to show, and the patients whose numbers stand in them."""

    lines: list[dict[str, Any]]
    total: int
    patients: list[uuid.UUID] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the trail: so many days back, which page of it."""

    days: int = 30
    page: int = 1

    @property
    def offset(self) -> int:
        return (self.page - 1) * PAGE


class Line(msgspec.Struct):
    """One line of the trail. `subjects` are the patients it is about."""

    at: datetime
    actor: str
    kind: str
    what: str
    detail: str
    address: str
    subjects: list[uuid.UUID]
    total: int


class PatientRow(msgspec.Struct):
    """A patient as the heading names one."""

    id: uuid.UUID
    number: str
    name: str


_VIEWS = (
    "select at, actor, kind as kind, route as what, detail, address, patients as subjects from phi_access"
    " where at >= %(since)s and {whose_views}"
)
_DEEDS = (
    "select at, actor, 'deed', name, concat_ws(', ', {particulars}), coalesce(facts ->> 'address', ''),"
    " case when patient_id is null then '{{}}'::uuid[] else array[patient_id] end from audit_event"
    " where at >= %(since)s and {whose_deeds}"
)
# What of an event says more than its name; never the patient, who has a column of their own.
_PARTICULARS = ", ".join(f"nullif(facts ->> '{key}', '')" for key in ("user_name", "role", "code", "because", "reason"))
_TRAIL = (
    "select at, actor, kind, what, detail, address, subjects, count(*) over () from ("
    + _VIEWS + " union all " + _DEEDS + ") line order by at desc, what limit %(limit)s offset %(offset)s"
)  # fmt: skip
# A person under several numbers: the one asked for, those merged into it, and the one that it was merged into.
_SAME_PERSON = (
    "with recursive up as (select id, merged_into_id from patient where id = %(patient)s"
    " union select p.id, p.merged_into_id from patient p join up on p.id = up.merged_into_id),"
    " same as (select id from up union select p.id from patient p join same on p.merged_into_id = same.id)"
    " select array_agg(id) from same"
)


def find_patients(viewer: Viewer, number: str) -> list[PatientRow]:
    """Patients with this record, visit or account number whom the viewer may know of; two hospitals may share one."""
    with reading(viewer) as view:
        return view.rows(
            PatientRow,
            "select id, number || ' (' || authority || ')', concat_ws(', ', nullif(family, ''), nullif(given, ''))"
            " from patient where lower(number) = lower(%(number)s) or id in (select patient_id from encounter"
            " where lower(visit_number) = lower(%(number)s)"
            " or (account_number <> '' and lower(account_number) = lower(%(number)s)))"
            " order by authority, number limit 20",
            {"number": number},
        )


def patient_trail(viewer: Viewer, patient_id: uuid.UUID, window: Window) -> tuple[PatientRow, Trail]:
    """Who saw or changed what about a patient. NotFound for one the viewer may not know of."""
    with reading(viewer) as view:
        shape = "select id, number, concat_ws(', ', nullif(family, ''), nullif(given, '')) from patient where id = %s"
        patient = view.one(PatientRow, shape, [patient_id], "There is no such patient within your facilities.")
        same = view.value(_SAME_PERSON, {"patient": patient_id})
        views, deeds = "patients && %(same)s::uuid[]", "patient_id = any(%(same)s::uuid[])"
        query = _TRAIL.format(whose_views=views, whose_deeds=deeds, particulars=_PARTICULARS)
        trail = _trail(view, query, window, {"same": same})
    trail.patients = [patient_id]
    for line in trail.lines:
        line["about"] = ""
    return patient, trail


def person_trail(viewer: Viewer, user_id: uuid.UUID, window: Window) -> tuple[str, Trail]:
    """What a person saw and did. NotFound for nobody."""
    with reading(viewer) as view:
        name = view.value("select display_name || ' (' || name || ')' from app_user where id = %s", [user_id])
        if name is None:
            raise NotFound("There is no such person.")
        own = "(actor_id = %(user)s or (actor = 'sign-in' and facts ->> 'user_id' = %(user)s::text))"
        query = _TRAIL.format(whose_views="actor_id = %(user)s", whose_deeds=own, particulars=_PARTICULARS)
        trail = _trail(view, query, window, {"user": user_id})
    return str(name), trail


def _trail(view: Reading, query: str, window: Window, parameters: dict[str, Any]) -> Trail:
    since = view.now - timedelta(days=window.days)
    rows = view.rows(Line, query, {**parameters, "since": since, "limit": PAGE, "offset": window.offset})
    shown = {subject for row in rows for subject in row.subjects[:NAMED]}
    named = dict(view.connection.execute("select id, number from patient where id = any(%s)", [list(shown)]).fetchall())
    lines = [_line(row, named, view) for row in rows]
    people = _people(view, {row.actor for row in rows})
    for line in lines:
        line["who"] = people.get(line["who"]) or PROGRAMS.get(line["who"], line["who"])
    return Trail(lines, rows[0].total if rows else 0, [one for one in shown if one in named])


def _line(row: Line, named: dict[uuid.UUID, str], view: Reading) -> dict[str, Any]:
    numbers = [named[subject] for subject in row.subjects[:NAMED] if subject in named]
    more = len(row.subjects) - len(numbers)
    counted = "" if not more else f"{more} more" if numbers else "1 patient" if more == 1 else f"{more} patients"
    return {
        **_when(row.at, view), "who": row.actor, "kind": _KINDS.get(row.kind, row.kind), "what": _said(row),
        "route": "" if row.kind == "deed" else row.what,
        "detail": row.detail, "from": row.address, "about": ", ".join([*numbers, *([counted] if counted else [])]),
    }  # fmt: skip


def _when(at: datetime, view: Reading) -> dict[str, str]:
    zone = ZoneInfo(zone_of(view.who)) if isinstance(view.who, Viewer) else ZoneInfo("UTC")
    return {"at": dated_text(at, zone, view.now), "at_full": full_text(at, zone), "at_iso": iso_text(at, zone)}


_KINDS = {"view": "saw", "deed": "did", "export": "took out", "print": "printed", "search": "searched"}


def _said(row: Line) -> str:
    return event_words(row.what) if row.kind == "deed" else page_words(row.what)


def _people(view: Reading, actors: set[str]) -> dict[str, str]:
    """Actors who are people, by name; programs are not among them."""
    found = view.connection.execute(
        "select name, display_name || ' (' || name || ')' from app_user where name = any(%s)", [sorted(actors)]
    )
    return dict(found.fetchall())


class GlassRow(msgspec.Struct):
    """A stay opened with a reason."""

    at: datetime
    until: datetime
    user_id: uuid.UUID
    who: str
    reason: str
    visit_number: str
    patient_id: uuid.UUID
    number: str
    total: int


def broken_glass(viewer: Viewer, window: Window) -> Trail:
    """Restricted stays that were opened with a reason, the latest first."""
    with reading(viewer) as view:
        rows = view.rows(
            GlassRow,
            "select a.opened_at, a.until, u.id, u.display_name || ' (' || u.name || ')', a.reason, e.visit_number,"
            " p.id, p.number, count(*) over () from stay_access a join app_user u on u.id = a.user_id"
            " join encounter e on e.id = a.encounter_id join patient p on p.id = e.patient_id"
            " where a.kind = 'glass' and a.opened_at >= %s order by a.opened_at desc limit %s offset %s",
            [view.now - timedelta(days=window.days), PAGE, window.offset],
        )
        lines = [
            {**_when(row.at, view), "who": row.who, "user_id": str(row.user_id), "reason": row.reason,
             "visit": row.visit_number, "number": row.number, "patient_id": str(row.patient_id),
             "open": row.until > view.now}
            for row in rows
        ]  # fmt: skip
    return Trail(lines, rows[0].total if rows else 0, list({row.patient_id for row in rows}))


def staff_choices(viewer: Viewer) -> list[dict[str, str]]:
    """Everybody whose trail can be asked for, also who was switched off."""
    with reading(viewer) as view:
        rows = view.connection.execute("select id, display_name, name from app_user order by lower(display_name)")
        return [{"value": str(key), "label": f"{shown} ({name})"} for key, shown, name in rows.fetchall()]


def pager(trail: Trail, window: Window, address: str) -> dict[str, Any]:
    """What the pager shows; addresses hold the period and the page, nothing about a patient."""
    first = window.offset + 1 if trail.lines else 0
    last = window.offset + len(trail.lines)
    following = {
        "previous": f"{address}?days={window.days}&page={window.page - 1}" if window.page > 1 else "",
        "next": f"{address}?days={window.days}&page={window.page + 1}" if last < trail.total else "",
    }
    return {"from": first, "to": last, "total": trail.total, "what": "lines", **following}
