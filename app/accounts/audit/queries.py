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
from app.census.stay import finding
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.kernel.wording import birth_text, dated_text, day_text, full_text, iso_text
from app.platform.archive.parts import archived_parts
from app.platform.work import Reading, reading
from app.security.viewer import Viewer

PAGE = 50
PERIODS = {"30": "Last 30 days", "180": "Last half year", "366": "Last year", "2200": "Last six years"}
TRAIL_PERIODS = PERIODS | {"36525": "All years"}  # older parts that were brought back from an archive are shown too
MOST_NAMED = 30  # patients that a name may find; more are asked for by number
NAMED = 3  # a line names so many patients at most and counts the rest


@dataclass
class Trail:
    """Lines ready to show, and the patients whose numbers stand in them.

    `archived`: the day up to which this period lies in an archive, as people read it; empty where all of it is here.
    """

    lines: list[dict[str, Any]]
    total: int
    patients: list[uuid.UUID] = field(default_factory=list)
    archived: str = ""

    @property
    def incomplete(self) -> str:
        """What the reader must know of a trail that is not all here; empty for one that is."""
        return f"Up to {self.archived} the trail lies in an archive and is not shown here." if self.archived else ""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the trail: so many days back, which page of it, of how many lines."""

    days: int = 30
    page: int = 1
    most: int = PAGE

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.most


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
    """A patient as the heading names one; or a person referred to a long-term hospital, who may never become one."""

    id: uuid.UUID
    number: str
    name: str

    @property
    def numbered(self) -> str:
        """The record number, or the number of the referral."""
        return self.number if self.number.startswith(_REFERRAL) else f"MRN {self.number}"


_REFERRAL = "referral "
_CANDIDATE = (
    "select r.id, 'referral ' || r.serial, concat_ws(', ', nullif(v.family, ''), nullif(v.given, ''))"
    " from ltac_referral r join lateral (select * from ltac_referral_version v where v.referral_id = r.id"
    " order by v.made_at desc limit 1) v on true"
)
# The referrals that became a stay of these patients; and the patients that these referrals became.
_REFERRED = (
    "select array_agg(distinct other) from (select s.referral_id as other from ltac_referral_step s"
    " join encounter e on e.id = s.encounter_id where e.patient_id = any(%(same)s) and s.ended_at is null"
    " union all select e.patient_id from ltac_referral_step s join encounter e on e.id = s.encounter_id"
    " where s.referral_id = any(%(same)s) and s.ended_at is null"
    " union all select id from ltac_referral where id = any(%(same)s)) found"
)
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
    """Patients with this record, visit or account number, else of this name, whom the viewer may know of; two hospitals
    may share a number."""
    with reading(viewer) as view:
        return view.rows(
            PatientRow,
            "select id, number || ' (' || authority || ')', concat_ws(', ', nullif(family, ''), nullif(given, ''))"
            " from patient where lower(number) = lower(%(number)s) or id in (select patient_id from encounter"
            " where lower(visit_number) = lower(%(number)s)"
            " or (account_number <> '' and lower(account_number) = lower(%(number)s)))"
            " order by authority, number limit 20",
            {"number": number},
        ) + view.rows(
            PatientRow,
            f"{_CANDIDATE} where lower('referral ' || r.serial) = lower(%(number)s)"
            " or (v.record_number <> '' and lower(v.record_number) = lower(%(number)s)) order by r.serial limit 20",
            {"number": number},
        ) or _named(view, number)


def _named(view: Reading, typed: str) -> list[PatientRow]:
    """Patients of this name, as the search of the worklists reads it; the day of birth tells them apart."""
    asked = finding.read(typed)
    if not asked.names:
        return []
    found: dict[uuid.UUID, PatientRow] = {}
    for one in finding.find(view, asked):
        name = ", ".join(part for part in (one.family, one.given) if part)
        born = birth_text(one.birth_text)
        found.setdefault(one.patient_id, PatientRow(one.patient_id, one.number, f"{name}, {born}" if born else name))
    return list(found.values())[:MOST_NAMED]


def patient_trail(viewer: Viewer, patient_id: uuid.UUID, window: Window) -> tuple[PatientRow, Trail]:
    """Who saw or changed what about a patient. NotFound for one the viewer may not know of."""
    with reading(viewer) as view:
        shape = (
            "select id, number, concat_ws(', ', nullif(family, ''), nullif(given, '')) from patient where id = %(key)s"
            f" union all {_CANDIDATE} where r.id = %(key)s"
        )
        missing = "There is no such patient within your facilities."
        patient = view.one(PatientRow, shape, {"key": patient_id}, missing)
        same = view.value(_SAME_PERSON, {"patient": patient_id}) or [patient_id]
        views, deeds = "patients && %(same)s::uuid[]", "patient_id = any(%(same)s::uuid[])"
        if referred := view.value(_REFERRED, {"same": same}):
            same = list({*same, *referred})
            deeds = f"({deeds} or name like 'long_term_%%' and facts ->> 'referral_id' = any(%(same)s::uuid[]::text[]))"
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
    most = {"limit": window.most, "offset": window.offset}
    rows = view.rows(Line, query, {**parameters, "since": since, **most})
    shown = {subject for row in rows for subject in row.subjects[:NAMED]}
    numbers = (
        "select id, number from patient where id = any(%(shown)s)"
        " union all select id, 'referral ' || serial from ltac_referral where id = any(%(shown)s)"
    )
    named = dict(view.connection.execute(numbers, {"shown": list(shown)}).fetchall())
    lines = [_line(row, named, view) for row in rows]
    people = _people(view, {row.actor for row in rows})
    for line in lines:
        line["who"] = people.get(line["who"]) or PROGRAMS.get(line["who"], line["who"])
    found = [one for one in shown if one in named]
    return Trail(lines, rows[0].total if rows else 0, found, _archived(view, since))


def _archived(view: Reading, since: datetime) -> str:
    ends = [until for _begins, until in archived_parts(view) if until >= since]
    zone = _zone(view)
    return day_text(local_day(max(ends), zone), local_day(view.now, zone)) if ends else ""


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
    zone = _zone(view)
    return {"at": dated_text(at, zone, view.now), "at_full": full_text(at, zone), "at_iso": iso_text(at, zone)}


def _zone(view: Reading) -> ZoneInfo:
    return ZoneInfo(zone_of(view.who)) if isinstance(view.who, Viewer) else ZoneInfo("UTC")


_KINDS = {"view": "saw", "deed": "did", "export": "took out", "print": "printed", "search": "searched"}


def _said(row: Line) -> str:
    return event_words(row.what) if row.kind == "deed" else page_words(row.what)


def _people(view: Reading, actors: set[str]) -> dict[str, str]:
    """Actors who are people, by name; programs are not among them."""
    found = view.connection.execute(
        "select name, display_name || ' (' || name || ')' from app_user where name = any(%s)", [sorted(actors)]
    )
    return dict(found.fetchall())


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
