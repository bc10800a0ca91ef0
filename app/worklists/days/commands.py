"""The daily build: what the night left to do is done, and the sheet of the day is written. The lists stay queries."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.refusal import Refused
from app.platform.work import Reading, Work, begin, everywhere, reading
from app.web.lists import day_text, local
from app.worklists.assignment.daily import assign_by_rules, return_due
from app.worklists.assignment.gathering import expected_by_stay
from app.worklists.days.events import DayBuilt
from app.worklists.days.models import DaySheet
from app.worklists.days.rules import due_at, is_late, present_day, to_build
from app.worklists.registry import REGISTRY

WHO = everywhere("days")
JOB = "days.build"
Step = Callable[[Work, int], int]
"""Something that a new day changes in a facility, before its sheet is written; gives how many stays found an owner."""


def _give_back(work: Work, facility_id: int) -> int:
    return_due(work, facility_id)
    return 0


def _find_owners(work: Work, facility_id: int) -> int:
    return assign_by_rules(work, facility_id).assigned


STEPS: list[Step] = [_give_back, _find_owners]
"""In order: covers that are over go back, then rules find owners. A feature that time changes adds its own step."""


class Due(msgspec.Struct):
    """A facility, when its day begins, and the newest day that has a sheet."""

    id: int
    timezone: str
    build_at: time
    created_at: datetime
    newest: date | None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


_FACILITIES = (
    "select f.id, f.timezone, f.build_at, f.created_at, (select max(s.day) from public.day_sheet s"
    " where s.facility_id = f.id) from facility f"
)


def facilities(db: Reading) -> list[Due]:
    """Every facility with the hour of its day."""
    return db.rows(Due, _FACILITIES)


def ask_for_builds() -> bool:
    """The standing duty: put a job into the queue for every facility whose day is due. Also right after a start."""
    with reading(WHO) as db:
        due = [
            (one.id, day)
            for one in facilities(db)
            if (day := to_build(db.now, one.build_at, one.zone, one.newest, one.created_at)) is not None
        ]
    for facility_id, day in due:
        with begin(WHO) as work:
            work.later(JOB, once=f"{JOB} {facility_id}", facility_id=facility_id, day=day.isoformat())
    return False


def build_due(facility_id: int, day: str) -> None:
    """The job: build this day, unless somebody has done it meanwhile."""
    with begin(WHO) as work:
        build_day(work, facility_id, date.fromisoformat(day))


def build_again(work: Work, facility_id: int) -> DaySheet:
    """Build the present day once more, as another edition; the earlier ones stay as they are."""
    one = _facility(work, facility_id)
    made = build_day(work, facility_id, present_day(work.now, one.build_at, one.zone), again=True)
    if made is None:
        raise Refused("This day is being built at this moment. Reload to see it.")
    return made


def build_day(work: Work, facility_id: int, day: date, *, again: bool = False) -> DaySheet | None:
    """Do what the day brings and write its sheet; None when the day has one and nobody asked for another.

    One process at a time builds for a facility, and an edition exists once, whatever the number of processes.
    """
    work.value("select pg_advisory_xact_lock(hashtext(%s))", (f"{JOB} {facility_id}",))
    one = _facility(work, facility_id)
    newest = work.value("select max(edition) from day_sheet where facility_id = %s and day = %s", (facility_id, day))
    if newest is not None and not again:
        return None
    assigned = sum(step(work, facility_id) for step in STEPS)
    return write_sheet(work, one, Edition(day, (newest or 0) + 1, assigned))


@dataclass(frozen=True, slots=True)
class Edition:
    """Which sheet is written, and how many stays the rules gave an owner for it."""

    day: date
    number: int
    assigned: int = 0


def write_sheet(work: Work, one: Due, edition: Edition) -> DaySheet:
    """Write who has whom at this moment, in which order and why: one row for the sheet, one for each stay."""
    due = due_at(edition.day, one.build_at, one.zone)
    minutes = {key: expected.minutes for key, expected in expected_by_stay(work, one.id).items()}
    sheet = uuid.uuid4()
    values = {
        "id": sheet, "day": edition.day, "edition": edition.number, "due": due, "by": work.who.actor_id,
        "assigned": edition.assigned, "stays": list(minutes), "minutes": list(minutes.values()),
    }  # fmt: skip
    work.write("day_sheet_line", _statement(), _values(work, one) | values)
    stays = work.value("select stays from public.day_sheet where id = %s", (sheet,))
    work.record(
        DayBuilt(
            facility_id=one.id, sheet_id=sheet, day=edition.day, edition=edition.number, stays=stays,
            assigned=edition.assigned, late=edition.number == 1 and is_late(due, work.now),
        )
    )  # fmt: skip
    return work.get(DaySheet, sheet)


def _facility(db: Reading, facility_id: int) -> Due:
    return db.one(Due, f"{_FACILITIES} where f.id = %s", (facility_id,), missing="There is no such facility.")


def _values(db: Reading, one: Due) -> dict[str, Any]:
    """What the SQL of the lists may use, for nobody in particular."""
    today = db.now.astimezone(one.zone).date()
    return {
        "now": db.now, "today": today, "today_number": today.year * 10000 + today.month * 100 + today.day,
        "zone": one.timezone, "me": None, "lead": True, "set": [], "facility": one.id,
    }  # fmt: skip


# A row says "today"; a sheet is read on other days too and says the day.
_DUE = (
    f"case when d.at is null then '' when d.at = e.expected_discharge_at then {day_text('d.at')}"
    f" else to_char({local('d.at')}, 'Dy FMDD Mon HH24:MI') end"
)


@lru_cache(maxsize=1)
def _statement() -> str:
    """Sheet and lines in one statement, of the same expressions that draw the rows of My day."""
    built = REGISTRY.lists["my-day"]
    shown = {field.name: field.sql for column in built.carried for field in column.fields}
    keys = [REGISTRY.sorts[name] for name in built.spec.order]
    joins = {*built.joins, *(join for key in keys for join in key.joins)}
    order = ", ".join([*(f"{key.sql} nulls last" for key in keys), "e.id"])
    chips = ", ".join(chip.sql for chip in built.chips if chip.name != "aside")
    return (
        "with expected as (select * from unnest(%(stays)s::uuid[], %(minutes)s::int[]) as one(id, minutes)),"
        " line as materialized (select e.id, e.facility_id, a.user_id,"
        f" row_number() over (partition by a.user_id order by {order})::smallint as place,"
        f" {_DUE} as due_text, {shown['due_what']} as due_what, e.patient_class, {shown['place']} as bed,"
        f" s.day as day_of_stay, (array_remove(array[{chips}]::text[], null))[1:3] as chips, expected.minutes,"
        " exists (select from snooze o where o.encounter_id = e.id and o.user_id = a.user_id and o.ended_at is null"
        " and (o.until is null or o.until > %(now)s::timestamptz)) as snoozed"
        f" {REGISTRY.source(joins)} left join expected on expected.id = e.id"
        " where e.facility_id = %(facility)s and e.status in ('admitted', 'on_leave')"
        " and (e.patient_class in ('IP', 'OBS') or a.user_id is not null)),"
        " sheet as (insert into public.day_sheet"
        " (id, facility_id, day, edition, due_at, built_at, built_by, assigned, stays)"
        " select %(id)s::uuid, %(facility)s::smallint, %(day)s::date, %(edition)s::int, %(due)s::timestamptz,"
        " %(now)s::timestamptz, %(by)s::uuid, %(assigned)s::int, count(*)::int from line returning id)"
        " insert into public.day_sheet_line (sheet_id, encounter_id, facility_id, user_id, place, due_text, due_what,"
        " patient_class, bed, day_of_stay, chips, minutes, snoozed)"
        " select sheet.id, line.* from sheet, line"
    )
