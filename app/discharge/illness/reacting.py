"""What a family meeting changes in the plan: consensus is no longer awaited, and a first disposition is set."""

import uuid
from datetime import datetime
from typing import Protocol

from app.census.united import Subject, subject
from app.discharge.illness import queries
from app.discharge.illness.terms import MeetingOutcome, MeetingState
from app.discharge.plan import queries as plan
from app.discharge.plan.barriers.commands import MoveBarrier, move_barrier
from app.discharge.plan.commands import SetDisposition, set_disposition
from app.discharge.plan.terms import BarrierAction, BarrierState
from app.discharge.terms import BarrierKind, CareType
from app.platform.work import Work

SETTLED = frozenset({MeetingOutcome.GOALS_AGREED, MeetingOutcome.TRIAL, MeetingOutcome.COMFORT, MeetingOutcome.HOSPICE})
"""Outcomes after which nobody waits for a consensus on goals any more."""

HELD = "Family meeting held"
"""How the note of a barrier begins that a meeting resolved."""


class OfStay(Protocol):
    """Anything that happened to a stay."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...


class Held(Protocol):
    """A family meeting that was held."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...
    @property
    def held_at(self) -> datetime: ...
    @property
    def outcome(self) -> str: ...
    @property
    def disposition(self) -> str: ...


def feed_plan(work: Work, event: Held) -> None:
    """Resolve the barriers that waited for the meeting; set the disposition it proposes where the plan has none.

    What somebody has set in the plan is never replaced by a proposal; that one stands on the record of the meeting.
    """
    if event.encounter_id is None:
        return
    stay = subject(work, event.encounter_id)
    if MeetingOutcome(event.outcome) not in SETTLED:
        _wait_again(work, stay)
    else:
        for one in plan.open_barriers(work, [stay.encounter_id]).get(stay.encounter_id, []):
            if one.kind is BarrierKind.GOALS and one.began_at <= event.held_at:
                said = MeetingOutcome(event.outcome).label.lower()
                note = f"{HELD}: {said}."
                move_barrier(work, one.barrier_id, MoveBarrier(action=BarrierAction.RESOLVE, note=note))
    if event.disposition and plan.disposition(work, stay.encounter_id) is None:
        ask = SetDisposition(going_to=CareType(event.disposition), detail="As the family meeting proposed")
        set_disposition(work, stay.encounter_id, ask)


def take_back_from_plan(work: Work, event: OfStay) -> None:
    """A meeting was recorded by mistake: what it alone had resolved stands in the way again."""
    if event.encounter_id is not None:
        _wait_again(work, subject(work, event.encounter_id))


def _wait_again(work: Work, stay: Subject) -> None:
    """Reopen what meetings resolved, unless a meeting that settled it still stands."""
    held = queries.meetings(work, [stay.encounter_id]).get(stay.encounter_id, [])
    if any(one.state == MeetingState.HELD and one.outcome in SETTLED for one in held):
        return
    for one in plan.barriers(work, [stay.encounter_id]):
        if one.kind is BarrierKind.GOALS and one.state is BarrierState.RESOLVED and one.note.startswith(HELD):
            note = "The record of the family meeting does not say so any more."
            move_barrier(work, one.barrier_id, MoveBarrier(action=BarrierAction.REOPEN, note=note))
