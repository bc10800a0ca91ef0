"""The life of an authorization on a real database: any order of deeds leaves what is stored equal to what was said."""

import contextlib
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.kernel.refusal import Refused
from app.payers.authorizations.commands import (
    amend_decision,
    cancel_authorization,
    record_decision,
    request_authorization,
    strike_authorization,
    strike_decision,
    strike_request,
)
from app.payers.authorizations.forms import AskPayer, Cancel, Received
from app.payers.authorizations.queries import Authorization, authorization
from app.payers.authorizations.rules import LIFE, standing
from app.payers.authorizations.terms import AuthorizationAction, AuthorizationState
from app.payers.requests.terms import Action, CertificationType, Days, Decision
from app.platform.work import Work, begin, everywhere, reading
from app.web.fields import StrikeOut
from tests.payers.support import WORK, ask, tell
from tests.support.world import NOW, World

_S, _A = AuthorizationState, AuthorizationAction
FIRST = date(2026, 3, 4)
MISTAKE = StrikeOut(reason="Recorded by mistake")
DECISIONS = st.builds(
    Decision,
    action=st.sampled_from(Action),
    ranges=st.just(()) | st.integers(1, 6).map(lambda nights: (Days(FIRST, FIRST + timedelta(days=nights)),)),
    quantity=st.none() | st.integers(1, 4),
)


def ended() -> dict[uuid.UUID, tuple[Any, ...]]:
    """Every version that stands no more, with all its values."""
    tables = ("payer_authorization", "payer_request", "payer_decision", "payer_standing")
    with reading(everywhere("test")) as db:
        queries = [f"select x.id, x::text from {name} x where ended_at is not null" for name in tables]
        found = [row for query in queries for row in db.rows(lambda *row: row, query)]
    return {row[0]: row for row in found}


def request(world: World, stay: uuid.UUID) -> uuid.UUID:
    """A first request for another night each time, so that none is taken for one that was sent twice."""
    with reading(everywhere("test")) as db:
        count: int = db.value("select count(*) from payer_authorization")
    return ask(world, stay, first_day=FIRST, last_day=FIRST + timedelta(days=3 + count)).authorization_id


class Authorizing(RuleBasedStateMachine):
    """Deeds on one authorization of a stay; `of` says in which world."""

    world: World
    stay: uuid.UUID

    @classmethod
    def of(cls, world: World, stay: uuid.UUID) -> "type[Authorizing]":
        return type("AuthorizingHere", (cls,), {"world": world, "stay": stay})

    def __init__(self) -> None:
        super().__init__()
        self.at: datetime = NOW
        self.nights = 0
        made = request(self.world, self.stay)
        self.key: uuid.UUID = made
        self.ended = ended()

    def held(self) -> Authorization:
        with reading(everywhere("test")) as db:
            return authorization(db, self.key)

    @contextlib.contextmanager
    def work(self, *, allowed: bool) -> Iterator[Work]:
        """A transaction ten minutes later; refused where the table has no such step."""
        self.at += timedelta(minutes=10)
        with contextlib.ExitStack() as stack:
            if not allowed:
                stack.enter_context(pytest.raises(Refused))
            yield stack.enter_context(begin(self.world.viewer("uma").acting(WORK), at=self.at))

    def may(self, action: AuthorizationAction) -> bool:
        return (self.held().standing.state, action) in LIFE

    @rule(nights=st.integers(1, 4))
    def extend(self, nights: int) -> None:
        self.nights += nights
        first = FIRST + timedelta(days=self.nights)
        wish = AskPayer(authorization_id=self.key, certification_type=CertificationType.EXTENSION,
                        first_day=first, last_day=first + timedelta(days=nights))  # fmt: skip
        with self.work(allowed=self.may(_A.ASK)) as work:
            request_authorization(work, self.stay, wish)

    @rule(decision=DECISIONS, late=st.booleans())
    def answer(self, decision: Decision, late: bool) -> None:
        """The payer answers what was asked last, or at last what was asked first."""
        asked = [one for one in self.held().asked if one.stands and one.days is not None]
        how = Received(request_id=asked[0].request_id) if asked and late else Received()
        before = self.held().standing.state
        self.at += timedelta(minutes=10)
        refused = False
        try:
            with begin(self.world.viewer("uma").acting(WORK), at=self.at) as work:
                record_decision(work, self.key, decision, how)
        except Refused:
            refused = True
        if before is _S.STRUCK_OUT:
            assert refused
        if before in (_S.REQUESTED, _S.PENDED):
            assert not refused

    @precondition(lambda self: any(one.stands for one in self.held().answers))
    @rule(decision=DECISIONS)
    def correct(self, decision: Decision) -> None:
        held = self.held()
        last = [one for one in held.answers if one.stands][-1]
        with self.work(allowed=held.head.ended_at is None) as work:
            amend_decision(work, last.decision_id, decision, Received(), "Misheard")

    @precondition(lambda self: any(one.stands for one in self.held().answers))
    @rule()
    def strike_answer(self) -> None:
        held = self.held()
        last = [one for one in held.answers if one.stands][-1]
        with self.work(allowed=held.head.ended_at is None) as work:
            strike_decision(work, last.decision_id, MISTAKE)

    @precondition(lambda self: any(one.stands for one in self.held().asked))
    @rule()
    def strike_last_request(self) -> None:
        held = self.held()
        last = [one for one in held.asked if one.stands][-1]
        answered = any(one.stands and one.request_id == last.request_id for one in held.answers)
        with self.work(allowed=held.head.ended_at is None and not answered) as work:
            strike_request(work, last.request_id, MISTAKE)

    @rule()
    def withdraw(self) -> None:
        with self.work(allowed=self.may(_A.CANCEL)) as work:
            cancel_authorization(work, self.key, Cancel())

    @rule()
    def strike_whole(self) -> None:
        if self.at > NOW + timedelta(hours=1):  # late in the series, so that there is something to strike out
            with self.work(allowed=self.may(_A.STRIKE_OUT)) as work:
                strike_authorization(work, self.key, MISTAKE)

    @invariant()
    def what_is_stored_follows_from_what_was_said(self) -> None:
        held = self.held()
        with reading(everywhere("test")) as db:
            stored = db.rows(
                lambda *row: row,
                "select state, firsts, untils from payer_standing where authorization_id = %s and ended_at is null",
                (self.key,),
            )
        days = held.standing.days
        found = (held.standing.state.value, [one.first for one in days.ranges], [one.until for one in days.ranges])
        assert stored == [found]
        if held.head.ended_at is None:
            assert standing(held.steps).state is held.standing.state

    @invariant()
    def no_version_is_rewritten(self) -> None:
        now = ended()
        assert {key: now.get(key) for key in self.ended} == self.ended
        self.ended = now


def test_any_order_of_deeds_on_an_authorization(world: World):
    few = settings(max_examples=6, stateful_step_count=9, deadline=None)
    run_state_machine_as_test(Authorizing.of(world, tell(world)), settings=few)
