"""The life of a question on a real database: any order of deeds agrees with the table, or is refused."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.advisor.commands import (
    AmendAnswer,
    Say,
    SignAnswer,
    amend_decision,
    answer_back,
    decide,
    move_up,
    strike_decision,
    strike_out,
    withdraw,
)
from app.advisor.rules import LIFE
from app.advisor.terms import EscalationAction, EscalationState
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, everywhere, reading
from app.security.permissions import Permission
from tests.advisor.support import ask, stands
from tests.support.stays import add_stay
from tests.support.world import NOW, World

_A = EscalationAction
SIGNED = {
    _A.RETURN: {"outcome": "more_information", "reason": "call_me"},
    _A.ASK_ATTENDING: {"outcome": "ask_attending", "reason": "document_expectation"},
    _A.PLAN_TALK: {"outcome": "peer_to_peer", "reason": "before_letter"},
    _A.DECIDE: {"outcome": "inpatient_supported", "reason": "acute_need"},
}
SAID = {
    _A.ANSWER_BACK: answer_back,
    _A.RISE: move_up,
    _A.WITHDRAW: withdraw,
    _A.STRIKE_OUT: strike_out,
    _A.STRIKE_DECISION: strike_decision,
}
DEEDS = [*SIGNED, *SAID, _A.AMEND]


def carry_out(work: Work, question: uuid.UUID, action: EscalationAction) -> None:
    if action in SIGNED:
        decide(work, question, SignAnswer.model_validate(SIGNED[action]))
    elif action is _A.AMEND:
        amend_decision(work, question, AmendAnswer.model_validate(SIGNED[_A.DECIDE] | {"because": "A slip"}))
    else:
        SAID[action](work, question, Say(note="said in the test"))


def ended() -> dict[uuid.UUID, tuple[Any, ...]]:
    """Every version that stands no more, of questions and of answers, with all its values."""
    with reading(everywhere("test")) as db:
        found = db.rows(lambda *row: row, "select x.id, x::text from escalation x where ended_at is not null")
        found += db.rows(lambda *row: row, "select d.id, d::text from escalation_decision d where ended_at is not null")
    return {row[0]: row for row in found}


def machine(world: World) -> type[RuleBasedStateMachine]:
    class Asking(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.at: datetime = NOW
            self.question = ask(world, add_stay(world), at=NOW)
            self.state = EscalationState.WAITING
            self.top = False
            self.ended = ended()

        @rule(action=st.sampled_from(DEEDS))
        def act(self, action: EscalationAction) -> None:
            self.at += timedelta(minutes=3)
            expected = LIFE.get((self.state, action))
            if action is _A.RISE and self.top:
                expected = None
            who = world.viewer("paul").acting(Permission.DECIDE)
            if expected is None:
                with pytest.raises(Refused), begin(who, at=self.at) as work:
                    carry_out(work, self.question, action)
                return
            with begin(who, at=self.at) as work:
                carry_out(work, self.question, action)
            self.state, self.top = expected, self.top or action is _A.RISE

        @invariant()
        def the_table_and_the_database_agree(self) -> None:
            assert stands(self.question)[0] == self.state

        @invariant()
        def no_version_is_rewritten(self) -> None:
            now = ended()
            assert {key: now.get(key) for key in self.ended} == self.ended
            self.ended = now

        @invariant()
        def an_answer_stands_while_it_is_decided(self) -> None:
            with reading(everywhere("test")) as db:
                signed = db.value(
                    "select count(*) from escalation_decision where escalation_id = %s and ended_at is null"
                    " and outcome = 'inpatient_supported'",
                    (self.question,),
                )
            assert signed == (1 if self.state is EscalationState.DECIDED else 0)

    return Asking


def test_any_order_of_deeds_on_a_question(world: World):
    few = settings(max_examples=6, stateful_step_count=8, deadline=None)
    run_state_machine_as_test(machine(world), settings=few)
