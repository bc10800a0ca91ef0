"""Findings with what was made of them, their evidence in the trail, and how often each rule cried wolf."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from app.accounts.watching.unusual.commands import NO_FINDING
from app.accounts.watching.unusual.events import TrailWatched
from app.platform.work import Reading

PAGE = 50
RATE_DAYS = 180
"""Decisions of half a year tell how often a rule points to nothing; older ones are of other limits, mostly."""


class FindingRow(msgspec.Struct):
    """A finding, whom it is about, and what was made of it."""

    id: uuid.UUID
    pattern: str
    day: date
    sentence: str
    rows: list[int]
    found_at: datetime
    user_id: uuid.UUID
    who: str
    role: str
    encounter_id: uuid.UUID | None
    patient_id: uuid.UUID | None
    number: str
    name: str
    decision_id: uuid.UUID | None
    verdict: str
    said: str
    decided_by: str
    decided_at: datetime | None
    total: int


class Evidence(msgspec.Struct):
    """One line of the trail that a finding counted."""

    at: datetime
    kind: str
    route: str
    detail: str
    address: str
    patients: list[uuid.UUID]


class Rate(msgspec.Struct):
    """What became of the findings of one rule."""

    pattern: str
    open: int
    explained: int
    follow_up: int
    false_alarm: int


class SettingRow(msgspec.Struct):
    """One version of how a rule was set."""

    pattern: str
    resting: bool
    limits: dict[str, int]
    reason: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


_SHAPE = """
select f.id, f.pattern, f.day, f.sentence, f.rows, f.found_at, u.id, u.display_name || ' (' || u.name || ')',
  coalesce((select string_agg(distinct g.role, ', ') from role_grant g where g.user_id = u.id
    and (g.facility_id is null or g.facility_id = f.facility_id)), ''),
  e.id, p.id, coalesce(p.number, ''), concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')),
  d.id, coalesce(d.verdict, ''), coalesce(d.said, ''), coalesce(j.display_name, ''), d.made_at, count(*) over ()
from unusual_access f join app_user u on u.id = f.user_id left join encounter e on e.id = f.encounter_id
  left join patient p on p.id = e.patient_id
  left join access_decision d on d.finding_id = f.id and d.ended_at is null left join app_user j on j.id = d.made_by
"""
_OPEN = "(d.id is null or d.verdict = 'follow_up')"
_WHOLE = "where f.facility_id = %(facility)s and "


def open_findings(view: Reading, facility_id: int, pattern: str, page: int = 1) -> list[FindingRow]:
    """Findings without a decision, and those that are followed up; the latest day first. `pattern` narrows it down."""
    return view.rows(
        FindingRow,
        f"{_SHAPE} {_WHOLE} {_OPEN} and (%(pattern)s = '' or f.pattern = %(pattern)s)"
        " order by d.id is not null, f.day desc, f.found_at desc, f.id limit %(most)s offset %(offset)s",
        {"facility": facility_id, "pattern": pattern, "most": PAGE, "offset": (page - 1) * PAGE},
    )


def decided_findings(view: Reading, facility_id: int, pattern: str, page: int = 1) -> list[FindingRow]:
    """Findings that were explained or false alarms, the latest decision first."""
    return view.rows(
        FindingRow,
        f"{_SHAPE} {_WHOLE} not {_OPEN} and (%(pattern)s = '' or f.pattern = %(pattern)s)"
        " order by d.made_at desc, f.id limit %(most)s offset %(offset)s",
        {"facility": facility_id, "pattern": pattern, "most": PAGE, "offset": (page - 1) * PAGE},
    )


def one_finding(view: Reading, finding_id: uuid.UUID) -> FindingRow:
    """One finding. NotFound for one out of reach."""
    return view.one(FindingRow, f"{_SHAPE} where f.id = %(key)s", {"key": finding_id}, NO_FINDING)


def count_open(view: Reading) -> int:
    """Findings without a decision within the reader's scope."""
    return int(
        view.value(
            "select count(*) from unusual_access f where not exists (select from access_decision d"
            " where d.finding_id = f.id and d.ended_at is null)"
        )
    )


def evidence(view: Reading, rows: list[int]) -> list[Evidence]:
    """Lines of the trail, in order; those that went to the archive are not among them."""
    query = "select at, kind, route, detail, address, patients from phi_access where id = any(%s) order by at, id"
    return view.rows(Evidence, query, (rows,))


def numbers_of(view: Reading, patients: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Record numbers of the patients whom the reader may know of."""
    found = view.connection.execute("select id, number from patient where id = any(%s)", (patients,)).fetchall()
    return dict(found)


def rates(view: Reading, facility_id: int) -> dict[str, Rate]:
    """What became of the findings of half a year, by rule."""
    rows = view.rows(
        Rate,
        "select f.pattern, count(*) filter (where d.id is null)::int,"
        " count(*) filter (where d.verdict = 'explained')::int, count(*) filter (where d.verdict = 'follow_up')::int,"
        " count(*) filter (where d.verdict = 'false_alarm')::int from unusual_access f"
        " left join access_decision d on d.finding_id = f.id and d.ended_at is null"
        " where f.facility_id = %s and f.found_at >= %s group by 1",
        (facility_id, view.now - timedelta(days=RATE_DAYS)),
    )
    return {one.pattern: one for one in rows}


def settings(view: Reading, facility_id: int, pattern: str = "") -> list[SettingRow]:
    """How rules were set, the latest first; of one rule or of all."""
    return view.rows(
        SettingRow,
        "select r.pattern, r.resting, r.limits, r.reason, r.made_at, coalesce(u.display_name, ''), r.ended_at"
        " from watch_rule r left join app_user u on u.id = r.made_by"
        " where r.facility_id = %s and (%s = '' or r.pattern = %s) order by r.made_at desc",
        (facility_id, pattern, pattern),
    )


def last_looked(view: Reading, facility_id: int) -> dict[str, Any] | None:
    """The latest day that the rules were put to, and when that was; None before the first time."""
    found = view.connection.execute(
        "select facts ->> 'day', at, (facts ->> 'people')::int from audit_event"
        " where name = %s and facility_id = %s order by facts ->> 'day' desc, id desc limit 1",
        (TrailWatched.name, facility_id),
    ).fetchone()
    return {"day": date.fromisoformat(found[0]), "at": found[1], "people": found[2]} if found else None


def next_open(view: Reading, facility_id: int, own: uuid.UUID) -> uuid.UUID | None:
    """The finding without a decision that comes next for this person, who decides none about themselves."""
    found = (one for one in open_findings(view, facility_id, "") if not one.verdict and one.user_id != own)
    return next((one.id for one in found), None)
