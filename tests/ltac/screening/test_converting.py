"""Candidates and the census: the admission that becomes a referral's stay, and days from a sister hospital."""

import uuid
from datetime import date, datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.census.events import EncounterUpdated
from app.census.stay.marks import MarkStay, mark_stay
from app.interop.inbox import Source, drain, receive
from app.kernel.refusal import NotFound, Refused
from app.ltac.screening import commands, converting, queries
from app.ltac.screening.queries import Referral
from app.ltac.screening.terms import DaysSource, Rate, ReferralState
from app.platform.work import begin, everywhere, reading
from tests.ltac.screening.support import accepted, complete, lena, referred, screened
from tests.support.hl7 import Sender
from tests.support.long_term import make_kind
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

SYSTEM = everywhere("test")
CHICAGO = ZoneInfo("America/Chicago")
RIVERA = {"family": "Rivera", "given": "Carmen", "birth": date(1956, 4, 12)}  # as the sender of messages says


def told(*messages: bytes) -> None:
    receive(list(messages), Source(kind="mllp", origin="test"))
    while drain():
        pass


def feed(**more: Any) -> Sender:
    return Sender(facility="LONG", prefix="L", start=NOW + timedelta(hours=2), **more)


def stands(key: uuid.UUID, at: datetime = NOW) -> Referral:
    with reading(SYSTEM, at=at) as db:
        return queries.referral(db, key)


def stay_of(world: World, visit: str) -> uuid.UUID:
    found = world.owner.execute("select id from encounter where visit_number = %s", (visit,)).fetchone()
    assert found is not None
    return found[0]


def test_the_admission_becomes_the_stay_of_the_referral(world: World):
    key = accepted(world, record_number="", **RIVERA)
    told(feed().admit("L1", "M900", "LT^204^A"))

    found = stands(key)
    assert found.stands is ReferralState.ADMITTED and found.encounter_id == stay_of(world, "L1")
    event = world.owner.execute(
        "select encounter_id, patient_id, facts ->> 'by' from audit_event where name = 'long_term_referral.converted'"
    ).fetchone()
    assert event == (found.encounter_id, found.patient_id, "exact match")
    assert found.encounter_id is not None
    with reading(SYSTEM, at=NOW) as db:
        came = queries.evidence_of(db, [found.encounter_id])[found.encounter_id]
    assert came.judged.rate is Rate.STANDARD and came.benefit_left == 52 and came.serial == found.serial


def test_a_record_number_counts_with_the_day_of_birth_only(world: World):
    mine = accepted(world, family="Riviera", given="Carmen", birth=date(1956, 4, 12), record_number="M900")
    other = accepted(world, family="Fox", given="Ada", birth=date(1971, 1, 1), record_number="M901")
    told(feed().admit("L1", "M900", "LT^204^A"))
    assert stands(mine).stands is ReferralState.ADMITTED

    told(feed().admit("L2", "M901", "LT^205^A", control="other"))
    assert stands(other).stands is ReferralState.ACCEPTED


@pytest.mark.parametrize("state", ["received", "screening", "declined"])
def test_only_an_accepted_referral_is_converted(world: World, state: str):
    key = referred(world, record_number="", **RIVERA)
    if state == "screening":
        screened(key)
    if state == "declined":
        with begin(SYSTEM, at=NOW) as work:
            commands.decide(work, key, commands.Decide(action="decline", declined="no_bed"))
    told(feed().admit("L1", "M900", "LT^204^A"))

    assert stands(key).stands.value == state


def test_two_referrals_of_one_person_wait_for_somebody(world: World):
    keys = [accepted(world, record_number="", same_again=True, **RIVERA) for _ in range(2)]
    told(feed().admit("L1", "M900", "LT^204^A"))

    assert [stands(key).stands for key in keys] == [ReferralState.ACCEPTED] * 2
    stay = stay_of(world, "L1")
    with begin(lena(world), at=NOW + timedelta(hours=3)) as work:
        assert [one.encounter_id for one in converting.proposals(work, queries.referral(work, keys[0]))] == [stay]
        converting.link(work, keys[0], stay)
    assert stands(keys[0]).encounter_id == stay
    with pytest.raises(Refused, match="another referral"), begin(lena(world), at=NOW) as work:
        converting.link(work, keys[1], stay)


