"""What is owed for one stay, computed at the instant of looking, with source, arithmetic, standing and versions."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app import regulations
from app.clocks.commands import in_force, shown_rules
from app.clocks.engine import counters
from app.clocks.facts import StayFacts
from app.clocks.gather import gather
from app.clocks.owed.words import MISSED, SURE, blocks, called, ours
from app.clocks.registry import RULES
from app.clocks.terms import Obligation
from app.kernel.deadlines import Standing
from app.kernel.refusal import NotFound
from app.kernel.wording import dated_text, duration_text, full_text, iso_text, moment_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer

NEXT = 2  # in the row in place
ELSEWHERE = "This stay does not exist, or it lies outside what you may see."


@dataclass(frozen=True, slots=True)
class Deed:
    """Where the record that closes a rule is made: `path` under the stay."""

    label: str
    path: str
    permission: Permission


_deeds: dict[str, Deed] = {}


def install(deeds: Mapping[str, Deed]) -> None:
    """Hand over where features make their records, by rule (app/wiring.py)."""
    _deeds.clear()
    _deeds.update(deeds)


class _Version(msgspec.Struct):
    rule: str
    subject: str
    required: bool
    due_at: datetime | None
    closed_at: datetime | None
    because: str
    made_at: datetime
    ended_at: datetime | None


_VERSIONS = """
select rule, subject, required, due_at, closed_at, because, made_at, ended_at from obligation
where encounter_id = %s order by made_at, id
"""


@dataclass(frozen=True)
class _Place:
    """Where and when somebody looks."""

    encounter_id: uuid.UUID
    zone: ZoneInfo
    now: datetime
    may: Callable[[Permission], bool]

    def said(self, at: datetime) -> dict[str, str]:
        """An instant as a `<time>` shows it."""
        return {"text": dated_text(at, self.zone, self.now), "iso": iso_text(at, self.zone),
                "full": full_text(at, self.zone)}  # fmt: skip


def facts_of(db: Reading, encounter_id: uuid.UUID) -> StayFacts:
    """The facts of a stay that the reader may see; NotFound for another."""
    found = gather(db, [encounter_id])
    if not found:
        raise NotFound(ELSEWHERE)
    return found[0]


def panel(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> dict[str, Any]:
    """Everything of the tab: open by due time, closed, not required, counters."""
    facts = facts_of(db, encounter_id)
    place = _place(db, viewer, facts)
    versions = _history(db, place)
    lines: dict[str, list[dict[str, Any]]] = {"open": [], "closed": [], "not_required": []}
    for one in in_order(in_force(facts).values()):
        lines[_group(one)].append(_line(one, place) | _sources(one, place) | {"versions": versions.get(_key(one), [])})
    return {"owed": lines, "counters": counter_lines(facts), "zone": str(facts.zone), "stay_id": str(encounter_id),
            "gone": _gone(versions, {_key(one) for one in in_force(facts).values()})}  # fmt: skip


def shortly(db: Reading, viewer: Viewer, encounter_id: uuid.UUID, most: int = NEXT) -> dict[str, Any]:
    """What is owed next, for the row in place and the overview."""
    facts = facts_of(db, encounter_id)
    place = _place(db, viewer, facts)
    found = [one for one in in_order(in_force(facts).values()) if one.open]
    own = [one for one in found if one.due_at is not None]
    return {"lines": [_line(one, place) for one in own[:most]], "more": max(0, len(found) - len(own[:most])),
            "href": f"/encounters/{encounter_id}/obligations", "sub": _summary(found, place)}  # fmt: skip


def open_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """How many are open and due some time, for the tab; empty for none."""
    query = (
        "select count(*) from obligation where encounter_id = %s and ended_at is null and required"
        " and closed_at is null and due_at is not null and rule = any(%s)"
    )
    count = db.value(query, (encounter_id, sorted(shown_rules())))
    return str(count) if count else ""


def brief_lines(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """What is owed next for several stays, for the hand-off."""
    found: dict[uuid.UUID, list[str]] = {}
    for facts in gather(db, list(stays)):
        lines = found.setdefault(uuid.UUID(facts.id), [])
        for one in in_order(in_force(facts).values()):
            if one.open and one.due_at is not None and ours(RULES[one.rule]):
                late = ", overdue" if one.standing is Standing.OVERDUE else ""
                lines.append(f"{one.title}, due {moment_text(one.due_at, facts.zone, db.now)}{late}")
    return {stay: lines for stay, lines in found.items() if lines}


def in_order(found: Iterable[Obligation]) -> list[Obligation]:
    """By due time; what has none comes last."""
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at, one.rule, one.subject))


def counter_lines(facts: StayFacts) -> list[dict[str, str]]:
    """The counters of midnights, each with where it starts; they are never added up."""
    found = counters(facts)
    lines = [
        ("Benchmark midnights", found.benchmark_midnights, "since hospital care began, 42 CFR 412.3(d)(1)"),
        ("Presumption midnights", found.presumption_midnights, "since the inpatient order"),
        ("Qualifying days for a nursing facility", found.snf_qualifying_days,
         "inpatient, without the day of discharge, 42 CFR 409.30(a)(1)"),
        ("Days that are billed", found.billing_days, "inpatient, at least one"),
        ("Hours of observation", found.observation_hours, "whole hours that have passed"),
    ]  # fmt: skip
    return [{"name": name, "count": str(count), "from": start} for name, count, start in lines if count is not None]


def _place(db: Reading, viewer: Viewer, facts: StayFacts) -> _Place:
    past = db.as_of is not None
    return _Place(uuid.UUID(facts.id), facts.zone, db.now, lambda one: not past and viewer.may(one))


def _key(one: Obligation) -> tuple[str, str]:
    return one.rule, one.subject


def _group(one: Obligation) -> str:
    if one.standing is Standing.NOT_REQUIRED:
        return "not_required"
    return "open" if one.open else "closed"


def _line(one: Obligation, place: _Place) -> dict[str, Any]:
    deed = _deeds.get(one.rule)
    return {
        "rule": one.rule,
        "what": one.title,
        "short": called(one.rule),
        "because": one.because,
        "citation": one.citation,
        "actor": one.actor.value,
        "blocks": blocks(one.rule) if one.open else "",
        **_standing(one, place),
        "deed": {"label": deed.label, "href": f"/encounters/{place.encounter_id}{deed.path}"}
        if deed and one.open and place.may(deed.permission)
        else None,
    }


def _standing(one: Obligation, place: _Place) -> dict[str, str]:
    """Tone, the word or time that stands first, and what stands under it, in the forms of components/clock.html."""
    if one.standing is Standing.NOT_REQUIRED:
        return {"tone": "", "due": "Not required", "iso": "", "relative": "", "full": ""}
    if one.closed_at is not None:
        late = one.standing is Standing.LATE
        return {"tone": "late" if late else "done", "due": "Closed late" if late else "Closed", "iso": "",
                "relative": dated_text(one.closed_at, place.zone, place.now), "full": ""}  # fmt: skip
    if one.due_at is None:
        return {"tone": "", "due": "Later", "iso": "", "relative": "no time yet", "full": ""}
    left = one.due_at - place.now
    late = one.standing is Standing.OVERDUE
    soon = one.due_at.astimezone(place.zone).date() == place.now.astimezone(place.zone).date()
    words = f"{duration_text(-left)} late" if late else f"in {duration_text(left)}"
    return {"tone": "late" if late else "soon" if soon else "", "due": moment_text(one.due_at, place.zone, place.now),
            "iso": iso_text(one.due_at, place.zone), "relative": words,
            "full": full_text(one.due_at, place.zone)}  # fmt: skip


def _sources(one: Obligation, place: _Place) -> dict[str, Any]:
    """Where the number comes from and how the time was reckoned."""
    periods = regulations.history(one.rule)
    law = next((entry for entry in periods if entry.in_force_from.isoformat() == one.version), None)
    by_law = law is not None and law.citation == one.citation
    steps = [
        ("Runs from", place.said(one.start_at) if one.start_at else None, periods[-1].starts),
        ("Counts from", place.said(one.earliest_at) if one.earliest_at else None, "earlier evidence does not count"),
        ("Due", place.said(one.due_at) if one.due_at else None, f"in {place.zone}"),
        ("Closed by its record", place.said(one.closed_at) if one.closed_at else None, "the true time of the record"),
    ]
    return {
        "steps": [{"label": label, "at": at, "note": note} for label, at, note in steps if at],
        "allowance": str(law.allowance) if law and by_law else "",
        "link": law.link if law and by_law else "",
        "sure": SURE[one.confidence],
        "missed": blocks(one.rule) or MISSED[one.severity],
        "since": one.version,
    }


def _history(db: Reading, place: _Place) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What was said of each obligation before, in words: what changed, when, and the reason that held from then on."""
    found: dict[tuple[str, str], list[_Version]] = {}
    for one in db.rows(_Version, _VERSIONS, (place.encounter_id,)):
        found.setdefault((one.rule, one.subject), []).append(one)
    return {
        key: [
            {"at": place.said(one.made_at), "what": _change(before, one, place), "because": one.because}
            for before, one in zip([None, *rows[:-1]], rows, strict=True)
        ]
        + [{"at": place.said(rows[-1].ended_at), "what": "no longer applies", "because": ""}
           for _ in (1,) if rows[-1].ended_at is not None]
        for key, rows in found.items()
    }  # fmt: skip


