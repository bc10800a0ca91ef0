"""How patients of the ventilator unit are weaned, day by day, and the charting of it and of therapy."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from random import Random

from app.demo.longterm.desk import MANAGER, Desk
from app.demo.longterm.subjects import DIED
from app.kernel.days import ONE_DAY
from app.ltac.course.charting import chart_therapy, chart_weaning
from app.ltac.course.forms import ChartTherapy, ChartWeaning
from app.ltac.course.terms import Support, Trial
from app.platform.work import Work

_FORGOTTEN, _UNCHARTED_TODAY, _RELAPSE, _TUBE_OUT = 0.03, 0.7, 0.08, 0.4
_LATE_WEANED, _STILL_WEANED, _PLATEAU = 0.35, 0.15, 0.35
_EDGE = 4  # days at either end of an earlier stay that are charted
_THERAPY_OPEN, _THERAPY_ENDED, _SATURDAY = timedelta(days=9), timedelta(days=3), 5
_WHY_NOT = ("Too much oxygen needed", "Unstable pressure", "Sedated for a procedure", "Fever")


class Breathing:
    """Whoever charts weaning and therapy of one stay."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._luck = desk.luck("breathing")

    def begin(self) -> None:
        """Each day of a ventilated stay is charted; of an earlier one its first and last days. Therapy on weekdays."""
        subject = self._desk.subject
        first, last = subject.day(subject.row.began_at), subject.day(self._desk.ends)
        if subject.ventilated:
            course = dict(weaning_course(self._luck, first, last, self._freed_on(first, last)))
            today = subject.day(self._desk.house.until)
            for day, ask in course.items():
                if self._is_charted(day, first, last, today):
                    self._at(day, ask)
        if self._desk.recent:
            self._plan_therapy(last)

    def _freed_on(self, first: date, last: date) -> date | None:
        """The first day off the ventilator: that of leaving the unit; some breathe alone and stay there."""
        subject = self._desk.subject
        if subject.freed_at is not None:
            return max(subject.day(subject.freed_at), first + ONE_DAY)
        share = _STILL_WEANED if subject.row.left_at is None else _LATE_WEANED
        if subject.row.disposition == DIED or self._luck.random() >= share:
            return None
        return first + timedelta(days=max(2, round((last - first).days * 0.6)))

    def _is_charted(self, day: date, first: date, last: date, today: date) -> bool:
        if day == today:
            return self._luck.random() >= _UNCHARTED_TODAY
        edge = (day - first).days < _EDGE or (last - day).days < _EDGE
        return (self._desk.recent or edge) and self._luck.random() >= _FORGOTTEN

    def _at(self, day: date, ask: ChartWeaning) -> None:
        self._desk.while_here(self._desk.end_of_shift(day), MANAGER,
                              partial(self._chart, ask=ask.model_copy(update={"day": day})))  # fmt: skip

    def _chart(self, work: Work, ask: ChartWeaning) -> None:
        chart_weaning(work, self._desk.subject.id, ask)

    def _plan_therapy(self, last: date) -> None:
        span = _THERAPY_OPEN if self._desk.subject.row.left_at is None else _THERAPY_ENDED
        luck, day = self._desk.luck("therapy"), last - span
        while day <= last:
            if day.weekday() < _SATURDAY:
                ask = self._minutes(luck, day)
                at, deed = (
                    self._desk.end_of_shift(day),
                    partial(self._chart_therapy, ask=ask),
                )
                self._desk.while_here(at, MANAGER, deed)
            day += ONE_DAY

    def _chart_therapy(self, work: Work, ask: ChartTherapy) -> None:
        chart_therapy(work, self._desk.subject.id, ask)

    def _minutes(self, luck: Random, day: date) -> ChartTherapy:
        ventilated = self._desk.subject.ventilated
        said = {"pt": luck.choice((0, 25, 30, 30, 45, 60)), "ot": luck.choice((0, 20, 30, 30, 45))}
        if ventilated:
            said |= {"slp": luck.choice((0, 15, 20, 30)), "rt": luck.choice((30, 45, 60))}
        return ChartTherapy.model_validate(said | {"day": day})


def weaning_course(luck: Random, first: date, last: date, freed: date | None) -> Iterator[tuple[date, ChartWeaning]]:
    """Day by day: full ventilation, breathing trials, hours on the collar, off the ventilator; or a standstill."""
    plateau = freed is None and luck.random() < _PLATEAU
    goal = freed or first + timedelta(days=max(24, (last - first).days + 6))
    whole = max(1, (goal - first).days)
    relapse = freed is not None and luck.random() < _RELAPSE
    tube_out = luck.random() < _TUBE_OUT
    day = first
    while day <= last:
        done = (day - first).days / whole
        if freed is not None and day >= freed:
            number = (day - freed).days
            out = tube_out and number >= _EDGE
            back = relapse and number == _EDGE - 1
            yield day, _ventilated(luck) if back else ChartWeaning(support=Support.FREE, decannulated=out)
        elif done < 0.25 or (plateau and luck.random() < 0.4):
            yield day, _ventilated(luck)
        elif done < 0.6 or plateau:
            passed = luck.random() < (0.4 if plateau else 0.7)
            yield day, ChartWeaning(support=Support.TRIAL, mode="Pressure support",
                                    trial=Trial.PASSED if passed else Trial.FAILED)  # fmt: skip
        else:
            hours = float(min(20, max(3, round(24 * (done - 0.5) * 1.7))))
            yield day, ChartWeaning(support=Support.COLLAR, collar_hours=hours, ventilated_hours=24 - hours)
        day += ONE_DAY


def _ventilated(luck: Random) -> ChartWeaning:
    if luck.random() < 0.5:
        return ChartWeaning(support=Support.VENTILATED, mode="Volume control")
    return ChartWeaning(support=Support.VENTILATED, mode="Volume control", trial=Trial.NOT_DONE,
                        trial_reason=luck.choice(_WHY_NOT))  # fmt: skip