def test_an_admission_elsewhere_or_as_an_outpatient_is_not_it(world: World):
    key = accepted(world, record_number="", **RIVERA)
    told(Sender(prefix="E", start=NOW + timedelta(hours=2)).admit("N1", "M900"))
    told(feed().message("A04", "L1", "M900", place="LT^204^A", klass="O"))

    assert stands(key).stands is ReferralState.ACCEPTED


def test_a_cancelled_admission_lets_the_referral_wait_again(world: World):
    key = accepted(world, record_number="", **RIVERA)
    sender = feed()
    told(sender.admit("L1", "M900", "LT^204^A"))
    told(sender.message("A11", "L1", "M900", place="LT^204^A"))

    found = stands(key)
    assert found.stands is ReferralState.ACCEPTED and found.reason == converting.CANCELLED


def test_what_is_like_it_is_proposed_and_linked_by_a_person(world: World):
    key = accepted(world)  # Rourke, Denise, born 2 July 1958
    like = add_stay(world, StaySpec(facility="LONG", family="Rourke", given="Denis", birth="19580702", unit="LT",
                                    start=NOW - timedelta(hours=5)))  # fmt: skip
    unlike = add_stay(world, StaySpec(facility="LONG", family="Rourke", given="Anna", birth="19700101", unit="LT"))
    before = add_stay(world, StaySpec(facility="LONG", family="Rourke", given="Denise", birth="19580702", unit="LT",
                                      start=NOW - timedelta(days=9)))  # fmt: skip
    with reading(lena(world), at=NOW) as db:
        found = converting.proposals(db, queries.referral(db, key))
    assert [one.encounter_id for one in found] == [like]
    assert "born 2 Jul 1958" in found[0].words(CHICAGO, NOW)

    for wrong in (unlike, before):
        with pytest.raises(NotFound), begin(lena(world), at=NOW) as work:
            converting.link(work, key, wrong)
    with begin(lena(world), at=NOW + timedelta(hours=2)) as work:
        converting.link(work, key, like)
    assert stands(key).encounter_id == like
    with begin(lena(world), at=NOW + timedelta(hours=3)) as work:
        converting.unlink(work, key, "the sister of the same name")
    assert stands(key).stands is ReferralState.ACCEPTED
    with reading(SYSTEM, at=NOW) as db:
        assert queries.evidence_of(db, [like]) == {}


def intensive(world: World, **more: Any) -> uuid.UUID:
    """A stay in the acute sister hospital: four days in intensive care, then the ward, still there."""
    stay = add_stay(world, StaySpec(family="Rourke", given="Denise", birth="19580702", unit="ICU", room="3",
                                    start=NOW - timedelta(days=9), **more))  # fmt: skip
    with begin(SYSTEM, at=NOW) as work:
        query = "update movement set until = since + interval '3 days' where encounter_id = %s and lane = 1"
        work.write("movement", query, (stay,))
        work.record(EncounterUpdated(encounter_id=stay, changed=("unit",)))
    return stay


def number_of(world: World, stay: uuid.UUID) -> str:
    found = world.owner.execute(
        "select p.number from patient p join encounter e on e.patient_id = p.id where e.id = %s", (stay,)
    ).fetchone()
    assert found is not None
    return str(found[0])


