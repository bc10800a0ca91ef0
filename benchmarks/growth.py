"""How reads grow with what is stored: `python -m benchmarks.growth [--beds 60] [--days 10] [--by history|beds]`.

The same questions are asked of a simulated house with one, three and ten times the history behind the same beds (or, by
beds, of one, three and ten times the beds). Printed are medians and the slope: the exponent of time over size. A page
that shows what is there today should not feel how many days lie behind it: beyond 0.5 it is marked. What reads all by
its nature, such as the check of the audit trail or a backup, may grow in proportion.
"""

import argparse
import http.client
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
import psycopg

from app.cli.house import connected, open_database
from app.demo.hospital import LTCH
from app.interop.inbox import Source, drain, receive
from app.ledger.grid import ALL_UNITS
from app.main import create_app
from app.platform import seal
from app.platform.backup.keys import new_key, read_keys
from app.platform.backup.making import MakeBackup, make
from app.platform.postgres import Addresses
from app.platform.work import reading
from app.security.permissions import Role
from app.security.sessions import csrf_token
from app.settings import Settings
from benchmarks import _house
from benchmarks._house import WHO, Person, Wanted
from benchmarks._machine import machine
from benchmarks.page import served

TIMES = (1, 3, 10)
ROUNDS, BEFORE = 15, 5
MOST_SLOPE = 0.5
LATER = 400  # messages that are applied one by one
PEOPLE = 40
WHOLE = ("check of the audit trail", "backup")


@dataclass(frozen=True, slots=True)
class House:
    """One filled and served house. `stays` are some open ones, `patient` somebody who was seen often."""

    port: int
    people: dict[str, Person]
    stay: str
    patient: str
    unit: str


