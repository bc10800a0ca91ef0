"""Whatever a text holds, it comes back as that text and is nowhere a formula or a link."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from app.kernel.refusal import Refused
from app.web.lists import Export
from app.web.paper.csv_files import FORMULA_STARTS, harmless, plain
from app.worklists.out.files import csv_file, xlsx_file
from app.worklists.out.paper import MOST_STAYS_ON_PAPER, pdf_file
from app.worklists.out.taking import Mark, Taken
from app.worklists.registry import REGISTRY

EXPORTS = (Export("name", "Patient"), Export("note", "Pinned note"))
# What PostgreSQL can hold: any text without NUL. Half of the texts begin like a formula.
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=40)
DANGEROUS = st.builds(lambda start, rest: start + rest, st.sampled_from(sorted(FORMULA_STARTS)), TEXTS)
SPACED = st.builds(lambda blank, rest: blank + rest, st.sampled_from([" ", "\u00a0", "\u3000", "\n"]), DANGEROUS)
ANY = st.one_of(TEXTS, DANGEROUS, SPACED)


def taken(*values: tuple[Any, ...], exports: tuple[Export, ...] = EXPORTS, by: str = "Dana Whitlow, RN") -> Taken:
    mark = Mark(by, "North & South", datetime(2026, 3, 5, 15, 41, tzinfo=UTC))
    return Taken(REGISTRY.lists["inpatient"], "all", mark, exports, list(values), list(values), 0, [])


def cells(body: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(body))["List"].iter_rows(min_row=2, values_only=True))


@given(ANY, ANY)
@example("=1+1", "'=1+1")
@example("＝cmd|' /C calc'!A0", '@SUM(1)";=2')
def test_csv_gives_texts_back_and_no_cell_begins_a_formula(name: str, note: str) -> None:
    body = csv_file(taken((name, note))).decode()

    _head, line = csv.reader(io.StringIO(body, newline=""))
    assert [plain(text) for text in line[:2]] == [name, note]
    for text in line[:2]:
        assert text[0] not in FORMULA_STARTS and text.strip()[:1] not in FORMULA_STARTS


@given(ANY)
def test_harmless_changes_only_what_could_do_harm(text: str) -> None:
    changed = harmless(text) != text

    assert changed == (text[0] == "'" or text[0] in FORMULA_STARTS or text.strip()[:1] in FORMULA_STARTS)
    assert plain(harmless(text)) == text


@hypothesis_settings(max_examples=60)
@given(ANY, ANY)
@example('=HYPERLINK("http://x.example")', "http://x.example")
@example("{=1+1}", "file:///c:/x")
def test_a_workbook_gives_texts_back_and_holds_no_formula_and_no_link(name: str, note: str) -> None:
    body = xlsx_file(taken((name, note)))

    ((first, second),) = cells(body)
    assert [unescape(str(one)) for one in (first, second)] == [name, note]
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        sheets = [one for one in parts.namelist() if one.startswith("xl/worksheets/")]
        tags = {node.tag.rpartition("}")[2] for one in sheets for node in ET.fromstring(parts.read(one)).iter()}
    assert {"f", "hyperlink", "hyperlinks"}.isdisjoint(tags)
    assert {"row", "c"} <= tags


def test_values_keep_their_kind() -> None:
    exports = (
        Export("on", "Day", "x", "day"), Export("at", "Instant", "x", "instant"), Export("n", "Number", "x", "count"),
        Export("m", "Measure", "x", "measure"), Export("yes", "Yes", "x", "yes"), Export("none", "None", "x", "count"),
    )  # fmt: skip
    line = (date(2026, 3, 5), datetime(2026, 3, 5, 15, 41, tzinfo=UTC), -3, 4.1, True, None)

    (cell,) = cells(xlsx_file(taken(line, exports=exports)))
    text = csv_file(taken(line, exports=exports)).decode().splitlines()[1]

    assert cell == (datetime(2026, 3, 5), datetime(2026, 3, 5, 15, 41), -3, 4.1, True, None)
    assert text.startswith('"2026-03-05","2026-03-05T15:41:00+00:00",-3,4.1,"true","",')


def test_a_text_that_no_cell_can_hold_says_that_it_was_cut() -> None:
    ((name, note),) = cells(xlsx_file(taken(("x" * 40_000, "y"))))

    assert len(name) == 32_767 and name.endswith(" […]") and note == "y"


def test_the_name_of_whoever_takes_it_out_does_no_harm_either() -> None:
    body = taken(("Example, Ann", None), by="=Dana & Co")

    assert "'=Dana & Co" in csv_file(body).decode()
    assert "=Dana && Co" in (load_workbook(io.BytesIO(xlsx_file(body)))["List"].oddFooter.left.text or "")


def test_paper_has_an_end_and_says_what_to_do() -> None:
    many = [("Example, Ann", None)] * (MOST_STAYS_ON_PAPER + 1)

    with pytest.raises(Refused, match=r"holds up to 2,000 stays, here are 2,001\. Narrow the list first"):
        pdf_file(taken(*many))
