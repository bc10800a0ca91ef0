"""How migrations run: one transaction each, one at a time, with limits on waiting, so that nobody is held up.

The connection is handed in by app/platform/schema.py; there is no configuration file.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from app.platform.schema import load_models

load_models()
ADVISORY_LOCK = 715_200_001


def render_item(kind: str, item: Any, _context: Any) -> Any:
    """SQLModel's own string type must read as plain text, or the revision cannot be imported."""
    from sqlmodel.sql.sqltypes import AutoString

    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Tables of the job library are not ours to compare; indexes of `remembered_from_copies` are of no model's."""
    others = {"table": "procrastinate_", "index": "ix_remembered_"}
    return kind not in others or not (name or "").startswith(others[kind])


def run(connection: Connection) -> None:
    """Run the asked-for steps on this connection."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        include_name=include_name,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        # For the whole connection, not for one transaction: every step has a transaction of its own. The limit on
        # waiting comes after the queue of those who migrate, where a long wait is in order.
        connection.execute(text("set statement_timeout = '15min'"))
        connection.execute(text(f"select pg_advisory_lock({ADVISORY_LOCK})"))
        connection.execute(text("set lock_timeout = '5s'"))
        connection.execute(
            text("select set_config('app.actor', 'migration', false), set_config('app.now', now()::text, false)")
        )
        context.run_migrations()


run(context.config.attributes["connection"])
