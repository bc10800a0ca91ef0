"""The tab Long-term in words: weaning, conference, wounds, therapy, validation, orientation, transfers back."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.census.united import Subject
from app.kernel.wording import dated_text, day_text, duration_text, full_text, iso_text
from app.ltac.course import queries, records, strip
from app.ltac.course.forms import ATTENDEES, GOALS
from app.ltac.course.queries import Course, Entry, Frame, WoundNow
from app.ltac.course.records import Version, of_kind
from app.ltac.course.rules import life, wounds
from app.ltac.course.rules.weaning import Weaning
from app.ltac.course.stay.fields import FIELDS, Field, facts, headline, next_goals
from app.ltac.course.terms import Discipline, Outcome, RecordKind, Support, Trial
from app.platform.work import Reading
from app.web.forms import FormState

_NO_FORM = FormState(id="")


def tab(db: Reading, stay: Subject, form: FormState, day: date | None) -> dict[str, Any]:
    """Everything of the tab but what the viewer may do. `form` is one that could not be carried out, if any."""
    key = stay.encounter_id
    frame = queries.frames(db, [key])[key]
    found = records.versions(db, [key]).get(key, [])
    today = frame.last_day(db.now)
    return {
        "stay_id": str(key),
        "form": form,
        "weaning": weaning_words(db, stay, frame, day),
        "conference": _conference(db, stay, found, form),
        "wounds": _wounds(db, stay, today),
        "therapy": _therapy(queries.therapy_days(db, [key]).get(key, {}), today),
        "parts": {kind.value: _part(kind, found, form, stay, db) for kind in RecordKind},
    }


# --- weaning ---------------------------------------------------------------------------------------------------------


def weaning_words(db: Reading, stay: Subject, frame: Frame, day: date | None) -> dict[str, Any]:
    """The strip, how weaning stands, the form of one day with what is recorded of it."""
    key, today = stay.encounter_id, frame.last_day(db.now)
    entries = queries.entries(db, [key], ended=True).get(key, [])
    standing = [one for one in entries if one.ended_at is None]
    away = queries.absences(db, {key: frame}).get(key, frozenset())
    course = Course(frame, standing, away)
    days = course.strip(db.now, 14)
    chosen = day or today
    mine = [one for one in entries if one.day == chosen]
    return {
        "boxes": strip.boxes(days, key, today) if standing else [],
        "span": strip.span_text(days, today),
        "legend": strip.legend(),
        "lines": weaning_lines(course, db) if standing else [],
        "chip": strip.chip(course.standing) if standing else None,
        "keys": support_keys(next((one.support for one in standing if one.day == today), "")),
        "today": day_text(today, today),
        "day": {"iso": chosen.isoformat(), "text": day_text(chosen, today), "past": chosen < today,
                "charted": any(one.ended_at is None for one in mine)},
        "given": entry_given(next((one for one in mine if one.ended_at is None), None), chosen),
        "history": [_entry_words(one, stay.zone, db) for one in reversed(mine)],
        "choices": {
            "support": [{"value": one.value, "label": one.label} for one in Support],
            "trial": [{"value": "", "label": "Not said"}, *({"value": one.value, "label": one.label} for one in Trial)],
        },
        "open": frame.discharge_at is None,
    }  # fmt: skip


def support_keys(now: str) -> list[dict[str, Any]]:
    """The four answers with their keys, in the order of the strip's letters."""
    letters = ("V", "S", "T", "F")
    return [
        {"key": str(place), "value": one.value, "label": one.label, "letter": letters[place - 1], "on": one == now}
        for place, one in enumerate(Support, start=1)
    ]


def weaning_lines(course: Course, db: Reading) -> list[str]:
    """How weaning stands, in sentences."""
    found, today = course.standing, course.frame.last_day(db.now)
    lines = [_outcome_line(found, today)]
    if found.ventilated_days:
        more = f"; {found.longest} in a row with six hours or more" if found.longest > 1 else ""
        lines.append(f"{_days(found.ventilated_days)} with invasive ventilation recorded{more}.")
    if found.prolonged:
        lines.append("Prolonged ventilation: 21 days in a row or more.")
    if found.relapses:
        again = ", ".join(day_text(one, today) for one in found.relapses)
        lines.append(f"Ventilated again after liberation on {again}.")
    if found.decannulated_on is not None:
        lines.append(f"Decannulated {day_text(found.decannulated_on, today)}.")
    first = course.first_trial(db.now)
    if first is not None:
        late = "not by day 2" if first.in_time is False else "open until day 2 ends"
        number = f"tried on day {first.day_number}" if first.day_number else "none recorded"
        said = number if first.in_time and not first.reason else f"not tried: {first.reason}" if first.in_time else ""
        lines.append(f"Breathing trial by day 2: {said or f'{late}, {number}'}.")
    return lines


