"""Two midnights: what the course of a stay says about its status. Pure.

Five counts are kept apart, since they start at different instants and serve different rules: benchmark midnights since
hospital care began (42 CFR 412.3(d)(1)), presumption midnights since the inpatient order, qualifying days for a nursing
facility (42 CFR 409.30(a)(1)), utilization days (Medicare Benefit Policy Manual, chapter 3, section 20.1), hours of
observation (42 CFR 489.20(y)). Midnights are the facility's; one on leave counts for none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.census.stay.timeline import Course, Lane, Midnight, Row, counts, midnights
from app.census.terms import PatientClass
from app.kernel.days import ONE_DAY, local_day, start_of_day
from app.kernel.wording import clock_text, day_text
from app.status.rules import BENCHMARK, inpatient_is_supported
from app.status.terms import Basis, CutShort

CARE = frozenset({PatientClass.EMERGENCY.value, PatientClass.OBSERVATION.value, PatientClass.INPATIENT.value})
"""Classes in which hospital care is given; a clinic visit of the same number is none."""

EXPECTED_AHEAD = 30
"""Days beyond which an expected discharge is not believed."""

_INPATIENT, _OBSERVED = PatientClass.INPATIENT.value, PatientClass.OBSERVATION.value
_UNFORESEEN = {
    "07": CutShort.AGAINST_ADVICE, "20": CutShort.DEATH, "40": CutShort.DEATH, "41": CutShort.DEATH,
    "42": CutShort.DEATH,
}  # fmt: skip
"""Discharge dispositions that nobody plans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the physician wrote of the stay that was to be expected, and what cut it short."""

    basis: Basis
    by: str
    written_at: datetime
    cut_short: CutShort = CutShort.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that the reckoning needs of one stay. `course` ends with the discharge, else now.

    `elsewhere_since` is when care began at the sending hospital; its midnights count for the benchmark only.
    """

    course: Course
    now: datetime
    expected_at: datetime | None = None
    disposition: str = ""
    expectation: Expectation | None = None
    elsewhere_since: datetime | None = None
    presumption_applies: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of care in one class."""

    patient_class: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One midnight, named by the day that ends with it, and what it counts for."""

    day: date
    patient_class: str = ""
    elsewhere: bool = False
    away: bool = False
    expected: bool = False
    benchmark: bool = False
    presumption: bool = False
    billing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """The five counts, so far; the midnights that they are made of; whether inpatient status is supported, and why.

    `supported` is None for somebody who is no inpatient. `billing` is None for the same; a day in and out is one.
    """

    began_at: datetime | None
    ordered_at: datetime | None
    spans: tuple[Span, ...]
    nights: tuple[Night, ...]
    benchmark: int
    presumption: int | None
    qualifying: int | None
    billing: int | None
    observed: timedelta | None
    expected: int
    supported: bool | None
    sentence: str


def reckon(known: Known) -> Reckoning:
    """The whole reckoning of a stay."""
    course = known.course
    spans = _spans(course)
    here = spans[0].since if spans else None
    began = min((one for one in (here, known.elsewhere_since) if one is not None), default=None)
    order, changed_back = _order(spans)
    nights = [*_elsewhere(known, here), *_passed(course, here, order)]
    ahead = _ahead(known, began)
    benchmark, presumption = sum(one.benchmark for one in nights), sum(one.presumption for one in nights)
    inpatient = order is not None
    supported, why = _support(known, benchmark, len(ahead), inpatient=inpatient)
    watched = any(one.patient_class == _OBSERVED for one in spans)
    return Reckoning(
        began_at=began,
        ordered_at=order,
        spans=spans,
        nights=(*nights, *ahead),
        benchmark=benchmark,
        presumption=presumption if inpatient else None,
        qualifying=presumption if inpatient else 0 if changed_back else None,
        billing=max(1, presumption) if inpatient else None,
        observed=counts(course).observation if watched else None,
        expected=len(ahead),
        supported=supported,
        sentence=_sentence(known, began, nights, why),
    )


def _spans(course: Course) -> tuple[Span, ...]:
    """Stretches of care; two rows of one class after each other are one."""
    found: list[Span] = []
    for row in course.lane(Lane.CLASS):
        if row.value not in CARE:
            continue
        until = course.close(row)
        if found and found[-1].patient_class == row.value and found[-1].until == row.since:
            found[-1] = Span(row.value, found[-1].since, until)
        else:
            found.append(Span(row.value, row.since, until))
    return tuple(found)


def _order(spans: Sequence[Span]) -> tuple[datetime | None, bool]:
    """The inpatient order in force, and whether an earlier one was undone without another."""
    if spans and spans[-1].patient_class == _INPATIENT:
        return spans[-1].since, False
    return None, any(one.patient_class == _INPATIENT for one in spans)


def _passed(course: Course, began: datetime | None, order: datetime | None) -> list[Night]:
    found = [one for one in midnights(course) if began is not None and one.at > began]
    return [_night(one, order) for one in found]


def _night(one: Midnight, order: datetime | None) -> Night:
    counted = not one.away
    inpatient = counted and order is not None and one.at > order
    return Night(
        day=one.day, patient_class=one.patient_class, away=one.away, benchmark=counted, presumption=inpatient,
        billing=inpatient,
    )  # fmt: skip


