"""What is booked for a stay: the page, and the steps of bookings."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import subject
from app.discharge.booking import commands
from app.discharge.booking.asks import Book, Step
from app.discharge.booking.stay import showing
from app.discharge.booking.stay.showing import BY_HAND
from app.discharge.booking.terms import BookingAction, BookingState
from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
SEE, WRITE = Permission.STAY_SEE, Permission.REFERRAL_WRITE
PAGE = "discharge/booking/_bookings.html"


class ChosenStep(BaseModel):
    """Which step is taken."""

    action: BookingAction


@get("/encounters/{stay_id:uuid}/bookings", permission=SEE, sync_to_thread=True)
def show_bookings(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What is booked, what the payer said, what the conditions come to, what the hospital paid."""
    return bookings_page(request, stay_id)


def bookings_page(request: Asked, stay_id: uuid.UUID, form: FormState | None = None, care: str = "") -> Response[bytes]:
    """The page, with a form that could not be carried out."""
    wish = care or str(request.query_params.get("care", ""))
    with reading_then(request, stay_id) as db:
        context = showing.page_context(db, the_viewer(request), stay_id, wish)
    context["form"] = form or FormState(id="none")
    return stay_page(request, uuid.UUID(context["stay_id"]), Part("referrals", PAGE, context, 422 if form else 200))


def where(stay_id: uuid.UUID, place: str) -> str:
    """The address of a part of the page."""
    return f"/encounters/{stay_id}/bookings#{place}"


@post("/encounters/{stay_id:uuid}/bookings", permission=WRITE, sync_to_thread=True)
def take_booking(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Book something, or ask for it."""
    with reading(the_viewer(request)) as db:
        stay_id = subject(db, stay_id).encounter_id
    ask, state = read_form(Book, form)
    state.id = "book"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.make_booking(work, stay_id, ask)
            word = "booked" if made.state == BookingState.BOOKED else "asked for"
            undo = Undo(f"/bookings/{made.booking_id}/reversal")
            return see_other(request, where(stay_id, "bookings"), Flash(f"{made.vendor_name} is {word}.", undo=undo))
        except Refused as refused:
            state.refuse(refused)
    return bookings_page(request, stay_id, state)


@post("/bookings/{booking_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_booking(request: Asked, booking_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was booked a moment ago."""
    ask = Step(note="Taken back right after it was recorded")
    with begin(the_viewer(request)) as work:
        made = commands.take_step(work, booking_id, BookingAction.STRIKE_OUT, ask)
        stay_id = subject(work, made.encounter_id).encounter_id
    return see_other(request, where(stay_id, "bookings"), Flash("The booking is struck out.", "blue"))


@post("/bookings/{booking_id:uuid}/days", permission=WRITE, sync_to_thread=True)
def take_day(request: Asked, booking_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Book what was asked for, or the same for another day."""
    stay_id = _stay_of(request, booking_id)
    ask, state = read_form(Book, form)
    state.id = f"d{booking_id}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.book(work, booking_id, ask)
            return see_other(request, where(stay_id, "bookings"), Flash("The booking stands for that day."))
        except Refused as refused:
            state.refuse(refused)
    return bookings_page(request, stay_id, state)


@post("/bookings/{booking_id:uuid}/steps", permission=WRITE, sync_to_thread=True)
def take_step(request: Asked, booking_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Confirm, call off, note the arrival, ask again, strike out."""
    stay_id = _stay_of(request, booking_id)
    chosen, wrong = read_form(ChosenStep, form)
    if chosen is None or chosen.action not in BY_HAND:
        wrong.errors = {"": "Choose a step."}
        return bookings_page(request, stay_id, wrong)
    ask, state = read_form(Step, form)
    state.id = f"s{chosen.action.value}-{booking_id}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.take_step(work, booking_id, chosen.action, ask)
            return see_other(
                request, where(stay_id, "bookings"), Flash(f"The booking is {BookingState(made.state).label}.")
            )
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    return bookings_page(request, stay_id, state)


def _stay_of(request: Asked, booking_id: uuid.UUID) -> uuid.UUID:
    with reading(the_viewer(request)) as db:
        return commands.stay_of(db, booking_id)


ROUTES = [show_bookings, take_booking, undo_booking, take_day, take_step]
