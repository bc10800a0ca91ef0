"""How original Medicare pays a stay: only proof brings the standard rate. 42 CFR 412.522(b). Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from app.clocks.terms import Line
from app.ltac.days.terms import Rate, RateStanding
from app.regulations.ltch import conditions

CITATION = "42 CFR 412.522(b)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the conditions; None where nobody has said.

    Attributes:
        preceded: came directly from a hospital paid by the acute system (subsection (d)).
        intensive_days: calendar days in intensive or coronary care of that stay.
        ventilator_hours: hours of invasive ventilation given here so far.
        hours_open: more may have been given, on days that are charted without hours.
        drg: the payment group, which says whether the principal diagnosis is one of psychiatry or rehabilitation.
        excluded: the same as somebody recorded it, which counts before the group.
        ended: the stay is over, so that no hour of ventilation is added.
    """

    lines: Collection[Line] = ()
    preceded: bool | None = None
    intensive_days: int | None = None
    ventilator_hours: float | None = None
    hours_open: bool = False
    drg: str = ""
    excluded: bool | None = None
    ended: bool = False


def rate_of(known: Known) -> RateStanding:
    """Where the stay stands, with what proves it and what is missing."""
    if known.lines and Line.MEDICARE_FFS not in known.lines:
        return RateStanding(Rate.NOT_FFS, "Original Medicare does not pay this stay: its contract decides.")
    rules = conditions()
    excluded = rules.excluded(known.drg) if known.excluded is None else known.excluded
    intensive = known.intensive_days is not None and known.intensive_days >= rules.intensive_days
    ventilated = known.ventilator_hours is not None and known.ventilator_hours >= rules.ventilator_hours
    proof = tuple(_proof(known, excluded, intensive=intensive, ventilated=ventilated))
    if against := _against(known, excluded, care=intensive or ventilated):
        return RateStanding(Rate.SITE_NEUTRAL, against, proof)
    missing = tuple(_missing(known, excluded, care=intensive or ventilated))
    if missing:
        return RateStanding(Rate.NOT_PROVED, f"Not proved yet: {'; '.join(missing)}.", proof, missing)
    return RateStanding(Rate.STANDARD, "All conditions of the standard rate are proved.", proof)


def _against(known: Known, excluded: bool | None, *, care: bool) -> str:
    """What makes the stay site-neutral, if anything does."""
    rules = conditions()
    if excluded:
        return "The principal diagnosis is one of psychiatry or rehabilitation: paid site-neutral."
    if known.preceded is False:
        return "The patient did not come directly from an acute hospital: paid site-neutral."
    if care or known.hours_open or known.intensive_days is None or known.ventilator_hours is None:
        return ""
    days, hours = _days(known.intensive_days), f"{known.ventilator_hours:g}"
    if known.ended or known.ventilator_hours == 0:
        return (
            f"{days} in intensive care before, {rules.intensive_days} are needed, and {hours} hours on a ventilator"
            f" here, {rules.ventilator_hours} are needed: paid site-neutral."
        )
    return ""


def _proof(known: Known, excluded: bool | None, *, intensive: bool, ventilated: bool) -> list[str]:
    found = []
    if known.lines:
        found.append("Original Medicare pays.")
    if known.preceded:
        found.append("Came directly from an acute hospital.")
    if intensive:
        found.append(f"{_days(known.intensive_days or 0)} in intensive care just before.")
    if ventilated:
        found.append(f"{known.ventilator_hours:g} hours on a ventilator in this hospital.")
    if excluded is False:
        found.append("No psychiatric or rehabilitation group.")
    return found


def _missing(known: Known, excluded: bool | None, *, care: bool) -> list[str]:
    rules = conditions()
    found = [] if known.lines else ["who pays"]
    if known.preceded is None:
        found.append("whether the patient came directly from an acute hospital")
    if excluded is None:
        found.append("whether the principal diagnosis is one of psychiatry or rehabilitation")
    if care:
        return found
    if known.intensive_days is None:
        found.append("the days in intensive care before")
    if known.ventilator_hours is None:
        found.append("the hours on a ventilator here")
    elif known.ended and known.hours_open:
        found.append("the hours of the days on a ventilator here that are charted without their hours")
    elif not (known.intensive_days is None and known.ended):
        left = rules.ventilator_hours - known.ventilator_hours
        found.append(
            f"{left:g} more hours on a ventilator here, or {rules.intensive_days} days in intensive care before"
        )
    return found


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
