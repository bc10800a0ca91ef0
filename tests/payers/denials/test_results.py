"""Who signed what denied days came from sees how they ended; the counts equal the list under them."""

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta

from app.payers.denials.commands import close_denial
from app.payers.denials.forms import CloseDenial
from app.payers.denials.paper.commands import make_packet
from app.payers.denials.results.queries import everything, results, tallies
from app.platform.work import begin, everywhere, reading
from tests.advisor.support import ask, sign
from tests.payers.denials.support import WORK, deny
from tests.payers.support import tell
from tests.support.client import Browser
from tests.support.world import NOW, World

DAY = timedelta(days=1)


def denied_after_an_opinion(world: World) -> tuple[uuid.UUID, uuid.UUID]:
    """Two denials of a stay about which a physician advisor gave an opinion; the first one is written off."""
    stay = tell(world)
    sign(world, ask(world, stay), "inpatient_supported", "two_midnights_expected")
    first = deny(world, stay, NOW + DAY)
    second = deny(world, stay, NOW + 2 * DAY, first_day=date(2026, 3, 6), last_day=date(2026, 3, 6), amount="100.10")
    wish = CloseDenial.model_validate({"outcome": "written_off", "reason": "Costs more than it brings"})
    with begin(world.viewer("uma").acting(WORK), at=NOW + 3 * DAY) as work:
        close_denial(work, first.denial_id, wish)
    return first.denial_id, second.denial_id


def test_a_denial_is_tied_to_the_opinion_that_came_before_it(world: World):
    first, second = denied_after_an_opinion(world)
    with reading(everywhere("test")) as view:
        mine = results(view, world.user["paul"], [world.facility["NORTH"]])
        others = results(view, world.user["uma"], [world.facility["NORTH"]])
        elsewhere = results(view, world.user["paul"], [world.facility["SOUTH"]])
    assert {one.denial_id for one in mine} == {first, second} and others == [] and elsewhere == []
    assert all(one.opined and not one.reviewed for one in mine)

    rows, whole = tallies(mine), everything(mine)
    assert [(str(one.outcome or "open"), one.n, one.days, str(one.amount)) for one in rows] == [
        ("written_off", 1, 2, "4000.00"), ("open", 1, 1, "100.10")
    ]  # fmt: skip
    assert (whole.n, whole.days, str(whole.amount)) == (2, 3, "4100.10")
    assert whole.amount == sum(one.amount for one in rows) and whole.n == sum(one.n for one in rows)


def test_the_page_opens_every_number_to_its_list(world: World, browser_for: Callable[..., Browser]):
    first, second = denied_after_an_opinion(world)
    paul = browser_for("paul")
    page = paul.get("/denials/results").text
    assert "n = 2" in page and "$4,100.10" in page and str(first) in page and str(second) in page

    narrowed = paul.get("/denials/results?outcome=written_off").text
    listed = re.findall(r"/denials/([0-9a-f-]{36})", narrowed)
    assert listed == [str(first)] and "n = 1" in narrowed
    assert paul.get("/denials/results?outcome=nonsense").status_code == 404
    assert "No denial yet" in browser_for("uma").get("/denials/results").text


def test_a_packet_that_says_the_same_has_the_same_hash_in_another_year(world: World):
    stay = tell(world)
    made = deny(world, stay)
    digests = []
    for at in (NOW + DAY, NOW + 400 * DAY):
        with begin(world.viewer("uma").acting(WORK), at=at) as work:
            digests.append(make_packet(work, made.denial_id, ["denials"], "Uma Reyes").digest)
    assert digests[0] == digests[1]
