"""The avoidable days of a stay: its part of the page, recording a day or a delay, correcting, striking out."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.avoidable_days import commands, queries, showing, stay
from app.avoidable_days.commands import AmendDay, RecordDay, RecordDelay
from app.avoidable_days.models import AvoidableDay, AvoidableDelay
from app.avoidable_days.reasons.queries import dictionary
from app.census.united import Subject, subject
from app.kernel.days import written_day
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import done, local_address, see_other, the_viewer, wants_piece
from app.web.stay import FRAME, Part, stay_page

Asked = Request[Any, Any, Any]
RECORD = Permission.AVOIDABLE_DAY_RECORD
TAB = "days"
DAYS, FORM, DELAY = "avoidable_days/_days.html", "avoidable_days/_entry.html", "avoidable_days/_delay.html"
DRAFTS = "/avoidable-days/drafts"
TAKEN_BACK = StrikeOut(reason="Taken back right after it was recorded")


def _where(stay_id: uuid.UUID) -> str:
    return f"/encounters/{stay_id}/avoidable-days"


@get("/encounters/{stay_id:uuid}/avoidable-days", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_days(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What is recorded, what is proposed, and the delays of hours."""
    return _days_page(request, stay_id)


def _days_page(request: Asked, stay_id: uuid.UUID, state: FormState | None = None) -> Response[bytes]:
    with reading_then(request, stay_id) as db:
        context = stay.days_context(db, the_viewer(request), stay_id)
    if state is not None:
        context["form"] = state
    return stay_page(request, stay_id, Part(TAB, DAYS, context, 200 if state is None else 422))


# --- a day -----------------------------------------------------------------------------------------------------------


@get("/encounters/{stay_id:uuid}/avoidable-days/new", permission=RECORD, sync_to_thread=True)
def show_form(
    request: Asked, stay_id: FromPath[uuid.UUID], day: FromQuery[str] = "", back: FromQuery[str] = ""
) -> Response[bytes]:
    """The form for one day; without a day, for the last midnight that was lost and has no reason."""
    with reading(the_viewer(request)) as db:
        found = subject(db, stay_id)
        form = stay.usual(db, found, written_day(day))
    return _form_page(request, found, _Form(form, _where(found.encounter_id), back))


class _Form:
    """A form as it is drawn: its values, where it goes, what it leads back to, and which entry it corrects."""

    def __init__(self, state: FormState, action: str, back: str = "", amends: str = "", status: int = 200) -> None:
        self.state, self.action, self.back, self.amends, self.status = state, action, back, amends, status


def _form_page(request: Asked, found: Subject, one: _Form) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        context = stay.form_context(db, viewer, found, one.state)
    context |= {
        "action": one.action,
        "amends": one.amends,
        "back": local_address(one.back, "") if one.back else "",
        "in_row": wants_piece(request) and request.headers.get("hx-target", FRAME) != FRAME,
    }
    return stay_page(request, found.encounter_id, Part(TAB, FORM, context, one.status))


