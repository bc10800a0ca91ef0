"""Limits and signals of control charts against examples reckoned by hand."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.control_charts import ENOUGH, FEWEST, Rule, Series, chart, individuals, moved, rates, shares

SCENARIOS = Path(__file__).parents[1] / "scenarios" / "control_charts" / "values.txt"


@dataclass
class Case:
    title: str
    kind: str = ""
    numbers: dict[str, list[float]] = field(default_factory=dict)
    levels: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    signals: list[str] = field(default_factory=list)

    @property
    def series(self) -> Series:
        if self.kind == "xmr":
            return individuals(self.numbers["values"])
        made = rates if self.kind == "u" else shares
        return made(self.numbers["counts"], self.numbers["sizes"])


def cases() -> list[Case]:
    found: list[Case] = []
    for line in SCENARIOS.read_text("utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if word == "case:":
            found.append(Case(rest))
        elif word == "kind":
            found[-1].kind = rest
        elif word == "level":
            point, _, mean, _, lower, _, upper = rest.split()
            found[-1].levels[int(point)] = (float(mean), float(lower), float(upper))
        elif word == "signal":
            found[-1].signals.append(rest)
        else:
            found[-1].numbers[word] = [float(one) for one in rest.split()]
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda one: one.title)
def test_limits_and_signals_are_those_reckoned_by_hand(case: Case):
    made = chart(case.series, [int(one) for one in case.numbers.get("actions", ())])

    for point, expected in case.levels.items():
        level = made.levels[point]
        assert (level.mean, level.lower, level.upper) == pytest.approx(expected, abs=1e-4)
    told = [
        f"{one.rule} {one.first}..{one.last} {'above' if one.above else 'below'}{' earlier' if one.earlier else ''}"
        for one in made.signals
    ]
    assert sorted(told) == sorted(case.signals)


def test_two_of_three_far_out_on_one_side_are_a_signal_and_on_two_sides_none():
    calm = [10.0, 11.0] * 8
    one_side = chart(individuals([*calm, 13.0, 10.5, 13.0]))
    assert [one.rule for one in one_side.signals if one.rule is Rule.NEAR] == [Rule.NEAR]
    near = next(one for one in one_side.signals if one.rule is Rule.NEAR)
    assert (near.first, near.last, near.above) == (16, 18, True)
    two_sides = chart(individuals([*calm, 13.0, 10.5, 8.0]))
    assert not [one for one in two_sides.signals if one.rule is Rule.NEAR]


def test_whether_a_series_moved_is_said_only_when_there_is_enough_on_both_sides():
    before, after = [9.0, 10.0] * 4, [6.0, 7.0] * 4
    found = moved(individuals(before + after), 8)
    assert (found.before, found.after, found.too_early) == (9.5, 6.5, False)
    assert found.signal is not None and found.signal.rule is Rule.SHIFT and not found.signal.above
    assert moved(individuals(before + after[:7]), 8).too_early
    assert moved(individuals(before[1:] + after), 7).too_early
    same = moved(individuals(before + before), 8)
    assert not same.too_early and same.signal is None
    nothing = moved(individuals(before), 8)
    assert nothing.after is None and nothing.points == 0


def test_fewer_than_twelve_points_are_no_chart():
    assert not chart(individuals([1.0] * (FEWEST - 1))).drawn
    assert chart(individuals([1.0] * FEWEST)).drawn
    assert chart(individuals([])).levels == ()


VALUES = st.lists(st.floats(0, 1000), min_size=1, max_size=60)


@given(VALUES, st.lists(st.integers(0, 60), max_size=4))
def test_every_point_has_its_level_and_signals_lie_inside(values: list[float], actions: list[int]):
    made = chart(individuals(values), actions)
    assert len(made.levels) == len(values)
    assert all(one.lower <= one.mean + 1e-9 and one.mean <= one.upper + 1e-9 for one in made.levels)
    assert all(0 <= one.first <= one.last < len(values) for one in made.signals)
    edges = [*made.starts, len(values)]
    assert all(later - earlier >= min(ENOUGH, len(values)) for earlier, later in pairwise(edges))


@given(VALUES, st.floats(-100, 100))
def test_moving_all_values_moves_mean_and_limits_and_no_signal(values: list[float], by: float):
    whole = [float(round(one)) for one in values]
    first = chart(individuals(whole, floor=None))
    other = chart(individuals([one + round(by) for one in whole], floor=None))
    for here, there in zip(first.levels, other.levels, strict=True):
        assert there.mean - here.mean == pytest.approx(round(by), abs=1e-6)
        assert there.sigma == pytest.approx(here.sigma, abs=1e-6)


def test_limits_of_single_values_are_those_of_a_published_example():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: ten batches, mean 50.81, mean moving range 1.8778."""
    flow = (49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)

    level = individuals(flow).expects(0, len(flow), range(len(flow)))[0]

    assert level.mean == pytest.approx(50.81)
    assert (level.lower, level.upper) == (pytest.approx(45.8159, abs=2e-3), pytest.approx(55.8041, abs=2e-3))


def test_limits_of_shares_are_those_of_a_published_example():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2: thirty wafers of fifty chips, mean share 0.2313."""
    defective = (
        12,
        15,
        8,
        10,
        4,
        7,
        16,
        9,
        14,
        10,
        5,
        6,
        17,
        12,
        22,
        8,
        10,
        5,
        13,
        11,
        20,
        18,
        24,
        15,
        9,
        12,
        7,
        13,
        9,
        6,
    )
    sizes = [50] * len(defective)

    found = chart(shares(defective, sizes))

    level = found.levels[0]
    assert level.mean == pytest.approx(0.2313, abs=1e-4)
    assert (level.lower, level.upper) == (pytest.approx(0.0524, abs=2e-4), pytest.approx(0.4102, abs=2e-4))
    assert [one.first + 1 for one in found.signals if one.rule is Rule.BEYOND] == [15, 23], "the wafers that it names"
