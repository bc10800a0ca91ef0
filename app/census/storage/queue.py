"""The exceptions of the census: opened by what a fold finds, closed when a fold finds it no more.

Each stands under what it came from: a message, a patient, a bed. So a fold of some facts looks only at its own.
Exceptions of messages that never reached the census belong to the inbox and are left alone here.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.census.events import ExceptionsChanged
from app.census.storage.kept import House
from app.census.storage.tables import as_json
from app.census.terms import AdtException, ExceptionKind, Review, ReviewKind
from app.platform.work import Reading, Work

Name = tuple[str, str, str, int]  # component, kind, subject, facility


@dataclass(frozen=True, slots=True)
class Finding:
    """An exception that holds now."""

    component: str
    kind: str
    subject: str
    facility_id: int
    message_id: int | None = None
    encounter_id: UUID | None = None
    patient_id: UUID | None = None

    @property
    def name(self) -> Name:
        return self.component, self.kind, self.subject, self.facility_id


@dataclass(frozen=True, slots=True)
class Bed:
    """A bed as conflicts name it: the place in words, and the house of several that one feed may tell of."""

    facility_id: int
    place_facility: str
    location: str

    @property
    def component(self) -> str:
        return f"bed {self.place_facility} {self.location}"

    def as_row(self) -> dict[str, object]:
        """The columns of a stay by which the bed is found."""
        unit = self.location.split("^")[0]
        return {"facility_id": self.facility_id, "place_facility": self.place_facility, "location": self.location,
                "unit": unit}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """The keys of the rows that a finding may point to."""

    patients: Mapping[str, UUID]
    encounters: Mapping[str, UUID]
    facilities: Mapping[str, int]  # in which each patient's stays are
    feeds: Mapping[int, House]  # of messages, by their sequence


def of_message(sequence: int | None) -> str:
    return f"message {sequence}"


def of_patient(number: str) -> str:
    return f"patient {number}"


def findings(exceptions: Iterable[AdtException], reviews: Iterable[Review], known: Known) -> list[Finding]:
    """What a fold found, as rows. Control ids used twice are the inbox's to find: it sees all messages of a sender."""
    found: list[Finding] = []
    for one in exceptions:
        if one.kind is ExceptionKind.CONTROL_ID_REUSE:
            continue
        patient = known.patients.get(one.patient) if one.patient else None
        stay = known.encounters.get(one.encounter) if one.encounter else None
        if one.sequence is None:
            facility = known.facilities.get(one.about)
            if facility is not None:
                found.append(Finding(of_patient(one.about), str(one.kind), one.about, facility, None, stay, patient))
            continue
        facility_id = known.feeds[one.sequence].facility_id
        component = of_message(one.sequence)
        found.append(Finding(component, str(one.kind), one.about, facility_id, one.sequence, stay, patient))
    for review in reviews:
        person = next((known.patients[number] for number in review.patients if number in known.patients), None)
        facility_id = known.feeds[review.sequence].facility_id
        component = of_message(review.sequence)
        found.append(
            Finding(component, str(review.kind), review.control_id, facility_id, review.sequence, None, person)
        )
    return found


def bed_conflicts(view: Reading, beds: Collection[Bed] | None = None) -> list[Finding]:
    """Those of the beds (of all beds, without) in which two patients of the census lie (K-BED). Nobody is evicted."""
    if beds is not None and not beds:
        return []
    given = (
        " join json_populate_recordset(null::encounter, %s::json) b on e.facility_id = b.facility_id"
        " and e.unit = b.unit and e.location = b.location and e.place_facility = b.place_facility"
    )
    rows: list[tuple[int, str, str, UUID]] = view.rows(
        _tuple,
        "select e.facility_id, e.place_facility, e.location, (array_agg(e.id order by e.id))[1] from encounter e"
        + ("" if beds is None else given)
        + " where e.status in ('admitted', 'on_leave') and e.bed <> '' group by 1, 2, 3 having count(*) > 1",
        None if beds is None else (as_json([bed.as_row() for bed in beds]),),
    )
    return [
        Finding(Bed(facility, house, location).component, _CONFLICT, location, facility, None, stay)
        for facility, house, location, stay in rows
    ]


def _tuple(*values: Any) -> Any:
    return values


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the queue. Work for a person counts as known even when it was closed."""

    id: UUID
    component: str
    kind: str
    subject: str
    facility_id: int
    open: bool

    @property
    def name(self) -> Name:
        return self.component, self.kind, self.subject, self.facility_id


_STORED = "select id, component, kind, subject, facility_id, closed_at is null from census_exception"


def open_conflicts(view: Reading) -> list[Stored]:
    """The conflicts of beds that stand in the queue."""
    return view.rows(Stored, f"{_STORED} where closed_at is null and kind = %s", (_CONFLICT,))


def compare(view: Reading, components: Collection[str], found: Iterable[Finding]) -> tuple[list[Finding], list[Stored]]:
    """What was found and is not in the queue, and what stands in it under these components and was not found."""
    wanted = {one.name: one for one in found}
    query = f"{_STORED} where component = any(%s) and closed_at is null"
    stored = view.rows(Stored, query, (list(components),))
    works = [one.component for one in wanted.values() if one.kind in _WORK]
    if works:
        closed = f"{_STORED} where component = any(%s) and closed_at is not null and kind = any(%s)"
        stored += view.rows(Stored, closed, (works, list(_WORK)))
    surplus = [one for one in stored if wanted.pop(one.name, None) is None and one.open and one.kind not in _WORK]
    return list(wanted.values()), surplus


def settle(work: Work, components: Collection[str], found: Iterable[Finding]) -> None:
    """Open what was found, close what stood under these components and was not found again."""
    missing, surplus = compare(work, components, found)
    if surplus:
        keys = [one.id for one in surplus]
        work.write("census_exception", "update census_exception set closed_at = %s where id = any(%s)",
                   (work.now, keys))  # fmt: skip
    if missing:
        _open(work, missing)
    opened = Counter(one.facility_id for one in missing)
    closed = Counter(one.facility_id for one in surplus)
    for facility_id in sorted(opened.keys() | closed.keys()):
        happened = ExceptionsChanged(facility_id=facility_id, opened=opened[facility_id], closed=closed[facility_id])
        work.record(happened)


_CONFLICT = str(ExceptionKind.BED_CONFLICT)
_WORK = frozenset(str(kind) for kind in ReviewKind)
"""Work for a person: it stays until a person closes it, and what was closed is not opened again."""


def _open(work: Work, found: Iterable[Finding]) -> None:
    columns = "component, kind, subject, facility_id, message_id, encounter_id, patient_id"
    rows = [
        {
            "component": one.component, "kind": one.kind, "subject": one.subject, "facility_id": one.facility_id,
            "message_id": one.message_id, "encounter_id": one.encounter_id, "patient_id": one.patient_id,
        }
        for one in found
    ]  # fmt: skip
    work.write(
        "census_exception",
        f"insert into census_exception ({columns}, opened_at)"
        f" select {columns}, %s from json_populate_recordset(null::census_exception, %s::json)",
        (work.now, as_json(rows)),
    )
