"""Requests that no page of ours makes: they are refused in words, never by a fault, and never lead in a circle."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from app.platform.now import now
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]


@pytest.mark.parametrize(
    "address",
    [
        "/worklists/inpatient?unit=4W%00",
        "/worklists/inpatient?view=%00",
        "/worklists/inpatient?owner=%00&sort=%00",
        "/worklists/my-day?open=%00",
        "/worklists/inpatient/out/csv?unit=%00",
        "/day-sheets?day=2026-03-05&person=%00",
        "/distribution/balance?unit=%00&person=%00",
        "/as-of?back=/worklists&day=%00&time=%00",
        "/search?q=%00",
    ],
)
def test_a_character_that_no_text_can_hold_is_no_fault_of_ours(
    world: World, browser_for: BrowserFor, address: str
) -> None:
    add_stay(world, StaySpec())
    assert browser_for("lee").get(address).status_code < 500


@pytest.mark.parametrize(
    "kept", ["", "as-of=2026-03-05T07:00", "#", "view=", "nothing=known", "\r\nX-Odd: 1", "unit=病", "&&"]
)
def test_a_list_that_opens_in_a_way_of_its_own_is_reached(world: World, browser_for: BrowserFor, kept: str) -> None:
    dana = browser_for("dana")
    dana.post("/worklists/inpatient/default", {"choice": "this", "kept": kept})

    address, seen = "/worklists/inpatient", []
    while (answer := dana.get(address)).status_code == 303:
        address = answer.headers["location"]
        sent = urlsplit(address)
        address = sent.path + (f"?{sent.query}" if sent.query else "")
        assert address not in seen, "in a circle"
        seen.append(address)
    assert answer.status_code == 200


@pytest.mark.parametrize("kept", ["unit=病", "unit=4W\r\nSet-Cookie: a=b", "unit=4W#there"])
def test_what_a_view_keeps_is_an_address(world: World, browser_for: BrowserFor, kept: str) -> None:
    dana = browser_for("dana")
    answer = dana.post("/worklists/inpatient/views", {"name": "Mine", "kept": kept})
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where.isascii() and where.isprintable() and "#" not in where
    assert dana.get(where).status_code == 200


def test_minutes_with_any_number_of_digits_come_back(world: World, browser_for: BrowserFor) -> None:
    lee = browser_for("lee")
    assert lee.post("/distribution/minutes", {"inpatient": "9" * 5000}).status_code == 422


@pytest.mark.parametrize("fields", [{"on": "9999-12-31", "at": "23:30"}, {"on": "0001-01-01", "at": "00:00"}])
def test_a_snooze_to_the_end_of_time_comes_back(world: World, browser_for: BrowserFor, fields: dict[str, str]) -> None:
    stay = add_stay(world, StaySpec())
    answer = browser_for("dana").post(f"/encounters/{stay}/snooze", {"reason": "reply", "until": "own", **fields})
    assert answer.status_code == 422


def test_a_take_over_to_the_end_of_time_comes_back(world: World, browser_for: BrowserFor) -> None:
    stay = add_stay(world, StaySpec())
    browser_for("uma").post(f"/encounters/{stay}/own-assignment")
    for until in ("9999-12-31T23:59", "0001-01-01T00:00"):
        answer = browser_for("dana").post(f"/encounters/{stay}/takeover", {"reason": "on leave", "until": until})
        assert answer.status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("dana", "/vendors/scorecards"),
        ("dana", "/purchased-services"),
        ("carla", "/avoidable-days/precision"),
        ("carla", "/avoidable-days/utilization"),
    ],
)
def test_a_day_lies_in_the_years_that_people_write(browser_for: BrowserFor, who: str, path: str, day: str) -> None:
    answer = browser_for(who).get(f"{path}?last={day}")
    assert answer.status_code == 422
    assert "Write a day from 1900 to 2199." in answer.text


def test_an_absence_begins_within_a_year(world: World, browser_for: BrowserFor) -> None:
    lee, dana = browser_for("lee"), str(world.user["dana"])
    answer = lee.post("/absences", {"user_id": dana, "first_day": "2199-12-01", "last_day": "2199-12-31"})
    assert answer.status_code == 422 and "within a year" in answer.text
    near = now().date() + timedelta(days=300)
    assert lee.post("/absences", {"user_id": dana, "first_day": str(near), "last_day": str(near)}).status_code == 303
