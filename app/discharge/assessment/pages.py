"""The tab Assessment of a stay: screen, requests, assessments, scores and what they ask."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import subject
from app.discharge.assessment import commands, forms
from app.discharge.assessment.showing import tab
from app.discharge.instruments import commands as instruments
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
TAB = "discharge/assessment/_tab.html"
Given = tuple[FormFields, type[BaseModel], str]


@get("/encounters/{stay_id:uuid}/assessment", permission=Permission.STAY_SEE, sync_to_thread=True)
def show(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Screen, assessments and scores."""
    return tab_page(request, stay_id, None)


def tab_page(request: Asked, stay_id: uuid.UUID, state: FormState | None) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any."""
    with reading_then(request, stay_id) as db:
        context = tab(db, the_viewer(request), subject(db, stay_id))
    context["form"] = state or FormState(id="none")
    context["chosen"] = state.given.get("chosen", "").split(",") if state else []
    return stay_page(request, stay_id, Part("assessment", TAB, context, 422 if state else 200))


def _do(
    request: Asked, stay_id: uuid.UUID, given: Given, command: Callable[[Work, Any], Any], said: Callable[[Any], Flash]
) -> Response[bytes]:
    """Carry a form out, or show it again with what is wrong."""
    form, shape, name = given
    ask, state = read_form(shape, form)
    state.id = name
    state.given["chosen"] = ",".join(form.all("needs"))
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = command(work, ask)
            return see_other(request, f"/encounters/{stay_id}/assessment", said(made))
        except Refused as refused:
            state.refuse(refused)
    return tab_page(request, stay_id, state)


@post("/encounters/{stay_id:uuid}/screens", permission=WRITE, sync_to_thread=True)
def screen(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record the screen."""

    def said(made: Any) -> Flash:
        words = "positive: an evaluation is due" if made.state == "positive" else "negative"
        return Flash(
            f"The screen is recorded, {words}.", undo=Undo(f"/screens/{made.screening_id}/undo", "Take it back")
        )

    return _do(request, stay_id, (form, forms.RecordScreen, "scr"),
               lambda work, ask: commands.record_screen(work, stay_id, ask), said)  # fmt: skip


@post("/encounters/{stay_id:uuid}/evaluation-requests", permission=WRITE, sync_to_thread=True)
def request_evaluation(
    request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record that somebody asks for an evaluation."""
    return _do(request, stay_id, (form, forms.RequestEvaluation, "req"),
               lambda work, ask: commands.request_evaluation(work, stay_id, ask),
               lambda _: Flash("The request is recorded; an evaluation is due."))  # fmt: skip


@post("/screens/{screening_id:uuid}/override", permission=WRITE, sync_to_thread=True)
def override(request: Asked, screening_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Evaluate although the screen is negative."""
    stay_id = _stay_of(request, "screening", "screening_id", screening_id)
    return _do(request, stay_id, (form, forms.Override, "ovr"),
               lambda work, ask: commands.override_screen(work, screening_id, ask),
               lambda _: Flash("An evaluation is due now."))  # fmt: skip


@post("/screens/{screening_id:uuid}/correction", permission=WRITE, sync_to_thread=True)
def correct(request: Asked, screening_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Correct a screen."""
    stay_id = _stay_of(request, "screening", "screening_id", screening_id)
    return _do(request, stay_id, (form, forms.CorrectScreen, "cor"),
               lambda work, ask: commands.correct_screen(work, screening_id, ask),
               lambda _: Flash("The screen is corrected; the earlier version stays readable."))  # fmt: skip


@post("/screens/{screening_id:uuid}/strike-out", permission=WRITE, sync_to_thread=True)
def strike_screen(
    request: Asked, screening_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Strike a screen or a request out."""
    stay_id = _stay_of(request, "screening", "screening_id", screening_id)
    return _do(request, stay_id, (form, StrikeOut, f"str{screening_id}"),
               lambda work, ask: commands.strike_screen(work, screening_id, ask),
               lambda _: Flash("It is struck out."))  # fmt: skip


@post("/screens/{screening_id:uuid}/undo", permission=WRITE, sync_to_thread=True)
def undo_screen(
    request: Asked, screening_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take a screen back right after it was recorded."""
    stay_id = _stay_of(request, "screening", "screening_id", screening_id)
    with begin(the_viewer(request)) as work:
        commands.strike_screen(work, screening_id, StrikeOut(reason="Taken back right after it was recorded"))
    return see_other(request, f"/encounters/{stay_id}/assessment", Flash("The screen is taken back.", "blue"))


@post("/encounters/{stay_id:uuid}/risk-answers", permission=WRITE, sync_to_thread=True)
def answer(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Answer what the scores ask."""
    return _do(request, stay_id, (form, instruments.Answers, "ans"),
               lambda work, ask: instruments.answer_all(work, stay_id, ask),
               lambda made: Flash(f"{len(made)} answer{'' if len(made) == 1 else 's'} recorded."))  # fmt: skip


@post("/encounters/{stay_id:uuid}/risk-scores", permission=WRITE, sync_to_thread=True)
def write_score(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Write down a score that was read in another system."""
    return _do(request, stay_id, (form, instruments.AnswerQuestion, "one"),
               lambda work, ask: instruments.answer_question(work, stay_id, ask),
               lambda _: Flash("The score is recorded."))  # fmt: skip


@post("/risk-answers/{answer_id:uuid}/strike-out", permission=WRITE, sync_to_thread=True)
def strike_answer(request: Asked, answer_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take an answer back."""
    stay_id = _stay_of(request, "risk_answer", "id", answer_id)
    return _do(request, stay_id, (form, StrikeOut, f"del{answer_id}"),
               lambda work, ask: instruments.strike_answer(work, answer_id, ask),
               lambda _: Flash("The answer is struck out; the question is open again."))  # fmt: skip


def _stay_of(request: Asked, table: str, column: str, key: uuid.UUID) -> uuid.UUID:
    """The stay to which a record belongs; NotFound outside what the reader may see."""
    with reading(the_viewer(request)) as db:
        found: uuid.UUID | None = db.value(f"select encounter_id from {table} where {column} = %s limit 1", (key,))
        if found is None:
            raise NotFound
        return subject(db, found).encounter_id


ROUTES = [
    show, screen, request_evaluation, override, correct, strike_screen, undo_screen, answer, write_score, strike_answer,
]  # fmt: skip
