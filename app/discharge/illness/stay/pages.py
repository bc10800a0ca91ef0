"""The serious-illness part of the tab Assessment, and everything that is recorded on it."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import subject
from app.discharge.illness import commands, forms
from app.discharge.illness.stay.showing import part
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
PART = "discharge/illness/_part.html"


@get("/encounters/{stay_id:uuid}/illness", permission=Permission.STAY_SEE, sync_to_thread=True)
def show(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Signs, the answer to them, advance-care planning, meetings."""
    return _page(request, stay_id, None)


def _page(request: Asked, stay_id: uuid.UUID, state: FormState | None) -> Response[bytes]:
    with reading_then(request, stay_id) as db:
        context = part(db, the_viewer(request), subject(db, stay_id))
    context["form"] = state or FormState(id="none")
    return stay_page(request, stay_id, Part("assessment", PART, context, 422 if state else 200))


def _do(
    request: Asked,
    stay_id: uuid.UUID,
    given: tuple[FormFields, type[BaseModel], str],
    command: Callable[[Work, Any], Any],
    said: str,
) -> Response[bytes]:
    """Carry a form out, or show it again with what is wrong. The third part of `given` names the form on the page."""
    form, shape, name = given
    ask, state = read_form(shape, form)
    state.id = name
    for several in ("documents", "documents_seen"):
        state.given[several] = ",".join(form.all(several))
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                command(work, ask)
            return see_other(request, f"/encounters/{stay_id}/illness", Flash(said))
        except Refused as refused:
            state.refuse(refused)
    return _page(request, stay_id, state)


@post("/encounters/{stay_id:uuid}/illness-signs", permission=WRITE, sync_to_thread=True)
def tell(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Write down a sign."""
    return _do(request, stay_id, (form, forms.TellSign, "sgn"),
               lambda work, ask: commands.tell_sign(work, stay_id, ask), "The sign is recorded.")  # fmt: skip


@post("/illness-signs/{sign_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def take_away(request: Asked, sign_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a sign away that somebody told."""
    stay_id = _stay_of(request, "illness_sign", "id", sign_id)
    return _do(request, stay_id, (form, StrikeOut, f"off{sign_id}"),
               lambda work, ask: commands.take_sign_away(work, sign_id, ask), "The sign is taken away.")  # fmt: skip


@post("/encounters/{stay_id:uuid}/illness-answers", permission=WRITE, sync_to_thread=True)
def answer(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Answer the signs, or record what followed."""
    return _do(request, stay_id, (form, forms.AnswerSigns, "ill"),
               lambda work, ask: commands.answer_signs(work, stay_id, ask), "The answer is recorded.")  # fmt: skip


@post("/encounters/{stay_id:uuid}/advance-care", permission=WRITE, sync_to_thread=True)
def plan(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record documents, code status, surrogate and goals."""
    return _do(request, stay_id, (form, forms.RecordPlanning, "acp"),
               lambda work, ask: commands.record_planning(work, stay_id, ask),
               "Advance-care planning is recorded.")  # fmt: skip


@post("/encounters/{stay_id:uuid}/family-meetings", permission=WRITE, sync_to_thread=True)
def new_meeting(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Plan a meeting."""
    return _do(request, stay_id, (form, forms.PlanMeeting, "mee"),
               lambda work, ask: commands.plan_meeting(work, stay_id, ask), "The meeting is planned.")  # fmt: skip


@post("/encounters/{stay_id:uuid}/family-talks", permission=WRITE, sync_to_thread=True)
def new_talk(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a meeting that was held without having been planned here."""
    return _do(request, stay_id, (form, forms.HoldMeeting, "hel"),
               lambda work, ask: commands.hold_meeting(work, stay_id, ask), "The meeting is recorded.")  # fmt: skip


@post("/family-meetings/{meeting_id:uuid}/plan", permission=WRITE, sync_to_thread=True)
def move_meeting(request: Asked, meeting_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give a meeting another time."""
    stay_id = _stay_of(request, "illness_meeting", "meeting_id", meeting_id)
    return _do(request, stay_id, (form, forms.PlanMeeting, f"mov{meeting_id}"),
               lambda work, ask: commands.plan_meeting(work, stay_id, ask, meeting_id),
               "The meeting has another time.")  # fmt: skip


@post("/family-meetings/{meeting_id:uuid}/record", permission=WRITE, sync_to_thread=True)
def hold(request: Asked, meeting_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what came out of a meeting, or correct the record."""
    stay_id = _stay_of(request, "illness_meeting", "meeting_id", meeting_id)
    return _do(request, stay_id, (form, forms.HoldMeeting, f"hel{meeting_id}"),
               lambda work, ask: commands.hold_meeting(work, stay_id, ask, meeting_id),
               "The meeting is recorded.")  # fmt: skip


@post("/family-meetings/{meeting_id:uuid}/cancellation", permission=WRITE, sync_to_thread=True)
def cancel(request: Asked, meeting_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that a meeting is not held."""
    stay_id = _stay_of(request, "illness_meeting", "meeting_id", meeting_id)
    return _do(request, stay_id, (form, forms.CancelMeeting, f"can{meeting_id}"),
               lambda work, ask: commands.cancel_meeting(work, meeting_id, ask),
               "The meeting is called off.")  # fmt: skip


@post("/family-meetings/{meeting_id:uuid}/strike-out", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, meeting_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a meeting out."""
    stay_id = _stay_of(request, "illness_meeting", "meeting_id", meeting_id)
    return _do(request, stay_id, (form, StrikeOut, f"stm{meeting_id}"),
               lambda work, ask: commands.strike_meeting(work, meeting_id, ask),
               "The record is struck out.")  # fmt: skip


def _stay_of(request: Asked, table: str, column: str, key: uuid.UUID) -> uuid.UUID:
    """The stay to which a record belongs; NotFound outside what the reader may see."""
    with reading(the_viewer(request)) as db:
        found: uuid.UUID | None = db.value(f"select encounter_id from {table} where {column} = %s limit 1", (key,))
        if found is None:
            raise NotFound
        return subject(db, found).encounter_id


ROUTES = [show, tell, take_away, answer, plan, new_meeting, new_talk, move_meeting, hold, cancel, strike]
