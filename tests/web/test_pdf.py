"""The room in which paper is set: data stays text, no hole, no other file, nothing from outside."""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pypdf import PdfReader

from app.web.paper import pdf as room
from app.web.paper.pdf import FONTS, MISSING, pdf, templates

LIST = "worklists/out/list.typ"


def sheet(*texts: str) -> dict[str, Any]:
    """The data of a list with one column and a row for each text."""
    return {
        "title": "Inpatient", "facility": "North", "words": "all", "mark": "Taken out by Dana", "watermark": "Dana",
        "empty": "Nobody.", "columns": [{"label": "Patient", "width": 1}],
        "rows": [[{"first": text, "others": "", "strong": True}] for text in texts],
    }  # fmt: skip


def words(body: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def close(text: str) -> str:
    """Without blanks: a line may break anywhere on paper."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize(
    "text",
    ["#panic()", '#read("pdf.py")', "$x^2$", "*bold*", "= Heading", "<label>", "@preview/x", "[#sys.inputs]", "`raw`"],
)
def test_what_reads_like_markup_is_set_as_it_is(text: str) -> None:
    assert close(text) in close(words(pdf(LIST, sheet(text))))


@hypothesis_settings(max_examples=60)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30))
def test_any_text_of_a_keyboard_arrives(text: str) -> None:
    assert close(text) in close(words(pdf(LIST, sheet(text))))


@hypothesis_settings(max_examples=40)
@given(st.text(max_size=12))
def test_no_text_stops_the_paper(text: str) -> None:
    assert pdf(LIST, sheet(text, "Example, Ann")).startswith(b"%PDF")


def test_letters_of_other_scripts_arrive_and_what_no_font_has_is_marked() -> None:
    found = words(pdf(LIST, sheet("Nguyễn Łukasz ≥ Ångström", "Иван Ψυχή", "李小龙")))

    for said in ("Nguyễn Łukasz ≥ Ångström", "Иван Ψυχή", MISSING * 3, f"{MISSING} stands for a character"):
        assert close(said) in close(found)
    assert "stands for a character" not in words(pdf(LIST, sheet("Example, Ann")))


def test_a_template_reads_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies outside the folder of fonts is out of reach, by its path or by climbing up."""
    (tmp_path / "worklists" / "templates").mkdir(parents=True)
    (tmp_path / "web" / "templates" / "pdf").mkdir(parents=True)
    house = (room.APP / "web" / "templates" / "pdf" / "house.typ").read_text()
    (tmp_path / "web" / "templates" / "pdf" / "house.typ").write_text(house)
    monkeypatch.setattr(room, "APP", tmp_path)
    for reach in ("/etc/hostname", "../pdf.py", "../../../pyproject.toml"):
        (tmp_path / "worklists" / "templates" / "x.typ").write_text(f'#read("{reach}")')
        with pytest.raises(room.typst.TypstError):
            pdf("worklists/x.typ", sheet())


def test_no_template_of_ours_reaches_for_files_or_packages() -> None:
    found = [
        path
        for path in templates()
        if re.search(r"@preview|#?\b(import|include|read|image|plugin)\b *[(\"](?!bytes\()", path.read_text())
    ]

    assert found == [] and len(list(templates())) >= 2  # fmt: skip


def test_fonts_are_those_that_were_looked_at() -> None:
    for line in (FONTS / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((FONTS / name).read_bytes()).hexdigest() == digest
    assert "SIL Open Font License" in (FONTS / "inter-LICENSE.txt").read_text()
