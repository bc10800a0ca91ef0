"""Avoidable days by one way of looking at them, in falling order with their running share.

Only primary reasons count, each with its amount; contributing ones and drafts are counted apart. Days before and after
medically ready are never added into one rate: who asks says which of the two is meant.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from app.avoidable_days.rules import is_locked
from app.avoidable_days.terms import PartyKind, Weight
from app.platform.reads.frames import collect

NOT_NAMED = "Not named"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class By(StrEnum):
    """How days are put together."""

    REASON = "reason"  # the primary reason
    GROUP = "group"  # the group of the reason
    PARTY = "party"  # who could have prevented the loss
    UNIT = "unit"  # where the patient lay at the midnight
    SERVICE = "service"  # hospital service at the midnight
    ATTENDING = "attending"  # attending physician at the midnight
    PAYER = "payer"  # who pays first
    VENDOR = "vendor"  # the facility or vendor that is named as the party
    WEEKDAY = "weekday"  # the day of the week that was lost

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _LABELS[self]

    @property
    def of_nights(self) -> bool:
        """Whether patient days can be put together in the same way, so that there is a rate."""
        return self in (By.UNIT, By.SERVICE, By.ATTENDING, By.PAYER, By.WEEKDAY)


_LABELS = {
    By.REASON: "Reason",
    By.GROUP: "Group of reasons",
    By.PARTY: "Who could have prevented it",
    By.UNIT: "Unit",
    By.SERVICE: "Service",
    By.ATTENDING: "Attending",
    By.PAYER: "Payer",
    By.VENDOR: "Facility or vendor",
    By.WEEKDAY: "Weekday",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One bar: how many days, of how many stays, and the share of all up to this one."""

    key: str
    label: str
    days: float
    stays: int
    share: float
    running: float


def counted(entries: pl.DataFrame) -> pl.DataFrame:
    """The entries that count: the primary ones."""
    return entries.filter(pl.col("weight") == Weight.PRIMARY.value)


def keyed(frame: pl.DataFrame, by: By) -> pl.DataFrame:
    """The frame with `key` and `name` of the bar to which each row belongs."""
    key, name = _expressions(by)
    # An address carries no empty value: what has none stands under a dash.
    return frame.with_columns(
        pl.when(key.fill_null("") == "").then(pl.lit("-")).otherwise(key).alias("key"), name.alias("name")
    )


def _expressions(by: By) -> tuple[pl.Expr, pl.Expr]:
    if by is By.REASON:
        return pl.col("code"), pl.col("label")
    if by is By.GROUP:
        return pl.col("code").str.slice(0, 2), pl.col("group_label")
    if by is By.PARTY:
        kinds = {one.value: one.label for one in PartyKind}
        # Of families only the kind: what was written of them may name somebody.
        named = (pl.col("party") != "") & (pl.col("party_kind") != PartyKind.FAMILY.value)
        kind = pl.col("party_kind").replace_strict(kinds, default=pl.col("party_kind"))
        label = pl.when(named).then(pl.format("{}: {}", kind, pl.col("party"))).otherwise(kind)
        return label, label
    if by is By.WEEKDAY:
        number = pl.col("day").dt.weekday()
        return number.cast(pl.String), number.replace_strict(dict(enumerate(WEEKDAYS, 1)), return_dtype=pl.String)
    column = pl.col(by.value)
    name = pl.col("unit_name") if by is By.UNIT else column
    return column, pl.when(name == "").then(pl.lit(NOT_NAMED)).otherwise(name)


def pareto(entries: pl.DataFrame, by: By) -> list[Row]:
    """The bars, the longest first; equal ones in the order of their names, so that they never change places."""
    lazy = (
        keyed(counted(entries), by)
        .lazy()
        .sort("day")
        .group_by("key")
        .agg(pl.col("name").last(), pl.col("amount").sum().alias("days"), pl.col("encounter_id").n_unique())
        .sort(["days", "name", "key"], descending=[True, False, False])
        .with_columns((pl.col("days") / pl.col("days").sum()).alias("share"))
        .with_columns(pl.col("share").cum_sum().alias("running"))
        .select("key", "name", "days", "encounter_id", "share", "running")
    )
    return [Row(*row) for row in collect(lazy).rows()]


@dataclass(frozen=True, slots=True)
class Totals:
    """What the entries of a choice add up to, and what is counted beside them.

    `locked`: days that nobody may change any more without a reason.
    """

    days: float
    stays: int
    contributing: int
    locked: float

    @property
    def open(self) -> float:
        """Days that may still be corrected like any other record."""
        return self.days - self.locked


def totals(entries: pl.DataFrame, today: date) -> Totals:
    """Days, stays, contributing reasons, locked days."""
    primary = counted(entries)
    locked = sum(amount for day, amount in primary.select("day", "amount").rows() if is_locked(day, today))
    return Totals(
        float(primary["amount"].sum()), primary["encounter_id"].n_unique(), entries.height - primary.height, locked
    )
