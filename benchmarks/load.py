"""A full house at work: `python -m benchmarks.load [--beds 1000] [--people 200] [--rate 50] [--seconds 600]`.

A simulated house of so many beds is filled by messages and deeds, then served by `daybook serve --workers 2` with its
listener and its worker on an embedded database of its own. A second process plays the people and the feed
(benchmarks/_crowd.py): first one person at a time and no feed, then everybody, each with a click every ten seconds, a
page that listens for live updates, and so many messages a second. What is asked: no error, the slowest hundredth within
four times that of one person alone, memory flat, messages applied as they come. It ends by itself. With
`--house FOLDER` the filled house is kept there, and a later run begins with a copy of it.
"""

import argparse
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
import psycopg

from app.cli.house import connected, open_database
from app.platform.postgres import Addresses
from app.platform.work import begin, reading
from app.settings import Settings
from benchmarks import _house, _report
from benchmarks._clicks import NOT_THERE, REFUSED
from benchmarks._crowd import Plan, Result
from benchmarks._house import WHO, Wanted
from benchmarks._machine import machine
from benchmarks._watch import Watch, server_process

WORKERS = 2
PARTS = (*(f"web {number + 1}" for number in range(WORKERS)), "worker", "mllp")
PROBE_EVERY = 2.0
START_SECONDS = 60.0
EMPTY_SECONDS = 60.0
MESSAGES, PEOPLE, LOG = "messages", "people.json", "serve.log"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    beds: int
    days: int
    people: int
    rate: float
    seconds: float
    alone: float
    warm: float
    thought: float
    house: Path | None

    @property
    def messages(self) -> int:
        """Messages to have ready, with some to spare."""
        return int(self.rate * (self.seconds + self.warm) * 1.02) + 10 if self.rate else 0


