"""Taking published files into the registry. What a hospital knows itself stays; what was published before is kept."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import msgspec

from app.census.drg.sheets import Sheet, sheets
from app.discharge.terms import CareType
from app.discharge.vendors.events import VendorFileTaken, ZipTableTaken
from app.discharge.vendors.models import VendorFile
from app.discharge.vendors.queries import around_of
from app.discharge.vendors.reading import Contents, Published, centroids, providers
from app.discharge.vendors.rules import Position, miles
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, everywhere

LARGEST = 16 * 1024 * 1024
TEXTS = ("name", "address", "city", "state", "zip_code", "phone", "ownership")
FIGURES = ("latitude", "longitude", "medicare", "medicaid", "beds", "stars_overall", "stars_health", "stars_staffing",
           "stars_quality", "data_on")  # fmt: skip
OWN = ("npi", "capabilities", "languages", "serves", "portal_wanted", "closed_on", "remark")
_PUBLISHED = (*TEXTS, *FIGURES)
_MOST_SAID = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """Which rows of a file a hospital keeps: of these states, within so many miles of where it stands."""

    states: frozenset[str] = frozenset()
    within: float | None = None

    def words(self) -> str:
        """As the list of files says it."""
        parts = [", ".join(sorted(self.states))] if self.states else []
        return "; ".join([*parts, *([f"within {self.within:g} miles"] if self.within is not None else [])])


@dataclass(frozen=True, slots=True)
class TakeVendors:
    """A file to take in: its name without the folder, its bytes, and what the file does not say itself."""

    name: str
    data: bytes
    care_type: CareType | None = None
    data_on: date | None = None
    limits: Limits = Limits()


class Taken(msgspec.Struct):
    """What became of a file, as `daybook import vendors` prints it. `refused` names rows that were left out as faulty,
    `left_out` counts rows outside the limits that were asked for."""

    file: str
    facility: str
    care_types: list[str]
    data_on: date | None
    added: int
    changed: int
    unchanged: int
    left_out: int
    refused: list[str]


class _Standing(msgspec.Struct):
    """The version of a vendor that stands."""

    id: uuid.UUID
    vendor_id: uuid.UUID
    care_type: str
    ccn: str
    published: dict[str, Any]
    own: dict[str, Any]


_STANDING = """
select w.id, w.vendor_id, w.care_type, v.ccn, to_jsonb(w) from vendor_version w
join vendor v on v.id = w.vendor_id where w.facility_id = %s and w.ended_at is null and v.ccn <> ''
"""


def import_files(facility: str, asked: Sequence[TakeVendors]) -> list[Taken]:
    """Take files in for the facility with this code, or for all where none is named, each in a transaction."""
    taken: list[Taken] = []
    for ask in asked:
        with begin(everywhere("import")) as work:
            query = "select id, code from facility where %s in ('', code) order by code"
            found = work.rows(lambda key, code: (key, code), query, (facility,))
            if not found:
                raise NotFound(f"There is no facility {facility}." if facility else "There is no facility yet.")
            taken += [take_file(work, key, code, ask) for key, code in found]
    return taken


def take_file(work: Work, facility_id: int, code: str, ask: TakeVendors) -> Taken:
    """Take one file in. Refused where it is none of the kind, or older than what stands; faulty rows are named."""
    if len(ask.data) > LARGEST:
        raise Refused(
            f"{ask.name} is larger than {LARGEST // 1024**2} MiB. Give the provider file alone.", field="file"
        )
    contents = _contents(ask)
    work.connection.execute("select pg_advisory_xact_lock(hashtext('vendors.files'), %s)", (facility_id,))
    rows = _within_limits(work, facility_id, contents.rows, ask.limits)
    days = [one.data_on for one in contents.rows if one.data_on is not None]
    data_on = max(days) if days else None
    answer = Taken(ask.name, code, sorted({one.care_type.value for one in rows}), data_on, 0, 0, 0,
                   len(contents.rows) - len(rows), contents.refused)  # fmt: skip
    standing = {(one.care_type, one.ccn): one for one in work.rows(_split, _STANDING, (facility_id,))}
    _refuse_older(rows, standing, ask.name)
    _store(work, facility_id, _Plan(ask, rows, standing, contents.columns), answer)
    _keep_file(work, facility_id, ask, answer)
    return answer


def _split(key: uuid.UUID, vendor: uuid.UUID, kind: str, ccn: str, row: dict[str, Any]) -> _Standing:
    return _Standing(
        key, vendor, kind, ccn, {name: row[name] for name in _PUBLISHED}, {name: row[name] for name in OWN}
    )


def _contents(ask: TakeVendors) -> Contents:
    first: Refused | None = None
    for sheet in _tables(ask.name, ask.data):
        try:
            return providers(sheet.name, sheet.rows, ask.care_type, ask.data_on)
        except Refused as refused:
            first = first or refused
    raise first or Refused(f"{ask.name} is empty.", field="file")


def _tables(name: str, data: bytes) -> Sequence[Sheet]:
    try:
        return list(sheets(name, data))
    except Refused as refused:
        raise Refused(refused.sentence, field="file") from None


def _within_limits(work: Work, facility_id: int, rows: list[Published], limits: Limits) -> list[Published]:
    kept = [one for one in rows if not limits.states or one.state in limits.states]
    if limits.within is None:
        return kept
    center = around_of(work, facility_id)
    if center is None:
        raise Refused("Say first where the hospital stands, so that distances can be told.", field="within")
    known = _centroids_of(work, {one.zip_code for one in kept})
    found = []
    for one in kept:
        own = Position(one.latitude, one.longitude or 0.0) if one.latitude is not None else known.get(one.zip_code)
        if own is not None and miles(center, own) <= limits.within:
            found.append(one)
    return found


def _centroids_of(work: Work, zips: set[str]) -> dict[str, Position]:
    query = (
        "select c.zip_code, c.latitude, c.longitude from zip_centroid c join zip_table t on t.id = c.table_id"
        " where t.ended_at is null and c.zip_code = any(%s)"
    )
    return dict(work.rows(lambda code, north, east: (code, Position(north, east)), query, (list(zips),)))


def _refuse_older(rows: list[Published], standing: dict[tuple[str, str], _Standing], name: str) -> None:
    """A file of an earlier day does not take the place of a later one."""
    days = [one.data_on for one in rows if one.data_on is not None]
    theirs = [
        known.published["data_on"]
        for one in rows
        if (known := standing.get((one.care_type.value, one.ccn))) is not None
    ]
    latest = max((day for day in theirs if day), default="")
    if days and latest and max(days).isoformat() < latest:
        raise Refused(
            f"{name} is of {max(days)}; figures of {latest} stand already. Take the newer file.", field="file"
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    ask: TakeVendors
    rows: list[Published]
    standing: dict[tuple[str, str], _Standing]
    columns: frozenset[str]


def _store(work: Work, facility_id: int, plan: _Plan, answer: Taken) -> None:
    """Compare every row with what stands, and write what differs: new vendors, new versions, ends of versions."""
    vendors: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    over: list[uuid.UUID] = []
    moment, by = work.now, work.who.actor_id
    for row in plan.rows:
        known = plan.standing.get((row.care_type.value, row.ccn))
        told = _told(row, known, plan.columns)
        if known is not None and told == known.published:
            answer.unchanged += 1
            continue
        if known is None:
            answer.added += 1
            vendor = uuid.uuid4()
            vendors.append({"id": vendor, "facility_id": facility_id, "care_type": row.care_type.value, "ccn": row.ccn,
                            "made_at": moment, "made_by": by})  # fmt: skip
            own: dict[str, Any] = {"npi": "", "capabilities": [], "languages": [], "serves": [], "portal_wanted": False,
                                   "closed_on": None, "remark": ""}  # fmt: skip
        else:
            answer.changed += 1
            vendor, own = known.vendor_id, known.own
            over.append(known.id)
        versions.append(told | own | {"id": uuid.uuid4(), "facility_id": facility_id, "vendor_id": vendor,
                                      "care_type": row.care_type.value, "source": plan.ask.name, "made_at": moment,
                                      "made_by": by})  # fmt: skip
    work.write("vendor_version", "update vendor_version set ended_at = %s, ended_by = %s where id = any(%s)",
               (moment, by, over))  # fmt: skip
    _insert(work, "vendor", vendors)
    _insert(work, "vendor_version", versions)


def _told(row: Published, known: _Standing | None, columns: frozenset[str]) -> dict[str, Any]:
    """What the file says, as the database gives it back; a column that it does not have keeps its value."""
    said = msgspec.to_builtins({name: value for name, value in asdict(row).items() if name in _PUBLISHED})
    if known is not None:
        followed = {"medicare", "medicaid", "data_on"}  # follow from more than one column
        said |= {name: known.published[name] for name in _PUBLISHED if name not in columns and name not in followed}
        said |= {name: known.published[name] for name in followed if said[name] is None}
    return dict(said)


def _insert(work: Work, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        columns = ", ".join(rows[0])
        work.write(
            table,
            f"insert into {table} ({columns}) select {columns} from json_populate_recordset(null::{table}, %s::json)",
            (msgspec.json.encode(rows).decode(),),
        )


def _keep_file(work: Work, facility_id: int, ask: TakeVendors, answer: Taken) -> None:
    said = answer.refused[:_MOST_SAID]
    more = len(answer.refused) - len(said)
    kept = work.add(
        VendorFile(
            facility_id=facility_id, care_type=answer.care_types[0] if len(answer.care_types) == 1 else "other",
            name=ask.name, digest=hashlib.sha256(ask.data).hexdigest(), data_on=answer.data_on,
            limits=ask.limits.words(), added=answer.added, changed=answer.changed, unchanged=answer.unchanged,
            left_out=answer.left_out, refused=[*said, *([f"and {more} more."] if more else [])],
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        VendorFileTaken(
            facility_id=facility_id, file_id=kept.id, care_type=kept.care_type, data_on=kept.data_on,
            added=kept.added, changed=kept.changed, refused=len(answer.refused),
        )
    )  # fmt: skip


class TakenZips(msgspec.Struct):
    """What became of a table of ZIP centroids. `state`: imported, replaced, unchanged."""

    file: str
    codes: int
    state: str
    refused: list[str]


def take_centroids(work: Work, name: str, data: bytes) -> TakenZips:
    """Take a table of ZIP centroids in; it takes the place of the one before, which is kept."""
    tables = _tables(name, data)
    if not tables:
        raise Refused(f"{name} is empty.", field="file")
    found, refused = centroids(tables[0].name, tables[0].rows)
    if not found:
        raise Refused(f"{name} holds no ZIP code with its place.", field="file")
    digest = hashlib.sha256(msgspec.json.encode(sorted(found.items()))).hexdigest()
    work.connection.execute("select pg_advisory_xact_lock(hashtext('vendors.zips'))")
    before = work.rows(lambda *row: row, "select id, digest from zip_table where ended_at is null")
    if before and before[0][1] == digest:
        return TakenZips(name, len(found), "unchanged", refused)
    work.write("zip_table", "update zip_table set ended_at = %s where ended_at is null", (work.now,))
    made = work.value(
        "insert into zip_table (source, digest, codes, imported_at, imported_by) values (%s, %s, %s, %s, %s)"
        " returning id",
        (name, digest, len(found), work.now, work.who.actor),
    )
    work.write(
        "zip_centroid",
        "insert into zip_centroid (table_id, zip_code, latitude, longitude) select %s, * from"
        " unnest(%s::text[], %s::float8[], %s::float8[])",
        (made, list(found), [one[0] for one in found.values()], [one[1] for one in found.values()]),
    )
    work.record(ZipTableTaken(source=name, codes=len(found), refused=len(refused)))
    return TakenZips(name, len(found), "replaced" if before else "imported", refused)
