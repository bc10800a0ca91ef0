"""The negative control: the accessibility check does find what is wrong."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import Site


def test_the_check_finds_faults_on_a_bad_page(site: Site, violations: Callable[[Page], list[str]]) -> None:
    page = site.open(path="/nowhere")
    assert violations(page) == []

    page.evaluate(
        "() => { const i = document.createElement('img'); i.src = '/static/x';"
        " document.querySelector('main').append(i);"
        " const b = document.createElement('button'); document.querySelector('main').append(b); }"
    )

    assert {fault.split(":")[0] for fault in violations(page)} >= {"image-alt", "button-name"}
