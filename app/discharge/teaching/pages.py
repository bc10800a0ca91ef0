"""Teaching of a stay: what is recorded, one form for each kind, correcting and striking out."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.discharge.teaching import commands, queries, showing
from app.discharge.teaching.forms import FORMS, Correction
from app.discharge.teaching.terms import RecordKind
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
PAGE, AMEND = "discharge/teaching/_teaching.html", "discharge/teaching/_amend.html"
TAB = "departure"


@get("/encounters/{stay_id:uuid}/teaching", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_teaching(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What was taught, listed and handed over."""
    return _page(request, stay_id, FormState(id=""))


def _page(request: Asked, stay_id: uuid.UUID, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        context = showing.page_context(db, stay, queries.versions(db, stay.encounter_id), form)
        context["may"] = db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE)
    return stay_page(request, stay_id, Part(TAB, PAGE, context, 422 if form.errors else 200))


@post("/encounters/{stay_id:uuid}/teaching/{kind:str}", permission=WRITE, sync_to_thread=True)
def record(
    request: Asked, stay_id: FromPath[uuid.UUID], kind: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record one thing of that kind."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_id).encounter_id
    if kind not in set(RecordKind):
        raise NotFound("There is no such kind of teaching.")
    ask, state = read_form(FORMS[RecordKind(kind)], form)
    made = None
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.record_teaching(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        state.id = kind
        return _page(request, stay_id, state)
    said = Flash(f"{RecordKind(kind).label} is recorded.", undo=Undo(f"/teaching/{made.record_id}/reversal"))
    return see_other(request, f"/encounters/{stay_id}/teaching#{kind}-s", said)


@post("/teaching/{teaching_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo(request: Asked, teaching_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        held = commands.strike_teaching(work, teaching_id, "Taken back right after it was recorded")
    said = Flash("Taken back. It stays readable, struck out.", "blue")
    return see_other(request, f"/encounters/{held.encounter_id}/teaching#{held.kind}-s", said)


@get("/teaching/{teaching_id:uuid}/correction", permission=WRITE, sync_to_thread=True)
def show_correction(request: Asked, teaching_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        one = queries.version(db, teaching_id)
        form = showing.of_version(one, subject(db, one.encounter_id).zone)
    return _correction(request, one, form)


def _correction(request: Asked, one: queries.Version, form: FormState) -> Response[bytes]:
    kind = RecordKind(one.kind)
    form.id = "amend"
    context = {
        "stay_id": str(one.encounter_id), "record_id": str(one.record_id), "form": form, "label": kind.label,
        "fields": showing.form_fields(kind), "kind": kind.value,
    }  # fmt: skip
    return stay_page(request, one.encounter_id, Part(TAB, AMEND, context, 422 if form.errors else 200))


@post("/teaching/{teaching_id:uuid}/versions", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, teaching_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version, with the reason."""
    with reading(the_viewer(request)) as db:
        one = queries.version(db, teaching_id)
    ask, state = read_form(FORMS[RecordKind(one.kind)], form)
    why, told = read_form(Correction, form)
    state.errors |= told.errors
    if ask is None or why is None:
        return _correction(request, one, state)
    try:
        with begin(the_viewer(request)) as work:
            commands.amend_teaching(work, teaching_id, ask, why.because)
    except Refused as refused:
        if refused.field is None:
            raise
        return _correction(request, one, state.refuse(refused))
    said = Flash("The record is corrected; the earlier version stays readable.")
    return see_other(request, f"/encounters/{one.encounter_id}/teaching#{one.kind}-s", said)


@post("/teaching/{teaching_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, teaching_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a record out, with the reason."""
    with reading(the_viewer(request)) as db:
        one = queries.version(db, teaching_id)
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = f"e{teaching_id}"
        return _page(request, one.encounter_id, state)
    with begin(the_viewer(request)) as work:
        commands.strike_teaching(work, teaching_id, ask.reason)
    return see_other(
        request, f"/encounters/{one.encounter_id}/teaching#{one.kind}-s", Flash("The record is struck out.")
    )


ROUTES = [show_teaching, record, undo, show_correction, amend, strike]
