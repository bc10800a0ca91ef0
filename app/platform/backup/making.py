"""`daybook backup`: one consistent picture of the database, encrypted while it is read, in place only when complete."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, ClassVar

import psycopg
import pyrage
from psycopg import sql

from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform import postgres
from app.platform.backup.container import Manifest, Outgoing, Told
from app.platform.backup.keys import BackupImpossible, Keys
from app.platform.backup.tools import Tool, find_tool, surroundings
from app.platform.now import now
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere

# Their rows stay behind: nobody is signed in after a restore, and failures of signing in are forgotten.
LEFT_OUT = ("user_session", "sign_in_attempt")
NOT_KEPT = frozenset({"first-run-code", "first-run-code.new"})  # void as soon as somebody can sign in
LARGEST_FILE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupMade(Event):
    """The whole database was written to an encrypted file."""

    name: ClassVar[str] = "backup.made"
    file: str


@dataclass(frozen=True, slots=True)
class MakeBackup:
    """Where to, for which keys, and who hears how many bytes went by. `home` holds files that belong to the data."""

    target: Path
    keys: Keys
    home: Path
    told: Told


def make(addresses: Addresses, ask: MakeBackup) -> Manifest:
    """Write a backup; the file appears under its name only when it is whole.

    Refused when the file exists, BackupImpossible when a tool is missing or fails.
    """
    if ask.target.exists():
        raise Refused(f"{ask.target} exists already. A backup is never written over: choose another name.")
    tool = find_tool("pg_dump", postgres.server_version(addresses.owner) // 10000)
    # Said before, so that the backup itself tells of it: it is a disclosure of everything.
    with begin(everywhere("backup")) as work:
        work.record(BackupMade(file=ask.target.name))
    with psycopg.connect(addresses.owner) as owner:
        owner.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        owner.read_only = True
        manifest = _manifest(owner, tool, ask)
        snapshot: Any = owner.execute("select pg_export_snapshot()").fetchone()
        command = [str(tool.path), "--format=custom", "--compress=6", "--no-owner", f"--snapshot={snapshot[0]}"]
        command += [f"--exclude-table-data=public.{table}" for table in LEFT_OUT]
        with _appearing(ask.target) as file:
            _encrypt(command, surroundings(addresses.owner), Into(file, manifest, ask))
    return manifest


@dataclass(frozen=True, slots=True)
class Into:
    """What goes where: the open file, the manifest at its head, and what was asked for."""

    file: IO[bytes]
    manifest: Manifest
    ask: MakeBackup


def _encrypt(command: list[str], environment: dict[str, str], into: Into) -> None:
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as dump:
        assert dump.stdout is not None
        with contextlib.ExitStack() as failed:
            failed.callback(dump.kill)  # it would wait for ever for somebody who reads
            pyrage.encrypt_io(Outgoing(into.manifest, dump.stdout, into.ask.told), into.file, into.ask.keys.recipients)
            failed.pop_all()
    if dump.returncode != 0:
        raise BackupImpossible(f"pg_dump ended with status {dump.returncode}; no backup was written.")


def _manifest(owner: psycopg.Connection[Any], tool: Tool, ask: MakeBackup) -> Manifest:
    moment = now()  # before the picture is taken: whatever was acknowledged by then is in it
    revision: Any = owner.execute("select version_num from alembic_version").fetchone()
    return Manifest(
        made_at=moment,
        program=version("daybook"),
        revision=revision[0],
        postgres=tool.major,
        rows=count_rows(owner),
        files={path.name: path.read_bytes() for path in _own_files(ask.home)},
    )


def count_rows(owner: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of every table whose rows a backup holds."""
    names = owner.execute(
        "select tablename from pg_tables where schemaname = 'public' and tablename <> all(%s) order by 1",
        (list(LEFT_OUT),),
    ).fetchall()
    found: dict[str, int] = {}
    for (name,) in names:
        row: Any = owner.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("public", name))).fetchone()
        found[name] = row[0]
    return found


def _own_files(home: Path) -> list[Path]:
    """Files of the home folder that belong to the data: small ones, no keys, not the database's own folder."""
    if not home.is_dir():
        return []
    return [
        path
        for path in sorted(home.glob("*.json"))
        if path.is_file() and path.name not in NOT_KEPT and path.stat().st_size <= LARGEST_FILE
    ]


@contextlib.contextmanager
def _appearing(target: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when the block ends well, and leaves nothing behind when it does not."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, target)  # unlike a renaming, it never takes the place of a file that came meanwhile
    except FileExistsError:
        raise Refused(f"{target} exists already. A backup is never written over: choose another name.") from None
    finally:
        part.unlink(missing_ok=True)
