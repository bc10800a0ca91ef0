"""Figures are what their cases add up to: whole, split, in a series, listed."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from math import exp, log

import pytest
from psycopg.types.json import Jsonb

from app.kernel.shares import wilson
from app.metrics.definitions import DEFINITIONS
from app.metrics.store import listing, queries
from app.metrics.store.days import Day, add_up
from app.metrics.store.events import MeasuresRefreshed
from app.metrics.store.listing import Among, Which
from app.metrics.store.queries import Step
from app.metrics.terms import DIMENSIONS, Figure, Filter, MeasureId, Period
from app.platform.work import Reading, begin, everywhere, reading
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

ACTOR = everywhere("test")
JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))
QUARTER = Period(date(2025, 12, 1), date(2026, 2, 28))
LOS, RETURNED, LATE = MeasureId.LENGTH_OF_STAY, MeasureId.READMISSION, MeasureId.ORDER_TO_DEPARTURE
RATIO, GEOMETRIC = MeasureId.OBSERVED_EXPECTED, MeasureId.GEOMETRIC_RATIO

pytestmark = pytest.mark.usefixtures("database")


def case(world: World, measure: MeasureId, day: date, **given: object) -> uuid.UUID:
    """One case of a stay of its own; returns the stay."""
    spec = {name: given.pop(name) for name in ("sensitivity", "facility") if name in given}
    stay = add_stay(world, StaySpec(status="discharged", **spec))  # type: ignore[arg-type]
    row = {"excluded": "", "unit": "4 West", "service": "MED", **given}
    row["counted"] = not row["excluded"]
    names = ", ".join(row)
    with begin(ACTOR, at=NOW) as work:
        house = work.value("select facility_id from encounter where id = %s", (stay,))
        work.write(
            "measure_case",
            f"insert into measure_case (facility_id, measure, day, encounter_id, patient_id, computed_at, {names})"
            f" select facility_id, %s, %s, id, patient_id, %s, {', '.join(['%s'] * len(row))} from encounter"
            " where id = %s",
            (measure, day, NOW, *row.values(), stay),
        )
        add_up(work, [Day(house, measure, day)])
        work.record(MeasuresRefreshed(patients=1, made=1, removed=0))
    return stay


def seen(world: World, question: Callable[[Reading], object], who: str = "dora") -> object:
    with reading(world.viewer(who), at=NOW) as db:
        return question(db)


def figure(world: World, measure: MeasureId, period: Period = JANUARY, where: Filter = queries.EVERYTHING) -> Figure:
    [found] = seen(world, lambda db: queries.figures(db, measure, period, where=where))  # type: ignore[misc]
    return found


def returns(world: World) -> None:
    """Five index stays, two with a return, and three stays that are none, over three units and months."""
    for day, unit, hit in ((3, "4 West", 1), (9, "4 West", 0), (20, "ICU", 1), (31, "ICU", 0)):
        case(world, RETURNED, date(2026, 1, day), numerator=hit, denominator=1, unit=unit)
    case(world, RETURNED, date(2026, 2, 1), numerator=0, denominator=1, unit="")
    case(world, RETURNED, date(2026, 1, 5), excluded="died")
    case(world, RETURNED, date(2026, 1, 6), excluded="died", unit="ICU")
    case(world, RETURNED, date(2025, 12, 31), excluded="ama")


def test_a_share_has_its_interval_and_its_exclusions(world: World) -> None:
    returns(world)
    found = figure(world, RETURNED)

    assert (found.cases, found.excluded, found.numerator, found.denominator, found.value) == (4, 2, 2, 4, 0.5)
    assert (found.low, found.high) == wilson(2, 4)
    listed = seen(world, lambda db: queries.exclusions(db, RETURNED, JANUARY))
    counted = {code: number for code, _, number in listed}  # type: ignore[attr-defined]
    assert counted.pop("died") == 2
    assert set(counted.values()) == {0} and counted.keys() | {"died"} == {
        c for c, _ in DEFINITIONS[RETURNED].exclusions
    }


def test_means_and_ratios_follow_their_definitions(world: World) -> None:
    for days, expected in ((1, 2.0), (4, 2.5), (16, 10.0)):
        day = date(2026, 1, days)
        case(world, LOS, day, value=days)
        case(world, MeasureId.GEOMETRIC_LENGTH_OF_STAY, day, value=days)
        for one in (RATIO, GEOMETRIC):
            case(world, one, day, numerator=days, denominator=expected)
        case(world, LATE, day, value=days)
    assert figure(world, LOS).value == 7
    assert figure(world, MeasureId.GEOMETRIC_LENGTH_OF_STAY).value == pytest.approx(4)
    assert figure(world, RATIO).value == pytest.approx(21 / 14.5)
    geometric = exp((log(1) + log(4) + log(16)) / 3) / exp((log(2) + log(2.5) + log(10)) / 3)
    assert figure(world, GEOMETRIC).value == pytest.approx(geometric)
    assert figure(world, LATE).value == 4
    assert seen(world, lambda db: queries.values(db, LATE, JANUARY)) == [1, 4, 16]


def test_without_a_case_there_is_a_figure_without_a_value(world: World) -> None:
    for measure in MeasureId:
        assert figure(world, measure) == Figure(provisional=JANUARY.last > date(2026, 3, 4) - run_out(measure))


def run_out(measure: MeasureId) -> timedelta:
    return timedelta(days=DEFINITIONS[measure].run_out_days)


def test_parts_add_up_to_the_whole(world: World) -> None:
    returns(world)
    whole = figure(world, RETURNED, QUARTER)
    parts = seen(world, lambda db: queries.split(db, RETURNED, QUARTER))
    assert isinstance(parts, dict) and set(parts) == set(DIMENSIONS)
    months = seen(world, lambda db: queries.series(db, RETURNED, QUARTER))
    weeks = seen(world, lambda db: queries.series(db, RETURNED, QUARTER, Step.WEEK))
    houses = seen(world, lambda db: queries.figures(db, RETURNED, QUARTER, by=queries.FACILITY))
    series = [[one for _, one in found] for found in (months, weeks)]  # type: ignore[attr-defined]
    for group in (*parts.values(), *series, houses):
        assert isinstance(group, list)
        for name in ("cases", "excluded", "numerator", "denominator"):
            assert sum(getattr(one, name) for one in group) == getattr(whole, name)

    assert [start for start, _ in months] == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]  # type: ignore[attr-defined]
    assert {one.member: one.cases for one in parts["unit"]} == {"4 West": 2, "ICU": 2, "": 1}
    for one in parts["unit"]:
        alone = figure(world, RETURNED, QUARTER, Filter(unit=one.member))
        assert (alone.cases, alone.excluded, alone.value) == (one.cases, one.excluded, one.value)


@pytest.mark.parametrize("step", Step)
def test_a_series_has_no_holes(world: World, step: Step) -> None:
    found = seen(world, lambda db: queries.series(db, LOS, QUARTER, step))
    starts = [start for start, _ in found]  # type: ignore[attr-defined]
    assert len(starts) == {Step.DAY: 90, Step.WEEK: 13, Step.MONTH: 3}[step]
    assert starts == sorted(set(starts)) and starts[0] <= QUARTER.first <= starts[1]


def test_a_figure_is_provisional_until_its_run_out_is_over(world: World) -> None:
    # It is 5 March: of the discharges of 2 February the thirtieth day was yesterday.
    found = [figure(world, RETURNED, Period(JANUARY.first, date(2026, 2, day))).provisional for day in (2, 3)]

    assert found == [False, True]
    assert not figure(world, LOS, Period(JANUARY.first, date(2026, 3, 4))).provisional
    assert figure(world, LOS, Period(JANUARY.first, date(2026, 3, 5))).provisional


def test_a_list_has_as_many_cases_as_the_figure_names(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    returns(world)
    hidden = case(world, RETURNED, date(2026, 1, 7), numerator=1, denominator=1, sensitivity="vip")
    monkeypatch.setattr(listing, "PAGE", 3)
    found = figure(world, RETURNED)
    assert found.cases == 5

    pages = [
        seen(world, lambda db, page=page: listing.cases(db, RETURNED, JANUARY, page=page), "dana") for page in (1, 2)
    ]
    rows = [row for one in pages for row in one.rows]  # type: ignore[attr-defined]
    first = pages[0]
    assert isinstance(first, listing.Cases)
    assert (first.total, first.hidden, first.pages, len(rows)) == (5, 1, 2, 4)
    assert hidden not in {row.encounter_id for row in rows} and len({row.encounter_id for row in rows}) == 4
    hits = seen(world, lambda db: listing.cases(db, RETURNED, JANUARY, Which(among=Among.HITS)), "dana")
    assert isinstance(hits, listing.Cases) and hits.total == found.numerator
    for reason, number in (("died", 2), ("ama", 0)):
        which = Which(among=Among.EXCLUDED, reason=reason)
        left_out = seen(world, lambda db, which=which: listing.cases(db, RETURNED, JANUARY, which), "dana")
        assert isinstance(left_out, listing.Cases) and left_out.total == number


def test_a_list_tells_of_a_return_what_its_reader_may_see(world: World) -> None:
    seen_by: dict[str, set[str]] = {}
    for name, stay in {
        "here": add_stay(world),
        "protected": add_stay(world, StaySpec(sensitivity="vip")),
        "elsewhere": add_stay(world, StaySpec(facility="SOUTH")),
    }.items():
        told = {"cohort": "Medicine", "returned": str(stay), "returned_to": 1, "days": 5, "planned_rule": "PR3"}
        case(world, RETURNED, JANUARY.first, numerator=1, denominator=1, unit=name, detail=Jsonb(told))
    listed = seen(world, lambda db: listing.cases(db, RETURNED, JANUARY), "dana")
    assert isinstance(listed, listing.Cases)
    for row in listed.rows:
        seen_by[row.unit] = set(row.detail)
    everything = {"cohort", "returned", "returned_to", "days", "planned_rule"}
    assert seen_by == {"here": everything, "protected": {"cohort"}, "elsewhere": everything - {"returned"}}


def test_figures_end_at_the_facilities_of_the_reader(world: World) -> None:
    case(world, LOS, date(2026, 1, 3), value=2)
    case(world, LOS, date(2026, 1, 4), value=6, facility="SOUTH")

    def of(who: str, where: Filter = queries.EVERYTHING) -> float | None:
        found = seen(world, lambda db: queries.figures(db, LOS, JANUARY, where=where), who)
        return found[0].value  # type: ignore[index, no-any-return]

    assert (of("dora"), of("stan"), of("adam")) == (2, 6, 4)
    assert of("adam", Filter(facility=world.facility["SOUTH"])) == 6
    assert of("dora", Filter(facility=world.facility["SOUTH"])) is None
    assert of("ann") is None  # an attending physician sees her own stays, and no figures of the house


def test_a_split_takes_dimensions_only(world: World) -> None:
    with pytest.raises(ValueError, match="visit_number"):
        seen(world, lambda db: queries.split(db, LOS, JANUARY, by=("visit_number",)))
