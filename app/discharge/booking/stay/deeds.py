"""Requests to payers, answers about conditions, purchases: what their forms on the page of bookings do."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import subject
from app.discharge.booking import payer, purchases
from app.discharge.booking.asks import AskPayer, Buy, Decide, GiveAnswer
from app.discharge.booking.conditions import answers
from app.discharge.booking.stay.pages import bookings_page, where
from app.discharge.booking.terms import DecisionAction
from app.discharge.eligibility.terms import Question
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
WRITE = Permission.REFERRAL_WRITE
Stay = uuid.UUID


class RequestStep(BaseModel):
    """A step of a request to a payer, with its reason."""

    action: DecisionAction
    reason: str = ""


def _carried(request: Asked, deed: Callable[[Work], Any], stay_id: Stay, state: FormState) -> bool:
    """Whether the deed was done; a refusal stands beside its field."""
    try:
        with begin(the_viewer(request)) as work:
            deed(work)
    except Refused as refused:
        state.refuse(refused)
        return False
    return True


def _subject(request: Asked, stay_id: Stay) -> Stay:
    with reading(the_viewer(request)) as db:
        return subject(db, stay_id).encounter_id


@post("/encounters/{stay_id:uuid}/post-acute-requests", permission=WRITE, sync_to_thread=True)
def ask_payer(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record that a payer was asked."""
    stay_id = _subject(request, stay_id)
    ask, state = read_form(AskPayer, form)
    state.id = "ask"
    if ask is not None and _carried(request, lambda work: payer.ask_payer(work, stay_id, ask), stay_id, state):
        return see_other(request, where(stay_id, "payer-asked"), Flash("It is recorded that the payer is asked."))
    return bookings_page(request, stay_id, state)


@post("/post-acute-requests/{post_acute_id:uuid}/answers", permission=WRITE, sync_to_thread=True)
def take_answer(
    request: Asked, post_acute_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record what the payer answered."""
    with reading(the_viewer(request)) as db:
        stay_id = payer.stay_of(db, post_acute_id)
    ask, state = read_form(Decide, form)
    state.id = f"a{post_acute_id}"
    if ask is not None and _carried(request, lambda work: payer.decide(work, post_acute_id, ask), stay_id, state):
        return see_other(request, where(stay_id, "payer-asked"), Flash("The payer's answer is recorded."))
    return bookings_page(request, stay_id, state)


@post("/post-acute-requests/{post_acute_id:uuid}/steps", permission=WRITE, sync_to_thread=True)
def take_request_step(
    request: Asked, post_acute_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Ask again after a denial, withdraw, or strike out."""
    with reading(the_viewer(request)) as db:
        stay_id = payer.stay_of(db, post_acute_id)
    ask, state = read_form(RequestStep, form)
    if ask is None:
        return bookings_page(request, stay_id, state)
    state.id = f"r{ask.action.value}-{post_acute_id}"

    def deed(work: Work) -> None:
        if ask.action is DecisionAction.ASK_AGAIN:
            payer.ask_again(work, post_acute_id, ask.reason)
        elif ask.action in (DecisionAction.WITHDRAW, DecisionAction.STRIKE_OUT):
            payer.end_request(work, post_acute_id, ask.action, ask.reason)
        else:
            raise Refused("Choose a step.", field="reason")

    if _carried(request, deed, stay_id, state):
        return see_other(request, where(stay_id, "payer-asked"), Flash("It is recorded."))
    return bookings_page(request, stay_id, state)


@post("/encounters/{stay_id:uuid}/eligibility/{question:str}", permission=WRITE, sync_to_thread=True)
def give_answer(
    request: Asked, stay_id: FromPath[uuid.UUID], question: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Record what is known about one condition."""
    stay_id, about = _subject(request, stay_id), _question(question)
    ask, state = read_form(GiveAnswer, form)
    state.id = f"q{question}"
    care = form.get("care", "")
    if ask is not None and _carried(
        request, lambda work: answers.record_answer(work, stay_id, about, ask), stay_id, state
    ):
        return see_other(request, _of_care(stay_id, care, question), Flash("The answer is recorded."))
    return bookings_page(request, stay_id, state, care)


@post("/encounters/{stay_id:uuid}/eligibility/{question:str}/end", permission=WRITE, sync_to_thread=True)
def strike_answer(
    request: Asked, stay_id: FromPath[uuid.UUID], question: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Strike an answer out, with the reason."""
    stay_id, about = _subject(request, stay_id), _question(question)
    ask, state = read_form(StrikeOut, form)
    care = form.get("care", "")
    if ask is None:
        state.id = f"e{question}"
        return bookings_page(request, stay_id, state, care)
    with begin(the_viewer(request)) as work:
        answers.take_back(work, stay_id, about, ask.reason)
    return see_other(request, _of_care(stay_id, care, question), Flash("The answer is struck out.", "blue"))


def _question(named: str) -> Question:
    if named not in set(Question):
        raise NotFound("There is no such question.")
    return Question(named)


def _of_care(stay_id: Stay, care: str, question: str) -> str:
    query = f"?care={care}" if care.isidentifier() else ""
    return f"/encounters/{stay_id}/bookings{query}#q-{question}"


@post("/encounters/{stay_id:uuid}/purchases", permission=WRITE, sync_to_thread=True)
def take_purchase(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record that the hospital pays for something."""
    stay_id = _subject(request, stay_id)
    ask, state = read_form(Buy, form)
    state.id = "buy"
    if state.errors.get("price"):
        state.errors["price"] = "Write an amount in dollars, such as 45.50."
    if ask is not None and _carried(request, lambda work: purchases.buy(work, stay_id, ask), stay_id, state):
        return see_other(request, where(stay_id, "bought"), Flash("The purchase is recorded."))
    return bookings_page(request, stay_id, state)


@post("/purchases/{purchase_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def strike_purchase(
    request: Asked, purchase_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Strike a purchase out, with the reason."""
    with reading(the_viewer(request)) as db:
        stay_id = purchases.stay_of(db, purchase_id)
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = f"p{purchase_id}"
        return bookings_page(request, stay_id, state)
    with begin(the_viewer(request)) as work:
        purchases.strike_purchase(work, purchase_id, ask.reason)
    return see_other(request, where(stay_id, "bought"), Flash("The purchase is struck out.", "blue"))


ROUTES = [ask_payer, take_answer, take_request_step, give_answer, strike_answer, take_purchase, strike_purchase]
