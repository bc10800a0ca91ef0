"""The life of a referral as a table, and a simple model that walks it at random with several vendors."""

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.discharge.referrals.rules import (
    LIFE,
    MINIMUM,
    REOPENING,
    REQUEST_LIFE,
    STANDING,
    WAITING,
    WITHHELD,
    Leaving,
    check_decline,
    check_offer,
    check_vendors,
    closes_at_departure,
    link_ends,
    may_disclose,
    reopens,
    unanswered,
    wanted,
)
from app.discharge.referrals.terms import (
    DELAY_CODES,
    ClosedBecause,
    DeclineReason,
    ReferralAction,
    ReferralState,
    RequestAction,
    RequestState,
)
from app.discharge.terms import WITHOUT_PROVIDER, CareType
from app.kernel.refusal import Refused
from app.kernel.transitions import after, unreachable

S, A = ReferralState, ReferralAction
NOW = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
# What a vendor may do with a referral, said once more in plain words: the model that the table has to agree with.
VENDOR_MAY = {
    "sent": "open ask accept decline", "opened": "ask accept decline", "question": "ask accept decline",
    "accepted": "ask withdraw",
}  # fmt: skip


def test_every_state_is_reached_and_every_other_pair_is_refused_with_a_way_out():
    assert unreachable(LIFE, S.DRAFT) == []
    assert unreachable(REQUEST_LIFE, RequestState.OPEN) == []
    for state in S:
        for action in A:
            if (state, action) not in LIFE:
                with pytest.raises(Refused, match=r"Possible now|Nothing more"):
                    after(LIFE, state, action, noun="referral")


def test_a_vendor_may_do_what_the_plain_words_say_and_nothing_else():
    of_vendor = {A.OPEN, A.ASK, A.ACCEPT, A.DECLINE, A.WITHDRAW}
    for state in S:
        allowed = {action.value for action in of_vendor if (state, action) in LIFE}
        by_telephone = {"accept", "decline"} if state is S.EXPIRED else set()
        assert allowed == set(VENDOR_MAY.get(state, "").split()) | by_telephone, state


def test_a_second_answer_is_refused_whoever_gives_it():
    for state in (S.ACCEPTED, S.DECLINED, S.CLOSED, S.CANCELLED):
        for action in (A.ACCEPT, A.DECLINE):
            with pytest.raises(Refused):
                after(LIFE, state, action, noun="referral")


def test_what_was_closed_comes_back_as_it_was():
    for state in STANDING:
        closed = after(LIFE, state, A.CLOSE, noun="referral")
        assert after(LIFE, closed, REOPENING[state], noun="referral") == state
    assert S.DRAFT not in REOPENING


def test_only_a_cancelled_discharge_reopens_and_only_its_own():
    assert [because for because in ClosedBecause if reopens(because)] == [ClosedBecause.DISCHARGED]
    assert closes_at_departure("03") is ClosedBecause.DISCHARGED
    assert {closes_at_departure(code) for code in ("20", "40", "41", "42")} == {ClosedBecause.DIED}
    assert closes_at_departure(None) is ClosedBecause.DISCHARGED


@pytest.mark.parametrize(
    ("sensitive", "consented", "leaves"),
    [(False, False, ("stay", "plan")), (True, True, ("stay", "plan")), (True, False, ())],
)
def test_a_protected_stay_leaves_only_with_a_consent(sensitive: bool, consented: bool, leaves: tuple[str, ...]):
    found = may_disclose(["plan", "stay"], ["stay", "plan", "course"], sensitive=sensitive, consented=consented)

    assert found == Leaving(leaves, () if leaves else ("stay", "plan"))


def test_the_minimum_holds_nothing_of_payers_and_opinions():
    assert not MINIMUM & WITHHELD


def test_vendors_are_asked_once_and_not_too_many():
    check_vendors(["a", "b"], [])
    for vendors, already in (([], []), (["a"], ["a"]), (list(range(30)), [])):
        with pytest.raises(Refused):
            check_vendors(vendors, already)


