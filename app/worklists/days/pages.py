"""The sheet of a day, the places of a stay over its days, and everything that happened overnight."""

import uuid
from datetime import date
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.kernel.days import written_day
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import day_text, full_text, moment_text
from app.platform.work import Reading, Scope, System, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.forms import FormFields
from app.web.frame import Flash
from app.web.past.reading import reading_then
from app.web.render import page, see_other, the_viewer
from app.web.stay import Part, stay_page
from app.worklists.assignment.rules.minutes import duration_text
from app.worklists.days import queries
from app.worklists.days.commands import build_again
from app.worklists.days.moves import what_changed
from app.worklists.days.overnight import last_here, overnight
from app.worklists.days.queries import Line, Sheet
from app.worklists.days.rules import is_late

Asked = Request[Any, Any, Any]


def _place(viewer: Viewer) -> Place:
    if viewer.place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    return viewer.place


def _may_build(viewer: Viewer) -> bool:
    return _place(viewer).id in viewer.facilities_with(Permission.STAY_ASSIGN)


@get("/day-sheets", permission=Permission.STAY_LIST, sync_to_thread=True)
def show_sheet(
    request: Asked, day: FromQuery[str] = "", edition: FromQuery[int] = 0, person: FromQuery[str] = ""
) -> Response[bytes]:
    """The sheet of a day, the newest one when none is named: by person, or of one person."""
    viewer = the_viewer(request)
    place = _place(viewer)
    with reading(viewer) as db:
        sheets = queries.editions(db, place.id, _day_of(day))
        sheet = next((one for one in sheets if edition in (0, one.edition)), None)
        if sheet is None and (day or edition):
            raise NotFound("There is no sheet of this day. Sheets begin with the day on which the program was set up.")
        found = queries.lines(db, sheet.id) if sheet else []
        shown = [one for one in found if not person or one.owner_id == person]
        context = {} if sheet is None else _sheet_context(db, place, sheet, found)
        context |= {
            "sheet": sheet is not None,
            "editions": [] if sheet is None else _editions(sheets, sheet),
            "people": people_of(shown),
            "one_person": bool(person),
            "may_build": _may_build(viewer),
        }
    return page(request, "worklists/days/sheet.html", discloses=[one.patient_id for one in shown],
                title="Day sheet", **context)  # fmt: skip


def _day_of(text: str) -> date | None:
    day = written_day(text)
    if text and day is None:
        raise NotFound("This is no day of the calendar. Write it like 2026-03-05.")
    return day


def _sheet_context(db: Reading, place: Place, sheet: Sheet, found: list[Line]) -> dict[str, Any]:
    zone = ZoneInfo(place.timezone)
    before, after = queries.neighbours(db, place.id, sheet.day)
    late = sheet.edition == 1 and is_late(sheet.due_at, sheet.built_at)
    hidden = sheet.stays - len(found)
    return {
        "day": sheet.day.isoformat(),
        "day_text": sheet.day.strftime("%a %-d %b %Y"),
        "built": moment_text(sheet.built_at, zone, db.now),
        "built_full": full_text(sheet.built_at, zone),
        "built_by": sheet.built_by,
        "late": f"Built at {moment_text(sheet.built_at, zone, db.now)}, not at"
        f" {moment_text(sheet.due_at, zone, db.now)}: the program was not running then." if late else "",
        "stays": "1 stay" if sheet.stays == 1 else f"{sheet.stays} stays",
        "assigned": sheet.assigned,
        "hidden": hidden,
        "before": before.isoformat() if before else "",
        "after": after.isoformat() if after else "",
    }  # fmt: skip


def _editions(sheets: list[Sheet], shown: Sheet) -> list[dict[str, Any]]:
    if len(sheets) == 1:
        return []
    return [
        {"label": f"Edition {one.edition}", "href": f"/day-sheets?day={one.day.isoformat()}&edition={one.edition}",
         "current": one.edition == shown.edition}
        for one in reversed(sheets)
    ]  # fmt: skip


