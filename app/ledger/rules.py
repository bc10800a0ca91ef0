"""From the facts of one stay to its ledger: one row for every midnight, in one place of each lane. Pure.

A midnight belongs to the day that it ends: the night from Tuesday to Wednesday is Tuesday's, which is also the patient
day of an avoidable day. Who leaves at the stroke of midnight has passed it; who comes then has not. Midnights are those
of the facility's calendar, so that a night of 23 or 25 hours is one like others. A stay in and out on one day has no
midnight, and counts one patient day by convention (Medicare Benefit Policy Manual, chapter 3, section 20.1); a leave of
absence takes its midnights out of the patient days and keeps them in the ledger as a part of their own.

The identity: the parts of each lane add up to the number of midnights, which is the length of the stay in midnights,
and the midnights of all stays in a unit on a day add up to that unit's midnight census.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec

from app.census.stay.timeline import Course, Midnight, counts, midnights
from app.census.terms import PatientClass
from app.kernel.days import ONE_DAY, days_between, local_day
from app.ledger.terms import Authorized, Necessary, Occupied, Place, Source
from app.payers.requests.terms import Days
from app.reviews.rules import Reviewed, ReviewedDay, day_results

IN_A_BED = frozenset({PatientClass.INPATIENT.value, PatientClass.OBSERVATION.value})
"""Classes whose days are reviewed and may need an authorization."""
CLAIMS = (Authorized.APPROVED, Authorized.DENIED, Authorized.REQUESTED, Authorized.NOT_REQUIRED)
_OF_CLASS = {
    PatientClass.INPATIENT.value: Occupied.INPATIENT,
    PatientClass.OBSERVATION.value: Occupied.OBSERVATION,
    PatientClass.EMERGENCY.value: Occupied.EMERGENCY,
}
_OF_RESULT = {one.value: one for one in Necessary}


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What one authorization or denial says of some days."""

    letter: Authorized
    ranges: tuple[Days, ...]
    source: Source
    id: uuid.UUID


class Entry(msgspec.Struct, frozen=True, gc=False):
    """The primary avoidable day that is recorded or proposed for one date."""

    code: str
    label: str
    draft: bool
    phase: str
    id: uuid.UUID


