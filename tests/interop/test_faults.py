"""Processes die at any instant: nothing that was acknowledged is lost, nothing is applied twice or by half."""

import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from app import reactions
from app.census.rules import bed_conflicts, fold
from app.census.terms import AdtFact, EncounterState
from app.interop import hl7
from app.interop.adt import to_fact
from app.interop.framing import frame
from app.interop.queries import feeds
from app.platform import postgres, schema, work
from app.platform.db import open_engine
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading
from tests.support.hl7 import Sender, answered, code_of
from tests.support.mllp import Wire
from tests.support.ports import free_port
from tests.support.processes import Nursery, Part
from tests.support.world import World

KILLS = 30  # of the listener or the worker
CRASHES = 4  # of the database server
SENDERS = 3
MESSAGES = 200  # accepted meanwhile, at least
REPEATS = 6  # messages that a kill hit, at least
PATIENCE = 120.0  # for what takes seconds on a quiet machine


class Hospital(threading.Thread):
    """A sender that takes a message off its list only when it is accepted, as interface engines do."""

    def __init__(self, number: int, port: int) -> None:
        super().__init__(name=f"sender {number}", daemon=True)
        self.sender = Sender(prefix=f"S{number}")
        self.number, self.port = number, port
        self.enough = threading.Event()
        self.accepted: list[str] = []
        self.repeats = 0
        self.failure: Exception | None = None

    def messages(self) -> Iterator[bytes]:
        """Stays with transfers, corrections, discharges, some of them out of order, without end."""
        dice = random.Random(self.number)
        stay = 0
        while True:
            stay += 1
            visit, patient = f"V{self.number}-{stay}", f"M{self.number}-{stay // 2}"
            course = [
                self.sender.admit(visit, patient, f"4W^{stay}^A"),
                self.sender.move(visit, patient, f"ICU^{stay}^B"),
                self.sender.message("A08", visit, patient, place="", tail="DG1|1||I21.4\r"),
                self.sender.discharge(visit, patient, place=f"ICU^{stay}^B"),
            ]
            if dice.random() < 0.4:
                course.append(self.sender.message("A13", visit, patient, place=f"ICU^{stay}^C"))
            if dice.random() < 0.3:
                dice.shuffle(course)
            yield from course

    def run(self) -> None:
        try:
            with contextlib.ExitStack() as opened:
                wire: Wire | None = None
                for message in self.messages():
                    if self.enough.is_set():
                        return
                    while (code := self._try(wire, message)) != "AA":
                        self.repeats += 1
                        assert code in ("AR", ""), code
                        time.sleep(0.01)
                        wire = None  # on the old one the answer might come that was waited for in vain
                        with contextlib.suppress(OSError):
                            wire = opened.enter_context(Wire(self.port))
        except Exception as error:  # noqa: BLE001 - told to the test
            self.failure = error

    def _try(self, wire: Wire | None, message: bytes) -> str:
        if wire is None:
            return ""
        try:
            wire.write(frame(message))
            answer = wire.answer(within=5)
        except OSError:
            return ""
        if answer is None:
            return ""
        if code_of(answer) == "AA":
            self.accepted.append(answered(answer))
        return code_of(answer)


def _value(query: str) -> object:
    with reading(everywhere("test")) as view:
        return view.value(query)


def _wait_until_applied() -> None:
    deadline = time.monotonic() + PATIENCE
    while _value("select count(*) from inbound_pending"):
        assert time.monotonic() < deadline, "the waiting messages are not applied"
        time.sleep(0.05)


Stay = tuple[str, str, str, str, object]


def _stay(state: EncounterState) -> Stay:
    place = state.location.text if state.location else ""
    return state.patient, str(state.status), str(state.patient_class), place, state.discharge_at


def _folded_anew() -> tuple[dict[str, Stay], set[tuple[str, str]]]:
    """Stays and exceptions as one fold of all stored messages gives them."""
    with reading(everywhere("test")) as view:
        known = feeds(view)
        stored = view.connection.execute(
            "select id, facility_id, raw, received_at from inbound_message where refusal = ''"
        ).fetchall()
    facts = []
    for key, facility_id, raw, received_at in stored:
        feed = known.by_facility(facility_id)
        assert feed is not None
        fact = to_fact(hl7.parse(bytes(raw)), feed.policy, key, received_at)
        assert isinstance(fact, AdtFact)
        facts.append(fact)
    house = fold(facts, {feed.policy.feed: feed.policy for feed in known.all})
    found = [*house.exceptions, *bed_conflicts(house.encounters.values())]
    stays = {key: _stay(state) for key, state in house.encounters.items()}
    return stays, {(str(one.kind), one.about) for one in found}


def _in_tables() -> tuple[dict[str, Stay], set[tuple[str, str]]]:
    with reading(everywhere("test")) as view:
        stays = view.connection.execute(
            "select e.authority || '|' || e.visit_number, p.authority || '|' || p.number, e.status, e.patient_class,"
            " e.location, e.discharge_at from encounter e join patient p on p.id = e.patient_id"
        ).fetchall()
        found = view.connection.execute("select kind, subject from census_exception where closed_at is null").fetchall()
    return {key: (patient, *rest) for key, patient, *rest in stays}, {(kind, subject) for kind, subject in found}


