"""The standing duty that looks at stays again: days pass, diagnoses come, a deferral has its day. Safe to run twice."""

import uuid
from datetime import timedelta

from app.census.united import held_subject
from app.discharge.illness import computing as signs
from app.discharge.instruments import computing as scores
from app.discharge.instruments.known import known_of
from app.platform.work import Work, begin, everywhere, reading

WHO = everywhere("risk")
AT_ONCE = 50
TOGETHER = 200
EVERY_TIME = 1000
"""So many stays are looked at in one turn; a larger house is gone round in several turns, its cost stays the same."""
START = uuid.UUID(int=0)
AFTER_DEPARTURE = timedelta(days=3)
"""So long after departure a late message may still change a final score."""
_STAYS = """
select e.id from encounter e where e.gone_at is null and e.patient_class in ('IP', 'OBS')
  and (e.status in ('admitted', 'on_leave') or (e.status = 'discharged' and e.discharge_at > %s)) and e.id > %s
order by e.id limit %s
"""


class _Round:
    """How far this process has gone round the house."""

    after = START


def look_again() -> bool:
    """Bring scores and signs of the next stays of the house up to date, each stay in a transaction of its own.

    True when there may be more. A stay that fails does not keep the ones after this turn from theirs.
    """
    with reading(WHO) as db:
        wanted = db.values(_STAYS, (db.now - AFTER_DEPARTURE, _Round.after, EVERY_TIME))
        late: list[uuid.UUID] = []
        for begun in range(0, len(wanted), TOGETHER):
            stays = known_of(db, wanted[begun : begun + TOGETHER])
            late += dict.fromkeys([*scores.outdated(db, stays), *signs.outdated(db, stays)])
    if len(late) <= AT_ONCE:
        _Round.after = wanted[-1] if len(wanted) == EVERY_TIME else START
    for stay in late[:AT_ONCE]:
        with begin(WHO) as work:
            bring_up_to_date(work, stay)
    return len(late) > AT_ONCE


def bring_up_to_date(work: Work, encounter_id: uuid.UUID) -> bool:
    """Compute scores and signs of one stay anew and store what changed."""
    stay = held_subject(work, encounter_id)
    changed = scores.refresh(work, stay.encounter_id)
    return signs.refresh_signs(work, stay.encounter_id) or changed
