"""What happened in a stay, from the status, the class and the places of an Encounter and their histories.

Pure. Every step has the trigger event of HL7 that tells of the same, so that one fold knows all sources.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.census.terms import FeedPolicy, Instant, Location, PatientClass, Step
from app.interop.fhir.facts.elements import Resource, instant, part, parts, span, text

CLASSES = {
    "IMP": PatientClass.INPATIENT, "ACUTE": PatientClass.INPATIENT, "NONAC": PatientClass.INPATIENT,
    "OBSENC": PatientClass.OBSERVATION, "EMER": PatientClass.EMERGENCY, "PRENC": PatientClass.PREADMIT,
    "AMB": PatientClass.OUTPATIENT, "HH": PatientClass.OUTPATIENT, "FLD": PatientClass.OUTPATIENT,
    "VR": PatientClass.OUTPATIENT, "SS": PatientClass.OUTPATIENT,
}  # fmt: skip
"""Codes of v3-ActCode for the class of an encounter. A short stay (SS) is a visit with an end that was planned."""

HERE = frozenset({"arrived", "triaged", "in-progress", "onleave"})
NEVER_WAS = frozenset({"cancelled", "entered-in-error"})
STATUSES = HERE | NEVER_WAS | {"planned", "finished", "unknown"}


class Impossible(Exception):
    """A stay that cannot be placed in time or understood; the text says why and names nobody."""


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of Encounter.location with the place in words of the house."""

    location: Location
    status: str
    start: Instant | None


@dataclass(frozen=True, slots=True)
class _Told:
    """The Encounter and the clocks by which it is read."""

    encounter: Resource
    policy: FeedPolicy
    recorded: datetime
    start: Instant
    end: Instant | None

    @property
    def zone(self) -> str:
        return self.policy.timezone

    def within(self, at: datetime) -> datetime:
        return max(at, self.start.at)


def class_of(coding: object, policy: FeedPolicy) -> PatientClass | None:
    """Canonical class of a coding, also of one that bears a code of HL7 table 0004; None where there is no code."""
    code = text(coding, "code").upper()
    if not code:
        return None
    return CLASSES.get(code) or policy.class_map.get(code, PatientClass.UNKNOWN)


def course(encounter: Resource, places: Sequence[Place], policy: FeedPolicy, recorded: datetime) -> tuple[Step, ...]:
    """The steps of a stay, the first one first. Raises Impossible where the Encounter contradicts itself."""
    status = text(encounter, "status")
    if status not in STATUSES:
        raise Impossible("the status of the encounter is missing or none of FHIR R4.")
    present = class_of(encounter.get("class"), policy)
    if present is None:
        raise Impossible("the encounter has no class.")
    told = _told(encounter, policy, recorded, status)
    if status == "planned" or present is PatientClass.PREADMIT or status in NEVER_WAS:
        return _outside(told, status, present, places)
    steps = [*_classes(told, present), *_leaves(told, status)]
    ended = status == "finished" or (status == "unknown" and told.end is not None)
    moves = _moves(told, places)
    begins = Step(
        "A01" if steps[0].patient_class in (PatientClass.INPATIENT, PatientClass.OBSERVATION) else "A04",
        told.start.at, told.start.digits, steps[0].patient_class, moves[0].location if moves else None,
    )  # fmt: skip
    found = [begins, *steps[1:], *moves[1:]]
    if ended:
        last = _discharge(told)
        return (*(one for one in found if one.at <= last.at), last)
    awaited = next((one.location for one in places if one.status in ("planned", "reserved")), None)
    if awaited:
        found.append(Step("A15", max(one.at for one in found), location=awaited))
    return tuple(found)


def _told(encounter: Resource, policy: FeedPolicy, recorded: datetime, status: str) -> _Told:
    start, end = span(encounter, policy.timezone)
    start = start or _first_start(encounter, policy.timezone)
    if start is None:
        if status in HERE or status == "finished":
            raise Impossible("the encounter has no beginning: neither its period nor a history of it has a start.")
        start = end or Instant(recorded, 14, "")
    if end is not None and end.at < start.at:
        if _last_moment(end) < start.at:
            raise Impossible("the period of the encounter ends before it begins.")
        end = Instant(start.at, end.digits, end.text)  # only the day is known, and it is the day of the beginning
    return _Told(encounter, policy, recorded, start, end)


def _first_start(encounter: Resource, zone: str) -> Instant | None:
    found = [
        start
        for name in ("statusHistory", "classHistory", "location")
        for one in parts(encounter, name)
        if text(one, "status") not in ("planned", "reserved") and (start := span(one, zone)[0])
    ]
    return min(found, key=lambda one: one.at, default=None)


