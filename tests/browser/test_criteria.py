"""Own criteria sets in the browser: from a shipped text to a set in use, by keyboard alone and without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site
from tests.browser.waiting import becomes, sideways


def own_text(page: Page) -> str:
    """The shipped text in the field, under another id."""
    return page.get_by_label("Text (TOML)").input_value().replace('id = "two_midnight"', 'id = "short_stay"')


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_set_is_written_read_and_put_in_use(site: Site, script: bool):
    page = site.open("lee", "/criteria/two_midnight/1", java_script_enabled=script)
    page.get_by_role("link", name="Write an own set like it").press("Enter")
    field = page.get_by_label("Text (TOML)")
    right = own_text(page)
    wrong = right.replace('code = "T2"', 'code = "T1"')
    field.fill(wrong)
    page.get_by_role("button", name="Read and show the set").press("Enter")

    expect(page.locator("#faults")).to_contain_text("The code T1 stands twice in points")
    expect(page.locator("#faults").locator("code")).to_have_text('code = "T1"')
    becomes(page, lambda: field.input_value().splitlines(), wrong.strip().splitlines(), "what was typed is not lost")
    field.fill(right)
    page.get_by_role("button", name="Read and show the set").press("Enter")
    expect(page.get_by_role("table", name="Points of Two-midnight benchmark")).to_contain_text("at least 2 midnights")
    page.get_by_role("button", name="Put the set in use").press("Enter")

    expect(page.locator("#flash")).to_contain_text("Two-midnight benchmark, version 1: in use from")
    expect(page.get_by_role("table", name="Own criteria sets")).to_contain_text("short_stay 1")


def test_a_text_that_was_read_is_a_good_page_on_a_phone(site: Site, violations: Callable[[Page], list[str]]):
    page = site.open("lee", "/criteria/new?like=snf/1", size=PHONE)
    page.get_by_label("Text (TOML)").fill(own_text(page).replace('id = "snf"', 'id = "our_snf"'))
    page.get_by_role("button", name="Read and show the set").click()

    expect(page.get_by_role("button", name="Put the set in use")).to_be_visible()
    assert violations(page) == [] and not sideways(page)
