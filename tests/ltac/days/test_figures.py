"""Figures of a long-term hospital: a small year reckoned by hand, the projection, shares, and the look for bunching."""

from collections import Counter
from datetime import date, timedelta
from math import exp, factorial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clocks.terms import Line
from app.ltac.days.rules import averages, bunching, shares
from app.ltac.days.rules.averages import AS_THE_LAW_HAS_IT, Inclusion, Leaver, Period, Present
from app.ltac.days.terms import Rate

TABLE = Path(__file__).parents[2] / "scenarios" / "ltac" / "average.table"
YEAR = Period(date(2025, 10, 1), date(2026, 9, 30))
ALL = AS_THE_LAW_HAS_IT


def small_year() -> list[Leaver]:
    found = []
    for line in TABLE.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            key, left, covered, noncovered, away, payer, rate = (part.strip() for part in line.split("|"))
            found.append(
                Leaver(
                    key=key, left=date.fromisoformat(left), covered=int(covered), noncovered=int(noncovered),
                    away=int(away), line=Line(payer), rate=Rate(rate),
                )
            )  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("rules", "days", "discharges"),
    [
        (ALL, 125, 5),
        (ALL - {Inclusion.NONCOVERED_DAYS}, 120, 5),
        (ALL - {Inclusion.NO_DAYS_AWAY}, 131, 5),
        (ALL - {Inclusion.NO_ADVANTAGE}, 136, 6),
        (ALL - {Inclusion.NO_SITE_NEUTRAL}, 134, 6),
        (ALL - {Inclusion.MEDICARE_ONLY}, 185, 6),
        (frozenset(), 20 + 30 + 25 + 24 + 11 + 9 + 60 + 27, 8),
    ],
)
def test_the_average_of_a_small_year_by_every_rule(rules: frozenset[Inclusion], days: int, discharges: int):
    found = averages.average(small_year(), YEAR, rules)
    assert (found.days, found.discharges) == (days, discharges)
    assert found.value == days / discharges


def test_what_each_rule_removed_is_told():
    assert averages.average(small_year(), YEAR).left_out == {
        Inclusion.NO_ADVANTAGE: 1, Inclusion.NO_SITE_NEUTRAL: 1, Inclusion.MEDICARE_ONLY: 1,
    }  # fmt: skip
    assert averages.average([], YEAR).value is None


def test_before_october_2015_nobody_of_medicare_was_left_out():
    old = Period(date(2015, 9, 1), date(2016, 8, 31))
    moved = [
        Leaver(key=one.key, left=one.left - timedelta(days=3650), covered=one.covered, line=one.line, rate=one.rate)
        for one in small_year()
    ]
    assert Inclusion.NO_ADVANTAGE not in averages.in_period(old, ALL)
    assert {Inclusion.NO_ADVANTAGE, Inclusion.NO_SITE_NEUTRAL} <= averages.in_period(YEAR, ALL)
    assert averages.average(moved, old).left_out == {Inclusion.MEDICARE_ONLY: 1}


