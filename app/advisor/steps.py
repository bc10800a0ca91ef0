"""One step in the life of a question: the version that stands is ended, and the next one is written."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.advisor.events import EscalationMoved
from app.advisor.ladder.settings import ladder_on
from app.advisor.models import Escalation
from app.advisor.rules import LIFE
from app.advisor.terms import EscalationAction, EscalationState, Rung
from app.census.united import subject
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Who, Work
from app.security.permissions import Permission
from app.security.viewer import Viewer

NOT_THERE = "There is no such question, or it lies outside what you may see."
CHANGED = "Somebody changed this question just now. Reload the page and look again."
_KEPT = (
    "escalation_id", "encounter_id", "facility_id", "kind", "question", "background", "review_id", "denial_id",
    "asked_at", "asked_by", "rung", "due_at", "holder_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to a question, and which of its values change with it."""

    action: EscalationAction
    note: str = ""
    change: tuple[tuple[str, Any], ...] = ()


def held(work: Work, escalation_id: uuid.UUID) -> Escalation:
    """The version that stands, locked; NotFound outside the scope."""
    key = work.value(
        "select id from escalation where escalation_id = %s order by (ended_at is null) desc, made_at desc limit 1",
        (escalation_id,),
    )
    if key is None:
        raise NotFound(NOT_THERE)
    found = work.lock(Escalation, key, NOT_THERE)
    if found.ended_at is not None:
        raise Refused(CHANGED)
    return found


def step(work: Work, before: Escalation, what: Step) -> Escalation:
    """The next version of a question that is held. Refused where its life has no such step."""
    state = after(LIFE, EscalationState(before.state), what.action, noun="question")
    values = {name: getattr(before, name) for name in _KEPT} | dict(what.change)
    before.ended_at = work.now
    work.session.flush()
    made = work.add(
        Escalation(
            **values, state=state.value, action=what.action.value, note=what.note, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.changed(made.facility_id, made.encounter_id)
    return made


def back_to_rung(work: Work, before: Escalation, note: str) -> Escalation:
    """A question that waited for the attending is its rung's again, with the rung's whole time."""
    stay = subject(work, before.encounter_id)
    due = ladder_on(work, before.facility_id, stay.day(work.now)).due(Rung(before.rung), work.now)
    return step(work, before, Step(EscalationAction.HEAR_ATTENDING, note, (("due_at", due),)))


def decides(who: Who, facility_id: int) -> bool:
    """Whether somebody holds the right to decide at a facility."""
    return isinstance(who, Viewer) and facility_id in who.facilities_with(Permission.DECIDE)


def moved(work: Work, made: Escalation) -> None:
    """Record that a question is at another place than before."""
    due: datetime | None = made.due_at
    work.record(
        EscalationMoved(
            facility_id=made.facility_id, encounter_id=made.encounter_id, patient_id=patient_of(work, made),
            escalation_id=made.escalation_id, action=made.action, state=made.state, rung=made.rung, due_at=due,
        )
    )  # fmt: skip


def patient_of(work: Work, made: Escalation) -> uuid.UUID:
    """Whose stay it is, as known now."""
    found: uuid.UUID = work.value("select patient_id from encounter where id = %s", (made.encounter_id,))
    return found
