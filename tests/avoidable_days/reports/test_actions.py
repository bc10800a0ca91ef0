"""The action log: versions, strike-outs, what is refused; the effect by the chart; precision of the rules."""

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from app.avoidable_days.reports.actions.commands import (
    RecordAction,
    amend_action,
    record_action,
    strike_action,
)
from app.avoidable_days.reports.actions.queries import Action, actions, marks
from app.avoidable_days.reports.actions.rules import LIFE, check
from app.avoidable_days.reports.actions.showing import effect_text
from app.avoidable_days.reports.actions.terms import ActionState, Standing
from app.avoidable_days.reports.trend import Grain
from app.kernel.control_charts import individuals, moved
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import finals, unreachable
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.web.fields import StrikeOut
from tests.browser.journeys import Arrival, Ward, stay_of
from tests.support.avoidable import lost_days
from tests.support.client import Browser
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
PAGE = "/avoidable-days/actions"
TODAY = date(2026, 3, 5)
WEEKENDS = RecordAction(
    code="HS-07", what="Therapists at weekends", owner="T. Lindqvist", state=ActionState.IN_PLACE,
    since=TODAY - timedelta(days=20), expected="A third fewer",
)  # fmt: skip


def log(world: World) -> list[Action]:
    with reading(everywhere("test"), at=NOW) as db:
        return actions(db, world.facility["NORTH"])


def recorded(world: World, ask: RecordAction = WEEKENDS) -> uuid.UUID:
    with begin(everywhere("test"), at=NOW) as work:
        return record_action(work, world.facility["NORTH"], ask.model_copy()).action_id


def test_every_state_is_reached_and_a_strike_out_is_the_end():
    assert unreachable(LIFE, Standing.NONE) == []
    assert finals(LIFE) == [Standing.STRUCK_OUT]


def test_an_action_goes_on_in_versions_and_a_strike_out_stays_readable(world: World):
    key = recorded(world, RecordAction(code="HS-07", what="Therapists at weekends"))
    with begin(everywhere("test"), at=NOW + timedelta(hours=1)) as work:
        amend_action(work, world.facility["NORTH"], key, WEEKENDS.model_copy())
    assert [(one.state, one.ended_because) for one in log(world)] == [("in_place", ""), ("proposed", "amended")]

    with begin(everywhere("test"), at=NOW + timedelta(hours=2)) as work:
        strike_action(work, world.facility["NORTH"], key, StrikeOut(reason="Of another hospital"))
    assert [one.ended_because for one in log(world)] == ["struck_out", "amended"]
    with reading(everywhere("test"), at=NOW) as db:
        assert marks(db, world.facility["NORTH"]) == []
    with pytest.raises(Refused), begin(everywhere("test"), at=NOW) as work:
        amend_action(work, world.facility["NORTH"], key, WEEKENDS.model_copy())


def test_what_has_begun_names_its_day_and_a_reason_that_exists(world: World):
    for state in (ActionState.STARTED, ActionState.IN_PLACE, ActionState.STOPPED):
        with pytest.raises(Refused):
            check(state, None, TODAY)
        with pytest.raises(Refused):
            check(state, TODAY + timedelta(days=1), TODAY)
    with pytest.raises(Refused):
        recorded(world, WEEKENDS.model_copy(update={"code": "XX-99"}))
    with pytest.raises(NotFound), begin(everywhere("test"), at=NOW) as work:
        amend_action(work, world.facility["SOUTH"], recorded(world), WEEKENDS.model_copy())


def test_marks_of_a_reason_are_its_own_and_those_of_all(world: World):
    recorded(world)
    recorded(world, WEEKENDS.model_copy(update={"code": "", "what": "Rounds at nine"}))
    recorded(world, WEEKENDS.model_copy(update={"code": "PA-01", "what": "Preferred beds"}))
    with reading(everywhere("test"), at=NOW) as db:
        assert [text for _, text in marks(db, world.facility["NORTH"], "HS-07")] == [
            "Rounds at nine", "HS-07: Therapists at weekends",
        ]  # fmt: skip
        assert len(marks(db, world.facility["NORTH"])) == 3


