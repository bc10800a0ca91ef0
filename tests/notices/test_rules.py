"""The life cycle of a delivery, and who must sign what."""

from datetime import UTC, datetime, timedelta

import pytest

from app.clocks.terms import Copy, NoticeKind
from app.kernel.refusal import Refused
from app.kernel.transitions import after, finals, states, unreachable
from app.notices.rules import AFTER_DELIVERY, DELIVERABLE, LIFE, Given, check_continued_stay, name_of, receipts, state
from app.notices.terms import Basis, NoticeAction, NoticeState, Receipt

AT = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def given(at: datetime, copy: Copy | None = Copy.FIRST, receipt: Receipt = Receipt.PAPER) -> Given:
    return Given(NoticeKind.IM if copy else NoticeKind.MOON, copy, at, receipt)


def test_every_state_is_reached_and_only_what_counts_no_more_is_final():
    assert unreachable(LIFE, NoticeState.NOT_GIVEN) == []
    assert set(finals(LIFE)) == {NoticeState.VOID, NoticeState.STRUCK_OUT}
    assert set(states(LIFE)) == set(NoticeState)


@pytest.mark.parametrize("origin", list(NoticeState))
@pytest.mark.parametrize("action", list(NoticeAction))
def test_every_pair_leads_on_or_is_refused(origin: NoticeState, action: NoticeAction):
    if (origin, action) in LIFE:
        assert after(LIFE, origin, action) is LIFE[origin, action]
        return
    with pytest.raises(Refused):
        after(LIFE, origin, action)


def test_every_receipt_leads_to_a_state_of_the_table():
    assert set(AFTER_DELIVERY) == set(Receipt)
    assert set(AFTER_DELIVERY.values()) <= set(states(LIFE))


@pytest.mark.parametrize(
    ("kind", "copy", "first", "unsigned"),
    [
        (NoticeKind.IM, Copy.FIRST, Receipt.PAPER, False),
        (NoticeKind.IM, Copy.FOLLOW_UP, Receipt.PAPER, True),
        (NoticeKind.MOON, None, Receipt.PAPER, False),
        (NoticeKind.MCSN, None, Receipt.PAPER, False),
        (NoticeKind.DND, None, Receipt.UNSIGNED, True),
        (NoticeKind.CC44, None, Receipt.UNSIGNED, True),
        (NoticeKind.HINN12, None, Receipt.PAPER, False),
        (NoticeKind.NOMNC, None, Receipt.PAPER, False),
    ],
)
def test_who_must_sign(kind: NoticeKind, copy: Copy | None, first: Receipt, unsigned: bool):
    offered = receipts(kind, copy)

    assert offered[0] is first
    assert (Receipt.UNSIGNED in offered) is unsigned


def test_every_notice_has_a_name():
    assert len({name_of(kind) for kind in DELIVERABLE}) == len(DELIVERABLE)
    assert name_of(NoticeKind.IM, Copy.FOLLOW_UP) == "Important Message, follow-up copy"


def test_a_later_delivery_of_the_same_notice_supersedes():
    first, second = given(AT), given(AT + HOUR)
    other_copy = given(AT + 2 * HOUR, Copy.FOLLOW_UP)

    assert state(first, [first, other_copy]) is NoticeState.SIGNED
    assert state(first, [first, second]) is NoticeState.SUPERSEDED
    assert state(second, [first, second]) is NoticeState.SIGNED


def test_a_follow_up_copy_from_before_its_window_is_superseded_by_the_later_departure():
    copy = given(AT, Copy.FOLLOW_UP, Receipt.REFUSED)

    assert state(copy, [copy], AT - HOUR) is NoticeState.REFUSED
    assert state(copy, [copy], AT + HOUR) is NoticeState.SUPERSEDED
    assert state(given(AT), [], AT + HOUR) is NoticeState.SIGNED


def test_a_notice_of_continued_stay_on_the_word_of_the_qio_needs_its_decision():
    check_continued_stay(Basis.QIO, decided_for_hospital=True)
    check_continued_stay(Basis.ATTENDING, decided_for_hospital=False)
    with pytest.raises(Refused) as refused:
        check_continued_stay(Basis.QIO, decided_for_hospital=False)
    assert refused.value.field == "basis"
