"""Whose a stay is: by whom it may be changed, what it opens, how it is undone."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from app.census.stay.marks import MarkStay, mark_stay
from app.census.terms import Sensitivity
from app.kernel.refusal import NotFound, Refused
from app.notices import source as notices
from app.platform.work import begin, everywhere, reading
from app.web.frame import flash_from_cookie
from app.worklists.assignment.commands import AssignStay, assign, give_back, take, undo
from app.worklists.assignment.people import owner_of
from tests.support.client import Browser
from tests.support.owing import only
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import World

BrowserFor = Callable[..., Browser]


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    """Order and words here follow from the dates of the census and from notices; reviews and payers ask for more."""
    with only(notices.RULES):
        yield


def owner(world: World, stay: uuid.UUID) -> uuid.UUID | None:
    with reading(everywhere("test")) as db:
        found = owner_of(db, stay)
        return found.user_id if found else None


def opened(world: World, stay: uuid.UUID) -> list[uuid.UUID]:
    """Who may see this stay because it is theirs."""
    with reading(everywhere("test")) as db:
        return db.values("select user_id from stay_access where encounter_id = %s and until is null", (stay,))


def test_a_stay_is_taken_given_back_and_taken_again(world: World) -> None:
    stay = add_stay(world)
    for step, expected in ((take, world.user["dana"]), (give_back, None), (take, world.user["dana"])):
        with begin(world.viewer("dana")) as work:
            step(work, stay)
        assert owner(world, stay) == expected


def test_a_stay_of_a_colleague_is_neither_taken_nor_given_back(world: World) -> None:
    stay = add_stay(world)
    with begin(world.viewer("dana")) as work:
        take(work, stay)
    for step in (take, give_back):
        with pytest.raises(Refused, match="A colleague has this stay"), begin(world.viewer("uma")) as work:
            step(work, stay)
    assert owner(world, stay) == world.user["dana"]


def test_a_stay_is_given_only_to_who_may_hold_it(world: World) -> None:
    stay = add_stay(world)
    for stranger in ("stan", "aud", "adam"):
        with pytest.raises(Refused, match="may not have stays"), begin(world.viewer("lee")) as work:
            assign(work, stay, AssignStay(to=world.user[stranger]))
    assert owner(world, stay) is None


def test_another_facility_finds_no_stay_to_take(world: World) -> None:
    stay = add_stay(world)
    with pytest.raises(NotFound), begin(world.viewer("stan")) as work:
        take(work, stay)


def test_a_stay_that_is_over_needs_no_owner(world: World) -> None:
    stay = add_stay(world, StaySpec(status="discharged"))
    with pytest.raises(Refused, match="is over"), begin(world.viewer("dana")) as work:
        take(work, stay)


def test_undo_puts_back_who_had_it(world: World) -> None:
    stay = add_stay(world)
    made = []
    for person in ("dana", "uma"):
        with begin(world.viewer("lee")) as work:
            made.append(assign(work, stay, AssignStay(to=world.user[person])).id)
    with begin(world.viewer("lee")) as work:
        undo(work, made[1])
    assert owner(world, stay) == world.user["dana"]


def test_undo_of_the_first_assignment_leaves_nobody_and_of_giving_back_the_owner(world: World) -> None:
    stay = add_stay(world)
    with begin(world.viewer("dana")) as work:
        taken = take(work, stay).id
    with begin(world.viewer("dana")) as work:
        undo(work, taken)
    assert owner(world, stay) is None

    with begin(world.viewer("dana")) as work:
        take(work, stay)
    with begin(world.viewer("dana")) as work:
        ended = give_back(work, stay).id
    with begin(world.viewer("dana")) as work:
        undo(work, ended)
    assert owner(world, stay) == world.user["dana"]


def test_undo_is_refused_after_a_later_change_and_to_others(world: World) -> None:
    stay = add_stay(world)
    with begin(world.viewer("lee")) as work:
        first = assign(work, stay, AssignStay(to=world.user["dana"])).id
    with pytest.raises(Refused, match="by a colleague"), begin(world.viewer("dora")) as work:
        undo(work, first)
    with begin(world.viewer("lee")) as work:
        assign(work, stay, AssignStay(to=world.user["uma"]))
    with pytest.raises(Refused, match="somebody else since"), begin(world.viewer("lee")) as work:
        undo(work, first)


def test_a_sensitive_stay_opens_for_its_owner_as_long_as_it_is_theirs(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    for person in ("dana", "uma"):
        with begin(world.viewer("carla")) as work:
            assign(work, stay, AssignStay(to=world.user[person]))
        assert opened(world, stay) == [world.user[person]]


def test_a_stay_that_becomes_sensitive_stays_open_for_its_owner(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world, StaySpec(family="Celebrity"))
    with begin(world.viewer("dana")) as work:
        take(work, stay)
    with begin(everywhere("test")) as work:
        mark_stay(work, stay, MarkStay(sensitivity=Sensitivity.VIP, reason="well known"))
    assert "Celebrity" in browser_for("dana").get("/worklists/inpatient").text
    assert "Celebrity" not in browser_for("uma").get("/worklists/inpatient").text


def test_the_row_names_its_owner_and_filters_by_owner(world: World, browser_for: BrowserFor) -> None:
    mine, _ = add_stays(world, [StaySpec(family="Mine"), StaySpec(family="Free")])
    browser = browser_for("dana")

    answer = browser.post(f"/encounters/{mine}/own-assignment", {"back": "/worklists/inpatient?unit=4W"})

    assert answer.status_code == 303 and answer.headers["location"] == "/worklists/inpatient?unit=4W"
    (said,) = flash_from_cookie(answer.cookies["daybook-flash"])
    assert said.text == "You have this stay now." and said.undo is not None
    assert browser.post(said.undo.action).status_code == 303 and owner(world, mine) is None
    browser.post(f"/encounters/{mine}/own-assignment")
    for query, there, gone in (
        ("owner=me", "Mine", "Free"),
        ("owner=nobody", "Free", "Mine"),
        ("owner=dana", "Mine", "Free"),
    ):
        text = browser.get(f"/worklists/inpatient?{query}").text
        assert f"{there}, Ann" in text and f"{gone}, Ann" not in text


def test_several_selected_stays_are_assigned_together_or_not_at_all(world: World, browser_for: BrowserFor) -> None:
    first, second = add_stays(world, [StaySpec(), StaySpec()])
    over = add_stay(world, StaySpec(status="discharged"))
    lead = browser_for("lee")
    to = str(world.user["uma"])

    refused = lead.post("/worklists/inpatient/assignments", {"stay": [str(first), str(over)], "to": to})
    assert refused.status_code == 409 and owner(world, first) is None

    done = lead.post("/worklists/inpatient/assignments", {"stay": [str(first), str(second)], "to": to})
    assert done.status_code == 303
    assert owner(world, first) == owner(world, second) == world.user["uma"]


def test_only_a_lead_assigns_to_others(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world)
    browser = browser_for("dana")

    assert browser.post(f"/encounters/{stay}/assignment", {"to": str(world.user["uma"])}).status_code == 403
    bulk = browser.post("/worklists/inpatient/assignments", {"stay": str(stay), "to": str(world.user["uma"])})
    assert bulk.status_code == 409
    assert owner(world, stay) is None


@pytest.mark.parametrize("name", ["dana", "lee"])
def test_leaving_without_an_owner_is_red_to_the_lead(world: World, browser_for: BrowserFor, name: str) -> None:
    add_stay(world, StaySpec(pending="discharge"))

    text = browser_for(name).get("/worklists/unassigned").text

    assert ('class="chip red"' in text) == (name == "lee")
    assert ("leaving, nobody has it" in text) == (name == "lee")
