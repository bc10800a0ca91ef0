"""Recording and striking out certifications, on the tab of reviews."""

import uuid
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.reviews.certificates import commands
from app.reviews.certificates.commands import Certify, StrikeCertificate
from app.reviews.certificates.queries import certificate
from app.reviews.writing.signed_pages import tab_page
from app.security.permissions import Permission
from app.web.forms import FormFields, read_form
from app.web.frame import Flash
from app.web.render import see_other, the_viewer

Asked = Request[Any, Any, Any]
WRITE = Permission.REVIEW_WRITE


@post("/encounters/{stay_id:uuid}/certifications", permission=WRITE, sync_to_thread=True)
def record(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what a physician certified."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(Certify, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                commands.certify(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        state.id = "certificate"
        return tab_page(request, stay.encounter_id, state)
    return see_other(request, f"/encounters/{stay.encounter_id}/reviews", Flash("The certification is recorded."))


@post("/certifications/{certification_id:uuid}/strike-out", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, certification_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a certification out, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, certificate(db, certification_id).encounter_id)
    ask, state = read_form(StrikeCertificate, form)
    if ask is None:
        state.id = f"c{certification_id}"
        return tab_page(request, stay.encounter_id, state)
    with begin(viewer) as work:
        commands.strike_certificate(work, certification_id, ask)
    return see_other(request, f"/encounters/{stay.encounter_id}/reviews", Flash("The certification is struck out."))


ROUTES = [record, strike]
