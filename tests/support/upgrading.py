"""Databases at an earlier step with rows in them, brought forward to the newest one."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from alembic import command
from alembic.script import ScriptDirectory
from litestar.testing import TestClient
from psycopg import sql

from app.main import create_app
from app.platform import postgres, schema
from app.platform.postgres import Addresses
from app.settings import Settings
from tests.support.rows import OTHERS


def steps() -> list[str]:
    """All steps, the first one first."""
    with_nothing = schema.Config()
    with_nothing.set_main_option("script_location", str(schema.MIGRATIONS))
    return [step.revision for step in ScriptDirectory.from_config(with_nothing).walk_revisions()][::-1]


@contextmanager
def database_at(server: str, revision: str) -> Iterator[Addresses]:
    """A database of its own at this step."""
    name = f"from_{revision}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    owner = postgres.in_database(server, name)
    try:
        with schema.owner_connection(owner) as connection:
            command.upgrade(schema.configuration(connection), revision)
        yield Addresses(owner=owner, app=postgres.as_role(owner, postgres.APP_ROLE, None), embedded=True)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def counted(url: str) -> dict[str, int]:
    """Rows of every table but those that the program fills by itself."""
    with psycopg.connect(url) as owner:
        names = [row[0] for row in owner.execute("select tablename from pg_tables where schemaname = 'public'")]
        return {
            name: owner.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(name))).fetchone()[0]  # type: ignore[index]
            for name in names
            if not OTHERS.fullmatch(name)
        }


def check(addresses: Addresses, before: dict[str, int], settings: Settings) -> None:
    """After the upgrade: no row is gone, every constraint holds, earlier instants can be read, pages are served."""
    after = counted(addresses.owner)
    lost = {name: (count, after.get(name)) for name, count in before.items() if after.get(name, 0) < count}
    assert lost == {}, "rows are gone"
    with schema.owner_connection(addresses.owner) as connection:
        command.check(schema.configuration(connection))
        assert schema.is_current(connection)
    with psycopg.connect(addresses.owner) as owner:
        doubtful = owner.execute("select conname from pg_constraint where not convalidated").fetchall()
        assert doubtful == []
        owner.execute(
            "select set_config('search_path', 'as_of, public', true), set_config('app.facilities', '*', true),"
            " set_config('app.as_of', '2026-03-06T00:00:00+00:00', true)"
        )
        for (view,) in owner.execute("select viewname from pg_views where schemaname = 'as_of'").fetchall():
            owner.execute(sql.SQL("select * from as_of.{}").format(sql.Identifier(view))).fetchall()
    with TestClient(create_app(settings, addresses), raise_server_exceptions=False) as client:
        assert client.get("/sign-in").status_code in (200, 303)
