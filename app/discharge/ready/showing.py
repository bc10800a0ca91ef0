"""The three times of a departure in words: medically ready, order written, departed. They stay apart everywhere."""

import uuid
from datetime import datetime, tzinfo
from typing import Any

from app.census.united import Subject
from app.discharge.ready.queries import Statement, statements
from app.discharge.ready.rules import BEGINS, ENDS, LANE, since
from app.discharge.ready.terms import Lane, StatementKind
from app.kernel.wording import brief_text, duration_text, moment_text
from app.platform.work import Reading


def three_times(
    ready: datetime | None, ordered: datetime | None, left: datetime | None, zone: tzinfo, now: datetime
) -> str:
    """`Ready Tue 14:00 · order Wed 09:10 · still here`."""
    parts = [f"ready {brief_text(ready, zone, now)}" if ready else "not ready",
             f"order {brief_text(ordered, zone, now)}" if ordered else "no order",
             f"left {brief_text(left, zone, now)}" if left else "still here"]  # fmt: skip
    text = " · ".join(parts)
    return text[0].upper() + text[1:]


def ready_words(db: Reading, stay: Subject, left: datetime | None, me: uuid.UUID) -> dict[str, Any]:
    """What the tab shows of readiness: the three times, what may be said now, and every statement."""
    kept = statements(db, [stay.encounter_id], struck_out=True)
    standing = [one.stated for one in kept if one.stands]
    ready, ordered = since(standing, Lane.READINESS), since(standing, Lane.ORDER)
    last = {LANE[one.kind]: one.id for one in kept if one.stands}
    return {
        "line": three_times(ready, ordered, left, stay.zone, db.now),
        "ready": moment_text(ready, stay.zone, db.now) if ready else "",
        "ready_for": duration_text((left or db.now) - ready) if ready else "",
        "ordered": moment_text(ordered, stay.zone, db.now) if ordered else "",
        "left": moment_text(left, stay.zone, db.now) if left else "",
        "next": [_deed(Lane.READINESS, held=ready is not None), _deed(Lane.ORDER, held=ordered is not None)],
        "statements": [_words(one, stay, db.now, last, me) for one in reversed(kept)],
        "physicians": list(dict.fromkeys(one.physician for one in kept)),
    }


def _deed(lane: Lane, *, held: bool) -> dict[str, Any]:
    kind = ENDS[lane] if held else BEGINS[lane]
    labels = {
        StatementKind.READY: "Ready now", StatementKind.NOT_READY: "Not ready any more",
        StatementKind.ORDERED: "Order written", StatementKind.WITHDRAWN: "Order withdrawn",
    }  # fmt: skip
    return {"kind": kind.value, "label": labels[kind], "ends": held}


def _words(one: Statement, stay: Subject, now: datetime, last: dict[Lane, uuid.UUID], me: uuid.UUID) -> dict[str, Any]:
    by = f"on the word of {one.physician}, recorded by {one.made_by_name or 'the program'}"
    return {
        "id": str(one.id),
        "label": one.kind.label,
        "at": moment_text(one.at, stay.zone, now),
        "by": by if one.on_word else one.physician,
        "reason": one.reason,
        "stands": one.stands,
        "struck": f"struck out by {one.ended_by_name}: {one.ended_reason}" if not one.stands else "",
        "may_strike": one.stands and last.get(LANE[one.kind]) == one.id,
        "own": one.made_by == me and not one.on_word,
    }