def _change(before: _Version | None, now: _Version, place: _Place) -> str:
    if not now.required:
        return "not required" if before is None else "not required any more"
    due = f"due {dated_text(now.due_at, place.zone, place.now)}" if now.due_at else "owed, no time yet"
    if now.closed_at is not None and (before is None or before.closed_at is None):
        return f"closed by a record of {dated_text(now.closed_at, place.zone, place.now)}"
    if before is None:
        return due
    if before.closed_at is not None and now.closed_at is None:
        return f"open again, {due}"
    if not before.required:
        return f"required, {due}"
    return f"now {due}" if before.due_at != now.due_at else "the reason changed"


def _gone(versions: Mapping[tuple[str, str], list[dict[str, Any]]], present: set[tuple[str, str]]) -> list[Any]:
    """Obligations that were once stored and do not exist any more."""
    return [
        {"rule": rule, "what": RULES[rule].title if rule in RULES else rule, "versions": rows}
        for (rule, subject), rows in sorted(versions.items())
        if (rule, subject) not in present
    ]


def _summary(found: Sequence[Obligation], place: _Place) -> str:
    late = sum(one.standing is Standing.OVERDUE for one in found)
    today = sum(
        one.due_at is not None
        and one.standing is Standing.DUE
        and one.due_at.astimezone(place.zone).date() == place.now.astimezone(place.zone).date()
        for one in found
    )
    parts = [f"{late} overdue" if late else "", f"{today} due today" if today else "",
             f"{len(found) - late - today} later" if len(found) - late - today else ""]  # fmt: skip
    return ", ".join(part for part in parts if part) or "nothing is owed now"
