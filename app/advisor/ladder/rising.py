"""The timer: a question that nobody answered in time moves to the next rung. A standing duty, safe to run twice.

One that waits for an attending who does not answer in time goes back to its rung first.
"""

import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from app.advisor.ladder.settings import ladder_on
from app.advisor.models import Escalation
from app.advisor.steps import NOT_THERE, Step, back_to_rung, moved, step
from app.advisor.terms import EscalationAction, EscalationState, Rung
from app.census.united import subject
from app.kernel.days import local_day
from app.platform.work import Reading, Work, begin, everywhere, reading

WHO = everywhere("escalations")
MOST_AT_ONCE = 50
TIMER = "Not answered in time."
SILENT = "The attending has not answered in time."
_LATE = """
select x.id, x.facility_id, x.rung, f.timezone from escalation x join facility f on f.id = x.facility_id
where x.ended_at is null and x.state = 'waiting' and x.due_at <= %s and x.rung <> 'chief_medical_officer'
order by x.due_at
"""
_SILENT = """
select x.id from escalation x where x.ended_at is null and x.state = 'with_attending' and not exists (
  select from attending_message m where m.escalation_id = x.escalation_id and m.ended_at is null and m.due_at > %s
    and not exists (select from attending_reply r where r.message_id = m.id and r.ended_at is null))
order by x.made_at
"""


class _Late(msgspec.Struct):
    version: uuid.UUID
    facility_id: int
    rung: str
    timezone: str


def rise_due() -> bool:
    """Move up what is late, each question in a transaction of its own. True when there may be more.

    What stands on the last rung of its ladder stays there, overdue, and keeps nothing else from rising. Killed in
    between, the next run does the rest: a question that rose has a later due time, so that it is not found again.
    """
    with reading(WHO) as db:
        silent = db.values(_SILENT, (db.now,))
        late = _below_the_top(db, db.rows(_Late, _LATE, (db.now,)))
    for version in silent[:MOST_AT_ONCE]:
        _take_back_one(version)
    for version in late[:MOST_AT_ONCE]:
        _rise_one(version)
    return max(len(silent), len(late)) > MOST_AT_ONCE


def _below_the_top(db: Reading, late: Sequence[_Late]) -> list[uuid.UUID]:
    """Those for which the ladder of their facility has another rung today."""
    ladders = {
        facility_id: ladder_on(db, facility_id, local_day(db.now, ZoneInfo(timezone)))
        for facility_id, timezone in {(one.facility_id, one.timezone) for one in late}
    }
    return [one.version for one in late if ladders[one.facility_id].after(Rung(one.rung)) is not None]


def _take_back_one(version: uuid.UUID) -> None:
    with begin(WHO) as work:
        held = work.lock(Escalation, version, NOT_THERE)
        if held.ended_at is None and held.state == EscalationState.WITH_ATTENDING:
            moved(work, back_to_rung(work, held, SILENT))


def _rise_one(version: uuid.UUID) -> bool:
    with begin(WHO) as work:
        held = work.lock(Escalation, version, NOT_THERE)
        still = held.ended_at is None and held.state == EscalationState.WAITING
        if not still or held.due_at is None or held.due_at > work.now:
            return False
        return raise_to_next(work, held, TIMER) is not None


def raise_to_next(work: Work, held: Escalation, why: str) -> Escalation | None:
    """Move a question that is held to the next rung, for anybody there; None where it is on the last one."""
    stay = subject(work, held.encounter_id)
    ladder = ladder_on(work, held.facility_id, stay.day(work.now))
    above = ladder.after(Rung(held.rung))
    if above is None:
        return None
    change = (("rung", above.value), ("due_at", ladder.due(above, work.now)), ("holder_id", None))
    made = step(work, held, Step(EscalationAction.RISE, why, change))
    moved(work, made)
    return made
