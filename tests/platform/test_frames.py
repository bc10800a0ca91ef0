"""Frames have the types that were declared, and nothing that Polars does can end the event loop."""

from datetime import UTC, datetime

import polars as pl
import pytest

from app.platform.postgres import Addresses
from app.platform.reads.frames import FrameFault, collect, select
from app.platform.work import everywhere, reading

QUERY = (
    "select '00000000-0000-0000-0000-000000000001'::uuid as id, 3 as days, 2.5::numeric as weight,"
    " timestamptz '2026-03-05 15:41+00' as at, null::text as unit"
)
SCHEMA = {
    "id": pl.String,
    "days": pl.Int64,
    "weight": pl.Float64,
    "at": pl.Datetime("us", "UTC"),
    "unit": pl.String,
}


def test_select_gives_the_declared_types(database: Addresses):
    with reading(everywhere("test")) as view:
        frame = select(view, QUERY, None, SCHEMA)

    assert dict(frame.schema) == {**SCHEMA, "at": pl.Datetime("us", "UTC")}
    assert frame.row(0) == (
        "00000000-0000-0000-0000-000000000001",
        3,
        2.5,
        datetime(2026, 3, 5, 15, 41, tzinfo=UTC),
        None,
    )


def test_select_without_rows_has_its_schema(database: Addresses):
    with reading(everywhere("test")) as view:
        frame = select(view, f"select * from ({QUERY}) q where days > %s", (5,), SCHEMA)

    assert frame.is_empty() and frame.columns == list(SCHEMA)


def test_other_columns_than_declared_are_refused(database: Addresses):
    with reading(everywhere("test")) as view, pytest.raises(FrameFault, match="columns id, days"):
        select(view, QUERY, None, {"id": pl.String})


def test_a_value_of_another_type_is_refused_without_showing_it(database: Addresses):
    with reading(everywhere("test")) as view, pytest.raises(FrameFault) as error:
        select(view, "select 'QUIGLEY' as days", None, {"days": pl.Int64})

    assert "QUIGLEY" not in str(error.value)


def test_a_panic_becomes_an_ordinary_exception():
    def panic(_frame: pl.DataFrame) -> pl.DataFrame:
        raise pl.exceptions.PanicException("QUIGLEY")

    lazy = pl.LazyFrame({"a": [1]}).map_batches(panic)

    with pytest.raises(FrameFault) as error:
        collect(lazy)
    assert isinstance(error.value, Exception) and "QUIGLEY" not in str(error.value)


def test_collect_gives_the_result():
    lazy = pl.LazyFrame({"a": [1, 2]}).select(pl.col("a").sum())

    assert collect(lazy).item() == 3
    assert collect(lazy, engine="streaming").item() == 3
