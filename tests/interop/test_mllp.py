"""The listener on a real socket with a real database: framing, order, acknowledgements, silence, closing."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from sqlmodel import select

from app.census.facilities import AddFacility, FacilityChanged, FacilityKind, add_facility
from app.census.places import Feed
from app.interop.framing import frame
from app.interop.mllp import COUNTERS, Listening, Transport
from app.platform.postgres import Addresses, database_name, in_database
from app.platform.work import begin, everywhere, reading
from tests.support.hl7 import Sender, answered, code_of
from tests.support.mllp import PATIENCE, Running, Wire, listening
from tests.support.ports import free_port
from tests.support.waiters import wait_for_a_waiter
from tests.support.world import World

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors" / "adt_wire_cases.jsonl"


def _cases() -> list[Any]:
    if not VECTORS.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the folder ../shared with the wire cases is absent"))]
    cases = [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]
    return [pytest.param(case, id=case["id"]) for case in cases]


def _chunks(case: dict[str, Any]) -> list[bytes]:
    if case["chunks_hex"]:
        return [bytes.fromhex(chunk) for chunk in case["chunks_hex"]]
    document = "OBX|1|ED|PDF^Doc^L||^application^pdf^Base64^" + "QUJD" * 60_000 + "\r"
    return [frame(Sender("HOSP").admit("V100", "M100", tail=document))]


def _facility(code: str) -> int:
    with begin(everywhere("test")) as work:
        ask = AddFacility(code=code, name=code, timezone="America/Chicago", kind=FacilityKind.ACUTE, authority=code)
        return add_facility(work, ask).id


def _change_feed(code: str, **values: Any) -> None:
    with begin(everywhere("test")) as work:
        feed = work.session.exec(select(Feed).where(Feed.authority == code)).one()
        for name, value in values.items():
            setattr(feed, name, value)
        work.record(FacilityChanged(facility_id=feed.facility_id, code=code))


def _stored(query: str = "select count(*) from inbound_message") -> Any:
    with reading(everywhere("test")) as view:
        return view.value(query)


def _soon(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@pytest.fixture
def hospital(database: Addresses) -> Addresses:
    """One facility, HOSP: the port belongs to it alone."""
    _facility("HOSP")
    return database


@pytest.fixture
def listener(hospital: Addresses) -> Iterator[Running]:
    with listening() as running:
        yield running


def _database_down(addresses: Addresses, down: bool) -> None:
    """Refuse connections to this test's database, as a server does that is going down."""
    name = database_name(addresses.owner)
    with psycopg.connect(in_database(addresses.owner, "postgres"), autocommit=True) as owner:
        owner.execute(f"alter database {name} with allow_connections {not down}")  # type: ignore[arg-type]
        if down:
            owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))


@pytest.mark.parametrize("case", _cases())
def test_wire_case(case: dict[str, Any], hospital: Addresses, listener: Running) -> None:
    down, twice = case["id"] == "M20", case["id"] == "M19"
    if down:
        _database_down(hospital, True)
    chunks = _chunks(case)
    wires = [Wire(listener.port) for _ in (chunks if twice else chunks[:1])]
    for number, chunk in enumerate(chunks):
        wires[number if twice else 0].write(chunk)
        time.sleep(0.02)
    if case["expect"]["connection"] == "closed":
        wires[0].socket.shutdown(socket.SHUT_WR)
    expected = case["expect"]["acks"]
    answers = [wires[n if twice else 0].answer() for n in range(len(expected))]

    assert all(
        code_of(found or b"\rMSA|--") in wanted.split("|") for found, wanted in zip(answers, expected, strict=True)
    )
    assert all(wire.answer(within=0.1) is None for wire in wires), "an acknowledgement too many"
    if case["expect"]["connection"] == "open":
        if down:
            _database_down(hospital, False)
        answer = wires[0].send(Sender("HOSP").admit("V999", "M999", control="AFTER"))
        assert (code_of(answer), answered(answer)) == ("AA", "AFTER"), "the connection is not usable any more"
    if twice:
        assert _stored("select count(*) from inbound_message where control_id <> 'AFTER'") == 1
    if case["id"] in ("M18", "M20"):
        assert _stored("select count(*) from inbound_message where control_id <> 'AFTER'") == 0
    for wire in wires:
        wire.socket.close()


def test_pipelined_messages_are_answered_in_order(listener: Running) -> None:
    sender = Sender("HOSP")
    messages = [sender.admit(f"V{n}", f"M{n}") for n in range(150)]
    messages[70] = b"not a message"
    with Wire(listener.port) as wire:
        wire.write(b"".join(frame(message) for message in messages))
        answers = [wire.answer() or b"" for _ in messages]

    assert [answered(one) for one in answers if code_of(one) == "AA"] == [f"N-{n + 1}" for n in range(150) if n != 70]
    assert code_of(answers[70]) == "AE"
    assert _stored() == 150
    assert _stored("select count(*) from audit_event where name = 'messages.received'") < 75, "not stored together"


