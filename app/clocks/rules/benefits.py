"""Benefit days and payment limits as arithmetic: transfers, short stays, hospital days, hospice periods."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

FULL_DAYS, COINSURANCE_DAYS, RESERVE_DAYS = 60, 30, 60
"""Hospital days of a benefit period: without coinsurance, with it, and the lifetime reserve. 42 U.S.C. 1395e(a)."""
HOME_HEALTH_WITHIN = 3
"""Home health that starts later than so many days after discharge makes no transfer. 42 CFR 412.4(c)."""
TRANSFERS = frozenset({"irf", "ltch", "snf", "hospice"})
HOSPICE_PERIODS = (90, 90)
"""Days of the first two hospice periods; all others have sixty. 42 CFR 418.21."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a Medicare patient pays in one calendar year: inpatient deductible, daily coinsurance, reserve day."""

    deductible: int
    coinsurance: int
    reserve: int


def is_post_acute_transfer(to: str, home_health_after: int | None = None) -> bool:
    """Whether a discharge of a qualifying DRG is paid as a transfer; days until home health starts, where it does."""
    if to == "hha":
        return home_health_after is not None and home_health_after <= HOME_HEALTH_WITHIN
    return to in TRANSFERS


def transfer_payment(full: Decimal, gmlos: Decimal, days: int, *, special: bool = False) -> Decimal:
    """Twice the daily rate for the first day and once for each later one, up to the full payment. 42 CFR 412.4(f).

    DRGs with special payment get half of the full payment and half of that.
    """
    by_day = min(full, full / gmlos * (days + 1))
    return min(full, full / 2 + by_day / 2) if special else by_day


def is_short_stay(covered_days: int, geometric_mean: Decimal) -> bool:
    """Whether a long-term hospital stay is a short-stay outlier: at most five sixths of the mean. 42 CFR 412.529."""
    return covered_days * 6 <= geometric_mean * 5


def patient_pays(first_day: date, days: int, amounts: dict[int, Amounts]) -> int:
    """Cost sharing of hospital days of one benefit period, in dollars. Days beyond day 150 are not covered.

    The deductible is that of the year of the first day, coinsurance that of the year of each day. 42 U.S.C. 1395e(b).
    """
    total = amounts[first_day.year].deductible
    for number in range(FULL_DAYS, min(days, FULL_DAYS + COINSURANCE_DAYS + RESERVE_DAYS)):
        year = amounts[(first_day + timedelta(days=number)).year]
        total += year.coinsurance if number < FULL_DAYS + COINSURANCE_DAYS else year.reserve
    return total


def hospice_period(election: date, number: int) -> tuple[date, date]:
    """First and last day of a hospice benefit period, counted from 1."""
    lengths = [*HOSPICE_PERIODS, *([60] * number)]
    start = election + timedelta(days=sum(lengths[: number - 1]))
    return start, start + timedelta(days=lengths[number - 1] - 1)


def recertification_window(start_of_care: date) -> tuple[date, date]:
    """The last five days of the first sixty of home health care. 42 CFR 484.55(d)."""
    return start_of_care + timedelta(days=55), start_of_care + timedelta(days=59)


def transitional_care_ends(discharged: date) -> date:
    """The thirtieth day, the day of discharge being the first. CPT 99495, 99496."""
    return discharged + timedelta(days=29)
