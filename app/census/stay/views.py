"""What the parts of a stay show, as text ready for the templates."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from app.census.leaving import planned_on
from app.census.stay import queries
from app.census.stay.figure import Names, class_word, draw, place_text
from app.census.stay.queries import Stay
from app.census.stay.timeline import Counts, Course, Lane, Row, counts
from app.census.stay.words import (
    ADMIT_SOURCES,
    ADMIT_TYPES,
    DIAGNOSIS_KINDS,
    LANGUAGES,
    STATUSES,
    disposition_text,
    exception_text,
)
from app.census.terms import EncounterStatus
from app.kernel.days import local_day
from app.kernel.wording import (
    birth_text,
    brief_text,
    dated_text,
    day_text,
    duration_text,
    full_text,
    iso_text,
    running_text,
)
from app.platform.work import Reading

LANES = {Lane.LOCATION: "Place", Lane.CLASS: "Class", Lane.ATTENDING: "Attending", Lane.SERVICE: "Service",
         Lane.LEAVE: "Leave of absence"}  # fmt: skip


def overview(db: Reading, stay: Stay) -> dict[str, Any]:
    """Figure, counts, diagnoses, coverage, numbers, exceptions, other stays."""
    units = queries.units_of(db, stay.facility_id)
    names = {unit.code: unit.name for unit in units if unit.name}
    course = queries.course_of(stay, queries.movements_of(db, stay.id), units, db.now)
    sums = counts(course)
    return {
        "base": f"/encounters/{stay.id}",
        "figure": draw(course, _names(db, stay, names), db.now),
        "counts": count_items(sums),
        "because": _counting_notes(stay, sums),
        "diagnoses": [{"code": one.code, "text": one.text, "kind": DIAGNOSIS_KINDS.get(one.kind, one.kind)}
                      for one in queries.diagnoses_of(db, stay.id)],
        "coverage": [_coverage(one) for one in queries.coverage_of(db, stay.id)],
        "facts": _facts(stay, names, db.now),
        "numbers": _numbers(stay),
        "exceptions": [_exception(one, stay.zone, db.now) for one in queries.exceptions_of(db, stay)],
        "others": [_other(one, db.now) for one in queries.other_stays(db, stay)],
    }  # fmt: skip


def movements(db: Reading, stay: Stay) -> dict[str, Any]:
    """The table of movements and what they add up to."""
    units = queries.units_of(db, stay.facility_id)
    names = {unit.code: unit.name for unit in units if unit.name}
    rows = queries.movements_of(db, stay.id)
    course = queries.course_of(stay, rows, units, db.now)
    sums = counts(course)
    return {
        "base": f"/encounters/{stay.id}",
        "figure": draw(course, _names(db, stay, names), db.now),
        "rows": movement_lines(rows, course, names, db.now),
        "counts": count_items(sums),
        "because": _counting_notes(stay, sums),
    }


def _names(db: Reading, stay: Stay, units: dict[str, str]) -> Names:
    """The planned day in the place of the feed's; the feed's time where both mean the same day."""
    fed = stay.expected_discharge_at if stay.open else None
    planned = planned_on(db, stay.id) if stay.open else None
    if planned is None or (fed is not None and local_day(fed, stay.zone) == planned):
        return Names(units, fed)
    return Names(units, expected_on=planned)


def movement_lines(rows: Sequence[Row], course: Course, units: dict[str, str], now: datetime) -> list[dict[str, str]]:
    """One line per movement: what, value, from, to, how long. An end of which only the day was sent has no time."""
    first = min((row.since for row in rows), default=None)
    lines = []
    for row in rows:
        last = course.discharged and (row.until is None or row.until >= course.end)
        until = course.end if last else row.until
        precise = course.end_precise or not last
        lines.append({
            "what": LANES[row.lane],
            "value": _value(row, units),
            "since": dated_text(row.since, course.zone, now),
            "since_iso": iso_text(row.since, course.zone),
            "since_full": full_text(row.since, course.zone),
            "until": "now" if until is None else dated_text(until, course.zone, now, precise=precise),
            "until_iso": "" if until is None else iso_text(until, course.zone, precise=precise),
            "lasted": duration_text((until or course.end) - row.since) if precise else "time of day not sent",
            "first": "yes" if row.since == first and row.lane in (Lane.LOCATION, Lane.CLASS) else "",
        })  # fmt: skip
    return lines


def _value(row: Row, units: dict[str, str]) -> str:
    if row.lane is Lane.LOCATION:
        return place_text(row.value, units)
    if row.lane is Lane.CLASS:
        return class_word(row.value)
    if row.lane is Lane.LEAVE:
        return "away, bed held"
    return row.label or row.value


def count_items(sums: Counts) -> list[dict[str, str]]:
    """The counters as figures, each with its parts."""
    parts = [(sums.inpatient, "inpatient"), (sums.observed, "observation"), (sums.other, "before"), (sums.away, "away")]
    sum_text = " + ".join(f"{number} {word}" for number, word in parts if number)
    least = "at least " if sums.at_least else ""
    return [
        {"label": "Midnights", "value": str(sums.midnights), "unit": f"= {sum_text}" if sums.midnights else ""},
        {"label": "Patient days", "value": str(sums.patient_days), "unit": "inpatient"},
        {"label": "Observation", "value": f"{least}{running_text(sums.observation)}", "unit": ""},
        {"label": "ICU days", "value": str(sums.icu_days), "unit": "midnights in intensive care"},
    ]


def _counting_notes(stay: Stay, sums: Counts) -> list[str]:
    notes = []
    if stay.inferred:
        notes.append("The admission message was never received: the start is taken from a later message.")
    if stay.status == EncounterStatus.DISCHARGED and not stay.discharge_precise:
        notes.append("Only the day of discharge was sent, no time of day: hours up to it cannot be told.")
    if sums.away:
        notes.append("Nights on leave count neither as patient days nor as observation.")
    return notes


def _coverage(one: queries.CoverageLine) -> dict[str, str]:
    spans = [text for text in (f"from {birth_text(one.starts_text)}" if one.starts_text else "",
                               f"to {birth_text(one.ends_text)}" if one.ends_text else "") if text]  # fmt: skip
    numbers = (("plan", one.plan_code), ("group", one.group_number), ("member", one.member_number))
    details = [*(f"{word} {number}" for word, number in numbers if number), " ".join(spans)]
    return {"rank": str(one.rank), "payer": one.payer_name or one.payer_code or "payer not named",
            "detail": " · ".join(text for text in details if text)}  # fmt: skip


def _facts(stay: Stay, units: dict[str, str], now: datetime) -> list[dict[str, str]]:
    zone = stay.zone

    def at(moment: datetime | None, *, precise: bool = True) -> str:
        return "" if moment is None else dated_text(moment, zone, now, precise=precise)

    pending = {"transfer": f"transfer to {place_text(stay.pending_location, units)}",
               "discharge": f"discharge {at(stay.pending_at)}"}  # fmt: skip
    lines = [
        ("Status", STATUSES.get(EncounterStatus(stay.status), stay.status)),
        ("Began", at(stay.start_at) + (" (inferred)" if stay.inferred and stay.start_at else "")),
        ("Inpatient since", at(stay.inpatient_at)),
        ("Discharged", at(stay.discharge_at, precise=stay.discharge_precise) if not stay.open else ""),
        ("Disposition", disposition_text(stay.disposition)),
        ("Ordered", pending.get(stay.pending_kind, "") if stay.open else ""),
        ("Service", stay.service),
        ("Admit reason", stay.admit_reason),
        ("Admit source", ADMIT_SOURCES.get(stay.admit_source, stay.admit_source)),
        ("Admit type", ADMIT_TYPES.get(stay.admit_type, stay.admit_type)),
        ("DRG", f"{stay.drg}, GMLOS {stay.gmlos:g} d" if stay.drg and stay.gmlos is not None else stay.drg),
    ]
    return [{"label": label, "value": value.strip()} for label, value in lines if value.strip()]


def _numbers(stay: Stay) -> list[dict[str, str]]:
    lines = [
        ("MRN", f"{stay.number} · {stay.authority}"),
        ("Visit", f"{stay.visit_number} · {stay.visit_authority}"),
        ("Account", stay.account_number),
    ]
    lines += [(one.get("type") or "Number", f"{one.get('number', '')} · {one.get('authority', '')}".rstrip(" ·"))
              for one in stay.identifiers if one.get("number") != stay.number]  # fmt: skip
    lines += [
        ("Phone", stay.phone),
        ("ZIP code", stay.zip_code),
        ("Language", LANGUAGES.get(stay.language.lower(), stay.language)),
    ]
    return [{"label": label, "value": value} for label, value in lines if value]


def _exception(one: queries.ExceptionLine, zone: tzinfo, now: datetime) -> dict[str, str]:
    what, todo = exception_text(one.kind)
    at, iso, full = brief_text(one.opened_at, zone, now), iso_text(one.opened_at, zone), full_text(one.opened_at, zone)
    return {"what": what, "todo": todo, "at": at, "iso": iso, "full": full}


def _other(one: queries.OtherStay, now: datetime) -> dict[str, str]:
    zone = ZoneInfo(one.timezone)
    today = local_day(now, zone)
    began = day_text(local_day(one.start_at, zone), today) if one.start_at else "start not known"
    left = f" to {day_text(local_day(one.discharge_at, zone), today)}" if one.discharge_at else ""
    state = disposition_text(one.disposition) or STATUSES.get(EncounterStatus(one.status), one.status)
    return {"href": f"/encounters/{one.id}", "when": began + left, "what": class_word(one.patient_class),
            "detail": f"{one.facility} · {state}"}  # fmt: skip
