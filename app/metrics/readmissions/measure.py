"""Thirty-day unplanned readmission after the hospital-wide definition of CMS: one row of flags per encounter.

The steps, each in a module of its own: what a row says by itself (rows), one stay from several rows (stays), what its
codes mean (planned), transfers and what follows (chains), who can be an index stay (eligibility). Rates are crude:
observed, not adjusted for risk.
"""

from datetime import date
from typing import Any

import narwhals as nw
import polars as pl

from app.metrics.readmissions import chains, eligibility, planned, rows, stays
from app.metrics.readmissions.engines import NEVER, Engine, Frame, engine_of
from app.metrics.readmissions.settings import FLAGS, OUTPUT, WHOLE, Reason, Settings
from app.metrics.readmissions.value_sets import ValueSets, diagnoses
from app.metrics.readmissions.value_sets import procedures as procedure_meanings

OF_STAY = ("chain_id", "cohort", "planned", "planned_rule")
EPOCH = date(1970, 1, 1)


def described(encounters: Frame, value_sets: ValueSets, drg: pl.DataFrame, engine: Engine) -> Frame:
    """All rows with their own length, expected length and the meaning of their diagnosis."""
    meanings = engine.table(diagnoses(value_sets).with_columns(dx_known=pl.lit(True)), encounters)
    expected = engine.table(rows.lengths_expected(drg), encounters)
    joined = rows.cleaned(encounters).join(meanings, on="principal_dx", how="left")
    flags = [nw.col(name).fill_null(False) for name in ("dx_known", "always_planned", "acute")]
    return rows.with_excess(joined.with_columns(*flags), expected)


def usable_rows(acute: Frame, engine: Engine) -> tuple[Frame, Frame]:
    """Acute rows that can be used, and those whose dates cannot be true."""
    acute = stays.in_order(acute, engine).with_columns(stays.usable().alias("usable"))
    usable = acute.filter(nw.col("usable")).drop("usable", "admitted_us")
    return engine.settled(usable), outside(acute.filter(~nw.col("usable")), Reason.INVALID_DATES)


def in_stays(usable: Frame, procedures: Frame, value_sets: ValueSets, engine: Engine) -> tuple[Frame, Frame]:
    """Each stay by the row that leaves last, with the procedures of all its rows; and the other rows."""
    meanings = engine.table(procedure_meanings(value_sets), usable)
    usable = planned.with_procedures(usable, planned.procedures_meant(procedures, meanings))
    known = engine.settled(stays.with_representatives(stays.with_stays(stays.by_leaving(usable, engine), engine)))
    return known.filter(nw.col("is_stay_rep")), answered(known.filter(~nw.col("is_stay_rep")))


def outcomes(leaving: Frame, settings: Settings, engine: Engine) -> Frame:
    """Stays with their chain, what follows it, and whether they are index stays."""
    linked = chains.with_outcome(chains.with_chains(planned.with_meaning(leaving), engine))
    end = engine.greatest(linked, "discharge_day") if settings.data_end is None else (settings.data_end - EPOCH).days
    return answered(eligibility.with_reason(linked, settings, NEVER if end is None else end))


def merged(parts: Frame, whole: Frame) -> Frame:
    """The other rows of stays that have several: they repeat what belongs to the stay."""
    joined = parts.join(whole.select("stay_id", *OF_STAY), on="stay_id", how="inner")
    return joined.with_columns(nw.lit(str(Reason.MERGED)).alias("exclusion_reason"))


def answered(part: Frame) -> Frame:
    """The columns of the answer that a part has."""
    had = set(part.collect_schema().names())
    return part.select(*[name for name in OUTPUT if name in had])


def outside(unseen: Frame, reason: Reason) -> Frame:
    """Rows that are part of no stay."""
    return answered(unseen).with_columns(nw.lit(str(reason)).alias("exclusion_reason"))


def shaped(parts: list[Frame]) -> Frame:
    """All rows with the columns of the answer, by encounter id. What a part does not have is null, or false."""
    columns = [
        nw.col(name).fill_null(False) if name in FLAGS else nw.col(name).cast(nw.Int32) if name in WHOLE else name
        for name in OUTPUT
    ]
    return nw.concat(parts, how="diagonal").select(*columns).sort("encounter_id")


def measure(
    encounters: Any, procedures: Any, value_sets: ValueSets, drg: pl.DataFrame, settings: Settings | None = None
) -> Any:
    """One row per encounter with the columns of OUTPUT, ordered by encounter id, in the form of the tables given.

    `encounters` and `procedures` are tables of Polars or of Spark. Encounter ids are unique; dates are local to the
    facility, timestamps carry UTC. `drg` has the columns fiscal_year, ms_drg and gmlos.
    """
    engine = engine_of(encounters)
    known = engine.settled(described(engine.encounters(encounters), value_sets, drg, engine))
    not_acute, acute = outside(known.filter(~rows.is_acute()), Reason.NOT_ACUTE), known.filter(rows.is_acute())
    del known  # a frame that nobody reads any more gives its memory back
    usable, invalid = usable_rows(acute, engine)
    del acute
    leaving, others = in_stays(usable, engine.procedures(procedures), value_sets, engine)
    del usable
    of_stays = engine.settled(outcomes(leaving, settings or Settings(), engine))
    del leaving
    return engine.given(shaped([not_acute, invalid, merged(others, of_stays), of_stays]))
