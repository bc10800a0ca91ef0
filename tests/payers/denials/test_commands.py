"""Denials on a real database: recorded by hand and from answers, talked over, appealed, closed, taken back."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.census.united import subject
from app.kernel.days import end_of_day, start_of_day
from app.kernel.refusal import NotFound, Refused
from app.payers.authorizations.commands import strike_decision
from app.payers.denials import commands, queries
from app.payers.denials.appeals import commands as appeals
from app.payers.denials.appeals.course import course_of
from app.payers.denials.appeals.forms import PrepareAppeal, SendAppeal, VerifyAppeal
from app.payers.denials.forms import AmendDenial, AskTalk, CloseDenial, Say
from app.payers.denials.reacting import forget_talk, take_talk
from app.payers.denials.stay.showing import denial_words
from app.payers.requests.terms import Action
from app.platform.work import begin, everywhere, reading
from app.web.fields import StrikeOut
from tests.browser.journeys import stay_of
from tests.payers.denials.support import TWO_NIGHTS, WORK, decided, deny, owed, send, stands
from tests.payers.support import ADMITTED, PLAN, answer, ask, tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

CHICAGO = ZoneInfo("America/Chicago")
COMMERCIAL = ADMITTED.replace(PLAN, "HARBOR EMPLOYER PPO")
ORIGINAL = ADMITTED.replace(PLAN, "MEDICARE PART A")
DAY = timedelta(days=1)
TODAY = date(2026, 3, 5)
FOUR = {"first_day": date(2026, 3, 4), "last_day": date(2026, 3, 7)}
MISTAKE = StrikeOut(reason="A mistake of the test")


def end(day: date) -> datetime:
    return end_of_day(day, CHICAGO)


def by(world: World, deed: Callable[..., Any], key: uuid.UUID, said: Any, at: datetime = NOW, name: str = "uma") -> Any:
    with begin(world.viewer(name).acting(WORK), at=at) as work:
        return deed(work, key, said)


def test_a_denial_of_a_medicare_plan_opens_the_talk_and_the_reconsideration(world: World):
    stay = tell(world)
    made = deny(world, stay)

    assert stands(made.denial_id) == ("open", "")
    assert owed("PY-P2P", str(made.denial_id)) == (True, end(date(2026, 3, 10)), None)
    # Receipt presumed on the fifth day, then sixty days: RULES 5.2.
    assert owed("PY-RECON", str(made.denial_id)) == (True, end(TODAY + 65 * DAY), None)
    with reading(everywhere("test")) as view:
        kind = view.value("select kind from escalation where denial_id = %s and ended_at is null", (made.denial_id,))
    assert kind == "concurrent_denial"


def test_a_recorded_receipt_counts_instead_of_the_presumed_one(world: World):
    stay = tell(world)
    made = deny(world, stay, NOW + 3 * DAY, notice_on="2026-03-04", received_on="2026-03-06")

    assert owed("PY-RECON", str(made.denial_id)) == (True, end(date(2026, 3, 6) + 60 * DAY), None)


def test_original_medicare_is_appealed_through_its_levels(world: World):
    stay = tell(world, ORIGINAL)
    made = deny(world, stay, kind="post_payment", received_on="2026-03-05")
    assert owed("PY-P2P") is None and owed("PY-RECON") is None
    assert owed("PY-L1") == (True, end(TODAY + 120 * DAY), None)

    first = send(world, made.denial_id, NOW + 10 * DAY)
    assert owed("PY-L1") == (True, end(TODAY + 120 * DAY), NOW + 10 * DAY)
    assert stands(made.denial_id) == ("appealed", "")
    assert owed("PY-VERIFY", str(first.appeal_id)) is not None

    decided(world, first.appeal_id, "upheld", NOW + 70 * DAY, received_on=(NOW + 70 * DAY).date())
    assert stands(made.denial_id) == ("open", "")
    second = owed("PY-L2", f"{made.denial_id}:2")
    assert second == (True, end((NOW + 70 * DAY).date() + 180 * DAY), None)


def test_the_hearing_is_not_owed_below_its_amount(world: World):
    stay = tell(world, ORIGINAL)
    made = deny(world, stay, kind="post_payment", amount="150.00")
    at = NOW
    for _ in range(2):
        at += DAY
        one = send(world, made.denial_id, at)
        at += DAY
        decided(world, one.appeal_id, "upheld", at)

    assert owed("PY-L2") is not None and owed("PY-L3") is None


def test_a_commercial_denial_is_appealed_by_contract_and_the_second_level_has_its_own_end(world: World):
    stay = tell(world, COMMERCIAL)
    made = deny(world, stay)
    assert owed("PY-RECON") is None
    assert owed("PY-APPEAL", str(made.denial_id)) == (True, end(TODAY + 60 * DAY), None)

    one = send(world, made.denial_id, NOW + DAY)
    decided(world, one.appeal_id, "partly", NOW + 20 * DAY, recovered_days=1, recovered_amount="1500")

    assert owed("PY-APPEAL", str(made.denial_id)) == (True, end(TODAY + 60 * DAY), NOW + DAY)
    assert owed("PY-APPEAL", f"{made.denial_id}:2") == (True, end((NOW + 20 * DAY).date() + 30 * DAY), None)
    # An appeal ends the time for a talk: nothing is owed for it any more.
    assert owed("PY-P2P", str(made.denial_id)) == (False, None, None)


@pytest.mark.parametrize(("story", "rule"), [(ORIGINAL, "PY-L1"), (COMMERCIAL, "PY-APPEAL"), (ADMITTED, "PY-RECON")])
def test_what_the_levels_say_and_what_is_owed_is_one(world: World, story: str, rule: str):
    made = deny(world, tell(world, story))
    with reading(world.viewer("uma").acting(WORK)) as view:
        held = queries.denial(view, made.denial_id)
        opening = course_of(view, held, subject(view, held.encounter_id)).opening
    found = owed(rule, str(made.denial_id))
    assert opening is not None and found is not None and opening.until == found[1]


def test_two_denials_of_one_stay_have_a_card_each(world: World):
    stay = tell(world)
    deny(world, stay)
    deny(world, stay, NOW + DAY, first_day=date(2026, 3, 6), last_day=date(2026, 3, 6))
    with reading(everywhere("test")) as view:
        assert view.value("select count(distinct denial_id) from escalation where ended_at is null") == 2


def test_an_answer_with_fewer_days_is_a_denial_of_the_others(world: World):
    stay = tell(world)
    asked = ask(world, stay, expedited=True, **FOUR)
    given = answer(world, asked.authorization_id, NOW + DAY, action=Action.MODIFIED, quantity=2, reasons=("0V",))

    with reading(everywhere("test")) as view:
        found = queries.denials(view, stay)
    assert [(one.kind, one.firsts, one.untils, one.reason_code, one.received_on) for one in found] == [
        ("concurrent", [date(2026, 3, 6)], [date(2026, 3, 8)], "0V", (NOW + DAY).date())
    ]
    assert found[0].authorization_id == asked.authorization_id

    by(world, strike_decision, given.decision_id, MISTAKE, NOW + 2 * DAY)
    assert stands(found[0].denial_id) == ("struck_out", "")
    assert owed("PY-RECON") is None


def test_an_answer_with_all_days_is_none(world: World):
    stay = tell(world)
    asked = ask(world, stay, **FOUR)
    answer(world, asked.authorization_id, NOW + DAY, action=Action.CERTIFIED)
    answer(world, asked.authorization_id, NOW + 2 * DAY, action=Action.PENDED)
    with reading(everywhere("test")) as view:
        assert queries.denials(view, stay) == []


class Talk:
    """What a talk says, as another feature says it."""

    def __init__(self, denial_id: uuid.UUID, outcome: str) -> None:
        self.denial_id, self.outcome, self.decision = denial_id, outcome, outcome


def talked(world: World, denial_id: uuid.UUID, outcome: str) -> None:
    with begin(world.viewer("paul").acting(WORK), at=NOW + DAY) as work:
        take_talk(work, Talk(denial_id, outcome))


def test_a_talk_that_overturns_closes_the_denial_and_one_that_was_a_mistake_opens_it(world: World):
    made = deny(world, tell(world))
    talked(world, made.denial_id, "overturned")
    assert stands(made.denial_id) == ("closed", "overturned")
    with reading(everywhere("test")) as view:
        held = queries.denial(view, made.denial_id)
    assert (held.recovered_days, held.recovered_amount) == (2, Decimal("4000.00"))
    assert owed("PY-RECON") is None

    talked(world, made.denial_id, "upheld")
    assert stands(made.denial_id) == ("open", "")

    with begin(world.viewer("paul").acting(WORK), at=NOW + DAY) as work:
        forget_talk(work, Talk(made.denial_id, "upheld"))
    with reading(everywhere("test")) as view:
        assert queries.denial(view, made.denial_id).talk_outcome == ""


def test_closing_needs_a_talk_an_appeal_or_a_reason(world: World):
    made = deny(world, tell(world))
    with pytest.raises(Refused, match="Nothing was done"):
        by(world, commands.close_denial, made.denial_id, CloseDenial.model_validate({"outcome": "upheld"}))

    by(world, commands.ask_talk, made.denial_id, AskTalk())
    by(world, commands.close_denial, made.denial_id, CloseDenial.model_validate({"outcome": "upheld"}))
    assert stands(made.denial_id) == ("closed", "upheld")

    by(world, commands.reopen_denial, made.denial_id, Say(reason="The payer calls back"))
    assert stands(made.denial_id) == ("open", "")
    wish = CloseDenial.model_validate({"outcome": "written_off", "reason": "Costs more than it brings"})
    by(world, commands.close_denial, made.denial_id, wish)
    assert stands(made.denial_id) == ("closed", "written_off")
    assert owed("PY-RECON") is None and owed("PY-P2P") is None


def test_steps_of_an_appeal_are_taken_back_one_by_one(world: World):
    made = deny(world, tell(world))
    prepared = by(world, appeals.prepare_appeal, made.denial_id, PrepareAppeal())
    sent = send(world, made.denial_id, NOW + DAY, tracking="F-1")
    assert sent.appeal_id == prepared.appeal_id
    by(world, appeals.verify_appeal, sent.appeal_id, VerifyAppeal(verified_with="Kim"), NOW + 2 * DAY)
    assert owed("PY-VERIFY", str(sent.appeal_id))[2] == NOW + 2 * DAY  # type: ignore[index]
    decided(world, sent.appeal_id, "overturned", NOW + 3 * DAY)
    assert stands(made.denial_id) == ("closed", "overturned")

    states = []
    for _ in range(3):
        states.append(by(world, appeals.take_back, sent.appeal_id, MISTAKE, NOW + 4 * DAY).state)
        states.append(stands(made.denial_id)[0])
    assert states == ["verified", "appealed", "sent", "appealed", "prepared", "open"]
    assert owed("PY-RECON", str(made.denial_id))[2] is None  # type: ignore[index]
    by(world, appeals.strike_appeal, sent.appeal_id, MISTAKE, NOW + 4 * DAY)
    with reading(everywhere("test")) as view:
        assert {one.state for one in queries.appeals(view, [made.denial_id])} == {"struck_out"}


def test_a_withdrawn_appeal_may_be_filed_again(world: World):
    made = deny(world, tell(world))
    one = send(world, made.denial_id)
    by(world, appeals.withdraw_appeal, one.appeal_id, MISTAKE)
    assert stands(made.denial_id) == ("open", "")
    assert owed("PY-RECON", str(made.denial_id))[2] is None  # type: ignore[index]
    assert send(world, made.denial_id, NOW + DAY).level == 1


def test_only_one_level_is_under_way_and_only_the_next_may_be_named(world: World):
    made = deny(world, tell(world))
    with pytest.raises(Refused, match="The next level is 1: Reconsideration"):
        send(world, made.denial_id, level=2)
    send(world, made.denial_id)
    with pytest.raises(Refused, match="is under way"):
        send(world, made.denial_id, NOW + DAY)


def test_an_amendment_keeps_the_earlier_version(world: World):
    made = deny(world, tell(world))
    wish = {"kind": "concurrent", **TWO_NIGHTS, "amount": "5,200.10", "because": "The account says more",
            "root_cause": "documentation", "notice_on": "2026-03-04"}  # fmt: skip
    by(world, commands.amend_denial, made.denial_id, AmendDenial.model_validate(wish), NOW + DAY)

    with reading(everywhere("test")) as view:
        found = queries.versions(view, made.denial_id)
    assert [one.amount for one in found] == [Decimal("5200.10"), Decimal("4000.00")]
    assert [one.ended_at for one in found] == [None, NOW + DAY]


def test_what_was_known_earlier_is_shown_then(world: World):
    stay = tell(world)
    made = deny(world, stay)
    by(world, commands.ask_talk, made.denial_id, AskTalk(), NOW + DAY)
    with reading(everywhere("test"), as_of=NOW + timedelta(hours=1)) as view:
        (one,) = queries.denials(view, stay)
        shown = denial_words(one, view, subject(view, stay), may=False)
    assert one.state == "open" and [entry["text"] for entry in shown["happened"]] == ["Recorded"]
    with reading(everywhere("test"), as_of=NOW + 2 * DAY) as view:
        assert [one.state for one in queries.denials(view, stay)] == ["talk"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"first_day": None, "last_day": None}, "first_day"),
        ({"last_day": date(2026, 3, 1)}, "last_day"),
        ({"last_day": None}, "last_day"),
        ({"second_first": date(2026, 3, 5), "second_last": date(2026, 3, 6)}, "second_first"),
        ({"notice_on": date(2026, 3, 20)}, "notice_on"),
        ({"notice_on": date(2026, 3, 3), "received_on": date(2026, 3, 2)}, "received_on"),
        ({"payer": "NOBODY"}, "payer"),
        ({"owner_id": uuid.uuid4()}, "owner_id"),
        ({"review_id": uuid.uuid4()}, "review_id"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(world: World, said: dict[str, Any], field: str):
    stay = tell(world)
    with pytest.raises(Refused) as refused:
        deny(world, stay, **said)
    assert refused.value.field == field


def test_nobody_of_another_hospital_reaches_it(world: World):
    made = deny(world, tell(world))
    for deed, said in ((commands.strike_denial, MISTAKE), (appeals.send_appeal, SendAppeal())):
        with pytest.raises(NotFound):
            by(world, deed, made.denial_id, said, name="stan")


def test_a_notice_without_a_time_counts_from_the_start_of_its_day(world: World):
    made = deny(world, tell(world), NOW + 2 * DAY, notice_on="2026-03-04")
    assert made.notice_at == start_of_day(date(2026, 3, 4), CHICAGO).astimezone(UTC)


def test_what_an_appeal_brought_back_in_part_is_not_lost_when_the_denial_is_closed(world: World):
    made = deny(world, tell(world, COMMERCIAL))
    first = send(world, made.denial_id, NOW + DAY)
    decided(world, first.appeal_id, "partly", NOW + 2 * DAY, recovered_days=1, recovered_amount="1500.00")

    wish = CloseDenial.model_validate({"outcome": "written_off", "reason": "The rest costs more than it brings"})
    closed = by(world, commands.close_denial, made.denial_id, wish, NOW + 3 * DAY)

    assert (closed.recovered_days, closed.recovered_amount) == (1, Decimal("1500.00"))


def test_an_appeal_of_a_struck_out_denial_does_not_go_on(world: World):
    made = deny(world, tell(world, COMMERCIAL))
    first = send(world, made.denial_id, NOW + DAY)
    by(world, commands.strike_denial, made.denial_id, MISTAKE, NOW + DAY)

    with pytest.raises(Refused, match="struck out"):
        by(world, appeals.verify_appeal, first.appeal_id, VerifyAppeal(), NOW + 2 * DAY)


def test_a_denial_of_a_stay_that_became_part_of_another_counts_for_the_whole(world: World):
    feed = Telling(world)
    feed.tell(ADMITTED + ADMITTED.replace("A01 |", "A01 | visit E900 |"))
    former, kept = stay_of("E900"), stay_of("V100")
    made = deny(world, former)
    feed.tell("A42 | visit V100 | mrg-visit E900 | rec 03-05 10:00")

    with reading(everywhere("test")) as view:
        assert [one.denial_id for one in queries.standing(view, queries.parts(view, kept))] == [made.denial_id]
        query = "select encounter_id from obligation where rule = 'PY-RECON' and ended_at is null and required"
        assert view.values(query) == [kept]

    send(world, made.denial_id, NOW + DAY)
    assert (owed("PY-RECON", str(made.denial_id)) or ())[2] == NOW + DAY
    assert stands(made.denial_id) == ("appealed", "")
