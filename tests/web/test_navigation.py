"""The bar: which entry is the current one, and what finds no room."""

import pytest

from app.menu import NAV
from app.security.permissions import Permission
from app.web.frame import IN_THE_BAR, NavItem, navigation

ANY = Permission.STAY_LIST
LISTS = NavItem("Worklists", "/worklists/inpatient", ANY, also=("/worklists", "/encounters"))
MINE = NavItem("My day", "/worklists/my-day", ANY)
DAYS = NavItem("Days", "/day", ANY)


def current(path: str) -> list[str]:
    return [item["label"] for item in navigation([MINE, LISTS, DAYS], path) if item["current"]]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/worklists/my-day", ["My day"]),
        ("/worklists/my-day/views", ["My day"]),
        ("/worklists/observation", ["Worklists"]),
        ("/encounters/one/notes", ["Worklists"]),
        ("/day", ["Days"]),
        ("/day-sheets", []),
        ("/account", []),
    ],
)
def test_the_nearest_entry_is_current_and_only_one(path: str, label: list[str]) -> None:
    assert current(path) == label


def test_what_finds_no_room_is_in_the_menu() -> None:
    entries = [NavItem(str(place), f"/{place}", ANY) for place in range(IN_THE_BAR + 1)]
    shown = [item["label"] for item in navigation(entries, "/6") if item["in_bar"]]
    assert shown == ["0", "1", "2", "3", "4"], "the sixth place is that of the menu"
    assert all(item["in_bar"] for item in navigation(entries[:-1], "/"))


def test_the_first_entry_of_a_group_names_it_in_the_menu_only() -> None:
    groups = ["Days", *["Days"] * IN_THE_BAR, "House", "House"]
    entries = [NavItem(str(place), f"/{place}", ANY, group=group) for place, group in enumerate(groups)]
    assert [item["heading"] for item in navigation(entries, "/0")] == [*[""] * 5, "Days", "", "House", ""]


def test_the_groups_of_the_house_are_not_scattered() -> None:
    groups = [item.group for item in NAV]
    assert [one for place, one in enumerate(groups) if place and groups[place - 1] != one] == list(
        dict.fromkeys(groups)
    )[1:]


def test_no_entry_leads_to_where_another_one_leads() -> None:
    tops = [top for item in NAV for top in (item.href, *item.also)]
    assert len(tops) == len(set(tops))
