"""What a page of a measure is asked for: which days, of whom, beside which others; as an address and back.

An address names days, units, services, attending physicians, payers and vendors, never a patient.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from app.kernel.days import ONE_DAY
from app.metrics.store.listing import Among
from app.metrics.terms import DIMENSIONS, Filter, MeasureId, Period
from app.web.fields import Day

PAGE = "/measures"
MOST_DAYS = 3660
_MEMBER = Annotated[str | None, Field(max_length=200)]
UNKNOWN = "-"
"""In an address: those of whom it is not known. An empty value would say nothing."""


class Span(StrEnum):
    """A period by its name, as the calendar of the facility has it."""

    MONTH = "month"  # the present calendar month
    LAST_MONTH = "last-month"  # the calendar month before it
    QUARTER = "quarter"  # the three calendar months before the present one
    YEAR = "year"  # twelve calendar months with that of yesterday

    @property
    def label(self) -> str:
        """As a link says it."""
        return {"month": "This month", "last-month": "Last month", "quarter": "Last three months"}.get(
            self.value, "Twelve months"
        )


class Against(StrEnum):
    """What a period is compared with."""

    BEFORE = "before"  # as many days right before it
    YEAR = "year"  # the same days one year earlier
    OWN = "own"  # days that the address names

    @property
    def label(self) -> str:
        """As a form says it."""
        return {"before": "The period before", "year": "A year earlier"}.get(self.value, "Other days")


class AskMeasure(BaseModel):
    """The address of a page of a measure."""

    first: Day = None
    last: Day = None
    span: Annotated[str, Field(max_length=12)] = ""
    against: Annotated[str, Field(max_length=12)] = ""
    other_first: Day = None
    other_last: Day = None
    unit: _MEMBER = None
    service: _MEMBER = None
    attending: _MEMBER = None
    payer: _MEMBER = None
    vendor: _MEMBER = None
    facility: Annotated[str, Field(max_length=40)] = ""
    among: Annotated[str, Field(max_length=10)] = ""
    reason: Annotated[str, Field(max_length=60)] = ""
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which cases a page is about. `facility` is the code of one, or `all` of those that the reader may see."""

    measure: MeasureId
    period: Period
    against: Against | None = None
    other: Period | None = None
    where: Filter
    facility: str
    among: Among = Among.COUNTED
    reason: str = ""

    def address(self, part: str = "", **other: Any) -> str:
        """The page of the measure with this choice, or with another in part; `part` is a page below it."""
        given: dict[str, Any] = {"first": self.period.first, "last": self.period.last, "against": self.against or ""}
        if self.against is Against.OWN and self.other is not None:
            given |= {"other_first": self.other.first, "other_last": self.other.last}
        given |= {name: member or UNKNOWN for name, member in self.where.of_cases().items()}
        given["facility"] = self.facility
        given |= other
        kept = {name: str(value) for name, value in given.items() if value not in (None, "")}
        return f"{PAGE}/{self.measure.value}{part}?{urlencode(kept)}"

    def cases(self, among: Among = Among.COUNTED, **other: Any) -> str:
        """The list of the cases behind a figure."""
        return self.address("/cases", among=among.value, against="", other_first="", other_last="", **other)

    def of_period(self, period: Period) -> "Choice":
        """The same cases of other days, compared with nothing."""
        return replace(self, period=period, against=None, other=None)


def named(span: Span, today: date) -> Period:
    """The days of a named period. Today is not over and counts in none, but for this month on its first day."""
    yesterday, month = today - ONE_DAY, today.replace(day=1)
    if span is Span.MONTH:
        return Period(month, max(month, yesterday))
    if span is Span.LAST_MONTH:
        return Period(_months_back(month, 1), month - ONE_DAY)
    if span is Span.QUARTER:
        return Period(_months_back(month, 3), month - ONE_DAY)
    return Period(_months_back(yesterday.replace(day=1), 11), yesterday)


def _months_back(month: date, number: int) -> date:
    for _ in range(number):
        month = (month - ONE_DAY).replace(day=1)
    return month


def history(period: Period) -> Period:
    """The days from which months and charts are drawn: two years up to the end of the period, or all of a longer one.
    A chart of fewer months than twelve says nothing."""
    return Period(min(period.first, _months_back(period.last.replace(day=1), 23)), period.last)


def chosen(measure: MeasureId, ask: AskMeasure, today: date, own: tuple[str, int]) -> tuple[Choice, str]:
    """The choice, and a sentence where the days cannot be shown and the usual ones stand in their place.

    `own` is the facility that is worked in: its code and its key.
    """
    wrong = ""
    usual = named(Span(ask.span) if ask.span in set(Span) else Span.YEAR, today)
    period = Period(ask.first or usual.first, ask.last or usual.last)
    if period.first > period.last or period.days > MOST_DAYS:
        wrong, period = "The first day lies after the last one, or more than ten years before it.", usual
    against = Against(ask.against) if ask.against in set(Against) else None
    other = _other(ask, period, against)
    if against is not None and other is None:
        wrong, against = "Name both days of the period to compare with, the earlier one first.", None
    members = {name: getattr(ask, name) for name in DIMENSIONS}
    code, key = own
    where = Filter(
        **{name: "" if member == UNKNOWN else member for name, member in members.items() if member},
        facility=None if ask.facility == "all" else key,
    )
    among = Among(ask.among) if ask.among in set(Among) else Among.COUNTED
    return Choice(
        measure=measure, period=period, against=against, other=other, where=where,
        facility="all" if where.facility is None else code, among=among, reason=ask.reason,
    ), wrong  # fmt: skip


def _other(ask: AskMeasure, period: Period, against: Against | None) -> Period | None:
    if against is Against.BEFORE:
        return period.before()
    if against is Against.YEAR:
        return Period(_year_back(period.first), _year_back(period.last))
    if against is Against.OWN and ask.other_first and ask.other_last and ask.other_first <= ask.other_last:
        return Period(ask.other_first, ask.other_last)
    return None


def _year_back(day: date) -> date:
    return day - timedelta(days=366) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
