"""Sign-in at a real provider in a real browser: there, through its own form, and back with the roles of the groups."""

from collections.abc import Callable, Iterator

import pytest
from litestar import Litestar
from playwright.sync_api import Page, expect

from app.security.permissions import Role
from tests.accounts.identity.support import mapped, prepare, with_provider
from tests.browser.conftest import PHONE, Site
from tests.browser.waiting import sideways
from tests.support.identity import WORD, RealProvider, real_provider


@pytest.fixture(scope="module")
def canaille() -> Iterator[RealProvider]:
    """A real provider, started once for these tests."""
    with real_provider() as found:
        yield found


@pytest.fixture
def harbor(site: Site, app: Litestar, canaille: RealProvider) -> RealProvider:
    """The provider and this site know each other, and the ward staff are case managers."""
    canaille.do("client", here=site.base)
    app.state.settings = with_provider(app.state.settings, canaille.issuer, site.base)
    prepare(site.world)
    mapped(site.world, "ward-staff")
    canaille.know("ida", "ward-staff")
    return canaille


def through_their_form(page: Page) -> None:
    """What the person types at the provider."""
    page.locator("#login").fill("ida")
    page.locator("#login").press("Enter")
    page.locator("#password").fill(WORD)
    page.locator("#password").press("Enter")


def test_there_and_back_and_out_again(site: Site, harbor: RealProvider) -> None:
    page = site.open(path="/account")
    page.get_by_role("link", name="Sign in with Harbor accounts").press("Enter")
    through_their_form(page)

    expect(page.get_by_role("heading", level=1, name="Your account")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Case manager, North Harbor Hospital")).to_be_visible()
    expect(page.get_by_role("row", name="identity provider")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).last.press("Enter")
    page.wait_for_url(f"{harbor.issuer}/**")
    page.goto(f"{site.base}/account")
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


def test_a_refusal_is_read_on_a_telephone(site: Site, harbor: RealProvider) -> None:
    harbor.know("ida", "choir")
    page = site.open(path="/sign-in", size=PHONE)
    page.get_by_role("link", name="Sign in with Harbor accounts").click()
    through_their_form(page)

    expect(page.get_by_text("none of your groups holds a role in Daybook")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible()


def test_an_administrator_gives_a_group_its_role_by_keyboard(
    site: Site, harbor: RealProvider, violations: Callable[..., list[str]]
) -> None:
    page = site.open("adam", "/identity")
    page.get_by_role("button", name="Ask it now").press("Enter")
    expect(page.get_by_text("The provider answers.")).to_be_visible()
    page.get_by_role("textbox", name="Group").fill("leads")
    page.get_by_label("Role", exact=True).select_option(Role.LEAD.value)
    page.get_by_label("Where it holds").select_option("NORTH")
    page.get_by_role("button", name="Let this group hold this role").press("Enter")

    row = page.get_by_role("row", name="leads")
    expect(row).to_contain_text("Lead")
    row.get_by_role("button", name="End").press("Enter")
    expect(page.get_by_role("row", name="leads")).to_have_count(0)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("row", name="leads")).to_be_visible()
    assert violations(page) == []
    assert sideways(page) == 0
