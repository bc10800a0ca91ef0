"""What pages about signed reviews show, in words: those of a stay with its strip, one with its versions."""

import uuid
from datetime import date
from typing import Any

from app.census.united import Subject
from app.kernel.refusal import NotFound
from app.kernel.wording import dated_text, day_text, moment_text
from app.platform.work import Reading
from app.reviews import queries, rules
from app.reviews.certificates.queries import certificates_context
from app.reviews.exemptions.queries import label_of
from app.reviews.judging import minutes
from app.reviews.queries import Draft, Version
from app.reviews.sets.queries import get as get_set
from app.reviews.terms import DayResult, LevelOfCare, Override
from app.reviews.writing.showing import line_of

MOST_DAYS = 45
_CODES = {DayResult.MET: "met", DayResult.NOT_MET: "notmet", DayResult.PENDING: "pend", DayResult.NONE: "none"}


def tab_context(db: Reading, stay: Subject, *, may_write: bool) -> dict[str, Any]:
    """The tab: the days with what reviews say of them, the reviews, drafts, certifications."""
    found = queries.versions(db, stay.encounter_id)
    standing = [one for one in found if one.standing]
    now = queries.stay_now(db, stay.encounter_id)
    shown: dict[uuid.UUID, dict[str, Any]] = {}
    for one in found:
        if one.review_id not in shown:
            shown[one.review_id] = line_of(one, stay.zone, db) | {"ended": _ended(one, stay, db), "versions": 0}
        shown[one.review_id]["versions"] += 1
    return {
        "stay_id": str(stay.encounter_id),
        "strip": strip(db, stay, now, standing),
        "reviews": list(shown.values()),
        "drafts": [_draft(one, stay, db, standing) for one in queries.drafts(db, stay.encounter_id)]
        if db.as_of is None
        else [],
        "may_write": may_write,
        "next_name": rules.name_of(rules.kind_next(now, (one.kind_word for one in standing))),
        **certificates_context(db, stay),
    }


def strip(db: Reading, stay: Subject, now: rules.StayNow, standing: list[Version]) -> dict[str, Any]:
    """The lane "Necessary" of the day strip, each box a link to its review or to the one that is missing."""
    lane = queries.lane(now, standing)
    last = lane[-MOST_DAYS:]
    sums = {result: sum(one.result is result for one in lane) for result in DayResult}
    parts = [f"{count} {result.word}" for result, count in sums.items() if count]
    cells = [
        {"code": _CODES[one.result], "letter": one.result.value,
         "word": f"{one.result.word}{'' if one.own else ', by the review before'}",
         "href": f"/reviews/{one.review_id}" if one.review_id
         else f"/encounters/{stay.encounter_id}/reviews/new?day={one.day}"}
        for one in last
    ]  # fmt: skip
    columns = [{"weekday": f"{one.day:%a}", "day": str(one.day.day), "today": one.day == now.today} for one in last]
    return {
        "columns": columns,
        "lanes": [{"name": "Necessary", "cells": cells, "total": str(len(lane))}] if lane else [],
        "sum": f"{len(lane)} = {' + '.join(parts)}" if lane else "",
        "hidden": max(0, len(lane) - MOST_DAYS),
        "open": [{"text": day_text(day, now.today), "iso": day.isoformat()} for day in rules.days_open(lane)],
        "ended": now.ended is not None,
    }


def _draft(one: Draft, stay: Subject, db: Reading, standing: list[Version]) -> dict[str, str]:
    """A draft with the page on which it goes on: that of the amendment where the review is signed already."""
    kind = queries.ReviewKind(one.kind)
    today = db.now.astimezone(stay.zone).date()
    signed = next((each for each in standing if (each.kind, each.for_day) == (one.kind, one.for_day)), None)
    new = f"/encounters/{stay.encounter_id}/reviews/new?kind={one.kind}&day={one.for_day}"
    return {
        "id": str(one.id), "name": rules.name_of(kind), "day": day_text(one.for_day, today),
        "at": moment_text(one.saved_at, stay.zone, db.now), "by": one.saved_by,
        "href": f"/reviews/{signed.review_id}/amendment" if signed is not None else new,
    }  # fmt: skip


