"""The notices of a stay: the tab, the form to deliver one (in the row too), correcting and striking out."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.census.united import Subject, subject
from app.clocks.terms import Copy, NoticeKind
from app.kernel.refusal import Refused
from app.notices import commands, queries, rules, showing
from app.notices.appeals.showing import appeals_context
from app.notices.commands import AmendDelivery, DeliverNotice, EndDelivery, SetCoveredDay
from app.notices.forms.queries import form_in_use
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import done, see_other, the_viewer, wants_piece
from app.web.stay import FRAME, Part, stay_page

Asked = Request[Any, Any, Any]
DELIVER, STRIKE = Permission.NOTICE_DELIVER, Permission.NOTICE_STRIKE
TAB, FORM = "notices/_notices.html", "notices/_deliver.html"


@get("/encounters/{stay_id:uuid}/notices", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_notices(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What is owed, what was delivered, and the appeals."""
    return notices_page(request, stay_id)


def notices_page(request: Asked, stay_id: uuid.UUID, state: FormState | None = None) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any."""
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        context = tab(db, viewer, stay_id)
    context["form"] = state or FormState(id="covered")
    return stay_page(request, stay_id, Part("notices", TAB, context, 422 if state else 200))


def tab(db: Reading, viewer: Viewer, stay_id: uuid.UUID) -> dict[str, Any]:
    """What the tab shows."""
    stay = subject(db, stay_id)
    now_shown = db.as_of is None
    here = {one for one in (DELIVER, STRIKE) if stay.facility_id in viewer.facilities_with(one)}
    context = showing.tab_context(
        db, stay, may_deliver=now_shown and DELIVER in here, may_strike=now_shown and STRIKE in here
    )
    return context | appeals_context(db, stay)


@get("/encounters/{stay_id:uuid}/notices/new", permission=DELIVER, sync_to_thread=True)
def show_form(
    request: Asked, stay_id: FromPath[uuid.UUID], kind: FromQuery[str] = "", copy: FromQuery[str] = ""
) -> Response[bytes]:
    """The form for one notice; without a kind, for the one that is owed next."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        form = FormState()
        if kind:
            form = showing.usual(*showing.named(FormState(given={"kind": kind, "which_copy": copy})), db, stay)
        elif (owed := queries.next_owed(queries.notices_owed(db, stay_id), db.now)) is not None:
            form = showing.usual(owed.kind, owed.copy, db, stay)
    return _form_page(request, stay, form, 200)


def _form_page(request: Asked, stay: Subject, form: FormState, status: int) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        context = _form_context(request, db, stay, form)
    return stay_page(request, stay.encounter_id, Part("notices", FORM, context, status))


def _form_context(request: Asked, db: Reading, stay: Subject, form: FormState) -> dict[str, Any]:
    context = showing.form_context(form, stay, stay.encounter_id)
    owed = queries.notices_owed(db, stay.encounter_id)
    mine = [showing.owed_words(one, db, stay) for one in owed or ()]
    kind, copy = showing.named(form)
    return context | {
        "in_row": wants_piece(request) and request.headers.get("hx-target", FRAME) != FRAME,
        "nothing": not form.given,
        "quick": kind not in rules.SAY_MORE,
        "action": f"/encounters/{stay.encounter_id}/notices",
        "amends": "",
        "mine": [one for one in mine if (one["kind"], one["copy"]) == (kind.value, copy.value if copy else "")],
        "choices": _choices(mine),
        "official": form_in_use(db, stay.facility_id, kind, db.now.astimezone(stay.zone).date()),
    }


