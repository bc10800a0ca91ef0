"""Sending to a payer, and the page of a file that was sent: its text, its steps, its download."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.interop.payer_files import queries
from app.interop.payer_files.building import Draft, kind_of
from app.interop.payer_files.pages.showing import KINDS, days_text, out_text, segments, step_text
from app.interop.payer_files.sending import Send, fetch_file, preview, readable, send
from app.interop.payer_files.terms import Format
from app.interop.x12.checks import CannotBeSaid
from app.interop.x12.terms import Kind
from app.kernel.refusal import NotFound, Refused
from app.payers.authorizations.queries import Authorization, authorization
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.web.forms import FormFields
from app.web.frame import Flash
from app.web.packets import ConsentMissing
from app.web.render import page, see_other, show, the_viewer

Ask = Request[Any, Any, Any]
SEND = Permission.PAYER_SEND
OFFERED = (Kind.INQUIRY, Kind.ADMISSION, Kind.DISCHARGE)


@dataclass(frozen=True, slots=True)
class _Trial:
    """What would be sent, or why it cannot be; what lacks only a consent can be read all the same."""

    held: Authorization
    kind: Kind
    draft: Draft | None
    reasons: list[str]
    unconsented: bool = False


@get("/payer-files/send", permission=SEND, sync_to_thread=True)
def ask_to_send(request: Ask, authorization: FromQuery[UUID], kind: FromQuery[str] = "") -> Response[bytes]:
    """What would be sent to the payer, before it is sent."""
    return _send_page(request, authorization, kind, 200)


def _send_page(request: Ask, authorization_id: UUID, kind: str, status: int, refused: str = "") -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        trial = _trial(db, authorization_id, kind)
    head = trial.held.head
    title, reasons = f"{KINDS[trial.kind.value]} to {head.payer}", trial.reasons or ([refused] if refused else [])
    return page(
        request, "interop/payers/send.html", discloses=[head.patient_id], title=title, status=status,
        payer=head.payer, kind=trial.kind.value,
        what=KINDS[trial.kind.value], authorization=str(head.id), facts=_facts(trial.draft) if trial.draft else [],
        reasons=reasons, back=f"/encounters/{head.encounter_id}/payer",
        consents=f"/encounters/{head.encounter_id}/referrals#consents" if trial.unconsented else "",
        others=[{"href": f"/payer-files/send?authorization={head.id}&kind={one.value}", "label": KINDS[one.value]}
                for one in (kind_of(trial.held), *OFFERED) if one is not trial.kind],
        may_set=viewer.may(Permission.EXCHANGE_SET), folder=trial.draft.exchange.outbox if trial.draft else "",
        format=Format(trial.draft.exchange.format).label if trial.draft else "",
        test=trial.draft is not None and trial.draft.exchange.usage == "T",
    )  # fmt: skip


def _trial(db: Reading, authorization_id: UUID, kind: str) -> _Trial:
    held = authorization(db, authorization_id)
    chosen = Kind(kind) if kind in set(Kind) else kind_of(held)
    try:
        return _Trial(held, chosen, preview(db, Send(authorization_id, chosen)), [])
    except CannotBeSaid as refused:
        return _Trial(held, chosen, None, refused.sentences)
    except NotFound:
        raise
    except ConsentMissing as refused:
        return _Trial(held, chosen, readable(db, Send(authorization_id, chosen)), [refused.sentence], unconsented=True)
    except Refused as refused:
        return _Trial(held, chosen, None, [refused.sentence])


def _facts(draft: Draft) -> list[dict[str, str]]:
    said, request, person = draft.said, draft.said.request, draft.said.parties.subscriber
    days = request.days
    facts = {
        "To": f"{draft.exchange.payer_name} ({draft.exchange.receiver})",
        "Patient": ", ".join(part for part in (person.family, person.given) if part), "Member id": person.member_id,
        "Our event trace": request.event_trace, "Authorization": request.authorization_number,
        "Payer’s reference": request.reference,
        "Days": days_text(days) if days else "",
        "Admitted": f"{request.admitted_on:%-d %b %Y}" if request.admitted_on else "",
        "Discharged": f"{request.discharged_on:%-d %b %Y}" if request.discharged_on else "",
        "Diagnoses": ", ".join(f"{one.code} ({one.role})" for one in request.diagnoses),
        "Attending": said.parties.attending.family if said.parties.attending else "", "Message": request.message,
    }  # fmt: skip
    return [{"label": label, "value": value} for label, value in facts.items() if value]


@post("/payer-files/send", permission=SEND, sync_to_thread=True)
def send_file(request: Ask, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Make the file and let it go."""
    try:
        key = UUID(form.get("authorization", ""))
        kind = Kind(form.get("kind", ""))
    except ValueError:
        raise NotFound("There is no such authorization, or it lies outside what you may see.") from None
    try:
        made = send(the_viewer(request), Send(key, kind))
    except NotFound:
        raise
    except Refused as refused:
        return _send_page(request, key, kind.value, 409, refused.sentence)
    return see_other(request, f"/payer-files/out/{made}", Flash("The file was made."))


@get("/payer-files/out/{out_id:uuid}", permission=SEND, sync_to_thread=True)
def show_out(request: Ask, out_id: FromPath[UUID]) -> Response[bytes]:
    """A file for a payer: proof of what was sent, when, and what became of it."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        line, steps, content = queries.file_out(db, out_id)
        shown = out_text(line, db.now)
        told = [step_text(one, line.timezone, db.now) for one in steps]
    return page(
        request, "interop/payers/out.html", discloses=[line.patient_id], title=f"{shown['kind']} to {line.payer_code}",
        file=shown, steps=told, lines=segments(content), payer_tab=f"/encounters/{line.encounter_id}/payer",
        may_set=viewer.may(Permission.EXCHANGE_SET), id=str(out_id),
    )  # fmt: skip


@post("/payer-files/out/{out_id:uuid}/downloads", permission=SEND, sync_to_thread=True)
def download(request: Ask, out_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the file, to send it another way; that it was taken is written down."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        patient = queries.file_out(db, out_id)[0].patient_id
    file = fetch_file(viewer, out_id)
    show(request, [patient], "export", f"file {file.name}")
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, status_code=200, media_type="application/octet-stream", headers=headers)


ROUTES = [ask_to_send, send_file, show_out, download]
