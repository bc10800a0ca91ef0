"""The short-stay threshold: covered days against five sixths of the group's geometric mean. 42 CFR 412.529. Pure."""

from decimal import Decimal

from app.clocks.rules.benefits import is_short_stay
from app.ltac.days.terms import Rate, Threshold

NO_GROUP = "No payment group (DRG) is known for this stay."


def threshold(drg: str, mean: float | None, table_year: int | None, year: int) -> Threshold:
    """The threshold in the fiscal year of discharge.

    `mean` and `table_year` are what the tables know of the group, which may be of an earlier year: then there is no
    number, for the group may have another mean in the year that counts.
    """
    if not drg:
        return Threshold(why_unknown=NO_GROUP)
    if table_year != year:
        return Threshold(drg, year, why_unknown=f"The table of payment groups is not loaded: fiscal year {year}.")
    if not mean:
        why = f"The table of fiscal year {year} gives no geometric mean for group {drg}."
        return Threshold(drg, year, why_unknown=why)
    last = last_short_day(mean)
    return Threshold(drg, year, mean, last, last + 1)


def last_short_day(mean: float) -> int:
    """The most covered days that are still a short stay."""
    days = int(mean)  # five sixths of the mean are never more than the mean
    while days > 0 and not is_short_stay(days, Decimal(str(mean))):
        days -= 1
    return days


def applies(found: Threshold, status: Rate) -> Threshold:
    """The threshold where it means something: at the standard rate only, or while that may still be the rate."""
    if status is Rate.SITE_NEUTRAL:
        return Threshold(
            found.drg, found.fiscal_year, why_unknown="Paid site-neutral: no short-stay threshold applies."
        )
    if status is Rate.NOT_FFS:
        why = "Not paid by original Medicare: the payer's contract decides, no short-stay threshold applies."
        return Threshold(found.drg, found.fiscal_year, why_unknown=why)
    return found


def short(covered_days: int, found: Threshold) -> bool | None:
    """Whether a stay of so many covered days is a short stay; None where the threshold is not known."""
    return None if found.last_short_day is None else covered_days <= found.last_short_day