def _choices(owed: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Every notice that can be given; those that are owed come first and say so."""
    first = [
        {"kind": one["kind"], "copy": one["copy"], "name": one["name"], "due": "due"} for one in owed if one["open"]
    ]
    taken = {(one["kind"], one["copy"]) for one in first}
    copies: list[tuple[NoticeKind, Copy | None]] = [(NoticeKind.IM, copy) for copy in Copy]
    rest = [*copies, *((kind, None) for kind in rules.DELIVERABLE if kind is not NoticeKind.IM)]
    return first + [
        {"kind": kind.value, "copy": copy.value if copy else "", "name": rules.name_of(kind, copy), "due": ""}
        for kind, copy in rest
        if (kind.value, copy.value if copy else "") not in taken
    ]


@post("/encounters/{stay_id:uuid}/notices", permission=DELIVER, sync_to_thread=True)
def deliver(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a delivery."""
    viewer = the_viewer(request)
    ask, state = read_form(DeliverNotice, form)
    made = None
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.deliver_notice(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _form_page(request, stay, state, 422)
    return _delivered(request, stay, made.delivery_id)


def _delivered(request: Asked, stay: Subject, delivery_id: uuid.UUID) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        one = queries.version(db, delivery_id)
        text = showing.said_done(one, stay, db.now)
        after = queries.next_owed(queries.notices_owed(db, stay.encounter_id), db.now)
    back, way_back = f"/encounters/{stay.encounter_id}/notices", f"/deliveries/{delivery_id}/reversal"
    return done(
        request, "notices/_delivered.html", discloses=[stay.patient_id], changed=[stay.encounter_id], back=back,
        flash=Flash(text, undo=Undo(way_back)), stay_id=str(stay.encounter_id), text=text, undo=way_back,
        after=rules.name_of(after.kind, after.copy) if after else "",
    )  # fmt: skip


@post("/deliveries/{delivery_id:uuid}/reversal", permission=STRIKE, sync_to_thread=True)
def undo(request: Asked, delivery_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago: it is struck out with that reason, and owed again."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        held = commands.end_delivery(work, delivery_id, EndDelivery(reason="Taken back right after it was recorded"))
        stay = subject(work, held.encounter_id)
    if not wants_piece(request):
        back = Flash("The delivery is struck out; the notice is owed again.", "blue")
        return see_other(request, f"/encounters/{stay.encounter_id}/notices", back)
    with reading(viewer) as db:
        again = showing.usual(
            *showing.named(FormState(given={"kind": held.kind, "which_copy": held.which_copy})), db, stay
        )
    return _form_page(request, stay, again, 200)


@get("/deliveries/{delivery_id:uuid}/amendment", permission=DELIVER, sync_to_thread=True)
def show_amendment(request: Asked, delivery_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        one = queries.version(db, delivery_id)
        stay = subject(db, one.encounter_id)
    return _amendment_page(request, stay, delivery_id, showing.of_version(one, stay), 200)


def _amendment_page(
    request: Asked, stay: Subject, delivery_id: uuid.UUID, form: FormState, status: int
) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        context = _form_context(request, db, stay, form)
    context |= {
        "action": f"/deliveries/{delivery_id}/versions",
        "amends": str(delivery_id),
        "nothing": False,
        "quick": False,
    }
    return stay_page(request, stay.encounter_id, Part("notices", FORM, context, status))


@post("/deliveries/{delivery_id:uuid}/versions", permission=DELIVER, sync_to_thread=True)
def amend(request: Asked, delivery_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version of a delivery, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, queries.version(db, delivery_id).encounter_id)
    ask, state = read_form(AmendDelivery, form)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.amend_delivery(work, delivery_id, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    if made is None:
        return _amendment_page(request, stay, delivery_id, state, 422)
    where = f"/encounters/{stay.encounter_id}/notices"
    return see_other(request, where, Flash("The delivery is corrected; the earlier version stays readable."))


@post("/deliveries/{delivery_id:uuid}/end", permission=STRIKE, sync_to_thread=True)
def end(request: Asked, delivery_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a delivery out, or declare it void, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, queries.version(db, delivery_id).encounter_id)
    ask, state = read_form(EndDelivery, form)
    if ask is None:
        state.id = f"e{delivery_id}"
        return notices_page(request, stay.encounter_id, state)
    with begin(viewer) as work:
        commands.end_delivery(work, delivery_id, ask)
    text = "The delivery is struck out." if ask.how.value == "struck_out" else "The notice is void."
    return see_other(
        request, f"/encounters/{stay.encounter_id}/notices", Flash(f"{text} What it closed is owed again.")
    )


@post("/encounters/{stay_id:uuid}/last-covered-day", permission=DELIVER, sync_to_thread=True)
def set_last_day(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set, change or take away the last covered day of a swing-bed stay."""
    ask, state = read_form(SetCoveredDay, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.set_covered_day(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if state.errors or ask is None:
        with reading(the_viewer(request)) as db:
            subject(db, stay_id)
        state.id = "covered"
        return notices_page(request, stay_id, state)
    text = "The last covered day is recorded." if ask.last_day else "The last covered day is taken away."
    return see_other(request, f"/encounters/{stay_id}/notices", Flash(text))


ROUTES = [show_notices, show_form, deliver, undo, show_amendment, amend, end, set_last_day]
