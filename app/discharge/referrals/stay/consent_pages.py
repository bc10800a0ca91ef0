"""Consents for protected stays, and the facility's own terms for referrals."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.clocks.settings.line_pages import place_of
from app.discharge.referrals.asks import RecordConsent, SetTerms, Why
from app.discharge.referrals.packets.consents import NO_CONSENT, end_consent, record_consent
from app.discharge.referrals.stay.pages import referrals_page
from app.discharge.referrals.widening.policy import set_terms, terms_of
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
WRITE = Permission.REFERRAL_WRITE


@post("/encounters/{stay_id:uuid}/referral-consents", permission=WRITE, sync_to_thread=True)
def record(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a consent."""
    ask, state = read_form(RecordConsent, form)
    state.id = "consent"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                record_consent(work, stay_id, ask)
            return see_other(request, f"/encounters/{stay_id}/referrals", Flash("The consent is recorded."))
        except Refused as refused:
            state.refuse(refused)
    return referrals_page(request, stay_id, state)


@post("/referral-consents/{consent_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def end(request: Asked, consent_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that a consent was revoked."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay_id = db.value("select encounter_id from referral_consent where id = %s", (consent_id,))
    if stay_id is None:
        raise NotFound(NO_CONSENT)
    ask, state = read_form(Why, form)
    state.id = f"ce{consent_id}"
    if ask is None:
        return referrals_page(request, stay_id, state)
    with begin(viewer) as work:
        end_consent(work, consent_id, ask)
    return see_other(request, f"/encounters/{stay_id}/referrals", Flash("The consent has ended."))


@get("/referral-terms", permission=Permission.VENDOR_SET, sync_to_thread=True)
def show_terms(request: Asked) -> Response[bytes]:
    """How long links work, and what happens when nobody answers."""
    return _terms(request, FormState(id="t"))


def _terms(request: Asked, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.VENDOR_SET)
    with reading(viewer) as db:
        found = terms_of(db, place.id)
    given = {"link_days": str(found.link_days), "widen_by": str(found.widen_by), "widens": "on" if found.widens else ""}
    form.given = form.given or given
    return page(
        request, "discharge/referrals/terms.html", discloses=NO_PHI, title="Terms of referrals", form=form,
        status=422 if form.errors else 200, place=place.name,
    )  # fmt: skip


@post("/referral-terms", permission=Permission.VENDOR_SET, sync_to_thread=True)
def save_terms(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let other terms hold from now on."""
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.VENDOR_SET)
    ask, state = read_form(SetTerms, form)
    state.id = "t"
    if ask is not None:
        try:
            with begin(viewer) as work:
                set_terms(work, place.id, ask)
            return see_other(request, "/referral-terms", Flash("These terms hold from now on."))
        except Refused as refused:
            state.refuse(refused)
    return _terms(request, state)


ROUTES = [record, end, show_terms, save_terms]
