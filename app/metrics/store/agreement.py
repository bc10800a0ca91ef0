"""Whether what is stored equals a fresh computation: asked by `daybook doctor --deep` and by tests. Reads only."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import polars as pl

from app.metrics.store.cases import CASE_SCHEMA
from app.metrics.store.days import differing
from app.metrics.store.refresh import batches, cases_of, everybody
from app.platform.reads import frames
from app.platform.work import Reading

_NAMES = ", ".join(f"{name}::text as {name}" if name == "detail" else name for name in CASE_SCHEMA)
_STORED = f"select {_NAMES} from measure_case where patient_id = any(%s)"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was compared and what differs. Patients who wait to be reckoned anew are left out: they may differ.

    `measures` names those with cases that differ; `days` counts sums that are not those of the stored cases.
    """

    patients: int
    cases: int
    differing: int
    measures: tuple[str, ...]
    days: int

    @property
    def sound(self) -> bool:
        """Whether nothing differs."""
        return not self.differing and not self.days


def compare(view: Reading) -> Agreement:
    """Reckon everybody anew and compare."""
    waiting = set(view.values("select patient_id from measure_touch"))
    patients = [patient for patient in everybody(view) if patient not in waiting]
    cases = different = 0
    measures: set[str] = set()
    for some in batches(patients):
        stored, fresh = stored_cases(view, some), _alike(cases_of(view, some))
        cases += stored.height
        odd = pl.concat([_lacking(stored, fresh), _lacking(fresh, stored)])
        different += odd["patient_id"].n_unique()
        measures.update(odd["measure"].unique())
    return Agreement(len(patients), cases, different, tuple(sorted(measures)), len(differing(view)))


def stored_cases(view: Reading, patients: Sequence[uuid.UUID]) -> pl.DataFrame:
    """What is stored of these patients, with the columns of CASE_SCHEMA; `detail` in one spelling."""
    return _alike(frames.select(view, _STORED, (list(patients),), CASE_SCHEMA))


def _alike(cases: pl.DataFrame) -> pl.DataFrame:
    """The cases with `detail` as the database would write it: order and spaces of a JSON object say nothing."""
    said = cases["detail"].unique()
    spelled = {text: _spelled(text) for text in said}
    return cases.with_columns(pl.col("detail").replace_strict(spelled, return_dtype=pl.String))


def _spelled(text: str) -> str:
    return msgspec.json.encode(msgspec.json.decode(text), order="deterministic").decode()


def _lacking(these: pl.DataFrame, those: pl.DataFrame) -> pl.DataFrame:
    return these.join(those, on=list(CASE_SCHEMA), how="anti", nulls_equal=True)
