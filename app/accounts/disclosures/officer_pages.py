"""The privacy officer's pages: requests that wait, and the accounting of one patient."""

import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel, Field

from app.accounts.audit.queries import find_patients
from app.accounts.disclosures import queries, register, rules, showing
from app.accounts.disclosures.queries import Person
from app.accounts.disclosures.register import AskAccounting, MoveRequest, Suspend
from app.accounts.disclosures.terms import SuspensionStatement
from app.accounts.queries import zone_of
from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text
from app.platform.archive.parts import archived_parts
from app.platform.work import Reading, Work, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import page, see_other, the_viewer

Asked = Request[Any, Any, Any]
ACCOUNT = Permission.DISCLOSURE_ACCOUNT
FORMS = ("ask", "hold")


class AskPatient(BaseModel):
    """Whose accounting: a medical record, visit or account number."""

    number: str = Field(min_length=1, max_length=60)


@get("/disclosures", permission=ACCOUNT, sync_to_thread=True)
def show_start(request: Asked) -> Response[bytes]:
    """Find a patient, and the requests that wait for an answer."""
    return _start(request, FormState())


def _start(request: Asked, form: FormState, found: list[dict[str, str]] | None = None) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        today = local_day(db.now, ZoneInfo(zone_of(viewer)))
        waiting = queries.open_requests(db, viewer.facilities_with(ACCOUNT))
        same = [(one, queries.requests_of(db, [one.patient_id])) for one in waiting]
        parts = archived_parts(db)
    shown = [showing.request_words(one, others, today) for one, others in same]
    seen = [*(one.patient_id for one in waiting), *(uuid.UUID(one["id"]) for one in found or [])]
    return page(
        request, "accounts/disclosures/start.html", discloses=list(dict.fromkeys(seen)), title="Disclosures",
        form=form, found=found or [], requests=shown, status=422 if form.errors else 200,
        archived=f"{day_text(local_day(parts[-1][1], ZoneInfo(zone_of(viewer))), today)}" if parts else "",
    )  # fmt: skip


@get("/disclosures/patients", permission=ACCOUNT, sync_to_thread=True)
def back_to_start(request: Asked) -> Response[bytes]:
    """Where the address of a refused search leads when it is entered or loaded again: to the empty field."""
    return see_other(request, "/disclosures")


