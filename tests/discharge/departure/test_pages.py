"""Departure, packets and teaching in the browser's own words."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.platform.work import everywhere, reading
from app.web.stay import overview_cards
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", payer="MEDICARE", ago=timedelta(days=3))


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    Ward().admit(ROSA)
    return stay_of("V1")


def packet_key() -> str:
    with reading(everywhere("test")) as db:
        return str(db.value("select id from handoff_packet order by made_at desc limit 1"))


def test_the_checklist_follows_where_the_patient_goes(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    assert "nobody has said where the patient goes" in dana.get(f"/encounters/{stay}/departure").text

    assert dana.post(f"/encounters/{stay}/disposition", {"going_to": "acute"}).status_code == 303

    text = dana.get(f"/encounters/{stay}/departure").text
    assert "Receiving hospital accepts" in text and "going to: Another hospital" in text


def test_an_item_is_done_by_one_press_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    dana, where = browser_for("dana"), f"/encounters/{stay}/departure"
    answer = dana.post(f"{where}/medicines", {"state": "done"})
    assert answer.status_code == 303
    text = dana.get(where).text
    assert "Take back" in text and "by Dana Whitlow" in text

    assert dana.post(f"{where}/medicines/reversal", {}).status_code == 303
    assert dana.post(f"{where}/medicines/reversal", {}).status_code == 409
    assert "Taken back" in dana.get(where).text


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(browser_for: BrowserFor, stay: uuid.UUID):
    dana, where = browser_for("dana"), f"/encounters/{stay}/departure"

    answer = dana.post(f"{where}/appointment", {"state": "done", "with_whom": "Dr Moss"})

    assert answer.status_code == 422 and "the day and the time of the appointment" in answer.text
    assert 'value="Dr Moss"' in answer.text
    assert dana.post(f"{where}/appointment", {"state": "without", "reason": ""}).status_code == 422
    assert dana.post(f"{where}/nothing", {"state": "done"}).status_code == 404
    assert dana.post(f"{where}/notices", {"state": "done"}).status_code == 409


def test_whoever_may_only_see_finds_no_button(browser_for: BrowserFor, stay: uuid.UUID):
    uma = browser_for("uma")

    assert "Not needed, or" not in uma.get(f"/encounters/{stay}/departure").text
    assert uma.post(f"/encounters/{stay}/departure/medicines", {"state": "done"}).status_code == 403


def test_a_packet_is_made_read_and_released(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    form = dana.get(f"/encounters/{stay}/handoffs/new").text
    assert "Not recorded: where the patient goes, list of medicines" in form
    assert 'value="payers" checked' not in form and 'value="stay" id="k-sections" checked' in form
    none = dana.post(f"/encounters/{stay}/handoffs", {"recipient": "Oak Hill"})
    assert none.status_code == 422 and "Choose at least one part" in none.text and 'value="Oak Hill"' in none.text

    made = dana.post(f"/encounters/{stay}/handoffs", {"recipient": "Oak Hill", "sections": ["stay", "course"]})
    assert made.status_code == 303
    key = packet_key()
    paper, told = dana.get(f"/handoffs/{key}/packet"), dana.get(f"/handoffs/{key}/document")
    assert paper.content.startswith(b"%PDF-") and paper.headers["cache-control"] == "no-store"
    assert told.json()["type"] == "document" and told.headers["content-type"].startswith("application/fhir+json")

    said = {"recipient": "Oak Hill", "channel": "fax"}
    refused = dana.post(f"/handoffs/{key}/release", said)
    assert refused.status_code == 422 and "The packet lacks:" in refused.text
    assert dana.post(f"/handoffs/{key}/release", said | {"reason": "The ambulance waits"}).status_code == 303
    text = dana.get(f"/encounters/{stay}/departure").text
    assert "Released to Oak Hill, fax" in text and "The ambulance waits" in text
    assert dana.post(f"/handoffs/{key}/confirmation", {}).status_code == 303
    assert dana.post(f"/handoffs/{key}/reversal", {}).status_code == 303
    assert dana.post(f"/handoffs/{key}/withdrawal", {"reason": "Wrong facility"}).status_code == 303
    assert dana.post(f"/handoffs/{key}/release", said).status_code == 409


def test_reading_a_packet_is_written_down(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/handoffs", {"sections": ["stay"]})
    dana.get(f"/handoffs/{packet_key()}/document")

    seen = world.owner.execute("select kind, detail from phi_access order by id desc limit 1").fetchone()

    assert seen == ("export", "hand-off packet as FHIR")


def test_teaching_is_recorded_corrected_and_struck_out(browser_for: BrowserFor, stay: uuid.UUID):
    dana, where = browser_for("dana"), f"/encounters/{stay}/teaching"
    topic = {"topic": "Heart failure at home", "teach_back": "partly", "learner": "patient", "method": "spoken"}
    assert dana.post(f"{where}/topic", topic).status_code == 303
    with reading(everywhere("test")) as db:
        key = db.value("select record_id from teaching_record")
    assert 'value="Heart failure at home"' in dana.get(f"/teaching/{key}/correction").text
    assert dana.post(f"/teaching/{key}/versions", topic | {"teach_back": "full"}).status_code == 422
    better = topic | {"teach_back": "full", "red_flags": "Weight up 3 lb", "because": "Asked again"}
    assert dana.post(f"/teaching/{key}/versions", better).status_code == 303
    text = dana.get(where).text
    assert "Earlier versions" in text and "1 of 1 said back in full" in text
    assert "by its own record" in dana.get(f"/encounters/{stay}/departure").text

    assert dana.post(f"/teaching/{key}/end", {"reason": "x"}).status_code == 422
    assert dana.post(f"/teaching/{key}/end", {"reason": "Wrong patient"}).status_code == 303
    assert dana.post(f"/teaching/{key}/reversal", {}).status_code == 409


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("medicine", {"name": "Apixaban", "hindrance": "cost", "program": "State plan", "renews_on": "2030-01-01"}),
        ("caregiver", {"name": "Mona", "strain": "much"}),
        ("crisis", {"warning_signs": "No sleep", "contacts": "988"}),
        ("goal", {"goal": "Walk to church"}),
        ("handed_over", {"what": "Leaflet", "language": "Spanish"}),
    ],
)
def test_every_kind_of_teaching_stands_on_its_page(
    browser_for: BrowserFor, stay: uuid.UUID, kind: str, said: dict[str, str]
):
    dana, where = browser_for("dana"), f"/encounters/{stay}/teaching"
    assert dana.post(f"{where}/{kind}", {}).status_code == 422
    assert dana.post(f"{where}/{kind}", said).status_code == 303

    text = dana.get(where).text

    assert next(iter(said.values())) in text
    assert dana.post(f"{where}/nothing", said).status_code == 404


def test_the_overview_counts_what_is_open(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/disposition", {"going_to": "home"})

    assert "of 7 open" in dana.get(f"/encounters/{stay}").text
    with reading(world.viewer("dana")) as db:
        cards = {card["piece"] for card in overview_cards(db, world.viewer("dana"), stay)}
    assert "discharge/departure/_card.html" in cards
