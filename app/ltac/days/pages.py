"""The tab Payment days of a long-term stay, and what is recorded there."""

import uuid
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.kernel.refusal import NotFound, Refused
from app.ltac.days import commands, queries, showing
from app.ltac.days.forms import FORMS
from app.ltac.days.gather import gather
from app.ltac.days.rules.entries import about_absence
from app.ltac.days.terms import EntryKind
from app.ltac.kind import check_long_term
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.LTAC_CHART
TAB, PAGE = "payment-days", "ltac/days/_tab.html"


@get("/encounters/{stay_id:uuid}/payment-days", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_payment_days(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Threshold beside readiness, absences, rate, benefit days."""
    return _page(request, stay_id, FormState(id=""))


def _page(request: Asked, stay_id: uuid.UUID, form: FormState, about: str = "") -> Response[bytes]:
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        check_long_term(db, stay.encounter_id)
        found = gather(db, [stay.encounter_id], ended=True)
        days = queries.standing_of(db, found).get(stay.encounter_id)
        if days is None:
            raise NotFound("This stay has not begun, so there are no days to count.")
        kept = found.stays[stay.encounter_id].entries
        context = showing.tab_context(days, kept, db.now, form, about)
        context["may"] = db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE)
    return stay_page(request, stay_id, Part(TAB, PAGE, context, 422 if form.errors else 200))


@post("/encounters/{stay_id:uuid}/payment-days/{kind:str}", permission=WRITE, sync_to_thread=True)
def record_payment_days(
    request: Asked, stay_id: FromPath[uuid.UUID], kind: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record one thing of that kind; it takes the place of what stands about the same."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_id).encounter_id
    if kind not in set(EntryKind):
        raise NotFound("There is no such kind of record.")
    ask, state = read_form(FORMS[EntryKind(kind)], form)
    made = None
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.record_entry(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        state.id = kind
        return _page(request, stay_id, state, _about(form))
    said = Flash(f"{EntryKind(kind).label}: recorded.", undo=Undo(f"/payment-day-entries/{made.id}/reversal"))
    return see_other(request, f"/encounters/{stay_id}/payment-days#{kind}", said)


def _about(form: FormFields) -> str:
    """The absence that a form was about, as the page names it."""
    try:
        return about_absence(datetime.fromisoformat(form.get("left_at", "")))
    except ValueError:
        return ""


@post("/payment-day-entries/{payment_entry_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo(request: Asked, payment_entry_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back the version that was recorded a moment ago; what stood before stands again."""
    with begin(the_viewer(request)) as work:
        held = commands.take_back(work, payment_entry_id)
    said = Flash("Taken back. It stays readable, struck out.", "blue")
    return see_other(request, f"/encounters/{held.encounter_id}/payment-days#{held.kind}", said)


@post("/payment-day-entries/{payment_entry_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, payment_entry_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a record out, with the reason."""
    with reading(the_viewer(request)) as db:
        stay_id = commands.stay_of(db, payment_entry_id)
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = f"e{payment_entry_id}"
        return _page(request, stay_id, state)
    with begin(the_viewer(request)) as work:
        commands.strike_entry(work, payment_entry_id, ask.reason)
    return see_other(request, f"/encounters/{stay_id}/payment-days#records", Flash("The record is struck out."))


ROUTES = [show_payment_days, record_payment_days, undo, strike]
