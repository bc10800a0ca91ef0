"""The average stay of a long-term hospital, actual and projected, and its discharge payment percentage. Pure.

42 CFR 412.23(e)(2), (3) and 412.522(d). All days of a stay are credited in the period of its discharge.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from app.clocks.terms import Line
from app.kernel.days import ONE_DAY, months_after
from app.ltac.days.terms import Rate
from app.regulations.ltch import conditions


class Inclusion(StrEnum):
    """A rule of the average that can be switched off to see what it does."""

    MEDICARE_ONLY = "medicare_only"  # days and discharges of Medicare patients
    NO_ADVANTAGE = "no_advantage"  # without Medicare Advantage, in periods from 1 October 2015 on
    NO_SITE_NEUTRAL = "no_site_neutral"  # without stays paid site-neutral, in periods from 1 October 2015 on
    NONCOVERED_DAYS = "noncovered_days"  # noncovered days count as covered ones do
    NO_DAYS_AWAY = "no_days_away"  # days away in an interrupted stay do not count

    @property
    def label(self) -> str:
        """As a switch shows it."""
        return {
            "medicare_only": "Medicare patients only",
            "no_advantage": "Medicare Advantage left out",
            "no_site_neutral": "Site-neutral stays left out",
            "noncovered_days": "Noncovered days counted",
            "no_days_away": "Days away left out",
        }[self.value]


AS_THE_LAW_HAS_IT = frozenset(Inclusion)
_MEDICARE = (Line.MEDICARE_FFS, Line.MEDICARE_ADVANTAGE)


@dataclass(frozen=True, slots=True)
class Period:
    """A cost-report period: first and last day."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """A discharge. Days in the house by what they are; `away` are days of interruptions, in neither of the two."""

    key: str
    left: date
    covered: int
    noncovered: int = 0
    away: int = 0
    line: Line
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A patient in the house: `days` in the house so far, with today; the expected day of leaving, where there is one;
    the geometric mean of the group."""

    key: str
    days: int
    away: int = 0
    expected: date | None = None
    mean: float | None = None
    line: Line
    rate: Rate


@dataclass(frozen=True, slots=True)
class Average:
    """Days over discharges. `left_out` says how many discharges each rule removed; None as value without any."""

    days: int
    discharges: int
    left_out: Mapping[Inclusion, int] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        """Days a discharge."""
        return self.days / self.discharges if self.discharges else None


@dataclass(frozen=True, slots=True)
class Leaving:
    """When a present patient is taken to leave, and why; None where neither an expected day nor a mean is known."""

    key: str
    on: date | None
    days: int
    because: str


