"""Lists as data for programs: the same values in every form, as of any instant, and always disclosed."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from app.census.exports import Form
from app.kernel.refusal import Refused
from app.platform.work import everywhere, reading
from app.web.paper.csv_files import plain
from app.worklists.out.command import AskList, export_list, list_names
from tests.support.messages import told_of_a_discharge
from tests.support.stays import StaySpec, add_stays
from tests.support.world import NOW, World


def house(world: World) -> None:
    add_stays(
        world,
        [
            StaySpec(family="Ash", gmlos=4.1, expected=NOW + timedelta(days=1), start=NOW - timedelta(days=9)),
            StaySpec(family="-Birch", unit="ICU", gmlos=3.0),
            StaySpec(family="Cedar", patient_class="OBS", start=NOW - timedelta(hours=30)),
            StaySpec(family="South", facility="SOUTH"),
            StaySpec(family="Known", sensitivity="vip"),
        ],
    )


def text(value: Any) -> str:
    """A typed value as CSV writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


@pytest.mark.parametrize("name", list_names())
def test_all_forms_hold_the_same_values(world: World, name: str) -> None:
    house(world)

    as_json, as_csv, as_parquet = (export_list(AskList(name, "NORTH", form)) for form in Form)

    rows = json.loads(as_json)
    lines = [
        {k: plain(v) for k, v in line.items()} for line in csv.DictReader(io.StringIO(as_csv.decode(), newline=""))
    ]
    frame = pl.read_parquet(io.BytesIO(as_parquet))
    assert [[text(value) for value in row.values()] for row in rows] == [list(line.values()) for line in lines]
    assert not rows or (list(rows[0]) == list(lines[0]) == frame.columns)
    same = [{k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()} for row in frame.to_dicts()]
    assert [row["visit"] for row in same] == [row["visit"] for row in rows]
    for one, other in zip(same, rows, strict=True):
        # Parquet keeps microseconds of an instant, ISO text the zone's distance; both name the same instant.
        assert {k: v for k, v in one.items() if k not in ("next_at", "since")} == {
            k: v for k, v in other.items() if k not in ("next_at", "since")
        }


def test_values_have_their_types_and_all_stays_of_the_facility_are_there(world: World) -> None:
    house(world)

    frame = pl.read_parquet(io.BytesIO(export_list(AskList("inpatient", "NORTH", Form.PARQUET))))

    assert sorted(frame["name"]) == ["-Birch, Ann", "Ash, Ann", "Known, Ann"]
    ash = frame.row(by_predicate=pl.col("name") == "Ash, Ann", named=True)
    assert (ash["gmlos_days"], ash["past_gmlos"]) == (4.1, True)
    assert ash["expected_on"] == (NOW + timedelta(days=1)).date()
    assert frame.schema["next_at"] == pl.Datetime("us", "America/Chicago")


def test_the_disclosure_names_all_patients_and_the_instant(world: World) -> None:
    house(world)
    export_list(AskList("inpatient", "NORTH"))

    with reading(everywhere("test")) as db:
        seen = db.rows(
            lambda *row: row, "select actor, route, detail, cardinality(patients) from phi_access where kind = 'export'"
        )
    assert seen == [("export", "export worklist", "inpatient NORTH json", 3)]


def test_a_list_is_given_as_it_was_known_then(world: World) -> None:
    told_of_a_discharge()

    names = [
        [
            row["name"]
            for row in json.loads(export_list(AskList("inpatient", "NORTH", as_of=NOW - timedelta(hours=back))))
        ]
        for back in (30, 2, 0)
    ]

    assert names == [[], ["RIVERA, CARMEN"], []]


@pytest.mark.parametrize(("name", "code"), [("shoes", "NORTH"), ("my-day", "NORTH"), ("inpatient", "NOWHERE")])
def test_what_is_not_there_is_refused_in_a_sentence(world: World, name: str, code: str) -> None:
    with pytest.raises(Refused, match=r"(?i)no (list|facility)"):
        export_list(AskList(name, code))
