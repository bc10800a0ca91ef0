"""The disk of the data folder runs full while messages come and people work, and has space again later."""

from tests.faults.conftest import Site, make_world
from tests.support.faults.disk import small_disk
from tests.support.faults.load import going_on
from tests.support.faults.site import Host, served, until


def test_a_full_disk_takes_nothing_loses_nothing_and_all_goes_on_with_space() -> None:
    with small_disk() as disk:
        world = make_world(disk.server.url)
        with served(Host(disk.folder, disk.server.url, log=disk.server.folder.parent / "said")) as host:
            site = Site(disk.server, host, world)
            loads = site.load()
            with going_on(*loads):
                until(lambda: all(len(feed.acknowledged) > 5 for feed in site.feeds), "no message is accepted")
                disk.fill()
                until(lambda: all(feed.repeats > 2 for feed in site.feeds), f"{disk.kind} was not noticed")
                host.part("web").kill()  # the pages; whatever starts now finds no space either
                until(lambda: host.answers("/healthz"), "no pages start while the disk is full")
                before = [len(feed.acknowledged) for feed in site.feeds]
                disk.free()
                until(lambda: all(len(feed.acknowledged) > count + 5 for feed, count in zip(
                    site.feeds, before, strict=True)), "nothing is accepted though there is space")  # fmt: skip
            until(lambda: host.status("/readyz") == 200, "the pages do not come back")
            assert site.holds() > 20
            assert len(host.parts()) == 3
