"""Goals, milestones and tasks: added, corrected, reached, set aside, reopened, struck out."""

import uuid
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from app.census.united import Subject, held_subject
from app.discharge.plan.events import PlanItemChanged
from app.discharge.plan.models import PlanItem
from app.discharge.plan.rules import ITEM_LIFE, ITEM_SAYS_WHY
from app.discharge.plan.terms import ItemAction, ItemPart, ItemState
from app.discharge.terms import Discipline, MilestoneKind
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.web.fields import Clock, Day, Name, Words, empty_is_none, past_instant

NOT_THERE = "There is no such item of a plan, or it lies outside what you may see."


class AddItem(BaseModel):
    """A goal needs words, measure and day; a milestone its kind; a task words and a discipline."""

    part: ItemPart
    kind: Annotated[MilestoneKind | None, BeforeValidator(empty_is_none)] = None
    wording: Words = ""
    measure: Words = ""
    target: Words = ""
    discipline: Annotated[Discipline | None, BeforeValidator(empty_is_none)] = None
    owner_name: Name = ""
    due_on: Day = None


class AmendItem(AddItem):
    """The item as it should be recorded."""


class MoveItem(BaseModel):
    """A step in the life of an item; `on` and `at` say when it was reached or done, empty is now."""

    action: ItemAction
    note: Words = ""
    on: Day = None
    at: Clock = None


def add_item(work: Work, encounter_id: uuid.UUID, ask: AddItem) -> PlanItem:
    """Write a goal, a milestone or a task into the plan. Refused where it would say nothing."""
    stay = held_subject(work, encounter_id)
    made = work.add(
        PlanItem(
            item_id=uuid.uuid4(), facility_id=stay.facility_id, encounter_id=stay.encounter_id, **_values(ask),
            state=ItemState.OPEN.value, action=ItemAction.ADD.value, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _say(work, stay, made)
    return made


def amend_item(work: Work, item_id: uuid.UUID, ask: AmendItem) -> PlanItem:
    """Correct an item that is open."""
    stay, before = _held(work, item_id)
    if ask.part != before.part:
        raise Refused("A goal, a milestone and a task are different things. Strike it out and write a new one.")
    state = after(ITEM_LIFE, ItemState(before.state), ItemAction.AMEND, noun=before.part)
    made = _next(work, before, state, ItemAction.AMEND, _values(ask))
    _say(work, stay, made)
    return made


def move_item(work: Work, item_id: uuid.UUID, ask: MoveItem) -> PlanItem:
    """One step of its life. Refused where the table has none, and without a sentence where one is needed."""
    stay, before = _held(work, item_id)
    state = after(ITEM_LIFE, ItemState(before.state), ask.action, noun=before.part)
    if ask.action in ITEM_SAYS_WHY and len(ask.note) < 3:
        raise Refused("Say why in a few words.", field="note")
    settled = None
    if state is ItemState.DONE:
        settled = past_instant(ask.on, ask.at, work.now, stay.zone, None)
        if stay.start_at is not None and settled < stay.start_at:
            raise Refused("This is before the stay began. Correct the day or the time.", field="on")
    made = _next(work, before, state, ask.action, {"note": ask.note, "settled_at": settled})
    _say(work, stay, made)
    return made


def item_of(db: Reading, item_id: uuid.UUID) -> uuid.UUID:
    """The stay of an item; NotFound outside the reader's scope."""
    found: uuid.UUID | None = db.value("select encounter_id from plan_item where item_id = %s limit 1", (item_id,))
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def _held(work: Work, item_id: uuid.UUID) -> tuple[Subject, PlanItem]:
    stay = held_subject(work, item_of(work, item_id))
    key = work.value("select id from plan_item where item_id = %s and ended_at is null", (item_id,))
    return stay, work.lock(PlanItem, key, NOT_THERE)


def _values(ask: AddItem) -> dict[str, Any]:
    goal, milestone, task = (ask.part is part for part in (ItemPart.GOAL, ItemPart.MILESTONE, ItemPart.TASK))
    if milestone and ask.kind is None:
        raise Refused("Choose which milestone it is.", field="kind")
    if not ask.wording and (not milestone or ask.kind is MilestoneKind.OTHER):
        raise Refused("Say in words what is to be reached or done.", field="wording")
    if goal and not ask.measure:
        raise Refused("Say how it is measured.", field="measure")
    if goal and ask.due_on is None:
        raise Refused("Say by when it is to be reached.", field="due_on")
    if task and ask.discipline is None:
        raise Refused("Choose who is to do it.", field="discipline")
    return {
        "part": ask.part.value,
        "kind": ask.kind.value if milestone and ask.kind else "",
        "wording": ask.wording,
        "measure": ask.measure if goal else "",
        "target": ask.target if goal else "",
        "discipline": ask.discipline.value if ask.discipline else "",
        "owner_name": ask.owner_name,
        "due_on": ask.due_on,
    }


def _next(work: Work, before: PlanItem, state: ItemState, action: ItemAction, values: dict[str, Any]) -> PlanItem:
    kept = before.model_dump(exclude={"id", "state", "action", "note", "made_at", "made_by", "ended_at"})
    before.ended_at = work.now
    work.session.flush()
    return work.add(
        PlanItem(**(kept | values), state=state.value, action=action.value, made_at=work.now,
                 made_by=work.who.actor_id)
    )  # fmt: skip


def _say(work: Work, stay: Subject, made: PlanItem) -> None:
    work.record(
        PlanItemChanged(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id,
            item_id=made.item_id, part=made.part, action=made.action, state=made.state,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
