"""One door for writing, one for reading.

`begin(who)` opens a transaction with an actor, a scope and one fixed `now`; nothing is committed unless an event was
recorded, and what follows from events (app/reactions.py) runs inside. `reading(who)` opens a read-only one;
`reading(who, as_of=instant)` reads what was known at that instant, by the same statements.
The scope is a transaction setting that the row policies of the database compare with each row.
"""

import contextlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import args_row, scalar_row
from sqlalchemy import Connection, Engine, event, inspect
from sqlmodel import Session, SQLModel

from app.kernel.events import Event
from app.kernel.refusal import NotFound
from app.platform import queue
from app.platform.db import (
    Scope,
    System,
    Who,
    as_of_settings,
    as_of_turn,
    everywhere,
    present_turn,
    scope_settings,
)
from app.platform.now import now as wall_clock

__all__ = [
    "Disclosure", "LastStep", "NoScope", "Reaction", "Reading", "Scope", "System", "Turn", "UnauditedWrite", "Who",
    "Work", "begin", "connect", "disclose", "engine", "everywhere", "in_turns", "install", "reading",
]  # fmt: skip

T = TypeVar("T")
M = TypeVar("M", bound=SQLModel)


class UnauditedWrite(RuntimeError):
    """A transaction changed rows without recording what happened; it is not committed."""


class NoScope(RuntimeError):
    """The door to the database was used before the program was put together."""


Reaction = Callable[["Work", Any], None]
LastStep = Callable[["Work"], None]
_AS_OF_MARK = " /* as of */"
_engine: Engine | None = None
_reactions: dict[type[Event], list[Reaction]] = {}
_last_steps: list[LastStep] = []


def connect(engine: Engine) -> None:
    """Say which database this process works with."""
    global _engine
    _engine = engine


def install(reactions: dict[type[Event], list[Reaction]], last_steps: Sequence[LastStep] = ()) -> None:
    """Hand over what follows from events, and what runs once before every commit (app/reactions.py)."""
    _reactions.clear()
    _reactions.update(reactions)
    _last_steps[:] = last_steps


def engine() -> Engine:
    """The pool of this process."""
    if _engine is None:
        raise NoScope("No database is connected.")
    return _engine


@dataclass
class Reading:
    """A read-only view of what `who` may see, at one instant.

    Attributes:
        as_of: the earlier instant whose knowledge is shown; `now` is that instant too. None: what is known now.
    """

    who: Who
    now: datetime
    connection: psycopg.Connection[Any]
    as_of: datetime | None = field(default=None, kw_only=True)

    def worded(self, query: str) -> str:
        """The statement as it is sent. One that reads the past has another text than the same one about now, so that
        the driver prepares both and neither has to be planned again when readers take turns on a connection."""
        return query if self.as_of is None else query + _AS_OF_MARK

    def rows(self, shape: Callable[..., T], query: str, parameters: Any = None) -> list[T]:
        """All rows of a hand-written SELECT, each handed to `shape` in the order of its columns."""
        with self.connection.cursor(row_factory=args_row(shape)) as cursor:
            return cursor.execute(self.worded(query), parameters).fetchall()

    def one(self, shape: Callable[..., T], query: str, parameters: Any = None, missing: str = "Not found.") -> T:
        """The only row; none raises NotFound with the sentence `missing`."""
        found = self.rows(shape, query, parameters)
        if not found:
            raise NotFound(missing)
        return found[0]

    def value(self, query: str, parameters: Any = None) -> Any:
        """The first column of the first row, or None."""
        with self.connection.cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(self.worded(query), parameters).fetchone()

    def values(self, query: str, parameters: Any = None) -> list[Any]:
        """The first column of all rows."""
        with self.connection.cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(self.worded(query), parameters).fetchall()


