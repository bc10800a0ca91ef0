"""`daybook restore`: the file is read to its end and judged first; what was there before goes only when all is well.

The present schemas are set aside under other names, the dump is restored in one transaction, the rows are counted and
the audit trail is verified; only then the old schemas are dropped. Whatever fails puts them back.
"""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, cast

import psycopg
import pyrage
from alembic.script import ScriptDirectory
from psycopg import sql

from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform import postgres, schema, seal
from app.platform.backup.container import DUMP, Counted, Incoming, Inspection, Manifest, Sink, Told
from app.platform.backup.keys import BackupImpossible, Keys
from app.platform.backup.making import count_rows
from app.platform.backup.tools import find_tool, surroundings
from app.platform.postgres import Addresses

_ASIDE = "before_restore_"
_DAMAGED = "This backup is damaged or was cut short. Nothing was changed."
_SCHEMAS = (
    "select nspname from pg_namespace where nspname not like 'pg\\_%%' and nspname <> 'information_schema' order by 1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRestored(Event):
    """The database was made again from a backup. `made_at` is the moment that it shows."""

    name: ClassVar[str] = "backup.restored"
    file: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class RestoreBackup:
    """Which file, with which keys, where its other files go, whether it may take the place of data."""

    source: Path
    keys: Keys
    home: Path
    replace: bool
    told: Told


def restore(addresses: Addresses, ask: RestoreBackup) -> Manifest:
    """Make the database again from a backup and check the result. The schema may be older than the program afterwards.

    Refused when the key does not open the file, when the file is damaged or newer than this program, or when the
    database holds data and `replace` is not said. BackupImpossible when a tool is missing or fails.
    """
    manifest = inspect(ask)
    server = postgres.server_version(addresses.owner) // 10000
    tool = find_tool("pg_restore", max(manifest.postgres, server))
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        _must_know(addresses, manifest)
        _must_be_alone(owner)
        _finish_interrupted(owner)
        if not ask.replace and _holds_data(owner):
            raise Refused("This database holds data. Say --replace to put the backup in its place.")
        with _set_aside(owner):
            command = [str(tool.path), "--dbname=", "--no-owner", "--single-transaction", "--exit-on-error"]
            _decrypt(command, surroundings(addresses.owner), ask)
            _check(owner, manifest)
    for name, content in manifest.files.items():
        ask.home.mkdir(parents=True, exist_ok=True)
        (ask.home / Path(name).name).write_bytes(content)
    return manifest


def inspect(ask: RestoreBackup) -> Manifest:
    """Read the whole file without writing anything. Refused says what is wrong with it or with the key."""
    if not ask.keys.identities:
        raise Refused("This key file holds public keys only. A restore needs the secret key that belongs to them.")
    dump = Inspection()
    manifest = _read(ask, dump)
    if dump.first != DUMP:
        raise Refused(_DAMAGED)
    return manifest


def _read(ask: RestoreBackup, dump: Sink) -> Manifest:
    incoming = Incoming(dump)
    try:
        with ask.source.open("rb") as file:
            pyrage.decrypt_io(Counted(file, ask.told), incoming, list(ask.keys.identities))
    except pyrage.DecryptError as error:
        wrong_key = "matching keys" in str(error)
        raise Refused(
            "The key does not open this backup. Nothing was changed." if wrong_key
            else "This file is no encrypted backup, or its head was cut short. Nothing was changed."
        ) from None  # fmt: skip
    except BrokenPipeError:
        raise
    except OSError:
        raise Refused(_DAMAGED) from None
    if incoming.manifest is None:
        raise Refused(_DAMAGED)
    return incoming.manifest


def _must_know(addresses: Addresses, manifest: Manifest) -> None:
    with schema.owner_connection(addresses.owner) as connection:
        steps = ScriptDirectory.from_config(schema.configuration(connection)).walk_revisions()
        known = {step.revision for step in steps}
    if manifest.revision not in known:
        raise Refused(
            f"This backup was made by a newer version of Daybook ({manifest.program}, schema {manifest.revision})."
            " Restore it with that version or a later one."
        )


def _must_be_alone(owner: psycopg.Connection[Any]) -> None:
    others: Any = (0,)
    for _attempt in range(20):  # a connection that was just closed is still seen for a moment
        others = owner.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            " and backend_type = 'client backend'"
        ).fetchone()
        if not others[0]:
            return
        time.sleep(0.1)
    raise Refused(f"{others[0]} other connections use this database. Stop Daybook and every other program first.")