@dataclass(frozen=True, slots=True)
class Projection:
    """The average with today's census: `added` leave in the period, `later` after it, `unknown` are left out."""

    average: Average
    added: tuple[Leaving, ...]
    later: tuple[Leaving, ...]
    unknown: tuple[Leaving, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one pending discharge does to the projected average: leaving today, and a week after the taken day."""

    key: str
    taken: Leaving
    today: float | None
    week_later: float | None


@dataclass(frozen=True, slots=True)
class PaymentPercentage:
    """Discharges of original Medicare not paid site-neutral, of all of them; those not decided are named apart."""

    standard: int
    site_neutral: int
    undecided: int

    @property
    def percent(self) -> float | None:
        """Of the decided ones; None without any."""
        decided = self.standard + self.site_neutral
        return 100 * self.standard / decided if decided else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """If all undecided ones turned out site-neutral, and if none did."""
        total = self.standard + self.site_neutral + self.undecided
        return (100 * self.standard / total, 100 * (self.standard + self.undecided) / total) if total else None

    @property
    def below(self) -> bool:
        """Whether the hospital would lose the standard rate. 42 CFR 412.522(d)."""
        return self.percent is not None and self.percent < conditions().payment_percent


def cost_report_period(on: date, month: int) -> Period:
    """The twelve months that hold a day, for a hospital whose cost-report year begins in that month."""
    first = date(on.year - (on.month < month), month, 1)
    return Period(first, months_after(first, 12) - ONE_DAY)


def average(leavers: Sequence[Leaver], period: Period, rules: Collection[Inclusion] = AS_THE_LAW_HAS_IT) -> Average:
    """The average stay of a period by these rules. A discharge that two rules remove counts at the first of them."""
    active = in_period(period, rules)
    days = discharges = 0
    left_out: dict[Inclusion, int] = {}
    for one in leavers:
        if not period.holds(one.left):
            continue
        if (why := _left_out(one.line, one.rate, active)) is not None:
            left_out[why] = left_out.get(why, 0) + 1
            continue
        discharges += 1
        days += one.covered
        days += one.noncovered if Inclusion.NONCOVERED_DAYS in active else 0
        days += 0 if Inclusion.NO_DAYS_AWAY in active else one.away
    return Average(days, discharges, left_out)


def in_period(period: Period, rules: Collection[Inclusion]) -> frozenset[Inclusion]:
    """The rules of a period: before 1 October 2015 Medicare Advantage and site-neutral stays were not left out."""
    since = conditions().excluded_since
    newer = {Inclusion.NO_ADVANTAGE, Inclusion.NO_SITE_NEUTRAL} if period.first < since else set()
    return frozenset(rules) - newer


def _left_out(line: Line, rate: Rate, rules: frozenset[Inclusion]) -> Inclusion | None:
    if Inclusion.MEDICARE_ONLY in rules and line not in _MEDICARE:
        return Inclusion.MEDICARE_ONLY
    if Inclusion.NO_ADVANTAGE in rules and line is Line.MEDICARE_ADVANTAGE:
        return Inclusion.NO_ADVANTAGE
    if Inclusion.NO_SITE_NEUTRAL in rules and rate is Rate.SITE_NEUTRAL:
        return Inclusion.NO_SITE_NEUTRAL
    return None


def leaving(one: Present, today: date) -> Leaving:
    """When a present patient is taken to leave: on the expected day, else today and what remains of the mean."""
    if one.expected is not None and one.expected >= today:
        return _leaving(one, today, one.expected, "expected date")
    if one.mean is None:
        return Leaving(one.key, None, one.days, "no expected date, and no geometric mean is known")
    left = max(0, ceil(one.mean) - one.days + 1)
    past = "the expected date has passed; " if one.expected is not None else ""
    return _leaving(one, today, today + timedelta(days=left), f"{past}today and what remains of the geometric mean")


def _leaving(one: Present, today: date, on: date, because: str) -> Leaving:
    """The day of leaving does not count, so who leaves today loses the day that has begun."""
    return Leaving(one.key, on, max(1, one.days - 1 + (on - today).days), because)


def projected(
    leavers: Sequence[Leaver],
    present: Sequence[Present],
    period: Period,
    today: date,
    rules: Collection[Inclusion] = AS_THE_LAW_HAS_IT,
) -> Projection:
    """The average of the period if everybody present leaves as taken."""
    taken = [(one, leaving(one, today)) for one in present]
    inside = [(one, when) for one, when in taken if when.on is not None and period.holds(when.on)]
    return Projection(
        average([*leavers, *(_as_leaver(one, when) for one, when in inside)], period, rules),
        tuple(when for _, when in inside),
        tuple(when for _, when in taken if when.on is not None and not period.holds(when.on)),
        tuple(when for _, when in taken if when.on is None),
    )


def _as_leaver(one: Present, when: Leaving) -> Leaver:
    assert when.on is not None, "only who leaves is a leaver"
    return Leaver(key=one.key, left=when.on, covered=when.days, away=one.away, line=one.line, rate=one.rate)


def sensitivity(
    leavers: Sequence[Leaver],
    present: Sequence[Present],
    period: Period,
    today: date,
    rules: Collection[Inclusion] = AS_THE_LAW_HAS_IT,
) -> list[Effect]:
    """The projected average with each patient in turn leaving today, and leaving a week later than taken.

    Who is left out by the rules, or of whom no day is known, has no effect and is missing.
    """
    active = in_period(period, rules)
    taken = {one.key: leaving(one, today) for one in present}
    counted = [one for one in present if taken[one.key].on and _left_out(one.line, one.rate, active) is None]
    found = []
    for one in counted:
        others = [other for other in present if other.key != one.key]
        values = []
        for on in (today, (taken[one.key].on or today) + timedelta(days=7)):
            moved = Present(key=one.key, days=one.days, away=one.away, expected=on, line=one.line, rate=one.rate)
            values.append(projected(leavers, [*others, moved], period, today, rules).average.value)
        found.append(Effect(one.key, taken[one.key], values[0], values[1]))
    return found


def payment_percentage(leavers: Sequence[Leaver], period: Period) -> PaymentPercentage:
    """The discharge payment percentage of a cost-report period. 42 CFR 412.522(d)."""
    rates = [one.rate for one in leavers if period.holds(one.left) and one.line is Line.MEDICARE_FFS]
    return PaymentPercentage(
        rates.count(Rate.STANDARD), rates.count(Rate.SITE_NEUTRAL), rates.count(Rate.NOT_PROVED)
    )  # fmt: skip
