"""A census file beside the census: what differs, how a person repairs it, and that a repair can be taken back."""

from datetime import timedelta

import pytest

from app.census.terms import EncounterStatus
from app.interop.census_file.comparing import Comparison, Kind, compare, file_of
from app.interop.census_file.repairs import AskRepair, Repaired, mark_of, repair, take_back
from app.interop.inbox import Source, drain, receive
from app.kernel.refusal import NotFound, Refused
from app.platform.work import reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from tests.support.census_files import ACTOR, SIX, here, line, stays, take
from tests.support.feed import discrepancies
from tests.support.hl7 import Sender
from tests.support.world import World


@pytest.fixture
def sender(world: World) -> Sender:
    """The feed of the hospital, with three stays since the first of March."""
    sender = Sender()
    for visit, place in (("V1", "4W^401^A"), ("V2", "4W^402^A"), ("V3", "4W^403^A")):
        tell(sender.admit(visit, f"M{visit}", place, name=f"PERSON{visit}^TEST", at="20260301080000"))
    return sender


def tell(*messages: bytes) -> None:
    receive(list(messages), Source("mllp", "test"))
    while drain():
        pass


def lead(world: World) -> Viewer:
    return world.viewer("lee").acting(Permission.CENSUS_REPAIR)


def compared(world: World, file_id: int) -> Comparison:
    with reading(ACTOR) as view:
        return compare(view, file_of(view, file_id, [world.facility["NORTH"]]), lead(world))


def groups(world: World, file_id: int) -> dict[str, dict[str, set[str]]]:
    """What differs by group and visit."""
    found: dict[str, dict[str, set[str]]] = {kind: {} for kind in Kind}
    for one in compared(world, file_id).items:
        found[one.kind][one.visit.partition("|")[2]] = set(one.fields)
    return found


def repaired(world: World, file_id: int, kind: Kind, visit: str = "") -> Repaired:
    stay = mark_of(file_id, f"NORTH|{visit}") if visit else ""
    return repair(lead(world), file_id, AskRepair(kind=kind, stay=stay, reason="looked on the unit"))


def test_file_and_census_side_by_side(world: World, sender: Sender) -> None:
    rows = [line("V1"), line("V2", "ICU^03^A", attending_id="2002"), line("V9")]
    file_id = take(world, rows).file_id

    assert groups(world, file_id) == {
        "missing": {"V9": set()},
        "extra": {"V3": set()},
        "different": {"V2": {"unit", "room", "attending"}},
    }
    assert compared(world, file_id).agreeing == 1


def test_what_happened_after_the_file_is_no_difference(world: World, sender: Sender) -> None:
    file_id = take(world, [line("V1"), line("V2", "4W^402^A"), line("V3", "4W^403^A")]).file_id

    tell(sender.move("V1", "MV1", "ICU^03^A", at="20260305080000", name="PERSONV1^TEST"))
    tell(sender.discharge("V2", "MV2", at="20260305090000", name="PERSONV2^TEST"))

    assert groups(world, file_id) == {"missing": {}, "extra": {}, "different": {}}


def test_a_missing_stay_is_admitted_and_the_repair_taken_back(world: World, sender: Sender) -> None:
    file_id = take(world, [line("V1"), line("V2"), line("V3"), line("V9", "ICU^09^A")]).file_id

    done = repaired(world, file_id, Kind.MISSING, "V9")

    assert here()["V9"] == "ICU^09^A"
    assert stays()["V9"].start_at == SIX - timedelta(days=3, hours=22)
    assert groups(world, file_id)["missing"] == {}
    assert discrepancies() == []

    assert take_back(lead(world), done.batch_id) == (file_id, 1)
    assert "V9" not in here()
    assert groups(world, file_id)["missing"] == {"V9": set()}
    assert discrepancies() == []
    with pytest.raises(Refused):
        take_back(lead(world), done.batch_id)
    repaired(world, file_id, Kind.MISSING, "V9")
    assert here()["V9"] == "ICU^09^A"


def test_an_extra_stay_is_discharged_as_of_the_file(world: World, sender: Sender) -> None:
    before = stays()["V3"]
    file_id = take(world, [line("V1"), line("V2")]).file_id

    done = repaired(world, file_id, Kind.EXTRA)

    assert (stays()["V3"].status, stays()["V3"].discharge_at) == (EncounterStatus.DISCHARGED, SIX)
    take_back(lead(world), done.batch_id)
    assert stays()["V3"] == before


