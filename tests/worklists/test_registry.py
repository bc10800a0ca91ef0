"""The registry: what does not fit is refused at start, and any known view is valid SQL with the right answer."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.platform.work import reading
from app.security.permissions import Permission
from app.web.lists import Chip, Column, Field, Join, Lends, SortKey, WorkList
from app.worklists import queries
from app.worklists.listing import language_of
from app.worklists.queries import Ask
from app.worklists.registry import LENT, REGISTRY, UnsoundList, build
from app.worklists.view import Sort, View, read
from tests.support.stays import StaySpec, add_stays
from tests.support.world import NOW, World

UNITS, SERVICES, CLASSES, PAYERS = ("4W", "ICU", "OBS"), ("MED", "SURG"), ("IP", "OBS"), ("P1", "P2", "")
HOUSE = [
    StaySpec(
        family=f"Person{number:02d}", unit=unit, service=service, patient_class=kind, payer=PAYERS[number % 3],
        room=str(400 + number), start=NOW - timedelta(days=number % 5, hours=number), attending=str(1001 + number % 2),
        gmlos=2.5 if number % 2 else None, expected=NOW + timedelta(days=number % 4 - 1) if number % 3 else None,
        pending=("discharge", "transfer", "")[number % 3], status="on_leave" if number == 5 else "admitted",
    )
    for number, (unit, service, kind) in enumerate(product(UNITS, SERVICES, CLASSES))
]  # fmt: skip


def days_ahead(spec: StaySpec) -> int:
    """Days from the fixed now to the expected date, which is at the same time of day; none is far."""
    return (spec.expected - NOW).days if spec.expected else 99


LISTS = {
    "inpatient": lambda spec: spec.patient_class == "IP",
    "observation": lambda spec: spec.patient_class == "OBS",
    "unassigned": lambda spec: True,
    "my-day": lambda spec: False,
    "discharges-today": lambda spec: spec.pending == "discharge" or days_ahead(spec) <= 0,
    "discharges-tomorrow": lambda spec: spec.pending != "discharge" and days_ahead(spec) == 1,
}
TODAY = date(2026, 3, 5)


def in_window(expected: datetime | None, value: str) -> bool:
    """Whether a stay belongs under a value of the filter of expected days."""
    if expected is None:
        return value == "none"
    day = expected.astimezone(ZoneInfo("America/Chicago")).date()
    first, dots, last = value.partition("..")
    if dots:
        return date.fromisoformat(first or "0001-01-01") <= day <= date.fromisoformat(last or "9999-01-01")
    ahead = (day - TODAY).days
    return {"today": ahead == 0, "tomorrow": ahead == 1, "three-days": 0 <= ahead <= 3, "past": ahead < 0,
            "none": False}[value]  # fmt: skip


NAIVE = {
    "unit": lambda spec, value: spec.unit == value,
    "service": lambda spec, value: spec.service == value,
    "class": lambda spec, value: spec.patient_class == value,
    "payer": lambda spec, value: spec.payer == value,
    "attending": lambda spec, value: spec.attending == value,
    "owner": lambda spec, value: value == "nobody",
    "status": lambda spec, value: spec.status == {"in-house": "admitted", "on-leave": "on_leave"}[value],
    "edd": lambda spec, value: in_window(spec.expected, value),
    "admitted": lambda spec, value: NOW - spec.start < timedelta(hours=24 if value == "day" else 72),
    "flag": lambda spec, value: {"leaving": spec.pending == "discharge", "moving": spec.pending == "transfer",
                                 "away": spec.status == "on_leave", "undated": spec.expected is None}[value],
}  # fmt: skip
VALUES = {
    "unit": UNITS, "service": (*SERVICES, "NONE"), "class": CLASSES, "payer": ("P1", "P2"), "attending": ("1001",),
    "owner": ("me", "nobody"), "flag": ("leaving", "moving", "away", "undated"),
    "status": ("in-house", "on-leave"), "admitted": ("day", "three-days"),
    "edd": ("today", "tomorrow", "three-days", "past", "none", "2026-03-04..2026-03-05", "2026-03-06..",
            "..2026-03-04"),
}  # fmt: skip

filters = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)
                  for name, values in VALUES.items()}
)  # fmt: skip
sorts = st.lists(st.builds(Sort, st.sampled_from(sorted(REGISTRY.sorts)), st.booleans()), max_size=3,
                 unique_by=lambda sort: sort.key).map(tuple)  # fmt: skip
views = st.builds(View, st.sampled_from(sorted(LISTS)), filters, sorts)


def asked(world: World, view: View) -> tuple[list[str], int]:
    """Families in the order of the list, and the count of its tab."""
    viewer = world.viewer("dana").acting(Permission.STAY_LIST)
    with reading(viewer, at=NOW) as db:
        ask = Ask(REGISTRY, REGISTRY.lists[view.list], view, db, viewer)
        return [row.name.split(",")[0] for row in queries.rows(ask)], queries.counts(ask)[view.list]


def test_any_known_view_gives_what_a_naive_filter_gives(world: World) -> None:
    add_stays(world, HOUSE)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(views)
    def holds(view: View) -> None:
        belongs = [spec for spec in HOUSE if LISTS[view.list](spec)]
        expected = {
            spec.family for spec in belongs
            if all(any(NAIVE[name](spec, value) for value in values) for name, values in view.filters.items())
        }  # fmt: skip
        names, counted = asked(world, view)
        assert len(names) == len(set(names)) and set(names) == expected
        assert counted == len(belongs)

    holds()


@pytest.mark.parametrize("key", sorted(REGISTRY.sorts))
@pytest.mark.parametrize("name", sorted(REGISTRY.lists))
def test_every_sort_key_works_in_both_directions(world: World, name: str, key: str) -> None:
    add_stays(world, HOUSE[:4])
    up, _ = asked(world, View(name, {}, (Sort(key),)))
    down, _ = asked(world, View(name, {}, (Sort(key, True),)))
    assert sorted(up) == sorted(down)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("unit", lambda spec: (spec.unit, spec.room, spec.bed)),
        ("service", lambda spec: spec.service),
        ("class", lambda spec: spec.patient_class),
        ("name", lambda spec: spec.family.lower()),
        ("attending", lambda spec: spec.attending),
    ],
)
def test_order_is_that_of_the_values(world: World, key: str, value) -> None:  # type: ignore[no-untyped-def]
    add_stays(world, HOUSE)
    by_name = {spec.family: value(spec) for spec in HOUSE}
    names, _ = asked(world, View("unassigned", {}, (Sort(key),)))
    assert [by_name[name] for name in names] == sorted(by_name.values())


def test_stays_without_a_value_come_last_in_either_direction(world: World) -> None:
    add_stays(world, HOUSE)
    undated = {spec.family for spec in HOUSE if spec.expected is None}
    for down in (False, True):
        names, _ = asked(world, View("unassigned", {}, (Sort("expected", down),)))
        assert set(names[-len(undated) :]) == undated


@settings(max_examples=200)
@given(views)
def test_the_address_carries_the_whole_view(view: View) -> None:
    from urllib.parse import parse_qsl

    language = language_of(REGISTRY)
    again, said = read(view.list, parse_qsl(view.query()), language)
    assert said == []
    assert again.sorts == view.sorts
    assert {name: set(values) for name, values in again.filters.items()} == {
        name: set(values) for name, values in view.filters.items()
    }
    assert again.query() == read(view.list, parse_qsl(again.query()), language)[0].query()


NOTHING = Lends()


@pytest.mark.parametrize(
    ("lent", "why"),
    [
        (replace(NOTHING, sorts=(SortKey("name", "Again", "1"),)), "Two features"),
        (replace(NOTHING, joins=(Join("new", "", needs=("missing",)),)), "join missing"),
        (replace(NOTHING, chips=(Chip("new", "null", 1, joins=("missing",)),)), "join missing"),
        (replace(NOTHING, lists=(WorkList("new", "New", "true", ("missing",), ""),)), "sort key missing"),
        (replace(NOTHING, columns=(Column("new", "New", "", "", (Field("name", "1"),), 5),)), "two fields of one name"),
        (replace(NOTHING, columns=(Column("new", "New", "", "", (), 5, lists=("missing",)),)), "list missing"),
    ],
)
def test_what_does_not_fit_is_refused_at_start(lent: Lends, why: str) -> None:
    with pytest.raises(UnsoundList, match=why):
        build((*LENT, lent))


def test_a_feature_adds_a_column_a_chip_and_a_list_as_data(world: World) -> None:
    lent = Lends(
        columns=(Column("zip", "Zip", "", "census/cells/_payer.html", (Field("zip_code", "p.zip_code"),), 85),),
        chips=(Chip("loud", "'red alert look here'", 1),),
        lists=(WorkList("icu", "Intensive care", "e.status = 'admitted' and e.unit = 'ICU'", ("unit",), "Empty."),),
    )
    registry = build((*LENT, lent))
    add_stays(world, HOUSE)
    viewer = world.viewer("dana").acting(Permission.STAY_LIST)
    with reading(viewer, at=NOW) as db:
        ask = Ask(registry, registry.lists["icu"], View("icu"), db, viewer)
        rows = queries.rows(ask)
        assert queries.counts(ask)["icu"] == len(rows) == 4 - (HOUSE[5].unit == "ICU")
    assert all(row.zip_code == "" and row.chips[0] == "red alert look here" for row in rows)


def test_the_joins_that_choose_stays_stand_before_those_that_only_show_them() -> None:
    written = REGISTRY.source({"due", "owner"}, first={"owner"})

    places = [written.index(text) for text in ("assignment a", "join patient p", "obligation o")]
    assert places == sorted(places)
    assert written.count("assignment a") == 1
