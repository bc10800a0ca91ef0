"""Weaning from the ventilator as its days tell it: letters, liberation, relapse, plateau, breathing trial. Pure.

A calendar day is the facility's. Terms: fully weaned means no invasive ventilation on the two calendar days before the
discharge (LTCH quality reporting, ventilator liberation rate); prolonged ventilation means 21 days in a row with six
hours or more (NAMDRC).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.days import ONE_DAY
from app.ltac.course.terms import Outcome, Support, Trial, WeaningState

FREE_DAYS = 2
"""Calendar days in a row without invasive ventilation that make a patient liberated."""
PROLONGED_DAYS, PROLONGED_HOURS = 21, 6.0
SHOWN_PLATEAU = 3
"""Days without progress from which a plateau is said."""
TRIAL_BY_DAY = 2
"""The day of the stay, its first being day 1, by which a breathing trial is tried, or said why not."""
WHOLE_DAY = 24.0
_LETTERS = {
    Support.VENTILATED: WeaningState.VENTILATED, Support.TRIAL: WeaningState.TRIAL, Support.COLLAR: WeaningState.COLLAR,
    Support.FREE: WeaningState.FREE,
}  # fmt: skip
_STEP = {Support.VENTILATED: 0, Support.TRIAL: 1, Support.COLLAR: 2, Support.FREE: 3}


@dataclass(frozen=True, slots=True)
class Charted:
    """What is recorded of one day. Hours are hours of that day; None where nobody counted them."""

    support: Support
    trial: Trial | None = None
    trial_reason: str = ""
    ventilated_hours: float | None = None
    collar_hours: float | None = None
    decannulated: bool = False

    @property
    def free(self) -> bool:
        """Whether the day had no invasive ventilation. A collar by day says nothing of the night, unless hours do."""
        if self.support is Support.FREE:
            return True
        whole = self.collar_hours is not None and self.collar_hours >= WHOLE_DAY
        return self.support is Support.COLLAR and (self.ventilated_hours == 0 or whole)

    @property
    def ventilated(self) -> bool:
        """Whether the day is known to have had invasive ventilation; a collar whose hours nobody counted is not."""
        if self.support is Support.COLLAR:
            return not self.free and (bool(self.ventilated_hours) or self.collar_hours is not None)
        return self.support is not Support.FREE

    @property
    def long(self) -> bool:
        """Whether ventilation lasted six hours or more. Uncounted hours of a ventilated day are taken for the whole."""
        if self.ventilated_hours is not None:
            return self.ventilated_hours >= PROLONGED_HOURS
        return self.support in (Support.VENTILATED, Support.TRIAL)

    @property
    def tried(self) -> bool:
        """Whether the patient breathed without help for a while; a collar and freedom are more than a trial."""
        return self.trial in (Trial.PASSED, Trial.FAILED) or self.support is not Support.VENTILATED


Days = Mapping[date, Charted]


def letter(day: date, charted: Days, away: frozenset[date] | set[date]) -> WeaningState:
    """The letter of a day. What somebody charted stands before an absence that began later that day."""
    one = charted.get(day)
    if one is not None:
        return _LETTERS[one.support]
    return WeaningState.AWAY if day in away else WeaningState.UNKNOWN


@dataclass(frozen=True, slots=True)
class Weaning:
    """How weaning stands at a day.

    Attributes:
        liberated_on: first of the days without invasive ventilation that last until now, two at least.
        relapses: days on which ventilation was needed again after liberation.
        ventilated_days: days with invasive ventilation.
        longest: most days in a row with six hours or more; an absence is passed over, a day not recorded ends the row.
        plateau: days up to the last recorded one without any further step; 0 once liberated.
        decannulated_on: the first day, since the last ventilated one, on which the tube was out.
    """

    outcome: Outcome
    liberated_on: date | None = None
    free_days: int = 0
    relapses: tuple[date, ...] = ()
    ventilated_days: int = 0
    longest: int = 0
    plateau: int = 0
    decannulated_on: date | None = None

    @property
    def prolonged(self) -> bool:
        """Whether ventilation was prolonged: 21 days in a row or more."""
        return self.longest >= PROLONGED_DAYS


def weaning(charted: Days, away: frozenset[date] | set[date], left_on: date | None = None) -> Weaning:
    """How weaning stands after the recorded days, or stood on the day of the discharge."""
    days = sorted(charted)
    ventilated = [day for day in days if not charted[day].free]
    if not ventilated:
        return Weaning(Outcome.NEVER_VENTILATED)
    freed, relapses, decannulated = _free_run(days, charted, away)
    since = freed[0] if len(freed) >= FREE_DAYS else None
    return Weaning(
        outcome=_outcome(charted, since, left_on), liberated_on=since, free_days=len(freed), relapses=relapses,
        ventilated_days=len(ventilated), longest=_longest(days, charted, away),
        plateau=0 if since is not None else _plateau(days, charted), decannulated_on=decannulated,
    )  # fmt: skip


def _free_run(
    days: Sequence[date], charted: Days, away: frozenset[date] | set[date]
) -> tuple[list[date], tuple[date, ...], date | None]:
    """The free days in a row that end with the last recorded day, the relapses before, and since when the tube is out.

    Ventilation ends a row, and a day that nobody recorded does too: two calendar days in a row must be known.
    """
    run: list[date] = []
    relapses: list[date] = []
    liberated, decannulated = False, None
    for day in days:
        one = charted[day]
        if not one.free:
            if liberated and one.ventilated:
                relapses.append(day)
            run, liberated, decannulated = [], False, None
            continue
        run = [*run, day] if run and _adjoins(run[-1], day, away) else [day]
        liberated = liberated or len(run) >= FREE_DAYS
        decannulated = decannulated or (day if one.decannulated else None)
    return run, tuple(relapses), decannulated


def _adjoins(before: date, day: date, away: frozenset[date] | set[date]) -> bool:
    """Whether only absences lie between two days."""
    between = (date.fromordinal(number) for number in range(before.toordinal() + 1, day.toordinal()))
    return all(one in away for one in between)


def _longest(days: Sequence[date], charted: Days, away: frozenset[date] | set[date]) -> int:
    longest = run = 0
    before: date | None = None
    for day in days:
        joined = before is not None and _adjoins(before, day, away)
        run = (run + 1 if joined else 1) if charted[day].long else 0
        longest, before = max(longest, run), day
    return longest


def _plateau(days: Sequence[date], charted: Days) -> int:
    """Recorded days after the last one that went further than the recorded day before it; the first day is a start."""
    last = 0
    for place in range(1, len(days)):
        if _further(charted[days[place - 1]], charted[days[place]]):
            last = place
    return len(days) - 1 - last


def _further(before: Charted, after: Charted) -> bool:
    """Another kind of support that is less, or more hours on the collar."""
    if _STEP[after.support] != _STEP[before.support]:
        return _STEP[after.support] > _STEP[before.support]
    return (after.collar_hours or 0) > (before.collar_hours or 0)


def _outcome(charted: Days, since: date | None, left_on: date | None) -> Outcome:
    if left_on is None:
        return Outcome.LIBERATED if since is not None else Outcome.WEANING
    last = [charted.get(left_on - ONE_DAY * number) for number in range(1, FREE_DAYS + 1)]
    leaving = charted.get(left_on)
    if any(one is not None and one.ventilated for one in (leaving, *last)):
        return Outcome.DEPENDENT
    free = all(one is not None and one.free for one in last) and (leaving is None or leaving.free)
    return Outcome.WEANED if free else Outcome.UNKNOWN


@dataclass(frozen=True, slots=True)
class FirstTrial:
    """The breathing trial by day 2: whether it was tried by then, on which day of the stay, or why not."""

    in_time: bool | None  # None: not asked, or day 2 is not over
    day_number: int | None = None
    reason: str = ""


def first_trial(charted: Days, admitted_on: date, today: date) -> FirstTrial | None:
    """Compliance with a breathing trial by day 2; None for who was not ventilated on the day of admission or the next.

    A reason why none could be tried counts as compliance: LTCH quality reporting asks for a trial of those only who are
    ready for one.
    """
    limit = admitted_on + ONE_DAY * (TRIAL_BY_DAY - 1)
    early = [charted[day] for day in sorted(charted) if admitted_on <= day <= limit]
    if not any(not one.free for one in early):
        return None
    tried = next((day for day in sorted(charted) if day >= admitted_on and charted[day].tried), None)
    number = (tried - admitted_on).days + 1 if tried is not None else None
    if number is not None and number <= TRIAL_BY_DAY:
        return FirstTrial(True, number)
    reason = next((one.trial_reason for one in early if one.trial is Trial.NOT_DONE and one.trial_reason), "")
    if reason:
        return FirstTrial(True, number, reason)
    return FirstTrial(None if today <= limit else False, number)
