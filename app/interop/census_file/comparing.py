"""A census file beside the census at the instant of the file: what each lacks, and what they say differently (CEN-5).

The census is the one that is known now for that instant: what happened since the file was taken is no difference.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from app.census.storage.stored import place_of
from app.census.terms import Location, PatientClass
from app.interop.census_file.facts import Standing
from app.interop.census_file.reading.rows import Problem, Row
from app.platform.work import Reading, reading
from app.security.viewer import Viewer

NO_FILE = "There is no such census file, or it belongs to another facility."
FIELDS = ("unit", "room", "bed", "class", "attending", "mrn", "name")


class Kind(StrEnum):
    """How a file and the census disagree about a stay."""

    MISSING = "missing"  # the file names it, the census lacks it
    EXTRA = "extra"  # the census has it, the file lacks it
    DIFFERENT = "different"  # both have it and say different things


class File(msgspec.Struct, frozen=True):
    """A kept file without its bytes."""

    id: int
    facility_id: int
    facility: str
    timezone: str
    name: str
    taken_at: datetime
    received_at: datetime
    received_by: str
    rows: int
    refused: int
    whole: bool
    applied: bool
    encoding: str
    delimiter: str
    headers: dict[str, object]
    problems: list[dict[str, object]]

    def told(self) -> list[Problem]:
        """What was wrong with the file, by line."""
        return msgspec.convert(self.problems, list[Problem])


class Ours(msgspec.Struct, frozen=True):
    """A stay as our census tells it for the instant of the file. `here` where it was in the census then."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    visit: str
    patient: str
    family: str
    given: str
    status: str
    start_at: datetime | None
    discharge_at: datetime | None
    location: str
    house: str
    patient_class: str
    attending: str
    attending_name: str
    here: bool

    @property
    def place(self) -> Location | None:
        """Where the patient lay."""
        return place_of(self.location, self.house)

    @property
    def standing(self) -> Standing:
        """The same in the words of repairs."""
        return Standing(self.patient, self.status, self.start_at, self.patient_class, self.place)


@dataclass(frozen=True, slots=True)
class Item:
    """One stay about which file and census disagree. `hidden` where the reader may not know about whom it is."""

    kind: Kind
    visit: str
    row: Row | None
    ours: Ours | None
    fields: frozenset[str] = frozenset()
    patient_id: uuid.UUID | None = None  # of the file's record number, where it is known
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file and what it disagrees about. `agreeing` stays are the same in both."""

    file: File
    items: tuple[Item, ...]
    agreeing: int
    unread: tuple[tuple[str, str], ...] = field(default=())  # visit and patient of refused rows: not absent

    def of(self, kind: Kind) -> list[Item]:
        """The items of one group."""
        return [one for one in self.items if one.kind is kind]


_FILE = """
select f.id, f.facility_id, p.name, p.timezone, f.name, f.taken_at, f.received_at, coalesce(u.display_name, ''),
  f.row_count, f.refused_count, f.whole, f.applied, f.encoding, f.delimiter, f.headers, f.problems
from census_file f join facility p on p.id = f.facility_id left join app_user u on u.id = f.received_by
"""
_OURS = """
select e.id, e.patient_id, e.authority || '|' || e.visit_number, p.authority || '|' || p.number, p.family, p.given,
  e.status, e.start_at, e.discharge_at, coalesce(l.value, ''), e.place_facility, coalesce(c.value, ''),
  coalesce(a.value, ''), coalesce(a.label, ''),
  e.status in ('admitted', 'on_leave', 'discharged') and e.start_at <= %(at)s and coalesce(c.value, '') in ('IP', 'OBS')
    and (e.discharge_at is null or e.discharge_at > %(at)s)
from encounter e join patient p on p.id = e.patient_id
  left join movement l on l.encounter_id = e.id and l.lane = 1 and l.since <= %(at)s
    and (l.until is null or l.until > %(at)s)
  left join movement c on c.encounter_id = e.id and c.lane = 2 and c.since <= %(at)s
    and (c.until is null or c.until > %(at)s)
  left join movement a on a.encounter_id = e.id and a.lane = 3 and a.since <= %(at)s
    and (a.until is null or a.until > %(at)s)
where e.facility_id = %(facility)s and e.gone_at is null and (
  (e.start_at <= %(at)s and (e.discharge_at is null or e.discharge_at > %(at)s) and e.status <> 'cancelled')
  or (e.authority || '|' || e.visit_number) = any(%(visits)s))
