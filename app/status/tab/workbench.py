"""The workbench: the paths that are open from where a stay stands, their conditions, and what they would bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.census.united import Subject
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind, Line
from app.kernel.days import local_day
from app.kernel.deadlines import Standing
from app.kernel.wording import dated_text
from app.platform.work import Reading
from app.status.changing.evidence import evidence, payer_line
from app.status.changing.kept import Change, claim_statements
from app.status.queries import Case, Where
from app.status.tab import consequences
from app.status.tab.casework import is_self_denial
from app.status.terms import ChangeKind, ChangeState, Statement, StatusState

NEAR = timedelta(hours=12)
"""How long before somebody begins to work towards a change its message may already have come."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the tab has read already."""

    stands: StatusState
    now: Where
    cases: list[Case]
    changes: Sequence[Change]
    clocks: Stay | None


def context(db: Reading, stay: Subject, held: Held) -> dict[str, Any]:
    """Paths with their conditions and consequences, changes that were completed, what was said of the claim."""
    return {
        "paths": [one for one in (_to_inpatient(held), _condition_44(db, stay, held), _self_denial(db, stay, held))
                  if one is not None],
        "done": [_done(one, held, stay, db) for one in held.changes if one.state != ChangeState.OPEN],
        "mcsn": _mcsn(held),
        "claims": [
            {"id": str(one.id), "text": Statement(one.statement).label, "by": one.said_by,
             "at": dated_text(one.said_at, stay.zone, db.now)}
            for one in claim_statements(db, stay.encounter_id)
        ],
    }  # fmt: skip


def _open(held: Held, kind: ChangeKind) -> Change | None:
    return next((one for one in held.changes if one.kind == kind and one.state == ChangeState.OPEN), None)


def _brings(held: Held, kind: ChangeKind) -> list[dict[str, Any]]:
    if held.clocks is None:
        return []
    found = consequences.notices_after(held.clocks.facts, kind)
    return [{"title": one.title, "required": one.required, "because": one.because} for one in found]


def _path(kind: ChangeKind, held: Held) -> dict[str, Any]:
    running = _open(held, kind)
    return {
        "kind": kind.value, "title": kind.label, "id": str(running.change_id) if running else "",
        "notices": _brings(held, kind), "bills": consequences.BILLS[kind], "conditions": [], "missing": [],
        "instead": "", "may_begin": running is None, "may_complete": False, "why": "",
    }  # fmt: skip


def _to_inpatient(held: Held) -> dict[str, Any] | None:
    """Offered to who is here and no inpatient."""
    if held.stands not in (StatusState.OBSERVATION, StatusState.OUTPATIENT, StatusState.CHANGED_BACK):
        return None
    path = _path(ChangeKind.TO_INPATIENT, held)
    why = "A practitioner with admitting privileges writes the order; registration then sends the change of class."
    return path | {"why": why, "may_complete": bool(path["id"])}


def _condition_44(db: Reading, stay: Subject, held: Held) -> dict[str, Any] | None:
    """Offered for an inpatient; shown on, with what refuses it, where one that is open cannot be completed any more."""
    running = _open(held, ChangeKind.CONDITION_44)
    if held.stands is not StatusState.INPATIENT and running is None:
        return None
    found = evidence(db, stay, held.cases)
    path = _path(ChangeKind.CONDITION_44, held)
    return path | {
        "conditions": [
            {"text": one.text, "held": one.held, "shown": found.shown.get(one.key, "") if one.held else "",
             "missing": one.missing}
            for one in found.conditions
        ],
        "missing": found.missing,
        "instead": found.other_way,
        "may_begin": running is None and not found.other_way,
        "may_complete": running is not None and not found.missing,
        "why": "Every condition is ticked by its record. Attending and nurse alone cannot do it.",
    }  # fmt: skip


def _self_denial(db: Reading, stay: Subject, held: Held) -> dict[str, Any] | None:
    """Offered after the discharge of an inpatient under original Medicare."""
    left = held.now.left_at
    if left is None or not held.now.inpatient:
        return None
    line = payer_line(held.clocks.lines(held.clocks.today)) if held.clocks is not None else Line.OTHER
    denied = any(is_self_denial(one) for one in held.cases)
    day = consequences.last_filing_day(local_day(left, stay.zone), local_day(db.now, stay.zone))
    instead = "" if line is Line.MEDICARE_FFS else "The payer is not original Medicare: use its process. Payer tab."
    return {
        "kind": "self_denial", "title": "Self-denial after discharge", "id": "", "notices": [],
        "bills": (*consequences.SELF_DENIAL_BILLS, f"Last day to file: {day}, a year after the discharge."),
        "conditions": [], "missing": [], "instead": instead, "may_begin": False, "may_complete": False,
        "why": "Determined. The claims are filed by billing." if denied else
        "The committee determines as for any other stay: practitioner heard, one or two members, three notices.",
    }  # fmt: skip


def _done(one: Change, held: Held, stay: Subject, db: Reading) -> dict[str, Any]:
    """A change that was completed or given up; a completed one waits for registration, or was matched."""
    kind, state = ChangeKind(one.kind), ChangeState(one.state)
    said, tone = one.note, "gray"
    if state is ChangeState.COMPLETED:
        matched, at = match(kind, held, one.begun_at)
        when = f" {dated_text(at, stay.zone, db.now)}" if at is not None else ""
        if matched:
            said, tone = f"Matched by registration's message: class changed{when}.", "green"
        else:
            said, tone = "Waiting for registration's message with the new class.", "amber"
    return {
        "id": str(one.change_id), "title": kind.label, "state": state.label, "tone": tone, "said": said,
        "order": f"Order {one.order_number} of {one.ordered_by}".replace("Order  of", "Order of"),
        "ordered": dated_text(one.ordered_at, stay.zone, db.now) if one.ordered_at else "",
        "effective": dated_text(one.effective_at, stay.zone, db.now) if one.effective_at else "",
        "reason": one.reason, "by": one.completed_by, "completed": state is ChangeState.COMPLETED,
    }  # fmt: skip


def match(kind: ChangeKind, held: Held, begun_at: datetime) -> tuple[bool, datetime | None]:
    """Whether the class is what the change wanted, and since when.

    Registration often gives the change an instant a little before the order was recorded here; a change of another day
    is another one.
    """
    inpatient = kind is ChangeKind.TO_INPATIENT
    wanted = EventKind.INPATIENT_ORDER if inpatient else EventKind.STATUS_TO_OBSERVATION
    found = held.clocks.after(begun_at - NEAR, wanted) if held.clocks is not None else None
    if found is not None:
        return True, found.at
    return held.now.inpatient is inpatient, None


def _mcsn(held: Held) -> dict[str, str] | None:
    """Whether the Medicare Change of Status Notice is due, and when it comes to be."""
    if held.clocks is None:
        return None
    found = consequences.notice_now(held.clocks.facts, "N-MCSN")
    if found is None:
        return None
    required = found.standing is not Standing.NOT_REQUIRED
    return {"required": "yes" if required else "", "because": found.because}