def _last_moment(end: Instant) -> datetime:
    """The last moment that an incomplete time may mean."""
    known = {4: timedelta(days=366), 6: timedelta(days=31), 8: timedelta(days=1), 12: timedelta(minutes=1)}
    return end.at + known.get(end.digits, timedelta())


def _outside(told: _Told, status: str, present: PatientClass, places: Sequence[Place]) -> tuple[Step, ...]:
    """Stays that are announced only, and such as never were."""
    planned = status == "planned" or present is PatientClass.PREADMIT
    event = "A05" if planned else "A01" if present.bedded else "A04"
    found = Step(event, told.start.at, told.start.digits, present, places[0].location if places else None)
    if status in NEVER_WAS:
        return found, Step("A23", told.within(told.recorded))
    if status == "finished":  # the announcement is over; the stay itself is an encounter of its own
        return found, Step("A38", told.end.at if told.end else told.within(told.recorded))
    return (found,)


def _classes(told: _Told, present: PatientClass) -> list[Step]:
    rows: list[tuple[datetime, datetime | None, PatientClass]] = []
    for one in parts(told.encounter, "classHistory"):
        start, end = span(one, told.zone)
        code = class_of(one.get("class"), told.policy)
        if start is not None and code not in (None, PatientClass.PREADMIT):
            rows.append((told.within(start.at), end.at if end else None, code or present))
    rows.sort(key=lambda row: (row[0], row[1] or datetime.max.replace(tzinfo=UTC)))
    found = [Step("A01", told.start.at, patient_class=rows[0][2] if rows else present)]
    for start_at, _, code in rows[1:]:
        _change(found, code, start_at)
    if rows:
        _change(found, present, told.within(rows[-1][1] or told.recorded))
    return found


def _change(found: list[Step], code: PatientClass, at: datetime) -> None:
    if found[-1].patient_class is not code:
        found.append(Step("A06" if code is PatientClass.INPATIENT else "A07", at, patient_class=code))


def _leaves(told: _Told, status: str) -> list[Step]:
    found: list[Step] = []
    away = False
    history = [(span(one, told.zone), one) for one in parts(told.encounter, "statusHistory")]
    for (start, end), one in history:
        if text(one, "status") != "onleave" or start is None:
            continue
        found.append(Step("A21", told.within(start.at), start.digits))
        if end is None:
            away = True
        else:
            found.append(Step("A22", told.within(end.at), end.digits))
    if status == "onleave" and not away:
        before = [end.at for (_, end), one in history if end is not None and text(one, "status") != "onleave"]
        latest = [one.at for one in found]
        found.append(Step("A21", told.within(max([*before, *latest], default=told.recorded))))
    elif status != "onleave" and away:  # the history was not closed, but the status says that the patient is back
        found.append(Step("A22", told.within(told.recorded)))
    return found


def _moves(told: _Told, places: Sequence[Place]) -> list[Step]:
    """Places in order of their beginning; ward, room and bed that begin at one instant are one place."""
    taken = [one for one in places if one.status not in ("planned", "reserved")]
    by_time: dict[datetime, Location] = {}
    taken.sort(key=lambda one: (one.start is not None, one.start.at if one.start else told.start.at,
                                one.status == "active"))  # fmt: skip
    for one in taken:
        at = told.within(one.start.at) if one.start else told.start.at
        by_time[at] = _together(by_time[at], one.location) if at in by_time else one.location
    found = [Step("A02", at, location=place) for at, place in sorted(by_time.items())]
    if found and found[0].at > told.start.at:
        found.insert(0, Step("A02", told.start.at))
    return found


def _together(before: Location, later: Location) -> Location:
    """Parts of one place where they do not contradict each other, else the later one."""
    names = ("unit", "room", "bed")
    if any(getattr(before, name) and getattr(later, name) not in ("", getattr(before, name)) for name in names):
        return later
    unit, room, bed = (getattr(later, name) or getattr(before, name) for name in names)
    return Location(unit, room, bed, later.facility)


def _discharge(told: _Told) -> Step:
    if told.end is not None:
        return Step("A03", told.end.at, told.end.digits)
    ends: list[datetime] = []
    for one in parts(told.encounter, "statusHistory"):
        start, end = span(one, told.zone)
        finished = text(one, "status") == "finished"
        at = start if finished else end
        if at is not None:
            ends.append(at.at)
    return Step("A03", told.within(max(ends, default=told.recorded)))


def started(value: Resource, zone: str) -> Instant | None:
    """When the period of an element begins."""
    return instant(part(value, "period").get("start"), zone)