def test_no_answer_before_the_commit(hospital: Addresses, listener: Running) -> None:
    with psycopg.connect(hospital.owner) as other, Wire(listener.port) as wire:
        other.execute("lock table inbound_message in exclusive mode")
        wire.write(frame(Sender("HOSP").admit("V1", "M1")))
        assert wire.answer(within=0.4) is None
        other.rollback()
        answer = wire.answer()

    assert answer is not None and code_of(answer) == "AA"
    assert _stored() == 1


def test_a_transaction_that_is_killed_is_tried_once_more(hospital: Addresses, listener: Running) -> None:
    with psycopg.connect(hospital.owner) as other, Wire(listener.port) as wire:
        other.execute("lock table inbound_message in exclusive mode")
        wire.write(frame(Sender("HOSP").admit("V1", "M1")))
        assert wire.answer(within=0.3) is None
        with psycopg.connect(hospital.owner, autocommit=True) as third:
            third.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                          " where query like '%insert into inbound_message%' and pid <> pg_backend_pid()"
                          " and datname = current_database()")  # fmt: skip
        time.sleep(0.1)
        other.rollback()
        answer = wire.answer()

    assert answer is not None and code_of(answer) == "AA"
    assert _stored() == 1


def test_messages_of_a_batch_envelope_are_answered_one_by_one(listener: Running) -> None:
    sender = Sender("HOSP")
    inside = b"".join(sender.admit(f"V{n}", f"M{n}") for n in range(3))
    with Wire(listener.port) as wire:
        wire.write(frame(b"FHS|^~\\&|EHR\rBHS|^~\\&|EHR\r" + inside + b"BTS|9\rFTS|1\r"))
        answers = [wire.answer() or b"" for _ in range(3)]

    assert [(code_of(one), answered(one)) for one in answers] == [("AA", "N-1"), ("AA", "N-2"), ("AA", "N-3")]


def test_oversized_message_is_refused_and_its_head_kept(hospital: Addresses) -> None:
    big = Sender("HOSP").admit("V1", "M1", control="BIG", tail="OBX|1|ED|" + "A" * 300_000 + "\r")
    with listening(Listening(limit=100_000)) as running, Wire(running.port) as wire:
        refused, taken = wire.send(big), wire.send(Sender("HOSP").admit("V2", "M2", control="SMALL"))

    assert (code_of(refused), answered(refused)) == ("AR", "BIG")
    assert code_of(taken) == "AA"
    assert _stored("select length(raw) from inbound_message where ack = 'AR'") == 4096


def test_twenty_mebibytes_are_refused_and_the_connection_stays(listener: Running) -> None:
    with Wire(listener.port) as wire:
        answer = wire.send(Sender("HOSP").admit("V1", "M1", control="BIG", tail="OBX|1|ED|" + "A" * (20 << 20)))
        after = wire.send(Sender("HOSP").admit("V2", "M2"))

    assert (code_of(answer), answered(answer), code_of(after)) == ("AR", "BIG", "AA")


def test_unfinished_frame_is_dropped_after_a_while_and_the_connection_kept(hospital: Addresses) -> None:
    before = COUNTERS.dropped_frames
    with listening(Listening(mid_frame_timeout=0.2)) as running, Wire(running.port) as wire:
        wire.write(b"\x0bMSH|^~\\&|half a mess")
        assert _soon(lambda: COUNTERS.dropped_frames == before + 1)
        answer = wire.send(Sender("HOSP").admit("V1", "M1"))

    assert code_of(answer) == "AA"
    assert COUNTERS.dropped_frames == before + 1


def test_silent_connection_is_closed_only_where_that_is_asked_for(hospital: Addresses) -> None:
    with listening(Listening(idle_timeout=0.2)) as running, Wire(running.port) as wire:
        assert wire.answer() is None
        assert not wire.open
    with listening() as running, Wire(running.port) as wire:
        time.sleep(0.4)
        assert wire.open


def test_connections_are_bounded(hospital: Addresses) -> None:
    with listening(Listening(connections=2)) as running, Wire(running.port) as first, Wire(running.port) as second:
        sender = Sender("HOSP")
        assert [code_of(wire.send(sender.admit("V1", "M1"))) for wire in (first, second)] == ["AA", "AA"]
        with Wire(running.port) as third:
            assert third.answer() is None and not third.open
        assert code_of(first.send(sender.admit("V2", "M2"))) == "AA"


