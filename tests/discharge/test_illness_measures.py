"""Measures of the lane by hand-computed examples, and the page whose figures open their stays."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.discharge.illness.measures.rules import Course, consults, goals, hospice, median_hours, share
from app.platform.now import now
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.discharge.assessing import diagnosed
from tests.support.client import Browser
from tests.support.world import World

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


def course(**more: object) -> Course:
    base: dict[str, object] = {
        "encounter_id": uuid.uuid4(), "patient_id": uuid.uuid4(), "name": "Alder", "found_at": None, "ordered_at": None,
        "intensive_since": None, "intensive_days": 0, "goals_at": (), "died_at": None, "hospice_at": None,
    }  # fmt: skip
    return Course(**base | more)  # type: ignore[arg-type]


def test_the_median_is_of_those_with_an_order():
    found = [course(found_at=NOW, ordered_at=NOW + timedelta(hours=hours)) for hours in (2, 8, 30)]
    found += [course(found_at=NOW), course()]

    assert median_hours(found) == 8 and median_hours([course()]) is None
    assert len(consults(found)) == 4 and share(consults(found)) == (3, 3)


def test_goals_count_until_48_hours_after_the_seventh_day():
    since = NOW - 10 * DAY
    limit = since + 9 * DAY
    found = [
        course(intensive_since=since, intensive_days=8, goals_at=(limit,)),
        course(intensive_since=since, intensive_days=8, goals_at=(limit + timedelta(minutes=1),)),
        course(intensive_since=since, intensive_days=6),
        course(intensive_since=NOW - 8 * DAY, intensive_days=8),
    ]

    assert [one.met for one in goals(found, NOW)] == [True, False, None]
    assert share(goals(found, NOW)) == (1, 2)


def test_hospice_is_considered_before_the_death():
    found = [
        course(died_at=NOW, hospice_at=NOW - DAY),
        course(died_at=NOW, hospice_at=NOW + DAY),
        course(died_at=NOW),
        course(),
    ]

    assert [one.met for one in hospice(found)] == [True, False, False]


def test_every_figure_opens_the_stays_it_counts(world: World, browser_for: Callable[..., Browser]):
    Ward().admit(Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(hours=20)))
    stay = stay_of("V1")
    diagnosed(stay, "I50.9", "Z99.81", at=now())
    dana, dora = browser_for("dana"), browser_for("dora")
    assert dana.post(f"/encounters/{stay}/illness-answers", {"action": "order_consult"}).status_code == 303

    page = dora.get("/serious-illness/measures").text
    opened = dora.get("/serious-illness/measures?of=consult").text

    dana.post(f"/encounters/{stay}/illness-answers", {"action": "see"})
    dana.post(f"/encounters/{stay}/illness-answers", {"action": "close"})
    dana.post(f"/encounters/{stay}/illness-signs", {"sign": "symptoms", "evidence": "Breathless at rest"})
    returned = dora.get("/serious-illness/measures").text

    assert "median of 1, 1 with signs" in returned  # a consult that was seen counts, also when the question is back
    assert "median of 1, 1 with signs" in page and "ALDER" not in page
    assert "ALDER" in opened and "0 h to the order" in opened
    assert re.search("No stay belongs", dora.get("/serious-illness/measures?of=hospice").text)
    assert dana.get("/serious-illness/measures").status_code in (403, 404)