@dataclass
class Work(Reading):
    """One transaction: an actor, a scope, one fixed `now`, and the record of what happened.

    Attributes:
        known_anew: stays of which something else was known than was kept, each with the first instant from which on.
        gathered: facts of stays, for whoever asks for them again in this transaction (app/clocks/commands.py).
    """

    session: Session
    recorded: list[Event] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    changed_stays: set[tuple[int, uuid.UUID]] = field(default_factory=set)
    signals: set[tuple[str, str]] = field(default_factory=set)
    known_anew: dict[uuid.UUID, datetime] = field(default_factory=dict)
    gathered: dict[uuid.UUID, Any] = field(default_factory=dict)

    def rows(self, shape: Callable[..., T], query: str, parameters: Any = None) -> list[T]:
        """As in a reading; sees what this transaction has changed so far."""
        self.session.flush()
        return super().rows(shape, query, parameters)

    def value(self, query: str, parameters: Any = None) -> Any:
        """As in a reading; sees what this transaction has changed so far."""
        self.session.flush()
        return super().value(query, parameters)

    def values(self, query: str, parameters: Any = None) -> list[Any]:
        """As in a reading; sees what this transaction has changed so far."""
        self.session.flush()
        return super().values(query, parameters)

    def add(self, row: M) -> M:
        """Store a new row now, so that the database's own values (key, defaults) are there."""
        self.session.add(row)
        self.session.flush()
        return row

    def get(self, model: type[M], key: Any, missing: str = "Not found.") -> M:
        """The row by its key, unlocked; out of scope is not found."""
        row = self.session.get(model, key)
        if row is None:
            raise NotFound(missing)
        return row

    def lock(self, model: type[M], key: Any, missing: str = "Not found.") -> M:
        """The row by its key, locked until the end of the transaction."""
        row = self.session.get(model, key, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound(missing)
        return row

    def delete(self, row: SQLModel) -> None:
        """Remove a row; its last state stays in the audit trail."""
        self.session.delete(row)
        self.session.flush()

    def write(self, table: str, query: str, parameters: Any = None) -> int:
        """Change rows by a hand-written statement; `table` is what it changes. Returns the number of rows."""
        self.session.flush()
        count = self.connection.execute(query, parameters).rowcount
        if count:
            self.written.add(table)
        return count

    def write_many(self, table: str, query: str, parameters: Iterable[Any]) -> None:
        """The same statement for many rows, in one round trip."""
        self.session.flush()
        with self.connection.cursor() as cursor:
            cursor.executemany(query, parameters)
            if cursor.rowcount:
                self.written.add(table)

    def record(self, happened: Event) -> None:
        """Say what happened, in the same transaction, and do what follows from it."""
        self.session.flush()
        self.recorded.append(happened)
        for kind in type(happened).__mro__:
            for reaction in _reactions.get(kind, ()):
                reaction(self, happened)

    def changed(self, facility_id: int, encounter_id: uuid.UUID) -> None:
        """Tell open pages after the commit that this stay's row is another."""
        self.changed_stays.add((facility_id, encounter_id))

    @contextlib.contextmanager
    def earlier(self, as_of: datetime) -> Iterator[Reading]:
        """Read what was known at an earlier instant, with what this transaction has written of it so far.

        An error inside ends the transaction: do not go on with it.
        """
        self.session.flush()
        path = self.value("select current_setting('search_path')")
        self.connection.execute(*as_of_turn(as_of))
        yield Reading(who=self.who, now=as_of, connection=self.connection, as_of=as_of)
        self.connection.execute(*present_turn(path))

    def signal(self, channel: str, payload: str = "") -> None:
        """Send a notification after the commit; never patient data."""
        self.signals.add((channel, payload))

    def later(self, job: str, *, once: str | None = None, at: datetime | None = None, **arguments: Any) -> None:
        """Put a job into the queue, in this transaction. With `once`, at most one such job waits."""
        self.session.flush()
        queue.defer(self.connection, queue.Deferral(job, arguments, once=once, at=at))

    def today(self, zone: str) -> date:
        """The calendar day of `now` in a facility's time zone."""
        return self.now.astimezone(ZoneInfo(zone)).date()

    def _finish(self) -> None:
        for step in _last_steps:
            step(self)
        self.session.flush()
        if not self.recorded and (changed := self.written or self._changed_past_us()):
            raise UnauditedWrite(f"Nothing was recorded about changes of: {', '.join(sorted(changed))}.")
        _store_events(self)
        for facility_id, encounter_id in self.changed_stays:
            self.signals.add(("daybook_stay", f"{facility_id} {encounter_id}"))
        if self.signals:
            self.connection.execute(
                "select pg_notify(channel, payload) from unnest(%s::text[], %s::text[]) as s(channel, payload)",
                tuple(map(list, zip(*sorted(self.signals), strict=True))),
            )

    def _changed_past_us(self) -> set[str]:
        """The audit trigger's own word on what was changed, also by statements that this object never saw."""
        table = self.value("select current_setting('app.changed', true)")
        return {table} if table else set()


def _store_events(work: Work) -> None:
    rows = [
        (
            work.now,
            work.who.actor,
            work.who.actor_id,
            happened.name,
            getattr(happened, "facility_id", None),
            happened.encounter_id,  # its facility, where the event names none
            happened.encounter_id,
            happened.patient_id,
            json.dumps(happened.facts(), default=str),
        )
        for happened in work.recorded
    ]
    statement = (
        "insert into audit_event (at, actor, actor_id, name, facility_id, encounter_id, patient_id, facts)"
        " values (%s, %s, %s, %s, coalesce(%s, (select facility_id from encounter where id = %s)), %s, %s, %s)"
    )
    if len(rows) == 1:  # the usual case, and a third cheaper than as a series
        work.connection.execute(statement, rows[0])
    elif rows:
        with work.connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


@contextlib.contextmanager
def begin(who: Who, *, at: datetime | None = None) -> Iterator[Work]:
    """Open a transaction for `who`; commit at the end of the block, undo everything when it raises.

    `at` fixes another `now`, for the simulation and tests only. Raises UnauditedWrite, and whatever the
    database says.
    """
    moment = at or wall_clock()
    with Session(engine(), autoflush=True, expire_on_commit=False) as session, session.begin():
        raw = _driver(session.connection())
        raw.execute(*scope_settings(who, moment))
        work = Work(who=who, now=moment, connection=raw, session=session)
        _watch(session, work.written)
        yield work
        work._finish()


Turn = Callable[[Who, datetime], contextlib.AbstractContextManager[Work]]


@contextlib.contextmanager
def in_turns() -> Iterator[Turn]:
    """One transaction in which several people work one after the other, each turn at an instant of its own.

    For made-up pasts only: everybody else sees all of it or nothing, so that a timer, which goes by the present, never
    comes between a question of last month and its answer.
    """
    with Session(engine(), autoflush=True, expire_on_commit=False) as session, session.begin():
        raw = _driver(session.connection())
        written: set[str] = set()
        _watch(session, written)

        @contextlib.contextmanager
        def turn(who: Who, at: datetime) -> Iterator[Work]:
            raw.execute(*scope_settings(who, at))
            written.clear()
            work = Work(who=who, now=at, connection=raw, session=session, written=written)
            yield work
            work._finish()

        yield turn


def _watch(session: Session, written: set[str]) -> None:
    @event.listens_for(session, "before_flush")
    def _note(session: Session, _context: object, _instances: object) -> None:
        for row in (*session.new, *session.dirty, *session.deleted):
            if row in session.dirty and not session.is_modified(row):
                continue
            written.add(str(inspect(type(row)).local_table))


@contextlib.contextmanager
def reading(
    who: Who, *, at: datetime | None = None, as_of: datetime | None = None, still: bool = False
) -> Iterator[Reading]:
    """Open a read-only transaction that sees what `who` may see. A stray write fails.

    With `as_of` the same statements show what was known at that earlier instant, and `now` is that instant. Who may
    see what is always decided by what holds today. With `still` all statements see the database of one moment, so that
    the sums of one agree with the rows of another whatever is committed meanwhile.
    """
    with engine().connect() as connection:
        raw = _driver(connection)
        try:
            if still:
                raw.execute("set transaction isolation level repeatable read")
            raw.execute(*(scope_settings(who, None) if as_of is None else as_of_settings(who, as_of)))
            yield Reading(who=who, now=as_of or at or wall_clock(), connection=raw, as_of=as_of)
        finally:
            if not raw.closed:
                raw.commit()  # nothing to undo; a rollback would make the driver forget its prepared statements


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Whose information left, to whom, how: one row whatever the number of patients."""

    route: str
    patients: Sequence[uuid.UUID]
    address: str = ""
    kind: str = "view"
    detail: str = ""


def disclose(who: Who, disclosure: Disclosure, *, at: datetime | None = None) -> None:
    """Write who saw whom, and commit it, before the answer is sent."""
    statement = (
        "insert into phi_access (at, actor, actor_id, route, kind, address, detail, patients, facilities)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, (select array_agg(id) from facility)))"
    )
    scope = who.scope
    values = (
        at or wall_clock(),
        who.actor,
        who.actor_id,
        disclosure.route,
        disclosure.kind,
        disclosure.address,
        disclosure.detail,
        list(disclosure.patients),
        None if scope.everywhere else list(scope.facilities),
    )
    with engine().connect() as connection:
        raw = _driver(connection)
        raw.autocommit = True  # one statement: begin and commit would be two more ways to the server and back
        try:
            raw.execute(statement, values)
        finally:
            if not raw.closed:
                raw.autocommit = False
