"""Stays of somebody who has left the house: the lead sees them, and the rules give them to others."""

from collections.abc import Callable

from app.platform.work import begin
from app.worklists.assignment.daily import assign_by_rules
from app.worklists.assignment.rulebook.commands import DescribeRule, add_rule
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stays
from tests.support.world import NOW, World
from tests.worklists.test_distribution import give, north, owners
from tests.worklists.test_returning import leaves_the_house

BrowserFor = Callable[..., Browser]


def test_the_lead_sees_whose_stays_are_left_behind(world: World, browser_for: BrowserFor) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    give(world, stays, "dana")
    lee = browser_for("lee")
    assert "may have stays here no more" not in lee.get("/distribution").text
    leaves_the_house(world, "dana")

    text = lee.get("/distribution").text
    assert "2 stays" in text and "still with Dana Whitlow" in text
    assert "2 stays, by" in lee.get("/worklists/inpatient?owner=dana").text.replace("2 of 2 stays", "2 stays")


def test_the_rules_give_to_others_what_was_left_behind(world: World) -> None:
    stays = add_stays(world, [StaySpec()] * 2)
    give(world, stays[:1], "dana")
    give(world, stays[1:], "sol")
    with begin(world.viewer("lee"), at=NOW) as work:
        add_rule(work, north(world), DescribeRule(name="All", people=[world.user["uma"]]))
    leaves_the_house(world, "dana")

    with begin(world.viewer("lee"), at=NOW) as work:
        done = assign_by_rules(work, north(world))

    assert done.assigned == 1 and owners(world, stays) == ["uma", "sol"]
