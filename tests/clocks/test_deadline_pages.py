"""The page of the rules: every rule with its number, its source and how sure it is, for everybody who sees stays."""

import html
from collections.abc import Callable

from app import regulations
from app.clocks.registry import RULES
from tests.support.client import Browser


def test_every_rule_stands_with_its_number_and_its_source(browser_for: Callable[[str], Browser]):
    answer = browser_for("dana").get("/deadlines")

    assert answer.status_code == 200
    for rule in RULES.values():
        entry = regulations.history(rule.id)[-1]
        assert f'id="{rule.id}"' in answer.text
        assert str(entry.allowance) in html.unescape(answer.text)


def test_an_administrator_without_stays_is_not_shown_it(browser_for: Callable[[str], Browser]):
    assert browser_for("adam").get("/deadlines").status_code == 403
