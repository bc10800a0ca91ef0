"""Notices in the browser's own words: what is owed, the form, the row, corrections, papers, appeals."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.notices.commands import EndDelivery, end_delivery
from app.platform.work import begin, everywhere, reading
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.notices.support import ADMITTED, deliver, tell
from tests.support.client import Browser
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
ROW = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "td"}
ROSA = Arrival(
    visit="V1", name="ALDER^ROSA", place="4W^401^A", payer="MEDICARE", expected=timedelta(days=1), ago=timedelta(days=1)
)
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="OBS^07^A", klass="OBS", payer="MEDICARE", ago=timedelta(hours=26))
FIRST = {"kind": "IM", "which_copy": "first", "recipient": "patient", "channel": "in_person", "receipt": "paper"}


@pytest.fixture
def stay(world) -> uuid.UUID:
    Ward().admit(ROSA, OMAR)
    return stay_of("V1")


def deliveries() -> list[tuple[uuid.UUID, str]]:
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row,
            "select delivery_id, receipt from notice_delivery where ended_at is null order by made_at",
        )


def test_the_tab_says_what_is_owed_and_why(browser_for: BrowserFor, stay: uuid.UUID):
    text = browser_for("dana").get(f"/encounters/{stay}/notices").text

    assert "Important Message, first copy" in text
    assert 'href="/deadlines#N-IM1"' in text
    assert "two calendar days after the day of admission" in text


def test_the_key_opens_the_notice_that_is_owed_next_and_saving_closes_it(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    piece = dana.get(f"/encounters/{stay}/notices/new", headers=ROW).text
    assert "Deliver: Important Message, f" in piece and "<html" not in piece and "data-focus" in piece

    answer = dana.post(f"/encounters/{stay}/notices", FIRST, headers=ROW)

    assert answer.status_code < 300 and "Important Message, first copy: given" in answer.text
    assert [receipt for _, receipt in deliveries()] == ["paper"]
    assert "given in time" in dana.get(f"/encounters/{stay}/notices").text


def test_a_refusal_without_witness_is_answered_beside_the_field(browser_for: BrowserFor, stay: uuid.UUID):
    answer = browser_for("dana").post(f"/encounters/{stay}/notices", FIRST | {"receipt": "refused"})

    assert answer.status_code == 422
    assert "Write the name of the member of staff who witnessed the refusal." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert deliveries() == []


def test_the_moon_asks_for_explanation_and_reason(browser_for: BrowserFor, stay: uuid.UUID):
    dana, omar = browser_for("dana"), stay_of("V2")
    assert "Explained orally" in dana.get(f"/encounters/{omar}/notices/new").text

    refused = dana.post(f"/encounters/{omar}/notices", {"kind": "MOON"})
    assert refused.status_code == 422 and "has to be explained orally" in refused.text

    said = {"kind": "MOON", "explained": "on", "outpatient_reason": "Results awaited"}
    assert dana.post(f"/encounters/{omar}/notices", said).status_code == 303


def test_undo_strikes_out_and_the_notice_is_owed_again(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/notices", FIRST)
    [(key, _)] = deliveries()

    assert "Deliver: Important Message, first copy" in dana.post(f"/deliveries/{key}/reversal", {}, headers=ROW).text

    text = dana.get(f"/encounters/{stay}/notices").text
    assert "struck out" in text and "Taken back right after it was recorded" in text
    assert deliveries() == []


def test_a_correction_keeps_the_earlier_version(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/notices", FIRST)
    [(key, _)] = deliveries()
    assert "Correct: Important Message" in dana.get(f"/deliveries/{key}/amendment").text
    daughter = {"recipient": "representative", "recipient_name": "Mona Alder", "relation": "daughter"}

    without = dana.post(f"/deliveries/{key}/versions", FIRST | daughter)
    assert without.status_code == 422

    assert (
        dana.post(f"/deliveries/{key}/versions", FIRST | daughter | {"because": "It was the daughter"}).status_code
        == 303
    )
    text = dana.get(f"/encounters/{stay}/notices").text
    assert "to Mona Alder (daughter) in person" in text and "Earlier versions" in text


def test_striking_out_asks_for_a_reason(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/notices", FIRST)
    [(key, _)] = deliveries()

    assert dana.post(f"/deliveries/{key}/end", {"how": "void"}).status_code == 422
    assert dana.post(f"/deliveries/{key}/end", {"how": "void", "reason": "Old edition"}).status_code == 303

    assert "void" in dana.get(f"/encounters/{stay}/notices").text and deliveries() == []


@pytest.mark.parametrize("name", ["ann", "carla", "paul", "aud"])
def test_who_does_not_deliver_only_reads(browser_for: BrowserFor, stay: uuid.UUID, name: str):
    person = browser_for(name)

    assert person.post(f"/encounters/{stay}/notices", FIRST).status_code == 403
    assert person.get(f"/encounters/{stay}/notices/new").status_code == 403
    if name != "ann":  # sees own patients only
        assert "notices/new" not in person.get(f"/encounters/{stay}/notices").text


def test_the_record_is_a_pdf_and_says_who_saw_it(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/notices", FIRST | {"receipt": "screen", "drawing": "M10 20L200 90L400 30"})
    [(key, _)] = deliveries()

    answer = dana.get(f"/deliveries/{key}/record")

    assert answer.content.startswith(b"%PDF") and answer.headers["content-type"] == "application/pdf"
    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from phi_access where kind = 'export' and detail like 'record%%'") == 1


@pytest.mark.parametrize(
    ("content", "kept"), [(b"%PDF-1.7 signed", 1), (b"\x89PNG\r\n\x1a\n..", 1), (b"MZ program", 0), (b"", 0)]
)
def test_a_scan_is_a_picture_or_a_pdf(browser_for: BrowserFor, stay: uuid.UUID, content: bytes, kept: int):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/notices", FIRST)
    [(key, _)] = deliveries()

    answer = dana.post(f"/deliveries/{key}/scans", files={"scan": ("a.pdf", content)})

    assert answer.status_code == 303
    with reading(everywhere("test")) as view:
        found = view.values("select id from notice_scan")
        assert (
            view.value(
                "select count(*) from row_change where table_name = 'notice_scan' and new->>'content' like '%%5044%%'"
            )
            == 0
        )
    assert len(found) == kept
    for one in found:
        assert dana.get(f"/scans/{one}").content == content


def test_the_past_shows_what_was_known_then(browser_for: BrowserFor, world: World):
    stay = tell(world, ADMITTED)
    made = deliver(world, stay, NOW + timedelta(minutes=10), **FIRST)
    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=20)) as work:
        end_delivery(work, made.delivery_id, EndDelivery(reason="Wrong patient"))
    dana = browser_for("dana")
    before, while_it_stood, today = (
        dana.get(f"/encounters/{stay}/notices{instant}").text
        for instant in ("?as-of=2026-03-05T09:45", "?as-of=2026-03-05T09:55", "")
    )

    assert "No notice was delivered yet." in before and "Fri 6 Mar 23:59" in before
    assert "given in time" in while_it_stood and "Wrong patient" not in while_it_stood
    assert "notices/new" not in while_it_stood and "Strike out" not in while_it_stood
    assert "Wrong patient" in today and "overdue" in today


def test_an_appeal_is_taken_through_its_steps_and_the_banner_says_so(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    assert dana.post(f"/encounters/{stay}/appeals", {"kind": "discharge", "who": "patient"}).status_code == 303
    text = dana.get(f"/encounters/{stay}/notices").text
    assert "Appeal pending" in text and "no discharge, no charges" in text
    with reading(everywhere("test")) as view:
        key = view.value("select id from qio_appeal")

    early = dana.post(f"/appeals/{key}/steps", {"step": "tell"})
    assert early.status_code == 422 and "is not possible" in early.text
    assert dana.post(f"/appeals/{key}/steps", {"step": "call"}).status_code == 303
    assert "Detailed Notice of Discharge" in dana.get(f"/encounters/{stay}/notices").text
    assert dana.post(f"/appeals/{key}/last-step/end", {"reason": ""}).status_code == 422
    assert dana.post(f"/appeals/{key}/last-step/end", {"reason": "Another patient"}).status_code == 303
    for step in ("call", "send", "complete"):
        assert dana.post(f"/appeals/{key}/steps", {"step": step}).status_code == 303
    undecided = dana.post(f"/appeals/{key}/steps", {"step": "decide"})
    assert undecided.status_code == 422 and "Say for whom the QIO decided." in undecided.text
    for step in ({"step": "decide", "favors": "hospital"}, {"step": "tell"}):
        assert dana.post(f"/appeals/{key}/steps", step).status_code == 303
    assert "Appeal decided" in dana.get(f"/encounters/{stay}").text


def test_an_official_form_is_put_in_use_and_warns_when_it_has_expired(browser_for: BrowserFor, stay: uuid.UUID):
    lee, dana = browser_for("lee"), browser_for("dana")
    form = {"kind": "IM", "edition": "CMS-10065 (exp. 12/31/2025)", "begins": "2024-01-01", "expires_on": "2025-12-31"}

    wrong = lee.post("/notice-forms", form, files={"file": ("im.pdf", b"no pdf")})
    assert wrong.status_code == 422 and "Choose the form as a PDF file." in wrong.text
    made = lee.post("/notice-forms", form, files={"file": ("im.pdf", b"%PDF-1.7")})
    assert made.status_code == 303

    assert "expired" in lee.get("/notice-forms").text
    assert "expired 31 Dec 2025" in dana.get(f"/encounters/{stay}/notices/new").text
    assert dana.post("/notice-forms", form).status_code == 403
