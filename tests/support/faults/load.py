"""Who uses an installation while it is harmed: a feed in lock-step, people who read and write, a watcher of halves."""

import contextlib
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg

from app.interop.framing import frame
from app.security.sessions import csrf_token
from tests.support.hl7 import Sender, answered, code_of, stamp
from tests.support.mllp import Wire

Place = tuple[str, int]


class Load(threading.Thread):
    """Something that goes on until it is told that it is enough; a failure of its own is told to the test."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.enough = threading.Event()
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                self.turn()
            self.last_turn()
        except Exception as error:  # noqa: BLE001 - told to the test
            self.failure = error

    def turn(self) -> None:
        """One step."""
        raise NotImplementedError

    def last_turn(self) -> None:
        """What is left to do at the end."""


class Feed(Load):
    """An interface engine: one message at a time, in order, each sent until it is acknowledged.

    `ways` are the places it knows, tried in turn; `pause` the seconds between messages.
    """

    def __init__(self, number: int, ways: Sequence[Place], pause: float = 0.02, begins: datetime | None = None) -> None:
        super().__init__(f"feed {number}")
        self._number, self.ways, self._pause = number, list(ways), pause
        self._sender = Sender(prefix=f"F{number}")
        self._clock = begins or datetime.now(UTC) - timedelta(days=2)
        self._messages: Iterator[bytes] = self._course()
        self._wire: Wire | None = None
        self._waiting: bytes | None = None
        self.acknowledged: list[str] = []
        self.log: list[bytes] = []  # what was acknowledged, as an interface engine keeps it
        self.repeats = 0
        self.codes: Counter[str] = Counter()

    def send_again(self, log: Sequence[bytes]) -> None:
        """Send this before anything else."""
        self._messages = itertools.chain(log, self._messages)

    def _at(self) -> str:
        self._clock += timedelta(seconds=2)
        return stamp(self._clock)

    def _course(self) -> Iterator[bytes]:
        dice, stay = random.Random(self._number), 0
        tell = self._sender
        while True:
            stay += 1
            visit, patient = f"V{self._number}-{stay}", f"M{self._number}-{stay // 2}"
            yield tell.admit(visit, patient, f"4W^{stay}^A", at=self._at())
            yield tell.move(visit, patient, f"ICU^{stay}^B", at=self._at())
            yield tell.message("A08", visit, patient, place="", tail="DG1|1||I21.4\r", at=self._at())
            if dice.random() < 0.6:
                yield tell.discharge(visit, patient, place=f"ICU^{stay}^B", at=self._at())
            if dice.random() < 0.2:
                yield tell.message("A13", visit, patient, place=f"ICU^{stay}^C", at=self._at())

    def turn(self) -> None:
        self._waiting = self._waiting or next(self._messages)
        if self._sent(self._waiting):
            self._waiting = None
            self.enough.wait(self._pause)
            return
        self.repeats += 1
        self.leave()
        self.ways.append(self.ways.pop(0))
        self.enough.wait(0.05)

    def last_turn(self) -> None:
        deadline = time.monotonic() + 180
        while self._waiting is not None:
            assert time.monotonic() < deadline, "the last message is not accepted"
            self.turn()
            time.sleep(0.02)
        self.leave()

    def leave(self) -> None:
        """Close the line."""
        if self._wire is not None:
            self._wire.socket.close()
        self._wire = None

    def _sent(self, message: bytes) -> bool:
        try:
            if self._wire is None:
                self._wire = connect(self.ways[0])
            self._wire.write(frame(message))
            answer = self._wire.answer(within=8)
        except OSError:
            return False
        if answer is None:
            return False
        self.codes[code_of(answer)] += 1
        if code_of(answer) != "AA":
            assert code_of(answer) == "AR", "a sound message was refused for ever"
            return False
        self.acknowledged.append(answered(answer))
        self.log.append(message)
        return True


def connect(place: Place) -> Wire:
    """A line to a listener, wherever it is."""
    import socket

    return Wire(place[1], socket.create_connection(place, timeout=3))


class Person(Load):
    """Somebody who reads the list and a stay and writes a note, and remembers which notes were answered as written."""

    def __init__(self, name: str, token: str, hosts: Callable[[], Sequence[str]], pause: float = 0.1) -> None:
        super().__init__(f"person {name}")
        self.who, self._token, self._hosts, self._pause = name, token, hosts, pause
        self._client = httpx.Client(timeout=60, trust_env=False, headers={"Cookie": f"daybook={token}"})
        self._count = 0
        self.statuses: Counter[tuple[str, int]] = Counter()  # by host; 0 where nobody answered
        self.written: list[str] = []
        self.tried: list[str] = []
        self.stays: list[str] = []

    def turn(self) -> None:
        host = self._hosts()[self._count % len(self._hosts())]
        self._count += 1
        answer = self._ask(host, "/worklists/inpatient")
        if answer is not None and answer.status_code == 200:
            self.stays = sorted({part[:36] for part in answer.text.split("/encounters/")[1:]})
        if self.stays:
            stay = self.stays[self._count % len(self.stays)]
            self._ask(host, f"/encounters/{stay}")
            self._write(host, stay)
        self.enough.wait(self._pause)

    def last_turn(self) -> None:
        self._client.close()

    def _write(self, host: str, stay: str) -> None:
        text = f"note {self.who} {self._count}"
        self.tried.append(text)
        form = {"_csrf_token": csrf_token(self._token), "text": text}
        answer = self._ask(host, f"/encounters/{stay}/notes", form)
        if answer is not None and answer.status_code in (200, 303):
            self.written.append(text)

    def _ask(self, host: str, path: str, form: dict[str, str] | None = None) -> httpx.Response | None:
        try:
            answer = self._client.request("GET" if form is None else "POST", f"{host}{path}", data=form)
        except httpx.TransportError:
            self.statuses[host, 0] += 1
            return None
        self.statuses[host, answer.status_code] += 1
        return answer

    def faults(self) -> int:
        """Answers that say the program failed; 503 says that it waits for the database."""
        return sum(count for (_host, status), count in self.statuses.items() if status >= 500 and status != 503)


# Every stay's place is that of its timeline, and every accepted message is waiting, applied or set aside: one of them.
HALVES = """
select (select count(*) from encounter e where e.gone_at is null and e.status in ('admitted', 'on_leave') and
    e.location <> '' and e.location is distinct from (select m.value from movement m
      where m.encounter_id = e.id and m.lane = 1 order by m.since desc limit 1)),
  (select count(*) from inbound_message m where m.ack = 'AA' and m.facility_id is not null and 1 <>
    (select count(*) from inbound_pending p where p.message_id = m.id)
    + (select count(*) from adt_fact f where f.message_id = m.id)
    + (select count(*) from inbound_problem q where q.message_id = m.id and q.closed_at is null))
"""


class Watcher(Load):
    """Looks again and again whether a change can be seen by half."""

    def __init__(self, url: str, pause: float = 0.1) -> None:
        super().__init__("watcher")
        self._url, self._pause = url, pause
        self.looks = 0
        self.halves: list[Any] = []

    def turn(self) -> None:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self._url, connect_timeout=2) as owner:
            found = owner.execute(HALVES).fetchone()
            self.looks += 1
            if found != (0, 0):
                self.halves.append(found)
        self.enough.wait(self._pause)


@contextlib.contextmanager
def going_on(*loads: Load) -> Iterator[None]:
    """All of them for as long as the block lasts; at its end each finishes, and none may have failed."""
    for one in loads:
        one.start()
    try:
        yield
    finally:
        for one in loads:
            one.enough.set()
        for one in loads:
            one.join(240)
    assert [one.failure for one in loads if one.failure] == []
    assert not any(one.is_alive() for one in loads), "a load did not end"
