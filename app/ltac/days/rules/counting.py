"""Covered days: the days in the house, without those away. Medicare Benefit Policy Manual 3, 20.1. Pure.

A day counts when the patient is in the house at its end: the day of admission and of a return do, the day of discharge
and of leaving do not. Of a stay that lasts, today counts as the day that has begun. In and out on one day is one day.
Days away do not count whatever care was given meanwhile (rule sheet 6.4, 42 CFR 412.23(e)(2)).
"""

from datetime import date, datetime, tzinfo

from app.kernel.days import ONE_DAY, days_between, local_day
from app.ltac.days.terms import PaymentStay, UsedStay
from app.regulations import Regulation, history


def rule_on(rule_id: str, on: date) -> Regulation:
    """The rule of a day. Of days before its first entry the first one: the law on stays is older than what is kept."""
    entries = history(rule_id)
    return next((one for one in reversed(entries) if one.in_force_from <= on), entries[0])


def days_in_house(stay: PaymentStay, now: datetime, zone: tzinfo) -> tuple[date, ...]:
    """Every day that counts, in order."""
    found: set[date] = set()
    for one in stay.presences:
        first = local_day(one.began_at, zone)
        last = local_day(now, zone) if one.ended_at is None else local_day(one.ended_at, zone) - ONE_DAY
        found.update(days_between(first, last))
    return tuple(sorted(found)) or (local_day(stay.began_at, zone),)


def covered_days(days: tuple[date, ...], exhausted_from: date | None = None) -> int:
    """How many of the days are covered: those before Part A was used up."""
    return sum(1 for one in days if exhausted_from is None or one < exhausted_from)


def ordinal(stay: PaymentStay, now: datetime, zone: tzinfo) -> int:
    """The calendar day of the stay, the day of admission being day 1, days away included."""
    return (local_day(stay.ended_at or now, zone) - local_day(stay.began_at, zone)).days + 1


def hospital_days(stay: PaymentStay, now: datetime, zone: tzinfo) -> UsedStay:
    """The hospital days that the benefit period loses: here, and in another hospital during an absence."""
    here = days_in_house(stay, now, zone)
    away: set[date] = set()
    for one in stay.absences:
        if one.to.inpatient and one.verdict.same_stay and one.back_at is not None:
            away.update(days_between(local_day(one.left_at, zone), local_day(one.back_at, zone) - ONE_DAY))
    out = None if stay.ended_at is None else local_day(stay.ended_at, zone)
    away -= set(here)
    return UsedStay(tuple(sorted({*here, *away})), out, frozenset(away))
