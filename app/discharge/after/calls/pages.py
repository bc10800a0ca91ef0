"""The form of a call, on the stay and in the row; corrections, strike-outs, drafts."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import Subject, subject
from app.discharge.after import queries
from app.discharge.after.calls import commands, showing
from app.discharge.after.calls.commands import Given, WriteCall
from app.discharge.after.models import FollowUpCall
from app.discharge.after.stay.showing import follow_up_page
from app.discharge.after.terms import CallOutcome, CallState
from app.discharge.after.versions import stay_of
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import done, see_other, the_viewer, wants_piece
from app.web.stay import FRAME, Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.FOLLOW_UP_WRITE
FORM, SAID = "discharge/after/_call_form.html", "discharge/after/_said.html"
Deed = Callable[[Work, WriteCall, list[Given]], FollowUpCall]


@get("/encounters/{stay_id:uuid}/follow-up", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_follow_up(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Calls, issues, the earlier stay of a readmission, hand-off to programs."""
    return follow_up_page(request, stay_id)


def _in_row(request: Asked) -> bool:
    return wants_piece(request) and request.headers.get("hx-target", FRAME) != FRAME


@get("/encounters/{stay_id:uuid}/calls/new", permission=WRITE, sync_to_thread=True)
def show_form(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form of a call; a draft that was kept fills it."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        draft = queries.draft_of(db, stay.encounter_id)
        form = showing.of_call(draft, stay.zone, timed=False) if draft else FormState()
    return _form_page(request, stay, form, 200)


def _form_page(
    request: Asked, stay: Subject, form: FormState, status: int, amends: uuid.UUID | None = None
) -> Response[bytes]:
    form.id = f"c{amends or stay.encounter_id}"
    with reading_then(request, stay.encounter_id) as db:
        context = showing.form_context(db, stay, form, showing.questions(db, stay))
        context |= {"in_row": _in_row(request), "amends": str(amends or "")}
    return stay_page(request, stay.encounter_id, Part("follow-up", FORM, context, status))


@post("/encounters/{stay_id:uuid}/calls", permission=WRITE, sync_to_thread=True)
def take_call(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a call, or keep what is written of it so far."""
    keeps = form.get("keep", "") == "draft"

    def run(work: Work, ask: WriteCall, given: list[Given]) -> FollowUpCall:
        return (commands.keep_draft if keeps else commands.record_call)(work, stay_id, ask, given)

    return _write(request, stay_id, form, run)


def _write(
    request: Asked, stay_id: uuid.UUID, form: FormFields, run: Deed, amends: uuid.UUID | None = None
) -> Response[bytes]:
    """Carry a deed with the form of a call out, or show the form again with what is wrong."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
        given = showing.given_of(showing.questions(db, stay), form)
    ask, state = read_form(WriteCall, form)
    made: FollowUpCall | None = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = run(work, ask, given)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _form_page(request, stay, state, 422, amends)
    return _said(request, stay, _flash(made, stay))


def _flash(made: FollowUpCall, stay: Subject) -> Flash:
    if made.state == CallState.DRAFT:
        return Flash("The draft is kept.", undo=Undo(f"/follow-up-calls/{made.call_id}/dropping"))
    text = f"{CallOutcome(made.outcome).label}."
    if made.because:
        return Flash("The call is corrected; the earlier version stays readable.")
    local = made.next_at.astimezone(stay.zone) if made.next_at else None
    following = f" Call again {local:%a %-d %b %H:%M}." if local else f" {made.next_why}"
    return Flash(text + following, undo=Undo(f"/follow-up-calls/{made.call_id}/reversal"))


@get("/follow-up-calls/{call_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_amendment(request: Asked, call_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_of(db, FollowUpCall, call_id))
        form = showing.of_call(queries.call(db, stay.encounter_id, call_id), stay.zone, timed=True)
    return _form_page(request, stay, form, 200, call_id)


@post("/follow-up-calls/{call_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, call_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version, with the reason."""
    with reading(the_viewer(request)) as db:
        stay_id = stay_of(db, FollowUpCall, call_id)

    def run(work: Work, ask: WriteCall, given: list[Given]) -> FollowUpCall:
        return commands.amend_call(work, call_id, ask, given)

    return _write(request, stay_id, form, run, call_id)


@post("/follow-up-calls/{call_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, call_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a call out, with the reason."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_of(db, FollowUpCall, call_id)).encounter_id
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = f"e{call_id}"
        return follow_up_page(request, stay_id, state)
    with begin(the_viewer(request)) as work:
        commands.strike_call(work, call_id, ask.reason)
    return see_other(request, f"/encounters/{stay_id}/follow-up", Flash("The call is struck out."))


@post("/follow-up-calls/{call_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo(request: Asked, call_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back a call that was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        made = commands.strike_call(work, call_id, "Taken back right after it was recorded")
        stay = subject(work, made.encounter_id)
    return _said(request, stay, Flash("Taken back. It stays readable, struck out.", "blue"))


@post("/follow-up-calls/{call_id:uuid}/dropping", permission=WRITE, sync_to_thread=True)
def drop(request: Asked, call_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give a draft up."""
    with begin(the_viewer(request)) as work:
        stay = subject(work, commands.drop_draft(work, call_id).encounter_id)
    return _said(request, stay, Flash("The draft is gone.", "blue"))


def _said(request: Asked, stay: Subject, flash: Flash) -> Response[bytes]:
    """What was done: in the row it stands in the place of the form, else it is said on the tab."""
    where = f"/encounters/{stay.encounter_id}/follow-up"
    if not _in_row(request):
        return see_other(request, where, flash)
    return done(
        request, SAID, discloses=[stay.patient_id], changed=[stay.encounter_id], back=where, flash=flash,
        stay_id=str(stay.encounter_id), said=flash,
    )  # fmt: skip


ROUTES = [show_follow_up, show_form, take_call, show_amendment, amend, strike, undo, drop]
