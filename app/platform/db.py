"""The database: naming, column helpers, the engine of the application role, and the scope of a transaction.

Entities (SQLModel) are for writing and single records; lists read display-ready rows by one hand-written
SELECT into typed structs, which is five times cheaper.
"""

import select
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import psycopg
from sqlalchemy import CheckConstraint, DateTime, Engine, SmallInteger, String, create_engine, event, text
from sqlalchemy.exc import DisconnectionError
from sqlmodel import Field, SQLModel

from app.platform import lasting

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


# Statements that a connection keeps prepared. A stay's page asks some 200, and with 60 all were planned anew in a house
# at work, a quarter of what the database did. That of a list, with its joins and policies, takes up to 13 MiB of the
# server's memory on each connection, so that more cannot be kept without measure.
MOST_PREPARED = 150


class Holds(StrEnum):
    """What a column holds; logs, exports and the demo follow it, and a test refuses a column without it."""

    PERSON = "person"  # identifies a patient or tells of one who can be found by it
    CLINICAL = "clinical"  # says something about a patient's care, without naming the person
    STAFF = "staff"  # names or describes a person who works here
    OPERATION = "operation"  # neither: keys, times of the machine, settings
    SECRET = "secret"  # must never leave the database: hashes, tokens, seeds


def holds(kind: Holds) -> dict[str, Any]:
    """The `info` of a column: `Field(sa_column_kwargs=holds(Holds.CLINICAL))`."""
    return {"info": {"holds": kind}}


def key() -> Any:
    """A primary key made by the database, sortable by the time it was made."""
    return Field(
        default=None,
        primary_key=True,
        sa_column_kwargs={"server_default": text("uuidv7()"), "info": {"holds": Holds.OPERATION}},
    )


def instant(kind: Holds = Holds.OPERATION, *, null: bool = False, index: bool = False) -> Any:
    """An instant, stored with its offset and read back in UTC."""
    return Field(
        default=None if null else ...,
        sa_type=DateTime(timezone=True),
        nullable=null,
        index=index,
        sa_column_kwargs={"info": {"holds": kind}},
    )


def words(kind: Holds, *, default: str | None = "", null: bool = False, index: bool = False) -> Any:
    """Text. With `null` the absence is kept as NULL, else it is the empty text, also for raw inserts."""
    extra: dict[str, Any] = {"info": {"holds": kind}}
    if not null and default is not None:
        extra["server_default"] = text(f"'{default}'")
    return Field(
        default=None if null else (default if default is not None else ...),
        nullable=null,
        index=index,
        sa_type=String,
        sa_column_kwargs=extra,
    )


def number(kind: Holds = Holds.OPERATION, *, null: bool = True, default: Any = None) -> Any:
    """A number of the annotated type."""
    extra: dict[str, Any] = {"info": {"holds": kind}}
    if default is not None:
        extra["server_default"] = text(str(default).lower())
    return Field(default=default if (null or default is not None) else ..., nullable=null, sa_column_kwargs=extra)


def link(target: str, *, null: bool = False, index: bool = True, kind: Holds = Holds.OPERATION) -> Any:
    """A foreign key, by table name, so that siblings need not import each other."""
    return Field(
        default=None if null else ...,
        foreign_key=target,
        nullable=null,
        index=index,
        sa_column_kwargs={"info": {"holds": kind}},
    )


def facility_link(*, null: bool = False, index: bool = True) -> Any:
    """The facility whose people may see the row; the row policy compares it with the transaction's scope."""
    return Field(
        default=None if null else ...,
        foreign_key="facility.id",
        sa_type=SmallInteger,
        nullable=null,
        index=index,
        sa_column_kwargs={"info": {"holds": Holds.OPERATION}},
    )


