"""Facilities, feeds and units: settings arrive, mistakes are named beside their field, other facilities stay closed."""

import html
from collections.abc import Callable

import pytest

from app.accounts.facilities import read_classes, write_classes
from app.accounts.people import GrantRole, grant_role
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Role
from tests.support.client import Browser
from tests.support.world import World

BrowserFor = Callable[..., Browser]
NEW = {"code": "EAST", "name": "East Valley Hospital", "timezone": "America/Denver", "kind": "ltch"}
SETTINGS = {
    "name": "North Haven",
    "timezone": "America/New_York",
    "kind": "cah",
    "build_at": "04:30",
    "totp_required": "on",
}
FEED = {"authority": "NHH", "aliases": "NORTH, NH", "port": "2601", "charset": "latin-1", "processing_ids": "t,p",
        "silent_after_minutes": "45", "enhanced": "on", "classes": "X = OBS\nQ=ip"}  # fmt: skip


def row(query: str, *parameters: object) -> object:
    with reading(everywhere("test")) as view:
        return view.connection.execute(query, parameters).fetchone()  # type: ignore[arg-type]


@pytest.fixture
def north_admin(world: World) -> str:
    """Lee, administrator of North only."""
    with begin(everywhere("test")) as work:
        grant_role(
            work,
            GrantRole(user_id=world.user["lee"], role=Role.ADMINISTRATOR, facility_id=world.facility["NORTH"]),
        )
    return "lee"


def test_facility_is_added_with_its_feed_and_its_maker_administers_it(browser_for: BrowserFor, world: World) -> None:
    admin = browser_for("adam")

    added = admin.post("/facilities", NEW)

    assert (added.status_code, added.headers["location"]) == (303, "/facilities/EAST")
    assert "East Valley Hospital" in admin.get("/facilities/EAST").text
    assert row("select kind, timezone, authority from facility f join feed on feed.facility_id = f.id"
               " where f.code = 'EAST'") == ("ltch", "America/Denver", "EAST")  # fmt: skip
    assert row("select actor from audit_event where name = 'facility.added' order by id desc") == ("adam",)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "NORTH"}, "A facility with the code NORTH exists already."),
        ({"timezone": "Denver"}, "Write a time zone such as America/Chicago."),
        ({"name": ""}, "Fill in this field."),
        ({"kind": "spa"}, "Choose one of the list."),
    ],
)
def test_wrong_field_is_named_and_the_rest_is_kept(
    browser_for: BrowserFor, world: World, change: dict[str, str], sentence: str
) -> None:
    answer = browser_for("adam").post("/facilities", {**NEW, **change, "authority": "KEPT"})

    assert answer.status_code == 422 and sentence in html.unescape(answer.text) and 'value="KEPT"' in answer.text


def test_settings_and_feed_are_changed_and_shown_again(browser_for: BrowserFor, world: World) -> None:
    admin = browser_for("adam")

    assert admin.post("/facilities/NORTH/feed", FEED).status_code == 303
    shown = html.unescape(admin.get("/facilities/NORTH").text)
    assert admin.post("/facilities/NORTH", SETTINGS).status_code == 303

    assert row("select name, timezone, kind, build_at::text, totp_required from facility where code = 'NORTH'") == (
        "North Haven", "America/New_York", "cah", "04:30:00", True,
    )  # fmt: skip
    assert row(
        "select authority, aliases, port, charset, processing_ids, silent_after_minutes, a08_moves, a08_class,"
        " enhanced, classes from feed where facility_id = %s", world.facility["NORTH"],
    ) == ("NHH", ["NORTH", "NH"], 2601, "latin-1", "P,T", 45, False, False, True, {"X": "OBS", "Q": "IP"})  # fmt: skip
    assert 'value="NORTH, NH"' in shown and "Q = IP\nX = OBS" in shown


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"port": "80"}, "Choose a port from 1024 to 65535."),
        ({"aliases": "NHH"}, "own name need not be an alias"),
        ({"port": "many"}, "Write a whole number."),
        ({"classes": "X = OBS\nY nothing"}, "Line 2: write a code"),
        ({"charset": "ebcdic"}, "Choose one of the list."),
        ({"authority": ""}, "Fill in this field."),
    ],
)
def test_wrong_feed_is_named_and_nothing_is_lost(
    browser_for: BrowserFor, world: World, change: dict[str, str], sentence: str
) -> None:
    answer = browser_for("adam").post("/facilities/NORTH/feed", {**FEED, **change})

    assert answer.status_code == 422 and sentence in html.unescape(answer.text)
    assert f'value="{change.get("aliases", "NORTH, NH")}"' in html.unescape(answer.text)
    assert row("select authority from feed where facility_id = %s", world.facility["NORTH"]) == ("NORTH",)


def test_port_of_another_facility_is_refused_also_when_that_one_is_hidden(
    browser_for: BrowserFor, world: World, north_admin: str
) -> None:
    browser_for("adam").post("/facilities/SOUTH/feed", FEED)

    answer = browser_for(north_admin).post("/facilities/NORTH/feed", FEED)

    assert answer.status_code == 422 and "Another facility listens on this port." in answer.text


def test_units_are_added_once_and_changed(browser_for: BrowserFor, world: World) -> None:
    admin = browser_for("adam")
    unit = {"code": "5E", "name": "5 East", "kind": "step_down", "beds": "18", "service": "CAR"}

    assert admin.post("/facilities/NORTH/units", unit).status_code == 303
    again = admin.post("/facilities/NORTH/units", unit)
    changed = admin.post("/facilities/NORTH/units/5E", {**unit, "name": "5 East telemetry", "beds": "20"})
    wrong = admin.post("/facilities/NORTH/units/5E", {**unit, "beds": "-3"})

    assert again.status_code == 422 and "has a unit with this code already" in again.text
    assert changed.status_code == 303
    assert wrong.status_code == 422 and "too small" in wrong.text
    assert row("select name, kind, beds, service from unit where code = '5E'") == (
        "5 East telemetry", "step_down", 20, "CAR",
    )  # fmt: skip
    assert admin.get("/facilities/NORTH/units/5E").status_code == 200
    assert admin.get("/facilities/NORTH/units/9Z").status_code == 404
    assert admin.post("/facilities/NORTH/units/9Z", {"name": "Nine", "kind": "ward"}).status_code == 404


def test_administrator_of_one_facility_manages_only_that_one(
    browser_for: BrowserFor, world: World, north_admin: str
) -> None:
    admin = browser_for(north_admin)

    listed = admin.get("/facilities").text

    assert "North Harbor" in listed and "South Ridge" not in listed and "/facilities/new" not in listed
    assert admin.get("/facilities/new").status_code == 404
    assert admin.post("/facilities", NEW).status_code in (404, 422)
    assert row("select count(*) from facility where code = 'EAST'") == (0,)
    for path, data in (("", SETTINGS), ("/feed", FEED), ("/units", {"code": "1", "name": "One"})):
        assert admin.post(f"/facilities/SOUTH{path}", data).status_code == 404, path
    assert admin.get("/facilities/SOUTH").status_code == 404
    assert admin.post("/facilities/NORTH", SETTINGS).status_code == 303


def test_class_map_reads_what_it_writes() -> None:
    classes = {"X": "OBS", "SDS": "OP"}

    assert read_classes(write_classes(classes)) == classes
    assert read_classes("\n  \n") == {}