class Reader:
    """One person who reads pages over one connection."""

    def __init__(self, house: House, role: Role) -> None:
        self.cookie = house.people[role.value].cookie
        self.connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=300)

    def __call__(self, path: str, form: dict[str, str] | None = None, *, piece: bool = False) -> None:
        headers = {"Cookie": f"daybook={self.cookie}"}
        if piece:
            headers |= {"HX-Request": "true", "HX-Request-Type": "partial"}
        body = None
        if form is not None:
            body = urlencode({"_csrf_token": csrf_token(self.cookie), **form})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.close()  # the server has closed one that was idle for five seconds
        self.connection.request("GET" if form is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status in (200, 303), (path.partition("?")[0], answer.status)


def reads(house: House) -> dict[str, Callable[[], None]]:
    """What is asked, by the name of its figure."""
    director, privacy = Reader(house, Role.DIRECTOR), Reader(house, Role.PRIVACY_OFFICER)
    administrator, manager = Reader(house, Role.ADMINISTRATOR), Reader(house, Role.CASE_MANAGER)
    manager("/facility", {"code": LTCH})
    stay = f"/encounters/{house.stay}"
    return {
        "list of inpatients": lambda: director("/worklists/inpatient"),
        "filter of a list": lambda: director(f"/worklists/inpatient?unit={house.unit}", piece=True),
        "reviews due": lambda: director("/worklists/reviews-due"),
        "row of a list": lambda: director(f"/worklists/inpatient/rows?id={house.stay}", piece=True),
        "row in place": lambda: director(f"/worklists/inpatient/rows/{house.stay}/more", piece=True),
        "stay": lambda: director(stay),
        "history of a stay": lambda: director(f"{stay}/history"),
        "reviews of a stay": lambda: director(f"{stay}/reviews"),
        "ledger, 60 stays": lambda: director(f"/ledger?unit={quote(ALL_UNITS)}"),
        "search by letters": lambda: director("/find", {"q": "ma"}),
        "Control": lambda: director("/control"),
        "measure": lambda: director("/measures/los"),
        "avoidable days": lambda: director("/avoidable-days"),
        "audit of a patient": lambda: privacy(f"/audit/patients/{house.patient}"),
        "list of the long-term hospital": lambda: manager("/worklists/ltac"),
        "interfaces": lambda: administrator("/interfaces"),
    }


def timed(what: Callable[[], object], rounds: int, before: int = 0) -> float:
    """Median milliseconds of one run."""
    for _ in range(before):
        what()
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        what()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def apply_one_by_one(messages: list[bytes]) -> float:
    """Median milliseconds from the storing of a message to its place in the census."""
    found = []
    for one in messages:
        began = time.perf_counter()
        receive([one], Source("demo", origin="simulated feed"))
        while drain():
            pass
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def whole(home: Path, addresses: Addresses) -> dict[str, float]:
    """What reads everything, in milliseconds."""
    while seal.seal_what_is_final():
        pass
    new_key(home / "key")
    ask = MakeBackup(home / "backup", read_keys(home / "key"), home, lambda _bytes: None)
    with psycopg.connect(addresses.owner) as owner:
        found = {WHOLE[0]: timed(lambda: seal.verify(owner), 1)}
    return found | {WHOLE[1]: timed(lambda: make(addresses, ask), 1)}


def measured(wanted: Wanted) -> tuple[int, dict[str, float]]:
    """Rows of the trail and milliseconds by figure, of a house that is filled for it and thrown away."""
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name:
        home = Path(name)
        home.chmod(0o755)
        settings = Settings(home=home, secure_cookies=False, requests_per_minute=10_000_000)
        with open_database(settings) as addresses:
            with connected(addresses, size=2):
                simulation, people = _house.furnish(home, wanted)
                messages = list(_house.messages_after(simulation, wanted.later))
                _house.settled(addresses.owner)
                found = {"message stored and applied": apply_one_by_one(messages)}
                rows = described(addresses)
                known = some(people)
            app = create_app(settings, addresses)
            with served(app) as port:
                house = House(port, {one.role: one for one in people}, *known)
                found |= {text: timed(what, ROUNDS, BEFORE) for text, what in reads(house).items()}
            with connected(addresses, size=2):
                return rows, found | whole(home, addresses)


def described(addresses: Addresses) -> int:
    """Say how much there is; the rows of the audit trail, which measure what has happened."""
    with psycopg.connect(addresses.owner) as owner:
        row = owner.execute(
            "select (select count(*) from encounter), (select count(*) from inbound_message),"
            " (select count(*) from row_change), pg_size_pretty(pg_database_size(current_database()))"
        ).fetchone()
    assert row is not None
    print(f"{row[0]} stays, {row[1]} messages, {row[2]} changes of rows, {row[3]}", flush=True)
    return int(row[1])


def some(people: list[Person]) -> tuple[str, str, str]:
    """An open stay with many messages, its patient, and its unit."""
    with reading(WHO) as view:
        row = view.connection.execute(
            "select e.id::text, e.patient_id::text, e.unit from encounter e join facility f on f.id = e.facility_id"
            " where e.status = 'admitted' and e.patient_class = 'IP' and e.sensitivity = '' and f.kind = 'acute'"
            " order by (select count(*) from movement m where m.encounter_id = e.id) desc, e.id limit 1"
        ).fetchone()
    assert row is not None
    assert people, "nobody to read"
    return row[0], row[1], row[2]


def slope(sizes: list[int], times: list[float]) -> float:
    """The exponent of time over size, by least squares of the logarithms."""
    xs, ys = [math.log(one) for one in sizes], [math.log(one) for one in times]
    x, y = statistics.mean(xs), statistics.mean(ys)
    spread = sum((a - x) ** 2 for a in xs)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / spread if spread else 0.0


def main() -> None:
    """Measure each size and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beds", type=int, default=100, help="beds of the smallest house (100)")
    parser.add_argument("--days", type=int, default=10, help="days of the shortest history (10)")
    parser.add_argument("--by", choices=("history", "beds"), default="history", help="what becomes more (history)")
    parser.add_argument("--times", type=int, nargs="+", default=TIMES, help="how many times as much (1 3 10)")
    asked = parser.parse_args()
    print(f"{machine()}; load {psutil.getloadavg()[0]:.1f} before")
    sizes, columns = [], []
    for times in asked.times:
        beds, days = (asked.beds * times, asked.days) if asked.by == "beds" else (asked.beds, asked.days * times)
        print(f"{beds} beds, {days} days")
        size, found = measured(Wanted(beds, days, LATER, PEOPLE))
        sizes.append(size)
        columns.append(found)
    print(f"\n| milliseconds, {asked.by} | " + " | ".join(f"x{one}" for one in asked.times) + " | slope | |")
    print("|---|" + "--:|" * (len(asked.times) + 1) + "---|")
    for text in columns[0]:
        values = [column[text] for column in columns]
        grows = slope(sizes, values)
        mark = "grows" if grows > MOST_SLOPE and text not in WHOLE and asked.by == "history" else ""
        print(f"| {text} | " + " | ".join(f"{one:.1f}" for one in values) + f" | {grows:.2f} | {mark} |")


if __name__ == "__main__":
    main()
