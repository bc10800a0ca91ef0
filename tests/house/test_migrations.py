"""The steps of migrations/ lead from nothing to exactly what the models say, in one line."""

import shutil
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.platform import postgres, schema
from app.platform.postgres import Addresses

SECOND_STEP = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", "HEAD", None, None

def upgrade():
    op.execute(
        "insert into facility (code, name, timezone, kind, build_at, created_at)"
        " values ('A', 'A', 'UTC', 'acute', '05:00', now())"
    )
    locks = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
    assert op.get_bind().exec_driver_sql(locks).scalar() == 1
"""
VERSIONS = Path(schema.MIGRATIONS) / "versions"


def _newest() -> str:
    """The step that a further one follows."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def test_newest_step_and_models_agree(addresses: Addresses) -> None:
    with schema.owner_connection(addresses.owner) as connection:
        command.check(schema.configuration(connection))

        assert schema.is_current(connection)


def test_there_is_one_newest_step(addresses: Addresses) -> None:
    with schema.owner_connection(addresses.owner) as connection:
        heads = ScriptDirectory.from_config(schema.configuration(connection)).get_heads()

    assert len(heads) == 1


def test_names_of_steps_sort_by_time() -> None:
    names = sorted(path.name for path in VERSIONS.glob("*.py"))

    assert names and all(name[:4].isdigit() and name[4] == "_" and name[10] == "_" for name in names)


def test_an_empty_database_takes_all_steps_and_a_second_time_nothing(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("create database from_nothing")
    url = postgres.in_database(server, "from_nothing")
    try:
        schema.upgrade(url)
        schema.upgrade(url)

        with schema.owner_connection(url) as connection:
            assert schema.is_current(connection)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("drop database from_nothing with (force)")


def test_every_step_runs_with_an_actor_and_under_the_lock(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps have a transaction each; what is set for the first only would fail the second, in production."""
    copy = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / "2999_01_01_0000_second.py").write_text(SECOND_STEP.replace("HEAD", _newest()))
    monkeypatch.setattr(schema, "MIGRATIONS", copy)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("create database two_steps")
    url = postgres.in_database(server, "two_steps")
    try:
        schema.upgrade(url)

        with psycopg.connect(url) as connection:
            assert connection.execute("select actor from row_change").fetchall() == [("migration",)]
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("drop database two_steps with (force)")


def test_every_word_of_an_enumerated_column_is_taken_by_the_database(addresses: Addresses) -> None:
    with psycopg.connect(addresses.owner) as connection:
        checks = dict(
            connection.execute(
                "select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'c'"
            ).fetchall()
        )
    from app.security.permissions import Role

    assert all(f"'{role.value}'" in checks["ck_role_grant_role"] for role in Role)
