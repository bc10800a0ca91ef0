"""What leaves on paper or comes in from it: the record of a delivery as PDF, and scans of what was signed."""

import hashlib
import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import Subject, subject
from app.clocks.terms import NoticeKind
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import full_text
from app.notices import queries, showing
from app.notices.events import NoticeScanAttached
from app.notices.forms.commands import LARGEST, TOO_LARGE, media_type
from app.notices.models import Scan
from app.notices.queries import Version
from app.notices.rules import name_of
from app.notices.terms import Receipt
from app.platform.work import Reading, Work, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormFields
from app.web.frame import Flash
from app.web.paper.pdf import pdf
from app.web.render import see_other, show, the_viewer

Asked = Request[Any, Any, Any]


@get("/deliveries/{delivery_id:uuid}/record", permission=Permission.STAY_SEE, sync_to_thread=True)
def delivery_record(request: Asked, delivery_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The facts of a delivery as a PDF, for the paper record. It is no official form."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        one = queries.version(db, delivery_id)
        stay = subject(db, one.encounter_id)
        data = record(db, one, stay, viewer)
    show(request, [stay.patient_id], kind="export", detail="record of a delivery")
    headers = {"Content-Disposition": 'inline; filename="delivery.pdf"', "Cache-Control": "no-store"}
    return Response(pdf("notices/record.typ", data), media_type="application/pdf", headers=headers)


def record(db: Reading, one: Version, stay: Subject, viewer: Viewer) -> dict[str, Any]:
    """What the template of the record reads."""
    who = db.one(
        lambda *row: row,
        "select p.family || ', ' || p.given, p.number, e.visit_number, f.name from encounter e"
        " join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id where e.id = %s",
        (one.encounter_id,),
    )
    state = queries.state_of(
        one, queries.versions(db, stay.encounter_id), queries.notices_owed(db, stay.encounter_id) or []
    )
    whole = full_text(one.delivered_at, stay.zone)
    lines = [
        ("Patient", who[0]),
        ("Record number", who[1]),
        ("Visit", who[2].removeprefix("ACCT:")),
        ("Notice", name_of(NoticeKind(one.kind), one.copy)),
        ("Given", f"{whole} ({one.delivered_at.astimezone(stay.zone):%Z})"),
        ("How", showing.sentence(one)),
        ("Receipt", Receipt(one.receipt).label),
        *showing.facts_of(one),
        ("State", state.label),
        ("Entered", f"{full_text(one.made_at, stay.zone)} by {one.made_by or 'the program'}"),
        ("Corrected because", one.made_because),
        ("Does not count because", one.ended_reason),
    ]
    return {
        "title": f"Delivery of a notice: {name_of(NoticeKind(one.kind), one.copy)}",
        "landscape": False,
        "facility": who[3],
        "mark": f"Printed {full_text(db.now, stay.zone)} by {viewer.display_name}",
        "watermark": "" if one.ended_at is None else state.label,
        "rows": [{"label": label, "text": text} for label, text in lines if text],
        "signature": one.drawing,
        "blank": one.receipt == Receipt.PAPER,
    }


@post(
    "/deliveries/{delivery_id:uuid}/scans", permission=Permission.NOTICE_DELIVER, sync_to_thread=True,
    request_max_body_size=LARGEST + 1_000_000,
)  # fmt: skip
def take_scan(request: Asked, delivery_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Attach the signed paper. A file that is no scan is answered with a sentence; nothing of it is kept."""
    sent = form.files.get("scan")
    with begin(the_viewer(request)) as work:
        one = queries.version(work, delivery_id)
        where = f"/encounters/{one.encounter_id}/notices"
        try:
            attach_scan(work, one, sent.file.read() if sent is not None else b"")
        except Refused as refused:
            return see_other(request, where, Flash(refused.sentence, "red"))
    return see_other(request, where, Flash("The scan is attached."))


def attach_scan(work: Work, one: Version, content: bytes) -> Scan:
    """Keep a scan with its delivery. Refused for other kinds of files, above 5 MB, and for an ended delivery."""
    if one.ended_at is not None:
        raise Refused("This delivery does not stand any more.")
    if len(content) > LARGEST:
        raise Refused(TOO_LARGE)
    kind = media_type(content)
    if not kind:
        raise Refused("Nothing was attached: choose a PDF, PNG or JPEG file.")
    stay = subject(work, one.encounter_id)
    made = work.add(
        Scan(
            delivery_id=one.delivery_id, encounter_id=one.encounter_id, facility_id=stay.facility_id, media_type=kind,
            digest=hashlib.sha256(content).hexdigest(), content=content, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        NoticeScanAttached(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            delivery_id=one.delivery_id, media_type=kind,
        )
    )  # fmt: skip
    return made


@get("/scans/{scan_id:uuid}", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_scan(request: Asked, scan_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The signed paper of a delivery."""
    with begin(the_viewer(request)) as work:
        found = work.get(Scan, scan_id, "There is no such scan, or it lies outside what you may see.")
        if found.ended_at is not None:
            raise NotFound()
        patient = subject(work, found.encounter_id).patient_id
    show(request, [patient], kind="export", detail="scan of a signed notice")
    headers = {"Content-Disposition": "inline", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(found.content, media_type=found.media_type, headers=headers)


ROUTES = [delivery_record, take_scan, show_scan]
