"""Length of stay and readmissions of our own stays, against tables that a nurse can check."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from app.metrics.sources import returns, stays
from app.metrics.sources.gathering import gather
from app.metrics.sources.whole_stays import whole_stays
from app.metrics.store.cases import CASE_SCHEMA
from app.platform.work import Reading, everywhere, reading
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

ACTOR = everywhere("test")
# Group 291 is expected to stay 4.0 days, 470 1.5 days; 999 is in no table.
TABLE = """
class | admitted         | left             | drg | los | expected | excess | long | one midnight
IP    | 2026-01-05       | 2026-01-05       | 291 | 1   | 4.0      | 0      | no   | yes
IP    | 2026-01-05       | 2026-01-06       | 470 | 1   | 1.5      | 0      | no   | yes
IP    | 2026-01-05       | 2026-01-08       | 470 | 3   | 1.5      | 1.5    | yes  | no
IP    | 2026-01-05       | 2026-01-13       | 291 | 8   | 4.0      | 4      | yes  | no
IP    | 2026-01-05       | 2026-01-12       | 291 | 7   | 4.0      | 3      | no   | no
IP    | 2026-01-05       | 2026-01-12       |     | 7   | no_drg   |        |      | no
IP    | 2026-01-05       | 2026-01-12       | 999 | 7   | not_in_table |    |      | no
IP    | 2026-01-05       | 2026-01-04       | 291 | invalid_dates | invalid_dates | | | invalid_dates
OBS   | 2026-01-05       | 2026-01-06       | 291 |     |          |        |      |
IP    | 2026-01-05       |                  | 291 |     |          |        |      |
"""
HEAD, *ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


def frame(rows: list[list[str]]) -> pl.DataFrame:
    told = [
        (
            str(place),
            "acute",
            row[0],
            date.fromisoformat(row[1]),
            date.fromisoformat(row[2]) if row[2] else None,
            row[3],
        )
        for place, row in enumerate(rows)
    ]
    names = ("encounter_id", "facility_kind", "class", "admit_date", "left_on", "ms_drg")
    found = pl.DataFrame(told, schema=list(names), orient="row")
    return found.with_columns(pl.col("left_on").cast(pl.Date), merged=pl.lit(False))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:4]))
def test_lengths_of_one_stay(row: list[str]) -> None:
    ended = stays.ended_inpatients(frame([row]))
    expected = pl.DataFrame(
        [("acute", "291", 2026, 4.0), ("acute", "470", 2026, 1.5)], schema=[*stays.GROUP, "gmlos"], orient="row"
    ).with_columns(pl.col("fiscal_year").cast(pl.Int32))
    measured = stays.with_lengths(ended, expected)

    assert answers(measured) == dict(zip(HEAD[4:], row[4:], strict=True))


def answers(measured: pl.DataFrame) -> dict[str, str]:
    """What the sources say of the one stay, in the words of the table; empty where it is no case."""
    return {
        "los": said(stays.valid(measured), "value"),
        "expected": said(stays.comparable(measured), "denominator"),
        "excess": said(stays.excess(measured), "value", silent=True),
        "long": said(stays.long_stays(measured), "numerator", yes=True, silent=True),
        "one midnight": said(stays.one_midnight(measured), "numerator", yes=True),
    }


def said(cases: pl.DataFrame, column: str, *, yes: bool = False, silent: bool = False) -> str:
    if cases.is_empty():
        return ""
    [case] = cases.to_dicts()
    if case["excluded"]:
        assert case[column] is None, "what is left out has no figure"
        return "" if silent else case["excluded"]
    value = case[column]
    if yes:
        return "yes" if value else "no"
    return f"{value:g}" if column == "value" else str(value)


def coded(**given: Any) -> pl.DataFrame:
    rows = {
        "encounter_id": "a", "patient_id": "p", "facility_id": 1, "facility_kind": "acute", "class": "IP",
        "admit_at": datetime(2026, 1, 5, 12, tzinfo=UTC), "left_at": datetime(2026, 1, 9, 12, tzinfo=UTC),
        "zone": "UTC", "admit_date": date(2026, 1, 5), "left_on": date(2026, 1, 9), "disposition": "01",
        "principal_dx": "I509", "ms_drg": "291", "birth_date": date(1950, 1, 1), "final": True,
    }  # fmt: skip
    return pl.DataFrame([{**rows, **given}])


def test_kinds_and_classes_are_those_of_the_measure() -> None:
    kinds = [coded(facility_kind=kind, encounter_id=kind) for kind in ("acute", "cah", "ltch")]
    seen = returns.encounters(pl.concat([*kinds, coded(**{"class": "OBS"}), coded(**{"class": "ED"})]))

    assert seen["facility_type"].to_list() == ["ACH", "CAH", "LTCH", "ACH"]
    assert seen["patient_class"].to_list() == ["I", "I", "I", "O"]


def test_the_expected_length_is_that_of_the_year_of_discharge_or_the_newest_before(world: World) -> None:
    left = frame([["IP", "2025-09-28", "2025-09-30", "291"], ["IP", "2025-09-28", "2025-10-01", "291"]])
    ended = stays.ended_inpatients(left)
    with reading(ACTOR) as db:
        found = stays.expected_lengths(db, ended)

    assert sorted(found["fiscal_year"]) == [2025, 2026]
    assert found["gmlos"].null_count() == 0


@pytest.mark.usefixtures("database")
def test_what_is_coded_in_the_end_outranks_the_feed(world: World) -> None:
    stay = add_stay(world, StaySpec(status="discharged"))
    world.owner.execute("set session_replication_role = replica")  # past the trail, which is not looked at here
    world.owner.execute("update encounter set drg = '291', disposition = '01' where id = %s", (stay,))
    world.owner.execute(
        "insert into coded_stay (facility_id, encounter_id, principal_dx, ms_drg, disposition, coded_on, made_at)"
        " select facility_id, id, 'I509', '470', '20', '2026-03-04', %s from encounter where id = %s",
        (NOW, stay),
    )
    with reading(ACTOR, at=NOW) as db:
        patients = db.values("select patient_id from encounter where id = %s", (stay,))
        cases = {row["measure"]: row for row in whole_stays(db, patients).to_dicts()}

    assert cases["readmission"]["excluded"] == "died"
    assert '"final":true' in cases["readmission"]["detail"]
    assert cases["excess_days"]["detail"] == '{"drg":"470"}'


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("number", [3, 25])
def test_any_number_of_patients_takes_as_many_statements(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    for _ in range(number):
        add_stay(world, StaySpec(status="discharged"))
    with reading(ACTOR, at=NOW) as db:
        patients = db.values("select distinct patient_id from encounter")
        whole_stays(db, patients)  # the lists of codes are read once in a process
        asked = counted(db, monkeypatch)
        found = whole_stays(db, patients)

    assert dict(found.schema) == dict(pl.Schema(CASE_SCHEMA))
    assert found["encounter_id"].n_unique() == number and len(asked) == 9


def counted(db: Reading, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    cursor = type(db.connection.cursor())
    plain = cursor.execute

    def execute(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        asked.append(str(query))
        return plain(self, query, *more, **named)

    monkeypatch.setattr(cursor, "execute", execute)
    return asked


@pytest.mark.usefixtures("database")
def test_patients_without_a_stay_have_no_case(world: World) -> None:
    with reading(ACTOR) as db:
        assert whole_stays(db, []).is_empty()
        assert gather(db, []).stays.is_empty()