def _ended(one: Version, stay: Subject, db: Reading) -> str:
    if one.ended_at is None or one.ended_because != "struck_out":
        return ""
    at = dated_text(one.ended_at, stay.zone, db.now)
    return f"struck out {at} by {one.ended_by or 'the program'}: {one.ended_reason}"


def review_context(db: Reading, stay: Subject, found: list[Version]) -> dict[str, Any]:
    """One review: what it says, and its earlier versions."""
    now, *before = found
    return {
        "stay_id": str(stay.encounter_id),
        "review": version_words(db, stay, now),
        "before": [version_words(db, stay, one) for one in before],
    }


def version_words(db: Reading, stay: Subject, one: Version) -> dict[str, Any]:
    """A version as facts and paragraphs, readable whatever became of its criteria set."""
    line = line_of(one, stay.zone, db)
    return line | {
        "version_id": str(one.id),
        "facts": [(label, text) for label, text in facts_of(db, stay, one) if text],
        "points": points_of(db, stay, one),
        "paragraphs": [{"text": part.text, "carried": part.carried} for part in one.paragraphs],
        "made": dated_text(one.made_at, stay.zone, db.now),
        "made_by": one.made_by,
        "because": one.made_because,
        "ended": _ended(one, stay, db),
    }


def facts_of(db: Reading, stay: Subject, one: Version) -> list[tuple[str, str]]:
    """What a version says beside its points and its summary, each with its label."""
    today = db.now.astimezone(stay.zone).date()
    policy = label_of(db, stay.facility_id, one.exemption) if one.exemption else ""
    against = {Override.TO_APPROPRIATE.value: "met although the points are not",
               Override.TO_INAPPROPRIATE.value: "not met although the points are"}  # fmt: skip
    return [
        ("Criteria", criteria_words(db, stay, one)),
        ("Against the points", f"{against[one.override]}: {one.override_reason}" if one.override in against else ""),
        ("Why not met", one.reason),
        ("Level of care", _level(one.level)),
        ("Would be enough", _level(one.recommended_level)),
        ("Not referred by policy", policy),
        ("Asked the physician advisor", one.question if one.referred else ""),
        ("Awaited", f"{one.awaited}, from {one.awaited_from}" if one.awaited else ""),
        ("Next review", _next(one.next_review_on, today)),
        ("Signed", f"{one.signed_by}, {dated_text(one.signed_at, stay.zone, db.now)},"
                   f" {minutes(one.started_at, one.signed_at)} min"),
    ]  # fmt: skip


def _level(code: str) -> str:
    return LevelOfCare(code).label if code else ""


def _next(day: date | None, today: date) -> str:
    return day_text(day, today) if day is not None else ""


def criteria_words(db: Reading, stay: Subject, one: Version) -> str:
    """The set by title and version; a licensed product by its reference."""
    if one.licensed:
        names = ("product", "release", "subset", "guideline_id", "level_supported", "vendor_reference")
        return ", ".join(str(one.licensed[name]) for name in names if one.licensed.get(name))
    try:
        held = get_set(db, stay.facility_id, one.set_id, one.set_version)
    except NotFound:
        return f"{one.set_id}, version {one.set_version}"
    return f"{held.title}, version {held.version}"


def points_of(db: Reading, stay: Subject, one: Version) -> list[str]:
    """The points that were met, each with the figures that were given."""
    if one.licensed:
        return []
    try:
        held = get_set(db, stay.facility_id, one.set_id, one.set_version)
    except NotFound:
        return list(one.met)
    values = one.answers.get("values", {})
    found = []
    for point in held.points:
        if point.code in one.met:
            figures = ", ".join(f"{each.label} {values[each.name]} {each.unit}".rstrip()
                                for each in point.measures if each.name in values)  # fmt: skip
            found.append(f"{point.code} {point.text}" + (f": {figures}" if figures else ""))
    return found
