"""Funnel, distribution and waterfall: what they say, what they draw, and that names do not cover one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.charts import distribution, funnel, waterfall
from app.web.charts.axis import LINE, Label, width_of

UNITS = [
    funnel.Group("4 West", 28, 212), funnel.Group("5 South", 71, 431), funnel.Group("Ortho", 33, 402),
    funnel.Group("Oncology", 31, 141), funnel.Group("Neuro", 20, 173),
]  # fmt: skip
RATE = 390 / 2957
SAID = funnel.Said("f", "Rates", "index stays", "units")


def test_a_funnel_names_who_lies_outside_and_on_which_side() -> None:
    assert (
        funnel.finding(UNITS, RATE, SAID) == "Oncology and 5 South lie above and Ortho lies below the limits of chance"
    )
    assert "Oncology, 22.0 % of 141, above 95 %" in funnel.described(UNITS, RATE, SAID)
    assert funnel.finding(UNITS[:1], RATE, SAID) == "All 1 units are within the limits of chance"


def test_a_funnel_without_names_says_none() -> None:
    said = funnel.Said("f", "Rates", "index stays", "physicians", names=False)
    drawn = funnel.draw(UNITS, RATE, said)

    everything = f"{drawn.desc} {drawn.names} {[dot.title for dot in drawn.dots]} {funnel.finding(UNITS, RATE, said)}"
    assert not any(one.name in everything for one in UNITS)


groups = st.lists(
    st.tuples(st.integers(12, 4000), st.floats(0, 1)).map(
        lambda pair: funnel.Group(f"Unit {pair[0]}", round(pair[0] * pair[1]), pair[0])
    ),
    min_size=3, max_size=12, unique_by=lambda one: one.name,
)  # fmt: skip


@given(groups)
def test_a_funnel_stays_inside_its_frame_and_names_do_not_cover_each_other(found: list[funnel.Group]) -> None:
    share = sum(one.hits for one in found) / sum(one.size for one in found)

    drawn = funnel.draw(found, share, SAID)

    for dot in drawn.dots:
        assert funnel.LEFT <= dot.x <= funnel.RIGHT and funnel.HIGH - 0.1 <= dot.y <= funnel.LOW
    boxes = [written(one) for one in drawn.names]
    for place, (start, end, y) in enumerate(boxes):
        for first, last, below in boxes[place + 1 :]:
            assert not (start < last and first < end and abs(y - below) < LINE - 0.2)


def written(one: Label) -> tuple[float, float, float]:
    """From where to where a name reaches, and its line."""
    wide = width_of(one.text)
    return (one.x - wide, one.x, one.y) if "end" in one.kind else (one.x, one.x + wide, one.y)


def test_a_name_stands_beside_its_point_and_covers_no_other_point() -> None:
    near = [funnel.Group("5 East Neurology", 21, 185), funnel.Group("3 East Orthopedics", 23, 206),
            funnel.Group("5 West Medicine", 26, 241), funnel.Group("6 West", 105, 222)]  # fmt: skip

    drawn = funnel.draw(near, 0.178, SAID)

    names = [written(one) for one in drawn.names]
    assert len(names) == 4
    for dot in drawn.dots:
        assert not any(start < dot.x < end and abs(y - 4 - dot.y) < 8 for start, end, y in names), dot.title


# Borders are kept to a millionth, and nothing is measured finer than to a thousandth.
values = st.lists(st.integers(0, 5_000_000).map(lambda thousandths: thousandths / 1000), min_size=1, max_size=300)


@given(values)
def test_every_value_lies_in_one_interval_and_the_quartiles_in_order(found: list[float]) -> None:
    spread = distribution.spread(found)

    assert spread is not None
    assert sum(one.cases for one in spread.intervals) == len(found) == spread.cases
    assert spread.low <= spread.middle <= spread.high
    assert len(spread.intervals) <= distribution.MOST_BARS
    for one in spread.intervals:
        end = one.end if one.end is not None else float("inf")
        assert one.cases == sum(1 for value in found if one.first - 1e-6 <= value < end - 1e-6)


def test_lengths_of_stay_have_a_bar_for_each_day_and_one_for_the_long_ones() -> None:
    spread = distribution.spread([1.0] * 20 + [2.0] * 30 + [3.0] * 40 + [4.0] * 8 + [90.0])

    assert spread is not None
    said = distribution.Said("d", "", "days", "stays")
    assert distribution.finding(spread, said) == "Half of 99 stays take 2 to 3 days, the middle one 2"
    assert spread.intervals[-1].end is None and spread.intervals[-1].cases >= 1
    assert distribution.draw(spread, said).foot.endswith("and more")


def test_one_value_and_none() -> None:
    assert distribution.spread([]) is None
    alone = distribution.spread([4.0])
    assert alone is not None and sum(one.cases for one in alone.intervals) == 1


@given(st.integers(1, 10_000), st.lists(st.integers(0, 300), max_size=8))
def test_steps_lead_from_the_whole_to_what_is_left(whole: int, taken: list[int]) -> None:
    steps = [(f"reason {place}", number) for place, number in enumerate(taken)]
    gone = sum(taken)
    if gone > whole:
        whole += gone

    drawn = waterfall.draw(whole, steps, waterfall.Said("w", "Why", "All", "Left"))

    assert drawn.bars[-1].value == f"{whole - gone:,}"
    assert len(drawn.bars) == 2 + sum(1 for number in taken if number)
    assert all(waterfall.LEFT <= bar.x <= bar.x + bar.width <= waterfall.RIGHT + 1.5 for bar in drawn.bars)
    assert all(width_of(bar.label) <= waterfall.LABELS + 8 for bar in drawn.bars)


def test_a_label_that_is_too_long_is_shortened_not_drawn_over_the_bars() -> None:
    long = "The patient left against medical advice before anybody could say anything else about it at all"
    drawn = waterfall.draw(10, [(long, 3)], waterfall.Said("w", "Why", "All", "Left"))

    assert drawn.bars[1].label.endswith("…") and long in drawn.desc


@pytest.mark.parametrize(("hits", "size"), [(0, 40), (40, 40)])
def test_nobody_and_everybody_can_be_drawn(hits: int, size: int) -> None:
    found = [funnel.Group(f"Unit {place}", hits, size + place) for place in range(3)]

    drawn = funnel.draw(found, hits / size if hits == 0 else 1.0, SAID)

    assert all("nan" not in path for path in (*drawn.inner, *drawn.outer))