def _holds_data(owner: psycopg.Connection[Any]) -> bool:
    """Whether any table holds a row; that a new database knows its own schema does not count."""
    tables = owner.execute(
        "select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"
    ).fetchall()
    for (name,) in tables:
        table = sql.Identifier("public", name)
        found: Any = owner.execute(sql.SQL("select exists (select from {})").format(table)).fetchone()
        if found[0]:
            return True
    return False


def _schemas(owner: psycopg.Connection[Any]) -> list[str]:
    return [row[0] for row in owner.execute(cast(Any, _SCHEMAS.replace("%%", "%"))).fetchall()]


@contextlib.contextmanager
def _set_aside(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """Make room for the restored schemas; put the former ones back when the block fails, drop them when it does not."""
    former = _schemas(owner)
    with owner.transaction():
        for name in former:
            _run(owner, "alter schema {} rename to {}", name, _ASIDE + name)
        _run(owner, "create schema {}", "public")
        _run(owner, "grant usage on schema {} to public", "public")
    with contextlib.ExitStack() as failed:
        failed.callback(_put_back, owner)
        yield
        failed.pop_all()
    with owner.transaction():
        for name in former:
            _run(owner, "drop schema {} cascade", _ASIDE + name)


def _finish_interrupted(owner: psycopg.Connection[Any]) -> None:
    """A restore that was killed left the data aside. Nobody may have worked beside it since."""
    if any(name.startswith(_ASIDE) for name in _schemas(owner)):
        if _holds_data(owner) and _is_used(owner):
            raise Refused(
                f"A restore was interrupted, and Daybook was used since: the former data is in schema {_ASIDE}public,"
                " the new one in public. Have an administrator of the database remove one of them."
            )
        _put_back(owner)


def _is_used(owner: psycopg.Connection[Any]) -> bool:
    known: Any = owner.execute("select to_regclass('public.app_user')").fetchone()
    if known[0] is None:
        return False
    row: Any = owner.execute("select exists (select from public.app_user)").fetchone()
    return bool(row[0])


def _put_back(owner: psycopg.Connection[Any]) -> None:
    """Where former schemas stand aside, they are the data, and what stands in their place is not."""
    names = _schemas(owner)
    aside = [name for name in names if name.startswith(_ASIDE)]
    if not aside:
        return
    with owner.transaction():
        for name in names:
            if name not in aside:
                _run(owner, "drop schema {} cascade", name)
        for name in aside:
            _run(owner, "alter schema {} rename to {}", name, name.removeprefix(_ASIDE))


def _run(owner: psycopg.Connection[Any], statement: str, *names: str) -> None:
    owner.execute(sql.SQL(cast(Any, statement)).format(*(sql.Identifier(name) for name in names)))


def _decrypt(command: list[str], environment: dict[str, str], ask: RestoreBackup) -> None:
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as tool:
        assert tool.stdin is not None
        with contextlib.ExitStack() as failed:
            failed.callback(tool.kill)
            with contextlib.suppress(BrokenPipeError):  # it ended before the dump did; its status says so
                _read(ask, cast(Sink, tool.stdin))
            failed.pop_all()
        with contextlib.suppress(BrokenPipeError):
            tool.stdin.close()
    if tool.returncode != 0:
        raise BackupImpossible(
            f"pg_restore ended with status {tool.returncode}. What was there before is in its place again."
        )


def _check(owner: psycopg.Connection[Any], manifest: Manifest) -> None:
    """The restored rows are those that were counted, and the audit trail is whole."""
    rows = count_rows(owner)
    differing = sorted(name for name in manifest.rows.keys() | rows.keys() if rows.get(name) != manifest.rows.get(name))
    if differing:
        raise BackupImpossible(
            f"Rows are missing after the restore ({', '.join(differing)}). What was there before is in its place again."
        )
    verdict = seal.verify(owner)
    if verdict.broken is not None:
        raise Refused(
            f"The audit trail in this backup was changed. {verdict.why} What was there before is in its place again."
        )
