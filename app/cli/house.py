"""What most commands need first: the settings, the database, the doors to it. Faults of these become exit status 3."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import psycopg
import sqlalchemy.exc
from pydantic import ValidationError

from app import reactions
from app.cli import EnvironmentFault, InputRefused
from app.kernel.refusal import NotFound, Refused
from app.platform import postgres, schema, work
from app.platform.db import open_engine
from app.platform.postgres import Addresses, NoDatabase
from app.security import sealed
from app.settings import Settings

OLDEST_SERVER = 180_000
NO_ANSWER = "The database does not answer. Check that the server runs and that its address is right."
NOT_CURRENT = "The database has an older schema than this program. Run `daybook migrate` first."


@dataclass(frozen=True, slots=True)
class House:
    """An installation that is open for work."""

    settings: Settings
    addresses: Addresses


def settings_of_environment() -> Settings:
    """The settings; EnvironmentFault names the one that cannot be understood."""
    try:
        return Settings.from_environment()
    except ValueError as error:
        raise EnvironmentFault(str(error)) from error


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Turn what the program raises into what the command line answers: one sentence and an exit status."""
    try:
        yield
    except (Refused, NotFound) as error:
        raise InputRefused(error.sentence) from error
    except NoDatabase as error:
        raise EnvironmentFault(str(error)) from error
    except (psycopg.OperationalError, sqlalchemy.exc.OperationalError, sqlalchemy.exc.InterfaceError) as error:
        raise EnvironmentFault(NO_ANSWER) from error


@contextlib.contextmanager
def open_database(settings: Settings) -> Iterator[Addresses]:
    """The database, migrated when it is the embedded one; an external one must be current."""
    with sentences(), postgres.database(settings) as addresses:
        if addresses.embedded:
            schema.upgrade(addresses.owner)
        else:
            _must_be_ready(addresses)
        yield addresses


def _must_be_ready(addresses: Addresses) -> None:
    if postgres.server_version(addresses.owner) < OLDEST_SERVER:
        raise EnvironmentFault("PostgreSQL 18 or newer is needed; the server of DATABASE_URL is older.")
    with schema.owner_connection(addresses.owner) as connection:
        if not schema.is_current(connection):
            raise EnvironmentFault(NOT_CURRENT)


@contextlib.contextmanager
def connected(addresses: Addresses, *, size: int = 5) -> Iterator[None]:
    """This process may use `begin` and `reading`, and what follows from events happens."""
    engine = open_engine(addresses.app, size=size)
    work.connect(engine)
    work.install(reactions.REACTIONS, reactions.LAST_STEPS)
    try:
        yield
    finally:
        engine.dispose()


@contextlib.contextmanager
def open_house() -> Iterator[House]:
    """An installation, as the environment describes it, open for this command."""
    settings = settings_of_environment()
    sealed.use(settings.secret_keys)
    with sentences(), open_database(settings) as addresses, connected(addresses):
        yield House(settings, addresses)


@contextlib.contextmanager
def scratch_house() -> Iterator[House]:
    """An empty installation of its own that leaves nothing behind and need not survive a power cut."""
    with tempfile.TemporaryDirectory(prefix="daybook-") as folder:
        Path(folder).chmod(0o755)  # the server may run as another user than ours
        settings = replace(settings_of_environment(), home=Path(folder), database_url=None, app_database_url=None)
        quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        with sentences(), postgres.database(settings, extra=quick) as addresses:
            schema.upgrade(addresses.owner)
            with connected(addresses):
                yield House(settings, addresses)


def usage(error: ValidationError) -> click.UsageError:
    """What is wrong with the words of a command, field by field."""
    lines = [
        f"--{str(fault['loc'][0]).replace('_', '-') if fault['loc'] else '?'}: "
        + str(fault["msg"]).removeprefix("Value error, ")
        for fault in error.errors(include_input=False, include_url=False)
    ]
    return click.UsageError("; ".join(lines))
