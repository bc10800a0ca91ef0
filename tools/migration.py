"""Drafts a migration from the difference between the models and the newest schema: `make migration NAME="..."`.

Works on a scratch server of its own, so that nobody's database is touched. The draft is a proposal: read it, add
`audited(...)` and `scoped(...)` for new tables, and what autogenerate cannot see (changed checks, new enum values).
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from app.platform import postgres
from app.platform.schema import configuration, owner_connection, upgrade


def draft(name: str) -> None:
    """Write the file; Alembic prints its path."""
    with (
        tempfile.TemporaryDirectory(prefix="daybook-") as folder,
        postgres.embedded(Path(folder) / "pg", {"fsync": "off"}) as server,
    ):
        postgres.ensure_database(server, "draft")
        url = postgres.in_database(server, "draft")
        postgres.ensure_role(url, password=None)
        upgrade(url)
        with owner_connection(url) as connection:
            config = configuration(connection)
            config.set_main_option(
                "file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s"
            )
            command.revision(config, message=name, autogenerate=True)


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]))
