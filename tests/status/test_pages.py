"""The status of a stay in the browser's own words: what is offered, refused with its reason, and completed."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.reviews.support import ADMISSION, MET, sign
from tests.status.support import seat
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
CHICAGO = ZoneInfo("America/Chicago")
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(hours=20), payer="MEDICARE")
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="OBS^07^A", klass="OBS", ago=timedelta(hours=30), payer="MEDICARE")
HEARD = {"practitioner": "Ann Tending MD", "channel": "telephone", "answer": "concurs",
         "documented_in": "Progress note of this morning"}  # fmt: skip
ORDER = {"ordered_by": "Ann Tending MD", "order_number": "7781", "reason": "Short stay from the start"}


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    seat(world, "paul", "carla")
    Ward().admit(ROSA, OMAR)
    return stay_of("V1")


def one(column: str, table: str) -> str:
    with reading(everywhere("test")) as view:
        return str(view.value(f"select {column} from {table} where ended_at is null order by made_at desc limit 1"))


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_the_tab_shows_midnights_counts_and_the_path(browser_for: BrowserFor, stay: uuid.UUID):
    text = words(browser_for("uma").get(f"/encounters/{stay}/status").text)

    assert "no expectation of the physician is documented" in text
    for part in ("Benchmark midnights", "Billing days", "Status: Inpatient", "Condition code 44", "Bills"):
        assert part in text
    assert "Observation to inpatient" not in text


def test_an_observation_stay_is_offered_the_order(browser_for: BrowserFor, stay: uuid.UUID):
    watched = stay_of("V2")
    uma = browser_for("uma")
    text = words(uma.get(f"/encounters/{watched}/status").text)
    assert "Status: Observation" in text and "Observation to inpatient" in text

    assert uma.post(f"/encounters/{watched}/status-changes", {"kind": "to_inpatient"}).status_code == 303
    change = one("change_id", "status_change")
    assert uma.post(f"/status-changes/{change}/completion", ORDER).status_code == 303
    assert "Waiting for registration" in uma.get(f"/encounters/{watched}/status").text


def test_what_lacks_is_said_and_nothing_typed_is_lost(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")
    uma.post(f"/encounters/{stay}/status-changes", {"kind": "condition_44"})
    answer = uma.post(f"/status-changes/{one('change_id', 'status_change')}/completion", ORDER)

    assert answer.status_code == 422
    assert "Missing: a statement that the claim was not submitted; a decision of the committee" in words(answer.text)
    assert "Short stay from the start" in answer.text and "7781" in answer.text


def test_condition_code_44_from_question_to_completion(browser_for: BrowserFor, stay: uuid.UUID):
    uma, paul = browser_for("uma"), browser_for("paul")
    where = f"/encounters/{stay}/status"
    assert uma.post(f"/encounters/{stay}/determinations", {"question": "admission"}).headers["location"] == where
    case = one("determination_id", "determination")
    assert uma.post(f"/determinations/{case}/consultations", HEARD).status_code == 303
    assert "One member of the committee decides, since the practitioner concurs" in words(paul.get(where).text)
    said = {"finding": "not_necessary", "rationale": "Stable on room air since arrival."}
    assert paul.post(f"/determinations/{case}/opinions", said).status_code == 303
    assert paul.post(f"/determinations/{case}/finding", said).status_code == 303
    for told in ("hospital", "patient", "practitioner"):
        sent = {"told": told, "recipient": "Whom it concerns", "channel": "letter"}
        assert uma.post(f"/determinations/{case}/notices", sent).status_code == 303
    assert uma.post(f"/determinations/{case}/closing", {}).status_code == 303
    billing = {"statement": "not_submitted", "said_by": "Billing desk"}
    assert uma.post(f"/encounters/{stay}/claim-statements", billing).status_code == 303
    assert uma.post(f"/encounters/{stay}/status-changes", {"kind": "condition_44"}).status_code == 303
    assert uma.post(f"/status-changes/{one('change_id', 'status_change')}/completion", ORDER).status_code == 303

    text = words(uma.get(where).text)
    assert "Completed" in text and "Waiting for registration" in text


def test_a_member_of_the_care_team_sees_why_no_opinion_is_asked(browser_for: BrowserFor, stay: uuid.UUID, world: World):
    uma, carla = browser_for("uma"), browser_for("carla")
    uma.post(f"/encounters/{stay}/determinations", {"question": "admission"})
    uma.post(f"/encounters/{stay}/care-team", {"user_id": str(world.user["carla"]), "capacity": "Cardiology"})

    text = carla.get(f"/encounters/{stay}/status").text
    assert "takes part in the patient" in text and "Give your opinion" not in text
    refused = carla.post(
        f"/determinations/{one('determination_id', 'determination')}/opinions",
        {"finding": "not_necessary", "rationale": "Stable on room air."},
    )
    assert refused.status_code == 422 and "Ask another member" in refused.text


def test_the_committee_says_what_it_lacks(browser_for: BrowserFor, world: World):
    carla, uma = browser_for("carla"), browser_for("uma")
    assert "Nobody has a seat yet" in uma.get("/committee").text
    seated = {"user_id": str(world.user["paul"]), "degree": "md", "first_day": str(now().date() - timedelta(days=2))}
    assert carla.post("/committee", seated).status_code == 303
    text = carla.get("/committee").text
    assert "this one has 1" in words(text) and "Paul Adeyemi" in text
    nurse = seated | {"user_id": str(world.user["uma"])}
    assert (
        "Only who holds the right to determine"
        in carla.post(
            "/committee",
            nurse,
        ).text
    )
    assert carla.post(f"/committee/{one('id', 'committee_member')}/end", {}).status_code == 303
    assert "Nobody has a seat yet" in carla.get("/committee").text


def test_a_strike_out_needs_the_right_and_a_reason(browser_for: BrowserFor, stay: uuid.UUID):
    uma, sol = browser_for("uma"), browser_for("sol")
    uma.post(f"/encounters/{stay}/claim-statements", {"statement": "not_submitted", "said_by": "Billing desk"})
    claim = one("id", "claim_statement")
    path = f"/status-records/{claim}/strike-out"
    assert sol.post(path, {"record": "claim_statement", "reason": "Of another"}).status_code in (403, 404)
    assert uma.post(path, {"record": "claim_statement", "reason": ""}).status_code == 422
    assert uma.post(path, {"record": "claim_statement", "reason": "Of another stay"}).status_code == 303
    assert "Nobody has said whether the claim was sent" in uma.get(f"/encounters/{stay}/status").text


def test_an_answered_question_brings_its_review_to_the_committee(
    browser_for: BrowserFor, stay: uuid.UUID, world: World
):
    today = now().astimezone(CHICAGO).date().isoformat()
    review = sign(world, stay, {**ADMISSION, "for_day": today}, MET, now=now()).review_id
    uma = browser_for("uma")

    shown = uma.get(f"/encounters/{stay}/status?question=admission&review={review}").text
    form = shown.split("Ask the committee")[1]
    assert f'name="review_id" value="{review}"' in form
    uma.post(f"/encounters/{stay}/determinations", {"question": "admission", "review_id": str(review)})
    assert one("review_id", "determination") == str(review)

    refused = uma.post(
        f"/encounters/{stay}/determinations", {"question": "continued_stay", "review_id": str(uuid.uuid4())}
    )
    assert refused.status_code == 404 and "no such review of this stay" in refused.text
