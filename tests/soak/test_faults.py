"""Faults one after the other under load, for minutes: how long each is felt, and that nothing is lost in the end."""

import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

from app.platform.backup.keys import new_key
from tests.faults.conftest import Site, make_world
from tests.soak.conftest import Figures
from tests.support.faults.disk import small_disk
from tests.support.faults.load import Load, going_on
from tests.support.faults.server import own_server
from tests.support.faults.site import Host, served, until

MINUTES = 8.0
FULL_SECONDS = 20.0
PARTS = ("web", "worker", "mllp")
PEOPLE = ("dana", "uma", "sol", "lee")


def _felt(site: Site, fault: Callable[[], None]) -> tuple[float, float]:
    """Do harm; seconds until a message is accepted and until somebody has written a note again."""
    began = time.monotonic()
    fault()
    accepted, written = _accepted(site), _written(site)
    until(lambda: _accepted(site) > accepted, "no message is accepted")
    feed = time.monotonic() - began
    until(lambda: _written(site) > written, "nobody can write")
    return feed, time.monotonic() - began


def _accepted(site: Site) -> int:
    return sum(len(feed.acknowledged) for feed in site.feeds)


def _written(site: Site) -> int:
    return sum(len(one.written) for one in site.people)


def _sound(loads: list[Load]) -> None:
    assert [one.failure for one in loads if one.failure] == []


def test_faults_under_load(stretch: float, figures: Figures, tmp_path: Path) -> None:
    dice, seconds = random.Random(20261122), defaultdict[str, list[tuple[float, float]]](list)
    key = tmp_path / "key"
    new_key(key)
    with own_server() as server, served(Host(server.folder.parent / "home", server.url)) as host:
        site = Site(server, host, make_world(server.url))
        faults: dict[str, Callable[[], None]] = {
            "pages killed": lambda: host.part("web").kill(),
            "background work killed": lambda: host.part("worker").kill(),
            "listener killed": lambda: host.part("mllp").kill(),
            "database stopped at once": lambda: server.restart(signal.SIGQUIT),
            "database stopped fast": lambda: server.restart(signal.SIGINT),
            "backup made, with its own time": lambda: _back_up(host, tmp_path / f"{time.monotonic_ns()}.backup", key),
        }
        loads = site.load(feeds=4, people=PEOPLE)
        with going_on(*loads):
            until(lambda: _written(site) > 5, "nobody can write")
            end = time.monotonic() + MINUTES * 60 * stretch
            while time.monotonic() < end:
                name = dice.choice(list(faults))
                seconds[name].append(_felt(site, faults[name]))
                until(lambda: len(host.parts()) == 3, "a part did not return")
                time.sleep(dice.uniform(1, 5))  # between two faults, not for a result
                _sound(loads)
        messages = site.holds()
    figures.columns("fault", "times", "feed waits, median s", "worst", "people wait, median s", "worst")
    for name, found in seconds.items():
        feed, people = zip(*found, strict=True)
        figures.row(name, len(found), float(median(feed)), max(feed), float(median(people)), max(people))
    repeats = sum(feed.repeats for feed in site.feeds)
    figures.note(f"{messages} messages acknowledged, {repeats} sent again, {_written(site)} notes written; all there.")


def _back_up(host: Host, file: Path, key: Path) -> None:
    made = host.command("backup", str(file), "--key", str(key))
    assert made.returncode == 0, made.stderr
    file.unlink()


def test_a_disk_is_full_for_a_while_again_and_again(stretch: float, figures: Figures) -> None:
    figures.columns("round", "full for s", "feed waits after s", "people wait after s")
    with small_disk() as disk:
        world = make_world(disk.server.url)
        log = disk.server.folder.parent / "said"
        with served(Host(disk.folder, disk.server.url, log=log)) as host:
            site = Site(disk.server, host, world)
            loads = site.load(feeds=3, people=PEOPLE[:2])
            with going_on(*loads):
                until(lambda: _written(site) > 5, "nobody can write")
                for number in range(1, 1 + max(1, round(3 * stretch))):
                    repeats = sum(feed.repeats for feed in site.feeds)
                    disk.fill()
                    until(lambda repeats=repeats: sum(f.repeats for f in site.feeds) > repeats, "the disk is not full")  # type: ignore[misc]
                    host.part(PARTS[number % 3]).kill()  # what starts now finds no space either
                    time.sleep(FULL_SECONDS)
                    figures.row(number, FULL_SECONDS, *_felt(site, disk.free))
                    _sound(loads)
            messages = site.holds()
            figures.note(f"{disk.kind}; {messages} messages acknowledged, all there; no part gave up.")
            assert len(host.parts()) == 3