def _elsewhere(known: Known, here: datetime | None) -> list[Night]:
    """Midnights of care at the sending hospital and on the way, up to the begin of care here."""
    if known.elsewhere_since is None or here is None:
        return []
    row = Row(Lane.CLASS, "", "", known.elsewhere_since, here)
    before = Course((row,), known.course.zone, here)
    return [Night(day=one.day, elsewhere=True, benchmark=True) for one in midnights(before)]


def _ahead(known: Known, began: datetime | None) -> list[Night]:
    """Midnights from now to the expected discharge."""
    course, expected = known.course, known.expected_at
    if course.discharged or began is None or expected is None or expected <= known.now:
        return []
    found: list[Night] = []
    day = local_day(known.now, course.zone)
    while len(found) < EXPECTED_AHEAD and start_of_day(day + ONE_DAY, course.zone) <= expected:
        found.append(Night(day=day, expected=True))
        day += ONE_DAY
    return found


def _support(known: Known, benchmark: int, ahead: int, *, inpatient: bool) -> tuple[bool | None, str]:
    """Whether the record supports inpatient status, and the sentence that says why. 42 CFR 412.3(d)."""
    if not inpatient:
        return None, _as_outpatient(benchmark, ahead, gone=known.course.discharged)
    written, gone = known.expectation, known.course.discharged
    unforeseen = _cut_short(known)
    if benchmark >= BENCHMARK:
        return True, "Inpatient status is supported: hospital care has crossed two midnights (42 CFR 412.3(d)(1))."
    if written is None:
        rest = "" if gone or benchmark + ahead < BENCHMARK else " Two are expected by the planned discharge."
        return False, f"Inpatient status is not supported: no expectation of the physician is documented.{rest}"
    if written.basis is Basis.CASE_BY_CASE:
        return True, "Supported by a documented case-by-case exception (42 CFR 412.3(d)(3)); reviewers look closely."
    if written.basis is Basis.INPATIENT_ONLY:
        return True, "Supported: the procedure is paid for inpatients only, whatever the length (42 CFR 412.3(d)(2))."
    if not gone:
        return True, "Supported while the documented expectation of two midnights holds (42 CFR 412.3(d)(1))."
    if inpatient_is_supported(benchmark, expected=True, unforeseen=unforeseen is not CutShort.NO):
        said = unforeseen.label[0].lower() + unforeseen.label[1:]
        return True, f"Supported: two midnights were expected in writing, and {said} cut the stay short."
    return (
        False,
        "Inpatient status is not supported: the stay was shorter than expected and no unforeseen reason is kept.",
    )


def _cut_short(known: Known) -> CutShort:
    """What was recorded, else what the disposition tells without doubt."""
    written = known.expectation.cut_short if known.expectation is not None else CutShort.NO
    return written or _UNFORESEEN.get(known.disposition, CutShort.NO)


def _as_outpatient(benchmark: int, ahead: int, *, gone: bool) -> str:
    if gone:
        return "The stay ended as outpatient care."
    if benchmark >= BENCHMARK:
        return "An inpatient order would meet the benchmark, if the record supports the need for hospital care."
    if benchmark + ahead >= BENCHMARK:
        return "Two are expected in all: an inpatient order meets the benchmark if the physician documents why."
    return "Two midnights are not expected so far; the patient stays an outpatient."


def _sentence(known: Known, began: datetime | None, nights: Sequence[Night], why: str) -> str:
    if began is None:
        return "No hospital care of this stay is known yet."
    zone, today = known.course.zone, local_day(known.now, known.course.zone)
    passed = sum(one.benchmark for one in nights)
    verb = "has" if passed == 1 else "have"
    start = f"{day_text(local_day(began, zone), today)} {clock_text(began, zone)}"
    parts = [f"{_many(passed)} {verb} passed since care began {start}{_split(nights)}.", why]
    away = sum(one.away for one in nights)
    if away:
        parts.append(f"{_many(away)} on leave {'counts' if away == 1 else 'count'} for nothing.")
    return " ".join(parts)


def _split(nights: Sequence[Night]) -> str:
    """Where the midnights were spent, when not all of them were spent in one class."""
    counted = [one for one in nights if one.benchmark]
    words = (
        ("at the sending hospital", sum(one.elsewhere for one in counted)),
        ("as an outpatient", sum(not one.elsewhere and one.patient_class != _INPATIENT for one in counted)),
        ("as an inpatient", sum(one.patient_class == _INPATIENT for one in counted)),
    )
    used = [(word, count) for word, count in words if count]
    if not used:
        return ""
    if len(used) == 1:
        return f", {'all ' if len(counted) > 1 else ''}{used[0][0]}"
    return ": " + ", ".join(f"{count} {word}" for word, count in used)


_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def _many(count: int) -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} midnight" if count in (0, 1) else f"{number} midnights"


DEFINITIONS = {
    "benchmark": "Midnights since hospital care began, outpatient care and the sending hospital included. They tell"
    " whether an inpatient order is appropriate: 42 CFR 412.3(d)(1).",
    "presumption": "Midnights after the inpatient order. From two on a stay is generally not picked for review; this"
    " does not bind a Medicare Advantage plan.",
    "qualifying": "Consecutive inpatient days, the day of discharge left out. Three are needed for a nursing facility:"
    " 42 CFR 409.30(a)(1).",
    "billing": "Days of inpatient care from midnight to midnight; the day of discharge does not count, in and out on"
    " one day is one. They use up benefit days.",
    "observation": "Hours since observation services began, as they run. Notice of observation is due by hour 36:"
    " 42 CFR 489.20(y).",
}
"""What each count means, said on demand."""
