"""Samples and second readings in the browser's own words: drawing, reading blind, the pair, one's own results."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.support.client import Browser

BrowserFor = Callable[..., Browser]
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(hours=30))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", ago=timedelta(hours=29))
DAYS = {"first_day": f"{now() - timedelta(days=2):%Y-%m-%d}", "last_day": f"{now() + timedelta(days=1):%Y-%m-%d}"}
HIDDEN = ("Antibiotics by vein", "Uma Reyes", 'data-letter="l" checked')


def value(query: str) -> str:
    with reading(everywhere("test")) as view:
        return str(view.value(query))


def first_day(stay: uuid.UUID) -> str:
    return value(f"select (inpatient_at at time zone 'America/Chicago')::date from encounter where id = '{stay}'")


@pytest.fixture
def reviewed(world, browser_for: BrowserFor) -> list[uuid.UUID]:
    """Two stays, each with an admission review that is met."""
    Ward().admit(ROSA, OMAR)
    stays = [stay_of("V1"), stay_of("V2")]
    for stay in stays:
        said = {"kind": "admission", "for_day": first_day(stay), "criteria": "aep_admission 2", "points": "A12",
                "summary": "Antibiotics by vein."}  # fmt: skip
        assert browser_for("uma").post(f"/encounters/{stay}/reviews", said).status_code == 303
    return stays


def sampled_of(stay: uuid.UUID) -> str:
    return value(f"select id from sampled_review where encounter_id = '{stay}' order by made_at desc limit 1")


def test_a_draw_is_shown_taken_back_and_struck_out(browser_for: BrowserFor, reviewed: list[uuid.UUID]):
    lee = browser_for("lee")
    assert "No pair of readings yet" in lee.get("/reviews/agreement").text

    where = lee.post("/reviews/agreement/draws", DAYS | {"percent": "50", "seed": "spring"}).headers["location"]

    text = lee.get(where).text
    assert "1 of 2 reviews" in text and "spring" in text and "the seed gives the same reviews" in text
    assert lee.post(f"{where}/reversal", {}).status_code == 303
    assert "struck out by Lee Hartono: Taken back" in lee.get("/reviews/agreement").text
    again = lee.post("/reviews/agreement/draws", DAYS | {"percent": "100"}).headers["location"]
    assert lee.post(f"{again}/strike-out", {"reason": ""}).status_code == 422
    assert lee.post(f"{again}/strike-out", {"reason": "Of the wrong month"}).status_code == 303
    assert "Of the wrong month" in lee.get(again).text


def test_what_cannot_be_drawn_comes_back_with_its_reason(browser_for: BrowserFor, reviewed: list[uuid.UUID]):
    lee = browser_for("lee")
    early = {"first_day": "2020-01-01", "last_day": "2020-01-02", "seed": "kept as typed"}
    answer = lee.post("/reviews/agreement/draws", early)

    assert answer.status_code == 422
    assert "is left to draw from" in answer.text and "kept as typed" in answer.text
    assert lee.post("/reviews/agreement/draws", DAYS | {"percent": "101"}).status_code == 422


def test_the_share_is_set_and_set_back(browser_for: BrowserFor, world):
    lee = browser_for("lee")
    assert lee.post("/reviews/agreement/share", {"percent": "0"}).status_code == 422
    for percent in ("10", "25"):
        assert lee.post("/reviews/agreement/share", {"percent": percent}).status_code == 303
    assert value("select percent from sample_share where ended_at is null") == "25"

    assert lee.post("/reviews/agreement/share/reversal", {}).status_code == 303

    assert value("select percent from sample_share where ended_at is null") == "10"


def test_a_blind_reading_shows_the_stay_and_nothing_of_the_first(browser_for: BrowserFor, reviewed: list[uuid.UUID]):
    lee, dana = browser_for("lee"), browser_for("dana")
    lee.post("/reviews/agreement/draws", DAYS | {"percent": "100"})
    task, review = sampled_of(reviewed[0]), value("select review_id from review order by signed_at limit 1")
    assert "ALDER, ROSA" in dana.get("/second-readings").text

    assert dana.post(f"/second-readings/{task}/claim", {}).status_code == 303
    text = dana.get(f"/second-readings/{task}").text

    assert "4 West 401" in text and "Course of the stay" in text, "the facts of the stay are there"
    assert text.count('name="points"') == 18
    for hidden in HIDDEN:
        assert hidden not in text, hidden
    stay = reviewed[0]
    for page in (f"/reviews/{review}", f"/encounters/{stay}/reviews", f"/encounters/{stay}/reviews/new",
                 f"/reviews/{review}/packet", f"/reviews/{review}/amendment"):  # fmt: skip
        refused = dana.get(page)
        assert refused.status_code == 409, page
        assert "second time" in refused.text and "Antibiotics" not in refused.text
    assert dana.get(f"/encounters/{reviewed[1]}/reviews").status_code == 200, "other stays go on"


def test_signing_shows_both_and_counts(browser_for: BrowserFor, reviewed: list[uuid.UUID]):
    lee, dana, uma = browser_for("lee"), browser_for("dana"), browser_for("uma")
    lee.post("/reviews/agreement/draws", DAYS | {"percent": "100"})
    first, second = (sampled_of(stay) for stay in reviewed)
    for task in (first, second):
        dana.post(f"/second-readings/{task}/claim", {})
    piece = dana.post(f"/second-readings/{first}/points", {"points": "A12"}, headers={
        "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "verdict"}).text  # fmt: skip
    assert "1 point: qualifies" in piece

    refused = dana.post(f"/second-readings/{second}", {"outcome": "not_met"})
    assert refused.status_code == 422 and "Write why the criteria are not met." in refused.text
    assert dana.post(f"/second-readings/{first}", {"points": "A12"}).status_code == 303
    said = {"outcome": "not_met", "reason": "Tablets would do"}
    assert dana.post(f"/second-readings/{second}", said).status_code == 303

    pair = dana.get(f"/second-readings/{second}").text
    assert "Uma Reyes" in pair and "Tablets would do" in pair and "A12" in pair
    text = lee.get("/reviews/agreement").text
    assert "50.0 %" in text and "Agreement by point" in text
    pairs = lee.get("/reviews/agreement/pairs?outcomes=met+not_met").text
    assert "BIRCH, OMAR" in pairs and "ALDER, ROSA" not in pairs
    point = lee.get("/reviews/agreement/pairs?point=aep_admission%202%20A12").text
    assert "BIRCH, OMAR" in point and "ALDER, ROSA" in point
    own = uma.get("/second-readings").text
    assert "My reviews, read by others" in own and "50.0 %" in own and "Dana Whitlow" not in own
    assert "a colleague" in uma.get(f"/second-readings/{second}").text
    assert browser_for("carla").get(f"/second-readings/{second}").status_code == 404


def test_a_reading_is_given_back_released_and_struck_out(browser_for: BrowserFor, reviewed: list[uuid.UUID]):
    lee, dana = browser_for("lee"), browser_for("dana")
    lee.post("/reviews/agreement/draws", DAYS | {"percent": "100"})
    task = sampled_of(reviewed[0])
    assert dana.get(f"/second-readings/{task}").status_code == 409, "nobody has taken it"
    dana.post(f"/second-readings/{task}/claim", {})
    assert dana.post(f"/second-readings/{task}/release", {}).status_code == 403
    assert dana.post(f"/second-readings/{task}/return", {}).status_code == 303
    dana.post(f"/second-readings/{task}/claim", {})
    assert lee.post(f"/second-readings/{task}/release", {}).status_code == 303
    dana.post(f"/second-readings/{task}/claim", {})
    dana.post(f"/second-readings/{task}", {"points": "A12"})

    assert lee.post(f"/second-readings/{task}/strike-out", {"reason": ""}).status_code == 422
    assert lee.post(f"/second-readings/{task}/strike-out", {"reason": "Knew the patient"}).status_code == 303

    assert value("select count(*) from second_reading where ended_at is null") == "0"
    assert browser_for("uma").post(f"/second-readings/{task}/claim", {}).status_code == 409
