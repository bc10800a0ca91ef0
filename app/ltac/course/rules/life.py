"""When the weekly conference is due, the sums of therapy minutes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from app.kernel.days import ONE_DAY
from app.kernel.refusal import Refused
from app.ltac.course.rules.weaning import WHOLE_DAY, Charted
from app.ltac.course.terms import Discipline, Support, Trial

WEEK = timedelta(days=7)
"""The weekly interdisciplinary conference; the clock of a facility may say otherwise (rule LT-CONFERENCE)."""
LAST_MINUTE = 24 * 60


def check_charted(one: Charted, day: date, began: date | None, last: date) -> None:
    """Refused, with its field, for a day that cannot be and for facts of one day that exclude each other.

    `last` is the last day that can be charted: today, or the day on which the patient left.
    """
    if day > last:
        raise Refused("This day has not come, or the patient had left. Choose an earlier day.", field="day")
    if began is not None and day < began:
        raise Refused("This day lies before the stay. Choose a later day.", field="day")
    _check_hours(one)
    if one.trial is Trial.NOT_DONE and not one.trial_reason:
        raise Refused("Say why no breathing trial was tried.", field="trial_reason")
    if one.trial is Trial.NOT_DONE and one.support is Support.TRIAL:
        raise Refused("The day is charted as a breathing trial. Say how it ended, or choose another.", field="trial")
    if one.trial in (Trial.PASSED, Trial.FAILED) and one.support is Support.VENTILATED:
        raise Refused("A trial was tried, so the day is a breathing trial. Choose that one.", field="support")
    if one.decannulated and not one.free:
        raise Refused("The tube is not out on a day with ventilation. Correct one of the two.", field="decannulated")


def _check_hours(one: Charted) -> None:
    ventilated, collar = one.ventilated_hours or 0, one.collar_hours or 0
    if ventilated + collar > WHOLE_DAY:
        raise Refused("Hours on the ventilator and on the collar are more than the day has.", field="collar_hours")
    if one.support is Support.FREE and ventilated > 0:
        raise Refused("Off the ventilator, but with hours on it. Correct one of the two.", field="ventilated_hours")
    if one.support in (Support.VENTILATED, Support.TRIAL) and one.ventilated_hours == 0:
        raise Refused("Ventilated, but with no hours on the ventilator. Correct one.", field="ventilated_hours")
    if one.support is Support.VENTILATED and collar > 0:
        raise Refused("Hours on the collar make the day a day of the collar. Choose that one.", field="collar_hours")


def conference_due(admitted_on: date | None, held: Sequence[date], *, here: bool) -> tuple[date | None, str]:
    """The day by which the team meets, and why: a week after the last conference, else after the admission.

    No day where none is due, with the reason.
    """
    if not here:
        return None, "No conference due: the patient has left."
    if held:
        return max(held) + WEEK, "a week after the last one"
    if admitted_on is None:
        return None, "No conference due: there is no inpatient order yet."
    return admitted_on + WEEK, "a week after the admission"


Minutes = Mapping[Discipline, int]


def check_minutes(minutes: Iterable[int]) -> None:
    """Refused where one day's minutes are more than the day has."""
    if sum(minutes) > LAST_MINUTE:
        raise Refused("These minutes are more than the day has.", field="")


def week_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - ONE_DAY * day.weekday()


def weekly(days: Mapping[date, Minutes]) -> dict[date, dict[Discipline, int]]:
    """Sums by week (its Monday) and discipline; every discipline is there, so that a zero is seen."""
    sums: dict[date, dict[Discipline, int]] = {}
    for day in sorted(days):
        week = sums.setdefault(week_of(day), dict.fromkeys(Discipline, 0))
        for discipline, minutes in days[day].items():
            week[discipline] += minutes
    return sums
