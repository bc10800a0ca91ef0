"""The worklist page against its floor, in one run on one server: `python -m benchmarks.page [stays] [rounds]`.

Floor: the same SELECT through plain psycopg in the same scope, one committed insert of the same disclosure row, and a
pre-rendered answer of the same size. Printed are medians and ratios; figures of two runs are not comparable.
"""

import contextlib
import socket
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import uvicorn
from litestar import Request, get
from litestar.response import Response

from app import reactions
from app.ledger.grid import ALL_UNITS
from app.main import create_app
from app.platform import postgres, schema, work
from app.platform.db import open_engine
from app.platform.now import now
from app.platform.postgres import Addresses
from app.platform.work import Disclosure, disclose, everywhere, reading
from app.security.permissions import Permission
from app.settings import Settings
from app.worklists import drawing, queries
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from tests.support.stays import StaySpec, insert_stay
from tests.support.world import World

HISTORY = 20_000
FILTERED = "/worklists/inpatient?unit=U0"


@contextlib.contextmanager
def database(folder: Path) -> Iterator[Addresses]:
    """A fresh server with usual safety (a commit waits for the disk) and an empty, migrated database."""
    folder.chmod(0o755)
    with postgres.embedded(folder / "pg", {}) as url:
        postgres.ensure_database(url, "bench")
        postgres.ensure_role(url, password=None)
        owner = postgres.in_database(url, "bench")
        schema.upgrade(owner)
        yield Addresses(owner=owner, app=postgres.as_role(owner, postgres.APP_ROLE, None), embedded=True)


