"""The list pages: rows of the house, filters in the address, what may not be seen."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from html5lib import parse

from app.platform.now import now as wall_clock
from app.platform.work import begin, everywhere, reading
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay, add_stays, insert_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]


def names(text: str) -> list[str]:
    """Patients of a list, from top to bottom."""
    tree = parse(text, namespaceHTMLElements=False)
    return ["".join(link.itertext()) for link in tree.iter("a") if link.get("data-stop") is not None]


def count_in_tab(text: str, label: str) -> int:
    """The number beside a list's name."""
    tree = parse(text, namespaceHTMLElements=False)
    tabs = next(nav for nav in tree.iter("nav") if nav.get("id") == "list-tabs")
    return next(int(link.find("b").text) for link in tabs if (link.text or "") == label)


def test_list_shows_a_stay_with_its_place_and_class(world: World, browser_for: BrowserFor) -> None:
    add_stay(world, StaySpec(family="Example", given="Ann", gmlos=4.1))

    text = browser_for("dana").get("/worklists/inpatient").text

    for shown in ("Example, Ann", "4W 412-B", "Inpatient", "of GMLOS 4.1", "Doctor 1001", "Payer PLAN1"):
        assert shown in text


def test_the_hours_of_observation_stand_still_once_the_patient_has_left(world: World, browser_for: BrowserFor) -> None:
    left = wall_clock()
    start = left - timedelta(hours=31)
    with begin(everywhere("test"), at=left) as work:
        insert_stay(work, world, StaySpec(family="Gone", patient_class="OBS", status="discharged", start=start))
        insert_stay(work, world, StaySpec(family="Watched", patient_class="OBS", pending="discharge", start=start))
    text = browser_for("dana").get("/worklists/discharges-today").text

    assert sorted(names(text)) == ["Gone, Ann", "Watched, Ann"]
    assert text.count("31:00 h") >= 1
    assert text.count('data-tick="obs"') == 1, "the clock of the one who is here"


def test_each_list_has_its_own_stays_and_its_tab_counts_them(world: World, browser_for: BrowserFor) -> None:
    add_stays(
        world,
        [
            StaySpec(family="Inside"),
            StaySpec(family="Watched", patient_class="OBS"),
            StaySpec(family="Gone", status="discharged"),
            StaySpec(family="Emergency", patient_class="ED"),
        ],
    )
    browser = browser_for("dana")
    for name, label, expected in (
        ("inpatient", "Inpatient", ["Inside, Ann"]),
        ("observation", "Observation", ["Watched, Ann"]),
        ("unassigned", "Unassigned", ["Inside, Ann", "Watched, Ann"]),
    ):
        text = browser.get(f"/worklists/{name}").text
        assert sorted(names(text)) == expected
        assert count_in_tab(text, label) == len(expected)


def test_filters_narrow_and_their_values_widen(world: World, browser_for: BrowserFor) -> None:
    add_stays(
        world,
        [
            StaySpec(family="A", unit="4W", service="MED"),
            StaySpec(family="B", unit="ICU", service="MED"),
            StaySpec(family="C", unit="5N", service="MED"),
            StaySpec(family="D", unit="4W", service="SURG"),
        ],
    )

    text = browser_for("dana").get("/worklists/inpatient?unit=4W&unit=ICU&service=MED").text

    assert sorted(names(text)) == ["A, Ann", "B, Ann"]
    assert "2 of 4 stays" in text


def test_up_to_three_sort_keys_order_the_list(world: World, browser_for: BrowserFor) -> None:
    add_stays(
        world,
        [
            StaySpec(family="Old", unit="4W", start=NOW - timedelta(days=9)),
            StaySpec(family="New", unit="4W", start=NOW - timedelta(days=1)),
            StaySpec(family="Other", unit="ICU", start=NOW - timedelta(days=5)),
        ],
    )
    browser = browser_for("dana")
    assert names(browser.get("/worklists/inpatient?sort=unit,-day").text) == ["Old, Ann", "New, Ann", "Other, Ann"]
    assert names(browser.get("/worklists/inpatient?sort=-unit,day").text) == ["Other, Ann", "New, Ann", "Old, Ann"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("flag=nonsense", "has no such value"),
        ("sort=shoe-size", "One sort key in the address is not known"),
        ("sort=unit,day,name,payer", "up to 3 keys"),
        ("colour=blue", "no filter of one name"),
    ],
)
def test_what_is_not_understood_is_said_and_left_out(
    world: World, browser_for: BrowserFor, query: str, sentence: str
) -> None:
    add_stay(world)

    text = browser_for("dana").get(f"/worklists/inpatient?{query}").text

    assert sentence in text
    assert names(text) == ["Example, Ann"]


def test_an_empty_answer_says_what_each_filter_finds(world: World, browser_for: BrowserFor) -> None:
    add_stays(
        world, [StaySpec(unit="4W", payer="P1"), StaySpec(unit="ICU", payer="P2"), StaySpec(unit="ICU", payer="P2")]
    )

    text = browser_for("dana").get("/worklists/inpatient?unit=4W&payer=P2").text

    assert "No stay matches these 2 filters" in text
    assert "Unit finds 1, Payer finds 2; together they find none." in text
    assert "Drop payer, shows 1" in text and "Drop unit, shows 2" in text


