"""An item of the plan in words, and what its forms offer."""

from datetime import datetime
from typing import Any

from app.census.united import Subject
from app.discharge.plan.items.queries import Item
from app.discharge.plan.rules import ITEM_LIFE
from app.discharge.plan.terms import ItemAction, ItemPart, ItemState
from app.discharge.terms import Discipline, MilestoneKind
from app.kernel.transitions import actions
from app.kernel.wording import day_text, moment_text
from app.web.forms import FormState

_STATES = {ItemState.DONE: "reached", ItemState.NOT_NEEDED: "not reached"}
_STEPS = {ItemAction.SET_ASIDE: "Not needed", ItemAction.STRIKE_OUT: "Strike out"}


def item_words(one: Item, stay: Subject, now: datetime) -> dict[str, Any]:
    """One goal, milestone or task with the steps that its state allows."""
    today, goal = stay.day(now), one.part is ItemPart.GOAL
    allowed = actions(ITEM_LIFE, one.state)
    owner = one.owner_name or (Discipline(one.discipline).label if one.discipline else "")
    return {
        "id": str(one.item_id),
        "part": one.part.value,
        "state": one.state.value,
        "state_text": _STATES.get(one.state, one.state.label) if goal else one.state.label,
        "words": one.words,
        "measure": one.measure,
        "target": one.target,
        "owner": owner,
        "due": day_text(one.due_on, today) if one.due_on else "",
        "late": one.overdue(today),
        "done": one.state is ItemState.DONE,
        "settled": moment_text(one.settled_at, stay.zone, now) if one.settled_at else "",
        "note": "" if one.action in (ItemAction.ADD, ItemAction.AMEND) else one.note,
        "finish": ItemAction.FINISH in allowed,
        "reopen": ItemAction.REOPEN in allowed,
        "amend": ItemAction.AMEND in allowed,
        "given": form_of(one).given,
        "steps": [
            {"action": step.value, "label": "Not reached" if goal and step is ItemAction.SET_ASIDE else _STEPS[step],
             "key": f"{step.value[:3]}{one.item_id}"}
            for step in allowed if step in _STEPS
        ],
    }  # fmt: skip


def item_choices() -> dict[str, Any]:
    """What the forms of items offer."""
    return {
        "milestone_kinds": [{"value": "", "label": "Choose a milestone"}]
        + [{"value": one.value, "label": one.label} for one in MilestoneKind],
        "task_disciplines": [{"value": "", "label": "Choose who does it"}]
        + [{"value": one.value, "label": one.label} for one in Discipline],
    }


def form_of(one: Item) -> FormState:
    """The form with what is recorded."""
    given = {
        "part": one.part.value, "kind": one.kind, "wording": one.wording, "measure": one.measure, "target": one.target,
        "discipline": one.discipline, "owner_name": one.owner_name,
        "due_on": one.due_on.isoformat() if one.due_on else "",
    }  # fmt: skip
    return FormState(given=given, id=f"i{one.item_id}")