@pytest.fixture
def own_world() -> Iterator[World]:
    """A hospital on a server of its own, which may crash without hurting the tests beside this one."""
    with tempfile.TemporaryDirectory(prefix="daybook-faults-") as folder:
        Path(folder).chmod(0o755)
        with postgres.embedded(Path(folder) / "pg", {"fsync": "off", "full_page_writes": "off"}) as url:
            postgres.ensure_database(url, "faults")
            postgres.ensure_role(url, password=None)
            owner = postgres.in_database(url, "faults")
            schema.upgrade(owner)
            addresses = Addresses(owner=owner, app=postgres.as_role(owner, postgres.APP_ROLE, None), embedded=True)
            with _connected(addresses):
                world = World(addresses)
            yield world


@contextlib.contextmanager
def _connected(addresses: Addresses) -> Iterator[None]:
    engine = open_engine(addresses.app, size=3)
    work.connect(engine)
    work.install(reactions.REACTIONS, reactions.LAST_STEPS)
    try:
        yield
    finally:
        engine.dispose()


class Crashes:
    """Crashes of a database server. One of its own processes is killed; it then ends all others and recovers.

    A server takes connections for a moment after the kill, until it has noticed. Which of its lives a connection
    belongs to is told by the checkpointer, which ends with each of them.
    """

    def __init__(self, addresses: Addresses) -> None:
        self._address = addresses.owner
        self._ended: set[tuple[int, datetime]] = set()

    def __len__(self) -> int:
        return len(self._ended)

    def one_more(self) -> None:
        """Crash the server, unless it is still at it."""
        with contextlib.suppress(psycopg.OperationalError), self._connection() as connection:
            life = _life(connection)
            if life is None or life in self._ended:
                return
            busiest = connection.execute(
                "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                " and backend_type = 'client backend' order by state = 'active' desc, random() limit 1"
            ).fetchone()
            # A process that just ends by itself is no crash; the one that serves this connection does not.
            for pid in (*(busiest or ()), connection.info.backend_pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._ended.add(life)

    def wait_until_over(self) -> None:
        """Return when the server has recovered from the last crash: not while it still is to notice it."""
        deadline = time.monotonic() + PATIENCE
        while not self._is_over():
            assert time.monotonic() < deadline, "the database did not come back"
            time.sleep(0.05)

    def _is_over(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError), self._connection() as connection:
            life = _life(connection)
            return life is not None and life not in self._ended
        return False

    def _connection(self) -> contextlib.closing[psycopg.Connection]:
        return contextlib.closing(psycopg.connect(self._address, autocommit=True))


def _life(connection: psycopg.Connection) -> tuple[int, datetime] | None:
    """What tells a server before a crash from the same one after it; None at the very beginning of a life."""
    return connection.execute(
        "select pid, backend_start from pg_stat_activity where backend_type = 'checkpointer'"
    ).fetchone()


def test_killed_processes_lose_nothing_and_leave_nothing_by_half(own_world: World) -> None:
    world = own_world
    port = free_port()
    senders = [Hospital(number, port) for number in range(SENDERS)]
    with Nursery() as nursery:
        parts = [Part(nursery, "listener", world.addresses.app, port), Part(nursery, "applier", world.addresses.app)]
        crashes = Crashes(world.addresses)
        with _sending(senders):
            _kill_again_and_again(parts, crashes, senders)
        crashes.wait_until_over()
        with _connected(world.addresses):
            _wait_until_applied()
    with _connected(world.addresses):  # nobody is at work any more
        _compare(senders)


@contextlib.contextmanager
def _sending(senders: Sequence[Hospital]) -> Iterator[None]:
    """All of them send for as long as the block lasts; at its end each goes on until its last message is accepted."""
    for sender in senders:
        sender.start()
    try:
        yield
    finally:
        for sender in senders:
            sender.enough.set()
        for sender in senders:
            sender.join(PATIENCE)
    assert [sender.failure for sender in senders] == [None] * len(senders)
    assert not any(sender.is_alive() for sender in senders), "a message is not accepted"


def _kill_again_and_again(parts: Sequence[Part], crashes: Crashes, senders: Sequence[Hospital]) -> None:
    dice = random.Random(20261122)
    deadline = time.monotonic() + PATIENCE
    while (
        len(crashes) < CRASHES
        or sum(part.kills for part in parts) < KILLS
        or sum(len(sender.accepted) for sender in senders) < MESSAGES
        or sum(sender.repeats for sender in senders) < REPEATS
    ):
        assert time.monotonic() < deadline, "the parts do not come to their work"
        time.sleep(dice.uniform(0.02, 0.35))
        if dice.random() < CRASHES / (KILLS + CRASHES):
            crashes.one_more()
        else:
            dice.choice(parts).kill()


def _compare(senders: Sequence[Hospital]) -> None:
    accepted = [control_id for sender in senders for control_id in sender.accepted]
    with reading(everywhere("test")) as view:
        stored = view.values("select control_id from inbound_message where ack = 'AA'")
        applied = view.values("select control_id from adt_fact f join inbound_message m on m.id = f.message_id")
        problems = view.value("select count(*) from inbound_problem")
    assert set(accepted) <= set(stored), "an acknowledged message is lost"
    assert sorted(stored) == sorted(set(stored)), "a message is stored twice"
    assert sorted(applied) == sorted(stored), "a stored message is not applied, or twice"
    assert problems == 0
    assert _in_tables() == _folded_anew()
