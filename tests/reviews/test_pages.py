"""Reviews in the browser's own words: the form, its draft, what is refused, amending, striking out, certifications."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.platform.now import now
from app.platform.work import everywhere, reading
from app.web.packets import sections
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.support.client import Browser

BrowserFor = Callable[..., Browser]
KEPT = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "verdict"}
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(hours=30))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="OBS^07^A", klass="OBS", ago=timedelta(hours=5))


@pytest.fixture
def stay(world) -> uuid.UUID:
    Ward().admit(ROSA, OMAR)
    return stay_of("V1")


def first_day(stay: uuid.UUID) -> str:
    with reading(everywhere("test")) as view:
        return str(
            view.value(
                "select (inpatient_at at time zone 'America/Chicago')::date from encounter where id = %s", (stay,)
            )
        )


def said(stay: uuid.UUID, **more: Any) -> dict[str, Any]:
    return {"kind": "admission", "for_day": first_day(stay), "criteria": "aep_admission 2", "points": "A12",
            "outcome": "", "opened_at": now().isoformat()} | more  # fmt: skip


def reviews() -> list[tuple[uuid.UUID, str, str]]:
    with reading(everywhere("test")) as view:
        return view.rows(
            lambda *row: row, "select review_id, outcome, state from review where ended_at is null order by made_at"
        )


def test_the_form_opens_with_the_review_that_comes_next(browser_for: BrowserFor, stay: uuid.UUID):
    text = browser_for("uma").get(f"/encounters/{stay}/reviews/new").text

    assert "Admission review" in text and "AEP adult, admission" in text
    assert text.count('name="points"') == 18
    assert "This is the first review of the stay." in text


def test_signing_goes_to_the_tab_and_to_the_next_stay_of_a_list(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    assert uma.post(f"/encounters/{stay}/reviews", said(stay)).headers["location"] == f"/encounters/{stay}/reviews"
    assert [one[1:] for one in reviews()] == [("met", "signed")]

    came = {"list": "/worklists/inpatient?unit=4W", "next_stay": str(stay_of("V2"))}
    second = said(stay, kind="continued_stay", for_day=str(now().date()), criteria="aep_day 2", points="D13", **came)
    where = uma.post(f"/encounters/{stay}/reviews", second)

    if where.status_code == 303:  # close to midnight the day of UTC is another one
        assert where.headers["location"].startswith(
            f"/encounters/{stay_of('V2')}/reviews/new?list=/worklists/inpatient"
        )


def test_not_met_without_a_reason_comes_back_with_everything_typed(browser_for: BrowserFor, stay: uuid.UUID):
    sent = said(stay, points="", summary="Walks with help.", outcome="not_met")
    answer = browser_for("uma").post(f"/encounters/{stay}/reviews", sent)

    assert answer.status_code == 422
    assert "Write why the criteria are not met." in answer.text and "Walks with help." in answer.text
    assert reviews() == []


def test_a_draft_keeps_itself_and_says_what_the_points_come_to(browser_for: BrowserFor, stay: uuid.UUID):
    uma, dana = browser_for("uma"), browser_for("dana")
    piece = uma.post(f"/encounters/{stay}/reviews/drafts", said(stay, summary="Begun"), headers=KEPT).text
    assert "1 point: qualifies" in piece and 'data-says="met"' in piece and "Draft kept" in piece

    again = dana.get(f"/encounters/{stay}/reviews/new").text

    assert "This is the draft of Uma Reyes kept at" in again and "Begun" in again
    assert 'value="A12" data-letter="l" checked' in again


def test_a_draft_can_be_thrown_away(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    assert uma.post(f"/encounters/{stay}/reviews/drafts", said(stay)).status_code == 303
    with reading(everywhere("test")) as view:
        draft = view.value("select id from review_draft where ended_at is null")

    assert uma.post(f"/review-drafts/{draft}/discard", {}).status_code == 303

    assert "This is the draft" not in uma.get(f"/encounters/{stay}/reviews/new").text


def test_undo_makes_a_draft_of_what_was_signed(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    uma.post(f"/encounters/{stay}/reviews", said(stay, summary="Antibiotics by vein."))
    [(key, _, _)] = reviews()

    assert uma.post(f"/reviews/{key}/reversal", {}).status_code == 303

    assert reviews() == []
    again = uma.get(f"/encounters/{stay}/reviews/new").text
    assert "Antibiotics by vein." in again and 'value="A12" data-letter="l" checked' in again


def test_an_amendment_keeps_the_earlier_version_readable(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    uma.post(f"/encounters/{stay}/reviews", said(stay, summary="Antibiotics by vein."))
    [(key, _, _)] = reviews()
    assert "Antibiotics by vein." in uma.get(f"/reviews/{key}/amendment").text
    other = said(stay, points="A13", summary="Operation tomorrow.")

    assert uma.post(f"/reviews/{key}/versions", other).status_code == 422
    assert uma.post(f"/reviews/{key}/versions", other | {"because": "Wrong point"}).status_code == 303

    text = uma.get(f"/reviews/{key}").text
    assert "Operation tomorrow." in text and "Earlier versions" in text and "Antibiotics by vein." in text
    assert "Wrong point" in text


def test_a_struck_out_review_stays_readable_with_its_reason(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    uma.post(f"/encounters/{stay}/reviews", said(stay))
    [(key, _, _)] = reviews()
    assert uma.post(f"/reviews/{key}/strike-out", {"reason": ""}).status_code == 422

    assert uma.post(f"/reviews/{key}/strike-out", {"reason": "Of another patient"}).status_code == 303

    assert "Of another patient" in uma.get(f"/encounters/{stay}/reviews").text
    assert "Of another patient" in uma.get(f"/reviews/{key}").text


def test_a_review_that_stands_can_be_referred_from_its_page(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    uma.post(f"/encounters/{stay}/reviews", said(stay))
    [(key, _, _)] = reviews()

    assert uma.post(f"/reviews/{key}/referral", {"question": "Needed after today?"}).status_code == 303

    assert "Needed after today?" in uma.get(f"/reviews/{key}").text


def test_the_tab_shows_days_without_a_review(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    before = uma.get(f"/encounters/{stay}/reviews").text
    uma.post(f"/encounters/{stay}/reviews", said(stay))

    after = uma.get(f"/encounters/{stay}/reviews").text

    assert "No review covers" in before and "No review yet" in before
    assert 'class="d met"' in after and "Admission review of" in after


def test_a_certification_is_recorded_and_struck_out(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    sent = {"kind": "long_stay", "physician": "Ann Tending, MD"}
    assert uma.post(f"/encounters/{stay}/certifications", sent).status_code == 422
    assert (
        uma.post(f"/encounters/{stay}/certifications", sent | {"statement": "Weaning; two weeks."}).status_code == 303
    )
    with reading(everywhere("test")) as view:
        key = view.value("select id from certification")

    assert uma.post(f"/certifications/{key}/strike-out", {"reason": "Wrong stay"}).status_code == 303

    text = uma.get(f"/encounters/{stay}/reviews").text
    assert "Weaning; two weeks." in text and "Wrong stay" in text


def test_who_only_reads_has_no_form(browser_for: BrowserFor, stay: uuid.UUID):
    aud = browser_for("aud")

    assert "/reviews/new" not in aud.get(f"/encounters/{stay}/reviews").text
    assert aud.get(f"/encounters/{stay}/reviews/new").status_code == 403


def test_licensed_criteria_keep_names_only(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    assert "only names and numbers are kept" in uma.get(f"/encounters/{stay}/reviews/new?criteria=licensed").text
    sent = said(stay, points="", criteria="licensed") | {
        "licensed-product": "Acumen Level", "licensed-release": "2026", "licensed-outcome": "met",
    }  # fmt: skip
    long = uma.post(f"/encounters/{stay}/reviews", sent | {"licensed-subset": "x" * 121})
    assert long.status_code == 422 and "at most 120 characters" in long.text

    piece = uma.post(f"/encounters/{stay}/reviews/drafts", sent, headers=KEPT).text
    assert "Acumen Level is not among the licensed products of this facility." in piece

    assert uma.post(f"/encounters/{stay}/reviews", sent).status_code == 303

    [(key, outcome, _)] = reviews()
    assert outcome == "met" and "Acumen Level, 2026" in uma.get(f"/reviews/{key}").text


def test_the_packet_of_a_review_is_a_pdf_that_leaves_a_trace(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    uma.post(f"/encounters/{stay}/reviews", said(stay, summary="Antibiotics by vein."))
    [(key, _, _)] = reviews()

    answer = uma.get(f"/reviews/{key}/packet")

    assert answer.headers["content-type"] == "application/pdf" and answer.content.startswith(b"%PDF-")
    with reading(everywhere("test")) as view:
        assert (
            view.value("select count(*) from phi_access where kind = 'export' and detail like 'review packet %%'") == 1
        )
        [section] = [one for one in sections(view, stay) if one.key == "reviews"]
    assert section.blocks[0].heading.startswith("Admission review of")
    assert ("Points met", "A12 Drugs or fluid by vein") in section.blocks[0].facts
    assert section.blocks[0].paragraphs == ["Antibiotics by vein."]