def test_a_discharge_that_was_wrong_is_cancelled(world: World, sender: Sender) -> None:
    tell(sender.discharge("V3", "MV3", at="20260304090000", name="PERSONV3^TEST"))
    file_id = take(world, [line("V1"), line("V2"), line("V3", "4W^404^B")]).file_id
    assert groups(world, file_id)["missing"] == {"V3": set()}

    done = repaired(world, file_id, Kind.MISSING)

    assert here()["V3"] == "4W^404^B"
    take_back(lead(world), done.batch_id)
    assert stays()["V3"].status is EncounterStatus.DISCHARGED


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({"unit": "ICU", "room": "3", "bed": "B"}, {"unit", "room", "bed"}),
        ({"patient_class": "V"}, {"class"}),
        ({"attending_id": "2002"}, {"attending"}),
        ({"last_name": "OTHERWISE"}, {"name"}),
        ({"mrn": "MV77"}, {"mrn"}),
        ({"mrn": "MV77", "last_name": "OTHERWISE", "unit": "ICU", "patient_class": "V", "attending_id": "2002"},
         {"mrn", "name", "unit", "class", "attending"}),
    ],
)  # fmt: skip
def test_every_difference_can_be_repaired_and_taken_back(
    world: World, sender: Sender, told: dict[str, str], fields: set[str]
) -> None:
    before = stays()["V2"]
    file_id = take(world, [line("V1"), line("V2", "4W^402^A") | told, line("V3", "4W^403^A")]).file_id
    take(world, [line("V1")], hours=-6)
    assert groups(world, file_id)["different"] == {"V2": fields}

    done = repaired(world, file_id, Kind.DIFFERENT)

    assert groups(world, file_id)["different"] == {}
    assert discrepancies() == []
    take_back(lead(world), done.batch_id)
    assert stays()["V2"] == before
    assert groups(world, file_id)["different"] == {"V2": fields}


def test_a_movement_that_comes_after_a_repair_holds(world: World, sender: Sender) -> None:
    file_id = take(world, [line("V1"), line("V2", "ICU^03^A"), line("V3")]).file_id
    repaired(world, file_id, Kind.DIFFERENT)

    tell(sender.move("V2", "MV2", "4W^409^A", at="20260305093000", name="PERSONV2^TEST"))

    assert here()["V2"] == "4W^409^A"


def test_a_repair_of_the_whole_group_is_one_deed(world: World, sender: Sender) -> None:
    file_id = take(world, [line("V8"), line("V9", "4W^409^A")]).file_id

    done = repaired(world, file_id, Kind.EXTRA)
    assert (done.count, here()) == (3, {})

    take_back(lead(world), done.batch_id)
    assert here().keys() == {"V1", "V2", "V3"}


def test_a_repair_stands_in_the_history_of_the_stay_under_the_persons_name(world: World, sender: Sender) -> None:
    file_id = take(world, [line("V1"), line("V2", "ICU^03^A"), line("V3")]).file_id
    repaired(world, file_id, Kind.DIFFERENT)

    with reading(world.viewer("lee").acting(Permission.STAY_SEE)) as view:
        told = view.values(
            "select a.name from audit_event a join encounter e on e.id = a.encounter_id"
            " where e.visit_number = 'V2' and a.actor = 'lee' and a.actor_id = %s order by a.id",
            (world.user["lee"],),
        )
    assert told == ["patient.moved", "stay.repaired_from_a_census_file"]


def test_what_agrees_by_now_cannot_be_repaired(world: World, sender: Sender) -> None:
    file_id = take(world, [line("V1"), line("V2"), line("V3", "4W^403^A")]).file_id

    with pytest.raises(Refused, match="agrees"):
        repaired(world, file_id, Kind.EXTRA)


def test_a_person_of_another_hospital_neither_repairs_nor_takes_back(world: World, sender: Sender) -> None:
    file_id = take(world, [line("V1"), line("V2")]).file_id
    stranger = world.viewer("stan").acting(Permission.CENSUS_REPAIR)
    done = repaired(world, file_id, Kind.EXTRA)

    with pytest.raises(NotFound):
        repair(stranger, file_id, AskRepair(kind=Kind.EXTRA))
    with pytest.raises(NotFound):
        take_back(stranger, done.batch_id)


def test_a_protected_stay_is_neither_told_nor_repaired_by_who_may_not_see_it(world: World, sender: Sender) -> None:
    tell(sender.message("A08", "V3", "MV3", place="4W^403^A", name="PERSONV3^TEST", at="20260302080000",
                        tail="PV2|" + "|" * 20 + "|Y\r"))  # fmt: skip
    file_id = take(world, [line("V1"), line("V2")]).file_id

    assert [(one.visit, one.hidden) for one in compared(world, file_id).of(Kind.EXTRA)] == [("NORTH|V3", True)]
    with pytest.raises(Refused):
        repaired(world, file_id, Kind.EXTRA)


def test_a_new_visit_of_a_patient_known_by_a_protected_stay_only_is_not_told_either(
    world: World, sender: Sender
) -> None:
    tell(sender.message("A08", "V3", "MV3", place="4W^403^A", name="PERSONV3^TEST", at="20260302080000",
                        tail="PV2|" + "|" * 20 + "|Y\r"))  # fmt: skip
    file_id = take(world, [line("V1"), line("V2"), line("V3"), line("V9", mrn="MV3")]).file_id

    assert [(one.visit, one.hidden) for one in compared(world, file_id).of(Kind.MISSING)] == [("NORTH|V9", True)]
