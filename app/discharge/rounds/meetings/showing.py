"""Conferences and the list of complex cases in words."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.discharge.plan.queries import BarrierRow
from app.discharge.rounds import queries
from app.discharge.rounds.board.queries import Bed
from app.discharge.rounds.queries import ActionVersion, CaseRow, CaseVersion, Held, Noted
from app.discharge.rounds.terms import ActionState, CaseState
from app.kernel.wording import dated_text, duration_text
from app.platform.work import Reading


def held_words(one: Held, zone: ZoneInfo, db: Reading) -> dict[str, Any]:
    """A conference as a line of the list."""
    return {
        "id": str(one.id),
        "when": dated_text(one.held_at, zone, db.now),
        "people": one.people,
        "by": one.made_by or "the program",
        "notes": one.notes,
    }


def sheet(
    beds: Sequence[Bed], notes: Mapping[UUID, Noted], tasks: Sequence[ActionVersion], zone: ZoneInfo, db: Reading
) -> list[dict[str, Any]]:
    """One line for each stay of the unit: what was said, and what is to be done."""
    return [
        {
            "id": str(bed.id),
            "bed": bed.place,
            "name": ", ".join(part for part in (bed.family, bed.given) if part),
            "said": notes[bed.id].said if bed.id in notes else "",
            "actions": [
                {"what": one.what, "owner": one.owner, "due": dated_text(one.due_at, zone, db.now),
                 "late": one.due_at < db.now}
                for one in tasks if one.encounter_id == bed.id and one.state is ActionState.OPEN
            ],
        }
        for bed in beds
    ]  # fmt: skip


def case_lines(
    rows: Sequence[CaseRow], steps: Mapping[UUID, Sequence[CaseVersion]], barriers: Mapping[UUID, Sequence[BarrierRow]],
    zone: ZoneInfo, db: Reading,
) -> list[dict[str, Any]]:  # fmt: skip
    """The list of complex cases: what is due first stands first, then what is only proposed."""
    lines = [_case(one, list(steps.get(one.encounter_id, ())), barriers.get(one.encounter_id, ()), zone, db)
             for one in rows]  # fmt: skip
    return sorted(lines, key=lambda line: (not line["listed"], line["order"], line["place"]))


def _case(
    row: CaseRow, steps: list[CaseVersion], barriers: Sequence[BarrierRow], zone: ZoneInfo, db: Reading
) -> dict[str, Any]:
    standing = [one for one in steps if one.ended_at is None]
    state = queries.case_state(steps)
    last = standing[-1] if standing and state is not CaseState.CLOSED else None
    due = last.due_at if last else None
    return {
        "id": str(row.encounter_id),
        "name": row.name,
        "place": " ".join(part for part in (row.unit, row.place) if part),
        "here": duration_text(db.now - row.start_at) if row.start_at else "",
        "listed": row.listed,
        "owner": last.owner if last else "",
        "barrier": (last.barrier if last else "") or (barriers[0].words if barriers else ""),
        "next_step": last.next_step if last else "",
        "due": dated_text(due, zone, db.now) if due else "",
        "late": due is not None and due < db.now,
        "order": due.timestamp() if due else 0.0,
    }
