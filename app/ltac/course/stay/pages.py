"""The tab Long-term of a stay, and charting its days: weaning and minutes of therapy."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.kernel.days import written_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.ltac.course import charting
from app.ltac.course.forms import ChartTherapy, ChartWeaning
from app.ltac.course.models import WeaningEntry
from app.ltac.course.stay import showing
from app.ltac.course.terms import Support
from app.ltac.kind import check_long_term
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import local_address, see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
CHART = Permission.LTAC_CHART
TAB, PAGE = "long-term", "ltac/course/_tab.html"
TAKEN_BACK = "Taken back right after it was charted"


@get("/encounters/{stay_id:uuid}/long-term", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_course(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Weaning, conference, wounds, therapy, validation, orientation and transfers back; `day` opens a charted day."""
    return course_page(request, stay_id, FormState(id=""))


def course_page(request: Asked, stay_id: uuid.UUID, form: FormState) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any. Refused for a stay of another kind of hospital."""
    viewer = the_viewer(request)
    day = written_day(form.given.get("day", "") if form.id == "weaning" else request.query_params.get("day", ""))
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        check_long_term(db, stay.encounter_id)
        context = showing.tab(db, stay, form, day)
        context["may"] = db.as_of is None and stay.facility_id in viewer.facilities_with(CHART)
    context["asked_day"] = day is not None
    return stay_page(request, stay_id, Part(TAB, PAGE, context, 422 if form.errors else 200))


@post("/encounters/{stay_id:uuid}/weaning", permission=CHART, sync_to_thread=True)
def chart_day(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Chart a day of weaning with everything that is known of it."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(ChartWeaning, form)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = charting.chart_weaning(work, stay.encounter_id, ask)
                text = f"{day_text(made.day, stay.day(work.now))}: {ask.support.label.lower()}."
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        state.id = "weaning"
        return course_page(request, stay.encounter_id, state)
    said = Flash(text, undo=Undo(f"/weaning-days/{made.id}/reversal"))
    return see_other(request, f"/encounters/{stay.encounter_id}/long-term", said)


@post("/encounters/{stay_id:uuid}/weaning/today", permission=CHART, sync_to_thread=True)
def chart_today(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Chart the support of today by one key."""
    with begin(the_viewer(request)) as work:
        made = chart_by_key(work, stay_id, form)
    said = Flash(f"Today: {Support(made.support).label.lower()}.", undo=Undo(f"/weaning-days/{made.id}/reversal"))
    return see_other(request, f"/encounters/{made.encounter_id}/long-term", said)


def chart_by_key(work: Work, stay_id: uuid.UUID, form: FormFields) -> WeaningEntry:
    """Chart today by the word of a button; Refused for another word."""
    stay, said = subject(work, stay_id), form.get("support", "")
    if said not in set(Support):
        raise Refused("Choose one of the four answers.")
    return charting.chart_today(work, stay.encounter_id, Support(said))


@post("/weaning-days/{weaning_id:uuid}/reversal", permission=CHART, sync_to_thread=True)
def undo_day(request: Asked, weaning_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was charted a moment ago; what stood before stands again."""
    with begin(the_viewer(request)) as work:
        stay_id = charting.stay_of_entry(work, weaning_id)
        charting.take_back_weaning(work, weaning_id, TAKEN_BACK)
    back = local_address(form.get("back", ""), "") or f"/encounters/{stay_id}/long-term"
    return see_other(request, back, Flash("Taken back. It stays readable in the history of the day.", "blue"))


@post("/weaning-days/{weaning_id:uuid}/end", permission=CHART, sync_to_thread=True)
def strike_day(request: Asked, weaning_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a charted day out, with the reason; the day is not recorded then."""
    ask, state = read_form(StrikeOut, form)
    with begin(the_viewer(request)) as work:
        stay_id = charting.stay_of_entry(work, weaning_id)
        if ask is not None:
            charting.take_back_weaning(work, weaning_id, ask.reason, restore=False)
    if ask is None:
        state.id = f"w{weaning_id}"
        return course_page(request, stay_id, state)
    return see_other(request, f"/encounters/{stay_id}/long-term", Flash("The day is struck out."))


@post("/encounters/{stay_id:uuid}/therapy-minutes", permission=CHART, sync_to_thread=True)
def chart_minutes(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Chart minutes of therapy of a day."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(ChartTherapy, form)
    day = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                day = charting.chart_therapy(work, stay.encounter_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if day is None:
        state.id = "therapy"
        return course_page(request, stay.encounter_id, state)
    text = f"Minutes of {day_text(day, day)} are charted. Charting the day again replaces them."
    return see_other(request, f"/encounters/{stay.encounter_id}/long-term#therapy", Flash(text))


ROUTES = [show_course, chart_day, chart_today, undo_day, strike_day, chart_minutes]
