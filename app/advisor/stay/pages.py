"""The questions of a stay: the tab, the form that puts one (in the row too), and what whoever asked may do."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from pydantic import BaseModel

from app.advisor import commands
from app.advisor.cards.pages import answer_of
from app.advisor.commands import AmendAnswer, PutQuestion, Say, SignAnswer
from app.advisor.models import Escalation
from app.advisor.reacting import TWO_DAYS, USUAL, usual_kind
from app.advisor.stay import showing
from app.advisor.terms import EscalationKind
from app.census.united import Subject, subject
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Work, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import done, see_other, the_viewer, wants_piece
from app.web.stay import FRAME, Part, stay_page

Asked = Request[Any, Any, Any]
ASK, DECIDE = Permission.ESCALATE, Permission.DECIDE
TAB, FORM = "advisor/stay/_questions.html", "advisor/stay/_ask.html"
BY_MISTAKE = "Taken back right after it was asked"
LONG_PAST = 2
"""Days past the expected length of stay from which on the way out is what is usually asked."""


@get("/encounters/{stay_id:uuid}/escalations", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_questions(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Questions with their answers, messages to the attending."""
    return questions_page(request, stay_id)


def questions_page(request: Asked, stay_id: uuid.UUID, state: FormState | None = None, **more: Any) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any."""
    with reading_then(request, stay_id) as db:
        context = showing.tab(db, the_viewer(request), stay_id)
    context |= {"form": state or FormState(id="none"), "link": None} | more
    status = 422 if state is not None else 200
    return stay_page(request, stay_id, Part("escalations", TAB, context, status))


@get("/encounters/{stay_id:uuid}/escalations/new", permission=ASK, sync_to_thread=True)
def show_form(request: Asked, stay_id: FromPath[uuid.UUID], kind: FromQuery[str] = "") -> Response[bytes]:
    """The form for a question, with the one that is usual for the stay."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        chosen = EscalationKind(kind) if kind in set(EscalationKind) else _usual(db, stay)
    given = {"kind": chosen.value, "question": USUAL[chosen]}
    return _form_page(request, stay, FormState(given=given, id=f"a{stay_id}"), 200)


def _usual(db: Reading, stay: Subject) -> EscalationKind:
    query = "select patient_class, coalesce(inpatient_at, start_at), start_at, gmlos from encounter where id = %s"
    patient_class, since, start, gmlos = db.rows(lambda *row: row, query, (stay.encounter_id,))[0]
    young = since is not None and db.now - since < TWO_DAYS
    long = bool(gmlos) and start is not None and db.now - start > timedelta(days=gmlos + LONG_PAST)
    return usual_kind(patient_class, long=long, young=young)


def _form_page(request: Asked, stay: Subject, form: FormState, status: int) -> Response[bytes]:
    context = {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "in_row": wants_piece(request) and request.headers.get("hx-target", FRAME) != FRAME,
        "kinds": [{"value": one.value, "label": one.label} for one in EscalationKind],
    }
    return stay_page(request, stay.encounter_id, Part("escalations", FORM, context, status))


@post("/encounters/{stay_id:uuid}/escalations", permission=ASK, sync_to_thread=True)
def put_question(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put a question."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(PutQuestion, form)
    state.id = f"a{stay_id}"
    made: Escalation | None = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.escalate(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _form_page(request, stay, state, 422)
    text = f"Asked: {made.rung.replace('_', ' ')}."
    back, way_back = f"/encounters/{stay.encounter_id}/escalations", f"/escalations/{made.escalation_id}/reversal"
    return done(
        request, "advisor/stay/_asked.html", discloses=[stay.patient_id], changed=[stay.encounter_id], back=back,
        flash=Flash(text, undo=Undo(way_back)), stay_id=str(stay.encounter_id), text=text, undo=way_back,
    )  # fmt: skip


@post("/escalations/{escalation_id:uuid}/reversal", permission=ASK, sync_to_thread=True)
def undo(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back a question that was put a moment ago."""
    with begin(the_viewer(request)) as work:
        stay_id = commands.strike_out(work, escalation_id, Say(note=BY_MISTAKE)).encounter_id
    where = f"/encounters/{stay_id}/escalations"
    return see_other(request, where, Flash("The question is struck out.", "blue"))


def stay_of(request: Asked, escalation_id: uuid.UUID) -> uuid.UUID:
    """The stay of a question; NotFound outside the viewer's scope."""
    with reading(the_viewer(request)) as db:
        query = "select encounter_id from escalation where escalation_id = %s limit 1"
        found: uuid.UUID | None = db.value(query, (escalation_id,))
    if found is None:
        raise NotFound("There is no such question, or it lies outside what you may see.")
    return found


def _say(
    request: Asked, escalation_id: uuid.UUID, form: FormFields, command: Callable[[Work, uuid.UUID, Say], Any]
) -> Response[bytes]:
    """A step that needs a sentence."""
    return _carry_out(request, escalation_id, (form, Say), command)


def _carry_out(
    request: Asked,
    escalation_id: uuid.UUID,
    given: tuple[FormFields, type[BaseModel]],
    command: Callable[[Work, uuid.UUID, Any], Any],
) -> Response[bytes]:
    fields, shape = given
    stay_id = stay_of(request, escalation_id)
    ask, state = read_form(shape, fields)
    state.id = f"{request.url.path.rsplit('/', 1)[-1][:3]}{escalation_id}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                command(work, escalation_id, ask)
            return see_other(request, f"/encounters/{stay_id}/escalations", Flash("It is recorded."))
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    return questions_page(request, stay_id, state)


@post("/escalations/{escalation_id:uuid}/answer-back", permission=ASK, sync_to_thread=True)
def answer_back(
    request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Give what was asked for."""
    return _say(request, escalation_id, form, commands.answer_back)


@post("/escalations/{escalation_id:uuid}/withdrawal", permission=ASK, sync_to_thread=True)
def withdraw(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that a question is not needed any more, or was put by mistake."""
    command = commands.strike_out if form.get("how") == "struck_out" else commands.withdraw
    return _say(request, escalation_id, form, command)


@post("/escalations/{escalation_id:uuid}/rise", permission=ASK, sync_to_thread=True)
def move_up(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Move a question to the next rung before its time."""
    return _say(request, escalation_id, form, commands.move_up)


@post("/escalations/{escalation_id:uuid}/plan-answer", permission=ASK, sync_to_thread=True)
def answer_plan(
    request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Answer a question about a plan on a rung below the physicians; the command checks who stands there."""
    return _carry_out(request, escalation_id, (answer_of(form), SignAnswer), commands.decide)


@post("/escalations/{escalation_id:uuid}/amendment", permission=ASK, sync_to_thread=True)
def amend(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Sign another version of an answer, with the reason; the command checks who may give it."""
    return _carry_out(request, escalation_id, (answer_of(form), AmendAnswer), commands.amend_decision)


@post("/escalations/{escalation_id:uuid}/strike-out", permission=ASK, sync_to_thread=True)
def strike(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a signed answer out; the question is open again. The command checks who may."""
    return _say(request, escalation_id, form, commands.strike_decision)


ROUTES = [show_questions, show_form, put_question, undo, answer_back, withdraw, move_up, answer_plan, amend, strike]
