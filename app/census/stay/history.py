"""The history of a stay in sentences: what was recorded about it, and who saw it."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

import msgspec

from app.census.stay.figure import class_word, place_text
from app.census.stay.words import disposition_text
from app.kernel.wording import brief_text, full_text, iso_text
from app.platform.work import Reading

PAGE = 50
SEEN_DAYS = 14  # how far back the list of readers goes; the privacy officer's own pages go further
SEEN_MOST = 100
Facts = Mapping[str, Any]


class Happened(msgspec.Struct, frozen=True):
    """One recorded event."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    name: str
    facts: dict[str, Any]


class Seen(msgspec.Struct, frozen=True):
    """One person who saw the patient's pages, how often and when last."""

    name: str
    kind: str
    times: int
    last_at: datetime


_EVENTS = """
select a.id, a.at, a.actor, coalesce(u.display_name, ''), a.name, a.facts
from audit_event a left join app_user u on u.id = a.actor_id
where a.encounter_id = %(stay)s and (%(until)s::timestamptz is null or a.at <= %(until)s)
  and (%(before)s = 0 or (a.at, a.id) < (select b.at, b.id from audit_event b where b.id = %(before)s))
order by a.at desc, a.id desc limit %(most)s
"""
_SEEN = """
select coalesce(u.display_name, a.actor), a.kind, count(*), max(a.at)
from phi_access a left join app_user u on u.id = a.actor_id
where a.at >= %(since)s and (%(until)s::timestamptz is null or a.at <= %(until)s)
  and a.patients @> array[%(patient)s::uuid]
group by 1, 2 order by 4 desc limit %(most)s
"""


def happened(db: Reading, encounter_id: uuid.UUID, before: int = 0) -> tuple[list[Happened], int]:
    """One page of events, newest first, and where the next page begins (0 at the end)."""
    found = db.rows(Happened, _EVENTS, {"stay": encounter_id, "before": before, "most": PAGE + 1, "until": db.as_of})
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else 0


def seen_by(db: Reading, patient_id: uuid.UUID) -> list[Seen]:
    """Who saw the patient in the last two weeks, latest first."""
    since = db.now - timedelta(days=SEEN_DAYS)
    return db.rows(Seen, _SEEN, {"since": since, "patient": patient_id, "most": SEEN_MOST, "until": db.as_of})


def _class_changed(facts: Facts) -> str:
    before, after = class_word(_text(facts, "before")), class_word(_text(facts, "after"))
    return f"Class changed from {before.lower()} to {after.lower()}"


def _moved(facts: Facts) -> str:
    before, after = place_text(_text(facts, "before"), {}), place_text(_text(facts, "after"), {})
    if not after:
        return f"No longer in a bed (was {before})" if before else "No longer in a bed"
    return f"Moved from {before} to {after}" if before else f"Placed in {after}"


def _discharged(facts: Facts) -> str:
    where = disposition_text(_text(facts, "disposition"))
    return f"Discharged: {where}" if where else "Discharged"


def _updated(facts: Facts) -> str:
    names = facts.get("changed") or []
    return "Updated: " + ", ".join(str(name).replace("_", " ") for name in names) if names else "Updated"


def _text(facts: Facts, name: str) -> str:
    return str(facts.get(name) or "")


SENTENCES: dict[str, Callable[[Facts], str]] = {
    "encounter.admitted": lambda facts: (
        f"Stay opened, {class_word(_text(facts, 'patient_class')).lower()}"
        + (", admission not received" if facts.get("inferred") else "")
    ),
    "encounter.class_changed": _class_changed,
    "patient.moved": _moved,
    "encounter.leave_changed": lambda facts: "Went on leave, bed held" if facts.get("on_leave") else "Back from leave",
    "encounter.discharged": _discharged,
    "encounter.discharge_cancelled": lambda _facts: "Discharge cancelled, the stay is open again",
    "encounter.cancelled": lambda _facts: "Stay cancelled",
    "encounter.updated": _updated,
    "encounter.reassigned": lambda _facts: "Stay moved to another patient's number",
    "patient.merged": lambda _facts: "Patient numbers merged",
    "patient.unmerged": lambda _facts: "Merge of patient numbers taken back",
    "stay.protected": lambda facts: f"Marked as protected ({_text(facts, 'sensitivity')}): {_text(facts, 'reason')}",
    "stay.unprotected": lambda facts: f"Protection taken away: {_text(facts, 'reason')}",
}


def sentence(event: Happened) -> str:
    """What happened, in words. An event of a feature that has no sentence here is read out from its name."""
    known = SENTENCES.get(event.name)
    if known is not None:
        return known(event.facts)
    noun, _, verb = event.name.partition(".")
    return f"{noun} {verb}".replace("_", " ").capitalize()


def who(event: Happened) -> str:
    """The person, or the part of the program."""
    return event.actor_name or {"adt": "Patient-movement feed"}.get(event.actor, event.actor)


def lines(events: list[Happened], zone: tzinfo, now: datetime) -> list[dict[str, str]]:
    """The events for the timeline of components/timeline.html."""
    return [
        {"at": brief_text(one.at, zone, now), "iso": iso_text(one.at, zone), "full": full_text(one.at, zone),
         "what": sentence(one), "detail": who(one)}
        for one in events
    ]  # fmt: skip
