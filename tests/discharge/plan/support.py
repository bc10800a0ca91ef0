"""A plan made by people of the small hospital."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from app.discharge.plan.barriers.commands import MoveBarrier, RaiseBarrier, move_barrier, raise_barrier
from app.discharge.plan.commands import (
    LookAtPlan,
    SetDisposition,
    SetExpectedDate,
    look_at_plan,
    set_disposition,
    set_expected_date,
)
from app.discharge.plan.items.commands import AddItem, MoveItem, add_item, move_item
from app.discharge.ready.commands import State, state
from app.discharge.terms import CareType
from app.platform.work import Who, begin
from app.security.permissions import Permission
from tests.support.world import NOW, World


def expect(world: World, stay: uuid.UUID, at: datetime = NOW, name: str = "dana", **said: Any) -> uuid.UUID:
    """Set the expected date; the key of the version."""
    with begin(world.viewer(name).acting(Permission.PLAN_WRITE), at=at) as work:
        return set_expected_date(work, stay, SetExpectedDate.model_validate(said)).id


def send(world: World, stay: uuid.UUID, to: str, at: datetime = NOW, **said: Any) -> uuid.UUID:
    """Set the disposition; the key of the version."""
    with begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=at) as work:
        return set_disposition(work, stay, SetDisposition.model_validate({"going_to": to, **said})).id


def block(world: World, stay: uuid.UUID, kind: str = "choice", at: datetime = NOW, **said: Any) -> uuid.UUID:
    """Raise a barrier; its key. `clock` is the time of day at which it began."""
    said["at"] = said.pop("clock", "")
    with begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=at) as work:
        return raise_barrier(work, stay, RaiseBarrier.model_validate({"kind": kind, **said})).barrier_id


def step(world: World, barrier: uuid.UUID, action: str, at: datetime = NOW, **said: Any) -> str:
    """A step in the life of a barrier; its state."""
    with begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=at) as work:
        return move_barrier(work, barrier, MoveBarrier.model_validate({"action": action, **said})).state


def write(world: World, stay: uuid.UUID, part: str, at: datetime = NOW, **said: Any) -> uuid.UUID:
    """Add an item; its key."""
    with begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=at) as work:
        return add_item(work, stay, AddItem.model_validate({"part": part, **said})).item_id


def move(world: World, item: uuid.UUID, action: str, at: datetime = NOW, **said: Any) -> str:
    """A step in the life of an item; its state."""
    with begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=at) as work:
        return move_item(work, item, MoveItem.model_validate({"action": action, **said})).state


def say(world: World, stay: uuid.UUID, kind: str, at: datetime = NOW, name: str = "", **said: Any) -> uuid.UUID:
    """A statement about readiness: by `name` in person, else on the word of a physician; its key."""
    viewer = world.viewer(name or "dana").acting(Permission.READY_SET if name else Permission.PLAN_WRITE)
    given = {"kind": kind, "physician": "" if name else "Dr Lind", **said}
    with begin(viewer, at=at) as work:
        return state(work, stay, State.model_validate(given), own=bool(name)).id


def planned(who: Who, stay: uuid.UUID, words: str) -> dict[str, str]:
    """A plan with one of everything; the keys by the names that addresses give them."""
    with begin(who) as work:
        look = look_at_plan(work, stay, LookAtPlan(note=words)).id
        told = State.model_validate({"kind": "ordered", "physician": "Dr Lind", "reason": words})
        barrier = {"kind": "choice", "detail": words, "due_on": f"{work.now + timedelta(days=1):%Y-%m-%d}"}
        goal = {"part": "goal", "wording": words, "measure": "steps", "target": "12", "due_on": "2030-01-01"}
        add_item(work, stay, AddItem.model_validate(goal))
        add_item(work, stay, AddItem.model_validate({"part": "milestone", "kind": "wean", "wording": words}))
        task = {"part": "task", "wording": words, "discipline": "nursing"}
        return {
            "look_id": str(look),
            "statement_id": str(state(work, stay, told, own=False).id),
            "expected_id": str(set_expected_date(work, stay, SetExpectedDate(days=1, detail=words)).id),
            "disposition_id": str(
                set_disposition(work, stay, SetDisposition(going_to=CareType.SNF, agreed_with=words)).id
            ),
            "barrier_id": str(raise_barrier(work, stay, RaiseBarrier.model_validate(barrier)).barrier_id),
            "item_id": str(add_item(work, stay, AddItem.model_validate(task)).item_id),
        }
