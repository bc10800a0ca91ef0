"""One stay of a colleague, taken over for a while with a reason; kept, or given back before its time."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from app.kernel.refusal import Refused
from app.platform.work import Work
from app.worklists.assignment.commands import give_to, held_stay
from app.worklists.assignment.gathering import zone_of
from app.worklists.assignment.people import may_hold
from app.worklists.assignment.terms import Why
from app.worklists.models import Assignment

LONGEST = timedelta(days=30)
RETURN_JOB = "assignment.return"


class TakeOver(BaseModel):
    """Why, and until when by the clocks of the facility."""

    reason: str = Field(min_length=3, max_length=200)
    until: datetime


def take_over(work: Work, encounter_id: uuid.UUID, ask: TakeOver) -> Assignment:
    """Have a colleague's stay until that time; then it goes back by itself."""
    me = work.who.actor_id
    assert me is not None, "only a person takes a stay over"
    stay, held = held_stay(work, encounter_id)
    if held is None:
        raise Refused("Nobody has this stay. Take it.")
    if held.user_id == me:
        raise Refused("You have this stay already.")
    if not may_hold(work, me, stay.facility_id):
        raise Refused("Your role may not have stays in this facility. Ask an administrator.")
    zone = ZoneInfo(zone_of(work, stay.facility_id))
    until = ask.until.replace(tzinfo=zone) if ask.until.tzinfo is None else ask.until
    if not work.now < until <= work.now + LONGEST:
        raise Refused("Choose a time within the next 30 days.", field="until")
    made = give_to(
        work,
        stay,
        Assignment(
            user_id=me,
            why=Why.TAKEOVER.value,
            reason=ask.reason,
            covers_for=held.covers_for or held.user_id,
            returns_at=until,
        ),
        held,
    )
    work.later(
        RETURN_JOB, at=until, once=f"{RETURN_JOB} {stay.facility_id} {until.isoformat()}", facility_id=stay.facility_id
    )
    return made


def keep(work: Work, encounter_id: uuid.UUID) -> Assignment:
    """What one covers becomes one's own: it does not go back."""
    stay, held = held_stay(work, encounter_id)
    if held is None or held.user_id != work.who.actor_id:
        raise Refused("A colleague has this stay. Only they or the lead can change that.")
    if held.covers_for is None:
        raise Refused("This stay is yours already; you cover it for nobody.")
    return give_to(work, stay, Assignment(user_id=held.user_id, why=Why.KEPT.value), held)
