"""The tab Referrals of a stay, and what may be done with one referral or one need."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.discharge.referrals import commands, queries
from app.discharge.referrals.asks import CloseNeed, Decline, Say, Told, Why
from app.discharge.referrals.commands import Outcome
from app.discharge.referrals.following import answering, closing
from app.discharge.referrals.following.answering import How
from app.discharge.referrals.mail.sending import post_again
from app.discharge.referrals.models import ReferralPacket
from app.discharge.referrals.stay import showing
from app.discharge.referrals.steps import held_need, patient_of
from app.discharge.referrals.terms import Channel
from app.discharge.referrals.widening.duty import widen
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.past.reading import reading_then
from app.web.render import see_other, show, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
SEE, WRITE = Permission.STAY_SEE, Permission.REFERRAL_WRITE
NO_PACKET = "There is no such packet, or it lies outside what you may see."
TAB = "discharge/referrals/_tab.html"
Deed = Callable[[Work, Any], Any]


class Nothing(BaseModel):
    """A deed that asks nothing more."""


@get("/encounters/{stay_id:uuid}/referrals", permission=SEE, sync_to_thread=True)
def show_referrals(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Needs with their vendors, conversations, packets, consents."""
    return referrals_page(request, stay_id)


def referrals_page(
    request: Asked, stay_id: uuid.UUID, form: FormState | None = None, made: Outcome | None = None
) -> Response[bytes]:
    """The tab, with a form that could not be carried out, or with links that are shown once."""
    with reading_then(request, stay_id) as db:
        context = showing.tab(db, the_viewer(request), stay_id)
        query = f"?{request.url.query}" if db.as_of is not None else ""
    address = request.app.state.settings.public_url or f"{request.base_url}".rstrip("/")
    sent, keys = (made.sent, made.keys) if made else ([], {})
    links = [
        {"vendor": one.vendor_name, "address": f"{address}/referral/{keys[one.referral_id]}"}
        for one in sent
        if one.referral_id in keys
    ]
    context |= {
        "form": form or FormState(id="none"), "links": links, "as_of": query,
        "left_out": len(made.left_out) if made else 0, "mailed_now": made.mailed if made else 0,
        "sent_now": len(sent),
    }  # fmt: skip
    part = Part("referrals", TAB, context, 422 if form is not None and form.errors else 200)
    return stay_page(request, stay_id, part)


def _name(request: Asked) -> str:
    return the_viewer(request).display_name


def _carry_out(
    request: Asked, given: tuple[FormFields, type[BaseModel]], stay_id: uuid.UUID, deed: Deed
) -> Response[bytes]:
    """Read a form, do what it says, and show the tab; links that nobody was mailed are shown once."""
    fields, shape = given
    ask, state = read_form(shape, fields)
    state.id = fields.get("form_id", "none")
    if ask is None:
        return referrals_page(request, stay_id, state)
    try:
        with begin(the_viewer(request)) as work:
            found = deed(work, ask)
    except Refused as refused:
        return referrals_page(request, stay_id, state.refuse(refused))
    if isinstance(found, Outcome) and (found.keys or found.left_out):
        return referrals_page(request, stay_id, made=found)
    return see_other(request, f"/encounters/{stay_id}/referrals", Flash("It is recorded."))


def _of_referral(request: Asked, referral_id: uuid.UUID, form: FormFields, what: tuple[type[BaseModel], Any]) -> Any:
    with reading(the_viewer(request)) as db:
        stay_id = queries.referral(db, referral_id).encounter_id
    shape, deed = what
    return _carry_out(request, (form, shape), stay_id, lambda work, ask: deed(work, referral_id, ask))


def _of_need(request: Asked, request_id: uuid.UUID, form: FormFields, what: tuple[type[BaseModel], Any]) -> Any:
    with reading(the_viewer(request)) as db:
        stay_id = queries.need(db, request_id).encounter_id
    shape, deed = what
    return _carry_out(request, (form, shape), stay_id, lambda work, ask: deed(work, request_id, ask))


