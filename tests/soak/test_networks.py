"""A machine loses its network without a farewell: the other carries everything on, and no duty is done by both."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from app.jobs import DUTIES
from tests.faults.conftest import Site, make_world
from tests.soak.conftest import Figures
from tests.support.faults.invariants import connected
from tests.support.faults.load import Feed, Person, Watcher, going_on
from tests.support.faults.network import NEEDS, NETWORK, Machine, may_make, network
from tests.support.faults.server import own_server
from tests.support.faults.site import Host, served, until
from tests.support.ports import free_port

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", *(f"{NETWORK}.{number}" for number in (1, 2, 3))])

OWNERS = """
select coalesce(array_agg(host(a.client_addr)), '{}') from pg_locks l join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.objsubid = 1 and l.granted and l.objid::bigint = (hashtext(%s)::bigint & 4294967295)
  and l.database = (select oid from pg_database where datname = 'daybook')
"""
PATIENCE_SECONDS = 120.0  # for what should take half a minute


@pytest.fixture
def two() -> Iterator[tuple[Site, list[Host], list[Machine]]]:
    """Two machines behind a bridge, on the database of this one. The second started first and owns every duty."""
    if not may_make():
        pytest.skip(NEEDS)
    with ExitStack() as made:
        net = made.enter_context(network(2))
        port = free_port(net.address)
        server = made.enter_context(own_server(listen=net.address, port=port, network=f"{NETWORK}.0/24"))
        world = make_world(server.url)
        database = f"postgresql://postgres@{net.address}:{port}/daybook"
        hosts = [
            Host(server.folder.parent / one.name, database, address=one.address, prefix=one.prefix)
            for one in net.machines
        ]
        for host in reversed(hosts):
            made.enter_context(served(host))
        yield Site(server, hosts[0], world), hosts, list(net.machines)


def test_a_machine_without_network_gives_its_duties_away_and_takes_none_back_twice(
    two: tuple[Site, list[Host], list[Machine]], figures: Figures
) -> None:
    site, (first, second), (_near, far) = two
    with connected(site.server.url):
        tokens = [site.world.cookie("dana"), site.world.cookie("lee")]
    reached, ways = [first.pages, second.pages], [(host.address, host.mllp_port) for host in (first, second)]
    site.feeds += [Feed(0, ways), Feed(1, ways[::-1])]
    site.people += [Person(f"p{n}", token, lambda: reached) for n, token in enumerate(tokens)]
    site.watchers.append(Watcher(site.server.url))
    figures.columns("what", "seconds")

    with going_on(*site.feeds, *site.people, *site.watchers):
        until(lambda: all(len(one.written) > 3 for one in site.people), "nobody can write")
        assert _owners(site) == {second.address}
        reached.remove(second.pages)
        accepted = [len(feed.acknowledged) for feed in site.feeds]
        far.pull_cable()
        felt = until(lambda: _further(site, accepted, 3), "a feed does not reach the other machine")
        moved = felt + until(lambda: _owners(site) == {first.address}, "a duty is not taken over", PATIENCE_SECONDS)
        assert second.status("/readyz") == 0, "the cable was not pulled"
        accepted = [len(feed.acknowledged) for feed in site.feeds]
        until(lambda: _further(site, accepted, 20), "messages are not accepted")
        far.plug_in()
        back = until(lambda: second.status("/readyz") == 200, "the machine does not come back", PATIENCE_SECONDS)
        reached.append(second.pages)
        answered = sum(one.statuses[second.pages, 200] for one in site.people)
        until(lambda: sum(one.statuses[second.pages, 200] for one in site.people) > answered + 5, "no page is served")
        until(lambda: all(len(found) == 1 for found in _each(site).values()), "a duty has no owner, or two")
        accepted = [len(feed.acknowledged) for feed in site.feeds]
        until(lambda: _further(site, accepted, 5), "messages are not accepted")
    messages = site.holds()
    figures.row("both feeds go on over the other machine", felt)
    figures.row("all duties belong to the other machine", moved)
    figures.row("pages of the machine answer after its network is back", back)
    repeats = sum(feed.repeats for feed in site.feeds)
    figures.note(f"{messages} messages acknowledged, {repeats} sent again; all there, one owner of each duty.")
    assert {len(found) for found in _each(site).values()} == {1}


def _further(site: Site, before: list[int], by: int) -> bool:
    return all(len(feed.acknowledged) > count + by for feed, count in zip(site.feeds, before, strict=True))


def _each(site: Site) -> dict[str, list[str]]:
    """Addresses of the machines that hold each standing duty."""
    with psycopg.connect(site.server.url) as owner:
        return {duty.name: owner.execute(OWNERS, (duty.name,)).fetchall()[0][0] for duty in DUTIES.standing}


def _owners(site: Site) -> set[str]:
    """The machines that hold all duties together; nobody is among them where a duty has no owner, or two."""
    return {found[0] if len(found) == 1 else "nobody" for found in _each(site).values()}
