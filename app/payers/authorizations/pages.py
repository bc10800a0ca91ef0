"""Asking a payer and recording its answers: forms, corrections, strike-outs. The tab Payer shows what is recorded."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.census.united import Subject, subject
from app.kernel.refusal import Refused
from app.payers.authorizations import commands, drafting, queries
from app.payers.authorizations.forms import AmendAnswer, AmendRequest, AskPayer, Cancel, Received, RecordAnswer
from app.payers.authorizations.queries import answer_version, asked_version
from app.payers.requests.terms import Action
from app.payers.tab import WRITE, payer_page
from app.platform.work import Reading, Work, begin, reading
from app.web.fields import StrikeOut, past_instant
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
Deed = Callable[[Work, uuid.UUID, StrikeOut], object]
UNDONE = StrikeOut(reason="Taken back right after it was recorded")
REQUEST, ANSWER = "payers/_request.html", "payers/_answer.html"


def tab_of(stay: Subject) -> str:
    """The address of the tab."""
    return f"/encounters/{stay.encounter_id}/payer"


@get("/encounters/{stay_id:uuid}/authorizations/new", permission=WRITE, sync_to_thread=True)
def show_request(request: Asked, stay_id: FromPath[uuid.UUID], of: FromQuery[str] = "") -> Response[bytes]:
    """The form of the next request: of a new authorization, or of the one that `of` names (`last`: the latest)."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        form = drafting.request_form(db, stay, drafting.first_living(db, stay, of) if of else None)
    return _request_page(request, stay, form)


def _request_page(
    request: Asked, stay: Subject, form: FormState, amends: uuid.UUID | None = None, status: int = 200
) -> Response[bytes]:
    form.id = "q"
    with reading(the_viewer(request)) as db:
        context = drafting.request_context(db, stay, form, amends)
    return stay_page(request, stay.encounter_id, Part("payer", REQUEST, context, status))


