"""Files, comparisons and contents as the templates show them: display-ready text only."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from app.census.stay.figure import CLASS_WORDS, class_word, place_text
from app.census.stay.words import STATUSES
from app.census.terms import EncounterStatus, Instant
from app.interop.census_file.comparing import FIELDS, Comparison, File, Item, Kind, Ours
from app.interop.census_file.facts import place_of
from app.interop.census_file.reading.columns import BY_NAME
from app.interop.census_file.reading.decoding import DELIMITERS
from app.interop.census_file.reading.rows import Contents, Problem, Row
from app.interop.census_file.repairs import mark_of
from app.kernel.wording import dated_text, full_text, iso_text
from app.platform.work import Reading

SHOWN_PROBLEMS = 200
GROUPS = {
    Kind.MISSING: ("Missing from the census", "the file names them, the census lacks them", "Put into the census",
                   "Put all into the census"),
    Kind.EXTRA: ("Extra in the census", "the census has them, the file lacks them", "Discharge",
                 "Discharge all"),
    Kind.DIFFERENT: ("Different", "both have them and say different things", "Take what the file says",
                     "Take all from the file"),
}  # fmt: skip
ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "Windows Western", "utf-16": "UTF-16",
             "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}  # fmt: skip
LABELS = {"unit": "Unit", "room": "Room", "bed": "Bed", "class": "Class", "attending": "Attending", "mrn": "MRN",
          "name": "Name"}  # fmt: skip


def file_text(file: File, now: Any) -> dict[str, Any]:
    """One file for lists and the head of its page."""
    zone = ZoneInfo(file.timezone)
    return {
        "id": str(file.id), "href": f"/reconciliation/files/{file.id}", "name": file.name or "no name",
        "facility": file.facility, "taken": dated_text(file.taken_at, zone, now),
        "iso": iso_text(file.taken_at, zone), "full": full_text(file.taken_at, zone),
        "received": dated_text(file.received_at, zone, now), "by": file.received_by or "command line",
        "rows": f"{file.rows:,}", "refused": f"{file.refused:,}" if file.refused else "",
        "use": "rows applied" if file.applied else "compared only",
        "form": f"{ENCODINGS.get(file.encoding, file.encoding)}, {DELIMITERS.get(file.delimiter, file.delimiter)}",
        "whole": file.whole, "problems": problems(file.told()),
    }  # fmt: skip


def problems(found: Iterable[Problem]) -> list[dict[str, Any]]:
    """What is wrong with a file, line by line."""
    return [
        {"line": str(one.line), "what": one.sentence, "refused": one.refused} for one in list(found)[:SHOWN_PROBLEMS]
    ]


def counts(compared: Comparison) -> dict[str, str]:
    """How much agrees, and what could not be compared."""
    left = len(compared.unread)
    agreeing = "1 stay is" if compared.agreeing == 1 else f"{compared.agreeing:,} stays are"
    rows = "1 row of the file was" if left == 1 else f"{left:,} rows of the file were"
    return {
        "agreeing": f"{agreeing} the same in both.",
        "unread": f"{rows} left out; what it tells of counts neither as missing nor as extra." if left else "",
    }


def groups(compared: Comparison, now: Any) -> list[dict[str, Any]]:
    """The three groups with their stays, those that this person may not know about counted only."""
    zone = ZoneInfo(compared.file.timezone)
    made = []
    for kind, (title, sub, one, all_of_them) in GROUPS.items():
        items = compared.of(kind)
        shown = [_item(compared.file, item, zone, now) for item in items if not item.hidden]
        made.append({
            "id": kind.value, "title": title, "sub": sub, "deed": one, "deed_all": all_of_them,
            "count": str(len(items)), "items": shown, "several": len(shown) > 1, "hidden": len(items) - len(shown),
        })  # fmt: skip
    return made


def _item(file: File, item: Item, zone: ZoneInfo, now: Any) -> dict[str, Any]:
    row, ours = item.row, item.ours
    name = (ours.family, ours.given) if ours else (row.family, row.given) if row else ("", "")
    pairs = _pairs(item)
    return {
        "value": f"{item.kind.value}:{mark_of(file.id, item.visit)}",
        "name": ", ".join(part for part in name if part) or "no name",
        "visit": item.visit.partition("|")[2],
        "mrn": (row.patient if row else ours.patient if ours else "").partition("|")[2],
        "href": f"/encounters/{ours.encounter_id}" if ours else "",
        "line": str(row.line) if row else "",
        "pairs": pairs,
        "in_file": "" if pairs else _in_file(row, zone, now),
        "in_census": "" if pairs else _in_census(ours, zone, now),
    }  # fmt: skip


def _pairs(item: Item) -> list[dict[str, str]]:
    """Each field that differs, with both values."""
    row, ours = item.row, item.ours
    if item.kind is not Kind.DIFFERENT or row is None or ours is None:
        return []
    place = ours.place
    values = {
        "unit": (row.unit, place.unit if place else ""), "room": (row.room, place.room if place else ""),
        "bed": (row.bed, place.bed if place else ""),
        "class": (CLASS_WORDS[row.patient_class], class_word(ours.patient_class)),
        "attending": (_person(row.attending, row.attending_name), _person(ours.attending, ours.attending_name)),
        "mrn": (row.patient.partition("|")[2], ours.patient.partition("|")[2]),
        "name": (f"{row.family}, {row.given}", f"{ours.family}, {ours.given}"),
    }  # fmt: skip
    return [
        {"label": LABELS[name], "file": values[name][0] or "none", "census": values[name][1] or "none"}
        for name in FIELDS
        if name in item.fields
    ]


def _person(number: str, name: str) -> str:
    return f"{name} ({number})" if name and number else name or number


def _in_file(row: Row | None, zone: ZoneInfo, now: Any) -> str:
    if row is None:
        return "not named"
    if row.discharge:
        return f"discharged {_moment(row.discharge, zone, now)}"
    place = place_of(row)
    where = place_text(place.text, {}) if place else ""
    since = f"since {_moment(row.admit, zone, now)}" if row.admit else ""
    return ", ".join(part for part in (CLASS_WORDS[row.patient_class], where, since) if part)


def _moment(at: Instant, zone: ZoneInfo, now: Any) -> str:
    return dated_text(at.at, zone, now, precise=at.precise)


def _in_census(ours: Ours | None, zone: ZoneInfo, now: Any) -> str:
    if ours is None:
        return "unknown"
    where = place_text(ours.location, {}) if ours.location else ""
    if ours.here:
        since = f"since {dated_text(ours.start_at, zone, now)}" if ours.start_at else ""
        return ", ".join(part for part in (class_word(ours.patient_class), where, since) if part)
    if ours.discharge_at is not None:
        return f"discharged {dated_text(ours.discharge_at, zone, now)}"
    status = STATUSES[EncounterStatus(ours.status)]
    return ", ".join(part for part in (status, class_word(ours.patient_class).lower(), where) if part)


def contents_text(contents: Contents) -> dict[str, Any]:
    """What was understood of a file before it is taken."""
    texts = contents.headers.texts
    refused = {one.line for one in contents.problems if one.refused}
    return {
        "form": f"{ENCODINGS.get(contents.encoding, contents.encoding)}, {DELIMITERS[contents.delimiter]}",
        "columns": [{"header": texts[name], "means": BY_NAME[name].label} for name in BY_NAME if name in texts],
        "ignored": ", ".join(contents.headers.ignored),
        "rows": f"{len(contents.rows):,}", "refused": f"{len(refused):,}" if refused else "",
        "problems": problems(contents.problems), "whole": contents.whole,
    }  # fmt: skip


def repairs_made(view: Reading, file: File) -> list[dict[str, Any]]:
    """Repairs from this file that stand, the latest first; those made together are one."""
    zone = ZoneInfo(file.timezone)
    found = view.connection.execute(
        "select r.batch_id, r.kind, count(*), max(r.reason), max(r.made_at), max(coalesce(u.display_name, ''))"
        " from census_repair r left join app_user u on u.id = r.made_by"
        " where r.file_id = %s and r.ended_at is null group by r.batch_id, r.kind order by 5 desc",
        (file.id,),
    ).fetchall()
    return [
        {
            "id": str(batch), "what": f"{GROUPS[Kind(kind)][0]}: {count} {'stay' if count == 1 else 'stays'}",
            "reason": reason, "at": dated_text(at, zone, view.now), "by": by,
        }
        for batch, kind, count, reason, at, by in found
    ]  # fmt: skip
