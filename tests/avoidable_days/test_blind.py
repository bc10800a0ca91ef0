"""Who reads a review for the second time learns from no draft that the first reader found it not met."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

from app.avoidable_days.drafts.storing import sweep
from app.platform.now import now
from app.platform.work import everywhere, reading
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.reviews.support import NOT_MET, sign
from tests.support.client import Browser
from tests.support.world import World, hospital_day

ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(days=3))
DRAWN = {"first_day": hospital_day(3).isoformat(), "last_day": hospital_day(-1).isoformat()}


def test_a_blind_reader_sees_no_draft_that_rests_on_the_review(world: World, browser_for: Callable[..., Browser]):
    Ward().admit(ROSA)
    stay = stay_of("V1")
    day = hospital_day(1).isoformat()
    sign(world, stay, {"kind": "continued_stay", "for_day": day, "criteria": "aep_day 2"}, NOT_MET, now=now())
    sweep()
    browser_for("lee").post("/reviews/agreement/draws", DRAWN | {"percent": "100"})
    with reading(everywhere("test")) as db:
        task = db.value("select id from sampled_review")
        draft, evidence = db.rows(
            lambda *row: row, "select id, evidence from avoidable_draft where rule = 'AD-REVIEW' and ended_at is null"
        )[0]
    pages = (
        "/avoidable-days/drafts",
        f"/encounters/{stay}/days",
        f"/encounters/{stay}/avoidable-days",
        "/ledger?unit=4W",
    )
    dana = browser_for("dana")
    assert all(evidence in unescape(dana.get(page).text) for page in pages[:3]), "before, the draft is there"

    assert dana.post(f"/second-readings/{task}/claim", {}).status_code == 303

    for page in pages:
        text = unescape(dana.get(page).text)
        assert evidence not in text and str(draft) not in text, page
    assert dana.post(f"/avoidable-days/drafts/{draft}/confirmation", {}).status_code == 404
    assert evidence in unescape(browser_for("uma").get("/avoidable-days/drafts").text), "others work on"
