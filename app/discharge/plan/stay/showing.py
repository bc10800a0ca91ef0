"""The plan of a stay in words, ready to show."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from app.census.united import Subject, subject
from app.discharge.plan import queries
from app.discharge.plan.barriers.showing import barrier_choices, barrier_words
from app.discharge.plan.items.queries import items
from app.discharge.plan.items.showing import item_choices, item_words
from app.discharge.plan.lights.queries import lights_of
from app.discharge.plan.queries import Expected, Going, Look
from app.discharge.plan.stay.history import accuracy_text, history, moved_text
from app.discharge.plan.terms import Confidence, DateReason, ItemPart, ItemState
from app.discharge.ready.showing import ready_words
from app.discharge.terms import DESTINATIONS, Light
from app.kernel.days import local_day
from app.kernel.wording import brief_text, day_text, duration_text, full_text, moment_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormState

PLAN, READY = Permission.PLAN_WRITE, Permission.READY_SET
SHORTCUTS = ((0, "Today", "0"), (1, "Tomorrow", "1"), (2, "T+2", "2"), (3, "T+3", "3"), (7, "In a week", "7"))
"""Days from today with label and key."""


class FeedWord(msgspec.Struct, frozen=True):
    """What the census knows of the departure: expected by the feed, and the departure itself."""

    expected_at: datetime | None
    discharge_at: datetime | None
    here: bool
    attending: str


_FEED = """
select expected_discharge_at, case when status = 'discharged' then discharge_at end,
  status in ('admitted', 'on_leave', 'registered', 'preadmit'), attending_name from encounter where id = %s