def wishes() -> Wish:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, kind, default, text in (
        ("beds", int, 1000, "licensed beds"), ("days", int, 5, "days of history"),
        ("people", int, 200, "people who are signed in"), ("rate", float, 50.0, "messages a second"),
        ("seconds", float, 600.0, "seconds that are measured"), ("alone", float, 90.0, "seconds of one person alone"),
        ("warm", float, 60.0, "seconds of everybody before"), ("thought", float, 10.0, "seconds between two clicks"),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=kind, default=default, help=f"{text} ({default:g})")
    parser.add_argument("--house", type=Path, default=None, help="folder in which the filled house is kept")
    return Wish(**vars(parser.parse_args()))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(home: Path, port: int, mllp_port: int) -> Iterator[psutil.Process]:
    """`daybook serve` on this home folder; its parent process."""
    environment = {**os.environ, "DAYBOOK_HOME": str(home), "DAYBOOK_INSECURE_COOKIES": "1"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "app", "serve", "--workers", str(WORKERS), "--port", str(port),
               "--mllp-port", str(mllp_port)]  # fmt: skip
    with open(home / LOG, "wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for each in (port, mllp_port):
            _wait_for(each, process, home / LOG)
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended by itself. Its last words: {log.read_text()[-2000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError("the server did not start")


def fill(home: Path, wish: Wish) -> None:
    """Fill the database of this home folder, and write down who is signed in and what the feed will send."""
    began = time.monotonic()
    with open_database(Settings(home=home, secure_cookies=False)) as addresses, connected(addresses, size=2):
        simulation, people = _house.furnish(home, Wanted(wish.beds, wish.days, wish.messages, wish.people))
        messages = list(_house.messages_after(simulation, wish.messages))
        (home / MESSAGES).write_bytes(msgspec.msgpack.encode(messages))
        (home / PEOPLE).write_bytes(msgspec.json.encode(people))
        _house.settled(addresses.owner)
    print(f"filled in {time.monotonic() - began:.0f} s, {len(messages)} messages to send", flush=True)


def house(home: Path, wish: Wish) -> None:
    """A filled house in this folder: made now, or a copy of the one that is kept."""
    if wish.house is None:
        return fill(home, wish)
    if not (wish.house / PEOPLE).exists():
        wish.house.mkdir(parents=True, exist_ok=True)
        wish.house.chmod(0o755)
        fill(wish.house, wish)
    subprocess.run(["cp", "-a", f"{wish.house}/.", str(home)], check=True)
    return None


def play(plan: Plan, home: Path, watch: Watch) -> tuple[Result, dict[str, float], dict[str, float]]:
    """Let the crowd in. Its result, the instants of probes, and processor seconds of the parts meanwhile."""
    given, found = home / "plan.json", home / "result.json"
    given.write_bytes(msgspec.json.encode(plan))
    command = [sys.executable, "-m", "benchmarks._crowd", str(given), str(found)]
    crowd = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert crowd.stdout is not None
    probes: dict[str, float] = {}
    try:
        _until(crowd, "crowd")
        print(f"{len(plan.people)} people come in", flush=True)
        with watch.running():
            _until(crowd, "measured")
            before, end = watch.costs(), time.monotonic() + plan.seconds
            probe(plan, probes, end)
            costs = {part: seconds - before.get(part, 0.0) for part, seconds in watch.costs().items()}
            _until(crowd, "over")
        assert crowd.wait(120) == 0, "the crowd ended with an error"
    finally:
        crowd.kill()
    return msgspec.json.decode(found.read_bytes(), type=Result), probes, costs


def _until(crowd: "subprocess.Popen[str]", word: str) -> None:
    assert crowd.stdout is not None
    for line in crowd.stdout:
        if line.strip() == word:
            return
    raise RuntimeError("the crowd ended too early")


def probe(plan: Plan, probes: dict[str, float], end: float) -> None:
    """Say of a stay that does not exist that it changed, now and then; the instant after the commit is kept."""
    with reading(WHO) as view:
        facility = view.value("select facility_id from encounter where status = 'admitted' limit 1")
    for one in plan.probes:
        if time.monotonic() + PROBE_EVERY >= end:
            break
        with begin(WHO) as writing:
            writing.changed(facility, uuid.UUID(one))
        probes[one] = time.monotonic()
        time.sleep(PROBE_EVERY)
    time.sleep(max(0.0, end - time.monotonic()))


def emptied() -> float:
    """Seconds until nothing waits any more, at most a minute."""
    began = time.monotonic()
    while time.monotonic() - began < EMPTY_SECONDS:
        with reading(WHO) as view:
            if not view.value("select count(*) from inbound_pending"):
                break
        time.sleep(0.1)
    return time.monotonic() - began


RIGHTLY = """
select m.stay::text, m.person from unnest(%s::uuid[], %s::text[]) m(stay, person) join encounter e on e.id = m.stay
  left join app_user u on u.name = m.person
where e.sensitivity <> '' or e.gone_at is not null
  or u.attending_number <> '' and u.attending_number is distinct from e.attending_number
"""


def explained(result: Result, addresses: Addresses) -> Result:
    """A stay that was protected or united, or went to another attending physician, while somebody had it on a list is
    refused to those who may not see it any more, as it should be. Whether that is so the database says; every other
    answer that a stay is not there is a fault."""
    missing = {(one.stay, one.person) for one in result.taken if one.status == NOT_THERE and one.stay}
    stays, people = [stay for stay, _ in missing], [person for _, person in missing]
    with psycopg.connect(addresses.owner) as connection:
        rightly = set(connection.execute(RIGHTLY, (stays, people)))
    taken, faults = [], list(result.faults)
    for one in result.taken:
        if one.status == NOT_THERE and (one.stay, one.person) in rightly:
            taken.append(msgspec.structs.replace(one, status=REFUSED))
            continue
        taken.append(one)
        if one.status == NOT_THERE and one.stay:
            faults.append(f"{one.kind}: {one.status}")
    print(f"{len(rightly)} of {len(missing)} stays that were not there any more were rightly closed to who asked")
    return msgspec.structs.replace(result, taken=taken, faults=faults)


def size(addresses: Addresses) -> int:
    """Bytes of the database."""
    with psycopg.connect(addresses.owner) as connection:
        row = connection.execute("select pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])


def main() -> int:
    """Measure and print; 1 when a request failed."""
    wish = wishes()
    print(f"{machine()}; load {psutil.getloadavg()[0]:.1f} before", flush=True)
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name:
        home = Path(name)
        home.chmod(0o755)
        house(home, wish)
        with open_database(Settings(home=home, secure_cookies=False)) as addresses, connected(addresses, size=2):
            _house.refresh_sessions()
            people = msgspec.json.decode((home / PEOPLE).read_bytes(), type=list[_house.Person])[: wish.people]
            port, mllp_port = free_port(), free_port()
            before = size(addresses)
            with served(home, port, mllp_port) as root:
                watch = Watch(root, server_process(name), PARTS, addresses)
                ids = [str(uuid.uuid4()) for _ in range(int(wish.seconds / PROBE_EVERY) + 1)]
                plan = Plan(port, mllp_port, people, str(home / MESSAGES), wish.alone, wish.warm, wish.seconds,
                            wish.thought, wish.rate, ids)  # fmt: skip
                result, probes, costs = play(plan, home, watch)
                waited = emptied()
                result = explained(result, addresses)
                found = _report.Found(result, watch, probes, costs, waited, size(addresses) - before)
            faults = Counter(map(_in_short, filter(_is_error, (home / LOG).read_text().splitlines())))
    print(f"load {psutil.getloadavg()[0]:.1f} after; {faults.total()} errors in the log of the server")
    for words, times in faults.most_common():
        print(f"  {times} x {words}")
    print()
    for line in itertools.chain(_report.lines(found, wish.people, wish.rate)):
        print(line)
    return 1 if result.faults or result.refused else 0


def _is_error(line: str) -> bool:
    return '"level": "error"' in line


def _in_short(line: str) -> str:
    told = json.loads(line)
    return " ".join(str(told[name]) for name in ("message", "kind", "where") if name in told)


if __name__ == "__main__":
    sys.exit(main())
