"""Evidence for the payment rate by a table that a reader can check, calendar days, and the life of a referral."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clocks.terms import Line
from app.discharge.eligibility.facts import Facts
from app.discharge.eligibility.rules.long_term import intensive_days
from app.discharge.terms import CareType
from app.kernel.refusal import Refused
from app.kernel.transitions import actions, after, finals, states, unreachable
from app.ltac.screening.rules import (
    ANSWERS,
    LIFE,
    Told412,
    benefit_words,
    calendar_days,
    judged,
    short_of_days,
    third_day,
)
from app.ltac.screening.terms import Rate, ReferralAction, ReferralState, Told

TABLE = Path(__file__).parents[2] / "scenarios" / "ltac" / "evidence.table"
LINES = {"m": Line.MEDICARE_FFS, "ma": Line.MEDICARE_ADVANTAGE, "c": Line.COMMERCIAL, "?": None}
TOLD = {"yes": Told.YES, "no": Told.NO, "?": Told.UNKNOWN}
TODAY = date(2026, 3, 5)
CHICAGO = ZoneInfo("America/Chicago")


def cases() -> list[list[str]]:
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    return [[part.strip() for part in line.split("|")] for line in lines]


def days(count: int) -> list[date]:
    return [date(2026, 2, 20) + timedelta(days=number) for number in range(count)]


def facts(line: str, acute: str, direct: str, excluded: str, more: list[str]) -> Told412:
    intensive, hours = more
    count = intensive.rstrip("+")
    return Told412(
        line=LINES[line], acute=TOLD[acute], direct=TOLD[direct], excluded=TOLD[excluded],
        intensive=None if count == "?" else days(int(count)), still_intensive=intensive.endswith("+"),
        ventilator=None if hours == "?" else int(hours),
    )  # fmt: skip


@pytest.mark.parametrize("case", cases(), ids=" ".join)
def test_what_the_evidence_says(case: list[str]):
    line, acute, direct, excluded, intensive, hours, rate, chip, asked = case
    found = judged(facts(line, acute, direct, excluded, [intensive, hours]), TODAY)

    assert (found.rate, found.brief) == (Rate(rate), chip)
    told = "; ".join(found.missing)
    assert [part for part in asked.split("; ") if part not in told] == []
    assert len(found.missing) == len([part for part in asked.split("; ") if part])
    assert all(part in found.because for part in found.missing) and found.because.endswith(".")
    assert found.citation.startswith("42 CFR 412.5")


ANSWER = st.sampled_from(list(Told))
EVIDENCE = st.builds(
    Told412, line=st.sampled_from([Line.MEDICARE_FFS, None]), acute=ANSWER, direct=ANSWER, excluded=ANSWER,
    intensive=st.none() | st.integers(0, 6).map(days), still_intensive=st.booleans(),
    ventilator=st.none() | st.integers(0, 200),
)  # fmt: skip


@given(EVIDENCE)
def test_at_risk_names_what_is_missing_and_nothing_else_does(told: Told412):
    found = judged(told, TODAY)

    assert (found.rate is Rate.AT_RISK) == bool(found.missing)


@given(EVIDENCE, st.data())
def test_what_is_proved_stays_proved_whatever_is_told_besides(told: Told412, data: Any):
    """Answers to open questions settle a case at risk; they never turn one that was settled."""
    before = judged(told, TODAY)
    if before.rate is Rate.AT_RISK:
        return
    answers = {
        name: data.draw(st.sampled_from([Told.YES, Told.NO]))
        for name in ("acute", "direct", "excluded")
        if getattr(told, name) is Told.UNKNOWN and before.rate is Rate.SITE_NEUTRAL
    }
    known = {name: getattr(told, name) for name in Told412.__dataclass_fields__}
    later = judged(Told412(**(known | answers)), TODAY)

    assert later.rate is before.rate


def test_the_third_day_is_a_calendar_day_of_the_stay():
    assert third_day(days(2)) is None
    assert third_day([*days(2), *days(2)]) is None
    assert third_day([date(2026, 3, 1), date(2026, 2, 20), date(2026, 2, 25)]) == date(2026, 3, 1)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=CHICAGO).astimezone(UTC)


def test_every_calendar_day_in_intensive_care_counts_once():
    now = at(12, 9)
    assert calendar_days([(at(1, 23), at(2, 1))], now, CHICAGO) == [date(2026, 3, 1), date(2026, 3, 2)]
    assert calendar_days([(at(1, 9), at(2, 0))], now, CHICAGO) == [date(2026, 3, 1)]
    assert calendar_days([(at(1, 9), at(1, 10)), (at(1, 12), at(1, 13))], now, CHICAGO) == [date(2026, 3, 1)]
    assert calendar_days([(at(11, 9), None)], now, CHICAGO) == [date(2026, 3, 11), date(2026, 3, 12)]
    assert calendar_days([], now, CHICAGO) == []


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 90), st.booleans()), max_size=5))
def test_the_acute_side_counts_the_same_days(spans: list[tuple[int, int, bool]]):
    now = at(12, 9)
    start = at(1, 0)
    told = [
        (begins, None if opened else begins + timedelta(hours=long))
        for begins, long, opened in ((start + timedelta(hours=first), long, opened) for first, long, opened in spans)
    ]
    other = Facts(care_type=CareType.LTCH, zone=CHICAGO, now=now, today=date(2026, 3, 12), intensive=told)

    assert calendar_days(told, now, CHICAGO) == [day for day, _ in intensive_days(other)]


def test_days_of_the_benefit_in_words():
    assert benefit_words(None, None) == ""
    assert benefit_words(1, None) == "1 day left"
    assert benefit_words(52, 60) == "52 days left, 60 reserve"
    assert short_of_days(52, 60, 28) == "" == short_of_days(None, 60, 28) == short_of_days(52, 60, None)
    assert short_of_days(20, 60, 28) == "28 days are expected and 20 are left; 8 would come from the lifetime reserve."
    assert short_of_days(20, 3, 28) == "5 of 28 expected days are covered by no day of the benefit."
    assert short_of_days(20, None, 28) == "28 days are expected and 20 are left."


def test_the_life_of_a_referral_has_no_dead_ends():
    assert unreachable(LIFE, ReferralState.RECEIVED) == [] and finals(LIFE) == []
    assert set(states(LIFE)) == set(ReferralState)
    assert {action for _, action in LIFE} == set(ReferralAction)
    assert {LIFE[pair] for pair in LIFE if pair[1] in ANSWERS} == {ReferralState.ACCEPTED, ReferralState.DECLINED}


@given(st.lists(st.sampled_from(list(ReferralAction)), max_size=12))
def test_a_referral_is_never_admitted_without_an_offer(tried: list[ReferralAction]):
    state, offered = ReferralState.RECEIVED, False
    for action in tried:
        if action not in actions(LIFE, state):
            with pytest.raises(Refused, match="Possible now"):
                after(LIFE, state, action, noun="referral")
            continue
        state = after(LIFE, state, action, noun="referral")
        offered = (
            action is ReferralAction.ACCEPT
            or action is ReferralAction.UNLINK
            or (offered and action is ReferralAction.ADMIT)
        )
        assert offered == (state in (ReferralState.ACCEPTED, ReferralState.ADMITTED))
