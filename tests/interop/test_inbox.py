"""The inbox: nothing twice, nothing lost, nothing by half; one bad message stops nobody."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlmodel import select

from app.census.facilities import AddFacility, FacilityChanged, FacilityKind, add_facility
from app.census.places import Feed
from app.census.terms import AdtFact
from app.interop import inbox
from app.interop.inbox import Source, drain, receive, replay_all, replay_message
from app.interop.intake.files import Imported, import_files
from app.interop.intake.messages import is_outage
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.hl7 import Sender, answered, code_of
from tests.support.world import NOW, World

WIRE = Source("mllp", "127.0.0.1 on port 2575")


def _rows(query: str) -> list[Any]:
    with reading(everywhere("test")) as view:
        return view.connection.execute(query).fetchall()  # type: ignore[arg-type]


def _census() -> list[Any]:
    return _rows(
        "select e.visit_number, p.number, e.location from encounter e join patient p on p.id = e.patient_id"
        " where e.status in ('admitted', 'on_leave') order by 1"
    )


def _problems() -> list[Any]:
    return _rows("select m.control_id, p.kind from inbound_problem p join inbound_message m on m.id = p.message_id"
                 " where p.closed_at is null order by m.id")  # fmt: skip


def _exceptions() -> list[Any]:
    return _rows("select kind, subject from census_exception where closed_at is null order by 1, 2")


def _drain_all() -> None:
    while drain():
        pass


def _add_facility(code: str, authority: str) -> int:
    with begin(everywhere("test")) as work:
        ask = AddFacility(
            code=code, name=code, timezone="America/Chicago", kind=FacilityKind.ACUTE, authority=authority
        )
        return add_facility(work, ask).id


def _change_feed(code: str, **values: Any) -> None:
    with begin(everywhere("test")) as work:
        feed = work.session.exec(select(Feed).where(Feed.authority == code)).one()
        for name, value in values.items():
            setattr(feed, name, value)
        work.record(FacilityChanged(facility_id=feed.facility_id, code=code))


def test_message_is_stored_answered_and_applied(world: World) -> None:
    [receipt] = receive([Sender().admit("V1", "M1", control="C-1")], WIRE, at=NOW)
    acknowledgement = receipt.acknowledgement()
    assert _rows("select ack, control_id, event, source, received_at from inbound_message") == [
        ("AA", "C-1", "A01", "mllp", NOW)
    ]
    assert (code_of(acknowledgement), answered(acknowledgement)) == ("AA", "C-1")
    assert _census() == []

    _drain_all()

    assert _census() == [("V1", "M1", "4W^401^A")]
    assert _rows("select * from inbound_pending") == []


def test_same_bytes_twice_are_accepted_twice_and_stored_once(world: World) -> None:
    message = Sender().admit("V1", "M1")
    once = receive([message, message], WIRE) + receive([message], WIRE)
    _drain_all()

    assert [receipt.code for receipt in once] == ["AA", "AA", "AA"]
    assert [receipt.id is None for receipt in once] == [False, True, True]
    assert _rows("select count(*) from inbound_message") == [(1,)]
    assert _rows("select count(*) from adt_fact") == [(1,)]
    told = [facts for (facts,) in _rows("select facts from audit_event where name = 'messages.received' order by id")]
    assert [(one["accepted"], one["repeated"]) for one in told] == [(1, 1), (0, 1)]


def test_other_bytes_under_the_same_control_id_are_both_applied_and_reported(world: World) -> None:
    sender = Sender()
    receive([sender.admit("V1", "M1", control="SAME")], WIRE)
    _drain_all()
    assert _exceptions() == []
    receive([sender.admit("V2", "M2", "4W^402^A", control="SAME")], WIRE)
    receive([Sender("SOUTH").admit("V3", "M3", control="SAME")], WIRE)
    _drain_all()

    assert len(_census()) == 3
    assert _exceptions() == [("CONTROL_ID_REUSE", "SAME")]


def test_same_bytes_for_another_facility_are_another_message(world: World) -> None:
    message = Sender("ELSEWHERE").admit("V1", "M1")
    wrong, right = (Source("file", facility_id=world.facility[code]) for code in ("SOUTH", "NORTH"))
    receive([message], wrong)
    receive([message], right)

    assert _rows("select facility_id from inbound_message order by id") == [
        (world.facility["SOUTH"],), (world.facility["NORTH"],)
    ]  # fmt: skip


REFUSED = {
    "no HL7": (b"PID|1||M100\rPV1|1", "AE", "UNPARSEABLE", "?"),
    "header alone": (b"MSH|\r", "AE", "UNPARSEABLE", "?"),
    "another type": (Sender().admit("V1", "M1", control="T").replace(b"ADT^A01", b"ORU^R01"), "AR", "UNSUPPORTED_TYPE",
                     "T"),
    "test message": (Sender().admit("V1", "M1", control="P").replace(b"|P|2.5.1", b"|T|2.5.1"), "AR", "PROCESSING_ID",
                     "P"),
    "no control id": (Sender().admit("V1", "M1", control=""), "AE", "NO_CONTROL_ID", "?"),
    "no patient": (Sender().admit("V1", "", control="N"), "AE", "NO_PATIENT_ID", "N"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused_message_is_kept_and_the_next_one_taken(world: World, case: tuple[bytes, str, str, str]) -> None:
    message, code, kind, subject = case
    receipts = receive([message, Sender().admit("V2", "M2")], WIRE)
    again = receive([message], WIRE)
    _drain_all()

    assert [receipt.code for receipt in [*receipts, *again]] == [code, "AA", code]
    assert code_of(receipts[0].acknowledgement()) == code
    assert receipts[0].answer.sentence.encode() in receipts[0].acknowledgement()
    assert _exceptions() == [(kind, subject)]
    assert _rows("select ack, refusal from inbound_message order by id") == [(code, kind), ("AA", "")]
    assert _census() == [("V2", "M2", "4W^401^A")]


def test_names_of_any_length_and_kind_are_stored(world: World) -> None:
    strange = Sender().admit("V1", "M1", control="C" * 9000)
    strange = strange.replace(b"|EHR|", b"|" + b"\\X00\\\xff" * 3000 + b"|")
    [receipt] = receive([strange], WIRE)

    assert receipt.code == "AA"
    assert answered(receipt.acknowledgement()) == "C" * 9000
    assert _rows("select length(control_id) from inbound_message") == [(200,)]


def test_message_of_an_unknown_facility_waits_and_is_applied_when_it_is_set_up(world: World) -> None:
    [receipt] = receive([Sender("EAST").admit("V1", "M1", control="E-1")], WIRE)
    _drain_all()
    assert receipt.code == "AA"
    assert _problems() == [("E-1", "UNKNOWN_FACILITY")]
    assert _census() == []

    _add_facility("EASTERN", "EAST")
    _drain_all()

    assert _problems() == []
    assert _census() == [("V1", "M1", "4W^401^A")]


def test_message_of_an_unknown_name_is_applied_when_the_name_becomes_an_alias(world: World) -> None:
    receive([Sender("NORTH-OLD").admit("V1", "M1")], WIRE)
    _drain_all()
    assert len(_problems()) == 1

    _change_feed("NORTH", aliases=["north-old"])
    _drain_all()

    assert (_problems(), len(_census())) == ([], 1)


def test_first_facility_does_not_take_what_was_parked_for_another(database: object) -> None:
    receive([Sender("WEST").admit("V1", "M1")], WIRE)
    _add_facility("NORTH", "NORTH")
    _drain_all()
    assert len(_problems()) == 1

    receive([Sender("ANY").admit("V2", "M2")], WIRE)
    _drain_all()

    assert [visit for visit, *_ in _census()] == ["V2"], "the only facility takes what its port brings"
    assert len(_problems()) == 1


def test_name_that_two_feeds_claim_belongs_to_neither(world: World) -> None:
    _change_feed("NORTH", aliases=["BOTH"])
    _change_feed("SOUTH", aliases=["both"])
    receive([Sender("BOTH").admit("V1", "M1")], WIRE)
    _drain_all()

    assert _problems() == [("N-1", "UNKNOWN_FACILITY")]


class _Fault:
    """Stands in for the census: fails for the visits named, else works."""

    def __init__(self, *visits: str) -> None:
        self.visits = visits
        self.works = inbox.apply_facts
        self.calls = 0

    def __call__(self, work: Work, facts: Sequence[AdtFact], known: Mapping[int, datetime]) -> None:
        self.calls += 1
        self.works(work, facts, known)
        for fact in facts:
            if (fact.groups[0].visit or "").split("|")[-1] in self.visits:
                raise ArithmeticError("something about CARMEN")


def test_message_that_fails_is_set_aside_and_the_others_are_applied(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sender, fault = Sender(), _Fault("V7", "V30")
    receive([sender.admit(f"V{n}", f"M{n}", f"4W^{n}^A") for n in range(40)], WIRE)
    monkeypatch.setattr(inbox, "apply_facts", fault)
    _drain_all()

    assert len(_census()) == 38
    assert _problems() == [("N-8", "NOT_APPLIED"), ("N-31", "NOT_APPLIED")]
    assert _rows("select count(*) from inbound_pending") == [(0,)]
    assert _rows("select count(*) from adt_fact") == [(38,)]
    assert fault.calls < 30
    [(sentence,)] = _rows("select distinct sentence from inbound_problem")
    assert "ArithmeticError" in sentence
    assert "CARMEN" not in sentence + caplog.text

    monkeypatch.setattr(inbox, "apply_facts", fault.works)
    with begin(everywhere("test")) as work:
        assert replay_all(work) == (2, 0)
    _drain_all()

    assert (len(_census()), _problems()) == (40, [])


def test_database_that_goes_away_sets_nothing_aside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    receive([Sender().admit("V1", "M1")], WIRE)

    def lost(work: Work, facts: Sequence[AdtFact], known: Mapping[int, datetime]) -> None:
        work.connection.execute("select pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(inbox, "apply_facts", lost)
    with pytest.raises(Exception) as caught:
        drain()
    assert is_outage(caught.value)
    monkeypatch.undo()
    _drain_all()

    assert (len(_census()), _problems()) == (1, [])


def test_data_that_the_database_cannot_take_is_no_outage() -> None:
    assert not is_outage(psycopg.errors.ProgramLimitExceeded("index row too large"))
    assert not is_outage(psycopg.errors.NotNullViolation("x"))
    assert is_outage(psycopg.errors.AdminShutdown("x"))
    assert is_outage(psycopg.errors.DiskFull("x"))


def test_replay_after_the_feed_was_repaired(world: World) -> None:
    [receipt] = receive([Sender().admit("V1", "M1").replace(b"|P|2.5.1", b"|D|2.5.1")], WIRE)
    message_id = receipt.id
    assert message_id is not None
    with pytest.raises(Refused, match="MSH-11"), begin(everywhere("test")) as work:
        replay_message(work, message_id)

    _change_feed("NORTH", processing_ids="P,D")
    person = world.viewer("adam").acting(Permission.INTERFACE_REPLAY)
    with begin(person) as work:
        replay_message(work, message_id)
    _drain_all()

    assert (len(_census()), _exceptions()) == (1, [])
    assert _rows("select actor from audit_event where name = 'message.replayed'") == [("adam",)]
    with pytest.raises(Refused, match="applied"), begin(everywhere("test")) as work:
        replay_message(work, message_id)


def test_message_of_another_facility_cannot_be_replayed(world: World) -> None:
    [receipt] = receive([Sender("NORTH").admit("V1", "M1")], WIRE)
    assert receipt.id is not None
    stranger = world.viewer("stan").acting(Permission.INTERFACE_REPLAY)
    with pytest.raises(NotFound), begin(stranger) as work:
        replay_message(work, receipt.id)


def test_order_of_arrival_does_not_matter_across_batches(world: World) -> None:
    sender = Sender()
    admit, move, discharge = (
        sender.admit("V1", "M1"),
        sender.move("V1", "M1", "ICU^1^A"),
        sender.discharge("V1", "M1", place="ICU^1^A"),
    )
    for message in (discharge, move, admit):
        receive([message], WIRE)
        _drain_all()

    assert _rows("select status, last_location from encounter") == [("discharged", "ICU^1^A")]
    places = _rows("select value from movement where lane = 1 order by since")
    assert places == [("4W^401^A",), ("ICU^1^A",)]


class TestFiles:
    def test_every_message_gets_a_line(self, world: World, tmp_path: Path) -> None:
        sender = Sender(start=NOW - timedelta(days=1))
        emergency = sender.message("A04", "E1", "M1", klass="E", place="ED^12^", control="F-1")
        inpatient = sender.message("A06", "V1", "M1", control="F-2")
        inpatient = inpatient.replace(b"\rPV1|", b"\rMRG|M1^^^^MR||||E1\rPV1|")
        bad = sender.admit("V3", "", control="F-3")
        (tmp_path / "one.hl7").write_bytes(b"\r\n".join([emergency.replace(b"\r", b"\r\n"), inpatient]))
        (tmp_path / "two.hl7").write_bytes(bad + b"\r" + emergency)
        paths = [tmp_path / "one.hl7", tmp_path / "two.hl7"]

        lines = list(import_files("NORTH", paths))

        assert [(one.control_id, one.event, one.ack, one.encounter) for one in lines] == [
            ("F-1", "A04", "AA", "V1"),
            ("F-2", "A06", "AA", "V1"),
            ("F-3", "A01", "AE", None),
            ("F-1", "A04", "AA", "V1"),
        ]
        assert [bool(one.error) for one in lines] == [False, False, True, False]
        assert _census() == [("V1", "M1", "4W^401^A")]
        assert list(import_files("NORTH", paths)) == lines, "a second time changes nothing"

    def test_file_that_is_no_hl7_is_refused_as_a_whole(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "list.csv").write_text("name,bed\nsomebody,4W\n")

        [line] = import_files("NORTH", [tmp_path / "list.csv"])

        sentence = "The message does not begin with an MSH segment."
        assert line == Imported(control_id=None, event=None, ack="AE", error=sentence)

    def test_facility_must_exist(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="NOWHERE"):
            list(import_files("NOWHERE", []))
