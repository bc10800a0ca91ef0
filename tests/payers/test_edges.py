"""What goes wrong between people and payers: forms sent twice, answers that cross, corrections of what was decided."""

import uuid
from datetime import date, datetime, timedelta

import pytest

from app.kernel.refusal import Refused
from app.payers.authorizations.commands import (
    amend_decision,
    amend_request,
    say_not_required,
    strike_authorization,
    strike_decision,
)
from app.payers.authorizations.forms import AmendRequest, Received
from app.payers.authorizations.queries import authorization
from app.payers.contacts.commands import LogContact, log_contact
from app.payers.models import ReceivedDecision
from app.payers.requests.rules import Bounds, beyond
from app.payers.requests.terms import Action, CertificationType, Days, Decision
from app.platform.work import begin, everywhere, reading
from app.web.fields import StrikeOut
from tests.payers.support import ADMITTED, WORK, answer, ask, standing, tell
from tests.support.world import NOW, World

FOUR = {"first_day": date(2026, 3, 4), "last_day": date(2026, 3, 7)}
HOUR = timedelta(hours=1)


def amend(
    world: World, decision_id: uuid.UUID, decision: Decision, how: Received | None = None, now: datetime = NOW + HOUR
) -> ReceivedDecision:
    with begin(world.viewer("uma").acting(WORK), at=now) as work:
        return amend_decision(work, decision_id, decision, how or Received(), "Read the wrong line")


def denials() -> list[str]:
    with reading(everywhere("test")) as view:
        return view.values("select state from denial where ended_at is null order by made_at")


def unclear() -> list[str]:
    with reading(everywhere("test")) as view:
        return view.values("select contradiction from payer_standing where ended_at is null")


def test_a_first_request_that_is_sent_twice_begins_one_authorization(world: World):
    stay = tell(world)
    ask(world, stay, **FOUR)
    with pytest.raises(Refused, match="already"):
        ask(world, stay, **FOUR)
    assert len(standing()) == 1


def test_that_nothing_is_required_is_recorded_once(world: World):
    stay = tell(world)
    for moment in (NOW, NOW + HOUR):
        with begin(world.viewer("uma").acting(WORK), at=moment) as work:
            if moment == NOW:
                say_not_required(work, stay, "", Decision(action=Action.NOT_REQUIRED), Received())
                continue
            with pytest.raises(Refused, match="already"):
                say_not_required(work, stay, "", Decision(action=Action.NOT_REQUIRED), Received())
    assert [one[0] for one in standing()] == ["not_required"]


