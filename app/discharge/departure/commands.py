"""What people say of the checklist: done, not needed, left without; and taking it back."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, field_validator

from app.census.united import held_subject
from app.discharge.departure import queries, rules
from app.discharge.departure.events import DepartureItemSaid, DepartureItemTakenBack
from app.discharge.departure.models import DepartureItem
from app.discharge.departure.queries import Line
from app.discharge.departure.terms import Item, ItemAction, ItemState
from app.kernel.days import instant_of
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.web.fields import Clock, Day, Name, one_line, past_instant

WITH_WHOM = {
    Item.APPOINTMENT: "Write with whom the appointment is.",
    Item.SUMMARY: "Write to whom the summary was sent.",
    Item.ACCEPTED: "Write who accepted the patient, and where.",
    Item.CERTIFIED: "Write which physician certified the transfer.",
}
"""What has to be said with an item that is done: without it nobody could check."""
PLANNED = frozenset({Item.APPOINTMENT, Item.TRANSPORT})
"""Items that are about something to come, with a day and a time."""


class SayItem(BaseModel):
    """What somebody says of an item. Without day and time it was done now."""

    item: Item
    state: ItemState = ItemState.DONE
    on: Day = None
    at: Clock = None
    done_by: Name = ""
    with_whom: Name = ""
    planned_on: Day = None
    planned_clock: Clock = None
    reason: Annotated[str, Field(max_length=300), AfterValidator(one_line)] = ""

    @field_validator("state")
    @classmethod
    def _sayable(cls, value: ItemState) -> ItemState:
        if value is ItemState.OPEN:
            raise ValueError("Choose one of the list.")
        return value


def say_item(work: Work, encounter_id: uuid.UUID, ask: SayItem) -> DepartureItem:
    """Record what was said. Refused for what a record elsewhere has closed, or has to close."""
    stay = held_subject(work, encounter_id)
    line = _line(work, stay.encounter_id, ask.item)
    _check(ask, line)
    held = _mark(work, stay.encounter_id, ask.item)
    after(rules.LIFE, ItemState(held.state) if held else ItemState.OPEN, rules.ACTION_FOR[ask.state], noun="item")
    if held is not None:
        _end(work, held)
    planned: datetime | None = None
    if ask.state is ItemState.DONE and ask.planned_on is not None and ask.planned_clock is not None:
        planned = instant_of(ask.planned_on, ask.planned_clock, stay.zone)
    made = work.add(
        DepartureItem(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, item=ask.item.value, state=ask.state.value,
            at=past_instant(ask.on, ask.at, work.now, stay.zone, None), done_by=ask.done_by, with_whom=ask.with_whom,
            planned_at=planned, reason=ask.reason, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        DepartureItemSaid(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            item=made.item, state=made.state,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _line(work: Work, encounter_id: uuid.UUID, item: Item) -> Line:
    found = next((one for one in queries.checklist(work, encounter_id).lines if one.standing.item is item), None)
    if found is None:
        raise Refused(f"“{item.label}” is not asked for where this patient goes.")
    return found


def _check(ask: SayItem, line: Line) -> None:
    done = ask.state is ItemState.DONE
    if line.standing.proof is not None:
        raise Refused(f"“{ask.item.label}” is closed by its own record. Correct it there if it is wrong.")
    if done and ask.item in rules.CLOSED_BY_EVIDENCE:
        raise Refused(f"“{ask.item.label}” is closed by its own record only. Make that record.")
    if done and ask.item in WITH_WHOM and not ask.with_whom:
        raise Refused(WITH_WHOM[ask.item], field="with_whom")
    if done and ask.item is Item.APPOINTMENT and (ask.planned_on is None or ask.planned_clock is None):
        raise Refused("Write the day and the time of the appointment.", field="planned_on")
    if done and ask.planned_on is not None and ask.planned_clock is None:
        raise Refused("Write the time of day too.", field="planned_clock")
    if done and ask.planned_clock is not None and ask.planned_on is None:
        raise Refused("Write the day too.", field="planned_on")
    if not done and len(ask.reason) < 3:
        word = "is not needed" if ask.state is ItemState.NOT_NEEDED else "was left out"
        raise Refused(f"Write why it {word}.", field="reason")


def take_back(work: Work, encounter_id: uuid.UUID, item: Item) -> None:
    """What was said of the item does not count; it is open again unless a record closes it."""
    stay = held_subject(work, encounter_id)
    held = _mark(work, stay.encounter_id, item)
    after(rules.LIFE, ItemState(held.state) if held else ItemState.OPEN, ItemAction.TAKE_BACK, noun="item")
    assert held is not None, "the table takes nothing back that was not said"
    _end(work, held)
    work.record(
        DepartureItemTakenBack(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id, item=item.value
        )
    )
    work.changed(stay.facility_id, stay.encounter_id)


def _mark(work: Work, encounter_id: uuid.UUID, item: Item) -> DepartureItem | None:
    key = work.value(
        "select id from departure_item where encounter_id = any(%s) and item = %s and ended_at is null"
        " order by made_at desc limit 1",
        (list(queries.with_former(work, [encounter_id])), item.value),
    )
    return work.lock(DepartureItem, key) if key else None


def _end(work: Work, held: DepartureItem) -> None:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.session.flush()
