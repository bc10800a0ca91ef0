"""Levels of appeal by the numbered examples, both life cycles as tables, closing, money."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.clocks.terms import Line
from app.kernel.days import local_day, start_of_day
from app.kernel.refusal import Refused
from app.kernel.transitions import actions, after, finals, unreachable
from app.payers.denials import rules
from app.payers.denials.appeals import rules as appeals
from app.payers.denials.appeals.rules import Contract, Level, decide_by, file_by, levels, of_days
from app.payers.denials.appeals.terms import AppealAction, AppealState
from app.payers.denials.rules import Done, check_closing, law_of, money, money_text, overlap, total, total_text
from app.payers.denials.terms import DenialAction, DenialKind, DenialOutcome, DenialState
from app.payers.requests.terms import Days

TABLE = Path(__file__).parents[2] / "scenarios" / "payers" / "appeals.table"
CHICAGO = ZoneInfo("America/Chicago")


def cases() -> Iterator[tuple[str, ...]]:
    for line in TABLE.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield tuple(part.strip() for part in line.split("|"))


@pytest.mark.parametrize("case", list(cases()), ids=" ".join)
def test_examples(case: tuple[str, ...]):
    _, who, number, noticed, received, what, answer = case
    name, _, days = who.partition(" ")
    contract = Contract([of_days(int(one)) for one in days.split(",") if one])
    notice = date.fromisoformat(noticed)
    found = next((one for one in levels(Line(name), contract, notice) if one.number == int(number)), None)

    assert said(found, what, notice, None if received == "-" else date.fromisoformat(received)) == answer


def said(level: Level | None, what: str, notice: date, received: date | None) -> str:
    if level is None:
        return "-"
    at = start_of_day(notice, CHICAGO)
    answers = {
        "name": lambda: level.name,
        "amount": lambda: level.least,
        "file": lambda: day(file_by(level, at, received, CHICAGO)),
        "decide": lambda: day(decide_by(level, at, CHICAGO)),
        "urgent": lambda: day(decide_by(level, at, CHICAGO, expedited=True)),
    }
    answer = answers[what]()
    return "-" if answer is None else str(answer)


def day(at: datetime | None) -> date | None:
    return None if at is None else local_day(at, CHICAGO)


def test_levels_are_numbered_without_a_gap_and_name_their_law():
    for line in Line:
        found = levels(line, Contract(), date(2026, 3, 2))
        assert [one.number for one in found] == list(range(1, len(found) + 1))
        assert all(one.citation and one.decides for one in found)


def test_a_payment_dispute_with_a_medicare_plan_is_a_matter_of_the_contract():
    assert law_of(Line.MEDICARE_ADVANTAGE, DenialKind.CONCURRENT) is Line.MEDICARE_ADVANTAGE
    assert law_of(Line.MEDICARE_ADVANTAGE, DenialKind.POST_PAYMENT) is Line.OTHER
    assert law_of(Line.MEDICARE_FFS, DenialKind.POST_PAYMENT) is Line.MEDICARE_FFS


def test_the_hearing_asks_an_amount_that_what_is_not_known_does_not_miss():
    hearing = levels(Line.MEDICARE_FFS, Contract(), date(2026, 3, 2))[2]
    assert not hearing.open_to(Decimal("199.99"))
    assert hearing.open_to(Decimal("200.00")) and hearing.open_to(None)
    assert levels(Line.MEDICARE_FFS, Contract(), date(2024, 3, 2))[2].least is None


def test_every_state_is_reached_and_only_what_is_struck_out_is_at_its_end():
    assert unreachable(rules.LIFE, DenialState.NONE) == []
    assert finals(rules.LIFE) == [DenialState.STRUCK_OUT]
    assert unreachable(appeals.LIFE, AppealState.NONE) == []
    assert finals(appeals.LIFE) == [AppealState.STRUCK_OUT]


@given(st.sampled_from(DenialState), st.sampled_from(DenialAction))
def test_every_pair_of_a_denial_is_in_the_table_or_refused(state: DenialState, action: DenialAction):
    held = (state, action) in rules.LIFE
    try:
        following = after(rules.LIFE, state, action, noun="denial")
    except Refused as refused:
        assert not held and refused.sentence.startswith("This denial is ")
    else:
        assert held and following is rules.LIFE[state, action]


class Both(RuleBasedStateMachine):
    """A denial with one appeal, in any order of deeds: the two life cycles agree about who waits for whom."""

    def __init__(self) -> None:
        super().__init__()
        self.denial = after(rules.LIFE, DenialState.NONE, DenialAction.RECORD)
        self.appeal = AppealState.NONE

    def _both(self, appeal: AppealAction, denial: DenialAction | None) -> None:
        try:
            following = after(appeals.LIFE, self.appeal, appeal)
            changed = after(rules.LIFE, self.denial, denial) if denial is not None else self.denial
        except Refused:
            return
        self.appeal, self.denial = following, changed
        if self.appeal in (AppealState.DECIDED, AppealState.WITHDRAWN, AppealState.STRUCK_OUT):
            self.appeal = AppealState.NONE  # the next level begins anew

    @rule()
    def send(self) -> None:
        self._both(AppealAction.SEND, DenialAction.FILE_APPEAL)

    @rule()
    def verify(self) -> None:
        self._both(AppealAction.VERIFY, None)

    @rule(won=st.booleans())
    def decide(self, won: bool) -> None:
        self._both(AppealAction.DECIDE, DenialAction.WIN_APPEAL if won else DenialAction.LOSE_APPEAL)

    @rule()
    def withdraw(self) -> None:
        self._both(AppealAction.WITHDRAW, DenialAction.WITHDRAW_APPEAL)

    @rule(action=st.sampled_from([DenialAction.ASK_TALK, DenialAction.HOLD_TALK, DenialAction.AMEND]))
    def speak(self, action: DenialAction) -> None:
        if action in actions(rules.LIFE, self.denial):
            self.denial = after(rules.LIFE, self.denial, action)

    @invariant()
    def a_denial_waits_for_a_decision_while_an_appeal_is_out(self) -> None:
        out = self.appeal in (AppealState.SENT, AppealState.VERIFIED)
        assert (self.denial is DenialState.APPEALED) == out


TestBoth = Both.TestCase


@pytest.mark.parametrize("outcome", [DenialOutcome.UPHELD, DenialOutcome.PARTLY, DenialOutcome.OVERTURNED])
def test_closing_needs_something_that_was_done(outcome: DenialOutcome):
    with pytest.raises(Refused, match="Nothing was done"):
        check_closing(outcome, Done(), "because")
    for done in (Done(talk_asked=True), Done(talk_held=True), Done(appealed=True)):
        check_closing(outcome, done, "")


@pytest.mark.parametrize("outcome", [DenialOutcome.WRITTEN_OFF, DenialOutcome.STATUS_CHANGE])
def test_giving_up_needs_a_reason_and_nothing_else(outcome: DenialOutcome):
    with pytest.raises(Refused, match="Say why"):
        check_closing(outcome, Done(appealed=True), "")
    check_closing(outcome, Done(), "below the cost of an appeal")


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12480.50", "12480.50"), ("$ 12,480.5", "12480.50"), ("0", "0.00"), ("300", "300.00"), ("1.", None)],
)
def test_money_is_read_as_people_write_it(text: str, amount: str | None):
    if amount is None:
        with pytest.raises(ValueError, match="Write an amount"):
            money(text)
    else:
        assert str(money(text)) == amount


@pytest.mark.parametrize("text", ["-5", "1.234", "twelve", "1e9", "9999999999", "١٢"])
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(ValueError, match="Write an amount"):
        money(text)


@given(st.lists(st.integers(0, 10**11)))
def test_totals_keep_every_cent(cents: list[int]):
    amounts = [Decimal(one) / 100 for one in cents]
    assert total([*amounts, None]) * 100 == sum(cents)


def test_amounts_are_shown_with_their_cents():
    assert money_text(Decimal("12480.5")) == "$12,480.50"
    assert money_text(None) == "" and money("  ") is None


def test_a_total_says_how_many_amounts_nobody_knows():
    assert total_text([Decimal("300"), None]) == "$300.00 and 1 not known"
    assert total_text([None]) == "not known"
    assert total_text([Decimal("300"), Decimal("0.05")]) == "$300.05"


def test_a_day_named_twice_is_found():
    one, two = Days(date(2026, 3, 4), date(2026, 3, 6)), Days(date(2026, 3, 5), date(2026, 3, 7))
    assert overlap([one, two]) and not overlap([one, Days(date(2026, 3, 6), date(2026, 3, 7))])
