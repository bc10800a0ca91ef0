"""The timer of the ladder: once for each rung, also when two processes look at once or one is killed between."""

import uuid
from datetime import timedelta

import pytest

from app.advisor.ladder import rising
from app.advisor.ladder.rising import rise_due
from app.jobs import DUTIES
from app.platform.now import now
from app.platform.queue import Duties
from app.platform.work import begin, everywhere, reading
from tests.advisor.support import ask, owed, recorded, sign, stands
from tests.platform.test_queue import soon, working
from tests.support.processes import Nursery
from tests.support.stays import add_stay
from tests.support.world import World

HOURS = timedelta(hours=1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def rises() -> int:
    with reading(everywhere("test")) as db:
        found: int = db.value("select count(*) from escalation where action = 'rise'")
        return found


def test_what_is_late_rises_once_and_says_so(world: World, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 5 * HOURS)
    assert owed("ES-ANSWER")[0][1] < now()

    rise_due()
    assert rise_due() is False

    state, rung, due = stands(question)
    assert (state, rung) == ("waiting", "chief_medical_officer")
    assert due is not None and now() + 7 * HOURS < due < now() + 9 * HOURS
    assert owed("ES-ANSWER")[0][1] == due
    assert [one["action"] for one in recorded("escalation.moved")] == ["rise"]
    assert rises() == 1


def test_what_is_answered_returned_or_in_time_stays(world: World, stay: uuid.UUID):
    answered = ask(world, stay, at=now() - 5 * HOURS)
    sign(world, answered, "inpatient_supported", "acute_need", now() - 4 * HOURS)
    returned = ask(world, stay, "continued_stay", now() - 5 * HOURS)
    sign(world, returned, "more_information", "call_me", now() - 4 * HOURS)
    ask(world, stay, "quality_of_plan", now())

    rise_due()

    assert rises() == 0


def test_the_last_rung_stays_overdue_and_does_not_keep_the_duty_busy(world: World, stay: uuid.UUID):
    ask(world, stay, at=now() - 30 * HOURS)
    rise_due()
    with begin(everywhere("test"), at=now()) as work:
        work.write("escalation", "update escalation set due_at = made_at where ended_at is null")
        from app.advisor.events import LadderSet

        work.record(LadderSet(facility_id=world.facility["NORTH"], begins=now().date(), minutes={}))

    assert rise_due() is False
    assert rises() == 1


def test_the_duty_of_the_worker_does_it_by_itself(world: World, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 5 * HOURS)
    duty = next(one for one in DUTIES.standing if one.body is rise_due)

    with working(world.addresses, Duties(standing=(duty,))):
        assert soon(lambda: stands(question)[1] == "chief_medical_officer")
    assert rises() == 1


def test_killed_in_between_the_next_worker_does_the_rest_and_nothing_twice(world: World, stay: uuid.UUID):
    questions = [ask(world, add_stay(world), "continued_stay", now() - 5 * HOURS) for _ in range(12)]
    with Nursery() as nursery:
        for _ in range(4):
            child = nursery.start("applier", world.addresses.app)
            soon(lambda: rises() > 0, 2.0)
            nursery.kill(child)
        nursery.start("applier", world.addresses.app)
        assert soon(lambda: rises() == len(questions), 60.0)
    assert {stands(one)[1] for one in questions} == {"chief_medical_officer"}
    assert rises() == len(questions) == len(recorded("escalation.moved"))


def test_two_that_look_at_once_raise_it_once(world: World, stay: uuid.UUID):
    question = ask(world, stay, at=now() - 5 * HOURS)
    with reading(everywhere("test")) as db:
        version = db.value("select id from escalation where escalation_id = %s", (question,))
    rise_due()

    assert rising._rise_one(version) is False
    assert rises() == 1
