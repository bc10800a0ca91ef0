"""Readmissions: interview and judgement on the tab, and the page that says how far raters agree."""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.census.united import subject
from app.clocks.settings.line_pages import place_of
from app.discharge.after.readmitted import agreement, commands
from app.discharge.after.readmitted.commands import GiveRating, WriteInterview
from app.discharge.after.stay.showing import follow_up_page
from app.kernel.days import local_day, written_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import page, see_other, the_viewer

Asked = Request[Any, Any, Any]
ASK, JUDGE = Permission.FOLLOW_UP_WRITE, Permission.READMISSION_JUDGE
SPAN = timedelta(days=90)


@post("/encounters/{stay_id:uuid}/readmission-interview", permission=ASK, sync_to_thread=True)
def take_interview(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what the readmitted patient said, or correct it."""
    ask, state = read_form(WriteInterview, form)
    state.given["chosen"] = " ".join(form.all("reasons"))
    if ask is None:
        return _again(request, stay_id, state, "interview")
    try:
        with begin(the_viewer(request)) as work:
            made = commands.write_interview(work, stay_id, ask)
    except Refused as refused:
        return _again(request, stay_id, state.refuse(refused), "interview")
    undo = None if ask.because else Undo(f"/encounters/{made.encounter_id}/readmission-interview/reversal")
    return see_other(request, _where(made.encounter_id), Flash("The interview is recorded.", undo=undo))


@post("/encounters/{stay_id:uuid}/readmission-interview/reversal", permission=ASK, sync_to_thread=True)
def undo_interview(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back an interview that was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        made = commands.strike_interview(work, stay_id, "Taken back right after it was recorded")
    return see_other(request, _where(made.encounter_id), Flash("Taken back. It stays readable.", "blue"))


@post("/encounters/{stay_id:uuid}/readmission-interview/end", permission=ASK, sync_to_thread=True)
def strike(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike an interview out, with the reason."""
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        return _again(request, stay_id, state, "strike-interview")
    with begin(the_viewer(request)) as work:
        made = commands.strike_interview(work, stay_id, ask.reason)
    return see_other(request, _where(made.encounter_id), Flash("The interview is struck out."))


@post("/encounters/{stay_id:uuid}/readmission-judgements", permission=JUDGE, sync_to_thread=True)
def judge(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Judge how preventable the readmission was, without seeing what others judged."""
    ask, state = read_form(GiveRating, form)
    state.given["chosen"] = " ".join(form.all("reasons"))
    if ask is None:
        return _again(request, stay_id, state, "judge")
    try:
        with begin(the_viewer(request)) as work:
            made = commands.give_rating(work, stay_id, ask)
    except Refused as refused:
        return _again(request, stay_id, state.refuse(refused), "judge")
    said = Flash("Your judgement is recorded.", undo=Undo(f"/readmission-judgements/{made.id}/reversal"))
    return see_other(request, _where(made.encounter_id), said)


@post("/readmission-judgements/{rating_id:uuid}/reversal", permission=JUDGE, sync_to_thread=True)
def take_back(request: Asked, rating_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the own judgement back before anybody else has judged."""
    with begin(the_viewer(request)) as work:
        made = commands.take_rating_back(work, rating_id)
    return see_other(request, _where(made.encounter_id), Flash("Your judgement is taken back.", "blue"))


def _where(stay_id: uuid.UUID) -> str:
    return f"/encounters/{stay_id}/follow-up#readmission"


def _again(request: Asked, stay_id: uuid.UUID, state: FormState, form: str) -> Response[bytes]:
    """The tab with the form that could not be carried out; a stay outside the viewer's scope is not found first."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_id).encounter_id
    state.id = form
    return follow_up_page(request, stay_id, state)


@get("/readmissions/agreement", permission=JUDGE, sync_to_thread=True)
def show_agreement(
    request: Asked, first: FromQuery[str] = "", last: FromQuery[str] = "", of: FromQuery[str] = ""
) -> Response[bytes]:
    """How far two people agree, over a period; every figure opens the readmissions behind it."""
    viewer = the_viewer(request)
    place = place_of(viewer, JUDGE)
    with reading(viewer) as db:
        zone = ZoneInfo(str(db.value("select timezone from facility where id = %s", (place.id,))))
        today = local_day(db.now, zone)
        begins, ends = written_day(first) or today - SPAN, written_day(last) or today
        found = agreement.judged(db, place.id, begins, ends)
    shown = [one for one in found if agreement.belongs(of, one)] if of in agreement.OF else []
    rows = [
        {"href": f"/encounters/{one.encounter_id}/follow-up", "name": one.name or "Name not sent",
         "came": day_text(local_day(one.came_at, zone), today) if one.came_at else "",
         "points": ", ".join(str(point) for point in one.points) if len(one.points) > 1 else "hidden"}
        for one in shown
    ]  # fmt: skip
    return page(
        request, "discharge/after/agreement.html", discloses=[one.patient_id for one in shown], place=place.name,
        title="Agreement on readmissions", first=f"{begins}", last=f"{ends}", of=of, rows=rows,
        said=agreement.OF.get(of, ""), **agreement.figures(found, f"first={begins}&last={ends}"),
    )  # fmt: skip


ROUTES = [take_interview, undo_interview, strike, judge, take_back, show_agreement]
