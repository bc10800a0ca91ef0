"""What people do with answers that the program put before them: say to what they belong, put them aside, try again."""

import uuid
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.interop.payer_files.events import PayerAnswerSettled
from app.interop.payer_files.matching import Match
from app.interop.payer_files.models import PayerFileItem
from app.interop.payer_files.taking import (
    ACTOR,
    NO_FILE,
    SETTLE,
    apply_decision,
    links,
    part_of,
    renew,
    settle_item,
    stored_file,
)
from app.interop.payer_files.terms import FOR_PEOPLE, ItemState
from app.kernel.refusal import NotFound, Refused
from app.payers.authorizations.queries import authorization
from app.platform.work import Who, Work, begin, reading

SETTLED = "Somebody settled this answer meanwhile. Reload the page and look again."


class Assign(BaseModel):
    """The authorization to which an answer belongs."""

    authorization_id: uuid.UUID


class SetAside(BaseModel):
    """Why nothing follows from an answer."""

    reason: Annotated[str, Field(min_length=1, max_length=300)]


def assign(who: Who, item_id: uuid.UUID, ask: Assign) -> None:
    """Record the decision of an answer with an authorization that a person chose. Refused as that command refuses."""
    with reading(who) as db:
        file_id, place = db.one(_pair, "select file_id, place from payer_file_item where id = %s", (item_id,), NO_FILE)
    with reading(ACTOR) as everything:
        part = part_of(stored_file(everything, file_id), place)
    with begin(who) as work:
        held = authorization(work, ask.authorization_id)
        item = _lock(work, item_id)
        if held.head.facility_id != item.facility_id:
            raise Refused("This authorization belongs to another facility.", field="authorization_id")
        meant = next((one for one in held.asked if one.stands and one.event_trace == item.event_trace), None)
        match = Match(held=held, asked=meant or held.open_request)
        changes: dict[str, Any] = links(match) | {"decision_id": apply_decision(work, part, match)}
        renew(work, item, ItemState.APPLIED, **changes | {"out_id": item.out_id}, sentence="Assigned by hand.")
        work.record(PayerAnswerSettled(
            facility_id=item.facility_id, file_id=item.file_id, how="assigned",
            encounter_id=held.head.encounter_id, patient_id=held.head.patient_id,
        ))  # fmt: skip


def set_aside(who: Who, item_id: uuid.UUID, ask: SetAside) -> None:
    """Say that nothing follows from an answer; it stays readable with the reason."""
    with begin(who) as work:
        item = _lock(work, item_id)
        renew(work, item, ItemState.SET_ASIDE, reason=ask.reason)
        work.record(PayerAnswerSettled(
            facility_id=item.facility_id, file_id=item.file_id, how="set aside", encounter_id=item.encounter_id
        ))  # fmt: skip


def look_again(who: Who, file_id: uuid.UUID) -> int:
    """Judge anew what waits for people, after something was repaired. Returns how many parts that were."""
    with begin(who) as work:
        states = [state.value for state in FOR_PEOPLE]
        keys = work.values(
            "select id from payer_file_item where file_id = %s and ended_at is null and state = any(%s) order by place",
            (file_id, states),
        )
        if not keys:
            raise NotFound("Nothing of this file waits for anybody, or it lies outside what you may see.")
        held = [_lock(work, key) for key in keys]
        fresh = [renew(work, item, ItemState.WAITING, sentence="", **links(Match())).id for item in held]
        work.record(PayerAnswerSettled(facility_id=held[0].facility_id, file_id=file_id, how="looked at again"))
        for key in fresh:
            work.later(SETTLE, once=f"{SETTLE} {key}", item_id=str(key))
    for key in fresh:
        settle_item(str(key))
    return len(fresh)


def _lock(work: Work, item_id: uuid.UUID) -> PayerFileItem:
    item = work.lock(PayerFileItem, item_id, NO_FILE)
    if item.ended_at is not None or item.state not in FOR_PEOPLE:
        raise Refused(SETTLED)
    return item


def _pair(file_id: uuid.UUID, place: int) -> tuple[uuid.UUID, int]:
    return file_id, place
