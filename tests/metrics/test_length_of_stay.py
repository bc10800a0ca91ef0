"""Length of stay by hand: small sets whose figures are worked out on paper, and what always holds."""

from datetime import date, timedelta
from math import exp, log

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.metrics import length_of_stay
from app.metrics.length_of_stay import DRG_SCHEMA, by, drg_table, figures, unknown, with_lengths

DRG = pl.DataFrame(
    [(2023, "246", 2.2), (2024, "321", 2.6), (2024, "291", 3.9), (2025, "291", 4.0), (2024, "999", 0.0)],
    schema=DRG_SCHEMA, orient="row",
)  # fmt: skip
Stay = tuple[date | None, date | None, str | None]


def frame(*stays: Stay) -> pl.DataFrame:
    schema = {"admit_date": pl.Date, "discharge_date": pl.Date, "ms_drg": pl.String}
    return pl.DataFrame(list(stays), schema=schema, orient="row")


@pytest.mark.parametrize(
    ("admitted", "left", "drg", "days", "expected", "excess"),
    [
        # A stay is in the table of the fiscal year of its discharge, which begins on 1 October.
        (date(2023, 9, 28), date(2023, 9, 30), "246", 2, 2.2, 0.0),
        (date(2023, 9, 28), date(2023, 10, 1), "246", 3, None, None),  # the group had ended
        (date(2023, 9, 28), date(2023, 10, 1), "321", 3, 2.6, 0.4),
        (date(2023, 9, 25), date(2023, 9, 30), "321", 5, None, None),  # the group had not begun
        (date(2024, 9, 20), date(2024, 9, 30), "291", 10, 3.9, 6.1),
        (date(2024, 9, 20), date(2024, 10, 1), "291", 11, 4.0, 7.0),
        # No night is one day; midnights count, also over the night on which clocks go forward.
        (date(2024, 3, 10), date(2024, 3, 10), "291", 1, 3.9, 0.0),
        (date(2024, 3, 9), date(2024, 3, 11), "291", 2, 3.9, 0.0),
        (date(2024, 2, 28), date(2024, 3, 1), "291", 2, 3.9, 0.0),
        # What is missing gives no figure, never 0.
        (date(2024, 3, 9), date(2024, 3, 11), None, 2, None, None),
        (date(2024, 3, 9), date(2024, 3, 11), "", 2, None, None),
        (date(2024, 3, 9), date(2024, 3, 11), "999", 2, None, None),  # a group without a figure in its table
        (date(2024, 3, 9), None, "291", None, None, None),
        (date(2024, 3, 11), date(2024, 3, 9), "291", None, 3.9, None),
    ],
)
def test_one_stay(admitted, left, drg, days, expected, excess):
    row = with_lengths(frame((admitted, left, drg)), DRG).row(0, named=True)

    assert row["los_days"] == days
    assert row["gmlos"] == expected
    assert row["excess_days"] == (None if excess is None else pytest.approx(excess))


def test_figures_of_a_small_set_by_hand():
    stays = with_lengths(
        frame(
            (date(2024, 1, 1), date(2024, 1, 3), "291"),  # 2 of 3.9
            (date(2024, 1, 1), date(2024, 1, 9), "291"),  # 8 of 3.9
            (date(2024, 1, 1), date(2024, 1, 5), "321"),  # 4 of 2.6
            (date(2024, 1, 1), date(2024, 1, 2), "777"),  # 1, unknown
            (date(2024, 1, 1), None, "291"),  # still there: counts nowhere
        ),
        DRG,
    )
    found = figures(stays)

    assert (found.stays, found.days, found.with_expected, found.without_expected) == (4, 15, 3, 1)
    assert found.mean == pytest.approx(3.75)
    assert found.geometric_mean == pytest.approx(64 ** (1 / 4))
    assert found.median == 3.0
    assert (found.observed_days, found.expected_days) == (14, pytest.approx(10.4))
    assert found.observed_expected == pytest.approx(14 / 10.4)
    assert found.geometric_ratio == pytest.approx((64 / (3.9 * 3.9 * 2.6)) ** (1 / 3))
    assert found.excess_days == pytest.approx(4.1 + 1.4)
    assert unknown(stays) == {"no_drg": 0, "not_in_table": 1}


def test_the_table_of_groups_keeps_a_row_for_what_is_unknown():
    stays = with_lengths(
        frame((date(2024, 1, 1), date(2024, 1, 3), "291"), (date(2024, 1, 1), date(2024, 1, 3), "777")), DRG
    )
    table = drg_table(stays)

    assert table.select("fiscal_year", "ms_drg", "gmlos", "stays", "without_expected").rows() == [
        (2024, "291", 3.9, 1, 0), (2024, "777", None, 1, 1),
    ]  # fmt: skip


def test_nothing_to_count_gives_no_mean():
    found = figures(with_lengths(frame(), DRG))

    assert (found.stays, found.mean, found.observed_expected, found.excess_days) == (0, None, None, 0.0)


def test_the_two_forms_of_observed_over_expected_bear_different_names():
    assert len(set(length_of_stay.LABELS.values())) == 2
    assert "geometric" in length_of_stay.LABELS["geometric_ratio"].lower()


DAYS = st.dates(date(2023, 7, 1), date(2024, 12, 31))
STAYS = st.lists(st.tuples(DAYS, st.integers(0, 60), st.sampled_from(["246", "321", "291", "777", None])), max_size=30)


@given(STAYS)
def test_sums_of_parts_are_the_whole_and_each_figure_is_its_definition(drawn):
    stays = frame(*((day, day + timedelta(days=nights), drg) for day, nights, drg in drawn))
    measured = with_lengths(stays, DRG)
    whole, parts = figures(measured), by(measured, "ms_drg")

    assert measured.height == len(drawn), "a stay is never lost or doubled"
    for name in ("stays", "days", "with_expected", "without_expected", "observed_days", "expected_days", "excess_days"):
        assert sum(parts[name]) == pytest.approx(getattr(whole, name))
    assert whole.with_expected + whole.without_expected == whole.stays == len(drawn)
    assert sum(unknown(measured).values()) == whole.without_expected
    lengths = [max(1, nights) for _day, nights, _drg in drawn]
    if lengths:
        assert whole.geometric_mean == pytest.approx(exp(sum(map(log, lengths)) / len(lengths)))
        assert whole.geometric_mean <= whole.mean + 1e-9
