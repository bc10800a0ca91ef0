"""Recording a denial, correcting it, speaking about it with the payer, closing it."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import Subject, subject
from app.kernel.refusal import Refused
from app.payers.authorizations.queries import authorizations
from app.payers.authorizations.terms import Channel
from app.payers.denials import commands, queries
from app.payers.denials.forms import AmendDenial, AskTalk, CloseDenial, RecordDenial, Say
from app.payers.denials.queries import DenialVersion
from app.payers.denials.stay.showing import choice_words, options
from app.payers.denials.stay.tab import WRITE, denial_page
from app.payers.denials.terms import DenialKind, RootCause
from app.payers.directory.queries import payers_of
from app.platform.work import Reading, Work, begin, reading
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
C = TypeVar("C", bound=BaseModel)
FORM = "payers/denials/_form.html"
UNDONE = StrikeOut(reason="Taken back right after it was recorded")
_NIGHT = timedelta(days=1)


@get("/encounters/{stay_id:uuid}/denials/new", permission=WRITE, sync_to_thread=True)
def show_form(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form of a new denial."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        status = db.value("select status from encounter where id = %s", (stay.encounter_id,))
    kind = DenialKind.RETROSPECTIVE if status == "discharged" else DenialKind.CONCURRENT
    given = {"kind": kind.value, "channel": "letter", "root_cause": RootCause.UNKNOWN.value}
    viewer = the_viewer(request)
    return _form_page(request, stay, FormState(given=given | {"owner_id": str(viewer.user_id)}))


def _form_page(
    request: Asked, stay: Subject, form: FormState, amends: uuid.UUID | None = None, status: int = 200
) -> Response[bytes]:
    form.id = "d"
    with reading(the_viewer(request)) as db:
        context = _form_context(db, stay, form, amends)
    return stay_page(request, stay.encounter_id, Part("denials", FORM, context, status))


def _form_context(db: Reading, stay: Subject, form: FormState, amends: uuid.UUID | None) -> dict[str, Any]:
    none = [{"value": "", "label": "none"}]
    held = [{"value": str(one.id), "label": f"{one.head.payer} {one.number}".strip()}
            for one in authorizations(db, stay.encounter_id) if one.head.ended_at is None]  # fmt: skip
    return {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "amends": str(amends) if amends else "",
        "payers": [{"value": one.key, "label": one.name}
                   for one in payers_of(db, [stay.encounter_id]).get(stay.encounter_id, [])],
        "kinds": options(list(DenialKind)),
        "channels": options(list(Channel)),
        "causes": options(list(RootCause)),
        "authorizations": none + held,
        "owners": [{"value": "", "label": "nobody yet"},
                   *({"value": one.value, "label": one.label} for one in queries.owners(db, stay))],
        "reviews": none + [{"value": one.value, "label": choice_words(one.label, one.at, stay, db.now)}
                           for one in queries.reviews_of(db, stay.encounter_id)],
        "answers": none + [{"value": one.value, "label": choice_words(one.label, one.at, stay, db.now)}
                           for one in queries.answers_of(db, stay.encounter_id)],
    }  # fmt: skip


@post("/encounters/{stay_id:uuid}/denials", permission=WRITE, sync_to_thread=True)
def take_denial(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a denial."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(RecordDenial, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.record_denial(work, stay_id, ask)
            undo = Undo(f"/denials/{made.denial_id}/reversal")
            return see_other(request, f"/denials/{made.denial_id}", Flash("The denial is recorded.", undo=undo))
        except Refused as refused:
            state.refuse(refused)
    return _form_page(request, stay, state, status=422)


@get("/denials/{denial_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_amendment(request: Asked, denial_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        one = queries.denial(db, denial_id)
        stay = subject(db, one.encounter_id)
    return _form_page(request, stay, _recorded(one, stay), denial_id)


def _recorded(one: DenialVersion, stay: Subject) -> FormState:
    local = one.notice_at.astimezone(stay.zone)
    midnight = (local.hour, local.minute) == (0, 0)
    given = {
        "kind": one.kind, "payer": one.payer_code or one.payer_name,
        "authorization_id": str(one.authorization_id or ""),
        "amount": "" if one.amount is None else f"{one.amount:.2f}", "notice_on": local.date().isoformat(),
        "notice_at": "" if midnight else f"{local:%H:%M}",
        "received_on": one.received_on.isoformat() if one.received_on else "", "channel": one.channel,
        "reference": one.reference, "reason_code": one.reason_code, "reason": one.reason, "root_cause": one.root_cause,
        "root_cause_words": one.root_cause_words, "owner_id": str(one.owner_id or ""),
        "review_id": str(one.review_id or ""), "escalation_id": str(one.escalation_id or ""),
    }  # fmt: skip
    for names, days in zip((("first_day", "last_day"), ("second_first", "second_last")), one.days, strict=False):
        given |= {names[0]: days.first.isoformat(), names[1]: (days.until - _NIGHT).isoformat()}
    return FormState(given=given)


@post("/denials/{denial_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, queries.denial(db, denial_id).encounter_id)
    ask, state = read_form(AmendDenial, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                commands.amend_denial(work, denial_id, ask)
            said = "The denial is corrected; the earlier version stays readable."
            return see_other(request, f"/denials/{denial_id}", Flash(said))
        except Refused as refused:
            state.refuse(refused)
    return _form_page(request, stay, state, denial_id, 422)


def deed(
    request: Asked, denial_id: uuid.UUID, read: tuple[C | None, FormState],
    done: Callable[[Work, C], object], said: Flash,
) -> Response[bytes]:  # fmt: skip
    """Carry out a deed of the denial's page and go back to it; what is refused is shown in its own form there."""
    ask, state = read
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                done(work, ask)
            return see_other(request, f"/denials/{denial_id}", said)
        except Refused as refused:
            state.refuse(refused)
    return denial_page(request, denial_id, state)


