"""The list of reviews that are due: what belongs to it, in which order, and that it counts days as the rules do."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from app.platform.work import begin, everywhere, reading
from app.reviews.commands import KeepDraft, save_draft
from app.reviews.queries import lane, standing, stay_now
from app.reviews.rules import days_open
from app.reviews.terms import DayResult
from app.worklists.registry import REGISTRY
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.reviews.support import CONTINUED, NOT_MET, sign, tell
from tests.support.client import Browser
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
OLD = "A01 | rec 02-24 10:00 | occ 02-24 10:00 | bed 4W^401^A | ins MEDICARE\n"
GONE = "A03 | rec 03-03 12:00 | occ 03-03 12:00 | disp 01 | bed 4W^401^A | ins MEDICARE\n"
ROSA = Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(days=3))
OMAR = Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", ago=timedelta(hours=3))


def counted() -> tuple[int, int]:
    """Days without a review and days since the last covered one, as the list counts them."""
    with reading(everywhere("test"), at=NOW) as view:
        query = f"select un.open, un.gap {REGISTRY.source({'unreviewed'})}"
        found = view.rows(lambda *row: row, query, {"today": date(2026, 3, 5), "zone": "America/Chicago"})
    return found[0]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("gone", [False, True])
def test_the_list_counts_days_as_the_rules_do(world: World, seed: int, gone: bool):
    stay = tell(world, OLD)
    chance = Random(seed)
    for place, offset in enumerate(sorted(chance.sample(range(10), chance.randint(0, 6)))):
        day = date(2026, 2, 24) + timedelta(days=offset)
        when = datetime(2026, 3, 5, 13, 0, tzinfo=UTC) + timedelta(minutes=place)
        said = {"for_day": str(day), "next_review_on": str(day + timedelta(days=chance.randint(1, 5)))}
        sign(world, stay, CONTINUED, {"points": ["D13"]} if chance.random() < 0.7 else NOT_MET, said, now=when)
    if gone:
        tell(world, GONE, first=2)
    with reading(everywhere("test"), at=NOW) as view:
        results = lane(stay_now(view, stay), standing(view, stay))

    open_days, gap = counted()

    assert open_days == len(days_open(results))
    if not gone:
        trailing = [one.result for one in reversed(results[:-1])]
        covered = next((place for place, one in enumerate(trailing) if one is not DayResult.NONE), len(trailing))
        assert max(gap, 0) == (covered if results[-1].result is DayResult.NONE else 0)


def test_admissions_come_first_and_a_reviewed_stay_leaves(browser_for: BrowserFor, world: World):
    Ward().admit(ROSA, OMAR)
    uma = browser_for("uma")
    text = uma.get("/worklists/reviews-due").text
    assert "None yet" in text and "no review 3 d" in text
    assert text.index("ALDER, ROSA") < text.index("BIRCH, OMAR")  # both are first reviews: the earlier deadline first

    with reading(everywhere("test")) as view:
        day = view.value("select (inpatient_at at time zone 'America/Chicago')::date from encounter where id = %s",
                         (stay_of("V2"),))  # fmt: skip
        today = view.value("select (now() at time zone 'America/Chicago')::date")
    said = {"kind": "admission", "for_day": str(day), "criteria": "aep_admission 2", "points": "A12",
            "next_review_on": str(today + timedelta(days=1))}  # fmt: skip
    assert uma.post(f"/encounters/{stay_of('V2')}/reviews", said).status_code == 303

    after = uma.get("/worklists/reviews-due").text
    assert "ALDER, ROSA" in after and "BIRCH, OMAR" not in after


def test_a_draft_brings_a_stay_to_the_list_and_filters_narrow_it(browser_for: BrowserFor, world: World):
    Ward().admit(ROSA, OMAR)
    with begin(world.viewer("uma")) as work:
        save_draft(work, stay_of("V2"), KeepDraft.model_validate({"kind": "admission", "for_day": "2026-03-04"}), {})
    uma = browser_for("uma")

    text = uma.get("/worklists/reviews-due?review=draft").text

    assert "BIRCH, OMAR" in text and "ALDER, ROSA" not in text and "draft" in text
    for state in ("due", "overdue", "first", "not-met", "pending", "gap"):
        assert uma.get(f"/worklists/reviews-due?review={state}&sort=-unreviewed,reviewed").status_code == 200
