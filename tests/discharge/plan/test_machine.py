"""The lives of a barrier and of an item on a real database: any order of deeds agrees with the table, or is refused."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.discharge.plan.rules import BARRIER_LIFE, ITEM_LIFE
from app.discharge.plan.terms import BarrierAction, BarrierState, ItemAction, ItemState
from app.kernel.refusal import Refused
from app.platform.work import everywhere, reading
from tests.discharge.plan.support import block, move, step, write
from tests.support.stays import add_stay
from tests.support.world import NOW, World

STEPS = [one for one in BarrierAction if one not in (BarrierAction.RAISE, BarrierAction.AMEND)]
MOVES = [one for one in ItemAction if one not in (ItemAction.ADD, ItemAction.AMEND)]


def versions(table: str, column: str, key: uuid.UUID) -> list[tuple[Any, ...]]:
    """Every version with all its values, in order."""
    with reading(everywhere("test")) as db:
        query = f"select x.state, x.resolved_at is not null, x.ended_at, x::text from {table} x where {column} = %s"
        query = query.replace("x.resolved_at", "x.settled_at") if table == "plan_item" else query
        return db.rows(lambda *row: row, f"{query} order by made_at, id", (key,))


def check(found: list[tuple[Any, ...]], expected: tuple[str, bool], count: int) -> None:
    """One version stands, with the expected state, and there are as many as there were deeds."""
    [standing] = [one for one in found if one[2] is None]
    assert standing[:2] == expected
    assert len(found) == count


def machine(world: World) -> type[RuleBasedStateMachine]:
    class Planning(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.at: datetime = NOW
            stay = add_stay(world)
            self.barrier, self.item = (
                block(world, stay),
                write(world, stay, "task", wording="Call", discipline="nursing"),
            )
            self.blocked, self.done = BarrierState.OPEN, ItemState.OPEN
            self.steps = self.moves = 1
            self.ended: set[str] = set()

        @rule(action=st.sampled_from(STEPS))
        def on_the_barrier(self, action: BarrierAction) -> None:
            self.at += timedelta(minutes=3)
            following = BARRIER_LIFE.get((self.blocked, action))
            if following is None:
                with pytest.raises(Refused):
                    step(world, self.barrier, action, at=self.at, note="said in the test")
                return
            assert step(world, self.barrier, action, at=self.at, note="said in the test") == following
            self.blocked, self.steps = following, self.steps + 1

        @rule(action=st.sampled_from(MOVES))
        def on_the_item(self, action: ItemAction) -> None:
            self.at += timedelta(minutes=3)
            following = ITEM_LIFE.get((self.done, action))
            if following is None:
                with pytest.raises(Refused):
                    move(world, self.item, action, at=self.at, note="said in the test")
                return
            assert move(world, self.item, action, at=self.at, note="said in the test") == following
            self.done, self.moves = following, self.moves + 1

        @invariant()
        def one_version_stands_and_the_ended_ones_never_change(self) -> None:
            kept = versions("plan_barrier", "barrier_id", self.barrier), versions("plan_item", "item_id", self.item)
            check(kept[0], (self.blocked, self.blocked is BarrierState.RESOLVED), self.steps)
            check(kept[1], (self.done, self.done is ItemState.DONE), self.moves)
            ended = {one[3] for found in kept for one in found if one[2] is not None}
            assert self.ended <= ended
            self.ended = ended

    return Planning


def test_any_order_of_deeds_on_a_barrier_and_an_item(world: World):
    few = settings(max_examples=6, stateful_step_count=10, deadline=None)
    run_state_machine_as_test(machine(world), settings=few)