def people_of(lines: list[Line]) -> list[dict[str, Any]]:
    """The lines by person, each with what they add up to."""
    found = []
    for owner_id, group in groupby(lines, key=lambda line: line.owner_id):
        own = list(group)
        minutes = sum(line.minutes or 0 for line in own)
        stays = "1 stay" if len(own) == 1 else f"{len(own)} stays"
        found.append({
            "id": owner_id,
            "anchor": f"p-{owner_id or 'nobody'}",
            "name": own[0].owner if owner_id else "Nobody",
            "sum": f"{stays}, {duration_text(minutes)} of expected work" if minutes else stays,
            "lines": [_line(line) for line in own],
        })  # fmt: skip
    return found


def _line(line: Line) -> dict[str, Any]:
    return {
        "place": str(line.place),
        "href": f"/encounters/{line.stay_id}",
        "name": line.name,
        "bed": line.bed,
        "due": line.due_text,
        "due_what": line.due_what,
        "class": {"IP": "Inpatient", "OBS": "Observation"}.get(line.patient_class, line.patient_class),
        "day": "" if line.day_of_stay is None else f"Day {line.day_of_stay}",
        "chips": line.chips + (["gray moon snoozed"] if line.snoozed else []),
        "minutes": "" if line.minutes is None else f"{line.minutes} min",
    }


@post("/day-sheets", permission=Permission.STAY_ASSIGN, sync_to_thread=True)
def build_sheet_again(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Build the present day once more: covers go back, rules find owners, another edition is written."""
    viewer = the_viewer(request)
    if not _may_build(viewer):
        raise Refused("You do not distribute stays in this facility. Turn to the one where you do.")
    # A sheet holds all stays of the facility, also those that this person may not see.
    with begin(System(viewer.actor, Scope(everywhere=True), viewer.user_id)) as work:
        made = build_again(work, _place(viewer).id)
    return see_other(request, f"/day-sheets?day={made.day.isoformat()}", Flash(f"Edition {made.edition} is written."))


@get("/encounters/{stay_id:uuid}/places", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_places(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """On whose list the stay stood, day by day, at which place and why."""
    with reading_then(request, stay_id) as db:
        zone = queries.zone_of_stay(db, stay_id)
        found = queries.standings(db, stay_id)
        today = db.now.astimezone(zone).date()
    rows = [
        {
            "day": day_text(one.day, today),
            "href": f"/day-sheets?day={one.day.isoformat()}",
            "owner": one.owner or "nobody",
            "place": f"{one.place} of {one.among}",
            "due": f"{one.due_text} {one.due_what}".strip(),
            "chips": one.chips,
            "changed": what_changed(before, one),
        }
        for one, before in pairwise([*found, None])
        if one is not None
    ]
    return stay_page(request, stay_id, Part("places", "worklists/days/_places.html", {"places": rows}))


@get("/overnight", permission=Permission.STAY_TAKE, sync_to_thread=True)
def show_overnight(request: Asked) -> Response[bytes]:
    """Everything that happened to one's stays since one was last here before today, by name."""
    viewer = the_viewer(request)
    place = _place(viewer)
    zone = ZoneInfo(place.timezone)
    with reading(viewer) as db:
        since = last_here(db, viewer, place)
        found = overnight(db, viewer, since) if since else []
        told = "" if since is None else moment_text(since, zone, db.now)
    return page(
        request,
        "worklists/days/overnight.html",
        discloses=[stay.patient_id for one in found for stay in one.stays],
        title="Since you left",
        since=told,
        kinds=[
            {"id": one.kind, "label": one.many.capitalize(), "count": str(len(one.stays)),
             "stays": [{"href": f"/encounters/{stay.stay_id}", "name": stay.name, "place": stay.place,
                        "words": "" if stay.words == stay.place else stay.words} for stay in one.stays]}
            for one in found
        ],
    )  # fmt: skip


ROUTES = [show_sheet, build_sheet_again, show_places, show_overnight]