@post("/encounters/{stay_id:uuid}/avoidable-days", permission=RECORD, sync_to_thread=True)
def record(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a reason for a day."""
    viewer = the_viewer(request)
    ask, state = read_form(RecordDay, form)
    with reading(viewer) as db:
        found = subject(db, stay_id)
    back = form.get("back", "")
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.record_day(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _form_page(request, found, _Form(state, _where(found.encounter_id), back, status=422))
    return _carried_out(request, found, made, back)


def _carried_out(request: Asked, found: Subject, made: AvoidableDay, back: str) -> Response[bytes]:
    viewer = the_viewer(request)
    way_back = f"/avoidable-days/entry-versions/{made.id}/reversal"
    with reading(viewer) as db:
        text = showing.recorded_text(made.day, made.code, showing.today_of(db, found))
        after = stay.usual(db, found, None).given
    flash = Flash(text, undo=Undo(way_back))
    if back:
        return see_other(request, local_address(back, DRAFTS), flash)
    return done(
        request, "avoidable_days/_recorded.html", discloses=[found.patient_id], changed=[found.encounter_id],
        back=_where(found.encounter_id), flash=flash, stay_id=str(found.encounter_id), text=text, undo=way_back,
        after=after.get("day", "") if after.get("day") != made.day.isoformat() else "",
    )  # fmt: skip


@post("/avoidable-days/entry-versions/{entry_version_id:uuid}/reversal", permission=RECORD, sync_to_thread=True)
def undo(request: Asked, entry_version_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago: it is struck out with that reason."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        held = commands.take_back_day(work, entry_version_id, TAKEN_BACK)
    with reading(viewer) as db:
        found = subject(db, held.encounter_id)
        if wants_piece(request):
            again = stay.usual(db, found, held.day)
    if wants_piece(request):
        return _form_page(request, found, _Form(again, _where(found.encounter_id)))
    text = Flash("The entry is struck out; the day has no reason again.", "blue")
    return see_other(request, _where(found.encounter_id), text)


@get("/avoidable-days/entries/{entry_id:uuid}/amendment", permission=RECORD, sync_to_thread=True)
def show_amendment(request: Asked, entry_id: FromPath[uuid.UUID], back: FromQuery[str] = "") -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        one = queries.entry(db, entry_id)
        found = subject(db, one.encounter_id)
        form = stay.of_entry(one, dictionary(db, found.facility_id, one.day))
    return _form_page(request, found, _Form(form, _versions(entry_id), back, str(entry_id)))


def _versions(entry_id: uuid.UUID) -> str:
    return f"/avoidable-days/entries/{entry_id}/versions"


@post("/avoidable-days/entries/{entry_id:uuid}/versions", permission=RECORD, sync_to_thread=True)
def amend(request: Asked, entry_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version of an entry, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        found = subject(db, queries.entry(db, entry_id).encounter_id)
    ask, state = read_form(AmendDay, form)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.amend_day(work, entry_id, ask)
        except Refused as refused:
            state.refuse(refused)
    back = form.get("back", "")
    if made is None:
        return _form_page(request, found, _Form(state, _versions(entry_id), back, str(entry_id), 422))
    text = "The entry is corrected; the earlier version stays readable."
    return done(
        request, "avoidable_days/_recorded.html", discloses=[found.patient_id], changed=[found.encounter_id],
        back=local_address(back, _where(found.encounter_id)), flash=Flash(text), stay_id=str(found.encounter_id),
        text=text, undo="", after="",
    )  # fmt: skip


@post("/avoidable-days/entries/{entry_id:uuid}/end", permission=RECORD, sync_to_thread=True)
def strike(request: Asked, entry_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike an entry out, with the reason."""

    def key(db: Reading) -> uuid.UUID:
        return queries.entry(db, entry_id).encounter_id

    return _struck(
        request, form, _Striking(key, lambda work, ask: commands.strike_day(work, entry_id, ask), f"e{entry_id}")
    )


# --- delays of hours -------------------------------------------------------------------------------------------------


@get("/encounters/{stay_id:uuid}/avoidable-delays/new", permission=RECORD, sync_to_thread=True)
def show_delay_form(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form for a delay of hours."""
    with reading(the_viewer(request)) as db:
        found = subject(db, stay_id)
        today = showing.today_of(db, found).isoformat()
    return _delay_page(request, found, FormState(given={"since_on": today, "until_on": today}), 200)


def _delay_page(request: Asked, found: Subject, state: FormState, status: int) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        context = stay.form_context(db, viewer, found, state)
    state.id = f"h{found.encounter_id}"
    return stay_page(request, found.encounter_id, Part(TAB, DELAY, context, status))


@post("/encounters/{stay_id:uuid}/avoidable-delays", permission=RECORD, sync_to_thread=True)
def record_delay(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a delay of hours."""
    viewer = the_viewer(request)
    ask, state = read_form(RecordDelay, form)
    with reading(viewer) as db:
        found = subject(db, stay_id)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.record_delay(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _delay_page(request, found, state, 422)
    undoing = Undo(f"/avoidable-days/delays/{made.id}/reversal")
    return see_other(request, _where(found.encounter_id), Flash("The delay is recorded.", undo=undoing))


@post("/avoidable-days/delays/{delay_id:uuid}/reversal", permission=RECORD, sync_to_thread=True)
def undo_delay(request: Asked, delay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back a delay that was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        held = commands.strike_delay(work, delay_id, TAKEN_BACK)
    return see_other(request, _where(held.encounter_id), Flash("The delay is struck out.", "blue"))


@post("/avoidable-days/delays/{delay_id:uuid}/end", permission=RECORD, sync_to_thread=True)
def strike_delay(request: Asked, delay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a delay out, with the reason."""

    def key(db: Reading) -> uuid.UUID:
        return queries.delay(db, delay_id).encounter_id

    return _struck(
        request, form, _Striking(key, lambda work, ask: commands.strike_delay(work, delay_id, ask), f"e{delay_id}")
    )


class _Striking:
    """What is struck out: the stay that it belongs to, the deed, and the form on the page."""

    def __init__(
        self,
        stay_of: Callable[[Reading], uuid.UUID],
        deed: Callable[[Work, StrikeOut], AvoidableDay | AvoidableDelay],
        form_id: str,
    ) -> None:
        self.stay_of, self.deed, self.form_id = stay_of, deed, form_id


def _struck(request: Asked, form: FormFields, one: _Striking) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay_id = one.stay_of(db)
    ask, state = read_form(StrikeOut, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                one.deed(work, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        state.id = one.form_id
        return _days_page(request, stay_id, state)
    return see_other(request, _where(stay_id), Flash("It is struck out and stays readable."))


ROUTES = [
    show_days, show_form, record, undo, show_amendment, amend, strike, show_delay_form, record_delay, undo_delay,
    strike_delay,
]  # fmt: skip
