"""Conferences of a unit: opening one, writing while it is held; and the list of complex cases."""

import uuid
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.discharge.plan.queries import open_barriers
from app.discharge.rounds import commands, queries
from app.discharge.rounds.board.pages import here, unit_named
from app.discharge.rounds.board.queries import beds_of, units
from app.discharge.rounds.commands import BeginConference, SetAction, WriteNote
from app.discharge.rounds.meetings import showing
from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.past.reading import zone_of
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
LIST, WRITE = Permission.STAY_LIST, Permission.PLAN_WRITE


@get("/rounds/{unit:str}/conferences", permission=LIST, sync_to_thread=True)
def show_conferences(request: Asked, unit: FromPath[str]) -> Response[bytes]:
    """The latest conferences of a unit, and the form to open one."""
    return _list(request, unit, FormState(id="c"))


def _list(request: Asked, unit: str, form: FormState) -> Response[bytes]:
    viewer, place = the_viewer(request), here(request)
    zone = zone_of(viewer)
    form.id = "c"
    with reading(viewer) as db:
        found = unit_named(units(db, place.id), unit)
        held = [showing.held_words(one, zone, db) for one in queries.conferences(db, place.id, unit)]
    context: dict[str, Any] = {
        "unit": {"name": found.name, "address": f"/rounds/{quote(unit, safe='')}"}, "held": held, "form": form,
        "may": place.id in viewer.facilities_with(WRITE),
    }  # fmt: skip
    title = f"{found.name}, conferences"
    status = 422 if form.errors else 200
    return page(request, "discharge/rounds/conferences.html", discloses=NO_PHI, title=title, status=status, **context)


@post("/rounds/{unit:str}/conferences", permission=WRITE, sync_to_thread=True)
def open_conference(request: Asked, unit: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Open a conference and go there."""
    viewer, place = the_viewer(request), here(request)
    ask, state = read_form(BeginConference, form)
    with reading(viewer) as db:
        unit_named(units(db, place.id), unit)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.begin_conference(work, (place.id, unit), ask, zone_of(viewer))
        except Refused as refused:
            state.refuse(refused)
    return see_other(request, f"/conferences/{made.id}") if made is not None else _list(request, unit, state)


@get("/conferences/{conference_id:uuid}", permission=LIST, sync_to_thread=True)
def show_conference(request: Asked, conference_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Every stay of the unit with what the conference says of it."""
    return _sheet(request, conference_id, FormState(id=""))


def _sheet(request: Asked, conference_id: uuid.UUID, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        held = queries.conference(db, conference_id)
        zone = next(ZoneInfo(one.timezone) for one in viewer.places if one.id == held.facility_id)
        found = unit_named(units(db, held.facility_id), held.unit)
        beds = beds_of(db, held.facility_id, held.unit)
        tasks = queries.actions_of(db, [one.id for one in beds])
        rows = showing.sheet(beds, queries.notes_in(db, conference_id), tasks, zone, db)
        words = showing.held_words(held, zone, db)
    context: dict[str, Any] = {
        "unit": {"name": found.name, "address": f"/rounds/{quote(held.unit, safe='')}"}, "held": words, "rows": rows,
        "form": form, "may": held.facility_id in viewer.facilities_with(WRITE),
    }  # fmt: skip
    return page(
        request, "discharge/rounds/conference.html", discloses=[one.patient_id for one in beds],
        title=f"{found.name}, conference", status=422 if form.errors else 200, **context,
    )  # fmt: skip


@post("/conferences/{conference_id:uuid}/stays/{stay_id:uuid}/note", permission=WRITE, sync_to_thread=True)
def write_note(
    request: Asked, conference_id: FromPath[uuid.UUID], stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """What the conference says of one stay."""
    ask, state = read_form(WriteNote, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.write_note(work, conference_id, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    return _after(request, conference_id, stay_id, (state, "n", "The note is kept."))


@post("/conferences/{conference_id:uuid}/stays/{stay_id:uuid}/action", permission=WRITE, sync_to_thread=True)
def add_action(
    request: Asked, conference_id: FromPath[uuid.UUID], stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Give somebody something to do."""
    ask, state = read_form(SetAction, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.set_action(work, stay_id, ask.model_copy(update={"conference_id": conference_id}))
        except Refused as refused:
            state.refuse(refused)
    return _after(request, conference_id, stay_id, (state, "a", "It is on the list."))


def _after(
    request: Asked, conference_id: uuid.UUID, stay_id: uuid.UUID, how: tuple[FormState, str, str]
) -> Response[bytes]:
    """The sheet again with what is wrong, or at the stay that was written about."""
    state, letter, words = how
    if state.errors:
        state.id = f"{letter}{stay_id}"
        return _sheet(request, conference_id, state)
    return see_other(request, f"/conferences/{conference_id}#s{stay_id}", Flash(words))


@post("/conferences/{conference_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, conference_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that the conference was opened by mistake."""
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = "e"
        return _sheet(request, conference_id, state)
    with begin(the_viewer(request)) as work:
        held = commands.strike_conference(work, conference_id, ask.reason)
    where = f"/rounds/{quote(held.unit, safe='')}/conferences"
    return see_other(request, where, Flash("The conference is struck out."))


@get("/complex-cases", permission=LIST, sync_to_thread=True)
def show_cases(request: Asked) -> Response[bytes]:
    """Complex cases of the facility: those on the list by their next review, then those proposed for it."""
    viewer, place = the_viewer(request), here(request)
    with reading(viewer) as db:
        rows = queries.case_rows(db, place.id)
        stays = [one.encounter_id for one in rows]
        lines = showing.case_lines(rows, queries.cases_of(db, stays), open_barriers(db, stays), zone_of(viewer), db)
    context: dict[str, Any] = {"lines": lines, "may": place.id in viewer.facilities_with(WRITE)}
    return page(
        request, "discharge/rounds/cases.html", discloses=[one.patient_id for one in rows], title="Complex cases",
        **context,
    )  # fmt: skip


ROUTES = [show_conferences, open_conference, show_conference, write_note, add_action, strike, show_cases]
