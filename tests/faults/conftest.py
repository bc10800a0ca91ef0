"""One installation for the tests of a module: a server of its own, `daybook serve` as it runs, a feed and people."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from app.platform.work import begin, everywhere
from tests.support.faults.invariants import applied, connected, everything_agrees, notes_kept, nothing_lost
from tests.support.faults.load import Feed, Load, Person, Watcher
from tests.support.faults.server import Server, own_server
from tests.support.faults.site import Host, served
from tests.support.world import World


@dataclass
class Site:
    """A server, a host, and everybody who ever used them."""

    server: Server
    host: Host
    world: World
    feeds: list[Feed] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    watchers: list[Watcher] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)  # acknowledged to somebody else than a feed

    def load(self, feeds: int = 2, people: tuple[str, ...] = ("dana",)) -> list[Load]:
        """Feeds, people and a watcher, new ones each time; all of them are counted in `holds`."""
        with connected(self.server.url):
            tokens = {name: self.world.cookie(name) for name in people}
        first = len(self.feeds)
        new_feeds = [Feed(first + number, [("127.0.0.1", self.host.mllp_port)]) for number in range(feeds)]
        new_people = [Person(f"{name}{len(self.people)}", tokens[name], lambda: [self.host.pages]) for name in people]
        watcher = Watcher(self.server.url)
        self.feeds += new_feeds
        self.people += new_people
        self.watchers.append(watcher)
        return [*new_feeds, *new_people, watcher]

    def holds(self) -> int:
        """Wait until all is applied, then check every invariant. Returns the messages acknowledged so far."""
        applied(self.server.url)
        count = nothing_lost(self.server.url, [*self.sent, *(one for feed in self.feeds for one in feed.acknowledged)])
        notes_kept(self.server.url, self.people)
        everything_agrees(self.server.url)
        assert [one.halves for one in self.watchers if one.halves] == [], "somebody saw half a change"
        assert sum(one.looks for one in self.watchers) > 0
        assert sum(one.faults() for one in self.people) == 0, "a page failed"
        return count


def make_world(url: str) -> World:
    """The named hospital, in the database of a server."""
    with connected(url) as addresses:
        made = World(addresses)
        with begin(everywhere("test")) as work:  # the deadlines of the world's facilities count from now
            work.changed(made.facility["NORTH"], None)
    return made


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The installation, running. Whoever stops a part starts it again."""
    with own_server() as server:
        world = make_world(server.url)
        with served(Host(server.folder.parent / "home", server.url)) as host:
            yield Site(server, host, world)
