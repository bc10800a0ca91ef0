"""Census files as a source and as a check: what they say is folded, what they leave out is no discharge at once."""

from datetime import timedelta

import pytest

from app.census.terms import EncounterStatus
from app.interop.census_file.reading.decoding import Unreadable
from app.interop.inbox import Source, drain, receive
from tests.support.census_files import SIX, here, line, open_absences, setting, stays, take, take_bytes, written
from tests.support.feed import discrepancies
from tests.support.hl7 import Sender
from tests.support.world import World


def hl7(*messages: bytes) -> None:
    receive(list(messages), Source("mllp", "test"))
    while drain():
        pass


def test_rows_of_a_file_are_the_census_where_nothing_else_is_known(world: World) -> None:
    taken = take(world, [line("V1"), line("V2", "ICU^03^A", patient_class="V")])

    assert taken.applied
    assert here() == {"V1": "4W^401^A", "V2": "ICU^03^A"}
    found = stays()["V1"]
    assert (found.patient_class, found.start_at, found.inferred) == ("IP", SIX - timedelta(days=3, hours=22), False)
    assert discrepancies() == []


def test_a_later_file_moves_a_stay_and_the_same_file_twice_changes_nothing(world: World) -> None:
    take(world, [line("V1")])
    second = take(world, [line("V1", "ICU^03^A")], hours=6)
    again = take(world, [line("V1", "ICU^03^A")], hours=6)

    assert (second.new, again.new, again.file_id) == (True, False, second.file_id)
    rows = [(row.value.text, row.start) for row in stays()["V1"].locations]
    assert rows == [("4W^401^A", SIX - timedelta(days=3, hours=22)), ("ICU^03^A", SIX + timedelta(hours=6))]


def test_files_of_a_feed_with_messages_are_only_compared(world: World) -> None:
    hl7(Sender().admit("V1", "MV1", "4W^401^A"))

    taken = take(world, [line("V1", "ICU^03^A"), line("V2")])

    assert not taken.applied
    assert here() == {"V1": "4W^401^A"}


def test_messages_outweigh_files_that_are_a_source(world: World) -> None:
    setting(world, use="source")
    take(world, [line("V1", "ICU^03^A"), line("V2", "4W^402^A")], hours=8)
    hl7(Sender().admit("V1", "MV1", "4W^401^A"))

    assert here() == {"V1": "4W^401^A", "V2": "4W^402^A"}
    assert stays()["V2"].texts["attending"] == "1001"


def test_absence_is_no_discharge_until_three_files_in_a_row_say_so(world: World) -> None:
    take(world, [line("V1"), line("V2")])
    for hour in (1, 2):
        take(world, [line("V1")], hours=hour)
    assert here().keys() == {"V1", "V2"}
    assert open_absences() == set()

    take(world, [line("V1")], hours=3)

    gone = stays()["V2"]
    assert (gone.status, gone.discharge_at) == (EncounterStatus.DISCHARGED, SIX + timedelta(hours=1))
    assert open_absences() == {"V2"}


def test_a_stay_that_is_named_again_was_never_gone(world: World) -> None:
    take(world, [line("V1"), line("V2")])
    for hour in (1, 2, 3):
        take(world, [line("V1")], hours=hour)

    take(world, [line("V1"), line("V2", "4W^403^A")], hours=4)

    assert here() == {"V1": "4W^401^A", "V2": "4W^403^A"}
    assert open_absences() == set()
    assert discrepancies() == []


def test_a_check_never_closes_a_stay_but_says_that_it_is_absent(world: World) -> None:
    sender = Sender()
    hl7(sender.admit("V1", "MV1", "4W^401^A", at="20260301080000"))
    for hour in (1, 2, 3):
        take(world, [line("V2")], hours=hour)

    assert here() == {"V1": "4W^401^A"}
    assert open_absences() == {"V1"}

    hl7(sender.discharge("V1", "MV1", at="20260305070000"))
    assert open_absences() == set()


def test_a_refused_row_is_not_absence(world: World) -> None:
    take(world, [line("V1"), line("V2")])
    for hour in (1, 2, 3):
        take(world, [line("V1"), line("V2", admit_at="45321")], hours=hour)

    assert here().keys() == {"V1", "V2"}
    assert open_absences() == set()


def test_a_file_that_breaks_off_says_nothing_of_absence(world: World) -> None:
    take(world, [line("V1"), line("V2")])
    whole = written([line("V1"), line("V2")])
    for hour in (1, 2, 3, 4):
        broken = whole[: whole.index(b"MV2")] + b'"MV2'
        taken = take_bytes(world, broken, taken_at=SIX + timedelta(hours=hour))
        assert not taken.contents.whole

    assert here().keys() == {"V1", "V2"}


def test_lost_zeros_are_found_out_by_known_numbers(world: World) -> None:
    take(world, [line("00451"), line("V2")])

    taken = take(world, [line("451"), line("V2")], hours=1)

    assert [(one.line, one.column) for one in taken.contents.problems] == [(2, "visit_number")]
    assert here().keys() == {"00451", "V2"}


def test_a_discharge_in_the_file_is_one(world: World) -> None:
    take(world, [line("V1")])
    header = ("mrn", "visit_number", "discharge_at", "disposition")
    data = written([line("V1", discharge_at="2026-03-05 06:30", disposition="01")], header)
    take_bytes(world, data, taken_at=SIX + timedelta(hours=2))

    found = stays()["V1"]
    assert (found.status, found.disposition) == (EncounterStatus.DISCHARGED, "01")
    assert found.discharge_at == SIX + timedelta(minutes=30)


def test_reading_a_file_anew_takes_back_what_it_said_before(world: World) -> None:
    data = written([line("V1", patient_class="I"), line("V2", patient_class="HOLD")])
    first = take_bytes(world, data)
    assert here().keys() == {"V1"}
    setting(world, headers={"room": "bed", "bed": "room"})

    second = take_bytes(world, data)

    assert (first.new, second.new) == (True, True)
    assert here() == {"V1": "4W^A^401"}
    assert discrepancies() == []


def test_a_file_that_is_no_table_is_refused_as_a_whole(world: World) -> None:
    with pytest.raises(Unreadable, match="visit number"):
        take_bytes(world, b"mrn,unit\n1,4W\n")


def test_a_message_story_and_files_agree_with_a_fold_of_everything(world: World) -> None:
    setting(world, use="source")
    hl7(Sender().admit("V100", "M100", "4W^401^A"))
    take(world, [line("V100", "ICU^03^A", mrn="M100"), line("V9")])

    assert here()["V100"] == "4W^401^A"
    assert discrepancies() == []
