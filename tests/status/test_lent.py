"""What status lends: the chip and filter of lists, the section of packets, the figure of cards."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from app.platform.now import now
from app.platform.work import everywhere, reading
from app.status.packet import sections
from app.status.tab.drawing import lent
from app.status.tab.showing import tab
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.status.support import (
    ADMITTED,
    WATCHED_AGAIN,
    ask,
    change,
    claim,
    complete,
    find,
    hear,
    notify,
    opine,
    seat,
    tell_story,
    worked_on,
)
from tests.support.client import Browser
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]


def completed(world: World) -> uuid.UUID:
    seat(world, "paul", "carla")
    stay = tell_story(world, ADMITTED)
    case = ask(world, stay)
    hear(world, case)
    opine(world, case)
    find(world, case)
    notify(world, case)
    claim(world, stay)
    complete(world, change(world, stay))
    return stay


def test_a_list_shows_and_filters_the_open_change(world: World, browser_for: BrowserFor):
    Ward().admit(Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A"),
                 Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A"))  # fmt: skip
    worked_on(world, stay_of("V1"), now())
    dana = browser_for("dana")

    text = dana.get("/worklists/inpatient?change=cc44").text
    assert "CC44 open" in text and "ALDER" in text and "BIRCH" not in text
    assert "BIRCH" not in dana.get("/worklists/inpatient?change=committee").text
    assert "ALDER" not in dana.get("/worklists/inpatient?change=telling").text


def test_a_completed_change_waits_for_registration_on_lists_and_page(world: World, browser_for: BrowserFor):
    stay = completed(world)
    dana = browser_for("dana")
    assert "class awaited" in dana.get("/worklists/inpatient?change=class").text
    tell_story(world, WATCHED_AGAIN, first=9)

    assert "class awaited" not in dana.get("/worklists/observation").text
    text = dana.get(f"/encounters/{stay}/status").text
    assert "Matched by registration" in text and "Outpatient under condition code 44" in text
    assert "Medicare Change of Status Notice" in text


def test_a_packet_tells_midnights_determination_and_change(world: World):
    stay = completed(world)
    with reading(everywhere("test"), at=NOW) as db:
        found = sections(db, stay)

    assert [one.key for one in found] == ["midnights", "determinations", "status_changes"]
    (made,) = found[1].blocks
    assert ("Member", "Paul Adeyemi: Not medically necessary") in made.facts
    assert found[0].blocks[0].paragraphs[0].startswith("One midnight has passed since care began Wed 4 Mar 21:40")


def test_the_figure_of_a_card_says_the_sentence(world: World):
    stay = tell_story(world, ADMITTED)
    with reading(everywhere("test"), at=NOW) as db:
        one = lent(db, [stay])[stay]

    assert one.sentence in str(one.figure["words"])
    assert one.figure["foot"] == "1 midnight passed toward the benchmark"


def test_the_past_shows_the_status_as_it_was(world: World):
    stay = completed(world)
    uma = world.viewer("uma")
    with reading(uma, as_of=NOW - timedelta(minutes=1)) as then:
        before = then.value("select count(*) from determination") + then.value("select count(*) from status_change")
    with reading(uma, as_of=NOW + timedelta(minutes=1)) as then:
        shown = tab(then, uma, stay)

    assert before == 0
    assert (shown["may"], shown["questions"]) == (False, [])
    assert [one["state"] for one in shown["cases"]] == ["Determined"]
    assert [one["state"] for one in shown["work"]["done"]] == ["Completed"]
