"""Expected minutes: how long a stay will keep its case manager busy today, from what the feed says of it.

The defaults are this product's own, no published figures. They are set so that 20 usual stays make about 6 h 40 min,
because the caseload evidence (Cesta; RULES 11.3) ends at 20 patients for a case manager with up to three functions and
at 15 for one with more. A facility writes its own over them. Points of complexity are those of RULES 11.3 that can be
known from patient-movement messages; length of stay has a part of its own and is not counted again as points.
"""

import uuid
from collections.abc import Mapping

import msgspec

from app.worklists.assignment.terms import WorkPart

Table = Mapping[WorkPart, int]
OLD = 80  # years: one point
FREQUENT = 3  # inpatient stays within a year, this one among them: two points
WATCHED_HOURS = 24

DEFAULTS: Table = {
    WorkPart.INPATIENT: 8,
    WorkPart.OBSERVATION: 12,
    WorkPart.OTHER: 4,
    WorkPart.NEW: 15,
    WorkPart.LEAVING: 15,
    WorkPart.LEAVING_TOMORROW: 8,
    WorkPart.MOVING: 4,
    WorkPart.WATCHED: 8,
    WorkPart.LONG: 8,
    WorkPart.POINT: 2,
}
REASONS: Mapping[WorkPart, str] = {
    WorkPart.INPATIENT: "inpatient: chart, round, next step",
    WorkPart.OBSERVATION: "observation: the same, and the question of status every day",
    WorkPart.OTHER: "another class: a look at the chart",
    WorkPart.NEW: "began today or yesterday: first assessment",
    WorkPart.LEAVING: "leaves today, or should have left: last arrangements",
    WorkPart.LEAVING_TOMORROW: "expected to leave tomorrow: arrangements to begin",
    WorkPart.MOVING: "transfer pending: hand-over to the other unit",
    WorkPart.WATCHED: "in observation for more than 24 hours: status is to be decided",
    WorkPart.LONG: "past the geometric mean length of stay: what keeps the patient; from the double on it counts twice",
    WorkPart.POINT: "each point of complexity: age 80 or more 1, no payer 2, three admissions in a year 2,"
    " intensive care 3",
}


class StayFacts(msgspec.Struct, frozen=True, gc=False):
    """What the minutes and the rules know of a stay. Days count from 1; `expected_in` is days from today."""

    id: uuid.UUID
    unit: str
    service: str
    payer: str
    patient_class: str
    day: int | None
    gmlos: float | None
    expected_in: int | None
    pending: str
    watched_hours: float | None
    age: int | None
    payer_known: bool
    intensive: bool
    admissions: int


class Expected(msgspec.Struct, frozen=True):
    """Minutes of a stay today, and what they are made of."""

    minutes: int
    parts: tuple[tuple[WorkPart, int], ...]


def points(facts: StayFacts) -> int:
    """Points of complexity that are known from the feed."""
    found = 1 if facts.age is not None and facts.age >= OLD else 0
    found += 0 if facts.payer_known else 2
    found += 2 if facts.admissions >= FREQUENT else 0
    return found + (3 if facts.intensive else 0)


def expected_minutes(facts: StayFacts, table: Table) -> Expected:
    """The minutes of this stay today, part by part. `table` needs all parts: DEFAULTS, or what `table_of` gives."""
    found = [(_base(facts.patient_class), 1)]
    if facts.day is not None and facts.day <= 2:
        found.append((WorkPart.NEW, 1))
    if facts.pending == "discharge" or (facts.expected_in is not None and facts.expected_in <= 0):
        found.append((WorkPart.LEAVING, 1))
    elif facts.expected_in == 1:
        found.append((WorkPart.LEAVING_TOMORROW, 1))
    if facts.pending == "transfer":
        found.append((WorkPart.MOVING, 1))
    if facts.patient_class == "OBS" and (facts.watched_hours or 0) > WATCHED_HOURS:
        found.append((WorkPart.WATCHED, 1))
    if facts.day is not None and facts.gmlos and facts.day > facts.gmlos:
        found.append((WorkPart.LONG, 2 if facts.day >= 2 * facts.gmlos else 1))
    if complexity := points(facts):
        found.append((WorkPart.POINT, complexity))
    parts = tuple((part, table[part] * times) for part, times in found if table[part])
    return Expected(sum(minutes for _, minutes in parts), parts)


def _base(patient_class: str) -> WorkPart:
    return {"IP": WorkPart.INPATIENT, "OBS": WorkPart.OBSERVATION}.get(patient_class, WorkPart.OTHER)


def table_of(own: Mapping[str, int]) -> Table:
    """The table of a facility: its own minutes over the documented ones."""
    return {part: own.get(part.value, minutes) for part, minutes in DEFAULTS.items()}


def duration_text(minutes: int) -> str:
    """`6 h 10 min`, `45 min`, `2 h`."""
    hours, rest = divmod(minutes, 60)
    parts = (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "")
    return " ".join(part for part in parts if part)
