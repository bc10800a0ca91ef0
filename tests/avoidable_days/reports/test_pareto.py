"""Bars against text tables; patient days out of movements; points of the trend; the drawings."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.avoidable_days.reports.breakdown import By, pareto
from app.avoidable_days.reports.nights import nights
from app.avoidable_days.reports.trend import Grain, grain_of, points, trend
from app.kernel.control_charts import chart, individuals
from app.web.charts import control
from app.web.charts import pareto as drawing
from app.web.charts.axis import Label, apart, in_rows, ticks, width_of

TABLE = Path(__file__).parents[2] / "scenarios" / "avoidable_days" / "pareto.txt"
NAMES = {"PA-01": "SNF/NF bed", "PY-02": "Post-acute auth", "HS-02": "Imaging", "PF-06": "Home not ready"}
GROUPS = {"PA": "Post-acute", "PY": "Payer", "HS": "Hospital", "PF": "Family"}


@dataclass
class Case:
    title: str
    entries: list[list[str]] = field(default_factory=list)
    rows: dict[str, list[list[str]]] = field(default_factory=dict)

    @property
    def frame(self) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "day": [date.fromisoformat(one[0]) for one in self.entries],
                "encounter_id": [one[1] for one in self.entries],
                "code": [one[2] for one in self.entries],
                "label": [NAMES[one[2]] for one in self.entries],
                "group_label": [GROUPS[one[2][:2]] for one in self.entries],
                "weight": [one[3] for one in self.entries],
                "amount": [float(one[4]) for one in self.entries],
                "unit": [one[5] for one in self.entries],
                "unit_name": [one[5] for one in self.entries],
                "party_kind": [one[6] for one in self.entries],
                "party": [one[7] for one in self.entries],
                "vendor": [one[7] if one[6] == "vendor" else "" for one in self.entries],
            }
        )


def cases() -> list[Case]:
    found: list[Case] = []
    by = ""
    for line in TABLE.read_text("utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if word == "case:":
            found.append(Case(rest))
        elif word == "entry":
            found[-1].entries.append(rest.split())
        elif word == "by":
            by = rest
            found[-1].rows[by] = []
        else:
            found[-1].rows[by].append(rest.split())
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda one: one.title)
def test_bars_are_those_of_the_table(case: Case):
    for by, expected in case.rows.items():
        told = [
            [one.key.replace(" ", "_") or "_", f"{one.days:g}", str(one.stays), f"{one.share * 100:.0f}",
             f"{one.running * 100:.0f}"]
            for one in pareto(case.frame, By(by))
        ]  # fmt: skip
        assert told == expected, by


@given(st.lists(st.tuples(st.sampled_from(sorted(NAMES)), st.sampled_from([0.5, 1.0])), min_size=1, max_size=40))
def test_bars_fall_and_add_up_whatever_the_order(found: list[tuple[str, float]]):
    case = Case("", [["2026-03-02", f"s{n}", code, "primary", str(amount), "4W", "payer", "x"]
                     for n, (code, amount) in enumerate(found)])  # fmt: skip
    rows = pareto(case.frame, By.REASON)
    assert sum(one.days for one in rows) == sum(amount for _, amount in found)
    assert [one.days for one in rows] == sorted((one.days for one in rows), reverse=True)
    assert rows[-1].running == pytest.approx(1.0)
    assert rows == pareto(case.frame.reverse(), By.REASON)


def test_no_entries_are_no_bars():
    case = cases()[0]
    assert pareto(case.frame.clear(), By.REASON) == []


# --- patient days ----------------------------------------------------------------------------------------------------


def moves(*rows: tuple[str, int, str, str, str], gmlos: float | None = None) -> pl.DataFrame:
    """Stay, lane, value, first and last day whose midnight it reaches."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return pl.DataFrame(
        [
            (stay, 1, "MEDICARE", gmlos, lane, value, start + timedelta(hours=number),
             date.fromisoformat(first), date.fromisoformat(last))
            for number, (stay, lane, value, first, last) in enumerate(rows)
        ],
        schema={
            "encounter_id": pl.String, "facility_id": pl.Int64, "payer": pl.String, "gmlos": pl.Float64,
            "lane": pl.Int64, "value": pl.String, "since": pl.Datetime("us", "UTC"), "first": pl.Date, "last": pl.Date,
        },
        orient="row",
    )  # fmt: skip


UNITS = pl.DataFrame({"facility_id": [1], "unit": ["4W"], "unit_name": ["4 West"], "unit_kind": ["ward"]})


