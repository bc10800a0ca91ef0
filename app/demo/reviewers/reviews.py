"""How a simulated review reads: its points, its words, and when it finds the criteria not met (pure)."""

from datetime import date, timedelta
from random import Random
from typing import Any

from app.clocks.terms import Line
from app.demo.reviewers.subjects import Subject
from app.reviews.commands import WriteReview
from app.reviews.criteria.terms import ReviewKind
from app.reviews.terms import LevelOfCare, Outcome

ADMISSION_SET, DAY_SET = "aep_admission 2", "aep_day 2"
NOT_MET = {ReviewKind.ADMISSION: 0.07, ReviewKind.OBSERVATION: 0.03, ReviewKind.CONTINUED_STAY: 0.05}
PENDING = 0.02
CADENCE = {Line.MEDICARE_ADVANTAGE: 2, Line.COMMERCIAL: 2, Line.MEDICAID_MCO: 3}
"""Days from one review to the next that plans ask for; others every third day, the long-term hospital every week."""
_OTHERS, _LONG_TERM = 3, 7
_SEVERITY: tuple[tuple[str, dict[str, str]], ...] = (
    ("A2", {"pulse": "148"}), ("A3", {"systolic": "84"}), ("A8", {"sodium": "119"}), ("A9", {}), ("A7", {}),
)  # fmt: skip
_OF_SERVICE = {"CAR": ("A10",), "NEU": ("A5", "A1"), "SUR": ("A13",), "ORT": ("A13",)}
_INTENSITY = ("A12", "A14", "A12")
_DAY_POINTS = (("D13", "D18"), ("D10", "D13"), ("D16", "D18"), ("D13",), ("D15", "D16"), ("D10", "D18"))
_ADMITTED = (
    "Admitted through the emergency department; failed treatment there, needs drugs by vein and close watch.",
    "Came with symptoms of two days, worse since the morning; first results support the admitting diagnosis.",
    "Sent by the clinic for care that cannot be given at home; monitored since arrival.",
)
_GOES_ON = (
    "Overnight no change for the worse. Drugs by vein continue; labs are repeated in the morning.",
    "Improving. Still needs nursing watch by order; therapy has begun.",
    "Walked with help. Drugs changed yesterday, the effect is watched today.",
    "Two specialists saw the patient; the plan of treatment stands.",
)
_NOT_MET_BECAUSE = (
    "Stable on drugs by mouth; what is left could be done outside.",
    "Waits for a place; no service of the day that needs a hospital.",
    "Tests are done and were without finding; monitoring could end.",
)
_AWAITED = (("Result of the echocardiogram", "Cardiology"), ("Note of the consultation", "The attending"))


def cadence(subject: Subject) -> timedelta:
    """Days from one review to the next."""
    if subject.long_term:
        return timedelta(days=_LONG_TERM)
    return timedelta(days=CADENCE.get(subject.line or Line.OTHER, _OTHERS))


def write(subject: Subject, kind: ReviewKind, for_day: date, today: date, random: Random) -> WriteReview:
    """The review of a day; the next one is set by the cadence, after one that is not met for the next day."""
    first = kind is not ReviewKind.CONTINUED_STAY
    said: dict[str, Any] = {"kind": kind, "for_day": for_day, "criteria": ADMISSION_SET if first else DAY_SET}
    chance, day = random.random(), timedelta(days=1)
    if chance < NOT_MET[kind]:
        said |= {"reason": random.choice(_NOT_MET_BECAUSE), "level": _level(subject),
                 "recommended_level": _enough(subject, first), "next_review_on": today + day}  # fmt: skip
    elif chance < NOT_MET[kind] + PENDING:
        awaited, source = random.choice(_AWAITED)
        said |= {"outcome": Outcome.PENDING, "awaited": awaited, "awaited_from": source, "next_review_on": today + day}
    else:
        points, values = _points(subject, first, random)
        said |= {"points": points, "values": values, "next_review_on": today + cadence(subject)}
    return WriteReview(**said, summary=random.choice(_ADMITTED if first else _GOES_ON))


def _points(subject: Subject, first: bool, random: Random) -> tuple[list[str], dict[str, str]]:
    if not first:
        own = ("D12", "D17") if subject.long_term else random.choice(_DAY_POINTS)
        return list(own), {}
    code, values = random.choice(_SEVERITY)
    if subject.row.service in _OF_SERVICE:
        code, values = random.choice(_OF_SERVICE[subject.row.service]), {}
    more = "A18" if subject.long_term else "A16" if subject.row.unit == "ICU" else random.choice(_INTENSITY)
    return [code, more], values


def _level(subject: Subject) -> LevelOfCare:
    if subject.long_term:
        return LevelOfCare.LTACH
    if subject.row.unit in ("ICU", "PCU"):
        return LevelOfCare.INTENSIVE if subject.row.unit == "ICU" else LevelOfCare.STEP_DOWN
    return LevelOfCare.OBSERVATION if subject.row.ordered_at is None else LevelOfCare.ACUTE


def _enough(subject: Subject, first: bool) -> LevelOfCare:
    if first and subject.row.ordered_at is not None and not subject.long_term:
        return LevelOfCare.OBSERVATION
    return LevelOfCare.SKILLED_NURSING if subject.long_term else LevelOfCare.HOME_HEALTH