def test_an_effect_is_said_only_with_a_signal_and_enough_points():
    calm, low = [9.0, 10.0] * 4, [6.0, 7.0] * 4
    assert effect_text(moved(individuals(calm + low), 8), Grain.WEEK) == (
        "Shift: 8 weeks in a row below the earlier mean; mean 9.5 before, 6.5 after"
    )
    assert effect_text(moved(individuals(calm + low[:2]), 8), Grain.WEEK).startswith("Too early to say: 2 weeks of 8")
    assert effect_text(moved(individuals(calm + calm), 8), Grain.WEEK) == "No signal: mean 9.5 before, 9.5 after"
    assert effect_text(moved(individuals(calm), 8), Grain.WEEK) == "Nothing to compare yet"


def test_the_log_is_written_on_its_pages(browser_for: BrowserFor, world: World):
    dora = browser_for("dora")
    wrong = dora.post(PAGE, {"code": "HS-07", "what": "Therapists at weekends", "state": "in_place", "since": ""})
    assert wrong.status_code == 422 and "from which day on" in wrong.text and "Therapists at weekends" in wrong.text
    since = (now() - timedelta(days=9)).date().isoformat()
    given = {"code": "HS-07", "what": "Therapists at weekends", "state": "in_place", "since": since}
    assert dora.post(PAGE, given).status_code == 303

    text = unescape(dora.get(PAGE).text)
    assert "Therapists at weekends" in text and "In place" in text and "No days of this reason" in text
    key = re.findall(rf"{PAGE}/([0-9a-f-]{{36}})", text)[0]
    assert "Therapists at weekends" in dora.get(f"{PAGE}/{key}").text
    assert dora.post(f"{PAGE}/{key}/end", {"reason": ""}).status_code == 422
    assert dora.post(f"{PAGE}/{key}/end", {"reason": "Recorded twice"}).status_code == 303
    assert "Recorded twice" in dora.get(PAGE).text
    assert browser_for("dana").post(PAGE, given).status_code in (403, 404)


def test_precision_counts_answers_and_every_count_opens_its_days(browser_for: BrowserFor, world: World):
    Ward().admit(Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", ago=timedelta(days=8)))
    stay = stay_of("V1")
    lost_days(world, stay, now(), "Maple Terrace")
    dora = browser_for("dora")
    text = unescape(dora.get("/avoidable-days/precision").text)
    found = re.findall(r'<a href="(/avoidable-days/precision/list\?[^"]+)">(\d+)</a>', text)
    assert len(found) >= 6
    for href, count in found:
        opened = unescape(dora.get(href).text)
        assert f"{count} in all" in opened and f"/encounters/{stay}/avoidable-days" in opened
    assert "50 % of 2" in text and "Something else" in text


class Log(RuleBasedStateMachine):
    """One action walked at random by the commands: the table says what is refused."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.key, self.state, self.versions, self.clock = uuid.uuid4(), Standing.NONE, 0, NOW

    def _at(self) -> "Log":
        self.clock += timedelta(minutes=1)
        return self

    @precondition(lambda self: self.state is Standing.NONE)
    @rule()
    def record(self) -> None:
        self.key, self.state, self.versions = recorded(self.world), Standing.STANDING, 1

    @precondition(lambda self: self.state is not Standing.NONE)
    @rule(state=st.sampled_from(ActionState))
    def amend(self, state: ActionState) -> None:
        ask = WEEKENDS.model_copy(update={"state": state})
        try:
            with begin(everywhere("test"), at=self._at().clock) as work:
                amend_action(work, self.world.facility["NORTH"], self.key, ask)
        except Refused:
            assert self.state is Standing.STRUCK_OUT
        else:
            assert self.state is Standing.STANDING
            self.versions += 1
        self.check_versions()

    @precondition(lambda self: self.state is not Standing.NONE)
    @rule()
    def strike(self) -> None:
        try:
            with begin(everywhere("test"), at=self._at().clock) as work:
                strike_action(work, self.world.facility["NORTH"], self.key, StrikeOut(reason="By mistake"))
        except Refused:
            assert self.state is Standing.STRUCK_OUT
        self.state = Standing.STRUCK_OUT
        self.check_versions()

    def check_versions(self) -> None:
        own = [one for one in log(self.world) if one.action_id == self.key]
        assert len(own) == self.versions
        assert sum(one.ended_at is None for one in own) == (self.state is Standing.STANDING)


def test_the_log_walked_at_random_keeps_every_version(world: World):
    Log.world = world
    quiet = settings(max_examples=8, stateful_step_count=6, deadline=None,
                     suppress_health_check=list(HealthCheck))  # fmt: skip
    run_state_machine_as_test(Log, settings=quiet)
