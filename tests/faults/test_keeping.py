"""A backup made while the feed ran stands up again on an empty machine, whole, and the feed goes on from it."""

import json
from pathlib import Path

from app.platform import postgres
from app.platform.backup.keys import new_key
from tests.faults.conftest import Site, make_world
from tests.support.faults.invariants import everything_agrees, nothing_lost, value
from tests.support.faults.load import Feed, going_on
from tests.support.faults.server import own_server, short_folder
from tests.support.faults.site import Host, served, until


def _stored(url: str, prefix: str) -> list[int]:
    """Numbers of the messages of one feed, which sends one after the other."""
    found = value(url, "select array_agg(control_id) from inbound_message where control_id like %s", f"{prefix}-%")
    assert isinstance(found, list)
    return sorted(int(one.rpartition("-")[2]) for one in found)


def test_a_backup_under_load_is_restored_on_an_empty_machine_and_the_feed_goes_on(tmp_path: Path) -> None:
    key, file = tmp_path / "key", tmp_path / "daybook.backup"
    new_key(key)
    with own_server() as server, served(Host(server.folder.parent / "home", server.url)) as host:
        site = Site(server, host, make_world(server.url))
        loads = site.load()
        with going_on(*loads):
            until(lambda: all(len(feed.acknowledged) > 15 for feed in site.feeds), "no message is accepted")
            before = {feed: list(feed.acknowledged) for feed in site.feeds}
            made = host.command("backup", str(file), "--key", str(key))
            assert made.returncode == 0, made.stderr
            after = {feed: len(feed.acknowledged) for feed in site.feeds}
        assert all(after[feed] > len(before[feed]) for feed in site.feeds), "the feed did not run meanwhile"

    with short_folder() as folder:
        empty = Host(folder / "home", "")
        restored = empty.command("restore", str(file), "--key", str(key))
        assert restored.returncode == 0, restored.stderr
        assert "last-messages" in restored.stderr
        assert empty.command("audit", "verify").returncode == 0
        told = empty.command("facility", "last-messages").stdout
        with postgres.embedded(empty.folder / "pg", {}) as running:
            url = postgres.in_database(running, "daybook")
            for feed in site.feeds:
                numbers = _stored(url, f"F{site.feeds.index(feed)}")
                assert numbers == list(range(1, len(numbers) + 1)), "a message in the middle is missing"
                assert len(numbers) >= len(before[feed]), "what was acknowledged before the backup is not in it"
                last = json.loads(told.splitlines()[0])
                assert last["facility"] == "NORTH" and int(last["control_id"].rpartition("-")[2]) > 0
            assert value(url, "select count(*) from user_session") == 0
            everything_agrees(url)
            with served(Host(folder / "again", url)) as again:
                _go_on(again, url, site.feeds[0].log)


def _go_on(again: Host, url: str, log: list[bytes]) -> None:
    """The engine sends its log once more: what is there is taken once, the rest is added."""
    feed = Feed(7, [("127.0.0.1", again.mllp_port)], pause=0.0)
    feed.send_again(log)
    with going_on(feed):
        until(lambda: len(feed.acknowledged) >= len(log) + 3, "the restored installation takes no message")
    until(lambda: value(url, "select count(*) from inbound_pending") == 0, "messages are not applied")
    assert nothing_lost(url, feed.acknowledged) >= len(log)
    everything_agrees(url)