def _outcome_line(found: Weaning, today: date) -> str:
    if found.liberated_on is not None and found.outcome is Outcome.LIBERATED:
        return f"Liberated since {day_text(found.liberated_on, today)}: {_days(found.free_days)} without ventilation."
    if found.outcome is Outcome.WEANING and found.plateau:
        return f"Weaning; no further step in {_days(found.plateau)}."
    return f"{found.outcome.label}."


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def entry_given(one: Entry | None, day: date) -> dict[str, str]:
    """The form of a day as the record fills it."""
    if one is None:
        return {"day": day.isoformat()}
    hours = {name: "" if (value := getattr(one, name)) is None else wounds.figure(value)
             for name in ("ventilated_hours", "collar_hours")}  # fmt: skip
    return {"day": day.isoformat(), "support": one.support, "mode": one.mode, "trial": one.trial, "note": one.note,
            "trial_reason": one.trial_reason, "decannulated": "on" if one.decannulated else "", **hours}  # fmt: skip


def _entry_words(one: Entry, zone: ZoneInfo, db: Reading) -> dict[str, Any]:
    note = queries.day_note(one)
    why = f"; {one.made_because}" if one.made_because else ""
    return {
        "id": str(one.id),
        "text": Support(one.support).label + (f": {note}" if note else ""),
        "stands": one.ended_at is None,
        "by": f"charted {dated_text(one.made_at, zone, db.now)} by {one.made_by or 'the program'}{why}",
        "ended": f"until {dated_text(one.ended_at, zone, db.now)}: {one.ended_reason}" if one.ended_at else "",
    }


# --- conference, wounds, therapy -------------------------------------------------------------------------------------


def _conference(db: Reading, stay: Subject, found: Sequence[Version], form: FormState) -> dict[str, Any]:
    due = queries.conference_due(db, [stay.encounter_id])[stay.encounter_id]
    held = [one for one in of_kind(found, RecordKind.CONFERENCE) if one.stands]
    today = stay.day(db.now)
    prefilled = next_goals(held[-1].content) if held else {}
    return {
        "due": f"due {day_text(due.due_on, today)}, {due.because}" if due.due_on else due.because,
        "late": due.due_on is not None and due.due_on < today,
        "form": form if form.id == RecordKind.CONFERENCE else FormState(given=prefilled, id=RecordKind.CONFERENCE),
        "first": not held,
        **conference_fields(),
    }


def conference_fields() -> dict[str, Any]:
    """The fields of the conference form in its three parts."""
    fields = {one.name: one for one in FIELDS[RecordKind.CONFERENCE]}
    return {
        "attendees": [_field(fields[name]) for name in ATTENDEES],
        "goals": [{"goal": _field(fields[f"goal_{name}"]), "status": _field(fields[f"status_{name}"])}
                  for name in GOALS],
        "rest": [_field(fields[name]) for name in ("decided", "barriers", "next_on")],
    }  # fmt: skip


def _wounds(db: Reading, stay: Subject, today: date) -> dict[str, Any]:
    kept = queries.wounds_of(db, [stay.encounter_id]).get(stay.encounter_id, [])
    return {
        "rows": [_wound_words(one, today) for one in kept],
        "choices": [{"value": str(one.record.record_id), "label": str(one.record.content["site"])}
                    for one in kept if one.open],
        "sub": f"{sum(one.open for one in kept)} open" if kept else "none recorded",
    }  # fmt: skip


def _wound_words(one: WoundNow, today: date) -> dict[str, Any]:
    last = wounds.latest(one.measured)
    turn = wounds.direction(one.measured)
    return {
        "id": str(one.record.record_id),
        "name": headline(RecordKind.WOUND, one.record.content),
        "acquired": one.acquired_pressure,
        "trend": wounds.trend(one.measured),
        "turn": {-1: "smaller", 1: "larger", 0: ""}[turn],
        "tone": {-1: "green", 1: "amber", 0: "gray"}[turn],
        "last": f"{day_text(last.day, today)}: {wounds.size_text(last)}" if last else "not assessed yet",
        "stage": last.stage.label if last is not None and last.stage is not None else "",
        "due": day_text(one.due_on, today) if one.due_on else "",
        "late": one.due_on is not None and one.due_on < today,
    }