@post("/referrals/{referral_id:uuid}/sending", permission=WRITE, sync_to_thread=True)
def send_it(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Send a proposal, or ask a vendor anew."""
    by = _name(request)
    return _of_referral(request, referral_id, form, (Nothing, lambda work, key, _: commands.send_again(work, key, by)))


@post("/referrals/{referral_id:uuid}/reminder", permission=WRITE, sync_to_thread=True)
def remind(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Ask again for the answer."""
    return _of_referral(request, referral_id, form, (Nothing, lambda work, key, _: commands.remind(work, key)))


@post("/referrals/{referral_id:uuid}/reply", permission=WRITE, sync_to_thread=True)
def reply(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Answer a question of the vendor."""
    by = _name(request)
    return _of_referral(request, referral_id, form, (Say, lambda work, key, ask: commands.reply(work, key, ask, by)))


@post("/referrals/{referral_id:uuid}/told", permission=WRITE, sync_to_thread=True)
def told(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what the vendor answered by telephone or on paper."""
    return _of_referral(request, referral_id, form, (Told, answering.record_told))


@post("/referrals/{referral_id:uuid}/withdrawal", permission=WRITE, sync_to_thread=True)
def withdraw(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record by telephone that the vendor takes its acceptance back."""
    what = (Decline, lambda work, key, ask: answering.withdraw(work, key, ask, How(Channel.PHONE)))
    return _of_referral(request, referral_id, form, what)


@post("/referrals/{referral_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def take_back(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that an answer was recorded by mistake."""
    return _of_referral(request, referral_id, form, (Why, commands.take_back))


@post("/referrals/{referral_id:uuid}/cancellation", permission=WRITE, sync_to_thread=True)
def cancel(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Do not ask this vendor any more."""
    return _of_referral(request, referral_id, form, (Why, commands.cancel))


@post("/referrals/{referral_id:uuid}/reopening", permission=WRITE, sync_to_thread=True)
def reopen(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let a closed referral stand again as it did."""
    return _of_referral(request, referral_id, form, (Nothing, lambda work, key, _: closing.reopen_one(work, key)))


@post("/referrals/{referral_id:uuid}/links", permission=WRITE, sync_to_thread=True)
def make_link(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """A link to be sent by hand, shown once."""
    return _of_referral(request, referral_id, form, (Nothing, lambda work, key, _: commands.link_by_hand(work, key)))


@post("/referrals/{referral_id:uuid}/links/end", permission=WRITE, sync_to_thread=True)
def end_links(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Close every link of a referral."""
    return _of_referral(request, referral_id, form, (Nothing, lambda work, key, _: commands.revoke_links(work, key)))


@post("/referrals/{referral_id:uuid}/mails", permission=WRITE, sync_to_thread=True)
def mail_again(request: Asked, referral_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Write to the vendor anew."""
    return _of_referral(request, referral_id, form, (Nothing, lambda work, key, _: post_again(work, key)))


@post("/referral-requests/{need_id:uuid}/packets", permission=WRITE, sync_to_thread=True)
def update_packet(request: Asked, need_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Send the same vendors a newer packet."""
    by = _name(request)
    return _of_need(request, need_id, form, (Nothing, lambda work, key, _: commands.update_packet(work, key, by)))


@post("/referral-requests/{need_id:uuid}/widening", permission=WRITE, sync_to_thread=True)
def widen_it(request: Asked, need_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Propose the next vendors of the same search before the time is over."""
    by = _name(request)
    what = (Nothing, lambda work, key, _: widen(work, held_need(work, key), by))
    return _of_need(request, need_id, form, what)


@post("/referral-requests/{need_id:uuid}/closing", permission=WRITE, sync_to_thread=True)
def close(request: Asked, need_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Close a need with everything that was asked about it."""
    return _of_need(request, need_id, form, (CloseNeed, commands.close_by_hand))


@post("/referral-requests/{need_id:uuid}/reopening", permission=WRITE, sync_to_thread=True)
def reopen_need(request: Asked, need_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Open a need again that was closed too early."""
    what = (Nothing, lambda work, key, _: closing.reopen_by_hand(work, key))
    return _of_need(request, need_id, form, what)


@get("/referral-packets/{referral_packet_id:uuid}", permission=SEE, sync_to_thread=True)
def show_packet(request: Asked, referral_packet_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """A packet as it was sent, to the byte."""
    with begin(the_viewer(request)) as work:
        found = work.get(ReferralPacket, referral_packet_id, NO_PACKET)
        patient = patient_of(work, found.encounter_id)
    show(request, [patient], kind="export", detail="referral packet")
    headers = {"Content-Disposition": 'inline; filename="referral-packet.pdf"', "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff", "ETag": f'"{found.file_digest}"'}  # fmt: skip
    return Response(found.content, media_type="application/pdf", headers=headers)


ROUTES = [
    show_referrals, send_it, remind, reply, told, withdraw, take_back, cancel, reopen, make_link, end_links,
    mail_again, update_packet, widen_it, close, reopen_need, show_packet,
]  # fmt: skip