def test_the_piece_is_the_same_as_that_part_of_the_page(world: World, browser_for: BrowserFor) -> None:
    add_stays(world, [StaySpec(family="A"), StaySpec(family="B", unit="ICU")])
    browser = browser_for("dana")
    address = "/worklists/inpatient?unit=ICU&sort=-name"
    page, piece = (
        re.sub(r'name="_csrf_token" value="[^"]+"', "", browser.get(address, htmx=htmx).text) for htmx in (False, True)
    )  # a token is written anew for each answer

    part = piece[piece.index('<section id="list"') :].strip()
    assert part in page
    assert "<html" not in piece


def test_narrowing_leaves_the_tabs_as_they_are_and_everything_else_draws_them_anew(
    world: World, browser_for: BrowserFor
) -> None:
    add_stays(world, [StaySpec(unit="4W"), StaySpec(unit="ICU"), StaySpec(unit="ICU", patient_class="OBS")])
    browser, narrow = browser_for("dana"), {"HX-Source": "form#narrow"}
    tabs = 'id="list-tabs"'

    narrowed = browser.get("/worklists/inpatient?unit=ICU", htmx=True, headers=narrow).text
    nothing = browser.get("/worklists/observation?unit=4W", htmx=True, headers=narrow).text
    reloaded = browser.get("/worklists/inpatient?unit=ICU", htmx=True, headers={"HX-Source": "section#list"}).text
    widened = browser.get("/worklists/inpatient", htmx=True, headers=narrow).text

    assert tabs not in narrowed and "1 of 2 stays" in narrowed
    assert tabs not in nothing and "No stay matches this filter" in nothing
    assert all(tabs in one and "Observation<b>1</b>" in one for one in (reloaded, widened))


def test_what_changed_since_a_mark_names_the_mark_of_the_next_time(world: World, browser_for: BrowserFor) -> None:
    add_stay(world)
    browser = browser_for("dana")
    drawn = re.search(r'data-mark="(\d+)"', browser.get("/worklists/inpatient").text)
    assert drawn is not None
    later = [add_stay(world) for _ in range(12)]

    reached, *changed = browser.get(f"/worklists/changes/{drawn[1]}").text.split()
    again, *still = browser.get(f"/worklists/changes/{reached}").text.split()

    assert set(changed) >= {str(one) for one in later} and int(reached) > int(drawn[1])
    assert again == reached and len(still) < len(changed)


def test_another_facility_is_not_there(world: World, browser_for: BrowserFor) -> None:
    add_stays(world, [StaySpec(family="North"), StaySpec(family="South", facility="SOUTH")])

    assert names(browser_for("stan").get("/worklists/inpatient").text) == ["South, Ann"]


def test_an_attending_physician_sees_own_patients_only(world: World, browser_for: BrowserFor) -> None:
    add_stays(world, [StaySpec(family="Own", attending="1001"), StaySpec(family="Other", attending="1002")])

    assert names(browser_for("ann").get("/worklists/inpatient").text) == ["Own, Ann"]


def test_a_restricted_stay_is_a_taken_bed_without_a_person(world: World, browser_for: BrowserFor) -> None:
    hidden = add_stay(world, StaySpec(family="Celebrity", sensitivity="vip", room="499"))
    add_stay(world, StaySpec(family="Plain"))
    browser = browser_for("dana")
    text = browser.get("/worklists/inpatient").text
    assert "Celebrity" not in text
    assert "Restricted stay" in text and "4W 499-B" in text and f"/encounters/{hidden}/glass" in text
    assert count_in_tab(text, "Inpatient") == 2
    assert "Celebrity" in browser_for("carla").get("/worklists/inpatient").text


def test_who_sees_no_patients_sees_no_list(world: World, browser_for: BrowserFor) -> None:
    assert browser_for("adam").get("/worklists/inpatient").status_code == 403


def test_a_list_discloses_everyone_on_it_in_one_row(world: World, browser_for: BrowserFor) -> None:

    add_stays(world, [StaySpec(family="A"), StaySpec(family="B"), StaySpec(family="Hidden", sensitivity="vip")])

    browser_for("dana").get("/worklists/inpatient")

    with reading(everywhere("test")) as db:
        seen = db.values("select cardinality(patients) from phi_access where route like 'GET /worklists/%'")
    assert seen == [2]


def test_rows_are_asked_for_one_by_one_and_say_why_one_left(world: World, browser_for: BrowserFor) -> None:
    here, gone = add_stays(world, [StaySpec(family="Here"), StaySpec(family="Gone", status="discharged")])

    text = browser_for("dana").get(f"/worklists/inpatient/rows?id={here}&id={gone}", htmx=True).text

    assert names(text) == ["Here, Ann"]
    assert "discharged " in text and f'data-gone="{gone}"' in text


def test_a_row_opens_in_place_with_and_without_script(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world, StaySpec(start=NOW - timedelta(days=2)))
    browser = browser_for("dana")
    piece = browser.get(f"/worklists/inpatient/rows/{stay}/more", htmx=True).text
    page = browser.get(f"/worklists/inpatient?open={stay}").text

    assert piece.lstrip().startswith("<td")
    for text in (piece, page):
        assert "Midnights" in text and 'I<span class="sr"> inpatient, 4W</span>' in text and "Write note" in text
