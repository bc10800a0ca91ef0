"""Hand-off packets: choosing what goes along, making, reading again, releasing, confirming, withdrawing."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.census.united import subject
from app.discharge.departure import queries
from app.discharge.departure.models import HandoffPacket
from app.discharge.departure.pages import WRITE, departure_page
from app.discharge.departure.papers import commands
from app.discharge.departure.papers.commands import ConfirmPacket, MakePacket, ReleasePacket, WithdrawPacket
from app.discharge.departure.papers.gathering import OF_THE_HOUSE, gather
from app.discharge.departure.terms import PacketState, Part
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web import stay as stay_frame
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import see_other, show, the_viewer

Asked = Request[Any, Any, Any]
CHOOSE = "discharge/departure/_choose.html"
SAID = {
    PacketState.MADE: "Taken back. The packet is made and not sent.",
    PacketState.SENT: "The packet is recorded as sent.",
    PacketState.RECEIVED: "The packet is recorded as received.",
    PacketState.WITHDRAWN: "The packet is withdrawn. Tell its recipient.",
}


@get("/encounters/{stay_id:uuid}/handoffs/new", permission=WRITE, sync_to_thread=True)
def choose(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """Which parts the packet has: those about care, to begin with."""
    return _choose(request, stay_id, FormState(id="k"), None)


def _choose(request: Asked, stay_id: uuid.UUID, form: FormState, keys: list[str] | None) -> Response[bytes]:
    form.id = "k"
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        found = gather(db, stay)
    offered = [
        {"key": one.key, "title": one.title, "blocks": len(one.blocks),
         "on": one.key in keys if keys is not None else one.key not in OF_THE_HOUSE}
        for one in found.offered
    ]  # fmt: skip
    absent = [part.label.lower() for part in found.absent("") if part is not Part.RECIPIENT]
    context = {"stay_id": str(stay.encounter_id), "form": form, "sections": offered, "missing": absent,
               "plan": found.plan}  # fmt: skip
    part = stay_frame.Part("departure", CHOOSE, context, 422 if form.errors else 200)
    return stay_frame.stay_page(request, stay_id, part)


@post("/encounters/{stay_id:uuid}/handoffs", permission=WRITE, sync_to_thread=True)
def make(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Make the packet and keep it."""
    viewer = the_viewer(request)
    ask, state = read_form(MakePacket, form)
    if ask is not None:
        try:
            if not ask.sections:
                raise Refused("Choose at least one part of the packet.", field="sections")
            with begin(viewer) as work:
                commands.make_packet(work, stay_id, ask, viewer.display_name)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        with reading(viewer) as db:
            subject(db, stay_id)
        return _choose(request, stay_id, state, form.all("sections"))
    said = Flash("The packet is made and kept as it is. Release it when it goes out.")
    return see_other(request, f"/encounters/{stay_id}/departure#handoff", said)


@get("/handoffs/{handoff_id:uuid}/packet", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_paper(request: Asked, handoff_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The packet as a PDF, as it was made, to the byte."""
    found = _kept(request, handoff_id, "hand-off packet")
    headers = {"Content-Disposition": 'inline; filename="hand-off.pdf"', "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff", "ETag": f'"{found.file_digest}"'}  # fmt: skip
    return Response(found.content, media_type="application/pdf", headers=headers)


@get("/handoffs/{handoff_id:uuid}/document", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_document(request: Asked, handoff_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The packet as a FHIR R4 document bundle."""
    found = _kept(request, handoff_id, "hand-off packet as FHIR")
    headers = {"Content-Disposition": 'attachment; filename="hand-off.json"', "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff"}  # fmt: skip
    return Response(found.document, media_type="application/fhir+json", headers=headers)


def _kept(request: Asked, packet_id: uuid.UUID, detail: str) -> HandoffPacket:
    with begin(the_viewer(request)) as work:
        found = work.get(HandoffPacket, packet_id, queries.NO_PACKET)
        patient = subject(work, found.encounter_id).patient_id
    show(request, [patient], kind="export", detail=detail)
    return found


Deed = Callable[[Work, uuid.UUID, Any], PacketState]


def _move(request: Asked, packet_id: uuid.UUID, form: FormFields, kind: type[BaseModel], deed: Deed) -> Response[bytes]:
    """Carry a step out, or show its form again with what is wrong."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay_id = queries.packet(db, packet_id).encounter_id
    ask, state = read_form(kind, form)
    after: PacketState | None = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                after = deed(work, packet_id, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    if after is None:
        state.id = f"p{packet_id}"
        return departure_page(request, stay_id, state)
    undo = None if after is PacketState.WITHDRAWN else Undo(f"/handoffs/{packet_id}/reversal")
    return see_other(request, f"/encounters/{stay_id}/departure#handoff", Flash(SAID[after], undo=undo))


@post("/handoffs/{handoff_id:uuid}/release", permission=WRITE, sync_to_thread=True)
def release(request: Asked, handoff_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """It goes to its recipient."""
    return _move(request, handoff_id, form, ReleasePacket, commands.release_packet)


@post("/handoffs/{handoff_id:uuid}/confirmation", permission=WRITE, sync_to_thread=True)
def confirm(request: Asked, handoff_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The recipient says that it arrived."""
    return _move(request, handoff_id, form, ConfirmPacket, commands.confirm_packet)


@post("/handoffs/{handoff_id:uuid}/withdrawal", permission=WRITE, sync_to_thread=True)
def withdraw(request: Asked, handoff_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """It does not count any more."""
    return _move(request, handoff_id, form, WithdrawPacket, commands.withdraw_packet)


@post("/handoffs/{handoff_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def take_back(request: Asked, handoff_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The last step was recorded by mistake."""
    with begin(the_viewer(request)) as work:
        after = commands.take_back_step(work, handoff_id)
        stay_id = queries.packet(work, handoff_id).encounter_id
    return see_other(request, f"/encounters/{stay_id}/departure#handoff", Flash(SAID[after], "blue"))


ROUTES = [choose, make, show_paper, show_document, release, confirm, withdraw, take_back]
