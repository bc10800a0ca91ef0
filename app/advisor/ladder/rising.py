"""The timer: a question that nobody answered in time moves to the next rung. A standing duty, safe to run twice."""

import uuid

from app.advisor.ladder.settings import ladder_on
from app.advisor.models import Escalation
from app.advisor.steps import NOT_THERE, Step, moved, step
from app.advisor.terms import EscalationAction, EscalationState, Rung
from app.census.united import subject
from app.platform.work import Work, begin, everywhere, reading

WHO = everywhere("escalations")
MOST_AT_ONCE = 50
TIMER = "Not answered in time."
_LATE = """
select x.id from escalation x where x.ended_at is null and x.state = 'waiting' and x.due_at <= %s
  and x.rung <> 'chief_medical_officer'
  and not (x.id = any(%s::uuid[])) order by x.due_at limit %s
"""


def rise_due() -> bool:
    """Move up what is late, each question in a transaction of its own. True when there may be more.

    What stands on the last rung stays there, overdue. Killed in between, the next run does the rest: a question that
    rose has a later due time, so that it is not found again.
    """
    rose = False
    stayed: list[uuid.UUID] = []
    for _ in range(MOST_AT_ONCE):
        with reading(WHO) as db:
            late = db.value(_LATE, (db.now, stayed, 1))
        if late is None:
            return False
        rose = _rise_one(late) or rose
        stayed.append(late)
    return rose


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
