"""A list on paper, in large type, for the patient."""

import uuid
from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import subject
from app.discharge.choice import queries, showing
from app.discharge.terms import CareType
from app.kernel.wording import full_text
from app.platform.work import reading
from app.security.permissions import Permission
from app.web.paper.pdf import pdf
from app.web.render import show, the_viewer

Asked = Request[Any, Any, Any]


@get("/choice-lists/{list_id:uuid}/paper", permission=Permission.STAY_SEE, sync_to_thread=True)
def list_paper(request: Asked, list_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The list as a PDF for the patient, with the place for a signature."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        one = queries.list_of(db, list_id)
        stay = subject(db, one.encounter_id)
        name, facility = db.one(
            lambda *row: row,
            "select p.given || ' ' || p.family, f.name from encounter e join patient p on p.id = e.patient_id"
            " join facility f on f.id = e.facility_id where e.id = %s",
            (stay.encounter_id,),
        )
        data = showing.list_context(one.content) | {
            "title": f"Providers to choose from: {CareType(one.care_type).label}", "landscape": False,
            "facility": facility, "patient": name, "made": full_text(one.made_at, stay.zone),
            "mark": f"Printed {full_text(db.now, stay.zone)} by {viewer.display_name}",
            "watermark": "counts no more" if one.ended_at is not None else "",
        }  # fmt: skip
    show(request, [stay.patient_id], kind="export", detail="list of providers")
    headers = {"Content-Disposition": 'inline; filename="providers.pdf"', "Cache-Control": "no-store"}
    return Response(pdf("discharge/choice/list.typ", data), media_type="application/pdf", headers=headers)


ROUTES = [list_paper]
