"""A class that the feed tells in two rows, one after the other, is one span: no figure of status may change by it."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from app.metrics.sources import statuses
from app.metrics.sources.gathering import STAYS_SCHEMA
from tests.metrics.sources.tables import said

START = datetime(2026, 3, 7, 18, 0, tzinfo=UTC)  # the night that follows is shorter by an hour
Row = tuple[str, int, int | None]
lengths = st.lists(st.integers(2, 40), min_size=1, max_size=6)


def classes(rows: list[Row]) -> pl.DataFrame:
    spans = [
        ("a", value, START + timedelta(hours=since), None if until is None else START + timedelta(hours=until))
        for value, since, until in rows
    ]
    return pl.DataFrame(
        [(*one, one[2].date(), one[3].date() if one[3] else None) for one in spans],
        schema=statuses.CLASSES_SCHEMA, orient="row",
    )  # fmt: skip


def answers(rows: list[Row]) -> list[list[str]]:
    found = classes(rows)
    left = found["until"].last()
    stays = pl.DataFrame(
        [{"encounter_id": "a", "left_at": left, "precise": True}],
        schema={name: STAYS_SCHEMA[name] for name in ("encounter_id", "left_at", "precise")},
    )
    spans = statuses.runs(found)
    none = pl.DataFrame(schema={"encounter_id": pl.String, "completed": pl.Boolean})
    return [
        said(statuses.observation_hours(found, stays), "encounter_id", "day"),
        said(statuses.conversions(spans), "encounter_id", "day", "record_id"),
        said(statuses.code_44(spans, none), "encounter_id", "day", "record_id"),
    ]


@given(lengths, st.data(), st.booleans())
def test_a_span_told_in_two_rows_is_one(hours: list[int], data: st.DataObject, here: bool) -> None:
    rows: list[Row] = []
    at = 0
    for number, length in enumerate(hours):
        value = data.draw(st.sampled_from(["ED", "OBS", "IP"]))
        rows.append((value, at, None if here and number == len(hours) - 1 else at + length))
        at += length
    place = data.draw(st.integers(0, len(rows) - 1))
    value, since, until = rows[place]
    cut = since + 1
    told_twice = [*rows[:place], (value, since, cut), (value, cut, until), *rows[place + 1 :]]

    assert answers(told_twice) == answers(rows)
