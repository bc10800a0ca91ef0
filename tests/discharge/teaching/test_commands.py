"""Teaching on a real database: versions, strike-out, the one crisis plan."""

import uuid
from datetime import time, timedelta

import pytest

from app.discharge.teaching.commands import amend_teaching, record_teaching, strike_teaching
from app.discharge.teaching.forms import ListMedicine, TeachTopic, WriteCrisisPlan
from app.discharge.teaching.queries import standing, versions
from app.discharge.teaching.terms import RecordKind, TeachBack
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web.packets import sections
from tests.support.stays import add_stay
from tests.support.world import NOW, World

TOPIC = TeachTopic(topic="Heart failure at home", teach_back=TeachBack.PARTLY)
PLAN = WriteCrisisPlan(warning_signs="No sleep for two nights", contacts="Crisis line 988")


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def recorded(world: World, stay: uuid.UUID, ask=TOPIC, minutes: int = 0) -> uuid.UUID:
    with begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=NOW + timedelta(minutes=minutes)) as work:
        return record_teaching(work, stay, ask).record_id


def test_a_correction_keeps_the_earlier_words(world: World, stay: uuid.UUID):
    record = recorded(world, stay)
    better = TOPIC.model_copy(update={"teach_back": TeachBack.FULL})
    with begin(world.viewer("sol").acting(Permission.PLAN_WRITE), at=NOW + timedelta(minutes=9)) as work:
        amend_teaching(work, record, better, "Asked again")

    with reading(world.viewer("dana")) as db:
        found = versions(db, stay)
    assert [(one.content["teach_back"], one.stands, one.made_because) for one in found] == [
        ("partly", False, ""), ("full", True, "Asked again"),
    ]  # fmt: skip
    assert found[0].at == found[1].at == NOW  # when it took place is not what was wrong


def test_what_is_struck_out_counts_no_more_and_is_not_corrected(world: World, stay: uuid.UUID):
    record = recorded(world, stay)
    with begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=NOW) as work:
        strike_teaching(work, record, "Wrong patient")

    with reading(world.viewer("dana")) as db:
        assert standing(db, stay)[RecordKind.TOPIC] == []
    with pytest.raises(Refused, match="struck out"), begin(world.viewer("dana"), at=NOW) as work:
        amend_teaching(work, record, TOPIC, "Again")


def test_a_stay_has_one_crisis_plan(world: World, stay: uuid.UUID):
    recorded(world, stay, PLAN)

    with pytest.raises(Refused, match="has a crisis plan"):
        recorded(world, stay, PLAN, minutes=5)


def test_a_record_of_one_kind_is_not_made_into_another(world: World, stay: uuid.UUID):
    record = recorded(world, stay)

    with pytest.raises(NotFound), begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=NOW) as work:
        amend_teaching(work, record, ListMedicine(name="Apixaban"), "Wrong kind")


def test_nothing_is_taught_in_the_future(world: World, stay: uuid.UUID):
    with pytest.raises(Refused, match="lies in the future"):
        recorded(world, stay, TOPIC.model_copy(update={"at": time(23, 50)}))


def test_the_packet_lists_medicines_first_and_nothing_struck_out(world: World, stay: uuid.UUID):
    gone = recorded(world, stay, ListMedicine(name="Struckol"))
    recorded(world, stay, ListMedicine(name="Apixaban", dose="5 mg twice a day"))
    recorded(world, stay, TOPIC)
    with begin(world.viewer("dana").acting(Permission.PLAN_WRITE), at=NOW) as work:
        strike_teaching(work, gone, "Not prescribed")

    with reading(everywhere("test")) as db:
        found = {one.key: one for one in sections(db, stay)}
    assert [row[0] for row in found["medicines"].blocks[0].table.rows] == ["Apixaban"]
    assert found["medicines"].place < found["teaching"].place
