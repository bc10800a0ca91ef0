"""The figure of a stay: periods of class and place over time, with the midnights, as coordinates for an SVG.

Pure. The drawing is 900 units wide (11 px text stays 11 px); long stays thin out their labels, never their periods.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from app.census.stay.timeline import Course, Lane, Row, midnights
from app.census.terms import PatientClass
from app.kernel.days import ONE_DAY, instant_of, local_day, start_of_day
from app.kernel.wording import clock_text, day_text, duration_text, moment_text, running_text

WIDTH, LEFT, RIGHT = 900.0, 20.0, 880.0
NUMBERED = 26.0  # narrower nights than this get a line without a number
DATED = 72.0  # the least width of a day that can carry "Thu 5 Mar"
SHORT_DATED = 40.0  # and of one that can carry "5 Mar"
LETTER = 6.2  # about the width of a letter of the figure
_MIDDAY = time(12)  # to where a day without a time is drawn: past its first midnight, short of the next one
EXPECTED_AHEAD = timedelta(days=14)  # an expected discharge further ahead than this does not squeeze the past

CLASS_WORDS = {
    PatientClass.INPATIENT: "Inpatient",
    PatientClass.OBSERVATION: "Observation",
    PatientClass.OUTPATIENT: "Outpatient",
    PatientClass.EMERGENCY: "Emergency",
    PatientClass.PREADMIT: "Pre-admission",
    PatientClass.RECURRING: "Recurring",
    PatientClass.UNKNOWN: "Class not known",
}
_CLASSES = {kind.value: kind for kind in PatientClass}
_SHAPES = {PatientClass.INPATIENT: "s-inp", PatientClass.OBSERVATION: "s-obs"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A period: where it is drawn, how, and what is written in it when there is room."""

    x: str
    width: str
    shape: str
    text: str
    middle: str
    plate_x: str
    plate_width: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A midnight, passed or expected, or another instant; `text` is its number or its words."""

    x: str
    text: str
    expected: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """Everything that the template draws, and the same in words."""

    title: str
    words: str
    classes: list[Bar]
    places: list[Bar]
    midnights: list[Mark]
    crowded: bool  # not every midnight has its number: the lines stay above the periods
    days: list[Mark]
    end: Mark
    end_word: str
    start_word: str
    start_x: str
    foot: str
    foot_end: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a stay's codes are called, and when it is expected to end: at a time, or on a day without a time."""

    units: dict[str, str]
    expected_at: datetime | None = None
    expected_on: date | None = None


class _Scale:
    """Instants to units of the drawing, with a little air at both ends."""

    def __init__(self, start: datetime, end: datetime) -> None:
        span = max(end - start, timedelta(hours=6))
        self._start = start - span / 24
        self._span = (span + span / 12) / timedelta(seconds=1)

    def at(self, instant: datetime) -> float:
        passed = (instant - self._start) / timedelta(seconds=1)
        return min(RIGHT, max(LEFT, LEFT + (RIGHT - LEFT) * passed / self._span))


def class_of(value: str) -> PatientClass:
    """The class of a stored word; what is not one of ours is unknown."""
    return _CLASSES.get(value, PatientClass.UNKNOWN)


def class_word(value: str) -> str:
    """The class in words."""
    return CLASS_WORDS[class_of(value)] if value in _CLASSES else value or "Class not said"


def place_text(location: str, units: dict[str, str]) -> str:
    """`4 West 412-B` for `4W^412^B`; units nobody described are shown by their code."""
    unit, room, bed = [*location.split("^"), "", "", ""][:3]
    spot = "-".join(part for part in (room, bed) if part)
    return " ".join(part for part in (units.get(unit, unit), spot) if part)


def draw(course: Course, names: Names, now: datetime) -> Figure | None:
    """The figure of a stay; None where nothing of its timeline is known."""
    start = course.start
    if start is None:
        return None
    ahead = None if course.discharged else _ahead(course, names, now)
    scale = _Scale(start, ahead or course.end)
    nights = _numbered(scale, [night.at for night in midnights(course)], course, ahead)
    last = _last_word(course, now)
    return Figure(
        title="Timeline of the stay",
        words=_in_words(course, names, now),
        classes=_classes(course, scale, ahead),
        places=[_bar(scale, row.since, course.close(row), "s-exp", place_text(row.value, names.units))
                for row in course.lane(Lane.LOCATION)],
        midnights=nights,
        crowded=any(not mark.text for mark in nights),
        days=_days(scale, start, ahead or course.end, course.zone),
        end=Mark(_n(scale.at(course.end)), last),
        end_word=last,
        start_word=clock_text(start, course.zone),
        start_x=_n(scale.at(start)),
        foot=_sum_of_nights(course),
        foot_end="" if ahead is None else f"expected to leave {_leaving_text(ahead, course, names, now)}",
    )  # fmt: skip