def enum_check(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The words that a column may hold, enforced by the database."""
    allowed = ", ".join(f"'{member.value}'" for member in values)
    return CheckConstraint(f"{column} in ({allowed})", name=column)


def open_engine(url: str, *, size: int = 20) -> Engine:
    """The one pool of connections of this process, as the application role (or the owner, for migrations)."""
    engine = create_engine(
        normal_url(url),
        pool_size=size,
        max_overflow=size,
        pool_pre_ping=False,
        pool_recycle=3600,
        pool_timeout=10,
        pool_use_lifo=True,  # the connection used last knows the most prepared statements
        connect_args={
            "prepare_threshold": 3,
            "connect_timeout": 5,
            "application_name": "daybook",
            **lasting.CLIENT_SIDE,
        },
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.prepared_max = MOST_PREPARED
        connection.execute("set timezone to 'UTC'")
        connection.execute("set jit to off")
        connection.execute(lasting.SERVER_SIDE)
        connection.commit()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
        if is_lost(connection):
            fault = DisconnectionError("The server closed this connection.")
            fault.invalidate_pool = True  # the others were lost with it, most likely
            raise fault

    return engine


def is_lost(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> bool:
    """Whether the server has ended an idle connection, asked without a round trip.

    An idle server is silent; when there is something to read, it is a farewell, or the end of the line.
    """
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def normal_url(url: str) -> str:
    """The address in the form that SQLAlchemy reads: psycopg 3, whatever spelling was given."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def plain_url(url: str) -> str:
    """The address in the form that psycopg itself reads."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def new_id() -> uuid.UUID:
    """A random key, for rows that must know it before they are stored."""
    return uuid.uuid4()


def array_of(values: Iterable[object]) -> str:
    """Values as a PostgreSQL array literal, for settings that are read by row policies."""
    return "{" + ",".join(str(value) for value in values) + "}"


# --- who acts, and what a transaction may touch -----------------------------------------------------------------------


class Who(Protocol):
    """An actor: a person with a scope (security.viewer.Viewer) or a named part of the program (System)."""

    @property
    def actor(self) -> str: ...
    @property
    def actor_id(self) -> uuid.UUID | None: ...
    @property
    def scope(self) -> "Scope": ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a transaction may touch; the row policies of the database read these settings.

    Attributes:
        facilities: facilities whose rows are visible.
        sensitive: facilities in which protected stays (VIP, employee, psychiatric, 42 CFR Part 2) are visible without a
            reason given.
        opened: stays opened by breaking the glass, or by being assigned.
        attending: number of the attending physician who looks.
        attending_at: facilities in which only this physician's own stays are visible.
        interface: also sees the inbox, its facts and messages that belong to no known facility.
        everywhere: all facilities and all stays, for parts of the program that act without a person.
    """

    facilities: tuple[int, ...] = ()
    sensitive: tuple[int, ...] = ()
    opened: tuple[uuid.UUID, ...] = ()
    attending: str = ""
    attending_at: tuple[int, ...] = ()
    interface: bool = False
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """A named part of the program that acts without a person."""

    actor: str
    scope: Scope = Scope()
    actor_id: uuid.UUID | None = None


def everywhere(name: str) -> System:
    """A part of the program that acts for all facilities: the feed, the jobs, the command line."""
    return System(name, Scope(everywhere=True, interface=True))


_SCOPE = (
    "select set_config('app.actor', %s, true), set_config('app.actor_id', %s, true), set_config('app.now', %s, true),"
    " set_config('app.facilities', %s, true), set_config('app.sensitive', %s, true),"
    " set_config('app.opened', %s, true), set_config('app.attending', %s, true),"
    " set_config('app.attending_at', %s, true), set_config('app.interface', %s, true),"
    " set_config('app.changed', '', true), set_config('plan_cache_mode', %s, true)"
)
_READ_ONLY_SCOPE = _SCOPE + ", set_config('transaction_read_only', 'on', true)"
# Views of the schema as_of bear the names of the tables and show them as they stood at app.as_of.
_AS_OF = "set_config('search_path', %s, true), set_config('app.as_of', %s, true)"
_PATH_AS_OF = "as_of, public"


def scope_settings(who: Who, at: datetime | None) -> tuple[str, tuple[str, ...]]:
    """The statement, and its values, that give a transaction its actor and scope. Without a time it can only read."""
    scope = who.scope
    return _SCOPE if at is not None else _READ_ONLY_SCOPE, (
        who.actor if at is not None else "",
        "" if who.actor_id is None else str(who.actor_id),
        "" if at is None else at.isoformat(),
        "*" if scope.everywhere else array_of(scope.facilities),
        "*" if scope.everywhere else array_of(scope.sensitive),
        array_of(scope.opened),
        scope.attending,
        array_of(scope.attending_at),
        "on" if scope.interface else "",
        # Programs ask the same few things about any number of rows: planning costs more than doing them.
        "force_generic_plan" if scope.everywhere else "auto",
    )


def as_of_settings(who: Who, as_of: datetime) -> tuple[str, tuple[str, ...]]:
    """The same for reading what was known at an earlier instant."""
    statement, values = scope_settings(who, None)
    turn, more = as_of_turn(as_of)
    return f"{statement}, {turn.removeprefix('select ')}", (*values, *more)


def as_of_turn(as_of: datetime) -> tuple[str, tuple[str, ...]]:
    """What makes the same statements read an earlier instant from here on, in this transaction."""
    return f"select {_AS_OF}", (_PATH_AS_OF, as_of.isoformat())


def present_turn(path: str) -> tuple[str, tuple[str, ...]]:
    """What makes them read the present again; `path` is the search path from before."""
    return f"select {_AS_OF}", (path, "")
