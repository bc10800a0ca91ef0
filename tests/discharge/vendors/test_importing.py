"""Provider files as published: layouts of several years, faulty rows, files again, what the hospital knows itself."""

import io
import time
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.census.drg.sheets import sheets
from app.discharge.terms import CareType
from app.discharge.vendors.importing import TakeVendors, take_file
from app.discharge.vendors.queries import Sought, search
from app.discharge.vendors.reading import providers
from app.discharge.vendors.rules import Position
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from tests.discharge.vendors.support import ROWS, TODAY, published, take
from tests.support.world import NOW, World


def read(text: str, name: str = "file.csv", care_type: CareType | None = None):
    sheet = next(iter(sheets(name, text.encode())))
    return providers(name, sheet.rows, care_type, None)


def test_names_of_columns_of_several_years_are_understood():
    old = read(
        '"Federal Provider Number","Provider Name","Provider State","Overall Rating","QM Rating"\n15009,A HOME,AL,5,4'
    )
    new = read(
        '"CMS Certification Number (CCN)","Provider Name","State","Overall Rating","QM Rating"\n015009,A HOME,AL,5,4'
    )

    assert [(one.ccn, one.stars_overall, one.stars_quality) for one in old.rows] == [("015009", 5, 4)]
    assert [(one.ccn, one.care_type) for one in new.rows] == [("015009", CareType.SNF)]


@pytest.mark.parametrize(
    ("ccn", "kind"),
    [
        ("141500", CareType.HOSPICE_HOME), ("142008", CareType.LTCH), ("143025", CareType.IRF),
        ("147000", CareType.HOME_HEALTH), ("14T001", CareType.IRF), ("14S001", CareType.PSYCHIATRIC),
        ("140001", CareType.ACUTE), ("145001", CareType.SNF), ("144001", CareType.PSYCHIATRIC),
    ],
)  # fmt: skip
def test_the_certification_number_tells_the_type_where_the_layout_does_not(ccn: str, kind: CareType):
    found = read(f"CMS Certification Number (CCN),Provider Name,State\n{ccn},SOMEBODY,IL")

    assert [one.care_type for one in found.rows] == [kind]


def test_an_unknown_layout_is_refused_with_what_was_expected():
    with pytest.raises(Refused, match="Federal Provider Number") as refused:
        read("Name,Town\nA,B")
    assert "is no provider file" in refused.value.sentence


def test_a_faulty_row_is_named_and_the_rest_is_taken(world: World):
    taken = take(
        world, *ROWS[:2], ROWS[2].replace('"145003"', '"14"'), ROWS[3].replace('"5","5","5"', '"9","5","5"', 1), ROWS[0]
    )

    assert (taken.added, taken.changed) == (2, 0)
    assert taken.refused == [
        "line 4: a certification number of six characters was expected.",
        "line 5: a rating outside 1 to 5 stars.",
        "line 6: certification number 145001 stands in line 2 already.",
    ]


def test_the_same_file_again_changes_nothing_and_a_newer_one_only_what_differs(world: World):
    take(world, *ROWS)
    again = take(world, *ROWS, now=NOW + timedelta(hours=1))
    later = [row.replace("2026-02-01", "2026-03-01") for row in ROWS]
    newer = take(world, later[0].replace('"4","4"', '"5","4"'), *later[1:], now=NOW + timedelta(hours=2))

    assert (again.added, again.changed, again.unchanged) == (0, 0, 5)
    assert (newer.added, newer.changed) == (0, 5)
    with reading(everywhere("test")) as view:
        kept = view.rows(
            lambda *row: row,
            "select stars_overall, data_on, ended_at is null from vendor_version"
            " where name = 'MAPLE TERRACE' order by made_at",
        )
    assert kept == [(4.0, date(2026, 2, 1), False), (5.0, date(2026, 3, 1), True)]


def test_an_older_file_does_not_take_the_place_of_a_newer_one(world: World):
    take(world, *ROWS)

    with pytest.raises(Refused, match="Take the newer file"):
        take(world, *(row.replace("2026-02-01", "2025-12-01") for row in ROWS))


def test_what_the_hospital_knows_outlives_the_next_file(world: World):
    take(world, *ROWS)
    with begin(everywhere("test"), at=NOW) as work:
        from app.discharge.vendors.events import VendorSet

        work.write(
            "vendor_version", "update vendor_version set capabilities = '{ventilator}' where name = 'QUARRY HILL'"
        )
        key = work.value("select vendor_id from vendor_version where name = 'QUARRY HILL'")
        work.record(VendorSet(facility_id=world.facility["NORTH"], vendor_id=key, new=False))
    take(world, *(row.replace("2026-02-01", "2026-03-01") for row in ROWS), now=NOW + timedelta(hours=1))

    with reading(world.viewer("dana")) as view:
        found = search(view, world.facility["NORTH"], Sought(text="quarry"), TODAY)
    assert [(one.capabilities, one.data_on) for one in found.rows] == [(["ventilator"], date(2026, 3, 1))]


def test_only_states_that_were_asked_for_are_kept(world: World):
    from app.discharge.vendors.importing import Limits

    taken = take(
        world, *ROWS, ROWS[0].replace("145001", "155001").replace('"IL"', '"IN"'), limits=Limits(frozenset({"IN"}))
    )

    assert (taken.added, taken.left_out) == (1, 5)


def test_an_archive_is_opened_and_what_a_computer_added_is_passed_over(world: World):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__MACOSX/._homes.csv", b"\x00\x05\x16\x07")
        archive.writestr("homes.csv", published(*ROWS))
    with begin(everywhere("test"), at=NOW) as work:
        taken = take_file(work, world.facility["NORTH"], "NORTH", TakeVendors("homes.zip", packed.getvalue()))

    assert taken.added == 5


def test_every_nursing_home_of_the_country_is_in_within_twenty_seconds_and_found_at_once(world: World, shared: Path):
    path = shared / "data" / "cms" / "NH_ProviderInfo_Aug2021.csv.zip"
    data, began = path.read_bytes(), time.perf_counter()
    with begin(everywhere("test"), at=NOW) as work:
        taken = take_file(work, world.facility["NORTH"], "NORTH", TakeVendors(path.name, data))
    took = time.perf_counter() - began

    assert (taken.added, taken.refused) == (15_283, [])  # and a line of column names
    assert taken.data_on == date(2021, 8, 1)
    assert took < 20, f"{took:.1f} s"

    sought = Sought(care_type=CareType.SNF, text="manor", least_stars=4, around=Position(41.88, -87.63))
    with reading(world.viewer("dana")) as view:
        search(view, world.facility["NORTH"], sought, TODAY)
        began = time.perf_counter()
        found = search(view, world.facility["NORTH"], sought, TODAY)
        took_search = time.perf_counter() - began
    assert found.total > 100 and len(found.rows) == 50
    assert took_search < 0.25, f"{took_search:.3f} s"


def test_hospitals_of_the_country_are_read(shared: Path):
    path = shared / "data" / "cms" / "Hospital_General_Information.csv"
    sheet = next(iter(sheets(path.name, path.read_bytes())))
    found = providers(path.name, sheet.rows, None, date(2025, 1, 1))

    assert len(found.rows) > 5000 and not found.refused
    assert {one.care_type for one in found.rows} >= {CareType.ACUTE, CareType.PSYCHIATRIC}