def fill(world: World, stays: int) -> None:
    """Open stays over ten units, and many that are over: as many a day as such a house discharges, today too."""
    moment = now()
    with work.begin(everywhere("bench")) as writing:
        for number in range(stays):
            insert_stay(
                writing,
                world,
                StaySpec(
                    family=f"Sample{number}",
                    given="Person",
                    unit=f"U{number % 10}",
                    room=str(400 + number // 10),
                    bed="A",
                    start=moment - timedelta(days=number % 12, hours=number % 24),
                    gmlos=3.1 + number % 5,
                    payer=f"P{number % 9}",
                    expected=moment + timedelta(days=number % 6 - 1),
                    pending="discharge" if number % 15 == 0 else "",
                    attending=str(1001 + number % 25),
                    service=("MED", "SURG", "CARD")[number % 3],
                ),
            )
    for number in range(HISTORY // 100):
        begun = moment - timedelta(days=4 + number)
        with work.begin(everywhere("bench"), at=begun + timedelta(days=4)) as writing:
            for _ in range(100):
                stay = StaySpec(status="discharged", start=begun, room="1", bed="X")
                insert_stay(writing, world, stay)
    with work.begin(everywhere("bench")) as writing:
        insert_stay(writing, world, StaySpec(status="discharged", start=moment - timedelta(days=4), room="1", bed="X"))
        people = [world.user[name] for name in ("dana", "uma", "sol")]
        writing.write(
            "assignment",
            "insert into assignment (encounter_id, facility_id, user_id, assigned_at)"
            " select id, facility_id, (%s::uuid[])[1 + serial %% 3], now() from encounter"
            " where status = 'admitted' and serial %% 5 <> 0",
            (people,),
        )
        writing.write(
            "note",
            "insert into note (encounter_id, facility_id, text, pinned, written_at, written_by)"
            " select id, facility_id, 'Daughter decides, calls back after four', serial %% 4 = 0, now(), %s"
            " from encounter where serial %% 3 = 0 and status = 'admitted'",
            (people[0],),
        )


def floor_routes(world: World, body: bytes, addresses: Addresses) -> list[Any]:
    """The floor on the same server: no session, no template."""
    viewer = world.viewer("dana").acting(Permission.STAY_LIST)
    with reading(viewer) as db:
        ask = queries.Ask(REGISTRY, REGISTRY.lists["inpatient"], View("inpatient"), db, viewer)
        question = queries.rows_question(ask)
    scope, values = work.scope_settings(viewer, None)
    local = threading.local()

    def connection() -> psycopg.Connection[Any]:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(addresses.app, prepare_threshold=3)
            local.connection.execute("set jit to off")
            local.connection.commit()
        return local.connection

    @get("/floor", permission=Permission.PUBLIC, sync_to_thread=True)
    def floor(request: Request[Any, Any, Any]) -> Response[bytes]:
        """The same SELECT, the same disclosure, ready bytes."""
        plain = connection()
        with plain.pipeline():
            plain.execute(scope, values)
            cursor = plain.execute(question.query, question.parameters)
        patients = [row[1] for row in cursor.fetchall()]
        plain.commit()  # a rollback would make the driver forget the prepared statement
        disclose(viewer, Disclosure("GET /floor", patients))
        return Response(body, media_type="text/html")

    return [floor]


@contextlib.contextmanager
def served(app: Any) -> Iterator[int]:
    """Serve on a free port in a thread."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            access_log=False,
            log_level="error",
            loop="uvloop",
            http="httptools",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)


class Client:
    """One kept connection that reads answers with a length."""

    def __init__(self, port: int, cookie: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._cookie = cookie

    def get(self, path: str, more: str = "") -> bytes:
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: daybook={self._cookie}\r\n{more}\r\n".encode()
        )
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._socket.recv(262144)
        head, _, body = data.partition(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], (path, head.split(b"\r\n")[0])
        length = int(
            next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")).split(b":")[1]
        )
        while len(body) < length:
            body += self._socket.recv(262144)
        return body


def timed(client: Client, path: str, times: int, more: str = "", *, anew: bool = False) -> list[float]:
    """Milliseconds of each answer; `anew` with every row drawn, as if none had been sent before."""
    found = []
    for _ in range(times):
        if anew:
            drawing.forget()
        start = time.perf_counter()
        client.get(path, more)
        found.append((time.perf_counter() - start) * 1000)
    return found


def crowd(port: int, cookie: str, path: str, seconds: float) -> tuple[float, float]:
    """Answers a second and p99 in milliseconds of sixteen clients."""
    end = time.perf_counter() + seconds

    def one(_: int) -> list[float]:
        client, found = Client(port, cookie), []
        while time.perf_counter() < end:
            found += timed(client, path, 1)
        return found

    with ThreadPoolExecutor(16) as pool:
        every = [one_time for times in pool.map(one, range(16)) for one_time in times]
    return len(every) / seconds, statistics.quantiles(every, n=100)[98]


def main(stays: int = 400, rounds: int = 4) -> None:
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name, database(Path(name)) as addresses:
        work.connect(open_engine(addresses.app))
        work.install(reactions.REACTIONS, reactions.LAST_STEPS)
        world = World(addresses)
        fill(world, stays)
        with psycopg.connect(addresses.owner, autocommit=True) as owner:
            owner.execute("vacuum analyze")
        cookie = world.cookie("dana")
        settings = Settings(home=Path(name), secure_cookies=False, requests_per_minute=10_000_000)
        app = create_app(settings, addresses)
        with served(app) as port:
            body = Client(port, cookie).get("/worklists/inpatient")
        app = create_app(settings, addresses)
        for route in floor_routes(world, body, addresses):
            app.register(route)
        piece = "HX-Request: true\r\nHX-Request-Type: partial\r\n"
        row = f"/worklists/inpatient/rows?id={first_stay(addresses)}"
        with served(app) as port:
            client = Client(port, cookie)
            cases = {
                "floor": ("/floor", ""),
                "page": ("/worklists/inpatient", ""),
                "anew": ("/worklists/inpatient", ""),
                "filter": (FILTERED, piece),
                "row": (row, piece),
                "ledger": (f"/ledger?unit={quote(ALL_UNITS)}", ""),
            }
            for path, more in cases.values():
                timed(client, path, 20, more)
            times: dict[str, list[float]] = {case: [] for case in cases}
            for _ in range(rounds):
                for case, (path, more) in cases.items():
                    times[case] += timed(client, path, 40, more, anew=case == "anew")
            base = statistics.median(times["floor"])
            print(f"{stays} stays, page of {len(body) // 1024} KiB, {len(body) // stays} bytes a stay")
            for case, found in times.items():
                middle = statistics.median(found)
                print(f"{case:7} p50 {middle:6.2f} ms  {middle / base:5.2f} x floor")
            rates = {case: crowd(port, cookie, path, 4.0) for case, (path, _) in list(cases.items())[:2]}
            print(
                f"16 clients: throughput {rates['page'][0] / rates['floor'][0]:.2f} of the floor's,"
                f" p99 {rates['page'][1] / rates['floor'][1]:.2f} x the floor's"
            )


def first_stay(addresses: Addresses) -> uuid.UUID:
    """Any open stay."""
    with psycopg.connect(addresses.owner) as owner:
        found = owner.execute(
            "select id from encounter where status = 'admitted' and facility_id = 1 limit 1"
        ).fetchone()
        assert found is not None
        return uuid.UUID(str(found[0]))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:3]))
