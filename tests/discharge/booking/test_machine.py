"""The lives of bookings and of requests to payers: the tables themselves, and any order of deeds on a real database."""

import contextlib
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.discharge.booking import queries
from app.discharge.booking.rules import DECIDING, DECISION_LIFE, LIFE, LIVING, STANDING
from app.discharge.booking.terms import BookingAction, BookingState, DecisionAction, DecisionState
from app.kernel.refusal import Refused
from app.kernel.transitions import after, finals, states, unreachable
from app.platform.work import everywhere, reading
from tests.discharge.booking.support import again, asked, booked, decided, ended, standing, step, tell
from tests.support.world import NOW, World

_S, _A = BookingState, BookingAction
STEPS = (_A.CONFIRM, _A.ARRIVE, _A.CANCEL, _A.REQUEST, _A.STRIKE_OUT)


def test_every_state_is_reached_and_only_what_is_over_is_final():
    assert unreachable(LIFE, _S.NONE) == []
    assert set(states(LIFE)) == set(_S)
    assert finals(LIFE) == [_S.STRUCK_OUT]
    assert unreachable(DECISION_LIFE, DecisionState.REQUESTED) == []
    assert set(states(DECISION_LIFE)) == set(DecisionState)
    assert finals(DECISION_LIFE) == [DecisionState.STRUCK_OUT]
    assert {action for _, action in LIFE} == set(_A)
    assert {action for _, action in DECISION_LIFE} == set(DecisionAction)


@given(st.lists(st.sampled_from(_A), max_size=12))
def test_a_walk_through_the_life_of_a_booking(course: list[BookingAction]):
    """What a vendor holds came from a booking; what is over holds nothing."""
    state, held = _S.NONE, False
    for action in course:
        try:
            state = after(LIFE, state, action, noun="booking")
        except Refused as refused:
            assert "not possible" in str(refused)
            continue
        if action is _A.BOOK:
            held = True
        elif state not in STANDING:
            held = False
        assert (state in STANDING) == held
        assert (state in LIVING) == (state not in (_S.ARRIVED, _S.CANCELLED, _S.STRUCK_OUT, _S.NONE))


class Booking(RuleBasedStateMachine):
    """Deeds on one booking of a stay; a plain model says where it stands."""

    world: World
    stay: uuid.UUID

    @classmethod
    def of(cls, world: World, stay: uuid.UUID) -> "type[Booking]":
        return type("BookingHere", (cls,), {"world": world, "stay": stay})

    def __init__(self) -> None:
        super().__init__()
        with reading(everywhere("test")) as db:
            before = queries.bookings(db, [self.stay], ended=True)
            asked_before = queries.requests(db, [self.stay], ended=True)
        # The stay is the same in every walk: each goes on where the one before it ended.
        self.at: datetime = max([NOW, *(one.made_at for one in (*before, *asked_before))])
        ask = {"starts_on": None, "what": f"Walker {len(before)}"}
        self.key = booked(self.world, self.stay, self.at, **ask).booking_id
        self.state, self.request = _S.REQUESTED, None
        self.ended = ended()

    @contextlib.contextmanager
    def later(self, *, allowed: bool) -> Iterator[datetime]:
        """A minute later; refused where it is not allowed."""
        self.at += timedelta(minutes=1)
        with contextlib.nullcontext() if allowed else pytest.raises(Refused):
            yield self.at

    @rule(action=st.sampled_from(STEPS))
    def take(self, action: BookingAction) -> None:
        allowed = (self.state, action) in LIFE
        with self.later(allowed=allowed) as at:
            step(self.world, self.key, action, at)
        if allowed:
            self.state = LIFE[self.state, action]

    @rule(days=st.integers(2, 30))
    def book(self, days: int) -> None:
        waits = self.last() in (DecisionState.REQUESTED, DecisionState.DENIED)
        allowed = (self.state, _A.BOOK) in LIFE and not waits
        with self.later(allowed=allowed) as at:
            again(self.world, self.key, at, starts_on=(NOW + timedelta(days=days)).date())
        if allowed:
            self.state = _S.BOOKED

    @rule()
    def ask(self) -> None:
        allowed = self.last() is not DecisionState.REQUESTED
        with self.later(allowed=allowed) as at:
            self.request = asked(self.world, self.stay, at).authorization_id

    @rule(answer=st.sampled_from([DecisionState.APPROVED, DecisionState.DENIED, DecisionState.NOT_REQUIRED]))
    def answer(self, answer: DecisionState) -> None:
        if self.request is None:
            return
        actions = {DecisionState.APPROVED: DecisionAction.APPROVE, DecisionState.DENIED: DecisionAction.DENY}
        action = actions.get(answer, DecisionAction.SAY_NOT_REQUIRED)
        allowed = (self.last(), action) in DECISION_LIFE
        with self.later(allowed=allowed) as at:
            decided(self.world, self.request, at, state=answer, reason="As the payer wrote")
        if allowed and answer in DECIDING:
            self.state = LIFE.get((self.state, DECIDING[answer]), self.state)

    def last(self) -> DecisionState | None:
        with reading(everywhere("test")) as db:
            found = queries.requests(db, [self.stay])
        return found[-1].state if found else None

    @invariant()
    def it_stands_where_the_model_says(self) -> None:
        found = [one for one in standing(self.stay) if one.booking_id == self.key]
        assert [one.state for one in found] == ([] if self.state is _S.STRUCK_OUT else [self.state])

    @invariant()
    def no_version_is_rewritten(self) -> None:
        now = ended()
        assert {key: now.get(key) for key in self.ended} == self.ended
        self.ended = now

    def teardown(self) -> None:
        """The next walk begins without a request that waits."""
        if self.request is not None and self.last() is DecisionState.REQUESTED:
            decided(self.world, self.request, self.at + timedelta(minutes=1), state="not_required")


def test_any_order_of_deeds_on_a_booking(world: World):
    few = settings(max_examples=6, stateful_step_count=12, deadline=None)
    run_state_machine_as_test(Booking.of(world, tell(world)), settings=few)
