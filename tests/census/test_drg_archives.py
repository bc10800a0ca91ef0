"""Archives and workbooks that are no published tables: locked, packed in another way, broken, or bombs."""

import io
import re
import zipfile

import pytest
from openpyxl import Workbook

from app.census.drg.published import tables
from app.census.drg.sheets import sheets
from app.kernel.refusal import Refused

MIB = 1024 * 1024


def archive(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return data.getvalue()


def changed(data: bytes, local: int, central: int, value: int) -> bytes:
    """The archive with another value in the head of its only member, in both places where it stands."""
    found = bytearray(data)
    found[local] = value
    found[found.find(b"PK\x01\x02") + central] = value
    return bytes(found)


def with_sheet(sheet: bytes) -> bytes:
    data = io.BytesIO()
    Workbook().save(data)
    with zipfile.ZipFile(data) as book:
        members = {name: book.read(name) for name in book.namelist()}
    whole = members["xl/worksheets/sheet1.xml"]
    other = re.sub(rb"<sheetData */>|<sheetData></sheetData>", sheet, whole)
    return archive(members | {"xl/worksheets/sheet1.xml": other})


ONE = archive({"t.csv": b"MS-DRG,Geometric mean LOS\n" * 50})
ROW = b"<row><c t='inlineStr'><is><t>a</t></is></c></row>"
ODD = {
    "locked": (changed(ONE, 6, 8, 1), "damaged or locked"),
    "packed in a way that is not known": (changed(ONE, 8, 10, 9), "damaged or locked"),
    "broken inside": (ONE[:45] + b"\xff" * 20 + ONE[65:], "damaged or locked"),
    "archive in archive": (archive({"t.csv": archive({"t.csv": b"a,b\n"})}), "within an archive"),
    "too much in all": (archive({f"{n}.csv": bytes(15 * MIB) for n in range(5)}), "holds more than 64 MiB"),
    "too many": (archive({f"{n}.csv": b"a" for n in range(200)}), "holds more than 100 files"),
    "too wide": (b"MS-DRG,Geometric mean LOS" + b",x" * (7 * MIB), "too wide"),
    "bomb": (with_sheet(b"<sheetData>" + ROW * 1_400_000 + b"</sheetData>"), "holds more than 64 MiB"),
    "broken workbook": (with_sheet(b"<sheetData><row"), "no workbook"),
    "no workbook": (archive({"xl/workbook.xml": b"no"}), "no workbook"),
}


@pytest.mark.parametrize(("data", "sentence"), ODD.values(), ids=ODD)
def test_what_is_no_published_table_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        [table for sheet in sheets("T", data) for table in tables(sheet, 2026)]


def test_a_workbook_may_claim_more_columns_than_it_uses() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["MS-DRG", "MS-DRG Title", "Geometric mean LOS"])
    sheet.append([871, "SEPTICEMIA", 4.5])
    sheet.cell(3, 900).value = ""
    data = io.BytesIO()
    book.save(data)
    (found,) = [table for one in sheets("T.xlsx", data.getvalue()) for table in tables(one, 2026)]
    assert found.entries["871"].gmlos == 4.5