def test_an_acceptance_needs_a_day_to_come():
    today = date(2026, 3, 5)
    check_offer(today, today)
    for day in (None, date(2026, 3, 4), date(2027, 3, 5)):
        with pytest.raises(Refused):
            check_offer(day, today)


def test_a_decline_needs_a_reason_and_another_reason_words():
    check_decline(DeclineReason.NO_BED, "")
    for reason, said in ((None, "no"), (DeclineReason.OTHER, "")):
        with pytest.raises(Refused):
            check_decline(reason, said)


def test_a_link_outlives_the_time_to_answer():
    assert link_ends(NOW, 14, NOW + timedelta(days=1)) == NOW + timedelta(days=14)
    assert link_ends(NOW, 1, NOW + timedelta(days=3)) == NOW + timedelta(days=3)


def test_more_vendors_are_asked_only_when_nobody_said_anything_useful():
    late = NOW + timedelta(minutes=1)
    assert unanswered([S.SENT, S.OPENED, S.DECLINED], NOW, late)
    assert not unanswered([S.SENT], NOW, NOW - timedelta(seconds=1))
    for state in (S.ACCEPTED, S.QUESTION, S.DRAFT):
        assert not unanswered([S.SENT, state], NOW, late)
    assert not unanswered([], NOW, late)


def test_every_care_of_a_vendor_has_the_code_of_its_delay():
    assert set(DELAY_CODES) == set(CareType) - WITHOUT_PROVIDER - {CareType.NF, CareType.OTHER} | {
        CareType.NF, CareType.SHELTER}  # fmt: skip


class Need(RuleBasedStateMachine):
    """One need, three vendors, random actors: the table against plain words."""

    def __init__(self) -> None:
        super().__init__()
        self.vendors = [S.SENT, S.SENT, S.SENT]
        self.before = list(self.vendors)
        self.need = RequestState.OPEN
        self.because = ""

    @rule(which=st.integers(0, 2), action=st.sampled_from([A.OPEN, A.ASK, A.ACCEPT, A.DECLINE, A.WITHDRAW]))
    def vendor(self, which: int, action: A) -> None:
        state = self.vendors[which]
        if action.value in VENDOR_MAY.get(state, "").split():
            self.vendors[which] = after(LIFE, state, action, noun="referral")
        elif state is not S.EXPIRED:
            with pytest.raises(Refused):
                after(LIFE, state, action, noun="referral")

    @rule(which=st.integers(0, 2))
    def time_passes(self, which: int) -> None:
        if self.vendors[which] in WAITING:
            self.vendors[which] = after(LIFE, self.vendors[which], A.EXPIRE, noun="referral")

    @rule(because=st.sampled_from(["discharged", "died"]))
    def leaves(self, because: str) -> None:
        if self.need is not RequestState.OPEN:
            return
        self.before = list(self.vendors)
        self.vendors = [S.CLOSED if state in STANDING else state for state in self.vendors]
        self.need = after(REQUEST_LIFE, self.need, RequestAction.CLOSE, noun="need")
        self.because = because

    @rule()
    def discharge_is_cancelled(self) -> None:
        if self.need is not RequestState.CLOSED or not reopens(self.because):
            return
        self.need = after(REQUEST_LIFE, self.need, RequestAction.REOPEN, noun="need")
        self.vendors = [
            after(LIFE, now, REOPENING[was], noun="referral") if now is S.CLOSED else now
            for was, now in zip(self.before, self.vendors, strict=True)
        ]
        assert self.vendors == self.before, "everything is as it was"

    @invariant()
    def nobody_waits_for_a_closed_need(self) -> None:
        if self.need is RequestState.CLOSED:
            assert not set(self.vendors) & STANDING
        assert wanted(self.vendors, self.need) in {"accepted", "question", "waiting", "nobody", "closed"}


TestNeed = Need.TestCase
