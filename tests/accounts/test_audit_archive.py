"""Trails whose older part lies in an archive: the pages and the paper say so, and show it again when it is back."""

import html
import io
from collections.abc import Callable
from pathlib import Path

from pypdf import PdfReader

from app.platform import seal
from app.platform.archive import moving
from app.platform.archive.moving import AskArchive, archive
from tests.accounts.test_audit import patient_of, saw, text
from tests.platform.test_archive import BORDER, LONG_AGO
from tests.support.client import Browser
from tests.support.stays import add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
AWAY = "Up to Sun 31 May 2015 the trail lies in an archive and is not shown here."  # the evening before, in Chicago


def test_a_period_with_an_archived_part_says_so_until_the_part_is_back(
    browser_for: BrowserFor, world: World, tmp_path: Path
) -> None:
    patient, _number, _visit = patient_of(add_stay(world))
    saw(world, "dana", patient, route="GET /old")
    world.owner.execute("select audit_seal_up_to(%s, 1000000, 1000000, 1000000)", (LONG_AGO,))
    saw(world, "dana", patient, route="GET /new")
    seal.seal_what_is_final()
    officer = browser_for("priya")
    pages = [f"/audit/patients/{patient}", f"/audit/people/{world.user['dana']}"]

    def all_years(page: str) -> str:
        return html.unescape(officer.get(f"{page}?days=36525").text)

    for page in pages:
        assert "GET /old" in all_years(page) and AWAY not in text(all_years(page))

    archive(world.owner, AskArchive(BORDER, tmp_path, None))

    for page in pages:
        shown = all_years(page)
        assert AWAY in text(shown) and "daybook audit restore-archive" in text(shown)
        assert "GET /new" in shown and "GET /old" not in shown
        assert "lies in an archive" not in text(officer.get(f"{page}?days=2200").text)  # it ended before this period
        paper = PdfReader(io.BytesIO(officer.get(f"{page}/out/pdf?days=36525").content)).pages[0].extract_text()
        assert AWAY in " ".join(paper.split())
    moving.restore(world.owner, tmp_path, None)
    for page in pages:
        assert "GET /old" in all_years(page) and AWAY not in text(all_years(page))
