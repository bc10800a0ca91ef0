"""The tab Assessment in the browser's own words: screen, evaluation, scores, serious illness."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.discharge.illness.upkeep import look_again
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.discharge.assessing import diagnosed
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(hours=20))
FORM = {
    "points": ["walking", "food"], "note-support": "A neighbour looks in twice a day.", "goals": "Home, to her garden",
    "services": ["home_health"], "discussed": "patient",
}  # fmt: skip

SEEN = re.compile(r'name="seen" id="seen" value="([^"]+)"')


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    Ward().admit(ROSA)
    return stay_of("V1")


def one(column: str, table: str) -> str:
    with reading(everywhere("test")) as view:
        return str(view.value(f"select {column} from {table} where ended_at is null order by made_at desc limit 1"))


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_screen_is_recorded_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    assert "Reasons for an evaluation" in dana.get(f"/encounters/{stay}/assessment").text

    assert dana.post(f"/encounters/{stay}/screens", {"needs": ["alone", "payer"]}).status_code == 303

    text = words(dana.get(f"/encounters/{stay}/assessment").text)
    assert "evaluation needed" in text and "alone, or no helper, no payer" in text
    assert dana.post(f"/screens/{one('screening_id', 'screening')}/undo", {}).status_code == 303
    assert "struck out by" in words(dana.get(f"/encounters/{stay}/assessment").text)


def test_a_refused_screen_keeps_what_was_ticked(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/screens", {"needs": ["alone"]})
    made = one("screening_id", "screening")

    answer = dana.post(f"/screens/{made}/correction", {"needs": ["housing"], "note": "Evicted", "because": ""})

    assert answer.status_code == 422
    assert re.search(r'value="housing" checked', answer.text) and "Evicted" in answer.text


def test_a_request_makes_an_evaluation_due(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    assert dana.post(f"/encounters/{stay}/evaluation-requests", {"asked_by": ""}).status_code == 422

    assert dana.post(f"/encounters/{stay}/evaluation-requests", {"asked_by": "family"}).status_code == 303

    assert "family or representative" in words(dana.get(f"/encounters/{stay}/assessment").text)
    assert "Evaluate discharge needs" in dana.get(f"/encounters/{stay}/obligations").text


def test_an_evaluation_is_written_kept_refused_and_signed(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    page = dana.get(f"/encounters/{stay}/assessments/new").text
    assert 'data-letter="a"' in page and "first assessment" in page
    ask = FORM | {"discussed": ""}
    assert dana.post(f"/encounters/{stay}/assessments/drafts", ask).status_code == 303
    assert "Home, to her garden" in dana.get(f"/encounters/{stay}/assessments/new").text

    refused = dana.post(f"/encounters/{stay}/assessments", ask)
    assert refused.status_code == 422 and "with whom the results were discussed" in refused.text
    assert "A neighbour looks in" in refused.text  # nothing is lost
    assert dana.post(f"/encounters/{stay}/assessments", FORM).status_code == 303

    text = words(dana.get(f"/encounters/{stay}/assessment").text)
    assert "Home, to her garden" in text and "Z59.41" in text and "Discharge planning evaluation" in text


def test_a_kept_draft_says_what_changed_since_the_last_one(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/assessments", FORM)
    row = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#differences"}

    piece = dana.post(f"/encounters/{stay}/assessments/drafts", FORM | {"points": ["walking", "confused"]}, headers=row)

    assert piece.status_code == 200 and "<html" not in piece.text
    assert "New: Not oriented" in piece.text and "No longer: Not enough food" in piece.text
    assert dana.post(f"/encounters/{stay}/assessments/discard", {}).status_code == 303


def test_a_point_that_no_page_offers_comes_back_with_a_sentence(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/assessments", FORM)

    for address in ("assessments", "assessments/drafts"):
        answer = dana.post(f"/encounters/{stay}/{address}", FORM | {"points": ["unheard-of"]})
        assert answer.status_code == 422, address


def test_who_writes_beside_a_colleague_is_told_and_loses_nothing(browser_for: BrowserFor, stay: uuid.UUID):
    dana, sol = browser_for("dana"), browser_for("sol")
    address = f"/encounters/{stay}/assessments"
    seen = SEEN.findall(sol.get(f"{address}/new").text)
    assert seen == ["nothing"]
    dana.post(f"{address}/drafts", FORM | {"goals": "Home with her daughter", "seen": "nothing"})

    for where in ("/drafts", ""):
        told = sol.post(address + where, FORM | {"seen": seen[0]})
        assert told.status_code == 422 and "wrote in this draft meanwhile" in told.text
        assert "Home, to her garden" in told.text

    now = SEEN.findall(told.text)
    assert now != seen and sol.post(address, FORM | {"seen": now[0]}).status_code == 303
    assert "Home, to her garden" in sol.get(f"/encounters/{stay}/assessment").text


def test_a_kept_draft_brings_back_which_version_was_seen(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    row = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#differences"}
    address = f"/encounters/{stay}/assessments/drafts"

    first = SEEN.findall(dana.post(address, FORM | {"seen": "nothing"}, headers=row).text)
    second = SEEN.findall(dana.post(address, FORM | {"seen": first[0]}, headers=row).text)

    assert len(first) == len(second) == 1 and first != second


def test_a_signed_assessment_is_amended_and_struck_out(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/assessments", FORM)
    key = one("assessment_id", "assessment")
    assert dana.post(f"/assessments/{key}/amendment", FORM | {"because": ""}).status_code == 422
    again = FORM | {"goals": "Her sister's", "because": "Heard wrong"}
    assert dana.post(f"/assessments/{key}/amendment", again).status_code == 303
    text = words(dana.get(f"/assessments/{key}").text)
    assert "Her sister's" in text.replace("&#x27;", "'") and "Home, to her garden" in text

    assert dana.post(f"/assessments/{key}/strike-out", {"reason": "Another patient"}).status_code == 303

    assert "No assessment is signed" in dana.get(f"/encounters/{stay}/assessment").text


def test_scores_show_parts_and_ask_for_what_is_missing(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    text = words(dana.get(f"/encounters/{stay}/assessment").text)
    assert "Incomplete:" in text and "Hemoglobin" in text and "van Walraven" in text

    answer = dana.post(f"/encounters/{stay}/risk-answers", {"hemoglobin": "118"})
    assert answer.status_code == 422 and "from 1 to 25" in answer.text and 'value="118"' in answer.text
    assert dana.post(f"/encounters/{stay}/risk-answers", {"hemoglobin": "11.8", "emergent": "yes"}).status_code == 303
    wrong = dana.post(f"/encounters/{stay}/risk-scores", {"question": "pps", "value": "45"})
    assert wrong.status_code == 422 and "in steps of 10" in wrong.text
    assert dana.post(f"/encounters/{stay}/risk-scores", {"question": "pps", "value": "40"}).status_code == 303
    answered = one("id", "risk_answer")
    assert dana.post(f"/risk-answers/{answered}/strike-out", {"reason": "Another patient"}).status_code == 303


def test_the_illness_part_answers_plans_and_meets(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    base = f"/encounters/{stay}"
    assert "No sign is known" in dana.get(f"{base}/illness").text
    assert dana.post(f"{base}/illness-signs", {"sign": "symptoms", "evidence": "Breathless at rest"}).status_code == 303
    assert "to be answered" in words(dana.get(f"{base}/illness").text)
    assert dana.post(f"{base}/illness-answers", {"action": "defer"}).status_code == 422

    assert dana.post(f"{base}/illness-answers", {"action": "order_consult"}).status_code == 303
    said = {"documents": ["proxy", "dnr"], "code_status": "full", "basis": "appointed", "surrogate": "Ida Alder"}
    assert dana.post(f"{base}/advance-care", said).status_code == 303
    text = words(dana.get(f"{base}/illness").text)
    assert "consult ordered" in text and "code status is full" in text and "Ida Alder" in text
    bad = dana.post(f"{base}/advance-care", said | {"basis": "nobody"})
    assert bad.status_code == 422 and re.search(r'name="documents" value="proxy" checked', bad.text)

    day = f"{now() + timedelta(days=2):%Y-%m-%d}"
    assert dana.post(f"{base}/family-meetings", {"on": day, "at": "14:00", "present": "Ida"}).status_code == 303
    key = one("meeting_id", "illness_meeting")
    held = {"present": "Ida Alder", "outcome": "comfort", "minutes": "20", "hospice_considered": "on"}
    assert dana.post(f"/family-meetings/{key}/record", held).status_code == 303
    text = words(dana.get(f"{base}/illness").text)
    assert "20 minutes" in text and "99497" in text and "Comfort comes first" in text


def test_the_list_shows_signs_and_says_where_the_answer_stands(browser_for: BrowserFor, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81", at=now())

    text = words(browser_for("dana").get("/worklists/serious-illness").text)

    assert "ALDER" in text and "Life-limiting diagnosis, Oxygen at home" in text and "to be answered" in text


def test_chips_and_filters_know_lace_tier_and_planning(browser_for: BrowserFor, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "F03.90", "C78.7", "Z99.81", at=now())
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/risk-answers", {"emergent": "yes", "ed_visits": "4"})

    text = words(dana.get("/worklists/inpatient?lace=high").text)

    assert "ALDER" in text and "LACE 1" in text
    assert "ALDER" not in words(dana.get("/worklists/inpatient?lace=low").text)
    assert "ALDER" in words(dana.get("/worklists/inpatient?tier=routine&advance-care=none").text)


@pytest.mark.parametrize("name", ["uma", "paul", "ann"])
def test_who_does_not_plan_reads_and_changes_nothing(browser_for: BrowserFor, stay: uuid.UUID, name: str):
    person = browser_for(name)

    assert person.post(f"/encounters/{stay}/screens", {}).status_code in (403, 404)
    assert person.post(f"/encounters/{stay}/illness-answers", {"action": "accept"}).status_code in (403, 404)


def test_the_overview_says_it_in_short(browser_for: BrowserFor, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81", at=now())

    text = words(browser_for("dana").get(f"/encounters/{stay}").text)

    assert "Needs and risk" in text and "advance care: not asked" in text and "LACE" in text
    assert look_again() is False
