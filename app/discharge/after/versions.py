"""How records of the days after discharge change: the version that stands ends, another one is written."""

import uuid
from typing import Any, TypeVar

from app.census.united import Subject, held_subject
from app.discharge.after.models import FollowUpCall, FollowUpIssue, ProgramHandoff
from app.kernel.refusal import NotFound
from app.platform.work import Reading, Work

V = TypeVar("V", FollowUpCall, FollowUpIssue, ProgramHandoff)
_OF_ROW = {"id", "made_at", "made_by", "ended_at", "ended_by"}
_KEYS: dict[type[Any], str] = {FollowUpCall: "call_id", FollowUpIssue: "issue_id", ProgramHandoff: "handoff_id"}
NOT_THERE = "There is no such record, or it lies outside what you may see."


def stay_of(db: Reading, model: type[V], key: uuid.UUID) -> uuid.UUID:
    """The stay of a record; NotFound outside the reader's scope."""
    found = db.value(f"select encounter_id from {model.__tablename__} where {_KEYS[model]} = %s limit 1", (key,))
    if found is None:
        raise NotFound(NOT_THERE)
    return uuid.UUID(str(found))


def held(work: Work, model: type[V], key: uuid.UUID) -> tuple[Subject, V]:
    """The version that stands, locked together with its stay."""
    stay = held_subject(work, stay_of(work, model, key))
    row = work.value(f"select id from {model.__tablename__} where {_KEYS[model]} = %s and ended_at is null", (key,))
    return stay, work.lock(model, row, NOT_THERE)


def follow(work: Work, before: V, **changes: Any) -> V:
    """End the version that stands and write another one that says the same but for these changes."""
    said = before.model_dump(exclude=_OF_ROW) | changes
    before.ended_at, before.ended_by = work.now, work.who.actor_id
    work.session.flush()
    return work.add(type(before)(**said, made_at=work.now, made_by=work.who.actor_id))


def about(stay: Subject) -> dict[str, Any]:
    """What every event names."""
    return {"encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id}