"""


def feed_word(db: Reading, stay: Subject) -> FeedWord:
    """What the census knows of the departure."""
    return db.one(FeedWord, _FEED, (stay.encounter_id,))


def tab(db: Reading, viewer: Viewer, stay_id: uuid.UUID) -> dict[str, Any]:
    """Everything that the tab shows."""
    stay = subject(db, stay_id)
    feed, today = feed_word(db, stay), stay.day(db.now)
    now_here = db.as_of is None
    may_plan = now_here and stay.facility_id in viewer.facilities_with(PLAN)
    expected, going = queries.expected_date(db, stay.encounter_id), queries.disposition(db, stay.encounter_id)
    dates = queries.expected_dates(db, [stay.encounter_id], ended=True)
    shown = [barrier_words(one, stay, db.now) for one in queries.barriers(db, [stay.encounter_id])]
    written = [item_words(one, stay, db.now) for one in items(db, [stay.encounter_id])]
    looked = queries.looks(db, [stay.encounter_id])
    return {
        "stay_id": str(stay.encounter_id),
        "today": today.isoformat(),
        "here": feed.here,
        "may_plan": may_plan,
        "may_ready": now_here and stay.facility_id in viewer.facilities_with(READY),
        "expected": expected_words(expected, stay, db.now),
        "feed": feed_text(feed, expected, stay, today),
        "moved": moved_text(dates),
        "accuracy": accuracy_text(dates, feed.discharge_at, stay) if feed.discharge_at else "",
        "going": going_words(going, stay, db.now),
        "ready": ready_words(db, stay, feed.discharge_at, viewer.user_id),
        "lights": lights_words(db, stay.encounter_id),
        "barriers": [one for one in shown if one["stands"]],
        "past_barriers": [one for one in shown if not one["stands"]],
        "parts": _parts(written),
        "look": look_words(looked, stay, db.now),
        "history": history(db, stay),
    } | choices(stay, db.now, feed.attending) | barrier_choices(db, stay, db.now) | item_choices()  # fmt: skip


def choices(stay: Subject, now: datetime, attending: str = "") -> dict[str, Any]:
    """What the forms of date, disposition and readiness offer."""
    today = stay.day(now)
    return {
        "attending": attending,
        "shortcuts": [
            {"days": str(days), "label": label, "key": key, "day": day_text(today + timedelta(days=days), today)}
            for days, label, key in SHORTCUTS
        ],
        "confidences": [{"value": one.value, "label": one.label} for one in Confidence],
        "date_reasons": [{"value": one.value, "label": one.label} for one in DateReason],
        "destinations": [{"value": "", "label": "Choose a place"}, *destinations()],
        "backups": [{"value": "", "label": "None"}, *destinations()],
    }


def destinations() -> list[dict[str, str]]:
    """The places to go to, as a form offers them."""
    return [{"value": one.value, "label": one.label} for one in DESTINATIONS]


def expected_words(one: Expected | None, stay: Subject, now: datetime) -> dict[str, str] | None:
    """The expected date that stands, with who set it, how sure it is, and whether it is over."""
    if one is None:
        return None
    today = stay.day(now)
    why = one.detail or (one.because.label.lower() if one.because is not DateReason.NOT_SAID else "")
    by = f"{one.made_by_name or 'the program'}, {moment_text(one.made_at, stay.zone, now)}"
    return {"id": str(one.id), "iso": one.expected_on.isoformat(), "text": near_day(one.expected_on, today),
            "day": day_text(one.expected_on, today), "late": "passed" if one.expected_on < today else "",
            "sure": one.confidence.label.lower(), "confidence": one.confidence.value, "because": one.because.value,
            "detail": one.detail, "why": why, "by": by}  # fmt: skip


def near_day(day: date, today: date) -> str:
    """`Today`, `Tomorrow`, else the day."""
    return {0: "Today", 1: "Tomorrow"}.get((day - today).days, day_text(day, today))


def feed_text(feed: FeedWord, expected: Expected | None, stay: Subject, today: date) -> str:
    """What the feed expects, where the plan says nothing or something else."""
    if feed.expected_at is None:
        return ""
    day = local_day(feed.expected_at, stay.zone)
    if expected is not None and expected.expected_on == day:
        return ""
    return day_text(day, today)


def going_words(one: Going | None, stay: Subject, now: datetime) -> dict[str, str] | None:
    """The disposition that stands."""
    if one is None:
        return None
    by = f"{one.made_by_name or 'the program'}, {moment_text(one.made_at, stay.zone, now)}"
    return {"id": str(one.id), "to": one.to.value, "label": one.to.label, "detail": one.detail,
            "backup": one.backup.value if one.backup else "", "backup_label": one.backup.label if one.backup else "",
            "agreed_with": one.agreed_with, "by": by}  # fmt: skip


def lights_words(db: Reading, encounter_id: uuid.UUID) -> list[dict[str, str]]:
    """The lights with shape, word and sentence."""
    return [
        {"name": one.name.label, "shape": one.state.shape, "word": one.state.label, "why": one.why,
         "green": "yes" if one.state is Light.GREEN else ""}
        for one in lights_of(db, [encounter_id]).get(encounter_id, [])
    ]  # fmt: skip


def look_words(looked: Sequence[Look], stay: Subject, now: datetime) -> dict[str, str] | None:
    """When somebody last looked at the plan."""
    if not looked:
        return None
    last = looked[-1]
    return {
        "id": str(last.id),
        "at": brief_text(last.made_at, stay.zone, now),
        "full": full_text(last.made_at, stay.zone),
        "ago": duration_text(now - last.made_at),
        "by": last.made_by_name or "the program",
        "note": last.note,
    }


def _parts(written: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Milestones, tasks and goals, each with what stands and what does not."""
    titles = {ItemPart.MILESTONE: "Milestones", ItemPart.TASK: "Tasks", ItemPart.GOAL: "Goals"}
    found = []
    for part, title in titles.items():
        own = [one for one in written if one["part"] == part.value]
        standing = [one for one in own if one["state"] in (ItemState.OPEN.value, ItemState.DONE.value)]
        found.append({
            "part": part.value, "title": title, "one": part.label.lower(), "standing": standing,
            "gone": [one for one in own if one not in standing],
            "open": sum(one["state"] == ItemState.OPEN.value for one in own), "all": len(standing),
        })  # fmt: skip
    return found


def date_form(expected: Expected | None, stay: Subject) -> FormState:
    """The form of the expected date, filled with what stands."""
    given = {"confidence": Confidence.LIKELY.value, "because": DateReason.NOT_SAID.value}
    if expected is not None:
        given = {"expected_on": expected.expected_on.isoformat(), "confidence": expected.confidence.value,
                 "because": DateReason.NOT_SAID.value}  # fmt: skip
    return FormState(given=given, id=f"d{stay.encounter_id}")
