"""DRG tables: read as published, kept by year, and every stay measured against the year of its discharge."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.census.drg.commands import TakeFile, import_file, refresh_lengths
from app.census.drg.lookup import groups
from app.census.drg.published import Published, tables
from app.census.drg.sheets import sheets
from app.census.facilities import AddFacility, FacilityKind, add_facility
from app.cli import run
from app.interop.inbox import Source, drain, receive
from app.kernel.refusal import Refused
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere, reading
from tests.support.client import Browser
from tests.support.hl7 import Sender
from tests.support.world import NOW, World

TABLE_5 = (
    '"TABLE 5.—LIST OF MEDICARE SEVERITY DIAGNOSIS-RELATED GROUPS (MS-DRGS), RELATIVE WEIGHTS—FY 2026 Final"\r\n'
    '"MS-DRG"\t"FY 2026 Final\nPost-Acute DRG"\tFY 2026 Final Special Pay DRG\tMDC\tTYPE\tMS-DRG Title\t'
    "Weights Before Cap\tFinal Weights\tGeometric mean LOS\tArithmetic mean LOS\r\n"
    '1\tNo\tNo\tPRE\tSURG\t"HEART TRANSPLANT, OR IMPLANT"\t27.1000\t26.4106\t29.1\t37.5\r\n'
    "871\tYes\tNo\t18\tMED\tSEPTICEMIA\t1.9\t1.8\t4.5\t5.9\r\n"
    "998\tNo\tNo\t\t**\tPRINCIPAL DIAGNOSIS INVALID\t.\t.\t.\t.\r\n"
    "* Groups without cases have no figures.\r\n"
)
TABLE_11 = [
    ["TABLE 11: MS-LTC-DRGs FOR DISCHARGES OCCURRING FROM OCTOBER 1, 2025 (FY 2026)"],
    ["MS-LTC-DRG", "MS-LTC-DRG Title", "FY 2024 LTCH Cases", "Relative Weight",
     "Geometric Average Length of Stay", "Short-Stay Outlier (SSO) Threshold1", "IPPS Comparable Threshold2"],
    [189, "PULMONARY EDEMA & RESPIRATORY FAILURE", 4000, 0.93, 21.0, 17.5, 6.1],
    [207, "RESPIRATORY SYSTEM DIAGNOSIS W VENTILATOR >96 HOURS", 9000, 1.8, 29.4, 24.5, 14.0],
]  # fmt: skip


def read(name: str, data: bytes, year: int | None = None) -> list[Published]:
    return [table for sheet in sheets(name, data) for table in tables(sheet, year)]


def workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def archive(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "."), content)
    return data.getvalue()


def small(*rows: str, year: int = 2026) -> bytes:
    return ("fiscal_year,ms_drg,relative_weight,gmlos\n" + "".join(f"{year},{row}\n" for row in rows)).encode()


def values(query: str) -> list[Any]:
    with reading(everywhere("test")) as view:
        return view.connection.execute(query).fetchall()  # type: ignore[arg-type]


def tell(*messages: bytes) -> None:
    receive(list(messages), Source("mllp", "test"))
    while drain():
        pass


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_table_5_as_text_is_read_whatever_its_letters(encoding: str):
    [table] = read("Table 5.txt", TABLE_5.encode(encoding))

    assert (table.system, table.fiscal_year, sorted(table.entries)) == ("MS-DRG", 2026, ["001", "871", "998"])
    sepsis, invalid = table.entries["871"], table.entries["998"]
    assert (sepsis.title, sepsis.mdc, sepsis.type) == ("SEPTICEMIA", "18", "MED")
    assert (sepsis.weight, sepsis.gmlos, sepsis.amlos) == (1.8, 4.5, 5.9)  # the weight after the cap holds
    assert (invalid.gmlos, invalid.weight) == (None, None)
    assert table.bad == []


def test_table_11_as_a_workbook_has_thresholds_and_is_the_other_system():
    [table] = read("ltch.xlsx", workbook(TABLE_11))

    assert (table.system, table.fiscal_year) == ("MS-LTC-DRG", 2026)
    assert (table.entries["189"].gmlos, table.entries["189"].short_stay_threshold) == (21.0, 17.5)


def test_an_archive_that_holds_a_table_twice_gives_it_once(database: Addresses):
    data = archive(readme__pdf=b"%PDF", t5__xlsx=workbook([["FY 2026"], ["MS-DRG", "Geometric mean LOS"], [871, 4.5]]),
                   t5__txt=TABLE_5.encode())  # fmt: skip

    [taken] = import_file(TakeFile("FY2026-Table-5.zip", data))

    assert (taken.system, taken.fiscal_year, taken.codes, taken.state) == ("MS-DRG", 2026, 3, "imported")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("letter.csv", b"Dear all,\nthe table follows.\n", "holds no DRG table"),
        ("plain.csv", b"MS-DRG,GMLOS\n871,4.5\n", "--fiscal-year"),
        ("half.zip", archive(t5__txt=TABLE_5.encode())[:60], "damaged"),
        ("noise.bin", bytes(range(256)) * 4, "no table of text"),
    ],
    ids=["letter", "other columns", "half an archive", "noise"],  # an archive holds the time of its making
)
def test_files_that_hold_no_table_are_refused(database: Addresses, name: str, data: bytes, says: str):
    with pytest.raises(Refused) as refused:
        import_file(TakeFile(name, data))

    assert name in refused.value.sentence and says in refused.value.sentence


def test_the_year_may_stand_in_the_name_or_be_said():
    data = b"MS-DRG,GMLOS\n871,4.5\n"

    assert read("CMS_FY2024_table5.csv", data)[0].fiscal_year == 2024
    assert read("plain.csv", data, 2023)[0].fiscal_year == 2023


def test_bad_rows_are_named_and_left_out(database: Addresses):
    data = small("871,1.8,4.5", "872,1.0,long", "0871,1.8,4.4", "A12,1.0,3.0", "470,1.9,900")

    [taken] = import_file(TakeFile("t.csv", data))

    assert taken.codes == 1
    assert taken.refused == [
        "t.csv, line 3: group 872: the geometric mean is not a number.",
        "t.csv, line 4: group 871 was given before in the same year.",
        "t.csv, line 5: the group's number cannot be read; it has one to three digits.",
        "t.csv, line 6: group 470: the geometric mean is not between 0 and 400.",
    ]


def test_the_published_files_are_read_whole(shared: Path, database: Addresses):
    states = [
        (one.system, one.fiscal_year, one.codes, one.refused)
        for path in sorted((shared / "data" / "drg").glob("*.csv"))
        for one in import_file(TakeFile(path.name, path.read_bytes()))
    ]
    standing = dict(values("select system || ' ' || fiscal_year, codes from drg_table where ended_at is null"))
    off = values("select count(*) from drg_entry e join drg_table t on t.id = e.table_id where t.system = 'MS-LTC-DRG'"
                 " and abs(e.short_stay_threshold - e.gmlos * 5 / 6) > 0.11")  # fmt: skip

    assert sum(codes for _system, _year, codes, _refused in states) == 2289 + 2256 + 6134
    assert all(refused == [] for *_rest, refused in states)
    assert standing["MS-DRG 2026"] == 772 and standing["MS-LTC-DRG 2021"] == 754 and len(standing) == 11
    assert off == [(0,)]


def test_a_corrected_table_takes_the_place_and_the_old_one_is_kept(database: Addresses):
    first = import_file(TakeFile("a.csv", small("871,1.8,4.5", "470,1.9,1.6")))
    again = import_file(TakeFile("a.csv", small("871,1.8,4.5", "470,1.9,1.6")))
    corrected = import_file(TakeFile("b.csv", small("871,1.8,4.9")))

    assert [first[0].state, again[0].state, corrected[0].state] == ["imported", "unchanged", "replaced"]
    assert values("select source, codes, ended_at is null from drg_table order by imported_at") == [
        ("a.csv", 2, False), ("b.csv", 1, True),
    ]  # fmt: skip
    assert values("select count(*) from drg_entry") == [(3,)]


def test_what_a_file_has_no_column_for_stays_as_it_was(database: Addresses):
    import_file(TakeFile("full.txt", TABLE_5.encode()))
    import_file(TakeFile("corrected.csv", small("871,1.8,4.9")))

    with reading(everywhere("test"), at=NOW) as view:
        found = groups(view, ["871"]).find("MS-DRG", "871", NOW.date())
    assert found is not None
    assert (found.gmlos, found.amlos, found.title) == (4.9, 5.9, "SEPTICEMIA")


def test_open_stays_follow_a_table_at_once(world: World):
    feed = Sender()
    tell(feed.admit("V1", "M1", tail="DRG|871\r"), feed.admit("V2", "M2", tail="DRG|999\r"))
    before = dict(values("select visit_number, gmlos from encounter"))

    import_file(TakeFile("t.csv", small("871,1.8,7.7", year=2026)))
    with begin(everywhere("test"), at=NOW) as work:
        refresh_lengths(work)
    after = dict(values("select visit_number, gmlos from encounter"))

    assert before["V1"] not in (None, 7.7) and before["V2"] is None
    assert after == {"V1": 7.7, "V2": None}
    [told] = values("select distinct e.visit_number, a.facts ->> 'changed' from audit_event a join encounter e"
                    " on e.id = a.encounter_id where a.name = 'encounter.updated'")  # fmt: skip
    assert told == ("V1", '["gmlos"]')


def test_a_message_after_the_import_uses_the_table(world: World):
    import_file(TakeFile("t.csv", small("871,1.8,7.7", year=2026)))

    feed = Sender()
    tell(feed.admit("V1", "M1", tail="DRG|871\r"), feed.discharge("V1", "M1", tail="DRG|871\r"))

    assert values("select status, gmlos from encounter") == [("discharged", 7.7)]


def test_the_year_of_the_day_decides_and_a_group_that_ended_has_no_figure(database: Addresses):
    import_file(TakeFile("a.csv", small("246,3.0,4.0", "871,1.8,4.5", year=2023)))
    import_file(TakeFile("b.csv", small("321,2.9,4.1", "871,1.8,4.7", year=2024)))

    with reading(everywhere("test")) as view:
        known = groups(view, ["246", "321", "871", "0871"])
    last, first = NOW.date().replace(2023, 9, 30), NOW.date().replace(2023, 10, 1)
    assert [known.gmlos("acute", code, last) for code in ("246", "321", "871")] == [4.0, None, 4.5]
    assert [known.gmlos("acute", code, first) for code in ("246", "321", "871", " 0871")] == [None, 4.1, 4.7, 4.7]
    assert known.gmlos("acute", "871", first - timedelta(days=365 * 2)) is None


def test_long_term_hospitals_use_their_own_system(world: World):
    with begin(everywhere("test")) as work:
        ask = AddFacility(code="LONG", name="Long", timezone="America/Chicago", kind=FacilityKind.LTCH)
        add_facility(work, ask)
    import_file(TakeFile("t5.csv", small("189,1.2,3.9")))
    import_file(TakeFile("t11.xlsx", workbook(TABLE_11)))

    tell(
        Sender(facility="LONG", prefix="L").admit("L1", "ML", tail="DRG|189\r"),
        Sender().admit("V1", "M1", tail="DRG|189\r"),
    )
    with begin(everywhere("test"), at=NOW) as work:
        refresh_lengths(work)

    assert dict(values("select visit_number, gmlos from encounter")) == {"L1": 21.0, "V1": 3.9}
    with reading(everywhere("test")) as view:
        found = groups(view, ["189"]).find("MS-LTC-DRG", "189", NOW.date())
    assert found is not None and found.short_stay_threshold == 17.5


def test_the_command_prints_a_line_for_each_table_and_says_what_it_refused(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DATABASE_URL", addresses.owner)
    monkeypatch.setenv("DAYBOOK_APP_DATABASE_URL", addresses.app)
    monkeypatch.setenv("DAYBOOK_HOME", str(tmp_path))
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(small("871,1.8,4.5"))
    bad.write_bytes(b"nothing,here\n")

    assert run(["import", "drg", str(good)]) == 0
    assert run(["import", "drg", str(bad), str(good)]) == 1

    said = capsys.readouterr()
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["state"] for line in lines] == ["imported", "unchanged"]
    assert "bad.csv holds no DRG table" in said.err


def test_the_page_says_what_is_in_and_what_is_missing(browser_for: Callable[..., Browser], world: World):
    import_file(TakeFile("old.csv", small("871,1.8,4.5", year=2019)))
    import_file(TakeFile("new.csv", small("871,1.8,4.6", year=2019)))

    page = browser_for("adam").get("/configuration/drg-tables").text

    assert "MS-DRG 2019" in page and "new.csv" in page and "old.csv" in page and "command line" in page
    assert "is not imported" in page and "Table 5 of the IPPS final rule" in page
    assert browser_for("dana").get("/configuration/drg-tables").status_code == 403
