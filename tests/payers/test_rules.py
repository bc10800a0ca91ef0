"""Approved days out of answers, and the life cycle of an authorization."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.kernel.refusal import Refused
from app.kernel.transitions import after, finals, states, unreachable
from app.payers.authorizations.rules import LIFE, Step, action_of, answered, standing
from app.payers.authorizations.terms import AuthorizationAction, AuthorizationState
from app.payers.requests.rules import Answered, approved, covered, joined, within, without
from app.payers.requests.terms import Action, CertificationType, Days, Decision, ReviewRequest

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def days(first: int, until: int) -> Days:
    return Days(date(2026, 3, first), date(2026, 3, until))


def request(asked: Days | None = None, kind: CertificationType = CertificationType.INITIAL) -> ReviewRequest:
    return ReviewRequest(event_trace="T1", certification_type=kind, days=asked)


ASKED = days(10, 17)


@pytest.mark.parametrize(
    ("decision", "ranges"),
    [
        (Decision(action=Action.MODIFIED, ranges=(days(13, 15),), quantity=2), (days(13, 15),)),
        (Decision(action=Action.MODIFIED, ranges=(days(13, 15),)), (days(13, 15),)),
        (Decision(action=Action.MODIFIED, quantity=5), (days(10, 15),)),
        (Decision(action=Action.CERTIFIED), (ASKED,)),
        (Decision(action=Action.CERTIFIED, ranges=(days(10, 12),)), (days(10, 12),)),
        (
            Decision(action=Action.PARTIAL, ranges=(days(10, 12), days(14, 15)), quantity=3),
            (days(10, 12), days(14, 15)),
        ),
        (Decision(action=Action.NOT_CERTIFIED), ()),
        (Decision(action=Action.PENDED), ()),
        (Decision(action=Action.NOT_REQUIRED), ()),
        (Decision(action=Action.CONTACT_PAYER), ()),
    ],
)
def test_an_answer_is_read_period_first_then_number_then_what_was_asked(decision: Decision, ranges: tuple[Days, ...]):
    found = covered(decision, request(ASKED))

    assert (found.ranges, found.contradiction) == (ranges, "")


@pytest.mark.parametrize(
    "decision",
    [
        Decision(action=Action.MODIFIED, ranges=(days(13, 15),), quantity=3),
        Decision(action=Action.MODIFIED, ranges=(days(15, 13),)),
        Decision(action=Action.MODIFIED, ranges=(days(13, 13),)),
        Decision(action=Action.MODIFIED, ranges=(days(10, 13), days(12, 14))),
        Decision(action=Action.MODIFIED),
        Decision(action=Action.PARTIAL),
        Decision(action=Action.MODIFIED, quantity=0),
        Decision(action=Action.MODIFIED, quantity=-1),
        Decision(action=Action.NOT_CERTIFIED, ranges=(days(13, 15),)),
        Decision(action=Action.NOT_CERTIFIED, quantity=2),
        Decision(action=Action.PENDED, quantity=2),
    ],
)
def test_what_contradicts_itself_is_for_a_person(decision: Decision):
    found = covered(decision, request(ASKED))

    assert found.ranges == ()
    assert found.contradiction


def test_a_number_of_days_without_a_first_one_is_for_a_person():
    assert covered(Decision(action=Action.CERTIFIED, quantity=2), request(None)).contradiction
    assert covered(Decision(action=Action.CERTIFIED), request(None)).contradiction == "The answer names no days."


def test_the_last_answer_to_a_request_holds_and_an_extension_adds():
    first = Answered(request(days(10, 13)), [Decision(action=Action.NOT_CERTIFIED), Decision(action=Action.CERTIFIED)])
    more = Answered(request(days(13, 17), CertificationType.EXTENSION), [Decision(action=Action.MODIFIED, quantity=2)])

    found = approved([first, more])

    assert found.ranges == (days(10, 15),)
    assert found.denied == (days(15, 17),)
    assert found.through == date(2026, 3, 14)
    assert found.count == 5


def test_a_changed_request_takes_the_place_of_what_was_answered_for_its_days():
    first = Answered(request(days(10, 13)), [Decision(action=Action.CERTIFIED)])
    changed = Answered(request(days(11, 13), CertificationType.REVISED), [Decision(action=Action.NOT_CERTIFIED)])

    assert approved([first, changed]).ranges == (days(10, 11),)
    assert approved([first, Answered(request(days(11, 13)), [])]).ranges == (days(10, 13),)
    assert approved([first, Answered(request(days(13, 15)), [])]).open == (days(13, 15),)


RANGES = st.lists(
    st.tuples(st.integers(1, 25), st.integers(1, 4)).map(lambda pair: days(pair[0], pair[0] + pair[1])), max_size=5
)


def nights(ranges: list[Days] | tuple[Days, ...]) -> set[date]:
    return {one.first + timedelta(days=number) for one in ranges for number in range(one.count)}


@given(a=RANGES, b=RANGES)
def test_ranges_are_sets_of_nights(a: list[Days], b: list[Days]):
    assert nights(joined([*a, *b])) == nights(a) | nights(b)
    assert nights(without(a, b)) == nights(a) - nights(b)
    assert all(one.until < other.first for one, other in zip(joined(a), joined(a)[1:], strict=False))
    month = nights([Days(date(2026, 3, 1), date(2026, 4, 1))])
    assert {night for night in month if within(night, a)} == nights(a)


def test_every_state_is_reached_and_only_what_was_struck_out_is_final():
    assert unreachable(LIFE, AuthorizationState.NONE) == []
    assert finals(LIFE) == [AuthorizationState.STRUCK_OUT]
    assert set(states(LIFE)) == set(AuthorizationState)


@pytest.mark.parametrize("origin", list(AuthorizationState))
@pytest.mark.parametrize("action", list(AuthorizationAction))
def test_every_pair_leads_on_or_is_refused(origin: AuthorizationState, action: AuthorizationAction):
    if (origin, action) in LIFE:
        assert after(LIFE, origin, action) is LIFE[origin, action]
        return
    with pytest.raises(Refused):
        after(LIFE, origin, action)


GRANTED = st.tuples(st.integers(10, 14), st.integers(1, 5)).map(lambda pair: (days(pair[0], pair[0] + pair[1]),))
DECISIONS = st.builds(
    Decision,
    action=st.sampled_from(Action),
    ranges=st.just(()) | GRANTED,
    quantity=st.none() | st.integers(0, 6),
)


class Authorizing(RuleBasedStateMachine):
    """Requests and answers one after the other: the table says the same as what is computed from all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.state = AuthorizationState.NONE
        self.at = NOW

    def _next(self) -> str:
        self.at += timedelta(minutes=7)
        return f"k{len(self.steps)}"

    def _asked(self) -> list[Step]:
        return [one for one in self.steps if one.request and one.request.certification_type != CertificationType.CANCEL]

    @rule(first=st.integers(1, 20), count=st.integers(1, 6))
    def ask(self, first: int, count: int) -> None:
        if (self.state, AuthorizationAction.ASK) not in LIFE:
            with pytest.raises(Refused):
                after(LIFE, self.state, AuthorizationAction.ASK)
            return
        kind = CertificationType.EXTENSION if self.steps else CertificationType.INITIAL
        self.state = after(LIFE, self.state, AuthorizationAction.ASK)
        self.steps.append(Step(at=self.at, key=self._next(), request=request(days(first, first + count), kind)))

    @precondition(lambda self: self._asked())
    @rule(decision=DECISIONS)
    def answer(self, decision: Decision) -> None:
        to = self._asked()[-1]
        new = Step(at=self.at, key=self._next(), decision=decision, to=to.key)
        action = action_of(decision, to.request, approved(answered([*self.steps, new])))
        if action is None:
            self.steps.append(new)  # kept, and changes nothing
            return
        if (self.state, action) in LIFE:
            self.state = after(LIFE, self.state, action)
            self.steps.append(new)

    @precondition(lambda self: (self.state, AuthorizationAction.CANCEL) in LIFE)
    @rule()
    def withdraw(self) -> None:
        self.state = after(LIFE, self.state, AuthorizationAction.CANCEL)
        self.steps.append(Step(at=self.at, key=self._next(), request=request(None, CertificationType.CANCEL)))

    @invariant()
    def the_table_and_the_reckoning_agree(self) -> None:
        found = standing(self.steps)
        assert found.state is self.state
        assert standing(list(reversed(self.steps))) == found

    @invariant()
    def no_day_is_two_things_at_once(self) -> None:
        found = standing(self.steps).days
        assert not nights(found.ranges) & nights(found.denied)
        if self.state in (AuthorizationState.APPROVED, AuthorizationState.PARTIALLY):
            assert found.through is not None


TestAuthorizing = Authorizing.TestCase
