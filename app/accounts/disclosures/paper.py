"""The accounting as a document for the patient: tagged, marked with who took it out, kept in both trails."""

import uuid
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.accounts.disclosures import officer_pages, queries, rules, showing
from app.accounts.disclosures.events import AccountingMade
from app.accounts.disclosures.officer_pages import ACCOUNT, whose
from app.accounts.disclosures.queries import Person
from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.kernel.wording import full_text
from app.platform.work import Reading, begin, reading
from app.security.viewer import Viewer
from app.web.fields import Key
from app.web.forms import FormFields, read_form
from app.web.paper.pdf import pdf
from app.web.render import show, the_viewer

Asked = Request[Any, Any, Any]
LEFT_OUT = (
    "Not listed, as the law allows: what was disclosed for treatment, payment and health care operations; to you;"
    " with your authorization; as an incident to what is allowed; for the facility directory and to persons involved in"
    " your care; for national security; to correctional institutions; as part of a limited data set (45 CFR"
    " 164.528(a)(1))."
)
PART_2 = (
    "Some of these records are protected by 42 CFR Part 2. What was disclosed with your consent in the last three years"
    " can be asked for apart from this (42 CFR 2.25)."
)


class TakeOut(BaseModel):
    """For which request; without one the accounting covers the last six years."""

    request: Key = None


@post("/disclosures/patients/{patient_id:uuid}/paper", permission=ACCOUNT, sync_to_thread=True)
def take_paper(request: Asked, patient_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The accounting as PDF; it is recorded before anything is sent."""
    viewer = the_viewer(request)
    ask, _ = read_form(TakeOut, form)
    with reading(viewer) as db:
        one = whose(db, viewer, patient_id)
        begins, ends = _period(db, one, ask.request if ask else None)
        data, named = _document(db, viewer, one, (begins, ends))
    with begin(viewer) as work:
        work.record(AccountingMade(patient_id=one.id, facility_id=one.facility_id, named=named))
    show(request, one.same, kind="export", detail="accounting of disclosures")
    headers = {"Content-Disposition": 'attachment; filename="accounting-of-disclosures.pdf"',
               "Cache-Control": "no-store"}  # fmt: skip
    body = pdf("accounts/disclosures/accounting.typ", data)
    return Response(body, status_code=200, media_type="application/pdf", headers=headers)


def _period(db: Reading, one: Person, request_id: uuid.UUID | None) -> tuple[date, date]:
    if request_id is None:
        today = local_day(db.now, ZoneInfo(one.timezone))
        return rules.six_years_before(today), today
    row = queries.request_row(db, request_id)
    if row.patient_id not in one.same:
        raise Refused("This request is about somebody else. Open it from its own patient.")
    return row.begins, row.ends


def _document(db: Reading, viewer: Viewer, one: Person, period: tuple[date, date]) -> tuple[dict[str, Any], int]:
    """What the template reads, and how many disclosures it names. Days are written in full: paper has no today."""
    made = showing.accounting_of(db, one, *period)
    entries = [
        {
            "on": _day(entry.first.on),
            "recipient": entry.first.recipient,
            "address": entry.first.address,
            "description": entry.first.description,
            "purpose": entry.first.purpose,
            "series": f"{entry.count} times until {_day(entry.last_on)}" if entry.last_on else "",
        }
        for entry in made.entries
    ]
    taken = full_text(db.now, ZoneInfo(one.timezone))
    data = {
        "title": "Accounting of disclosures", "landscape": True, "facility": one.facility,
        "patient": f"{one.name or 'Unnamed'}, MRN {one.number}", "watermark": f"{viewer.display_name} · {taken}",
        "period": f"{_day(period[0])} to {_day(period[1])}", "entries": entries, "left_out": LEFT_OUT,
        "part_2": PART_2 if one.part_2 else "",
        "mark": f"Taken out {taken} by {viewer.display_name} ({viewer.name}) from {viewer.address or 'this machine'}",
    }  # fmt: skip
    return data, sum(entry.count for entry in made.entries)


def _day(day: date) -> str:
    return day.strftime("%-d %b %Y")


ROUTES = [*officer_pages.ROUTES, take_paper]
