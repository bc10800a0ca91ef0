"""Pages of the audit trail. Numbers of patients travel in the body of a form, never in an address."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from pydantic import BaseModel, Field

from app.accounts.audit.answering import audit_page
from app.accounts.audit.out import TrailForm
from app.accounts.audit.queries import (
    TRAIL_PERIODS,
    PatientRow,
    Trail,
    Window,
    find_patients,
    pager,
    patient_trail,
    person_trail,
    staff_choices,
)
from app.accounts.watching.openings import queries as openings
from app.accounts.watching.openings.showing import case_line
from app.accounts.watching.unusual import queries as findings
from app.kernel.refusal import Refused
from app.platform.work import reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.render import see_other, the_viewer

AnyRequest = Request[Any, Any, Any]
SEE = Permission.AUDIT_SEE
SHORTLY = 5  # openings that the first page shows


class AskPatient(BaseModel):
    """Whose trail: a medical record, visit or account number, or a name."""

    number: str = Field(min_length=1, max_length=80)


class AskPerson(BaseModel):
    """Whose deeds."""

    person: UUID


def _start_page(
    request: AnyRequest, patient: FormState, person: FormState, found: Sequence[PatientRow] = ()
) -> Response[bytes]:
    viewer = the_viewer(request)
    patient.id, person.id = "patient", "person"
    with reading(viewer) as view:
        cases = openings.waiting(view)[:SHORTLY]
        seen = openings.pages_seen(view, cases)
        lines = [case_line(one, seen.get(one.access_id, 0), view) for one in cases]
        counted, open_findings = openings.count(view), findings.count_open(view)
    staff = [{"value": "", "label": "Choose a person"}, *staff_choices(viewer)]
    return audit_page(
        request, "accounts/audit/start.html", patients=[*(one.patient_id for one in cases), *(one.id for one in found)],
        title="Audit", lines=lines, judged=False, waiting=counted.waiting, overdue=counted.overdue,
        unusual=open_findings, staff=staff, patient=patient, person=person,
        found=[{"id": str(one.id), "number": one.number, "name": one.name or "Unnamed"} for one in found],
        status=422 if patient.errors or person.errors else 200,
    )  # fmt: skip


@get("/audit", permission=SEE, sync_to_thread=True)
def show_audit(request: AnyRequest) -> Response[bytes]:
    """What waits for the officer, and the two questions."""
    return _start_page(request, FormState(), FormState())


@get("/audit/patients", permission=SEE, sync_to_thread=True)
def back_from_patients(request: AnyRequest) -> Response[bytes]:
    """Where the address of a refused question leads when it is entered or loaded again: to the empty fields."""
    return see_other(request, "/audit")


@get("/audit/people", permission=SEE, sync_to_thread=True)
def back_from_people(request: AnyRequest) -> Response[bytes]:
    """The same for the other question."""
    return see_other(request, "/audit")


@post("/audit/patients", permission=SEE, sync_to_thread=True)
def ask_for_patient(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """From a number or a name to the trail of that patient."""
    ask, state = read_form(AskPatient, form)
    if ask is None:
        return _start_page(request, state, FormState())
    found = find_patients(the_viewer(request), ask.number)
    if not found:
        missing = Refused("No patient within your facilities has this number or name.", field="number")
        return _start_page(request, state.refuse(missing), FormState())
    if len(found) > 1:
        return _start_page(request, state, FormState(), found)
    return see_other(request, f"/audit/patients/{found[0].id}")


@post("/audit/people", permission=SEE, sync_to_thread=True)
def ask_for_person(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """From a choice to the trail of that person."""
    ask, state = read_form(AskPerson, form)
    if ask is None:
        return _start_page(request, FormState(), state)
    return see_other(request, f"/audit/people/{ask.person}")


def window_of(days: int, at_page: int = 1) -> Window:
    """The part of the trail that an address asks for."""
    return Window(days if str(days) in TRAIL_PERIODS else 30, max(1, min(at_page, 100_000)))


def _trail_page(request: AnyRequest, window: Window, trail: Trail, **texts: Any) -> Response[bytes]:
    address = request.url.path
    periods = [
        {"label": label, "href": f"{address}?days={days}", "current": days == str(window.days)}
        for days, label in TRAIL_PERIODS.items()
    ]
    files = {kind.value: f"{address}/out/{kind.value}?days={window.days}" for kind in TrailForm}
    return audit_page(request, "accounts/audit/trail.html", patients=trail.patients, lines=trail.lines, periods=periods,
                      pages=pager(trail, window, address), files=files, incomplete=trail.incomplete,
                      prints=f"{address}/prints?days={window.days}", **texts)  # fmt: skip


@get("/audit/patients/{patient_id:uuid}", permission=SEE, sync_to_thread=True)
def show_patient_trail(
    request: AnyRequest, patient_id: FromPath[UUID], days: FromQuery[int] = 30, page: FromQuery[int] = 1
) -> Response[bytes]:
    """Who saw this patient."""
    window = window_of(days, page)
    patient, trail = patient_trail(the_viewer(request), patient_id, window)
    return _trail_page(request, window, trail, title="Who saw this patient", about=False,
                       sub=f"{patient.name or 'Unnamed'}, {patient.numbered}")  # fmt: skip


@get("/audit/people/{user_id:uuid}", permission=SEE, sync_to_thread=True)
def show_person_trail(
    request: AnyRequest, user_id: FromPath[UUID], days: FromQuery[int] = 30, page: FromQuery[int] = 1
) -> Response[bytes]:
    """What this person saw and did."""
    window = window_of(days, page)
    name, trail = person_trail(the_viewer(request), user_id, window)
    return _trail_page(
        request, window, trail, title="What this person did", about=True, sub=name, detail=f"trail of {name}"
    )


ROUTES = [show_audit, back_from_patients, ask_for_patient, back_from_people, ask_for_person, show_patient_trail,
          show_person_trail]  # fmt: skip
