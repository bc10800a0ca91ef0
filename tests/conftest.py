"""One PostgreSQL server for the run, one database per test, cloned from a migrated template (about 30 ms)."""

import contextlib
import fcntl
import gc
import itertools
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app import reactions
from app.main import build, furnish
from app.platform import postgres, schema, work
from app.platform.db import open_engine
from app.platform.postgres import Addresses
from app.security import sealed
from app.settings import Settings
from tests.support.client import Browser
from tests.support.world import World

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
_numbers = itertools.count()
_applications = itertools.count(1)
# A property is true or not; how long an example takes on a busy machine is the benchmarks' business. To make a failing
# example small takes up to five minutes, in which a whole run stands still: that is for where the cause is sought.
_SEARCH = {hypothesis.Phase.explicit, hypothesis.Phase.reuse, hypothesis.Phase.generate, hypothesis.Phase.target}
_PHASES = [phase for phase in hypothesis.Phase if phase in _SEARCH or "CI" not in os.environ]
hypothesis.settings.register_profile("daybook", deadline=None, print_blob=True, phases=_PHASES)
hypothesis.settings.load_profile("daybook")
# Tests may lose their data: nothing here needs to survive a power cut.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


_MEMORY, _ROOM = Path("/dev/shm"), 8 << 30
# Files that take longest, the longest first. A file is run by one worker: one that began last would leave the other
# workers with nothing to do.
_LONGEST = [
    "properties/test_as_of.py",
    "properties/test_as_of_feeds.py",
    "cli/test_serving.py",
    "browser/test_every_page.py",
    "fuzz/test_routes.py",
    "house/test_scope.py",
    "interop/test_replay.py",
    "worklists/test_registry.py",
    "house/test_routes.py",
    "cli/test_operation.py",
    "demo/test_nurses.py",
    "demo/test_reviewers.py",
    "interop/test_faults.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin; all others keep their random order."""
    order = {ROOT / "tests" / name: place for place, name in enumerate(_LONGEST)}
    assert all(path.is_file() for path in order), "tests/conftest.py names a file that is gone"
    items.sort(key=lambda item: order.get(item.path, len(order)))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of rules, vectors and sample data beside the project."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with rules and vectors is absent")
    return SHARED


def _scratch() -> Path:
    """Where the server of a run keeps its files: in memory where there is room. Each test makes and drops a copy of
    some thousand files, which costs a file system of a disk more time than the test itself takes."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if roomy else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the run's server; the workers of one run share it, the last one stops it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:10]
    folder = _scratch() / f"daybook-{run}"
    folder.mkdir(mode=0o755, exist_ok=True)
    with postgres.embedded(folder / "pg", _FAST) as url:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "ready").exists():
                postgres.ensure_database(url, "template_daybook")
                postgres.ensure_role(url, password=None)
                schema.upgrade(postgres.in_database(url, "template_daybook"))
                (folder / "ready").touch()
        yield url
    if not (folder / "pg" / "postmaster.pid").exists():  # the last worker has stopped it
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _copy(server: str) -> Iterator[Addresses]:
    name = f"t_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name} template template_daybook strategy file_copy")
    owner = postgres.in_database(server, name)
    yield Addresses(owner=owner, app=postgres.as_role(owner, postgres.APP_ROLE, None), embedded=True)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def addresses(server: str) -> Iterator[Addresses]:
    """A fresh database with the newest schema and nothing in it."""
    with _copy(server) as found:
        yield found


@pytest.fixture
def second_database(server: str) -> Iterator[Addresses]:
    """Another one beside it."""
    with _copy(server) as found:
        yield found


@pytest.fixture(scope="session")
def secret_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of keys that seal secrets, the same for every database of the run."""
    return tmp_path_factory.mktemp("keys") / "secret-keys"


@contextlib.contextmanager
def _connected(addresses: Addresses, keys: Path) -> Iterator[Addresses]:
    engine = open_engine(addresses.app, size=5)
    work.connect(engine)
    sealed.use(keys)
    work.install(reactions.REACTIONS, reactions.LAST_STEPS)
    yield addresses
    # An application that a test started connects its own engine and disposes it at its end; whatever reads afterwards
    # (a worker's duty, the test itself) opens that pool again.
    for pool in {engine, work.engine()}:
        until = time.monotonic() + 10
        while pool.pool.checkedout() and time.monotonic() < until:
            time.sleep(0.01)  # an answer that a stopped server still works on; its connection would outlive the pool
        pool.dispose()


@pytest.fixture
def database(addresses: Addresses, secret_keys: Path) -> Iterator[Addresses]:
    """The same database, connected as the application role: `begin` and `reading` work on it."""
    with _connected(addresses, secret_keys) as found:
        yield found


@pytest.fixture(scope="module")
def lasting_database(server: str, secret_keys: Path) -> Iterator[Addresses]:
    """One database for all tests of a module that ask for no other: for what takes long to make and is only read."""
    with _copy(server) as addresses, _connected(addresses, secret_keys) as found:
        yield found


@pytest.fixture
def world(database: Addresses) -> Iterator[World]:
    """A small named hospital, built by commands only."""
    made = World(database)
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path, secret_keys: Path) -> Settings:
    # Walks over all routes ask more often than any person; that limit has tests of its own.
    return Settings(home=tmp_path, secure_cookies=False, template_checks=True, secret_key_file=secret_keys,
                    requests_per_minute=0)  # fmt: skip


@pytest.fixture(scope="session")
def built() -> Litestar:
    """The application before it belongs to an installation: to build its routes takes longer than most tests."""
    return build()


@pytest.fixture
def app(built: Litestar, database: Addresses, settings: Settings) -> Iterator[Litestar]:
    """The whole web application on this test's database. A test that adds routes makes its own by `create_app`."""
    yield furnish(built, settings, database)
    if next(_applications) % 25 == 0:
        gc.unfreeze()  # a starting application hides all there is from the collector: what ended ones held, too


@pytest.fixture
def browser_for(app: Litestar, world: World) -> Iterator[Callable[..., Browser]]:
    """`browser_for("dana")`: a client that is signed in as this person of the world; without a name, nobody."""
    with TestClient(app, base_url="http://testserver.local", raise_server_exceptions=False) as client:
        yield lambda name="": Browser(client, world, name)