def test_an_answer_to_the_first_request_leaves_the_later_one_waiting(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    ask(
        world, stay, NOW + HOUR, authorization_id=made.authorization_id,
        certification_type=CertificationType.EXTENSION, first_day=date(2026, 3, 8), last_day=date(2026, 3, 9),
    )  # fmt: skip

    answer(
        world, made.authorization_id, NOW + 2 * HOUR, how=Received(request_id=made.request_id), action=Action.CERTIFIED
    )
    assert standing()[0][:2] == ("requested", date(2026, 3, 7))

    answer(world, made.authorization_id, NOW + 3 * HOUR, action=Action.PENDED)
    assert standing()[0][0] == "pended"
    answer(world, made.authorization_id, NOW + 4 * HOUR, action=Action.CERTIFIED)
    assert standing()[0][:2] == ("approved", date(2026, 3, 9))


@pytest.mark.parametrize(
    ("decision", "how", "field"),
    [
        (Decision(action=Action.CERTIFIED), Received(at=NOW - HOUR), "on"),
        (Decision(action=Action.CERTIFIED), Received(at=NOW + 9 * HOUR), "on"),
        (Decision(action=Action.CERTIFIED), Received(request_id=uuid.uuid4()), "request_id"),
        (Decision(action=Action.MODIFIED, quantity=500), Received(), "last_day"),
        (Decision(action=Action.MODIFIED, ranges=(Days(date(2026, 3, 4), date(2036, 3, 4)),)), Received(), "last_day"),
    ],
)
def test_a_corrected_answer_keeps_the_limits_of_a_first_one(
    world: World, decision: Decision, how: Received, field: str
):
    made = ask(world, tell(world), **FOUR)
    given = answer(world, made.authorization_id, action=Action.NOT_CERTIFIED)

    with pytest.raises(Refused) as refused:
        amend(world, given.decision_id, decision, how)

    assert refused.value.field == field
    assert standing()[0][0] == "denied"


def test_a_corrected_request_was_not_sent_after_its_answer(world: World):
    made = ask(world, tell(world), **FOUR)
    answer(world, made.authorization_id, NOW + HOUR, action=Action.CERTIFIED)
    with begin(world.viewer("uma").acting(WORK), at=NOW + 3 * HOUR) as work, pytest.raises(Refused) as refused:
        wish = AmendRequest.model_validate(FOUR | {"on": date(2026, 3, 5), "at": "11:30", "because": "Wrong time"})
        amend_request(work, made.request_id, wish)
    assert refused.value.field == "on"


def test_nothing_of_what_was_struck_out_as_a_whole_changes_any_more(world: World):
    made = ask(world, tell(world), **FOUR)
    given = answer(world, made.authorization_id, action=Action.CERTIFIED)
    with begin(world.viewer("uma").acting(WORK), at=NOW + HOUR) as work:
        strike_authorization(work, made.authorization_id, StrikeOut(reason="Belongs to another stay"))
    with reading(everywhere("test")) as view:
        before = view.rows(lambda *row: row, "select ended_at, ended_reason from payer_authorization")

    for try_it in (
        lambda work: strike_decision(work, given.decision_id, StrikeOut(reason="Again")),
        lambda work: amend_decision(work, given.decision_id, Decision(action=Action.PENDED), Received(), "Again"),
    ):
        with begin(world.viewer("uma").acting(WORK), at=NOW + 2 * HOUR) as work, pytest.raises(Refused, match="whole"):
            try_it(work)
    with pytest.raises(Refused, match="whole"):
        answer(world, made.authorization_id, NOW + 2 * HOUR, action=Action.CERTIFIED, quantity=0)
    with reading(everywhere("test")) as view:
        assert view.rows(lambda *row: row, "select ended_at, ended_reason from payer_authorization") == before


def test_a_denial_follows_the_answer_that_is_corrected(world: World):
    made = ask(world, tell(world), **FOUR)
    given = answer(world, made.authorization_id, action=Action.NOT_CERTIFIED)
    assert denials() == ["open"]

    amend(world, given.decision_id, Decision(action=Action.CERTIFIED))

    assert denials() == ["struck_out"]


def test_an_approval_that_was_a_denial_becomes_one(world: World):
    made = ask(world, tell(world), **FOUR)
    given = answer(world, made.authorization_id, action=Action.CERTIFIED)
    amend(world, given.decision_id, Decision(action=Action.NOT_CERTIFIED))
    assert denials() == ["open"]


LEFT = "A03 | rec 03-06 10:00 | occ 03-06 09:00 | bed 4W^401^A | ins BAYSHORE ADVANTAGE\n"


def test_days_before_the_stay_are_for_a_person(world: World):
    made = ask(world, tell(world), **FOUR)

    answer(world, made.authorization_id, action=Action.MODIFIED, ranges=(Days(date(2026, 2, 4), date(2026, 2, 7)),))

    assert unclear() == ["The answer names 3 days before the stay began on Wed 4 Mar 2026."]


def test_days_after_a_departure_that_the_payer_knew_are_for_a_person(world: World):
    stay = tell(world, ADMITTED + LEFT)
    after = datetime.fromisoformat("2026-03-06T20:00:00+00:00")
    made = ask(world, stay, after, **FOUR)

    answer(world, made.authorization_id, after + HOUR, action=Action.CERTIFIED)

    assert unclear() == ["The answer names 2 days after the departure on Fri 6 Mar 2026."]
    with reading(everywhere("test")) as view:
        assert authorization(view, made.authorization_id).standing.days.contradictions


def test_days_that_a_shorter_stay_leaves_over_are_nobodys_question(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    answer(world, made.authorization_id, action=Action.CERTIFIED)
    tell(world, LEFT, first=2)
    assert unclear() == [""]


def test_a_departure_that_is_told_late_shows_what_the_answer_named_after_it(world: World):
    stay = tell(world)
    after = datetime.fromisoformat("2026-03-06T20:00:00+00:00")
    made = ask(world, stay, after, **FOUR)
    answer(world, made.authorization_id, after + HOUR, action=Action.CERTIFIED)
    assert unclear() == [""]

    tell(world, LEFT.replace("rec 03-06 10:00", "rec 03-07 10:00"), first=2)

    assert unclear() == ["The answer names 2 days after the departure on Fri 6 Mar 2026."]


@pytest.mark.parametrize(
    ("ranges", "left", "found"),
    [
        ((Days(date(2026, 3, 4), date(2026, 3, 6)),), date(2026, 3, 6), ""),
        ((Days(date(2026, 3, 4), date(2026, 3, 5)),), date(2026, 3, 4), ""),  # in and out on one day is one day
        ((Days(date(2026, 3, 4), date(2026, 3, 7)),), date(2026, 3, 6), "1 day after the departure on Fri 6 Mar 2026"),
        ((Days(date(2026, 3, 3), date(2026, 3, 9)),), None, "1 day before the stay began on Wed 4 Mar 2026"),
        ((), date(2026, 3, 6), ""),
    ],
)
def test_days_outside_a_stay(ranges: tuple[Days, ...], left: date | None, found: str):
    said = beyond(ranges, Bounds(date(2026, 3, 4), left))
    assert said == (f"The answer names {found}." if found else "")


def test_a_contact_names_no_denial_of_another_stay(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    answer(world, made.authorization_id, action=Action.NOT_CERTIFIED)
    with reading(everywhere("test")) as view:
        denial = view.value("select denial_id from denial")
    with begin(world.viewer("uma").acting(WORK), at=NOW) as work:
        log_contact(work, stay, LogContact(said="Asked for its reason", denial_id=denial))
        with pytest.raises(Refused) as refused:
            log_contact(work, stay, LogContact(said="Something else", denial_id=uuid.uuid4()))
    assert refused.value.field == "denial_id"
