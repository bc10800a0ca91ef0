"""Taking referrals in, screening, payer, decisions and undo, on a real database."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from app.clocks.settings.policies import SetTerm, set_term
from app.clocks.terms import Line
from app.kernel.refusal import NotFound, Refused
from app.ltac.screening import commands, queries
from app.ltac.screening.forms import AmendReferral, Decide, Screen, SetPayer
from app.ltac.screening.queries import Referral
from app.ltac.screening.terms import (
    Advice,
    DeclineReason,
    EndReason,
    PayerState,
    Rate,
    ReferralAction,
    ReferralState,
    Told,
)
from app.platform.work import begin, everywhere, reading
from app.web.fields import StrikeOut
from tests.ltac.screening.support import TODAY, accepted, asked, complete, lena, long_term, referred, screened
from tests.support.world import NOW, World

SYSTEM = everywhere("test")


def stands(key: uuid.UUID, at: datetime = NOW) -> Referral:
    with reading(SYSTEM, at=at) as db:
        return queries.referral(db, key)


def decided(key: uuid.UUID, who: Any = SYSTEM, at: datetime = NOW, **said: Any) -> ReferralState:
    with begin(who, at=at) as work:
        return commands.decide(work, key, Decide.model_validate(said))


def test_a_referral_is_taken_in_with_what_follows_from_it(world: World):
    found = stands(referred(world, line=None, payer_name="Harborline Medicare Advantage"))

    assert found.stands is ReferralState.RECEIVED and found.received_at == NOW
    assert found.answer_by == NOW + timedelta(hours=24)
    assert found.who_pays is Line.MEDICARE_ADVANTAGE and found.needs == ["ventilator"]
    with reading(SYSTEM, at=NOW) as db:
        assert [one.id for one in queries.open_referrals(db, found.facility_id)] == [found.id]


def test_the_facility_and_the_referral_say_by_when_the_answer_is_due(world: World):
    facility = long_term(world)
    with begin(SYSTEM, at=NOW) as work:
        set_term(work, facility, "LT-ANSWER", SetTerm(allowance="4 hours", begins=date(2026, 3, 1), source="policy"))

    assert stands(referred(world)).answer_by == NOW + timedelta(hours=4)
    own = stands(referred(world, family="Amsel", record_number="", answer_on=date(2026, 3, 6), answer_at=time(9, 0)))
    assert own.answer_by.isoformat() == "2026-03-06T15:00:00+00:00"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"birth": date(2026, 3, 6)}, "birth"),
        ({"birth": date(1890, 1, 1)}, "birth"),
        ({"answer_on": date(2026, 3, 6)}, "answer_at"),
        ({"answer_on": date(2026, 3, 4), "answer_at": time(9, 0)}, "answer_on"),
        ({"received_on": date(2026, 3, 6), "received_at": time(9, 0)}, "on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world: World, said: dict[str, Any], field: str):
    long_term(world)
    with pytest.raises(Refused) as refused:
        referred(world, **said)
    assert refused.value.field == field


def test_only_a_long_term_hospital_takes_referrals_in(world: World):
    with pytest.raises(Refused, match="long-term hospitals"), begin(SYSTEM, at=NOW) as work:
        commands.receive(work, world.facility["NORTH"], asked())


def test_a_double_is_told_and_may_be_meant(world: World):
    first = referred(world)

    for same in ({}, {"record_number": ""}, {"family": "ROURKE", "given": "denise", "record_number": "X"},
                 {"family": "Rourke-Hale"}):  # fmt: skip
        with pytest.raises(Refused, match="Referral 1 is open") as refused:
            referred(world, **same)
        assert refused.value.field == "same_again"
    assert referred(world, same_again=True) != first
    assert referred(world, birth=date(1960, 1, 1))  # another person's number at another hospital


def test_a_decided_referral_is_no_double(world: World):
    decided(referred(world), action="decline", declined="no_bed")

    assert referred(world)


def test_a_correction_keeps_the_version_before(world: World):
    key = referred(world)
    with begin(SYSTEM, at=NOW + timedelta(hours=1)) as work:
        ask = AmendReferral.model_validate(asked(family="Rourke-Hale").model_dump() | {"because": "misheard"})
        commands.amend(work, key, ask)

    assert stands(key).family == "Rourke-Hale"
    kept = world.owner.execute(
        "select family, ended_because, ended_reason from ltac_referral_version order by made_at"
    ).fetchall()
    assert kept == [("Rourke", "amended", "misheard"), ("Rourke-Hale", "", "")]
    event = world.owner.execute("select facts from audit_event where name = 'long_term_referral.amended'").fetchone()
    assert event is not None and event[0]["changed"] == ["family"] and "Rourke" not in str(event[0])
    again = AmendReferral.model_validate(asked(family="Rourke-Hale").model_dump() | {"because": "again"})
    with pytest.raises(Refused, match="Nothing was changed"), begin(SYSTEM, at=NOW + timedelta(hours=1)) as work:
        commands.amend(work, key, again.model_copy(update={"answer_on": date(2026, 3, 6), "answer_at": time(9, 41)}))


def test_a_referral_entered_by_mistake_is_gone_from_lists(world: World):
    key = referred(world)
    with begin(SYSTEM, at=NOW) as work:
        commands.strike_out(work, key, StrikeOut(reason="another hospital"))

    with pytest.raises(NotFound):
        stands(key)
    with reading(SYSTEM) as db:
        assert queries.open_referrals(db, world.facility["LONG"]) == []
    assert referred(world)


def test_screening_is_kept_in_versions_and_begins_the_work(world: World):
    key = referred(world)
    screened(key, intensive_first=date(2026, 3, 1), intensive_last=date(2026, 3, 2))
    screened(key, NOW + timedelta(hours=1), intensive_more="2026-02-20, 2026-02-20", advice=Advice.ACCEPT)

    found = stands(key)
    assert found.stands is ReferralState.SCREENING
    with reading(SYSTEM, at=NOW) as db:
        told = queries.screened(db, [key])[key]
    assert told.intensive is not None and len(told.intensive) == 5 and told.advice is Advice.ACCEPT
    assert queries.rate_of(found, told, TODAY).rate is Rate.STANDARD
    rates = world.owner.execute(
        "select facts ->> 'rate' from audit_event where name = 'long_term_referral.screened' order by id"
    ).fetchall()
    assert rates == [("at_risk",), ("standard",)]
    with reading(SYSTEM, as_of=NOW + timedelta(minutes=30)) as db:
        assert len(queries.screened(db, [key])[key].intensive or []) == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"intensive_first": None, "intensive_last": None}, "intensive_first"),
        ({"intensive_first": None}, "intensive_first"),
        ({"intensive_last": date(2026, 2, 26)}, "intensive_last"),
        ({"intensive_last": date(2026, 3, 6)}, "intensive_last"),
        ({"intensive_first": date(2024, 2, 27)}, "intensive_first"),
        ({"intensive_more": "last week"}, "intensive_more"),
    ],
)
def test_days_in_intensive_care_that_cannot_be(world: World, said: dict[str, Any], field: str):
    key = referred(world)
    with pytest.raises(Refused) as refused:
        screened(key, **said)
    assert refused.value.field == field


def test_none_is_an_answer_and_silence_is_not(world: World):
    key = referred(world)
    nothing = {"intensive_first": None, "intensive_last": None}
    screened(key, intensive="none", ventilator_hours=0, **nothing)
    with reading(SYSTEM, at=NOW) as db:
        assert queries.rate_of(stands(key), queries.screened(db, [key])[key], TODAY).rate is Rate.SITE_NEUTRAL
    screened(key, intensive="", **nothing)
    with reading(SYSTEM, at=NOW) as db:
        told = queries.screened(db, [key])[key]
    assert told.intensive is None and queries.rate_of(stands(key), told, TODAY).rate is Rate.AT_RISK


def test_the_payer_is_asked_and_answers(world: World):
    key = referred(world)
    for ask in (SetPayer(state=PayerState.ASKED), SetPayer(state=PayerState.APPROVED, payer_number="A-77", days=14)):
        with begin(SYSTEM, at=NOW) as work:
            commands.set_authorization(work, key, ask)

    with reading(SYSTEM, at=NOW) as db:
        paid = queries.authorized(db, [key])[key]
    assert (paid.state, paid.payer_number, paid.days) == (PayerState.APPROVED, "A-77", 14)
    assert world.owner.execute("select count(*) from ltac_authorization").fetchone() == (2,)
    for wrong, field in (
        (SetPayer(state=PayerState.APPROVED), "payer_number"),
        (SetPayer(state=PayerState.DENIED, days=3), "days"),
    ):
        with pytest.raises(Refused) as refused, begin(SYSTEM, at=NOW) as work:
            commands.set_authorization(work, key, wrong)
        assert refused.value.field == field


def test_a_bed_is_offered_after_the_screening_only(world: World):
    key = referred(world)
    with pytest.raises(Refused, match="Possible now: screen"):
        decided(key, action="accept")
    screened(key)

    assert decided(key, action="accept", bed="LT 204", bed_on=TODAY) is ReferralState.ACCEPTED
    found = stands(key)
    assert (found.bed, found.bed_on, found.answered_at) == ("LT 204", TODAY, NOW)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"action": "decline"}, "declined"),
        ({"action": "decline", "declined": "other"}, "said"),
        ({"action": "withdraw"}, "ended"),
        ({"action": "withdraw", "ended": "other"}, "said"),
        ({"action": "reopen"}, "said"),
        ({"action": "admit"}, "action"),
        ({"action": "accept", "bed_on": date(2026, 3, 4)}, "bed_on"),
    ],
)
def test_a_decision_needs_its_reason(world: World, said: dict[str, Any], field: str):
    key = referred(world)
    screened(key)
    with pytest.raises(Refused) as refused:
        decided(key, **said)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("said", "state", "reason"),
    [
        ({"action": "decline", "declined": "evidence"}, ReferralState.DECLINED, DeclineReason.EVIDENCE),
        ({"action": "withdraw", "ended": "better"}, ReferralState.WITHDRAWN, EndReason.BETTER),
        ({"action": "lose", "said": "Quarry Ridge"}, ReferralState.LOST, ""),
    ],
)
def test_what_is_decided_can_be_opened_again(world: World, said: dict[str, Any], state: ReferralState, reason: str):
    key = referred(world)
    assert decided(key, **said) is state
    assert stands(key).reason == reason and not stands(key).stands.open
    with pytest.raises(Refused, match="is decided"):
        screened(key)

    assert decided(key, action="reopen", said="a bed came free") is ReferralState.SCREENING
    screened(key)


def test_the_own_decision_is_taken_back_at_once(world: World):
    key = referred(world)
    screened(key)
    me = lena(world)
    decided(key, me, action="decline", declined="no_bed")

    with pytest.raises(Refused, match="no decision of yours"), begin(SYSTEM, at=NOW) as work:
        commands.undo(work, key)
    with pytest.raises(Refused, match="no decision of yours"), begin(me, at=NOW + timedelta(hours=2)) as work:
        commands.undo(work, key)
    with begin(me, at=NOW + timedelta(minutes=2)) as work:
        assert commands.undo(work, key) is ReferralState.SCREENING
    assert stands(key).answered_at is None
    with pytest.raises(Refused), begin(me, at=NOW + timedelta(minutes=3)) as work:
        commands.undo(work, key)


def test_referrals_of_another_facility_do_not_exist(world: World):
    key = accepted(world)
    with reading(world.viewer("dana")) as db, pytest.raises(NotFound):
        queries.referral(db, key)
    with pytest.raises(NotFound), begin(world.viewer("stan"), at=NOW) as work:
        commands.record_screening(work, key, complete())
    with reading(world.viewer("ann")) as db:
        assert db.value("select count(*) from ltac_referral") == 0


def test_as_many_statements_for_many_as_for_few(world: World, monkeypatch: pytest.MonkeyPatch):
    keys = [referred(world, family=f"Fox{number}", record_number=str(number)) for number in range(25)]
    for key in keys:
        screened(key)

    def statements(count: int) -> int:
        with reading(SYSTEM, at=NOW) as db:
            asked_for: list[str] = []
            kept = db.rows
            monkeypatch.setattr(db, "rows", lambda *given: (asked_for.append(given[1]), kept(*given))[1])
            found = queries.open_referrals(db, world.facility["LONG"])[:count]
            assert len(queries.screened(db, [one.id for one in found])) == count
            queries.authorized(db, [one.id for one in found])
            return len(asked_for)

    assert statements(3) == statements(25) == 3


def test_nothing_told_is_nothing_assumed():
    assert Screen().model_dump(exclude_defaults=True) == {}
    assert Screen().acute is Told.UNKNOWN and Decide(action=ReferralAction.LOSE).bed == ""
