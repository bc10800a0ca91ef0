"""Backups given to an empty machine by the command itself: harmed ones, and how long a whole one takes."""

import hashlib
import random
import time
import uuid
from pathlib import Path

import psycopg

from app.notices.paper_pages import attach_scan
from app.notices.queries import version
from app.platform import postgres
from app.platform.backup.keys import new_key
from app.platform.backup.making import count_rows
from app.platform.now import now
from app.platform.work import begin
from app.security.permissions import Permission
from tests.faults.conftest import Site, make_world
from tests.notices.support import FIRST, deliver
from tests.soak.conftest import Figures
from tests.support.faults.invariants import applied, connected, everything_agrees, value
from tests.support.faults.load import Feed, going_on
from tests.support.faults.server import own_server, short_folder
from tests.support.faults.site import Host, served, until

MESSAGES = 1500  # as many as are applied in a minute or two
SCANS, SCAN_BYTES = 60, 1024 * 1024


def test_a_harmed_backup_leaves_the_empty_machine_empty(tmp_path: Path) -> None:
    key, file = tmp_path / "key", tmp_path / "daybook.backup"
    new_key(key)
    with short_folder() as folder:
        first, second = Host(folder / "first", ""), Host(folder / "second", "")
        assert first.command("backup", str(file), "--key", str(key)).returncode == 0
        data = file.read_bytes()
        middle = len(data) // 2
        for harmed in (data[:middle], data[:middle] + b"forged" + data[middle + 6 :]):
            file.write_bytes(harmed)

            refused = second.command("restore", str(file), "--key", str(key))

            assert refused.returncode == 1 and "Nothing was changed" in refused.stderr
        assert second.command("facility", "last-messages").stdout == ""


def test_time_of_a_backup_and_a_restore(stretch: float, figures: Figures, tmp_path: Path) -> None:
    key, file = tmp_path / "key", tmp_path / "daybook.backup"
    new_key(key)
    with own_server() as server, served(Host(server.folder.parent / "home", server.url)) as host:
        site = Site(server, host, make_world(server.url))
        site.feeds += [Feed(number, [("127.0.0.1", host.mllp_port)]) for number in range(2)]
        with going_on(*site.feeds):
            until(lambda: sum(len(feed.acknowledged) for feed in site.feeds) > MESSAGES * stretch,
                  "messages are not accepted", 240 * max(1.0, stretch))  # fmt: skip
        applied(server.url)
        digests = _attach(site)
        host.stop()
        size, rows = value(server.url, "select pg_database_size('daybook')"), _rows(server.url)
        began = time.monotonic()
        made = host.command("backup", str(file), "--key", str(key))
        backup_seconds = time.monotonic() - began
        assert made.returncode == 0, made.stderr

    with short_folder() as folder:
        empty = Host(folder / "home", "")
        began = time.monotonic()
        restored = empty.command("restore", str(file), "--key", str(key))
        restore_seconds = time.monotonic() - began
        assert restored.returncode == 0, restored.stderr
        with postgres.embedded(empty.folder / "pg", {}) as running:
            url = postgres.in_database(running, "daybook")
            with psycopg.connect(url) as owner:
                scans = owner.execute("select id, content from notice_scan").fetchall()
            assert {one: hashlib.sha256(content).digest() for one, content in scans} == digests
            everything_agrees(url)
    figures.columns("what", "MB", "rows", "seconds")
    figures.row("database", float(str(size)) / 1e6, rows, "")
    figures.row("backup, encrypted, program stopped", file.stat().st_size / 1e6, rows, backup_seconds)
    figures.row("restore on an empty machine: server made, counted, trail verified", "", rows, restore_seconds)
    figures.note(f"{len(digests)} scans of {SCAN_BYTES // 1024**2} MiB among it, each byte for byte as before.")


def _attach(site: Site) -> dict[uuid.UUID, bytes]:
    """Scans that no compression makes smaller, at the delivery of a notice; their digests by key."""
    dice, kept = random.Random(20261122), dict[uuid.UUID, bytes]()
    with connected(site.server.url):
        stay = value(site.server.url, "select id from encounter where status = 'admitted' order by id limit 1")
        assert isinstance(stay, uuid.UUID)
        delivery = deliver(site.world, stay, now(), **FIRST).delivery_id
        for _ in range(SCANS):
            content = b"%PDF-1.7 " + dice.randbytes(SCAN_BYTES)
            with begin(site.world.viewer("dana").acting(Permission.NOTICE_DELIVER)) as work:
                kept[attach_scan(work, version(work, delivery), content).id] = hashlib.sha256(content).digest()
    return kept


def _rows(url: str) -> int:
    with psycopg.connect(url) as owner:
        return sum(count_rows(owner).values())
