"""Putting the rules to days of the trail: once a day by itself, and for a span of days when the officer asks."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.accounts.watching.unusual.events import AccessFound, TrailWatched, WatchAsked
from app.accounts.watching.unusual.gathering import Place, gather
from app.accounts.watching.unusual.models import UnusualAccess
from app.accounts.watching.unusual.rules import RULES, Limits, look
from app.accounts.watching.unusual.terms import Found, Pattern
from app.kernel.days import ONE_DAY, days_between, local_day
from app.kernel.refusal import Refused
from app.platform.work import Reading, Scope, System, Work, begin, everywhere, reading

JOB = "trail.watch"
SPAN_JOB = "trail.watch_span"
NAME = "watching"
CATCH_UP = 7
"""Days that the daily job looks back, for days on which no worker ran."""
MOST_DAYS = 31
"""That may be asked for at once; each costs some seconds on a large trail."""


class InForce(msgspec.Struct):
    """A rule as it is set in a facility."""

    id: Any
    pattern: str
    resting: bool
    limits: dict[str, int]


def who(facility_id: int) -> System:
    """The program that watches, in one facility, protected stays included."""
    return System(NAME, Scope(facilities=(facility_id,), sensitive=(facility_id,)))


def in_force(view: Reading, facility_id: int) -> dict[Pattern, InForce]:
    """Rules whose limits somebody set, by what they look for."""
    query = "select id, pattern, resting, limits from watch_rule where facility_id = %s and ended_at is null"
    return {Pattern(one.pattern): one for one in view.rows(InForce, query, (facility_id,))}


def limits_of(found: Mapping[Pattern, InForce]) -> dict[Pattern, Limits]:
    """The limits of all rules that do not rest: those that were set, and the others as shipped."""
    return {
        rule.pattern: rule.shipped | (found[rule.pattern].limits if rule.pattern in found else {})
        for rule in RULES
        if rule.pattern not in found or not found[rule.pattern].resting
    }


def watch_day(place: Place, day: date) -> int:
    """Put all rules to one local day of one facility; returns how many findings were not known before."""
    with reading(who(place.facility_id)) as view:
        rules = in_force(view, place.facility_id)
        limits = limits_of(rules)
        people = gather(view, place, day, limits)
    with begin(who(place.facility_id)) as work:
        found = [found for one in people for found in look(one, limits)]
        new = sum(_keep(work, place.facility_id, one, rules.get(one.pattern)) for one in found)
        work.record(TrailWatched(facility_id=place.facility_id, day=day, people=len(people), found=new))
    return new


def _keep(work: Work, facility_id: int, found: Found, rule: InForce | None) -> bool:
    known = work.value(
        "select id from unusual_access where facility_id = %s and pattern = %s and user_id = %s and day = %s"
        " and encounter_id is not distinct from %s",
        (facility_id, found.pattern.value, found.user_id, found.day, found.encounter_id),
    )
    if known is not None:
        return False
    made = work.add(
        UnusualAccess(
            facility_id=facility_id, encounter_id=found.encounter_id, pattern=found.pattern.value,
            user_id=found.user_id, day=found.day, sentence=found.sentence, rows=list(found.rows),
            rule_id=rule.id if rule else None, found_at=work.now,
        )
    )  # fmt: skip
    patient = "select patient_id from encounter where id = %s"
    patient_id = work.value(patient, (found.encounter_id,)) if found.encounter_id else None
    work.record(
        AccessFound(facility_id=facility_id, patient_id=patient_id, finding_id=made.id, pattern=found.pattern.value,
                    user_id=found.user_id, day=found.day)
    )  # fmt: skip
    return True


def places(view: Reading) -> list[Place]:
    """All facilities."""
    return view.rows(Place, "select id, timezone from facility order by id")


def watch_trail() -> None:
    """The daily job: yesterday, and days of the last week that no worker looked at."""
    with reading(everywhere(NAME)) as view:
        found, now = places(view), view.now
        query = "select facility_id, facts ->> 'day' from audit_event where name = %s and at >= %s"
        done = set(view.connection.execute(query, (TrailWatched.name, now - timedelta(days=CATCH_UP + 2))).fetchall())
    for place in found:
        today = local_day(now, ZoneInfo(place.zone))
        for day in days_between(today - timedelta(days=CATCH_UP), today - ONE_DAY):
            if (place.facility_id, day.isoformat()) not in done:
                watch_day(place, day)


def ask_for_span(work: Work, place: Place, first: date, last: date) -> None:
    """Have the rules put to days in the background. Refused for the future and for too many at once."""
    if last < first:
        raise Refused("The last day lies before the first.", field="last")
    if last > work.today(place.zone):
        raise Refused("This day has not come yet.", field="last")
    if (last - first).days >= MOST_DAYS:
        raise Refused(f"Ask for {MOST_DAYS} days at most.", field="first")
    work.later(
        SPAN_JOB, once=f"{SPAN_JOB} {place.facility_id} {first} {last}", facility_id=place.facility_id,
        first=first.isoformat(), last=last.isoformat(),
    )  # fmt: skip
    work.record(WatchAsked(facility_id=place.facility_id, first=first, last=last))


def watch_span(facility_id: int, first: str, last: str) -> None:
    """The job of a span: each day in a transaction of its own."""
    with reading(who(facility_id)) as view:
        zone = view.value("select timezone from facility where id = %s", (facility_id,))
    for day in days_between(date.fromisoformat(first), date.fromisoformat(last)):
        watch_day(Place(facility_id, zone), day)