"""


def files(view: Reading, facilities: Iterable[int], most: int = 50) -> list[File]:
    """The files of facilities, the latest instant first; of several readings of one file the last one."""
    return view.rows(
        File,
        f"{_FILE} where f.facility_id = any(%s) and not exists (select from census_file o where o.id > f.id"
        " and o.facility_id = f.facility_id and o.taken_at = f.taken_at and o.digest = f.digest)"
        " order by f.taken_at desc, f.id desc limit %s",
        (list(facilities), most),
    )


def file_of(view: Reading, file_id: int, facilities: Iterable[int]) -> File:
    """One file; NotFound where it is none of these facilities'."""
    query = f"{_FILE} where f.id = %s and f.facility_id = any(%s)"
    return view.one(File, query, (file_id, list(facilities)), missing=NO_FILE)


def compare(view: Reading, file: File, viewer: Viewer) -> Comparison:
    """The file beside the census. `view` must see all stays; what the viewer may not see is marked as hidden."""
    rows, unread = _rows(view, file.id)
    found = view.rows(Ours, _OURS, {"at": file.taken_at, "facility": file.facility_id, "visits": list(rows)})
    ours = {one.visit: one for one in found}
    roots = _roots(view, rows.values())
    named = {_bare(number) for pair in unread for number in pair} - {""}
    items: list[Item] = []
    agreeing = 0
    for visit, row in rows.items():
        one = _beside(row, ours.get(visit), roots.get(row.patient), file.taken_at)
        if one is None:
            agreeing += row.patient_class.bedded and not row.leaves_by(file.taken_at)
        else:
            items.append(one)
    for visit, stay in ours.items():
        if stay.here and visit not in rows and not {_bare(visit), _bare(stay.patient)} & named:
            items.append(Item(Kind.EXTRA, visit, None, stay))
    return Comparison(file, tuple(_discreet(viewer, items)), agreeing, tuple(unread))


def _bare(key: str) -> str:
    return key.partition("|")[2].lstrip("0")


def _rows(view: Reading, file_id: int) -> tuple[dict[str, Row], list[tuple[str, str]]]:
    query = "select visit, patient, content::text from census_file_row where file_id = %s order by line"
    taken: dict[str, Row] = {}
    unread: list[tuple[str, str]] = []
    found = view.connection.execute(query, (file_id,)).fetchall()
    for visit, patient, content in found:
        if content is None:
            unread.append((visit, patient))
        else:
            taken[visit] = msgspec.json.decode(content, type=Row)
    return taken, unread


def _roots(view: Reading, rows: Iterable[Row]) -> Mapping[str, uuid.UUID]:
    """For whom the record numbers of the file stand, after merges."""
    found = view.connection.execute(
        "select authority || '|' || number, coalesce(merged_into_id, id) from patient"
        " where (authority, number) in (select * from unnest(%s::text[], %s::text[]))",
        tuple(map(list, zip(*[row.patient.split("|", 1) for row in rows], strict=True))) or ([], []),
    ).fetchall()
    return dict(found)


def _beside(row: Row, ours: Ours | None, root: uuid.UUID | None, at: datetime) -> Item | None:
    in_file = row.patient_class.bedded and not row.leaves_by(at)
    if ours is None or not ours.here:
        return Item(Kind.MISSING, row.visit, row, ours, patient_id=root) if in_file else None
    if row.leaves_by(at):
        return Item(Kind.EXTRA, row.visit, row, ours, patient_id=root)
    fields = frozenset(_fields(row, ours, root))
    return Item(Kind.DIFFERENT, row.visit, row, ours, fields, root) if fields else None


def _fields(row: Row, ours: Ours, root: uuid.UUID | None) -> Iterable[str]:
    """The names of what differs; what the file leaves empty does not."""
    place = ours.place or Location()
    told = {"unit": (row.unit, place.unit), "room": (row.room, place.room), "bed": (row.bed, place.bed)}
    yield from (name for name, (file, held) in told.items() if file and _same(file) != _same(held))
    if row.patient_class is not PatientClass.UNKNOWN and row.patient_class != ours.patient_class:
        yield "class"
    if row.attending and row.attending != ours.attending:
        yield "attending"
    if root != ours.patient_id:
        yield "mrn"
    names = ((row.family, ours.family), (row.given, ours.given))
    if row.family and any(file and _same(file) != _same(held) for file, held in names):
        yield "name"


def _same(text: str) -> str:
    return "".join(text.upper().split())


def _discreet(viewer: Viewer, items: list[Item]) -> Iterable[Item]:
    """Mark what this person may not know: stays and patients that the row policies hide."""
    stays = [one.ours.encounter_id for one in items if one.ours]
    people = [key for one in items for key in (one.patient_id, one.ours.patient_id if one.ours else None) if key]
    with reading(viewer) as own:
        seen = set(own.values("select id from encounter where id = any(%s)", (stays,)))
        known = set(own.values("select id from patient where id = any(%s)", (people,)))
    for one in items:
        hidden = (one.ours is not None and one.ours.encounter_id not in seen) or bool(
            {one.patient_id, one.ours.patient_id if one.ours else None} - {None} - known
        )
        yield Item(one.kind, one.visit, one.row, one.ours, one.fields, one.patient_id, hidden)
