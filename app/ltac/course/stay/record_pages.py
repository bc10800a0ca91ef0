"""Records of a long-term stay: one form for each kind, correcting and striking out."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import subject
from app.kernel.refusal import NotFound, Refused
from app.ltac.course import commands, records
from app.ltac.course.forms import FORMS
from app.ltac.course.records import Version
from app.ltac.course.stay import showing
from app.ltac.course.stay.pages import CHART, TAB, course_page
from app.ltac.course.terms import RecordKind
from app.platform.work import begin, reading
from app.web.fields import Reason, StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
AMEND = "ltac/course/_amend.html"


class Correction(BaseModel):
    """Why what is recorded was wrong."""

    because: Reason


def _where(stay_id: uuid.UUID, kind: str) -> str:
    part = RecordKind.WOUND if kind == RecordKind.WOUND_CHECK else kind
    return f"/encounters/{stay_id}/long-term#{part}"


@post("/encounters/{stay_id:uuid}/long-term/{kind:str}", permission=CHART, sync_to_thread=True)
def record(
    request: Asked, stay_id: FromPath[uuid.UUID], kind: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record one thing of that kind."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_id).encounter_id
    if kind not in set(RecordKind):
        raise NotFound("There is no such kind of record.")
    ask, state = read_form(FORMS[RecordKind(kind)], form)
    made = None
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.record_course(work, stay_id, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    if ask is None or made is None:
        state.id = kind
        return course_page(request, stay_id, state)
    text = " ".join(part for part in (f"{RecordKind(kind).label} is recorded.", commands.what_next(ask)) if part)
    undo = Undo(f"/long-term-records/{made.record_id}/reversal")
    return see_other(request, _where(stay_id, kind), Flash(text, undo=undo))


@post("/long-term-records/{course_id:uuid}/reversal", permission=CHART, sync_to_thread=True)
def undo(request: Asked, course_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        held = commands.take_back_course(work, course_id)
    said = Flash("Taken back. It stays readable, struck out.", "blue")
    return see_other(request, _where(held.encounter_id, held.kind), said)


@get("/long-term-records/{course_id:uuid}/correction", permission=CHART, sync_to_thread=True)
def show_correction(request: Asked, course_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        one = records.version(db, course_id)
        form = showing.of_version(one, subject(db, one.encounter_id).zone)
    return _correction(request, one, form)


def _correction(request: Asked, one: Version, form: FormState) -> Response[bytes]:
    kind = RecordKind(one.kind)
    form.id = "amend"
    context = {
        "stay_id": str(one.encounter_id), "record_id": str(one.record_id), "form": form, "label": kind.label,
        "fields": showing.form_fields(kind), "kind": kind.value, "conference": showing.conference_fields(),
        "back": _where(one.encounter_id, one.kind),
    }  # fmt: skip
    return stay_page(request, one.encounter_id, Part(TAB, AMEND, context, 422 if form.errors else 200))


@post("/long-term-records/{course_id:uuid}/versions", permission=CHART, sync_to_thread=True)
def amend(request: Asked, course_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version, with the reason."""
    with reading(the_viewer(request)) as db:
        one = records.version(db, course_id)
    ask, state = read_form(FORMS[RecordKind(one.kind)], form)
    why, told = read_form(Correction, form)
    state.errors |= told.errors
    if ask is None or why is None:
        return _correction(request, one, state)
    try:
        with begin(the_viewer(request)) as work:
            commands.amend_course(work, course_id, ask, why.because)
    except Refused as refused:
        if refused.field is None:
            raise
        return _correction(request, one, state.refuse(refused))
    said = Flash("The record is corrected; the earlier version stays readable.")
    return see_other(request, _where(one.encounter_id, one.kind), said)


@post("/long-term-records/{course_id:uuid}/end", permission=CHART, sync_to_thread=True)
def strike(request: Asked, course_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a record out, with the reason."""
    with reading(the_viewer(request)) as db:
        one = records.version(db, course_id)
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = f"e{course_id}"
        return course_page(request, one.encounter_id, state)
    with begin(the_viewer(request)) as work:
        commands.strike_course(work, course_id, ask.reason)
    return see_other(request, _where(one.encounter_id, one.kind), Flash("The record is struck out."))


ROUTES = [record, undo, show_correction, amend, strike]
