"""A payer is asked and answers: days are authorized by ranges, what is owed follows, nothing is rewritten."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.kernel.refusal import NotFound, Refused
from app.payers.authorizations.commands import (
    amend_decision,
    amend_request,
    cancel_authorization,
    strike_authorization,
    strike_decision,
    strike_request,
)
from app.payers.authorizations.forms import AmendRequest, Cancel, Received
from app.payers.authorizations.queries import authorization, days_authorized, request_by_trace
from app.payers.authorizations.terms import AuthorizationState, Channel
from app.payers.requests.terms import Action, CertificationType, Days, Decision
from app.platform.work import begin, everywhere, reading
from app.web.fields import StrikeOut
from tests.payers.support import WORK, answer, ask, owed, standing, tell
from tests.support.world import NOW, World

FOUR = {"first_day": date(2026, 3, 4), "last_day": date(2026, 3, 7)}
HOUR = timedelta(hours=1)


def test_a_request_tells_the_payer_and_starts_its_clock(world: World):
    stay = tell(world)
    assert owed("PY-NOTIFY") is not None

    made = ask(world, stay, expedited=True, **FOUR)

    assert owed("PY-NOTIFY") == (True, datetime(2026, 3, 5, 15, 0, tzinfo=UTC), NOW)
    assert owed("PY-72") == (True, NOW + timedelta(hours=72), None)
    assert standing() == [("requested", None, None)]
    with reading(world.viewer("uma").acting(WORK)) as view:
        found = request_by_trace(view, made.event_trace)
    assert found is not None and found.days == Days(date(2026, 3, 4), date(2026, 3, 8))


def test_fewer_days_are_approved_in_part_and_the_last_covered_day_is_known(world: World):
    stay = tell(world)
    made = ask(world, stay, expedited=True, **FOUR)

    answer(world, made.authorization_id, NOW + HOUR, action=Action.MODIFIED, quantity=2, authorization_number="A-77")

    assert standing() == [("partially", date(2026, 3, 5), datetime(2026, 3, 6, 6, 0, tzinfo=UTC))]
    assert owed("PY-72") == (True, NOW + timedelta(hours=72), NOW + HOUR)
    extend = owed("PY-EXTEND")
    assert extend is not None and extend[2] is None
    with reading(world.viewer("uma").acting(WORK)) as view:
        found = authorization(view, made.authorization_id)
        assert days_authorized(view, [stay]) == {stay: (Days(date(2026, 3, 4), date(2026, 3, 6)),)}
    assert found.number == "A-77"
    assert found.standing.days.denied == (Days(date(2026, 3, 6), date(2026, 3, 8)),)


def test_an_extension_goes_on_where_the_days_end(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    answer(world, made.authorization_id, NOW + HOUR, action=Action.CERTIFIED, authorization_number="A-77")
    more = ask(
        world, stay, NOW + 2 * HOUR, authorization_id=made.authorization_id,
        certification_type=CertificationType.EXTENSION, first_day=date(2026, 3, 8), last_day=date(2026, 3, 10),
    )  # fmt: skip

    assert more.authorization_number == "A-77"
    extend = owed("PY-EXTEND")
    assert extend is not None and extend[2] == NOW + 2 * HOUR
    assert standing()[0][0] == "requested" and standing()[0][1] == date(2026, 3, 7)

    answer(world, made.authorization_id, NOW + 3 * HOUR, action=Action.CERTIFIED)

    assert standing()[0][:2] == ("approved", date(2026, 3, 10))
    with reading(world.viewer("uma").acting(WORK)) as view:
        assert days_authorized(view, [stay]) == {stay: (Days(date(2026, 3, 4), date(2026, 3, 11)),)}


def test_what_contradicts_itself_is_kept_and_changes_no_day(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)

    answer(
        world, made.authorization_id, NOW + HOUR, action=Action.MODIFIED, quantity=3,
        ranges=(Days(date(2026, 3, 4), date(2026, 3, 6)),),
    )  # fmt: skip

    assert standing() == [("requested", None, None)]
    with reading(world.viewer("uma").acting(WORK)) as view:
        found = authorization(view, made.authorization_id)
    assert len(found.answers) == 1
    assert found.standing.days.contradictions == ("The period has 2 days, the answer says 3 days.",)


def test_a_correction_and_a_strike_out_leave_what_was_recorded(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    given = answer(world, made.authorization_id, NOW + HOUR, action=Action.NOT_CERTIFIED, reasons=("0F",))
    assert standing()[0][0] == "denied"

    with begin(world.viewer("uma").acting(WORK), at=NOW + 2 * HOUR) as work:
        right = Decision(action=Action.CERTIFIED)
        amend_decision(work, given.decision_id, right, Received(channel=Channel.FAX), "Read the wrong line")
    assert standing()[0][0] == "approved"
    with begin(world.viewer("uma").acting(WORK), at=NOW + 3 * HOUR) as work:
        with pytest.raises(Refused):
            strike_request(work, made.request_id, StrikeOut(reason="Wrong stay"))
        strike_decision(work, given.decision_id, StrikeOut(reason="Wrong stay"))
        strike_request(work, made.request_id, StrikeOut(reason="Wrong stay"))

    assert standing() == [("struck_out", None, None)]
    with reading(everywhere("test")) as view:
        found = authorization(view, made.authorization_id)
    assert [(one.action, one.ended_because) for one in found.answers] == [("A3", "amended"), ("A1", "struck_out")]
    assert [one.received_at for one in found.answers] == [NOW + HOUR, NOW + HOUR]
    assert found.standing.state is AuthorizationState.STRUCK_OUT


def test_what_was_asked_can_be_corrected(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    with begin(world.viewer("uma").acting(WORK), at=NOW + HOUR) as work:
        wish = AmendRequest(first_day=date(2026, 3, 4), last_day=date(2026, 3, 5), because="Two days were asked")
        after = amend_request(work, made.request_id, wish)

    assert after.event_trace == made.event_trace
    answer(world, made.authorization_id, NOW + HOUR, action=Action.CERTIFIED)
    assert standing()[0][1] == date(2026, 3, 5)


def test_what_is_withdrawn_takes_no_answer(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    with begin(world.viewer("uma").acting(WORK), at=NOW + HOUR) as work:
        cancel_authorization(work, made.authorization_id, Cancel(message="Went home"))

    assert standing() == [("cancelled", None, None)]
    with pytest.raises(Refused, match="cancelled"):
        answer(world, made.authorization_id, NOW + 2 * HOUR, action=Action.CERTIFIED)


def test_a_whole_authorization_is_struck_out(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    answer(world, made.authorization_id, NOW + HOUR, action=Action.CERTIFIED)
    with begin(world.viewer("uma").acting(WORK), at=NOW + HOUR) as work:
        strike_authorization(work, made.authorization_id, StrikeOut(reason="Belongs to another stay"))

    assert standing() == [("struck_out", None, None)]
    with reading(everywhere("test")) as view:
        assert days_authorized(view, [stay]) == {}
    notify = owed("PY-NOTIFY")
    assert notify is not None and notify[2] is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"first_day": date(2026, 3, 4)}, "last_day"),
        ({"last_day": date(2026, 3, 4)}, "first_day"),
        ({"first_day": date(2026, 3, 4), "last_day": date(2026, 3, 3)}, "last_day"),
        ({"first_day": date(2026, 3, 4), "last_day": date(2028, 3, 3)}, "last_day"),
        ({"certification_type": "4"}, "authorization_id"),
        ({"on": date(2026, 3, 6), "at": "10:00"}, "on"),
        ({"payer": "NOBODY"}, "payer"),
    ],
)
def test_a_request_that_would_not_stand_is_refused_beside_its_field(world: World, said: dict[str, Any], field: str):
    stay = tell(world)
    with pytest.raises(Refused) as refused:
        ask(world, stay, **said)
    assert refused.value.field == field


def test_an_answer_comes_after_its_question_and_not_from_the_future(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    for at in (NOW - HOUR, NOW + HOUR):
        with pytest.raises(Refused) as refused:
            answer(world, made.authorization_id, how=Received(at=at), action=Action.CERTIFIED)
        assert refused.value.field == "on"


def test_the_same_is_not_recorded_twice(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    with pytest.raises(Refused, match="already"):
        ask(world, stay, authorization_id=made.authorization_id, **FOUR)
    answer(world, made.authorization_id, action=Action.CERTIFIED)
    with pytest.raises(Refused, match="already"):
        answer(world, made.authorization_id, action=Action.CERTIFIED)


def test_nobody_outside_the_facility_reaches_it(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    with pytest.raises(NotFound):
        ask(world, stay, name="stan", **FOUR)
    with begin(world.viewer("stan").acting(WORK), at=NOW) as work, pytest.raises(NotFound):
        strike_authorization(work, made.authorization_id, StrikeOut(reason="Not mine"))
    with pytest.raises(NotFound), begin(world.viewer("uma").acting(WORK), at=NOW) as work:
        strike_authorization(work, uuid.uuid4(), StrikeOut(reason="No such thing"))


def test_what_was_known_earlier_can_be_read(world: World):
    stay = tell(world)
    made = ask(world, stay, **FOUR)
    answer(world, made.authorization_id, NOW + HOUR, action=Action.CERTIFIED)
    with reading(world.viewer("uma").acting(WORK), as_of=NOW + HOUR / 2) as view:
        found = authorization(view, made.authorization_id)
        assert found.standing.state is AuthorizationState.REQUESTED
        assert days_authorized(view, [stay]) == {stay: ()}
