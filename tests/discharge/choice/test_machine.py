"""The life of a list: random deeds in any order agree with the table, on the table alone and on PostgreSQL."""

import uuid
from datetime import datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.discharge.choice import queries
from app.discharge.choice.commands import (
    AmendChoice,
    RecordChoice,
    amend_choice,
    record_choice,
    strike_choice,
    withdraw_list,
)
from app.discharge.choice.rules import LIFE, OF_OUTCOME
from app.discharge.choice.terms import ChoiceAction, ChoiceOutcome, ChoiceState
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from tests.discharge.choice.support import furnished, listed, stay_of
from tests.discharge.vendors.support import vendor_named
from tests.support.world import NOW, World

_A, _S = ChoiceAction, ChoiceState
OUTCOMES = {action: outcome for outcome, action in OF_OUTCOME.items()}


class Model:
    """What somebody who knows the house would say of a list, in words of its own."""

    def __init__(self) -> None:
        self.made = self.gone = False
        self.answer: ChoiceAction | None = None

    def may(self, action: ChoiceAction) -> bool:
        if action is _A.MAKE_LIST:
            return not self.made
        if not self.made or self.gone:
            return False
        if action is _A.WITHDRAW:
            return self.answer in (None, _A.ASK_AGAIN)
        return self.answer is not None if action in (_A.AMEND, _A.STRIKE_OUT) else True

    def do(self, action: ChoiceAction) -> None:
        self.made = True
        if action is _A.WITHDRAW:
            self.gone = True
        elif action is _A.STRIKE_OUT:
            self.answer = None
        elif action in OUTCOMES:
            self.answer = action

    @property
    def state(self) -> ChoiceState:
        if not self.made:
            return _S.NO_LIST
        if self.gone:
            return _S.WITHDRAWN
        words = {
            _A.CHOOSE: _S.CHOSEN,
            _A.LEAVE_OPEN: _S.NO_PREFERENCE,
            _A.DECLINE: _S.DECLINED,
            _A.ASK_AGAIN: _S.ASKED_AGAIN,
        }
        return words[self.answer] if self.answer else _S.LISTED


class Table(RuleBasedStateMachine):
    """Random deeds against the table."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.state = Model(), _S.NO_LIST

    @rule(action=st.sampled_from(list(_A)))
    def act(self, action: ChoiceAction) -> None:
        if not self.model.may(action):
            with pytest.raises(Refused):
                after(LIFE, self.state, action)
            return
        self.state = after(LIFE, self.state, action)
        self.model.do(action)

    @invariant()
    def agrees(self) -> None:
        assert self.state is self.model.state


def test_the_table_is_what_the_house_says():
    run_state_machine_as_test(Table, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))


class Choosing(RuleBasedStateMachine):
    """Random deeds by commands. A list is made first; another one would be another life."""

    world: World
    stay: uuid.UUID

    def __init__(self) -> None:
        super().__init__()
        self.at: datetime = NOW + timedelta(hours=1)
        # A list that nobody answered counts no more once this one is made, an answered one stands beside it.
        self.list_id = listed(self.world, self.stay, now=self.at).id
        self.choice: uuid.UUID | None = None
        self.model = Model()
        self.model.do(_A.MAKE_LIST)
        self.ended: dict[uuid.UUID, str] = {}

    @rule(action=st.sampled_from([one for one in _A if one is not _A.MAKE_LIST]), minutes=st.integers(1, 600))
    def act(self, action: ChoiceAction, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)
        who = self.world.viewer("dana").acting(Permission.REFERRAL_WRITE)
        if not self.model.may(action):
            with pytest.raises((Refused, NotFound)), begin(who, at=self.at) as work:
                self._carry_out(work, action)
            return
        with begin(who, at=self.at) as work:
            self._carry_out(work, action)
        self.model.do(action)

    def _carry_out(self, work, action: ChoiceAction) -> None:
        if action in OUTCOMES:
            self.choice = record_choice(work, self.list_id, self._ask(OUTCOMES[action])).choice_id
        elif action is _A.AMEND:
            standing = OUTCOMES[self.model.answer] if self.model.answer else ChoiceOutcome.DECLINED
            fix = AmendChoice(**self._ask(standing).model_dump(), because="A slip")
            amend_choice(work, self.choice or uuid.uuid4(), fix)
        elif action is _A.STRIKE_OUT:
            strike_choice(work, self.choice or uuid.uuid4(), StrikeOut(reason="A slip"))
        else:
            withdraw_list(work, self.list_id, StrikeOut(reason="A slip"))

    @staticmethod
    def _ask(outcome: ChoiceOutcome) -> RecordChoice:
        first = vendor_named("MAPLE TERRACE") if outcome is ChoiceOutcome.CHOSEN else None
        return RecordChoice(outcome=outcome, first=first)

    @invariant()
    def the_database_agrees(self) -> None:
        with reading(everywhere("test")) as db:
            assert queries.state(db, queries.list_of(db, self.list_id)) is self.model.state
            rows = db.rows(lambda key, row: (key, row), "select id, c::text from choice c where ended_at is not null")
        found = dict(rows)
        assert all(found[key] == row for key, row in self.ended.items()), "what has ended never changes"
        self.ended = found

    @precondition(lambda self: self.model.gone)
    @rule()
    def nobody_answers_a_list_that_is_gone(self) -> None:
        who = self.world.viewer("dana").acting(Permission.REFERRAL_WRITE)
        with pytest.raises(Refused), begin(who, at=self.at) as work:
            record_choice(work, self.list_id, self._ask(ChoiceOutcome.CHOSEN))


def test_commands_follow_the_table(world: World):
    furnished(world)
    Choosing.world, Choosing.stay = world, stay_of(world)
    limits = settings(max_examples=8, stateful_step_count=12, deadline=None)
    run_state_machine_as_test(Choosing, settings=limits)