def _ahead(course: Course, names: Names, now: datetime) -> datetime | None:
    expected = names.expected_at
    if names.expected_on is not None:
        expected = instant_of(names.expected_on, _MIDDAY, course.zone)
    return expected if expected is not None and now < expected <= now + EXPECTED_AHEAD else None


def _leaving_text(ahead: datetime, course: Course, names: Names, now: datetime) -> str:
    if names.expected_on is not None:
        return day_text(names.expected_on, local_day(now, course.zone))
    return moment_text(ahead, course.zone, now)


def _classes(course: Course, scale: _Scale, ahead: datetime | None) -> list[Bar]:
    bars = []
    for row in course.lane(Lane.CLASS):
        until = course.close(row)
        text = f"{class_word(row.value)} {_length(row, until - row.since)}"
        bars.append(_bar(scale, row.since, until, _SHAPES.get(class_of(row.value), "s-ed"), text))
    for leave in course.lane(Lane.LEAVE):
        bars.append(_bar(scale, leave.since, course.close(leave), "s-exp", "on leave"))
    if ahead is not None:
        bars.append(_bar(scale, course.end, ahead, "s-exp", "expected"))
    return bars


def _length(row: Row, passed: timedelta) -> str:
    return (
        running_text(passed).removesuffix(" h") + " h"
        if row.value == PatientClass.OBSERVATION
        else duration_text(passed)
    )


def _bar(scale: _Scale, since: datetime, until: datetime, shape: str, text: str) -> Bar:
    x, width = scale.at(since), max(1.0, scale.at(until) - scale.at(since))
    room = LETTER * len(text) + 12
    first = text.split(" ")[0]
    shown = text if room <= width else first if len(first) > 2 and LETTER * len(first) + 12 <= width else ""
    plate = LETTER * len(shown) + 10
    middle = x + width / 2
    return Bar(_n(x), _n(width), shape, shown, _n(middle), _n(middle - plate / 2), _n(plate))


def _numbered(scale: _Scale, passed: list[datetime], course: Course, ahead: datetime | None) -> list[Mark]:
    coming = []
    day = local_day(course.end, course.zone)
    while ahead is not None and (at := start_of_day(day + ONE_DAY, course.zone)) <= ahead:
        if at > course.end:
            coming.append(at)
        day += ONE_DAY
    marks, last = [], -NUMBERED
    for number, at in enumerate([*passed, *coming], start=1):
        x = scale.at(at)
        wide = x - last >= NUMBERED
        marks.append(Mark(_n(x), str(number) if wide else "", number > len(passed)))
        last = x if wide else last
    return marks


def _days(scale: _Scale, start: datetime, end: datetime, zone: tzinfo) -> list[Mark]:
    """Names of days above the midnights: as long as there is room, else shorter, else only some of them."""
    marks: list[Mark] = []
    day, free = local_day(start, zone), LEFT
    while day <= local_day(end, zone):
        left, right = scale.at(start_of_day(day, zone)), scale.at(start_of_day(day + ONE_DAY, zone))
        middle, width = (left + right) / 2, right - left
        text = _day_word(day, width)
        half = LETTER * len(text) / 2
        if middle - half >= free - 1 and middle + half <= WIDTH and width > SHORT_DATED / 8:
            marks.append(Mark(_n(middle), text))
            free = middle + half + 10
        day += ONE_DAY
    return marks


def _day_word(day: date, width: float) -> str:
    return day.strftime("%a %-d %b") if width >= DATED else day.strftime("%-d %b")


def _last_word(course: Course, now: datetime) -> str:
    if not course.discharged:
        return f"now {clock_text(course.end, course.zone)}"
    if not course.end_precise:
        return f"left {day_text(local_day(course.end, course.zone), local_day(now, course.zone))}"
    return f"left {clock_text(course.end, course.zone)}"


def _sum_of_nights(course: Course) -> str:
    nights = midnights(course)
    outpatient = sum(night.patient_class != PatientClass.INPATIENT and not night.away for night in nights)
    inpatient = sum(night.patient_class == PatientClass.INPATIENT and not night.away for night in nights)
    if not nights:
        return "no midnight passed"
    away = len(nights) - outpatient - inpatient
    parts = [f"{outpatient} outpatient", f"{inpatient} inpatient"] + ([f"{away} away"] if away else [])
    return f"{len(nights)} {'midnight' if len(nights) == 1 else 'midnights'} passed: {', '.join(parts)}"


def _in_words(course: Course, names: Names, now: datetime) -> str:
    classes = [
        f"{class_word(row.value)} from {moment_text(row.since, course.zone, now)}" for row in course.lane(Lane.CLASS)
    ]
    places = [f"{place_text(row.value, names.units)} from {moment_text(row.since, course.zone, now)}"
              for row in course.lane(Lane.LOCATION)]  # fmt: skip
    said = [", then ".join(part) for part in (classes, places) if part]
    return ". ".join([*said, _sum_of_nights(course), _last_word(course, now)]) + "."


def _n(value: float) -> str:
    return f"{value:.1f}"