def test_leave_and_other_classes_are_no_patient_days_and_the_length_counts_from_the_beginning():
    frame = nights(
        moves(
            ("s1", 2, "EMER", "2026-03-01", "2026-03-01"), ("s1", 2, "OBS", "2026-03-02", "2026-03-02"),
            ("s1", 2, "IP", "2026-03-03", "2026-03-08"), ("s1", 1, "4W", "2026-03-01", "2026-03-04"),
            ("s1", 1, "ICU", "2026-03-05", "2026-03-08"), ("s1", 5, "leave", "2026-03-06", "2026-03-06"),
            ("s1", 4, "MED", "2026-03-02", "2026-03-08"), gmlos=2.5,
        ),
        UNITS, date(2026, 3, 2), date(2026, 3, 7),
    )  # fmt: skip
    told = frame.select("day", "class", "unit_name", "service", "excess").rows()
    assert [(day.day, *rest) for day, *rest in told] == [
        (2, "OBS", "4 West", "MED", False), (3, "IP", "4 West", "MED", False), (4, "IP", "4 West", "MED", False),
        (5, "IP", "ICU", "MED", True), (7, "IP", "ICU", "MED", True),
    ]  # fmt: skip


def test_an_unknown_expected_length_is_no_excess():
    frame = nights(moves(("s1", 2, "IP", "2026-03-01", "2026-03-30")), UNITS, date(2026, 3, 1), date(2026, 3, 30))
    assert frame.height == 30 and not frame["excess"].any()


# --- trend -----------------------------------------------------------------------------------------------------------


def test_points_are_days_weeks_or_months_and_hold_every_day_once():
    assert grain_of(date(2026, 1, 1), date(2026, 2, 11)) is Grain.DAY
    assert grain_of(date(2026, 1, 1), date(2026, 4, 1)) is Grain.WEEK
    assert grain_of(date(2024, 1, 1), date(2026, 4, 1)) is Grain.MONTH
    first, last = date(2026, 1, 1), date(2026, 4, 2)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    there = pl.DataFrame({"day": days})
    lost = pl.DataFrame({"day": days[::10], "amount": [1.0] * len(days[::10]), "weight": "primary"})
    found = points(lost, there, first, last)
    assert (found[0].first, found[0].last) == (date(2026, 1, 1), date(2026, 1, 4))
    assert (found[-1].first, found[-1].last) == (date(2026, 3, 30), last)
    assert sum(one.patient_days for one in found) == len(days) and sum(one.days for one in found) == lost.height
    assert trend(found, [], "xmr").drawn and trend(found, [], "u").drawn


# --- drawings --------------------------------------------------------------------------------------------------------


def test_the_first_bars_that_pass_sixty_percent_are_set_apart_and_said():
    bars = [drawing.Bar(f"Reason {number}", f"R-{number}", value) for number, value in enumerate((30, 20, 12, 8, 4, 1))]
    made = drawing.draw(bars, drawing.Said("p", "Days by reason", "days"))
    assert [one.kind for one in made.bars] == ["hi", "hi", "", "", "", ""]
    assert "The first 2 make 67 % of 75 days" in made.desc
    assert drawing.finding(bars, "reasons", "days") == "Two reasons make 67 % of the days"
    assert made.bars[0].width > made.bars[1].width and made.bars[-1].share == "100 %"


def test_small_bars_are_folded_into_the_last():
    bars = [drawing.Bar(f"Reason {number}", "", 30 - number) for number in range(20)]
    made = drawing.draw(bars, drawing.Said("p", "Days by reason", "days"))
    assert len(made.bars) == drawing.MOST_BARS and made.bars[-1].label == "All other, 9"
    assert made.bars[-1].kind == "lo" and made.bars[-1].share == "100 %"


def test_a_control_chart_says_its_result_and_keeps_every_point_inside():
    series = individuals([9.0, 10.0] * 4 + [6.0, 7.0] * 4)
    names = [f"week {number}" for number in range(16)]
    said = control.Said("c", "Rate", "3 sigma", "week")
    made = control.draw(chart(series, [8]), names, said, [control.Done(8, "therapy at weekends")])
    assert "Since week 8 the mean is 6.5" in made.desc and "a shift" in made.desc
    assert [one.signal for one in made.dots] == [False] * 8 + [True] * 8
    assert all(made.high <= one.y <= made.low for one in made.dots)
    assert len(made.means) == 2 and made.actions
    assert any("rule 3" in one for one in made.foot)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_of_a_column_never_cover_each_other(places: list[float]):
    found = apart([Label(0, y, "7.4") for y in places], 0, 300)
    heights = [one.y for one in found]
    assert all(later - earlier >= 11.8 for earlier, later in itertools.pairwise(heights))


@given(st.lists(st.tuples(st.floats(0, 800), st.integers(1, 30)), min_size=1, max_size=8))
def test_labels_of_a_line_never_cover_each_other(found: list[tuple[float, int]]):
    placed = in_rows([Label(x, 12, "x" * letters) for x, letters in found], 0, 840)
    for one in placed:
        for other in placed:
            if one is not other and one.y == other.y:
                assert one.x >= other.x + width_of(other.text) or other.x >= one.x + width_of(one.text)


@given(st.floats(0, 1e6), st.floats(0.001, 1e6))
def test_ticks_reach_from_below_to_above(low: float, span: float):
    found = ticks(low, low + span)
    assert found[0] <= low + 1e-6 * max(1, low) and found[-1] >= (low + span) * (1 - 1e-6)
    assert 2 <= len(found) <= 8
