"""Where trails leave the house: as files, and on paper by the browser. Both are recorded before anything is sent."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.accounts.audit import out
from app.accounts.audit.answering import note
from app.accounts.audit.out import TrailForm, TrailTakenOut
from app.accounts.audit.pages import SEE, window_of
from app.accounts.audit.queries import Trail, patient_trail, person_trail
from app.kernel.refusal import NotFound
from app.platform.work import Work, begin
from app.security.viewer import Viewer
from app.web.forms import FormFields
from app.web.render import the_viewer
from app.web.routes import require_same_origin

AnyRequest = Request[Any, Any, Any]
PRINT = "print"


@get("/audit/patients/{patient_id:uuid}/out/{kind:str}", permission=SEE, sync_to_thread=True)
def take_patient_trail(
    request: AnyRequest, patient_id: FromPath[UUID], kind: FromPath[str], days: FromQuery[int] = 30
) -> Response[bytes]:
    """Who saw this patient, as a file."""
    require_same_origin(request)
    form = _form(kind)
    patient, trail = patient_trail(the_viewer(request), patient_id, out.whole(window_of(days).days, form))
    about = {"title": "Who saw this patient", "sub": f"{patient.name or 'Unnamed'}, {patient.numbered}"}
    with begin(the_viewer(request)) as work:
        body = _file(the_viewer(request), work, trail, form, about | {"days": str(window_of(days).days)})
        _record(work, form.value, days, trail, patient_id=patient_id)
    note(request, trail.patients, kind="export", detail=f"trail as {form.value}, {trail.total} lines")
    return _answer(body, form, "trail-of-a-patient", work)


@get("/audit/people/{user_id:uuid}/out/{kind:str}", permission=SEE, sync_to_thread=True)
def take_person_trail(
    request: AnyRequest, user_id: FromPath[UUID], kind: FromPath[str], days: FromQuery[int] = 30
) -> Response[bytes]:
    """What this person did, as a file."""
    require_same_origin(request)
    form = _form(kind)
    name, trail = person_trail(the_viewer(request), user_id, out.whole(window_of(days).days, form))
    with begin(the_viewer(request)) as work:
        about = {"title": "What this person did", "sub": name, "days": str(window_of(days).days)}
        body = _file(the_viewer(request), work, trail, form, about)
        _record(work, form.value, days, trail, user_id=user_id)
    note(request, trail.patients, kind="export", detail=f"trail of {name} as {form.value}, {trail.total} lines")
    return _answer(body, form, "trail-of-a-person", work)


@post("/audit/patients/{patient_id:uuid}/prints", permission=SEE, sync_to_thread=True)
def report_patient_print(
    request: AnyRequest, patient_id: FromPath[UUID], form: NamedDependency[FormFields], days: FromQuery[int] = 30
) -> Response[None]:
    """A page reports that the trail about a patient goes to a printer."""
    _patient, trail = patient_trail(the_viewer(request), patient_id, window_of(days))
    with begin(the_viewer(request)) as work:
        _record(work, PRINT, days, trail, patient_id=patient_id)
    note(request, trail.patients, kind="print", detail="trail on paper")
    return Response(None, status_code=204)


@post("/audit/people/{user_id:uuid}/prints", permission=SEE, sync_to_thread=True)
def report_person_print(
    request: AnyRequest, user_id: FromPath[UUID], form: NamedDependency[FormFields], days: FromQuery[int] = 30
) -> Response[None]:
    """A page reports that the trail of a person goes to a printer."""
    name, trail = person_trail(the_viewer(request), user_id, window_of(days))
    with begin(the_viewer(request)) as work:
        _record(work, PRINT, days, trail, user_id=user_id)
    note(request, trail.patients, kind="print", detail=f"trail of {name} on paper")
    return Response(None, status_code=204)


def _form(kind: str) -> TrailForm:
    if kind not in set(TrailForm):
        raise NotFound("Trails are taken out as CSV or PDF.")
    return TrailForm(kind)


def _file(viewer: Viewer, work: Work, trail: Trail, form: TrailForm, about: dict[str, str]) -> bytes:
    out.check_length(trail, form)
    return out.written(trail, form, out.mark_of(viewer, work.now), about)


def _record(work: Work, form: str, days: int, trail: Trail, **about: Any) -> None:
    here = work.who.scope.facilities[0]
    work.record(TrailTakenOut(facility_id=here, form=form, days=window_of(days).days, lines=trail.total, **about))


def _answer(body: bytes, form: TrailForm, name: str, work: Work) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}-{work.now:%Y-%m-%d-%H%M}.{form.value}"',
               "Cache-Control": "no-store"}  # fmt: skip
    return Response(body, media_type=form.media_type, headers=headers)


ROUTES = [take_patient_trail, take_person_trail, report_patient_print, report_person_print]
