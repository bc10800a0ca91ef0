"""The checklist and the packets in words: what the tab, the overview, the brief and packets show."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.united import Subject, subject
from app.discharge.departure import queries, rules
from app.discharge.departure.commands import PLANNED, WITH_WHOM
from app.discharge.departure.queries import Checklist, Line, Mark, Packet, PacketStep
from app.discharge.departure.terms import Channel, Item, ItemState, PacketState, Part
from app.kernel.days import local_day
from app.kernel.transitions import actions
from app.kernel.wording import dated_text, day_text, full_text, iso_text
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.forms import FormState
from app.web.packets import Block, Section, Table

PLACE = 80
_CHIPS = {
    ItemState.DONE: ("done", "green", "check"),
    ItemState.NOT_NEEDED: ("not needed", "gray", "minus"),
    ItemState.WITHOUT: ("left without", "amber", "alert"),
}
_PACKET_CHIPS = {
    PacketState.MADE: ("gray", "doc"), PacketState.SENT: ("green", "mail"), PacketState.RECEIVED: ("green", "check"),
    PacketState.WITHDRAWN: ("gray", "x"),
}  # fmt: skip
WHERE = {
    Item.NOTICES: ("Notices", "/notices"), Item.CHOICE: ("Choice", "/choice"),
    Item.PACKET: ("Packet", "/departure#handoff"),
    Item.TEACH_BACK: ("Teaching", "/teaching"), Item.MEDICINES: ("Plan", "/plan"), Item.EQUIPMENT: ("Plan", "/plan"),
    Item.TRANSPORT: ("Plan", "/plan"), Item.PASRR: ("Conditions", "/bookings#conditions"),
    Item.ACCEPTED: ("Conditions", "/bookings#conditions"), Item.CERTIFIED: ("Conditions", "/bookings#conditions"),
}  # fmt: skip
"""Where the record is made that closes an item."""


def instant_words(at: datetime, zone: ZoneInfo, now: datetime) -> dict[str, str]:
    """An instant as a `<time>` shows it."""
    return {"text": dated_text(at, zone, now), "iso": iso_text(at, zone), "full": full_text(at, zone)}


def tab_context(db: Reading, stay: Subject, form: FormState) -> dict[str, Any]:
    """The checklist and the packets. `form` is one that could not be carried out, if any."""
    found = queries.checklist(db, stay.encounter_id)
    return {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "head": head_words(found, db, stay),
        "items": [item_words(one, found, db, stay) for one in found.lines],
        "open": len(found.open),
        "earlier": [_earlier(one, db, stay) for one in queries.history(db, stay.encounter_id) if one.ended_at],
        "packets": [packet_words(one, db, stay) for one in queries.packets(db, stay.encounter_id)],
        "channels": [{"value": one.value, "label": one.label} for one in Channel],
    }


def head_words(found: Checklist, db: Reading, stay: Subject) -> dict[str, Any]:
    """Where the patient goes, when, and whether they have left."""
    head, today = found.head, local_day(db.now, stay.zone)
    left = head.left_at
    return {
        "going": head.destination.label if head.destination else "",
        "expected": day_text(head.expected_on, today) if head.expected_on else "",
        "left": instant_words(left, stay.zone, db.now) if left else None,
    }


def item_words(line: Line, found: Checklist, db: Reading, stay: Subject) -> dict[str, Any]:
    """One item: its state, what shows it, and what can be said of it."""
    item, state, left = line.standing.item, line.standing.state, found.head.left_at is not None
    open_chip = ("left without: no reason yet", "red", "alert") if left else ("open", "amber", "clock")
    chip = _CHIPS.get(state, open_chip)
    where = WHERE.get(item)
    return {
        "item": item.value,
        "name": item.label,
        "chip": {"text": chip[0], "tone": chip[1], "icon": chip[2]},
        "open": line.standing.open,
        "detail": _detail(line, db, stay),
        "where": {"label": where[0], "href": f"/encounters/{stay.encounter_id}{where[1]}"} if where else None,
        "said": line.mark is not None and line.standing.proof is None,
        "tickable": item not in rules.CLOSED_BY_EVIDENCE,
        "asks_whom": item in WITH_WHOM or item in PLANNED,
        "asks_when": item in PLANNED,
        "whom": {Item.APPOINTMENT: "With whom", Item.SUMMARY: "Sent to", Item.TRANSPORT: "By whom",
                 Item.ACCEPTED: "Accepted by", Item.CERTIFIED: "Physician"}.get(item, ""),
        "left": left,
    }  # fmt: skip


def _detail(line: Line, db: Reading, stay: Subject) -> str:
    """What shows the state, in one line."""
    if line.standing.proof is not None:
        return f"by its own record, {dated_text(line.standing.proof, stay.zone, db.now)}"
    if line.mark is None:
        return "nothing is owed" if line.standing.state is ItemState.NOT_NEEDED else ""
    return mark_words(line.mark, stay.zone, db.now)


def mark_words(mark: Mark, zone: ZoneInfo, now: datetime) -> str:
    """What was said of an item: `Dr Moss, Thu 12 Mar 10:00; recorded Thu 5 Mar 09:41 by Dana Whitlow`."""
    planned = dated_text(mark.planned_at, zone, now) if mark.planned_at else ""
    by = mark.done_by or mark.made_by or "the program"
    said = ", ".join(part for part in (mark.with_whom, planned) if part)
    told = f"{dated_text(mark.at, zone, now)} by {by}"
    return "; ".join(part for part in (mark.reason, said, told) if part)


def _earlier(mark: Mark, db: Reading, stay: Subject) -> dict[str, str]:
    assert mark.ended_at is not None, "only what was taken back is shown so"
    ended = f"ended {dated_text(mark.ended_at, stay.zone, db.now)} by {mark.ended_by or 'the program'}"
    words = f"{Item(mark.item).label}: {ItemState(mark.state).label}; {mark_words(mark, stay.zone, db.now)}"
    return {"text": words, "ended": ended}


def packet_words(one: Packet, db: Reading, stay: Subject) -> dict[str, Any]:
    """A packet with its way and what can be done with it."""
    state = one.state
    tone, picture = _PACKET_CHIPS[state]
    absent = [Part(part) for part in one.absent]
    gaps = rules.blocks_release({part for part in absent if part is not Part.RECIPIENT})
    return {
        "id": str(one.id),
        "made": instant_words(one.made_at, stay.zone, db.now),
        "by": one.made_by or "the program",
        "recipient": one.recipient,
        "chip": {"text": state.label, "tone": tone, "icon": picture},
        "stands": state is not PacketState.WITHDRAWN,
        "digest": one.digest[:16],
        "sections": ", ".join(str(part["title"]) for part in one.manifest.get("sections", ())),
        "missing": ", ".join(part.label.lower() for part in absent),
        "gaps": ", ".join(part.label.lower() for part in gaps),
        "steps": [step_words(step, db, stay) for step in one.steps],
        "may": [action.value for action in actions(rules.PACKET_LIFE, state)],
    }


def step_words(step: PacketStep, db: Reading, stay: Subject) -> str:
    """`Released to Oak Hill by fax, Thu 5 Mar 10:12, by Dana Whitlow: family waits`."""
    when, by = dated_text(step.at, stay.zone, db.now), step.made_by or "the program"
    what = {"release": "Released", "confirm": "Received", "withdraw": "Withdrawn"}[step.action]
    to = f" to {step.recipient}, {Channel(step.channel).label.lower()}" if step.channel else ""
    return f"{what}{to}, {when}, by {by}" + (f": {step.reason}" if step.reason else "")


def card_context(db: Reading, _viewer: Viewer, stay_id: uuid.UUID) -> Mapping[str, Any]:
    """The card of the overview: what is still open, once it is known where the patient goes or that they left."""
    stay = subject(db, stay_id)
    found = queries.checklist(db, stay.encounter_id)
    head = head_words(found, db, stay)
    return {
        "stay_id": str(stay.encounter_id),
        "shown": bool(head["going"] or head["expected"] or head["left"]),
        "head": head,
        "open": [item.label for item in found.open],
        "count": len(found.lines),
    }


def brief_lines(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """What the hand-off between colleagues says: open items of patients who leave today or tomorrow, or who left."""
    zones = dict(db.rows(_pair, "select e.id, f.timezone from encounter e join facility f on f.id = e.facility_id"
                                " where e.id = any(%s)", (list(stays),)))  # fmt: skip
    found = {}
    for stay, one in queries.checklists(db, stays).items():
        today = local_day(db.now, ZoneInfo(zones[stay]))
        if one.open and (one.head.left_at is not None or _near(one.head.expected_on, today)):
            found[stay] = [f"Open before departure: {', '.join(item.label.lower() for item in one.open)}"]
    return found


def _near(expected: date | None, today: date) -> bool:
    return expected is not None and (expected - today).days <= 1


def _pair(stay: uuid.UUID, zone: str) -> tuple[uuid.UUID, str]:
    return stay, zone


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """What a packet says of the checklist: items that are settled, with who and when."""
    stay = subject(db, encounter_id)
    zone = stay.zone
    rows = []
    for one in queries.checklist(db, stay.encounter_id).lines:
        if one.standing.proof is not None:
            rows.append((one.standing.item.label, "done", full_text(one.standing.proof, zone)))
        elif one.mark is not None:
            rows.append((one.standing.item.label, one.standing.state.label, mark_words(one.mark, zone, db.now)))
    if not rows:
        return []
    return [Section("departure", "Before departure", PLACE, [Block(table=Table(("Item", "State", "What"), rows))])]
