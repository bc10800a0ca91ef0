"""What is taken out equals what the tables hold, in every form, and is recorded as seen."""

import io
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from app.census.exports import AskExport, Export, Form, export, instant_of
from app.kernel.refusal import Refused
from app.platform.work import everywhere, reading
from tests.census.stories import ADMITTED, DISCHARGED
from tests.support.feed import Telling
from tests.support.world import World

MOVED = "A02 | rec 03-11 14:05 | occ 03-11 14:00 | bed ICU^03^A | name RIVERA^CARMEN"
OTHER = "A01 | patient M2 | visit V2 | class O | type OBS | rec 03-12 08:15 | occ 03-12 08:00 | bed OBS^07^A"


def rows(form: Form, what: Export = Export.CENSUS, as_of: datetime | None = None) -> list[dict[str, object]]:
    data = export(AskExport(what, "NORTH", form, as_of))
    if form is Form.JSON:
        return json.loads(data)
    frame = pl.read_csv(io.BytesIO(data)) if form is Form.CSV else pl.read_parquet(io.BytesIO(data))
    return frame.to_dicts()


@pytest.fixture
def told(world: World) -> World:
    Telling(world).tell(ADMITTED + MOVED + "\n" + OTHER)
    Telling(world, "SOUTH", first=100).tell(ADMITTED)
    return world


@pytest.mark.parametrize("form", list(Form))
def test_the_census_of_one_facility(told: World, form: Form) -> None:
    found = rows(form)
    assert [(row["visit"], row["mrn"], row["location"], row["class"], row["on_leave"]) for row in found] == [
        ("V100", "M100", "ICU^03^A", "IP", False),
        ("V2", "M2", "OBS^07^A", "OBS", False),
    ]
    assert found[0]["family"] == "RIVERA"


def test_the_census_of_an_earlier_instant(told: World) -> None:
    at = datetime(2026, 3, 11, 12, tzinfo=ZoneInfo("America/New_York"))
    assert [(row["visit"], row["location"]) for row in rows(Form.JSON, as_of=at)] == [("V100", "4W^401^A")]
    Telling(told, first=50).tell(DISCHARGED)
    assert [row["visit"] for row in rows(Form.JSON)] == ["V2"]
    assert [row["visit"] for row in rows(Form.JSON, as_of=at)] == ["V100"]


def test_encounters_with_their_timeline(told: World) -> None:
    [first, _] = rows(Form.JSON, Export.ENCOUNTERS)
    [same, _] = rows(Form.PARQUET, Export.ENCOUNTERS)
    [flat, _] = rows(Form.CSV, Export.ENCOUNTERS)
    assert first["status"] == "admitted"
    assert [row[0] for row in first["locs"]] == ["4W^401^A", "ICU^03^A"]  # type: ignore[attr-defined]
    assert same["locs"] == first["locs"]
    assert json.loads(str(flat["locs"])) == first["locs"]


def test_an_empty_house_has_the_same_columns(world: World) -> None:
    assert rows(Form.JSON) == rows(Form.CSV) == rows(Form.PARQUET) == []
    assert export(AskExport(Export.CENSUS, "NORTH", Form.CSV)).startswith(b"visit,mrn,location,class,on_leave")


def test_taking_data_out_is_recorded_as_seeing_it(told: World) -> None:
    rows(Form.CSV)
    with reading(everywhere("test")) as view:
        seen = view.connection.execute(
            "select kind, route, cardinality(patients), facilities from phi_access"
        ).fetchall()
    assert seen == [("export", "export census", 2, [told.facility["NORTH"]])]


def test_an_unknown_facility_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="NOWHERE"):
        export(AskExport(Export.CENSUS, "NOWHERE"))


def test_instants_of_the_command_line() -> None:
    assert instant_of("2026-03-11T12:00:00-05:00") == instant_of("2026-03-11T17:00")