def test_days_in_intensive_care_come_from_a_sister_hospital(world: World):
    stay = intensive(world)
    key = referred(world, record_number=number_of(world, stay))
    screened(key, intensive="none", intensive_first=None, intensive_last=None, remark="as told by telephone")
    both = lena(world, "NORTH")
    with begin(both, at=NOW) as work:
        [one] = converting.sisters(work, queries.referral(work, key))
        assert (one.encounter_id, len(one.days), one.still) == (stay, 4, False)
        commands.take_intensive_days(work, key, (one.encounter_id, one.days, one.still))

    with reading(SYSTEM, at=NOW) as db:
        found = queries.screened(db, [key])[key]
    assert found.intensive_source is DaysSource.ADT and found.intensive_stay_id == stay
    assert found.intensive == [date(2026, 2, day) for day in (24, 25, 26, 27)]
    assert found.remark == "as told by telephone" and found.benefit_left == 52
    first, last = found.intensive[0], found.intensive[-1]
    with begin(both, at=NOW + timedelta(hours=1)) as work:
        commands.record_screening(work, key, complete(intensive_first=first, intensive_last=last))
    with reading(SYSTEM, at=NOW) as db:
        assert queries.screened(db, [key])[key].intensive_source is DaysSource.ADT
    with begin(both, at=NOW + timedelta(hours=2)) as work:
        commands.record_screening(work, key, complete(intensive_first=first, intensive_last=first))
    with reading(SYSTEM, at=NOW) as db:
        assert queries.screened(db, [key])[key].intensive_source is DaysSource.TOLD


def test_a_sister_hospital_is_asked_only_within_what_one_may_see(world: World):
    stay = intensive(world)
    number = number_of(world, stay)
    key = referred(world, record_number=number)
    with reading(lena(world), at=NOW) as db:
        assert converting.sisters(db, queries.referral(db, key)) == []
    other = referred(world, record_number=number, birth=date(1960, 1, 1))
    hidden = intensive(world, sensitivity="vip")
    secret = referred(world, record_number=number_of(world, hidden), same_again=True)
    with reading(lena(world, "NORTH"), at=NOW) as db:
        assert converting.sisters(db, queries.referral(db, other)) == []
        assert converting.sisters(db, queries.referral(db, secret)) == []
        with pytest.raises(NotFound):
            converting.sister(db, queries.referral(db, secret), hidden)


def test_a_stay_that_is_hidden_hides_its_referral(world: World):
    key = accepted(world, record_number="", **RIVERA)
    told(feed().admit("L1", "M900", "LT^204^A"))
    with begin(SYSTEM, at=NOW) as work:
        mark_stay(work, stay_of(world, "L1"), MarkStay(sensitivity="vip", reason="a known person"))

    with reading(lena(world), at=NOW) as db, pytest.raises(NotFound):
        queries.referral(db, key)
    assert stands(key).stands is ReferralState.ADMITTED


def test_two_people_do_not_give_one_stay_to_two_referrals(world: World):
    keys = [accepted(world, same_again=True) for _ in range(2)]
    stay = add_stay(world, StaySpec(facility="LONG", family="Rourke", given="Denis", birth="19580702", unit="LT",
                                    start=NOW - timedelta(hours=5)))  # fmt: skip
    later = NOW + timedelta(hours=1)
    said: list[str] = []

    def second() -> None:
        try:
            with begin(lena(world), at=later) as work:
                converting.link(work, keys[1], stay)
        except Refused as refused:
            said.append(refused.sentence)

    other = Thread(target=second)
    with begin(lena(world), at=later) as work:
        converting.link(work, keys[0], stay)
        other.start()
        other.join(2)  # waits for the first, as it should
    other.join()
    assert said == [converting.TAKEN]
    assert sorted(stands(key).stands for key in keys) == [ReferralState.ACCEPTED, ReferralState.ADMITTED]


@pytest.mark.parametrize(("kind", "found"), [("acute", 1), ("cah", 0), ("ltch", 0)])
def test_only_an_acute_hospital_gives_days_in_intensive_care(world: World, kind: str, found: int):
    """The condition is one of a hospital under the inpatient payment system, section 1886(d)."""
    stay = intensive(world)
    key = referred(world, record_number=number_of(world, stay))
    make_kind(world, kind)
    with reading(lena(world, "NORTH"), at=NOW) as db:
        assert len(converting.sisters(db, queries.referral(db, key))) == found
