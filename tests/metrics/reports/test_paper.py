"""The report on paper has the figures of its page, and no patient."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO

import pytest
from pypdf import PdfReader

from app.metrics.reports.content import Content, content
from app.metrics.reports.paper import Printed, paper, report_pdf
from app.metrics.reports.queries import report_of, shipped_key
from app.metrics.reports.showing import overview, sections
from app.platform.now import now
from app.platform.work import reading
from tests.metrics.study.planted import plant
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]


def monthly(world: World) -> Content:
    """The shipped report of the first hospital, read today."""
    north = world.facility["NORTH"]
    with reading(world.viewer("dora")) as db:
        return content(db, report_of(db, north, shipped_key(north)), world.place["NORTH"], now().date())


def plain(text: str) -> str:
    """Letters and digits without spaces: paper breaks lines where it wants."""
    return re.sub(r"\s+", "", text)


@pytest.fixture
def found(world: World, monkeypatch: pytest.MonkeyPatch) -> Content:
    plant(world, monkeypatch)
    return monthly(world)


@pytest.fixture
def text(found: Content) -> list[str]:
    """The sheets of the report."""
    made = PdfReader(BytesIO(report_pdf(found, Printed("Dora Quist", now()))))
    return [page.extract_text() for page in made.pages]


def test_every_figure_of_the_report_stands_on_paper(found: Content, text: list[str]) -> None:
    first = plain(text[0])
    for row in overview(found):
        assert plain(row["title"]) in first and plain(row["of"]) in first
        for part in (row["value"], row["interval"], row["beside"], row["difference"], row["quality"]):
            assert plain(part) in first, row["title"]
    whole = plain("".join(text))
    for one in sections(found):
        told = [] if one["empty"] else [one["title"], one["counts"], one["trend"]["finding"], *one["cautions"]]
        for part in (*told, one["definition"][0]["value"]):
            assert plain(part) in whole, one["name"]
        for month in [] if one["empty"] else one["months"]:
            row = (month["label"], "provisional" if month["provisional"] else "", month["value"], month["interval"])
            assert plain("".join(row) + month["of"] + month["cases"] + month["excluded"]) in whole


def test_paper_says_whose_when_and_how_far_to_trust_it_and_names_no_patient(found: Content, text: list[str]) -> None:
    assert "North Harbor Hospital" in text[0] and "not adjusted for how ill patients were" in text[0]
    assert "provisional" in text[0], "readmissions of last month may still change"
    for sheet in text:
        assert (
            "Taken out by Dora Quist" in sheet
            and f"of {len(text)}" in sheet
            and "Case" not in sheet.replace("Cases", "")
        )
    assert "Measures without a case in this period" in text[-1]


def test_the_chart_on_paper_has_its_points_and_says_its_result(found: Content) -> None:
    shown = {one["name"]: one for one in paper(found, Printed("Dora Quist", now()))["sections"]}
    one = shown["Average length of stay"]

    assert one["described"].startswith("Control chart of ") and one["chart"].startswith("<svg xmlns=")
    points = re.findall(r"<circle", one["chart"])
    assert f"Control chart of {len(points)} months" in one["described"]


def test_page_and_paper_have_the_same_figures(found: Content, text: list[str], browser_for: BrowserFor) -> None:
    key = shipped_key(found.place.id)
    shown = plain(unescape(re.sub(r"<[^>]+>", "", browser_for("dora").get(f"/reports/{key}").text)))

    for row in overview(found):
        for part in (row["title"], row["value"], row["interval"], row["of"], row["beside"], row["difference"]):
            assert plain(part) in shown and plain(part) in plain(text[0])
