"""Everything that a report reads, in a fixed number of statements whatever the number of days."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import msgspec
import polars as pl

from app.avoidable_days.queries import entries_frame
from app.avoidable_days.reasons.costs import DayPrice, PriceList, price_lists
from app.avoidable_days.reports.asking import Choice, Figure
from app.avoidable_days.reports.breakdown import counted
from app.avoidable_days.reports.nights import nights_frame
from app.avoidable_days.terms import Weight
from app.platform.reads import frames
from app.platform.work import Reading

KEY = ["encounter_id", "day"]
_DRAFTS = """
select d.day, d.encounter_id::text as encounter_id, d.code, d.phase, d.party_kind, d.party, d.rule
from avoidable_draft d
where d.facility_id = any(%s) and d.day between %s and %s and d.ended_at is null order by d.day, d.encounter_id
"""
_DRAFTS_SCHEMA: dict[str, type[pl.DataType]] = {
    "day": pl.Date, "encounter_id": pl.String, "code": pl.String, "phase": pl.String, "party_kind": pl.String,
    "party": pl.String, "rule": pl.String,
}  # fmt: skip
_PEOPLE = """
select e.id::text, e.patient_id, case when p.family = '' and p.given = '' then 'Name not sent'
    else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end, e.visit_number
from encounter e join patient p on p.id = e.patient_id where e.id = any(%s)
"""


class Person(msgspec.Struct, frozen=True):
    """Whose stay it is."""

    encounter_id: str
    patient_id: uuid.UUID
    name: str
    visit: str


@dataclass(frozen=True)
class Study:
    """The frames of one choice: entries, patient days and drafts of a facility in a period."""

    choice: Choice
    all_entries: pl.DataFrame
    all_nights: pl.DataFrame
    all_drafts: pl.DataFrame
    prices: PriceList

    @cached_property
    def entries(self) -> pl.DataFrame:
        """The entries that are meant, contributing ones too."""
        return self.choice.entries(self.all_entries)

    @cached_property
    def nights(self) -> pl.DataFrame:
        """The patient days of the same population."""
        return self.choice.nights(self.all_nights)

    @cached_property
    def excess(self) -> pl.DataFrame:
        """Days past the expected length, with `explained`: whether a reason of either phase is recorded."""
        reasons = counted(self.all_entries).select(KEY).with_columns(explained=True)
        found = self.nights.filter("excess").join(reasons, on=KEY, how="left")
        return found.with_columns(pl.col("explained").fill_null(False))

    @cached_property
    def drafts(self) -> pl.DataFrame:
        """Drafts of the same choice; a draft says nothing of who controls it."""
        where = self.all_nights.select(*KEY, "unit", "unit_name", "service")
        placed = self.all_drafts.join(where, on=KEY, how="left").with_columns(
            pl.col("unit", "unit_name", "service").fill_null("")
        )
        kept = self.choice.nights(placed).filter(pl.col("phase") == self.choice.phase.value)
        for name, value in (("party_kind", self.choice.party), ("code", self.choice.code)):
            if value:
                kept = kept.filter(pl.col(name) == value)
        return kept

    def figure(self, figure: Figure) -> pl.DataFrame:
        """The rows that a figure counts."""
        if figure is Figure.DAYS:
            return counted(self.entries)
        if figure is Figure.CONTRIBUTING:
            return self.entries.filter(pl.col("weight") == Weight.CONTRIBUTING.value)
        if figure is Figure.PATIENT_DAYS:
            return self.nights
        if figure is Figure.DRAFTS:
            return self.drafts
        if figure is Figure.EXCESS:
            return self.excess
        return self.excess.filter(pl.col("explained") == (figure is Figure.EXPLAINED))


def study(db: Reading, facility_id: int, choice: Choice) -> Study:
    """Everything about a facility's days of a choice."""
    first, last = choice.first, choice.last
    return Study(
        choice,
        entries_frame(db, [facility_id], first, last),
        nights_frame(db, [facility_id], first, last),
        frames.select(db, _DRAFTS, ([facility_id], first, last), _DRAFTS_SCHEMA),
        price_lists(db, [facility_id])[facility_id],
    )


def people(db: Reading, stays: Collection[str]) -> dict[str, Person]:
    """Whose stays these are."""
    keys = [uuid.UUID(one) for one in stays]
    return {one.encounter_id: one for one in db.rows(Person, _PEOPLE, (keys,))}


@dataclass(frozen=True)
class Cost:
    """What lost days cost by convention, in cents, and how many days have no price."""

    cents: Mapping[str, float]
    published: bool
    unpriced: float

    @property
    def total(self) -> float:
        """All of it; conventions differ, so that it is shown only where there is one."""
        return sum(self.cents.values())


class Prices:
    """The price of a day, looked up once for each day and setting."""

    def __init__(self, prices: PriceList) -> None:
        self._prices = prices
        self._known: dict[tuple[date, str, str], DayPrice | None] = {}

    def of(self, day: date, unit_kind: str, patient_class: str) -> DayPrice | None:
        """The price, None where nothing is set."""
        key = (day, unit_kind, patient_class)
        if key not in self._known:
            self._known[key] = self._prices.price(*key)
        return self._known[key]


def cost_of(rows: Iterable[tuple[date, str, str, float]], prices: PriceList) -> Cost:
    """Avoidable days times the cost of a day. Rows: day, kind of unit, class, amount."""
    known = Prices(prices)
    cents: dict[str, float] = {}
    published, unpriced = False, 0.0
    for day, unit_kind, patient_class, amount in rows:
        price = known.of(day, unit_kind, patient_class)
        if price is None:
            unpriced += amount
            continue
        published = published or price.published
        cents[price.convention.value] = cents.get(price.convention.value, 0.0) + price.cents * amount
    return Cost(cents, published, unpriced)


def priced_rows(frame: pl.DataFrame) -> Sequence[tuple[date, str, str, float]]:
    """The columns that `cost_of` takes."""
    return frame.select("day", "unit_kind", "class", "amount").rows()
