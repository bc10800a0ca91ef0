"""What decides which days of stays can be lost: presence from the census, readiness and appeals from the clocks."""

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from app.avoidable_days.drafts.rules import appeal_spans, ready_spans
from app.avoidable_days.rules import Span, StayDays
from app.clocks.commands import FAULTS
from app.clocks.facts import StayFacts
from app.clocks.gather import Found, collect
from app.platform.work import Reading

_CLASS, _LEAVE = 2, 5


class _Stay(msgspec.Struct):
    id: uuid.UUID
    timezone: str
    left_at: datetime | None


class _Move(msgspec.Struct):
    encounter_id: uuid.UUID
    lane: int
    value: str
    since: datetime
    until: datetime | None


_STAYS = """
select e.id, f.timezone, case when e.status = 'discharged' then e.discharge_at end
from encounter e join facility f on f.id = e.facility_id
where e.id = any(%s) and e.gone_at is null and e.status not in ('cancelled', 'preadmit')
"""
_MOVES = """
select encounter_id, lane, value, since, until from movement where encounter_id = any(%s) and lane = any(%s)
order by encounter_id, since
"""


def readable(found: Mapping[uuid.UUID, Found]) -> dict[uuid.UUID, StayFacts]:
    """The facts of those stays that have some and whose values mean something; of a fault the clocks tell."""
    facts: dict[uuid.UUID, StayFacts] = {}
    for key, one in found.items():
        with contextlib.suppress(*FAULTS):
            if one.status:
                facts[key] = one.facts()
    return facts


def stay_days(
    db: Reading, stays: Sequence[uuid.UUID], facts: Mapping[uuid.UUID, StayFacts] | None = None
) -> dict[uuid.UUID, StayDays]:
    """What the counting rules need of these stays; a cancelled one has no days. Without `facts` they are gathered."""
    wanted = list(stays)
    if facts is None:
        facts = readable({one.id: one for one in collect(db, wanted)})
    moves: dict[tuple[uuid.UUID, int], list[Span]] = {}
    for one in db.rows(_Move, _MOVES, (wanted, [_CLASS, _LEAVE])):
        moves.setdefault((one.encounter_id, one.lane), []).append(Span(one.since, one.until, one.value))
    return {
        stay.id: StayDays(
            zone=ZoneInfo(stay.timezone),
            now=db.now,
            classes=moves.get((stay.id, _CLASS), ()),
            leaves=moves.get((stay.id, _LEAVE), ()),
            left_at=stay.left_at,
            ready=ready_spans(facts[stay.id]) if stay.id in facts else (),
            appeals=appeal_spans(facts[stay.id]) if stay.id in facts else (),
        )
        for stay in db.rows(_Stay, _STAYS, (wanted,))
    }
