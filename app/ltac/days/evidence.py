"""What proves the payment rate of a stay: what came with the referral, hours charted here, what somebody recorded."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

import msgspec

from app.kernel.days import local_day
from app.ltac.course import queries as course
from app.ltac.course.terms import Support
from app.ltac.days.gather import Entry
from app.ltac.days.terms import RateEvidence, Visit
from app.ltac.screening import queries as screening
from app.ltac.screening.terms import Told
from app.platform.work import Reading
from app.regulations.ltch import conditions

HOURS_OF_A_DAY = 24.0


def of_visits(db: Reading, visits: Sequence[Visit]) -> dict[uuid.UUID, RateEvidence]:
    """What referral and weaning say of each visit; one of which they say nothing is missing."""
    keys = [one.key for one in visits]
    hours = charted_hours(db, visits)
    referred = screening.evidence_of(db, keys)
    screened = screening.screened(db, [one.referral_id for one in referred.values()])
    found = {key: _referred(one, screened[one.referral_id]) for key, one in referred.items()}
    for key, (given, unwritten) in hours.items():
        before = found.get(key, RateEvidence())
        found[key] = msgspec.structs.replace(
            before, ventilator_hours=given, hours_open=unwritten,
            sources=(*before.sources, "days of weaning charted here"),
        )  # fmt: skip
    return found


def _referred(one: screening.Evidence, told: screening.Screened) -> RateEvidence:
    """The referral's word. Hours that it expects are no proof: they must be given here.

    Too few days of a patient who was still in intensive care are no last word: others may have followed.
    """
    answers = (told.acute, told.direct)
    preceded = False if Told.NO in answers else None if Told.UNKNOWN in answers else True
    days = None if one.intensive is None else len(set(one.intensive))
    if told.still_intensive and days is not None and days < conditions().intensive_days:
        days = None
    return RateEvidence(
        preceded=preceded,
        intensive_days=days,
        excluded=None if told.excluded is Told.UNKNOWN else told.excluded is Told.YES,
        sources=(f"referral of {one.from_name}",),
    )


def charted_hours(db: Reading, visits: Sequence[Visit]) -> dict[uuid.UUID, tuple[float, bool]]:
    """Hours of invasive ventilation by visit, where any day is charted, and whether there may have been more."""
    days = course.entries(db, [one.key for one in visits])
    frames = course.frames(db, list(days))
    found = {}
    for visit in visits:
        if visit.key in days and visit.key in frames:
            frame = frames[visit.key]
            parts = _parts(visit, frame.zone) | {frame.admitted_on, frame.left_on, local_day(db.now, frame.zone)}
            found[visit.key] = hours_of(days[visit.key], parts)
    return found


def _parts(visit: Visit, zone: tzinfo) -> set[date | None]:
    """The days on which a leave began or ended."""
    ends = [end for leave in visit.leaves for end in (leave.began_at, leave.ended_at)]
    return {local_day(end, zone) for end in ends if end is not None}


def hours_of(charted: Sequence[course.Entry], parts: set[date | None]) -> tuple[float, bool]:
    """The hours that are written; a day of full ventilation without them is 24, unless it is only part of a day.

    Of a day that was not whole, and of a day with a trial or a collar, only what is written proves anything; that
    such a day is charted without hours says that there may have been more.
    """
    total, unwritten = 0.0, False
    for one in charted:
        if one.ventilated_hours is not None:
            total += one.ventilated_hours
        elif one.support == Support.VENTILATED and one.day not in parts:
            total += HOURS_OF_A_DAY
        else:
            unwritten = unwritten or not one.charted.free
    return total, unwritten


def merged(told: Sequence[RateEvidence], entry: Entry | None) -> RateEvidence:
    """One stay's evidence: of its visits the first that says a thing, hours added; what somebody recorded before all.

    Hours that somebody recorded count where more of them than are charted.
    """
    hours = [one.ventilator_hours for one in told if one.ventilator_hours is not None]
    found = RateEvidence(
        preceded=_first([one.preceded for one in told]),
        intensive_days=_first([one.intensive_days for one in told]),
        ventilator_hours=sum(hours) if hours else None,
        hours_open=any(one.hours_open for one in told),
        excluded=_first([one.excluded for one in told]),
        sources=tuple(dict.fromkeys(source for one in told for source in one.sources)),
    )
    return found if entry is None else _with_entry(found, entry)


def _with_entry(found: RateEvidence, entry: Entry) -> RateEvidence:
    said = _said(entry.content)
    if "ventilator_hours" in said:
        said["ventilator_hours"] = max(said["ventilator_hours"], found.ventilator_hours or 0)
        said["hours_open"] = False
    source = str(entry.content.get("source") or "") or f"recorded by {entry.made_by or 'the program'}"
    return msgspec.structs.replace(found, **said, sources=(*found.sources, source))


def _said(content: Mapping[str, object]) -> dict[str, Any]:
    """What an entry says, with yes and no as truth."""
    names = ("preceded", "intensive_days", "ventilator_hours", "excluded")
    said = {name: content[name] for name in names if content.get(name) is not None}
    return {name: value == "yes" if isinstance(value, str) else value for name, value in said.items()}


def _first(values: Sequence[Any]) -> Any:
    return next((one for one in values if one is not None), None)
