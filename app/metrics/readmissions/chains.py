"""R6 and R7: stays that a transfer links, which of them leaves last, and which stay follows."""

import narwhals as nw

from app.metrics.readmissions.engines import NEVER, Engine, Frame, Line
from app.metrics.readmissions.settings import DAYS

OF_PATIENT = Line(within=("patient",), place="stay_place")


def is_transfer() -> nw.Expr:
    """R6: admitted before the latest discharge so far, or on that day or the next at another hospital.

    Neither disposition nor admission source is asked, as in the specification of CMS.
    """
    gap = nw.col("stay_admit_day") - nw.col("until")
    elsewhere = nw.col("hospital") != nw.col("hospital_before")
    return ((gap < 0) | ((gap <= 1) & elsewhere)).fill_null(False)


def with_latest(stays: Frame, engine: Engine) -> Frame:
    """With `until` and `hospital_before`: day and hospital of the latest discharge among the patient's stays before."""
    line = OF_PATIENT
    stays = engine.highest(engine.laid(stays, line), line, latest_day="left_day", latest="leaving")
    leads = nw.col("leaving") == nw.col("latest")
    stays = engine.kept(
        stays.with_columns(nw.when(leads).then(nw.col("hospital")).alias("latest_hospital")), line, "latest_hospital"
    )
    return engine.previous(stays, line, until="latest_day", hospital_before="latest_hospital")


def with_chains(stays: Frame, engine: Engine) -> Frame:
    """With `chain_id` (the stay that begins the chain), `is_last`, and the next chain's first stay (`next_...`)."""
    line = OF_PATIENT
    begins = nw.col("begins")
    stays = with_latest(stays, engine).with_columns((~is_transfer()).alias("begins"))
    stays = stays.with_columns(
        nw.when(begins).then(nw.col("stay_id")).alias("chain_id"),
        nw.when(begins).then(nw.col("stay_admit_day")).alias("begin_day"),
        nw.when(begins).then(nw.col("planned")).alias("begin_planned"),
    )
    stays = engine.coming(stays, line, next_id="chain_id", next_day="begin_day", next_planned="begin_planned")
    stays = engine.runs(engine.kept(stays, line, "chain_id"), "chain", "begins", "chain_id")
    return stays.with_columns((nw.col("leaving") == nw.col("leaving").max().over("chain")).alias("is_last"))


def with_outcome(stays: Frame) -> Frame:
    """With what follows the last stay of each chain that has an end: only the first stay after it can count."""
    counted = nw.col("is_last") & (nw.col("left_day") < NEVER)
    days = nw.when(counted).then(nw.col("next_day") - nw.col("left_day")).cast(nw.Int32)
    stays = stays.with_columns(days.alias("days_to_readmit"))
    soon = (nw.col("days_to_readmit") <= DAYS).fill_null(False)
    planned = nw.col("next_planned").fill_null(False)
    return stays.with_columns(
        soon.alias("any_readmit_30"),
        (soon & planned).alias("planned_readmit_30"),
        (soon & ~planned).alias("unplanned_readmit_30"),
        nw.when(soon).then(nw.col("next_id")).alias("readmit_encounter_id"),
    )
