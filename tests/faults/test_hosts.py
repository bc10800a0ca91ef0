"""Two machines serve one hospital on one database of a third: one dies, and the other carries everything on."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import psycopg
import pytest

from app.jobs import DUTIES
from app.platform import lasting
from app.platform.work import everywhere, reading
from tests.faults.conftest import Site, make_world
from tests.support.asynchronous import run_async
from tests.support.faults.invariants import connected, value
from tests.support.faults.load import Feed, Person, Watcher, going_on
from tests.support.faults.server import own_server
from tests.support.faults.site import Host, served, until
from tests.support.ports import free_port

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "127.0.0.3"])

# Which process of the database holds the lock of a standing duty, and how many do.
HOLDERS = """
select count(*), count(distinct l.pid) from pg_locks l where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
  and l.database = (select oid from pg_database where datname = 'daybook')
  and l.objid::bigint = (hashtext(%s)::bigint & 4294967295)
"""

JOBS = "insert into procrastinate_jobs (queue_name, task_name, args) select 'default', 'census_file.forget', '{}'"
LEFT = "select count(*) from procrastinate_jobs where task_name = 'census_file.forget' and status in ('todo', 'doing')"


class Updates(threading.Thread):
    """An open page that is kept up to date: counts what it is told."""

    def __init__(self, address: str, token: str) -> None:
        super().__init__(name="updates", daemon=True)
        self._address, self._token = address, token
        self.told: Counter[str] = Counter()

    def run(self) -> None:
        headers = {"Cookie": f"daybook={self._token}"}
        try:
            with httpx.stream("GET", f"{self._address}/events", headers=headers, timeout=60, trust_env=False) as answer:
                for line in answer.iter_lines():
                    if line.startswith("event: "):
                        self.told[line.removeprefix("event: ")] += 1
        except httpx.TransportError:
            self.told["lost"] += 1


@pytest.fixture
def hosts() -> Iterator[tuple[Site, list[Host]]]:
    """Two hosts with addresses of their own, and the named hospital in the database that they share."""
    with own_server(listen="127.0.0.1", port=(port := free_port())) as server, ExitStack() as both:
        world = make_world(server.url)
        database = f"postgresql://postgres@127.0.0.1:{port}/daybook"
        made = [Host(server.folder.parent / f"home{n}", database, address=f"127.0.0.{n}") for n in (2, 3)]
        for host in made:
            both.enter_context(served(host))
        yield Site(server, made[1], world), made


def test_one_host_dies_and_the_other_carries_everything_on(hosts: tuple[Site, list[Host]]) -> None:
    site, (first, second) = hosts
    with connected(site.server.url):
        tokens = [site.world.cookie("dana"), site.world.cookie("lee")]
    ways = [(host.address, host.mllp_port) for host in (first, second)]
    site.feeds += [Feed(0, ways), Feed(1, ways[::-1])]
    site.people += [Person(f"p{n}", token, lambda: [first.pages, second.pages]) for n, token in enumerate(tokens)]
    site.watchers.append(Watcher(site.server.url))
    page = Updates(second.pages, tokens[0])
    page.start()

    with going_on(*site.feeds, *site.people, *site.watchers):
        until(lambda: all(len(one.written) > 3 for one in site.people), "nobody can write")
        assert [_holders(site, duty.name) for duty in DUTIES.standing] == [(1, 1)] * len(DUTIES.standing)
        for one in site.people:  # one session is good on both
            assert one.statuses[first.pages, 200] and one.statuses[second.pages, 200]
        with psycopg.connect(site.server.url) as owner:
            owner.execute(f"{JOBS} from generate_series(1, 60)")
        until(lambda: int(str(value(site.server.url, LEFT))) < 55, "no job is done")  # those that are done are gone
        first.die()
        heard, counts = page.told["changed"] + page.told["resync"], [len(feed.acknowledged) for feed in site.feeds]
        until(lambda: all(len(feed.acknowledged) > count + 8 for feed, count in zip(site.feeds, counts, strict=True)),
              "the feed does not reach the other host")  # fmt: skip
        until(lambda: page.told["changed"] + page.told["resync"] > heard + 2, "live updates do not go on")
        until(lambda: [_holders(site, duty.name) for duty in DUTIES.standing] == [(1, 1)] * len(DUTIES.standing),
              "a duty is not taken over")  # fmt: skip
        until(lambda: value(site.server.url, LEFT) == 0, "jobs of the dead host are not taken over")

    assert value(site.server.url, "select count(*) from procrastinate_jobs where status = 'failed'") == 0
    assert site.holds() > 20
    assert page.told["lost"] == 0
    for one in site.people:
        lost = {host: count for (host, status), count in one.statuses.items() if status == 0 or status >= 400}
        assert set(lost) <= {first.pages}, "a request to the living host failed"


def _holders(site: Site, duty: str) -> tuple[int, int]:
    with psycopg.connect(site.server.url) as owner:
        found = owner.execute(HOLDERS, (duty,)).fetchone()
    assert found is not None
    return found


def test_both_sides_of_a_connection_learn_of_the_end_of_the_other_within_half_a_minute() -> None:
    with own_server(listen="127.0.0.1", port=(port := free_port())):
        url = f"postgresql://postgres@127.0.0.1:{port}/daybook"
        names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")

        async def told() -> list[str]:
            async with await lasting.connect(url) as connection:
                return [(await (await connection.execute(f"show {name}")).fetchone())[0] for name in names]  # type: ignore[arg-type, index]

        assert run_async(told()) == ["10", "5", "3", "25000"]
        with connected(url), reading(everywhere("test")) as view:
            assert [view.value(f"select current_setting('{name}')") for name in names] == ["10", "5", "3", "25000"]
