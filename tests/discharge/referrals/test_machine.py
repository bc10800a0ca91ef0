"""A need with three vendors on a real database: any order of deeds agrees with the table, or is refused."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.discharge.referrals import commands
from app.discharge.referrals.asks import Decline, Question, Say, Why
from app.discharge.referrals.following import answering
from app.discharge.referrals.following.closing import close_all, close_one, reopen_all
from app.discharge.referrals.rules import LIFE, REOPENING, STANDING
from app.discharge.referrals.steps import Step, held
from app.discharge.referrals.terms import ClosedBecause, ReferralAction, ReferralState
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, everywhere, reading
from tests.discharge.referrals.support import need_stands, no, refer, stands, vendors, yes
from tests.support.stays import add_stay
from tests.support.world import NOW, World

S, A = ReferralState, ReferralAction
BY = "Dana Whitlow, RN"
DEEDS = {
    A.OPEN: lambda work, key: answering.open_referral(work, key),
    A.ASK: lambda work, key: answering.ask_hospital(work, key, Question(said="When?")),
    A.ACCEPT: yes,
    A.DECLINE: no,
    A.WITHDRAW: lambda work, key: answering.withdraw(work, key, Decline(said="No nurse")),
    A.REPLY: lambda work, key: commands.reply(work, key, Say(said="Friday."), BY),
    A.REMIND: lambda work, key: commands.remind(work, key),
    A.CANCEL: lambda work, key: commands.cancel(work, key, Why(reason="not wanted")),
    A.TAKE_BACK: lambda work, key: commands.take_back(work, key, Why(reason="a slip")),
    A.SEND: lambda work, key: commands.send_again(work, key, BY),
    A.EXPIRE: lambda work, key: close_one(work, held(work, key), Step(A.EXPIRE)),
}


def ended() -> dict[uuid.UUID, tuple[Any, ...]]:
    """Every version that stands no more, with all its values."""
    with reading(everywhere("test")) as db:
        found = db.rows(lambda *row: row, "select x.id, x::text from referral x where ended_at is not null")
        found += db.rows(lambda *row: row, "select x.id, x::text from referral_request x where ended_at is not null")
    return {row[0]: row for row in found}


class Asking(RuleBasedStateMachine):
    """Three vendors asked for one need, beside what the table says of each."""

    world: World
    to: list[uuid.UUID]

    @classmethod
    def of(cls, world: World, to: list[uuid.UUID]) -> type["Asking"]:
        """The machine on this database, asking these vendors."""
        return type("AskingOfWorld", (cls,), {"world": world, "to": to})

    def __init__(self) -> None:
        super().__init__()
        self.at: datetime = NOW
        self.stay = add_stay(self.world)
        made = refer(self.world, self.stay, self.to)
        self.request, self.keys = made.request_id, [one.referral_id for one in made.sent]
        self.states = [S.SENT for _ in self.keys]
        self.before = list(self.states)
        self.open = True
        self.ended = ended()

    def work(self) -> Any:
        self.at += timedelta(minutes=7)
        return begin(everywhere("test"), at=self.at)

    @rule(which=st.integers(0, 2), action=st.sampled_from(list(DEEDS)))
    def act(self, which: int, action: ReferralAction) -> None:
        expected = LIFE.get((self.states[which], action))
        if action is A.OPEN:  # read again: nothing changes
            expected = expected or self.states[which]
        closed = not self.open and action in (A.SEND, A.ACCEPT, A.TAKE_BACK)
        if expected is None or closed:
            with pytest.raises(Refused), self.work() as work:
                DEEDS[action](work, self.keys[which])
            return
        with self.work() as work:
            self.do(work, action, which)
        self.states[which] = expected

    def do(self, work: Work, action: ReferralAction, which: int) -> None:
        if action is A.OPEN:
            with_change = self.states[which] is S.SENT
            DEEDS[action](work, self.keys[which])
            assert bool(work.recorded) is with_change
        else:
            DEEDS[action](work, self.keys[which])

    @rule()
    def departs(self) -> None:
        with self.work() as work:
            close_all(work, [self.stay], ClosedBecause.DISCHARGED)
        if self.open:
            self.before = list(self.states)
            self.states = [S.CLOSED if one in STANDING else one for one in self.states]
        self.open = False

    @rule()
    def comes_back(self) -> None:
        with self.work() as work:
            reopen_all(work, [self.stay])
        if not self.open:
            self.states = [
                LIFE[S.CLOSED, REOPENING[was]] if now is S.CLOSED else now
                for was, now in zip(self.before, self.states, strict=True)
            ]
        self.open = True

    @invariant()
    def the_model_and_the_database_agree(self) -> None:
        assert [stands(key) for key in self.keys] == self.states
        assert need_stands(self.request)[0] == ("open" if self.open else "closed")

    @invariant()
    def no_version_is_rewritten(self) -> None:
        now = ended()
        assert {key: now.get(key) for key in self.ended} == self.ended
        self.ended = now

    @invariant()
    def a_link_works_only_while_the_referral_stands(self) -> None:
        with reading(everywhere("test")) as db:
            query = "select distinct referral_id from referral_link where ended_at is null and referral_id = any(%s)"
            linked = set(db.values(query, (self.keys,)))
        standing = {key for key, one in zip(self.keys, self.states, strict=True) if one in STANDING}
        assert linked <= standing


def test_any_order_of_deeds_on_a_need(world: World):
    few = settings(max_examples=6, stateful_step_count=10, deadline=None)
    run_state_machine_as_test(Asking.of(world, vendors(world, 3, mail=False)), settings=few)
