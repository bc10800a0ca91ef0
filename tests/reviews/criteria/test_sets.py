"""Every shipped set and every threshold in it: bounds are exact, more extreme never counts less."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.refusal import Refused
from app.reviews.criteria import evaluate, get, outcome
from app.reviews.criteria.library import UnknownSet, every_set
from app.reviews.criteria.reading import as_json, from_json
from app.reviews.criteria.rules import beyond, bounds_text, letters, read_value, refuse_contradictions
from app.reviews.criteria.terms import Answers, CriteriaSet, Measure, Override, Point, Screen

NOON = datetime(2026, 5, 20, 17, 0, tzinfo=UTC)
ZONE = "America/Chicago"
MEASURES = [(held, point, one) for held in every_set() for point in held.points for one in point.measures]
WINDOWS = [(held, point) for held in every_set() for point in held.points if point.window]


def shown(held: CriteriaSet, point: Point, **values: Decimal) -> bool:
    """Whether the point counts by its figures alone; parts not spoken of are ticked."""
    given = Answers(at=NOON, zone=ZONE, ticked=frozenset({point.code}), values=values)
    return point.code in evaluate(held, given).met


def edges(measure: Measure) -> list[tuple[Decimal, Decimal]]:
    """For each bound: the last value that does not count, and the first that does."""
    step = measure.step
    found = []
    if measure.below is not None:
        found.append((measure.below, measure.below - step))
    if measure.above is not None:
        found.append((measure.above, measure.above + step))
    if measure.at_least is not None:
        found.append((measure.at_least - step, measure.at_least))
    if measure.at_most is not None:
        found.append((measure.at_most + step, measure.at_most))
    return found


def test_the_protocol_has_eighteen_and_twenty_seven_points():
    admission, day = get("aep_admission", "2"), get("aep_day", "2")

    assert [point.code for point in admission.points] == [f"A{number}" for number in range(1, 19)]
    assert [point.code for point in day.points] == [f"D{number}" for number in range(1, 28)]
    assert list(Counter(point.group for point in admission.points).values()) == [11, 7]
    assert list(Counter(point.group for point in day.points).values()) == [11, 7, 9]
    windows = Counter((point.window.hours, point.window.days) for point in day.points if point.window)
    assert windows == {(24, None): 1, (48, None): 7, (None, 14): 1}


def test_the_thresholds_of_the_admission_protocol_are_the_published_ones():
    told = {one.name: bounds_text(one) for held, _, one in MEASURES if held.id == "aep_admission"}

    assert told == {
        "pulse": "below 50 or above 140/min",
        "systolic": "below 90 or above 200 mmHg",
        "diastolic": "below 60 or above 120 mmHg",
        "fever_days": "above 5 days",
        "oral_temperature": "at least 100.0 °F",
        "rectal_temperature": "above 101.0 °F",
        "sodium": "below 123 or above 156 mEq/L",
        "potassium": "below 2.5 or above 6.0 mEq/L",
        "bicarbonate": "below 20 or above 36 mEq/L",
        "arterial_ph": "below 7.30 or above 7.45",
    }


def test_every_version_is_found_and_survives_the_database():
    assert len({(one.id, one.version) for one in every_set()}) == len(every_set()) == 10
    for one in every_set():
        assert get(one.id, one.version) is one
        assert from_json(as_json(one)) == one
        assert len(set(letters(one).values())) == len(one.points)
    with pytest.raises(UnknownSet):
        get("aep_day", "1")


def test_keys_of_the_day_run_from_a_to_z_and_nought():
    assert "".join(letters(get("aep_day", "2")).values()) == "abcdefghijklmnopqrstuvwxyz0"


@pytest.mark.parametrize(("held", "point", "measure"), MEASURES, ids=[one.name for _, _, one in MEASURES])
def test_at_the_edge_of_a_threshold(held: CriteriaSet, point: Point, measure: Measure):
    assert edges(measure)
    for inside, outside in edges(measure):
        assert not shown(held, point, **{measure.name: inside}), f"{inside} against {bounds_text(measure)}"
        assert shown(held, point, **{measure.name: outside}), f"{outside} against {bounds_text(measure)}"


@given(st.sampled_from(MEASURES), st.integers(0, 400_000), st.integers(0, 400_000))
def test_more_extreme_never_counts_less(subject: tuple[CriteriaSet, Point, Measure], one: int, other: int):
    held, point, measure = subject
    first, second = Decimal(one) * measure.step, Decimal(other) * measure.step
    if not beyond(measure, first):
        return
    low = [bound for bound in (measure.below, measure.at_most) if bound is not None and first <= bound]
    further = min(first, second) if low else max(first, second)

    assert shown(held, point, **{measure.name: first}) and shown(held, point, **{measure.name: further})


@pytest.mark.parametrize(("held", "point"), WINDOWS, ids=[f"{held.id} {point.code}" for held, point in WINDOWS])
def test_a_window_includes_its_end_and_nothing_beyond(held: CriteriaSet, point: Point):
    window = point.window
    assert window is not None
    local = NOON.astimezone(ZoneInfo(ZONE))
    if window.hours is not None:
        last, beyond_it = NOON - timedelta(hours=window.hours), NOON - timedelta(hours=window.hours, minutes=1)
    else:
        first_day = (local - timedelta(days=window.days or 0)).replace(hour=0, minute=0)
        last, beyond_it = first_day, first_day - timedelta(minutes=1)
    for happened, counts in ((last, True), (NOON, True), (beyond_it, False)):
        ticked = Answers(at=NOON, zone=ZONE, ticked=frozenset({point.code}), events={point.code: happened})
        found = evaluate(held, ticked)
        assert (point.code in found.met) is counts
        assert [one.code for one in found.contradicted] == ([] if counts else [point.code])


def test_days_are_the_hospital_s_days_when_clocks_change():
    day = get("aep_day", "2")
    looked_at = datetime(2026, 3, 15, 23, 30, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    for local, counts in (((2026, 3, 1, 0, 0), True), ((2026, 2, 28, 23, 59), False)):
        happened = datetime(*local, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
        found = evaluate(day, Answers(at=looked_at, zone=ZONE, events={"D27": happened}))
        assert bool(found.met) is counts


@given(st.sets(st.sampled_from([point.code for point in get("aep_admission", "2").points])),
       st.sampled_from([point.code for point in get("aep_admission", "2").points]))  # fmt: skip
def test_a_further_tick_takes_nothing_away(ticked: set[str], further: str):
    held = get("aep_admission", "2")
    before = evaluate(held, Answers(at=NOON, zone=ZONE, ticked=frozenset(ticked)))
    after = evaluate(held, Answers(at=NOON, zone=ZONE, ticked=frozenset(ticked | {further})))

    assert set(before.met) <= set(after.met) and before.qualifies <= after.qualifies


def test_a_figure_is_read_exactly_or_refused_with_an_example():
    potassium = next(one for _, _, one in MEASURES if one.name == "potassium")

    assert read_value(potassium, " 2.50 ") == Decimal("2.50") and read_value(potassium, "") is None
    for wrong in ("2,5", "low", "NaN", "Infinity", "-1", "1e9"):
        with pytest.raises(Refused, match=r"Potassium: write a number in mEq/L, such as 6\.0\.") as refused:
            read_value(potassium, wrong)
        assert refused.value.field == "potassium"


def test_a_contradiction_is_refused_beside_its_figure():
    held = get("aep_admission", "2")
    said = Answers(at=NOON, zone=ZONE, ticked=frozenset({"A2"}), values={"pulse": Decimal(140)})

    with pytest.raises(Refused, match="Correct the figure or take the mark away") as refused:
        refuse_contradictions(evaluate(held, said))
    assert refused.value.field == "pulse"


def test_an_override_needs_a_reason_and_only_counts_against_the_criteria():
    met = evaluate(get("aep_day", "2"), Answers(at=NOON, zone=ZONE, ticked=frozenset({"D1"})))

    assert not outcome(met, Override(Screen.MET, "")).overridden
    with pytest.raises(Refused, match="Say why") as refused:
        outcome(met, Override(Screen.NOT_MET, "  "))
    assert refused.value.field == "override_reason"
