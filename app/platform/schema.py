"""The newest schema: loads all models, applies the steps of migrations/, says whether a database is current."""

import contextlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from app.platform.db import normal_url

MIGRATIONS = Path(__file__).parents[2] / "migrations"
APP = Path(__file__).parents[1]


def load_models() -> None:
    """Import every module that declares tables, so that all of them are known, whatever feature they belong to."""
    for pattern in ("**/models.py", "**/*_models.py", "census/places.py"):
        for path in sorted(APP.glob(pattern)):
            import_module("app." + ".".join(path.relative_to(APP).with_suffix("").parts))


def configuration(connection: Connection) -> Config:
    """Alembic's configuration without a file: where the steps are and which connection they run on."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


@contextlib.contextmanager
def owner_connection(url: str) -> Iterator[Connection]:
    """One connection as the owner of the tables."""
    engine = create_engine(normal_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def upgrade(url: str) -> None:
    """Bring the database to the newest step. Safe to call from several processes at once."""
    with owner_connection(url) as connection:
        command.upgrade(configuration(connection), "head")


def is_current(connection: Connection) -> bool:
    """Whether the newest step has been applied."""
    present = set(MigrationContext.configure(connection).get_current_heads())
    return present == set(ScriptDirectory.from_config(configuration(connection)).get_heads())