@pytest.mark.parametrize(
    ("on", "month", "first", "last"),
    [
        (date(2026, 3, 5), 10, date(2025, 10, 1), date(2026, 9, 30)),
        (date(2025, 10, 1), 10, date(2025, 10, 1), date(2026, 9, 30)),
        (date(2025, 9, 30), 10, date(2024, 10, 1), date(2025, 9, 30)),
        (date(2028, 2, 29), 1, date(2028, 1, 1), date(2028, 12, 31)),
        (date(2028, 2, 29), 3, date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_cost_report_years(on: date, month: int, first: date, last: date):
    assert averages.cost_report_period(on, month) == Period(first, last)


TODAY = date(2026, 9, 10)


def present(key: str, days: int, **more: object) -> Present:
    told = {"line": Line.MEDICARE_FFS, "rate": Rate.STANDARD, **more}
    return Present(key=key, days=days, **told)  # type: ignore[arg-type]


def test_the_projection_takes_everybody_as_it_says():
    here = [
        present("x", 22, expected=date(2026, 9, 20)),  # 21 full days and 10 more: 31
        present("y", 10, mean=24.3),  # to the end of 25 days, on 26 September
        present("z", 40, mean=24.3),  # past the mean: today, with 39 days
        present("late", 5, expected=date(2026, 10, 2)),
        present("unknown", 5),
        present("ma", 12, expected=TODAY, line=Line.MEDICARE_ADVANTAGE, rate=Rate.NOT_FFS),
    ]
    found = averages.projected(small_year(), here, YEAR, TODAY)
    assert (found.average.days, found.average.discharges) == (125 + 31 + 25 + 39, 8)
    assert {one.key: (one.on, one.days) for one in found.added} == {
        "x": (date(2026, 9, 20), 31), "y": (date(2026, 9, 26), 25), "z": (TODAY, 39), "ma": (TODAY, 11),
    }  # fmt: skip
    assert [one.key for one in found.later] == ["late"] and [one.key for one in found.unknown] == ["unknown"]
    assert "mean" in found.added[1].because and found.added[0].because == "expected date"


def test_the_effect_of_each_pending_discharge():
    here = [present("x", 22, expected=date(2026, 9, 20)), present("y", 10, expected=date(2026, 9, 25))]
    effects = {one.key: one for one in averages.sensitivity(small_year(), here, YEAR, TODAY)}
    base = averages.projected(small_year(), here, YEAR, TODAY).average
    assert base.days == 125 + 31 + 24 and base.discharges == 7
    assert effects["x"].today == (125 + 21 + 24) / 7 and effects["x"].week_later == (125 + 38 + 24) / 7
    # A week later y leaves in the next year, and takes the days along.
    assert effects["y"].today == (125 + 31 + 9) / 7 and effects["y"].week_later == (125 + 31) / 6
    assert averages.sensitivity(small_year(), [present("n", 3)], YEAR, TODAY) == []


def test_the_discharge_payment_percentage():
    found = averages.payment_percentage(small_year(), YEAR)
    assert (found.standard, found.site_neutral, found.undecided) == (4, 1, 1)
    assert found.percent == 80 and not found.below
    assert found.bounds == (100 * 4 / 6, 100 * 5 / 6)
    poor = averages.PaymentPercentage(49, 51, 0)
    assert poor.below and not averages.PaymentPercentage(50, 50, 0).below
    assert averages.PaymentPercentage(0, 0, 0).percent is None and not averages.PaymentPercentage(0, 0, 0).below


def outcome(key: str, day: int, **more: object) -> shares.Outcome:
    return shares.Outcome(key=key, left=date(2026, 1, day), **more)  # type: ignore[arg-type]


def test_shares_count_who_they_say():
    all_of_them = [
        outcome("a", 1, short_stay=True, weaned=True, back_on=date(2026, 1, 31)),
        outcome("b", 2, short_stay=False, weaned=False, back_on=date(2026, 2, 2)),
        outcome("c", 3, short_stay=None, to_acute=True, back_on=date(2026, 1, 5)),
        outcome("d", 4, died=True, weaned=False),
        outcome("e", 31),
    ]
    today = date(2026, 2, 20)
    assert shares.short_stays(all_of_them) == shares.Share(1, 2, 3)
    assert shares.weaned(all_of_them) == shares.Share(1, 3)
    assert shares.transfers_back(all_of_them) == shares.Share(1, 5)
    # a is back on day 30, b on day 31, e has been gone for twenty days only.
    assert shares.readmissions(all_of_them, today) == shares.Share(1, 2, 1)
    assert shares.Share(0, 0).percent is None and shares.Share(0, 0).interval is None


# --- bunching --------------------------------------------------------------------------------------------------------


def spread(counts: dict[int, int]) -> list[int]:
    return [day for day, count in counts.items() for _ in range(count)]


def test_an_even_spread_expects_what_is_there():
    found = bunching.bunching(spread(dict.fromkeys(range(-10, 11), 5)))
    assert found.observed == 15 and found.expected == pytest.approx(15) and found.total == 105
    assert found.mid_p == pytest.approx(0.4319 + 0.1024 / 2, abs=1e-3)  # P(X > 15) and half of P(X = 15)


def test_discharges_that_gather_stand_out_and_those_missing_before_do_not_hide_them():
    counts = dict.fromkeys(range(-10, 11), 5) | {-2: 0, -1: 0, 0: 12, 1: 8, 2: 5}
    found = bunching.bunching([*spread(counts), 40, -30])
    assert found.observed == 25 and found.expected == pytest.approx(15) and found.total == sum(counts.values())
    assert found.mid_p is not None and found.mid_p < 0.02


def test_a_slope_is_followed():
    counts = {day: round(8 * exp(0.1 * day)) for day in range(-10, 11)}
    found = bunching.bunching(spread(counts))
    assert found.expected == pytest.approx(8 * (1 + exp(0.1) + exp(0.2)), rel=0.06)


def test_too_few_give_no_comparison():
    found = bunching.bunching([0] * 20 + [-5] * 29)
    assert found.expected is None and found.mid_p is None and "30 are needed" in found.why and found.observed == 20


def test_discharges_on_one_side_only_say_nothing_about_the_other():
    for day in (-10, -3, 10):
        assert "one side" in bunching.bunching([day] * 40 + [0] * 3).why
    assert bunching.bunching([-10] * 29 + [10]).expected is not None


@given(st.lists(st.integers(-14, 14), min_size=60, max_size=300))
def test_the_fit_keeps_the_number_outside(days: list[int]):
    found = bunching.bunching(days)
    if found.expected is None:
        return
    outside = [day for day in range(-10, 11) if day not in (*bunching.WATCHED, *bunching.SHADOW)]
    counted = Counter(days)
    assert sum(found.fitted[day + 10] for day in outside) == pytest.approx(sum(counted[day] for day in outside))
    assert 0 <= (found.mid_p or 0) <= 1 and found.observed == sum(counted[day] for day in bunching.WATCHED)


@given(st.integers(0, 40), st.floats(0.1, 40))
def test_the_chance_is_exact(observed: int, expected: float):
    chance = [exp(-expected) * expected**number / factorial(number) for number in range(observed + 1)]
    assert bunching.mid_p(observed, expected) == pytest.approx(max(0, 1 - sum(chance) + chance[-1] / 2), abs=1e-9)
