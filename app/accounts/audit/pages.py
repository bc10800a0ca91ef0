"""Pages of the audit trail. Numbers of patients travel in the body of a form, never in an address."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from pydantic import BaseModel, Field

from app.accounts.audit.queries import (
    PERIODS,
    PatientRow,
    Trail,
    Window,
    broken_glass,
    find_patients,
    pager,
    patient_trail,
    person_trail,
    staff_choices,
)
from app.kernel.refusal import Refused
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.render import page, see_other, the_viewer

AnyRequest = Request[Any, Any, Any]
SEE = Permission.AUDIT_SEE


class AskPatient(BaseModel):
    """Whose trail: a medical record, visit or account number."""

    number: str = Field(min_length=1, max_length=60)


class AskPerson(BaseModel):
    """Whose deeds."""

    person: UUID


def _start_page(
    request: AnyRequest, patient: FormState, person: FormState, found: Sequence[PatientRow] = ()
) -> Response[bytes]:
    viewer = the_viewer(request)
    patient.id, person.id = "patient", "person"
    glass = broken_glass(viewer, Window(days=30))
    staff = [{"value": "", "label": "Choose a person"}, *staff_choices(viewer)]
    status = 422 if patient.errors or person.errors else 200
    shown = [{"id": str(one.id), "number": one.number, "name": one.name or "Unnamed"} for one in found]
    disclosed = [*glass.patients, *(one.id for one in found)]
    return page(request, "accounts/audit/start.html", discloses=disclosed, title="Audit", glass=glass.lines[:10],
                found=shown, glass_total=glass.total, staff=staff, patient=patient, person=person,
                status=status)  # fmt: skip


@get("/audit", permission=SEE, sync_to_thread=True)
def show_audit(request: AnyRequest) -> Response[bytes]:
    """The two questions, and the glass that was broken lately."""
    return _start_page(request, FormState(), FormState())


@post("/audit/patients", permission=SEE, sync_to_thread=True)
def ask_for_patient(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """From a number to the trail of that patient."""
    ask, state = read_form(AskPatient, form)
    if ask is None:
        return _start_page(request, state, FormState())
    found = find_patients(the_viewer(request), ask.number)
    if not found:
        missing = Refused("No patient within your facilities has this number.", field="number")
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


def _window(days: int, at_page: int) -> Window:
    return Window(days if str(days) in PERIODS else 30, max(1, min(at_page, 100_000)))


def _trail_page(request: AnyRequest, window: Window, trail: Trail, **texts: Any) -> Response[bytes]:
    periods = [
        {"label": label, "href": f"{request.url.path}?days={days}", "current": days == str(window.days)}
        for days, label in PERIODS.items()
    ]
    return page(request, "accounts/audit/trail.html", discloses=trail.patients, lines=trail.lines, periods=periods,
                pages=pager(trail, window, request.url.path), **texts)  # fmt: skip


@get("/audit/patients/{patient_id:uuid}", permission=SEE, sync_to_thread=True)
def show_patient_trail(
    request: AnyRequest, patient_id: FromPath[UUID], days: FromQuery[int] = 30, page: FromQuery[int] = 1
) -> Response[bytes]:
    """Who saw this patient."""
    window = _window(days, page)
    patient, trail = patient_trail(the_viewer(request), patient_id, window)
    return _trail_page(request, window, trail, title="Who saw this patient", about=False,
                       sub=f"{patient.name or 'Unnamed'}, MRN {patient.number}")  # fmt: skip


@get("/audit/people/{user_id:uuid}", permission=SEE, sync_to_thread=True)
def show_person_trail(
    request: AnyRequest, user_id: FromPath[UUID], days: FromQuery[int] = 30, page: FromQuery[int] = 1
) -> Response[bytes]:
    """What this person saw and did."""
    window = _window(days, page)
    name, trail = person_trail(the_viewer(request), user_id, window)
    return _trail_page(request, window, trail, title="What this person did", about=True, sub=name)


@get("/audit/glass", permission=SEE, sync_to_thread=True)
def show_glass(request: AnyRequest, days: FromQuery[int] = 30, page: FromQuery[int] = 1) -> Response[bytes]:
    """All broken glass of a period."""
    window = _window(days, page)
    trail = broken_glass(the_viewer(request), window)
    return _glass_page(request, window, trail)


def _glass_page(request: AnyRequest, window: Window, trail: Trail) -> Response[bytes]:
    periods = [
        {"label": label, "href": f"/audit/glass?days={days}", "current": days == str(window.days)}
        for days, label in PERIODS.items()
    ]
    return page(request, "accounts/audit/glass.html", discloses=trail.patients, title="Broken glass",
                glass=trail.lines, periods=periods, pages=pager(trail, window, "/audit/glass"))  # fmt: skip


ROUTES = [show_audit, ask_for_patient, ask_for_person, show_patient_trail, show_person_trail, show_glass]
