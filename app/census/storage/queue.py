"""The exceptions of the census: opened by what a fold finds, closed when a fold finds it no more.

Each stands under what it came from: a message, a patient, a bed. So a fold of some facts looks only at its own.
Exceptions of messages that never reached the census belong to the inbox and are left alone here.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.census.events import ExceptionsChanged
from app.census.storage.kept import House
from app.census.storage.tables import as_json
from app.census.terms import AdtException, ExceptionKind, Review
from app.platform.work import Work

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


@dataclass(frozen=True, slots=True)
class Known:
    """The keys of the rows that a finding may point to."""

    patients: Mapping[str, UUID]
    encounters: Mapping[str, UUID]
    facilities: Mapping[str, int]  # of stays, by number
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
            facility = next((place for place in known.facilities.values()), None)
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


def bed_conflicts(work: Work, beds: Collection[Bed]) -> list[Finding]:
    """Those of the beds in which two patients of the census lie (K-BED). Nobody is evicted."""
    if not beds:
        return []
    rows = work.connection.execute(
        "select e.facility_id, e.place_facility, e.location, (array_agg(e.id order by e.id))[1] from encounter e"
        " join unnest(%s::smallint[], %s::text[], %s::text[], %s::text[]) as b (facility_id, house, location, unit)"
        " on e.facility_id = b.facility_id and e.unit = b.unit and e.location = b.location"
        " and e.place_facility = b.house"
        " where e.status in ('admitted', 'on_leave') and e.bed <> '' group by 1, 2, 3 having count(*) > 1",
        (
            [bed.facility_id for bed in beds],
            [bed.place_facility for bed in beds],
            [bed.location for bed in beds],
            [bed.location.split("^")[0] for bed in beds],
        ),
    ).fetchall()
    kind = str(ExceptionKind.BED_CONFLICT)
    return [
        Finding(Bed(facility, house, location).component, kind, location, facility, None, stay)
        for facility, house, location, stay in rows
    ]


def settle(work: Work, components: Collection[str], found: Iterable[Finding]) -> None:
    """Open what was found, close what stood under these components and was not found again."""
    wanted = {one.name: one for one in found}
    stored = work.connection.execute(
        "select id, component, kind, subject, facility_id, closed_at is null from census_exception"
        " where component = any(%s) and (closed_at is null or kind = any(%s))",
        (list(components), list(_REVIEWS)),
    ).fetchall()
    closed: list[UUID] = []
    count: dict[int, Counter[str]] = {}
    for key, component, kind, subject, facility_id, is_open in stored:
        known = wanted.pop((component, kind, subject, facility_id), None)
        if known is None and is_open and kind not in _REVIEWS:
            closed.append(key)
            count.setdefault(facility_id, Counter())["closed"] += 1
    if closed:
        work.write("census_exception", "update census_exception set closed_at = %s where id = any(%s)",
                   (work.now, closed))  # fmt: skip
    for one in wanted.values():
        count.setdefault(one.facility_id, Counter())["opened"] += 1
    if wanted:
        _open(work, wanted.values())
    for facility_id, numbers in count.items():
        work.record(
            ExceptionsChanged(facility_id=facility_id, opened=numbers["opened"], closed=numbers["closed"])
        )


_REVIEWS = frozenset({"UNMERGED", "MOVE_OF_PATIENT", "PERSON_DELETED"})
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
