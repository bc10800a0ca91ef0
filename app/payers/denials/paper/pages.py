"""The appeal packet: choosing its parts, making it in one click, reading again what was sent."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.kernel.refusal import Refused
from app.payers.denials import queries
from app.payers.denials.models import AppealPacket
from app.payers.denials.paper.commands import make_packet, offered
from app.payers.denials.stay.tab import WRITE
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web import packets
from app.web.forms import FormFields, FormState
from app.web.packets import Recipient
from app.web.render import see_other, show, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
ALL = "all"


@get("/denials/{denial_id:uuid}/packets/new", permission=WRITE, sync_to_thread=True)
def choose(request: Asked, denial_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Which parts the packet has; all of them to begin with."""
    return _choose(request, denial_id, FormState(id="k"), None)


def _choose(request: Asked, denial_id: uuid.UUID, form: FormState, chosen: list[str] | None) -> Response[bytes]:
    form.id = "k"
    with reading(the_viewer(request)) as db:
        one = queries.denial(db, denial_id)
        stay = subject(db, one.encounter_id)
        sections = [{"key": found.key, "title": found.title, "blocks": len(found.blocks),
                     "on": chosen is None or found.key in chosen} for found in offered(db, stay)]  # fmt: skip
    context = {"denial_id": str(denial_id), "form": form, "sections": sections, "payer": one.payer}
    part = Part("denials", "payers/denials/_packet.html", context, 422 if form.errors else 200)
    return stay_page(request, stay.encounter_id, part)


@post("/denials/{denial_id:uuid}/packets", permission=WRITE, sync_to_thread=True)
def make(request: Asked, denial_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Make the packet, keep it, and open it."""
    viewer = the_viewer(request)
    chosen = None if form.get(ALL) else form.all("sections")
    try:
        with begin(viewer) as work:
            made = make_packet(work, denial_id, chosen, viewer.display_name)
    except Refused as refused:
        return _choose(request, denial_id, FormState().refuse(refused), chosen or [])
    return see_other(request, f"/appeal-packets/{made.id}")


@get("/appeal-packets/{packet_id:uuid}", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_packet(request: Asked, packet_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The packet as it was made, to the byte. Refused where it needs a consent to leave and has none today."""
    with begin(the_viewer(request)) as work:
        found = work.get(AppealPacket, packet_id, "There is no such packet, or it lies outside what you may see.")
        stay = subject(work, found.encounter_id)
        leaving = packets.let_go(work, stay.encounter_id, Recipient.PAYER, stay.day(work.now))
    show(request, [stay.patient_id], kind="export", detail=packets.with_consent("appeal packet", leaving))
    headers = {"Content-Disposition": 'inline; filename="appeal-packet.pdf"', "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff", "ETag": f'"{found.file_digest}"'}  # fmt: skip
    return Response(found.content, media_type="application/pdf", headers=headers)


ROUTES = [choose, make, show_packet]