def read_deed(command: type[C], form: FormFields, name: str) -> tuple[C | None, FormState]:
    """A form of the denial's page, by the name under which the page shows it."""
    ask, state = read_form(command, form)
    state.id = name
    return ask, state


@post("/denials/{denial_id:uuid}/talk", permission=WRITE, sync_to_thread=True)
def ask_talk(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record that a peer-to-peer talk was asked for."""
    said = Flash("That a talk was asked for is recorded.", undo=Undo(f"/denials/{denial_id}/talk/reversal"))
    return deed(request, denial_id, read_deed(AskTalk, form, "t"),
                lambda work, ask: commands.ask_talk(work, denial_id, ask), said)  # fmt: skip


@post("/denials/{denial_id:uuid}/closing", permission=WRITE, sync_to_thread=True)
def close(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Close the denial."""
    said = Flash("The denial is closed.", undo=Undo(f"/denials/{denial_id}/closing/reversal"))
    return deed(request, denial_id, read_deed(CloseDenial, form, "c"),
                lambda work, ask: commands.close_denial(work, denial_id, ask), said)  # fmt: skip


@post("/denials/{denial_id:uuid}/reopening", permission=WRITE, sync_to_thread=True)
def reopen(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the denial up again."""
    said = Flash("The denial is open again.")
    return deed(request, denial_id, read_deed(Say, form, "o"),
                lambda work, ask: commands.reopen_denial(work, denial_id, ask), said)  # fmt: skip


@post("/denials/{denial_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike the denial out, with the reason."""
    said = Flash("The denial is struck out, and stays readable.")
    return deed(request, denial_id, read_deed(StrikeOut, form, "e"),
                lambda work, ask: commands.strike_denial(work, denial_id, ask), said)  # fmt: skip


@post("/denials/{denial_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        made = commands.strike_denial(work, denial_id, UNDONE)
    return see_other(request, f"/encounters/{made.encounter_id}/denials", Flash("The denial is struck out.", "blue"))


@post("/denials/{denial_id:uuid}/talk/reversal", permission=WRITE, sync_to_thread=True)
def undo_talk(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back that a talk was asked for."""
    with begin(the_viewer(request)) as work:
        commands.forget_asking(work, denial_id, UNDONE)
    return see_other(request, f"/denials/{denial_id}", Flash("No talk is asked for.", "blue"))


@post("/denials/{denial_id:uuid}/closing/reversal", permission=WRITE, sync_to_thread=True)
def undo_closing(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the closing back."""
    with begin(the_viewer(request)) as work:
        commands.reopen_denial(work, denial_id, Say(reason=UNDONE.reason))
    return see_other(request, f"/denials/{denial_id}", Flash("The denial is open again.", "blue"))


ROUTES = [
    show_form, take_denial, show_amendment, amend, ask_talk, undo_talk, close, undo_closing, reopen, strike, undo,
]  # fmt: skip
