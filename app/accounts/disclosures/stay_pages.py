"""Part Disclosures of a stay: what went out of it besides treatment, payment and operations."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.accounts.disclosures import commands, queries, showing
from app.accounts.disclosures.commands import AmendDisclosure, RecordDisclosure
from app.census.united import Subject, subject
from app.kernel.refusal import Refused
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.past.reading import reading_then
from app.web.render import see_other, the_viewer
from app.web.stay import Part, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.DISCLOSURE_WRITE
PIECE = "accounts/disclosures/_stay.html"
UNDONE = StrikeOut(reason="Taken back right after it was recorded")


@get("/encounters/{stay_id:uuid}/disclosures", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_disclosures(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What was recorded, and the form for more."""
    return _part(request, stay_id, FormState())


def _part(request: Asked, stay_id: uuid.UUID, form: FormState, amends: uuid.UUID | None = None) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        found = queries.versions(db, stay.encounter_id)
        context = {
            **showing.form_context(),
            "disclosures": showing.recorded(found, stay.zone, db.now),
            "may_write": db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE),
            "may_account": viewer.may(Permission.DISCLOSURE_ACCOUNT),
            "patient_id": str(stay.patient_id),
            "stay_id": str(stay.encounter_id),
            "amends": str(amends) if amends else "",
            "form": form,
        }
    return stay_page(request, stay.encounter_id, Part("disclosures", PIECE, context, 422 if form.errors else 200))


def _stay_of(db: Reading, disclosure_id: uuid.UUID) -> Subject:
    return subject(db, queries.disclosure_version(db, disclosure_id).encounter_id)


@post("/encounters/{stay_id:uuid}/disclosures", permission=WRITE, sync_to_thread=True)
def record(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a disclosure."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    ask, state = read_form(RecordDisclosure, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.record_disclosure(work, stay_id, ask)
            undo = Undo(f"/disclosure-records/{made.disclosure_id}/reversal")
            return see_other(request, _back(stay), Flash("The disclosure is recorded.", undo=undo))
        except Refused as refused:
            state.refuse(refused)
    return _part(request, stay_id, state)


@post("/disclosure-records/{disclosure_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo_record(
    request: Asked, disclosure_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take back what was recorded a moment ago."""
    with begin(the_viewer(request)) as work:
        stay = _stay_of(work, disclosure_id)
        commands.strike_disclosure(work, disclosure_id, UNDONE)
    return see_other(request, _back(stay), Flash("The disclosure is struck out.", "blue"))


@get("/disclosure-records/{disclosure_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_amendment(request: Asked, disclosure_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is recorded."""
    with reading(the_viewer(request)) as db:
        one = queries.disclosure_version(db, disclosure_id)
        stay = subject(db, one.encounter_id)
    return _part(request, stay.encounter_id, showing.of_version(one), disclosure_id)


@post("/disclosure-records/{disclosure_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, disclosure_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record another version, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = _stay_of(db, disclosure_id)
    ask, state = read_form(AmendDisclosure, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                commands.amend_disclosure(work, disclosure_id, ask)
            said = "The disclosure is corrected; the earlier version stays readable."
            return see_other(request, _back(stay), Flash(said))
        except Refused as refused:
            state.refuse(refused)
    return _part(request, stay.encounter_id, state, disclosure_id)


@post("/disclosure-records/{disclosure_id:uuid}/end", permission=WRITE, sync_to_thread=True)
def end(request: Asked, disclosure_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a disclosure out, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        stay = _stay_of(db, disclosure_id)
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = f"e{disclosure_id}"
        return _part(request, stay.encounter_id, state)
    with begin(viewer) as work:
        commands.strike_disclosure(work, disclosure_id, ask)
    return see_other(request, _back(stay), Flash("The disclosure is struck out."))


def _back(stay: Subject) -> str:
    return f"/encounters/{stay.encounter_id}/disclosures"


ROUTES = [show_disclosures, record, undo_record, show_amendment, amend, end]
