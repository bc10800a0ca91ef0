"""The tab Plan of a stay, and the forms of expected date and disposition, in the row of a list too."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import Subject, subject
from app.discharge.plan import commands, queries
from app.discharge.plan.commands import LookAtPlan, SetDisposition, SetExpectedDate
from app.discharge.plan.models import Disposition, ExpectedDate, PlanLook
from app.discharge.plan.stay import showing
from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import done, see_other, the_viewer, wants_piece
from app.web.stay import FRAME, Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
TAB, DATE, SAID = "discharge/plan/_plan.html", "discharge/plan/_date.html", "discharge/plan/_said.html"


@get("/encounters/{stay_id:uuid}/plan", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_plan(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Expected date, disposition, readiness, lights, barriers, milestones, tasks, goals, history."""
    return plan_page(request, stay_id)


def plan_page(request: Asked, stay_id: uuid.UUID, state: FormState | None = None) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any."""
    with reading_then(request, stay_id) as db:
        context = showing.tab(db, the_viewer(request), stay_id)
    context["form"] = state or FormState(id="none")
    return stay_page(request, stay_id, Part("plan", TAB, context, 422 if state else 200))


def in_row(request: Asked) -> bool:
    """Whether a form stands in the row of a list."""
    return wants_piece(request) and request.headers.get("hx-target", FRAME) != FRAME


@get("/encounters/{stay_id:uuid}/expected-date/new", permission=WRITE, sync_to_thread=True)
def show_date_form(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form of the expected date; one key sets the usual ones."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        form = showing.date_form(queries.expected_date(db, stay.encounter_id), stay)
    return _date_page(request, stay, form, 200)


def _date_page(request: Asked, stay: Subject, form: FormState, status: int) -> Response[bytes]:
    form.id = f"d{stay.encounter_id}"
    with reading(the_viewer(request)) as db:
        expected = queries.expected_date(db, stay.encounter_id)
        feed = showing.feed_word(db, stay)
        context = showing.choices(stay, db.now) | {
            "stay_id": str(stay.encounter_id), "form": form, "in_row": in_row(request),
            "expected": showing.expected_words(expected, stay, db.now),
            "feed": showing.feed_text(feed, expected, stay, stay.day(db.now)),
        }  # fmt: skip
    return stay_page(request, stay.encounter_id, Part("plan", DATE, context, status))


@post("/encounters/{stay_id:uuid}/expected-date", permission=WRITE, sync_to_thread=True)
def take_date(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set or move the expected date."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(SetExpectedDate, form)
    made: ExpectedDate | None = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.set_expected_date(work, stay_id, ask)
                text = day_text(made.expected_on, stay.day(work.now))
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _date_page(request, stay, state, 422)
    flash = Flash(f"Expected to leave {text}.", undo=Undo(f"/expected-dates/{made.id}/reversal"))
    return said(request, stay, flash, "date")


@post("/expected-dates/{expected_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_date(request: Asked, expected_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back an expected date that was just set."""
    with begin(the_viewer(request)) as work:
        stay = subject(work, commands.stay_of(work, ExpectedDate, expected_id))
        commands.undo_expected_date(work, expected_id)
    return said(request, stay, Flash("The expected date is as it was before.", "blue"), "date")


@post("/encounters/{stay_id:uuid}/disposition", permission=WRITE, sync_to_thread=True)
def take_disposition(
    request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Set or change where the patient is to go."""
    ask, state = read_form(SetDisposition, form)
    state.id = "going"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.set_disposition(work, stay_id, ask)
            flash = Flash(f"Going to: {ask.going_to.label}.", undo=Undo(f"/dispositions/{made.id}/reversal"))
            return see_other(request, f"/encounters/{made.encounter_id}/plan", flash)
        except Refused as refused:
            state.refuse(refused)
    return plan_page(request, stay_id, state)


@post("/dispositions/{disposition_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_going(
    request: Asked, disposition_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take back a disposition that was just set."""
    with begin(the_viewer(request)) as work:
        stay_id = subject(work, commands.stay_of(work, Disposition, disposition_id)).encounter_id
        commands.undo_disposition(work, disposition_id)
    return see_other(request, f"/encounters/{stay_id}/plan", Flash("The disposition is as it was before.", "blue"))


@post("/encounters/{stay_id:uuid}/plan-looks", permission=WRITE, sync_to_thread=True)
def take_look(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record that somebody looked at the plan."""
    ask, state = read_form(LookAtPlan, form)
    state.id = "look"
    if ask is None:
        return plan_page(request, stay_id, state)
    with begin(the_viewer(request)) as work:
        stay = subject(work, stay_id)
        made = commands.look_at_plan(work, stay_id, ask)
    flash = Flash("It is recorded that you looked at the plan.", undo=Undo(f"/plan-looks/{made.id}/reversal"))
    return said(request, stay, flash, "look")


@post("/plan-looks/{look_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_look(request: Asked, look_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a look at the plan back."""
    with begin(the_viewer(request)) as work:
        stay = subject(work, commands.stay_of(work, PlanLook, look_id))
        commands.take_look_back(work, look_id)
    return said(request, stay, Flash("It is not recorded any more that you looked.", "blue"), "look")


def said(request: Asked, stay: Subject, flash: Flash, what: str) -> Response[bytes]:
    """What was done: in the row it stands in the place of the form, else it is said on the tab."""
    where = f"/encounters/{stay.encounter_id}/plan"
    if not in_row(request):
        return see_other(request, where, flash)
    return done(
        request, SAID, discloses=[stay.patient_id], changed=[stay.encounter_id], back=where, flash=flash,
        stay_id=str(stay.encounter_id), said=flash, what=what,
    )  # fmt: skip


ROUTES = [
    show_plan, show_date_form, take_date, undo_date, take_disposition, undo_going, take_look, undo_look,
]  # fmt: skip