class LedgerDay(msgspec.Struct, frozen=True, gc=False):
    """One midnight of a stay in all lanes.

    Attributes:
        day: the local date that this midnight ends.
        unit: where the patient lay; empty where nobody said, or on leave the unit that keeps the bed.
        claim: the authorization or denial that decides the lane; None where nothing was asked.
        entry: the avoidable day, if one is recorded or proposed.
        past_expected: an inpatient midnight beyond the geometric mean length of stay of the DRG.
        ready: the patient was medically ready when this midnight came.
    """

    day: date
    unit: str
    patient_class: str
    occupied: Occupied
    necessary: Necessary
    review_id: uuid.UUID | None
    authorized: Authorized
    claim: Claim | None
    entry: Entry | None
    past_expected: bool
    ready: bool

    @property
    def excess(self) -> bool:
        """Whether somebody has to say why the patient was still here."""
        return self.past_expected or self.ready

    @property
    def place(self) -> Place:
        """Its one place in the ledger of a unit."""
        if self.entry is not None:
            return Place.DRAFT if self.entry.draft else Place.CONFIRMED
        if self.occupied is Occupied.AWAY:
            return Place.NEEDED
        if self.excess:
            return Place.NO_REASON
        if self.authorized is Authorized.NONE:
            return Place.NOT_AUTHORIZED
        return Place.NOT_REVIEWED if self.necessary is Necessary.NONE else Place.NEEDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the ledger of one stay is made from.

    Attributes:
        needs: whether some payer of the stay asks for an authorization at all.
        claims: in the order of their word, the one that holds against all others first.
        entries: by the date whose midnight was lost.
        ready: periods in which the patient was medically ready; an open one has no end.
        hidden: the reader may not see the reviews now; the lane then says nothing.
        gmlos: geometric mean length of stay of the DRG in days; None where it is not known.
        expected: the local day on which the patient is expected to leave.
    """

    course: Course
    reviews: Sequence[Reviewed] = ()
    hidden: bool = False
    claims: Sequence[Claim] = ()
    needs: bool = True
    entries: Mapping[date, Entry] = field(default_factory=dict)
    ready: Sequence[tuple[datetime, datetime | None]] = ()
    gmlos: float | None = None
    expected: date | None = None


class Ledger(msgspec.Struct, frozen=True):
    """The ledger of one stay. `ahead` are the nights that are expected; no lane says anything of them yet.

    `patient_days` are days of inpatient care, with the convention for who comes and leaves on one day.
    """

    days: list[LedgerDay]
    patient_days: int
    ahead: list[date]

    @property
    def same_day(self) -> bool:
        """A patient day that no midnight stands for."""
        return self.patient_days > 0 and not any(_inpatient(one) for one in self.days)


def ledger(facts: Facts) -> Ledger:
    """Every midnight of the stay up to the end of its course, and the expected ones."""
    nights = midnights(facts.course)
    days = ledger_days(facts, nights)
    inpatient = sum(map(_inpatient, days))
    return Ledger(days, inpatient or counts(facts.course).patient_days, _ahead(facts))


def ledger_days(facts: Facts, nights: Sequence[Midnight]) -> list[LedgerDay]:
    """The ledger days of these midnights of the stay."""
    if not nights:
        return []
    results = _results(facts, nights)
    claims = _claims(facts.claims, nights[0].day, nights[-1].day)
    unclaimed = Authorized.NONE if facts.needs else Authorized.NOT_REQUIRED
    found, inpatients = [], 0
    for night, result in zip(nights, results, strict=True):
        inpatient = night.patient_class == PatientClass.INPATIENT.value and not night.away
        inpatients += inpatient
        bedded = night.patient_class in IN_A_BED and not night.away
        owed = bedded and not facts.hidden
        claim = claims.get(night.day)
        found.append(
            LedgerDay(
                night.day,
                night.unit,
                night.patient_class,
                _occupied(night),
                _necessary(result, night, owed),
                result.review_id,
                claim.letter if claim is not None else (unclaimed if bedded else Authorized.NOT_REQUIRED),
                claim,
                facts.entries.get(night.day),
                inpatient and facts.gmlos is not None and inpatients > facts.gmlos,
                bool(facts.ready) and any(begun < night.at and (end is None or night.at <= end)
                                          for begun, end in facts.ready),
            )
        )  # fmt: skip
    return found


def _inpatient(one: LedgerDay) -> bool:
    return one.patient_class == PatientClass.INPATIENT.value and one.occupied is not Occupied.AWAY


def _occupied(night: Midnight) -> Occupied:
    if night.away:
        return Occupied.AWAY
    if night.intensive:
        return Occupied.INTENSIVE
    return _OF_CLASS.get(night.patient_class, Occupied.OTHER)


def _results(facts: Facts, nights: Sequence[Midnight]) -> list[ReviewedDay]:
    return day_results([night.day for night in nights], () if facts.hidden else facts.reviews)


def _necessary(result: ReviewedDay, night: Midnight, owed: bool) -> Necessary:
    """A day that needs no review shows one that was written about that very day all the same; leave shows none."""
    if owed:
        return _OF_RESULT[result.result]
    said = result.review_id is not None and result.own and not night.away
    return _OF_RESULT[result.result] if said else Necessary.NOT_ASKED


def _claims(claims: Sequence[Claim], first: date, last: date) -> dict[date, Claim]:
    """For each day the first of the claims that speaks of it."""
    found: dict[date, Claim] = {}
    for claim in reversed(claims):
        for one in claim.ranges:
            for day in days_between(max(one.first, first), min(one.until - ONE_DAY, last)):
                found[day] = claim
    return found


def _ahead(facts: Facts) -> list[date]:
    """The nights from the day after the last midnight up to the expected departure, that day left out."""
    course = facts.course
    if course.discharged or facts.expected is None:
        return []
    return list(days_between(local_day(course.end, course.zone), facts.expected - ONE_DAY))


# --- sums -------------------------------------------------------------------------------------------------------------


class Sums(msgspec.Struct, frozen=True):
    """What lanes add up to; every lane adds up to `midnights`."""

    midnights: int
    occupied: Mapping[Occupied, int]
    necessary: Mapping[Necessary, int]
    authorized: Mapping[Authorized, int]
    places: Mapping[Place, int]
    excess: int  # inpatient midnights past the geometric mean length of stay
    explained: int  # of these, with a recorded reason; a draft is none


def sums(days: Iterable[LedgerDay]) -> Sums:
    """The parts of each lane."""
    found = list(days)
    past = [one for one in found if one.past_expected]
    return Sums(
        len(found),
        Counter(one.occupied for one in found),
        Counter(one.necessary for one in found),
        Counter(one.authorized for one in found),
        Counter(one.place for one in found),
        len(past),
        sum(one.entry is not None and not one.entry.draft for one in past),
    )


def adds_up(found: Sums) -> bool:
    """The identity of one stay, or of any number of them."""
    lanes = (found.occupied.values(), found.necessary.values(), found.authorized.values(), found.places.values())
    return all(sum(parts) == found.midnights for parts in lanes)


def unit_census(days: Iterable[LedgerDay]) -> Counter[tuple[str, date]]:
    """Patients who were in each unit at the midnight that ends each day; who is away is in none."""
    return Counter((one.unit, one.day) for one in days if one.occupied is not Occupied.AWAY)


# --- what does not fit together ---------------------------------------------------------------------------------------


class Mismatch(msgspec.Struct, frozen=True):
    """Lanes that contradict each other, or leave a question, on these days. `kind` names it."""

    kind: str
    days: tuple[date, ...]


MISMATCHES = {
    "expected_past_authorized": "Expected to stay longer than authorized",
    "necessary_not_authorized": "Needed and not authorized",
    "authorized_not_necessary": "Authorized and not needed",
    "authorized_not_reviewed": "Authorized and not reviewed",
    "not_reviewed": "Not reviewed",
    "no_reason": "Past the expected length without a reason",
}


def mismatches(found: Ledger, facts: Facts) -> list[Mismatch]:
    """What a person should look at, in the order of MISMATCHES; empty where all lanes agree."""
    days = found.days
    uncovered = (Authorized.NONE, Authorized.DENIED)
    told: dict[str, list[date]] = {
        "expected_past_authorized": _beyond(found, facts),
        "necessary_not_authorized": [
            one.day for one in days if one.necessary is Necessary.MET and one.authorized in uncovered
        ],
        "authorized_not_necessary": [
            one.day for one in days if one.necessary is Necessary.NOT_MET and one.authorized is Authorized.APPROVED
        ],
        "authorized_not_reviewed": [
            one.day for one in days if one.necessary is Necessary.NONE and one.authorized is Authorized.APPROVED
        ],
        "not_reviewed": [
            one.day for one in days if one.necessary is Necessary.NONE and one.authorized is not Authorized.APPROVED
        ],
        "no_reason": [one.day for one in days if one.place is Place.NO_REASON],
    }
    return [Mismatch(kind, tuple(told[kind])) for kind in MISMATCHES if told[kind]]


def _beyond(found: Ledger, facts: Facts) -> list[date]:
    """Expected nights after the last one that a payer has authorized; none where no payer has authorized any."""
    granted = [one for claim in facts.claims if claim.letter is Authorized.APPROVED for one in claim.ranges]
    if not granted or not facts.needs:
        return []
    until = max(one.until for one in granted)
    return [day for day in found.ahead if day >= until]
