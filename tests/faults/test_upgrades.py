"""Every step of the schema leads forward with data in the tables. All steps are walked by `make soak`."""

from pathlib import Path

import pytest

from app.platform import schema
from app.settings import Settings
from tests.support.rows import fill
from tests.support.upgrading import check, counted, database_at, steps

BORDERS = ["0001", "0019", "0034"]  # the house; clocks to notices; everything but what watches over it


@pytest.mark.parametrize("revision", BORDERS)
def test_rows_of_an_earlier_schema_survive_the_way_forward(revision: str, server: str, tmp_path: Path) -> None:
    with database_at(server, revision) as addresses:
        filling = fill(addresses.owner)
        assert len(filling.rows) > 3 * len(filling.empty), f"too few tables took a row: {filling.empty}"
        before = counted(addresses.owner)

        schema.upgrade(addresses.owner)

        check(addresses, before, Settings(home=tmp_path, secure_cookies=False))


def test_the_borders_are_steps() -> None:
    assert set(BORDERS) <= set(steps())
