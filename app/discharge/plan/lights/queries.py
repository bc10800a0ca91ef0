"""Readiness lights of stays out of what is recorded; other features lend what they know."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.discharge.plan import queries
from app.discharge.plan.items.queries import Item, items
from app.discharge.plan.lights.rules import LightShown, OpenBarrier, PlanFacts, Said, Step, lights
from app.discharge.plan.queries import BarrierRow
from app.discharge.plan.terms import BarrierState, ItemPart, ItemState
from app.discharge.ready.queries import standing
from app.discharge.ready.rules import since
from app.discharge.ready.terms import Lane
from app.discharge.terms import MilestoneKind
from app.kernel.days import local_day
from app.kernel.wording import brief_text
from app.platform.work import Reading

LightSource = Callable[[Reading, Sequence[uuid.UUID]], Mapping[uuid.UUID, Sequence[Said]]]
"""What a feature says of the lights of stays: a booked place, a payer's decision, transport, papers."""

_sources: list[LightSource] = []


def install(sources: Sequence[LightSource]) -> None:
    """Hand over the lenders (app/wiring.py)."""
    _sources[:] = sources


def lights_of(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[LightShown]]:
    """All lights of each stay, by a fixed number of queries for any number of stays."""
    wanted = list(encounter_ids)
    zones = dict(
        db.rows(
            lambda key, zone: (key, ZoneInfo(zone)),
            "select e.id, f.timezone from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)",
            (wanted,),
        )
    )
    said, blocked = standing(db, wanted), queries.open_barriers(db, wanted)
    going = {one.encounter_id: one for one in queries.dispositions(db, wanted)}
    steps: dict[uuid.UUID, list[Item]] = {}
    for item in items(db, wanted):
        if item.part is ItemPart.MILESTONE and item.state in (ItemState.OPEN, ItemState.DONE):
            steps.setdefault(item.encounter_id, []).append(item)
    lent: dict[uuid.UUID, list[Said]] = {}
    for source in _sources:
        for stay, words in source(db, wanted).items():
            lent.setdefault(stay, []).extend(words)
    found = {}
    for stay, zone in zones.items():
        ready, ordered = (since(said.get(stay, ()), lane) for lane in (Lane.READINESS, Lane.ORDER))
        disposition = going.get(stay)
        found[stay] = lights(
            PlanFacts(
                ready_since=_text(ready, zone, db.now),
                ordered_since=_text(ordered, zone, db.now),
                going_to=disposition.to if disposition else None,
                agreed_with=disposition.agreed_with if disposition else "",
                barriers=[_barrier(one, db.now) for one in blocked.get(stay, ())],
                steps=[_step(one, db.now, zone) for one in steps.get(stay, ())],
                lent=lent.get(stay, ()),
            )
        )
    return found


def _text(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    return brief_text(at, zone, now) if at else ""


def _barrier(one: BarrierRow, now: datetime) -> OpenBarrier:
    return OpenBarrier(one.kind, one.words, one.state is BarrierState.WAITING, one.overdue(now))


def _step(one: Item, now: datetime, zone: ZoneInfo) -> Step:
    return Step(MilestoneKind(one.kind), one.words, one.state is ItemState.DONE, one.overdue(local_day(now, zone)))