def _therapy(days: queries.Minutes, today: date) -> dict[str, Any]:
    """The last seven days and the sums of weeks; a week begins on Monday."""
    week = [today - timedelta(days=number) for number in range(6, -1, -1)]
    sums = life.weekly(days)
    return {
        "heads": [{"weekday": f"{day:%a}", "day": str(day.day)} for day in week],
        "rows": [
            {"name": one.label, "cells": [str(days.get(day, {}).get(one, "")) for day in week],
             "sum": str(sum(days.get(day, {}).get(one, 0) for day in week))}
            for one in Discipline
        ],
        "weeks": [
            {"week": f"week of {day_text(monday, today)}",
             "text": ", ".join(f"{one.value} {minutes}" for one, minutes in own.items()), "sum": str(sum(own.values()))}
            for monday, own in reversed(list(sums.items()))
        ],
        "any": bool(days),
        "fields": [{"name": one.value.lower(), "label": one.value} for one in Discipline],
        "today": today.isoformat(),
    }  # fmt: skip


# --- records ---------------------------------------------------------------------------------------------------------


def _part(kind: RecordKind, found: Sequence[Version], form: FormState, stay: Subject, db: Reading) -> dict[str, Any]:
    """Records of one kind, newest first, and the form for another."""
    kept = of_kind(found, kind)
    newest: dict[uuid.UUID, Version] = {}
    for one in kept:
        if one.stands or one.record_id not in newest or not newest[one.record_id].stands:
            newest[one.record_id] = one
    return {
        "kind": kind.value,
        "label": kind.label,
        "records": [record_words(one, kept, stay, db) for one in reversed(list(newest.values()))],
        "standing": any(one.stands for one in kept),
        "fields": form_fields(kind),
        "form": form if form.id == kind else FormState(given=usual(kind), id=kind.value),
    }


def record_words(one: Version, found: Sequence[Version], stay: Subject, db: Reading) -> dict[str, Any]:
    """A record as a list shows it, with its earlier versions."""
    kind, zone = RecordKind(one.kind), stay.zone
    before = [old for old in found if old.record_id == one.record_id and old.id != one.id]
    said = facts(kind, one.content)
    if kind is RecordKind.TRANSFER and stay.start_at is not None:
        said.append(("After", duration_text(one.at - stay.start_at)))
    return {
        "record_id": str(one.record_id), "about": str(one.about_id or ""), "name": headline(kind, one.content),
        "stands": one.stands, "facts": said,
        "when": {"text": dated_text(one.at, zone, db.now), "iso": iso_text(one.at, zone),
                 "full": full_text(one.at, zone)},
        "by": f"entered {dated_text(one.made_at, zone, db.now)} by {one.made_by or 'the program'}"
              + (f"; corrected: {one.made_because}" if one.made_because else ""),
        "ended": _ended(one, zone, db),
        "before": [{"text": _in_one_line(kind, old), "ended": _ended(old, zone, db)} for old in before],
    }  # fmt: skip


def _in_one_line(kind: RecordKind, old: Version) -> str:
    return "; ".join([headline(kind, old.content), *(f"{label}: {text}" for label, text in facts(kind, old.content))])


def _ended(one: Version, zone: ZoneInfo, db: Reading) -> str:
    if one.ended_at is None:
        return ""
    how = one.ended_because.replace("_", " ")
    return f"{how} {dated_text(one.ended_at, zone, db.now)} by {one.ended_by or 'the program'}: {one.ended_reason}"


def usual(kind: RecordKind) -> dict[str, str]:
    """What a form says before somebody says otherwise."""
    return {RecordKind.WOUND: {"origin": "present"}, RecordKind.ORIENTATION: {"given": "true"},
            RecordKind.TRANSFER: {"planned": "false"}}.get(kind, {})  # fmt: skip


def form_fields(kind: RecordKind) -> list[dict[str, Any]]:
    """The fields of a form, ready for the macros."""
    return [_field(one) for one in FIELDS[kind]]


def _field(one: Field) -> dict[str, Any]:
    numeric = {"inputmode": "decimal"} if one.kind == "number" else {}
    return {"name": one.name, "label": one.label, "kind": one.kind, "seldom": one.seldom,
            "more": {"hint": one.hint, "maxlength": "160" if one.kind == "text" else "", **numeric},
            "choices": one.options()}  # fmt: skip


def of_version(one: Version, zone: ZoneInfo) -> FormState:
    """The form as a recorded version fills it."""
    local = one.at.astimezone(zone)
    given = {name: _given(value) for name, value in one.content.items()}
    return FormState(given=given | {"on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}"}, id="amend")


def _given(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