def test_stopping_answers_what_was_read(hospital: Addresses) -> None:
    with psycopg.connect(hospital.owner) as other, listening() as running, Wire(running.port) as wire:
        with Wire(running.port) as idle:
            other.execute("lock table inbound_message in exclusive mode")
            wire.write(frame(Sender("HOSP").admit("V1", "M1")))
            wait_for_a_waiter(hospital)
            running.end()
            assert idle.answer() is None and not idle.open
        other.rollback()
        answer = wire.answer()
        assert answer is not None and code_of(answer) == "AA"
        assert wire.answer() is None and not wire.open
        with pytest.raises(OSError):
            Wire(running.port)
    assert _stored() == 1


def test_port_of_a_feed_decides_whose_message_it_is(world: World) -> None:
    own = free_port()
    with listening() as running:
        _change_feed("SOUTH", port=own)
        running.opened.get(timeout=10)
        with Wire(own) as wire:
            assert code_of(wire.send(Sender("SOMEBODY").admit("V1", "M1"))) == "AA"
        assert _stored("select facility_id from inbound_message") == world.facility["SOUTH"]

        _change_feed("SOUTH", port=None)
        deadline = time.monotonic() + PATIENCE
        while own in running.ports and time.monotonic() < deadline:
            try:
                Wire(own).socket.close()
            except OSError:
                break
            time.sleep(0.05)
        with pytest.raises(OSError):
            Wire(own)
    assert running.ports == [running.port, own]


def test_enhanced_mode_answers_as_the_message_asks(hospital: Addresses, listener: Running) -> None:
    _change_feed("HOSP", enhanced=True)

    def asking(control: str, accept: str, application: str = "NE", *, patient: str = "M1") -> bytes:
        message = Sender("HOSP").admit("V1", patient, control=control)
        head, _, rest = message.partition(b"\r")
        return head + f"|||{accept}|{application}".encode() + b"\r" + rest

    with Wire(listener.port) as wire:
        wire.write(frame(asking("NEVER", "NE")) + frame(asking("ERRORS", "ER")))
        answers = [wire.send(asking("ALWAYS", "AL")), wire.send(asking("WRONG", "ER", patient="")),
                   wire.send(Sender("HOSP").admit("V2", "M2", control="PLAIN"))]  # fmt: skip

    assert [(code_of(one), answered(one)) for one in answers] == [("CA", "ALWAYS"), ("CE", "WRONG"), ("AA", "PLAIN")]
    assert _stored() == 5


def test_many_connections_at_once_lose_nothing(listener: Running) -> None:
    codes: list[str] = []

    def send(number: int) -> None:
        sender = Sender("HOSP", prefix=f"C{number}")
        with Wire(listener.port) as wire:
            codes.extend(code_of(wire.send(sender.admit(f"V{number}-{n}", f"M{number}"))) for n in range(25))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == ["AA"] * 150
    assert _stored() == _stored("select count(*) from inbound_pending") == 150


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for the listener and the sender, made for this run."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    own = authority.issue_cert("localhost")
    own.private_key_pem.write_to_path(folder / "key.pem")
    own.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return folder


def test_encrypted_listener_wants_the_certificate_of_the_sender(hospital: Addresses, certificates: Path) -> None:
    certificate, key = certificates / "certificate.pem", certificates / "key.pem"
    authority = certificates / "authority.pem"
    context = ssl.create_default_context(cafile=str(authority))
    with listening(Listening(transport=Transport(certificate, key, authority))) as running:
        with socket.create_connection(("127.0.0.1", running.port), timeout=5) as plain:
            stranger = context.wrap_socket(plain, server_hostname="localhost")
            with pytest.raises((ssl.SSLError, ConnectionError)), stranger:
                stranger.sendall(frame(Sender("HOSP").admit("V1", "M1")))
                if stranger.recv(100) == b"":
                    raise ConnectionResetError
        context.load_cert_chain(certificate, key)
        plain = socket.create_connection(("127.0.0.1", running.port), timeout=5)
        with Wire(running.port, context.wrap_socket(plain, server_hostname="localhost")) as wire:
            answer = wire.send(Sender("HOSP").admit("V2", "M2"))

    assert code_of(answer) == "AA"
    assert _stored() == 1


def test_sender_that_never_reads_its_answers_is_left(hospital: Addresses) -> None:
    # Every answer quotes MSH-10, so that a few hundred fill the buffers between the two.
    sender = Sender("HOSP")
    block = b"".join(frame(sender.admit("V1", "M1", control="C" * 60_000 + str(n))) for n in range(20))
    with listening(Listening(mid_frame_timeout=0.5)) as running, Wire(running.port) as wire:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.socket.settimeout(30)
        with pytest.raises(OSError) as caught:
            for _ in range(60):
                wire.write(block)
        assert not isinstance(caught.value, TimeoutError)
        with Wire(running.port) as other:
            assert code_of(other.send(sender.admit("V2", "M2"))) == "AA"
