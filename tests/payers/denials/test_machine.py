"""The lives of a denial and its appeals on a real database: any order of deeds agrees with the tables or is refused."""

import uuid
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.kernel.refusal import Refused
from app.payers.denials import commands
from app.payers.denials.appeals import commands as appeals
from app.payers.denials.appeals import rules as of_appeals
from app.payers.denials.appeals.forms import DecideAppeal, PrepareAppeal, SendAppeal, VerifyAppeal
from app.payers.denials.appeals.terms import AppealState
from app.payers.denials.forms import AskTalk, CloseDenial, Say
from app.payers.denials.rules import LIFE
from app.payers.denials.terms import DenialState
from app.platform.work import begin, everywhere, reading
from app.web.fields import StrikeOut
from tests.payers.denials.support import WORK, deny, stands
from tests.payers.support import tell
from tests.support.world import NOW, World

SAID = StrikeOut(reason="Said in the test")
OF_DENIALS: dict[str, tuple[Callable[..., Any], Any]] = {
    "ask": (commands.ask_talk, AskTalk()),
    "forget": (commands.forget_asking, SAID),
    "prepare": (appeals.prepare_appeal, PrepareAppeal()),
    "send": (appeals.send_appeal, SendAppeal()),
    "write off": (commands.close_denial, CloseDenial.model_validate({"outcome": "written_off", "reason": "Too dear"})),
    "give in": (commands.close_denial, CloseDenial.model_validate({"outcome": "upheld"})),
    "reopen": (commands.reopen_denial, Say(reason="Said in the test")),
    "strike": (commands.strike_denial, SAID),
}
OF_APPEALS: dict[str, tuple[Callable[..., Any], Any]] = {
    "verify": (appeals.verify_appeal, VerifyAppeal()),
    "win": (appeals.decide_appeal, DecideAppeal.model_validate({"outcome": "overturned"})),
    "lose": (appeals.decide_appeal, DecideAppeal.model_validate({"outcome": "upheld"})),
    "withdraw": (appeals.withdraw_appeal, SAID),
    "take back": (appeals.take_back, SAID),
    "strike": (appeals.strike_appeal, SAID),
}
DENIAL_STEPS = {(before.value, after.value) for (before, _), after in LIFE.items()}
APPEAL_STEPS = {(before.value, after.value) for (before, _), after in of_appeals.LIFE.items()}


def versions(table: str, subject: str) -> dict[uuid.UUID, list[str]]:
    """The states of each subject in the order in which they were recorded."""
    found: dict[uuid.UUID, list[str]] = {}
    with reading(everywhere("test")) as view:
        for key, state in view.rows(lambda *row: row, f"select {subject}, state from {table} order by id"):
            found.setdefault(key, []).append(state)
    return found


def standing_appeals(denial_id: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    with reading(everywhere("test")) as view:
        query = "select appeal_id, state from denial_appeal where denial_id = %s and ended_at is null order by id"
        return view.rows(lambda *row: row, query, (denial_id,))


def machine(world: World, stay: uuid.UUID) -> type[RuleBasedStateMachine]:
    class Denied(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.denial = deny(world, stay, kind="concurrent").denial_id

        def carry_out(self, deed: Callable[..., Any], key: uuid.UUID, said: Any) -> None:
            before = (stands(self.denial), standing_appeals(self.denial))
            try:
                with begin(world.viewer("uma").acting(WORK), at=NOW) as work:
                    deed(work, key, said)
            except Refused:
                assert (stands(self.denial), standing_appeals(self.denial)) == before

        @rule(name=st.sampled_from(sorted(OF_DENIALS)))
        def about_the_denial(self, name: str) -> None:
            deed, said = OF_DENIALS[name]
            self.carry_out(deed, self.denial, said)

        @rule(name=st.sampled_from(sorted(OF_APPEALS)), data=st.data())
        def about_an_appeal(self, name: str, data: st.DataObject) -> None:
            known = [key for key, _ in standing_appeals(self.denial)]
            if known:
                deed, said = OF_APPEALS[name]
                self.carry_out(deed, known[data.draw(st.integers(0, len(known) - 1))], said)

        @invariant()
        def every_step_is_in_a_table(self) -> None:
            for states in versions("denial", "denial_id").values():
                assert set(zip([DenialState.NONE.value, *states], states, strict=False)) <= DENIAL_STEPS
            for states in versions("denial_appeal", "appeal_id").values():
                assert set(zip([AppealState.NONE.value, *states], states, strict=False)) <= APPEAL_STEPS

        @invariant()
        def an_appeal_is_out_exactly_where_the_denial_waits_for_it(self) -> None:
            out = [state for _, state in standing_appeals(self.denial) if state in ("sent", "verified")]
            state = stands(self.denial)[0]
            assert len(out) <= 1
            if state == "appealed":
                assert out
            if state in ("open", "talk"):
                assert not out

    return Denied


def test_any_order_of_deeds_agrees_with_the_tables(world: World):
    walks = settings(max_examples=6, stateful_step_count=12, deadline=None)
    run_state_machine_as_test(machine(world, tell(world)), settings=walks)