@post("/encounters/{stay_id:uuid}/authorizations", permission=WRITE, sync_to_thread=True)
def ask_payer(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record that the payer was asked."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(AskPayer, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.request_authorization(work, stay_id, ask)
            undo = Undo(f"/payer-requests/{made.request_id}/reversal")
            return see_other(request, tab_of(stay), Flash("The request is recorded.", undo=undo))
        except Refused as refused:
            state.refuse(refused)
    return _request_page(request, stay, state, status=422)


@get("/payer-requests/{request_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_request_amendment(request: Asked, request_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        stay, one = _stay_of_request(db, request_id), asked_version(db, request_id)
    return _request_page(request, stay, drafting.of_request(one, stay), request_id)


@post("/payer-requests/{request_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend_request(
    request: Asked, request_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record another version of a request, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = _stay_of_request(db, request_id)
    ask, state = read_form(AmendRequest, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                commands.amend_request(work, request_id, ask)
            said = "The request is corrected; the earlier version stays readable."
            return see_other(request, tab_of(stay), Flash(said))
        except Refused as refused:
            state.refuse(refused)
    return _request_page(request, stay, state, request_id, 422)


@get("/encounters/{stay_id:uuid}/payer-answers/new", permission=WRITE, sync_to_thread=True)
def show_answer(request: Asked, stay_id: FromPath[uuid.UUID], of: FromQuery[str] = "") -> Response[bytes]:
    """The form of an answer: to what `of` names, else to what waits for one."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        form = drafting.answer_form(db, stay, drafting.first_living(db, stay, of))
    return _answer_page(request, stay, form)


def _answer_page(
    request: Asked, stay: Subject, form: FormState, amends: uuid.UUID | None = None, status: int = 200
) -> Response[bytes]:
    form.id = "w"
    with reading(the_viewer(request)) as db:
        context = drafting.answer_context(db, stay, form, amends)
    return stay_page(request, stay.encounter_id, Part("payer", ANSWER, context, status))


@post("/encounters/{stay_id:uuid}/payer-answers", permission=WRITE, sync_to_thread=True)
def take_answer(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what the payer answered."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(RecordAnswer, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = _record(work, stay, ask)
            undo = Undo(f"/payer-answers/{made}/reversal")
            return see_other(request, tab_of(stay), Flash("The answer is recorded.", undo=undo))
        except Refused as refused:
            state.refuse(refused)
    return _answer_page(request, stay, state, status=422)


def _record(work: Work, stay: Subject, ask: RecordAnswer) -> uuid.UUID:
    decision, received = ask.decision(), _received(ask, stay, work)
    if ask.authorization_id is not None:
        held = queries.authorization(work, ask.authorization_id)
        if subject(work, held.head.encounter_id).encounter_id != stay.encounter_id:
            raise Refused("This authorization belongs to another stay. Reload the page and look again.")
        return commands.record_decision(work, ask.authorization_id, decision, received).decision_id
    if ask.action is not Action.NOT_REQUIRED:
        raise Refused("Nothing was asked yet. Record the request first, then its answer.", field="action")
    return commands.say_not_required(work, stay.encounter_id, ask.payer, decision, received).decision_id


def _received(ask: RecordAnswer, stay: Subject, work: Work) -> Received:
    at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    return Received(at=at, channel=ask.channel, from_whom=ask.from_whom, request_id=ask.request_id)


@get("/payer-answers/{decision_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_answer_amendment(request: Asked, decision_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        stay, one = _stay_of_answer(db, decision_id), answer_version(db, decision_id)
    return _answer_page(request, stay, drafting.of_answer(one, stay), decision_id)


@post("/payer-answers/{decision_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend_answer(
    request: Asked, decision_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record another version of an answer, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = _stay_of_answer(db, decision_id)
        before = answer_version(db, decision_id)
    ask, state = read_form(AmendAnswer, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                at = past_instant(ask.on, ask.at, work.now, stay.zone, before.received_at)
                received = Received(at=at, channel=ask.channel, from_whom=ask.from_whom, request_id=ask.request_id)
                commands.amend_decision(work, decision_id, ask.decision(), received, ask.because)
            said = "The answer is corrected; the earlier version stays readable."
            return see_other(request, tab_of(stay), Flash(said))
        except Refused as refused:
            state.refuse(refused)
    return _answer_page(request, stay, state, decision_id, 422)


@post("/payer-requests/{request_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def end_request(request: Asked, request_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a request out, with the reason."""
    with reading(the_viewer(request)) as db:
        stay = _stay_of_request(db, request_id)
    return _strike(request, stay, form, (commands.strike_request, request_id))


@post("/payer-answers/{decision_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def end_answer(request: Asked, decision_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike an answer out, with the reason."""
    with reading(the_viewer(request)) as db:
        stay = _stay_of_answer(db, decision_id)
    return _strike(request, stay, form, (commands.strike_decision, decision_id))


@post("/authorizations/{authorization_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def end_authorization(
    request: Asked, authorization_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Strike a whole authorization out, with the reason."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, queries.authorization(db, authorization_id).head.encounter_id)
    return _strike(request, stay, form, (commands.strike_authorization, authorization_id))


def _strike(request: Asked, stay: Subject, form: FormFields, what: tuple[Deed, uuid.UUID]) -> Response[bytes]:
    ask, state = read_form(StrikeOut, form)
    deed, key = what
    state.id = f"e{key}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                deed(work, key, ask)
            return see_other(request, tab_of(stay), Flash("It is struck out, and stays readable."))
        except Refused as refused:
            state.refuse(refused)
    return payer_page(request, stay.encounter_id, state)


@post("/authorizations/{authorization_id:uuid}/withdrawal", permission=WRITE, sync_to_thread=True)
def withdraw(
    request: Asked, authorization_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Withdraw what was asked."""
    ask, state = read_form(Cancel, form)
    with reading(the_viewer(request)) as db:
        stay = subject(db, queries.authorization(db, authorization_id).head.encounter_id)
    if ask is None:
        state.id = f"c{authorization_id}"
        return payer_page(request, stay.encounter_id, state)
    with begin(the_viewer(request)) as work:
        made = commands.cancel_authorization(work, authorization_id, ask)
    undo = Undo(f"/payer-requests/{made.request_id}/reversal")
    return see_other(request, tab_of(stay), Flash("The request is withdrawn.", undo=undo))


@post("/payer-requests/{request_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_request(request: Asked, request_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        stay = _stay_of_request(work, request_id)
        commands.strike_request(work, request_id, UNDONE)
    return see_other(request, tab_of(stay), Flash("The request is struck out.", "blue"))


@post("/payer-answers/{decision_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_answer(request: Asked, decision_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        stay = _stay_of_answer(work, decision_id)
        commands.strike_decision(work, decision_id, UNDONE)
    return see_other(request, tab_of(stay), Flash("The answer is struck out.", "blue"))


def _stay_of_request(db: Reading, request_id: uuid.UUID) -> Subject:
    held = queries.authorization(db, asked_version(db, request_id).authorization_id)
    return subject(db, held.head.encounter_id)


def _stay_of_answer(db: Reading, decision_id: uuid.UUID) -> Subject:
    held = queries.authorization(db, answer_version(db, decision_id).authorization_id)
    return subject(db, held.head.encounter_id)


ROUTES = [
    show_request, ask_payer, show_request_amendment, amend_request, show_answer, take_answer, show_answer_amendment,
    amend_answer, end_request, end_answer, end_authorization, withdraw, undo_request, undo_answer,
]  # fmt: skip