@post("/disclosures/patients", permission=ACCOUNT, sync_to_thread=True)
def ask_for_patient(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """From a number to the accounting of that patient; the number never stands in an address."""
    ask, state = read_form(AskPatient, form)
    if ask is None:
        return _start(request, state)
    found = [one for one in find_patients(the_viewer(request), ask.number) if one.numbered.startswith("MRN")]
    if not found:
        return _start(request, state.refuse(Refused("No patient within your facilities has this number.",
                                                    field="number")))  # fmt: skip
    if len(found) > 1:
        return _start(request, state, [
            {"id": str(one.id), "number": one.number, "name": one.name or "Unnamed"} for one in found
        ])  # fmt: skip
    return see_other(request, _address(found[0].id))


def whose(db: Reading, viewer: Viewer, patient_id: uuid.UUID) -> Person:
    """The patient, in the register of the facility being worked in where it knows the patient."""
    place = viewer.place
    return queries.person(db, patient_id, viewer.facilities_with(ACCOUNT), place.id if place else None)


@get("/disclosures/patients/{patient_id:uuid}", permission=ACCOUNT, sync_to_thread=True)
def show_patient(request: Asked, patient_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The accounting of six years, what it leaves out, requests and suspensions."""
    return _patient(request, patient_id, FormState(id="none"))


def _patient(request: Asked, patient_id: uuid.UUID, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    context: dict[str, Any] = {name: form if form.id == name else FormState(id=name) for name in FORMS}
    with reading(viewer) as db:
        one = whose(db, viewer, patient_id)
        today = local_day(db.now, ZoneInfo(one.timezone))
        begins = rules.six_years_before(today)
        made = showing.accounting_of(db, one, begins, today)
        asked = queries.requests_of(db, one.same)
        context |= {
            "entries": [showing.entry_words(entry, today) for entry in made.entries],
            "waiting": made.waiting,
            "left_out": showing.left_out_words(db, one, begins, today),
            "requests": [showing.request_words(ask, asked, today) for ask in asked],
            "suspensions": [showing.suspension_words(hold, today) for hold in queries.suspensions(db, one.same)],
            "recipients": _choices(register.suspendable(db, one, today)),
            "since": day_text(begins, today),
        }
    context["ask"].given.setdefault("asked_on", today.isoformat())
    return page(
        request, "accounts/disclosures/patient.html", discloses=one.same, title="Accounting of disclosures",
        sub=f"{one.name or 'Unnamed'}, MRN {one.number}", patient_id=str(one.id), part_2=one.part_2, form=form,
        statements=showing.choices(SuspensionStatement), steps=showing.STEPS, today=today.isoformat(),
        status=422 if form.errors else 200, **context,
    )  # fmt: skip


def _choices(recipients: list[str]) -> list[dict[str, str]]:
    return [{"value": one, "label": one} for one in recipients]


def _address(patient_id: uuid.UUID) -> str:
    return f"/disclosures/patients/{patient_id}"


def _carry_out(
    request: Asked, patient_id: uuid.UUID, state: FormState, deed: Callable[[Work, Viewer], Flash]
) -> Response[bytes]:
    """Do it and lead back to the patient, or show the form with what is wrong."""
    viewer = the_viewer(request)
    try:
        with begin(viewer) as work:
            flash = deed(work, viewer)
    except Refused as refused:
        return _patient(request, patient_id, state.refuse(refused))
    return see_other(request, _address(patient_id), flash)


@post("/disclosures/patients/{patient_id:uuid}/requests", permission=ACCOUNT, sync_to_thread=True)
def take_request(request: Asked, patient_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Enter a request for the accounting."""
    ask, state = read_form(AskAccounting, form)
    state.id = "ask"
    if ask is None:
        return _patient(request, patient_id, state)

    def deed(work: Work, viewer: Viewer) -> Flash:
        made = register.ask_accounting(work, whose(work, viewer, patient_id), ask)
        due = day_text(rules.due_on(made.asked_on, extended=False), made.asked_on)
        return Flash(f"The request is entered. The accounting is due by {due}.")

    return _carry_out(request, patient_id, state, deed)


@post("/disclosures/patients/{patient_id:uuid}/suspensions", permission=ACCOUNT, sync_to_thread=True)
def take_suspension(
    request: Asked, patient_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Enter a suspension."""
    ask, state = read_form(Suspend, form)
    state.id = "hold"
    if ask is None:
        return _patient(request, patient_id, state)

    def deed(work: Work, viewer: Viewer) -> Flash:
        made = register.suspend(work, whose(work, viewer, patient_id), ask)
        return Flash("The suspension is entered.", undo=Undo(f"/disclosure-suspensions/{made.id}/reversal"))

    return _carry_out(request, patient_id, state, deed)


@post("/disclosure-suspensions/{suspension_id:uuid}/end", permission=ACCOUNT, sync_to_thread=True)
def end_suspension(
    request: Asked, suspension_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """End a suspension before its time."""
    return _strike(request, form, suspension_id, _of_suspension)


@post("/disclosure-suspensions/{suspension_id:uuid}/reversal", permission=ACCOUNT, sync_to_thread=True)
def undo_suspension(
    request: Asked, suspension_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take back what was entered a moment ago."""
    with begin(the_viewer(request)) as work:
        held = register.end_suspension(work, suspension_id, StrikeOut(reason="Taken back right after it was entered"))
    return see_other(request, _address(held.patient_id), Flash("The suspension is taken back.", "blue"))


@post("/accounting-requests/{accounting_id:uuid}/end", permission=ACCOUNT, sync_to_thread=True)
def end_request(
    request: Asked, accounting_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Strike a request out, with the reason."""
    return _strike(request, form, accounting_id, _of_request)


def _of_suspension(work: Work, key: uuid.UUID, ask: StrikeOut) -> None:
    register.end_suspension(work, key, ask)


def _of_request(work: Work, key: uuid.UUID, ask: StrikeOut) -> None:
    register.strike_request(work, key, ask)


def _strike(
    request: Asked, form: FormFields, key: uuid.UUID, deed: Callable[[Work, uuid.UUID, StrikeOut], None]
) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        row = queries.suspension(db, key) if deed is _of_suspension else queries.request_row(db, key)
    ask, state = read_form(StrikeOut, form)
    state.id = f"e{key}"
    if ask is None:
        return _patient(request, row.patient_id, state)

    def carry(work: Work, _viewer: Viewer) -> Flash:
        deed(work, key, ask)
        return Flash("Ended; it stays readable.")

    return _carry_out(request, row.patient_id, state, carry)


@post("/accounting-requests/{accounting_id:uuid}/steps", permission=ACCOUNT, sync_to_thread=True)
def take_step(request: Asked, accounting_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Extend a request, say that the accounting was given, or that the request was withdrawn."""
    with reading(the_viewer(request)) as db:
        row = queries.request_row(db, accounting_id)
    ask, state = read_form(MoveRequest, form)
    state.id = f"{'x' if form.get('kind') == 'extended' else 's'}{accounting_id}"
    if ask is None:
        return _patient(request, row.patient_id, state)

    def deed(work: Work, _viewer: Viewer) -> Flash:
        register.move_request(work, accounting_id, ask)
        return Flash(f"{ask.kind.label}.", undo=Undo(f"/accounting-requests/{accounting_id}/reversal"))

    return _carry_out(request, row.patient_id, state, deed)


@post("/accounting-requests/{accounting_id:uuid}/reversal", permission=ACCOUNT, sync_to_thread=True)
def undo_step(request: Asked, accounting_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the latest step of a request back."""
    with begin(the_viewer(request)) as work:
        row = register.undo_step(work, accounting_id)
    return see_other(request, _address(row.patient_id), Flash("The step is taken back.", "blue"))


ROUTES = [show_start, back_to_start, ask_for_patient, show_patient, take_request, take_suspension, end_suspension,
          undo_suspension, end_request, take_step, undo_step]  # fmt: skip
