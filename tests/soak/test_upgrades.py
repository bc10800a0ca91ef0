"""From every step of the schema to the newest, with rows in every table that takes one."""

import time
from pathlib import Path

from app.platform import schema
from app.settings import Settings
from tests.soak.conftest import Figures
from tests.support.rows import fill
from tests.support.upgrading import check, counted, database_at, steps

ROWS = 12


def test_every_step_leads_forward_with_rows_in_it(server: str, figures: Figures, tmp_path: Path) -> None:
    figures.columns("step", "tables", "with rows", "rows", "way to the newest, s")
    for revision in steps():
        with database_at(server, revision) as addresses:
            filling = fill(addresses.owner, ROWS)
            before = counted(addresses.owner)
            began = time.monotonic()
            schema.upgrade(addresses.owner)
            seconds = time.monotonic() - began
            check(addresses, before, Settings(home=tmp_path, secure_cookies=False))
            figures.row(revision, len(before), len(filling.rows), sum(filling.rows.values()), seconds)
            assert len(filling.rows) > 3 * len(filling.empty), f"too few tables took a row: {filling.empty}"
