"""Cases of measures of which a test knows every one: stays of two years, and a source that says what it is told."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from app.metrics.store import refresh
from app.metrics.store.cases import as_cases
from app.metrics.terms import MeasureId
from app.platform.now import now
from app.platform.work import Reading
from tests.support.stays import StaySpec, add_stays
from tests.support.world import World

UNITS = ("4 West", "5 South", "Intensive care", "")
PAYERS = ("Harborline MA", "Kestrel PPO")


@dataclass(frozen=True, slots=True)
class Planted:
    """One case as a test knows it."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    measure: str
    day: date
    unit: str
    payer: str
    excluded: str
    numerator: float | None
    denominator: float | None
    value: float | None


def plant(world: World, monkeypatch: pytest.MonkeyPatch, stays: int = 130, *, seed: int = 7) -> list[Planted]:
    """Discharged stays of about fourteen months, with readmissions, lengths and times; all that is known of them."""
    chance, moment = random.Random(seed), now()
    specs = [
        StaySpec(family=f"Case{place}", status="discharged", start=moment - timedelta(days=420 - 3 * place),
                 sensitivity="vip" if place == 100 else "")
        for place in range(stays)
    ]  # fmt: skip
    keys = add_stays(world, specs)
    patients = dict(world.owner.execute("select id, patient_id from encounter").fetchall())
    cases: list[Planted] = []
    for place, key in enumerate(keys):
        cases += _of_stay(chance, (key, patients[key]), moment - timedelta(days=400 - 3 * place), place)
    monkeypatch.setattr(refresh, "SOURCES", {"planted": _source(world.facility["NORTH"], cases)})
    refresh.recompute()
    return cases


def _of_stay(chance: random.Random, who: tuple[uuid.UUID, uuid.UUID], at: datetime, place: int) -> list[Planted]:
    day, unit, payer = at.date(), UNITS[place % 4], PAYERS[place % 2]
    left_out = "died" if place % 9 == 0 else "dx_missing_or_unmapped" if place % 11 == 0 else ""
    hit = None if left_out else float(chance.random() < (0.5 if unit == "5 South" else 0.1))
    days = float(chance.randint(1, 20))
    return [
        Planted(*who, MeasureId.READMISSION.value, day, unit, payer, left_out, hit, None if left_out else 1.0, None),
        Planted(*who, MeasureId.LENGTH_OF_STAY.value, day, unit, payer, "", None, None, days),
        Planted(*who, MeasureId.AVOIDABLE_DAYS.value, day, unit, payer, "", 0.5 * (place % 4), days, None),
        Planted(*who, MeasureId.ORDER_TO_DEPARTURE.value, day, unit, payer, "", None, None, days * 17),
    ]


def _source(facility: int, cases: Sequence[Planted]):  # type: ignore[no-untyped-def]
    def source(_db: Reading, patients: Sequence[uuid.UUID]) -> pl.DataFrame:
        asked = set(patients)
        rows = [
            {"facility_id": facility, "measure": one.measure, "day": one.day, "encounter_id": str(one.encounter_id),
             "patient_id": str(one.patient_id), "excluded": one.excluded, "numerator": one.numerator,
             "denominator": one.denominator, "value": one.value, "unit": one.unit, "service": "MED",
             "attending": "Doctor One", "payer": one.payer}
            for one in cases if one.patient_id in asked
        ]  # fmt: skip
        return as_cases(pl.DataFrame(rows, infer_schema_length=None))

    return source
