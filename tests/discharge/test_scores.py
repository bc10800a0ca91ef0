"""Scores on a real database: they run with the days, keep their versions, and the standing duty finds what changed."""

import uuid
from datetime import datetime, timedelta

import pytest

from app.discharge.illness import upkeep
from app.discharge.illness.upkeep import look_again
from app.discharge.instruments.commands import Answers, answer_all, strike_answer
from app.discharge.instruments.events import RiskComputed
from app.discharge.instruments.known import known_of
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from tests.discharge.assessing import diagnosed, look, score, tell
from tests.support.stays import StaySpec, add_stays
from tests.support.world import NOW, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return tell(world, "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | type E\n")


def acting(world: World, at: datetime = NOW, name: str = "dana"):
    return begin(world.viewer(name).acting(Permission.PLAN_WRITE), at=at)


def test_lace_runs_with_the_days_and_keeps_its_versions(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "E11.9")
    with acting(world) as work:
        answer_all(work, stay, Answers(emergent="yes", ed_visits="2"))
    assert score(stay, "lace") == (1 + 3 + 3 + 2, 9, "moderate", "running")

    look(stay, NOW + 6 * DAY)

    assert score(stay, "lace") == (5 + 3 + 3 + 2, 13, "high", "running")
    with reading(everywhere("test"), as_of=NOW + HOUR) as then:
        old = then.value("select total from risk_score where instrument = 'lace' and ended_at is null")
    assert old == 9
    assert not look(stay, NOW + 6 * DAY)  # nothing changed, nothing is written


def test_a_value_that_cannot_be_is_refused_and_an_answer_can_be_taken_back(world: World, stay: uuid.UUID):
    with acting(world) as work, pytest.raises(Refused, match="from 1 to 25"):
        answer_all(work, stay, Answers(hemoglobin="118"))
    with acting(world) as work, pytest.raises(Refused, match="Nothing is answered"):
        answer_all(work, stay, Answers())
    with acting(world) as work:
        made = answer_all(work, stay, Answers(hemoglobin="11,8"))[0]
    assert made.value == "11.8"

    with acting(world, NOW + HOUR) as work:
        strike_answer(work, made.id, StrikeOut(reason="Another patient's"))

    with acting(world, NOW + HOUR) as work, pytest.raises(Refused, match="does not stand"):
        strike_answer(work, made.id, StrikeOut(reason="Once more"))


@pytest.mark.parametrize(("left", "counted"), [(timedelta(hours=-1), 1), (timedelta(0), 0), (None, 0)])
def test_the_visit_that_led_to_the_stay_is_no_earlier_visit(world: World, left: timedelta | None, counted: int):
    """LACE leaves the index visit out: one that was not over when the stay began."""
    earlier = tell(world)
    stay = tell(world, "A01 | rec 03-04 11:00 | occ 03-04 11:00 | visit V2 | bed 4W^402^A\n", first=2)
    with begin(everywhere("test"), at=NOW) as work:
        work.write(
            "encounter",
            "update encounter v set patient_id = s.patient_id, patient_class = 'ED', start_at = s.start_at - interval"
            " '6 hours', status = case when %s::interval is null then 'admitted' else 'discharged' end,"
            " discharge_at = s.start_at + %s::interval from encounter s where v.id = %s and s.id = %s",
            (left, left, earlier, stay),
        )
        facility = work.value("select facility_id from encounter where id = %s", (stay,))
        work.record(RiskComputed(facility_id=facility, encounter_id=stay, instruments=()))

    with reading(everywhere("test"), at=NOW) as view:
        assert known_of(view, [stay])[stay].known.ed_visits == counted


def test_the_standing_duty_finds_what_changed(world: World, stay: uuid.UUID):
    assert look_again() is False

    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from risk_score where ended_at is null") == 4
        first = view.value("select max(id::text) from risk_score")
    look_again()
    with reading(everywhere("test")) as view:
        assert view.value("select max(id::text) from risk_score") == first


def test_a_large_house_is_gone_round_in_turns_of_the_same_cost(world: World, monkeypatch: pytest.MonkeyPatch):
    add_stays(world, [StaySpec(family=f"F{number}") for number in range(5)])
    monkeypatch.setattr(upkeep, "EVERY_TIME", 2)
    monkeypatch.setattr(upkeep._Round, "after", upkeep.START)
    counts = []
    for _ in range(4):
        assert look_again() is False
        with reading(everywhere("test")) as view:
            counts.append(view.value("select count(distinct encounter_id) from risk_score"))

    assert counts == [2, 4, 5, 5]
