"""Where figures and cases leave the house as files. Each is recorded before anything is sent."""

import uuid
from zoneinfo import ZoneInfo

from litestar import get
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Response

from app.metrics.definitions import DEFINITIONS
from app.metrics.reports.events import MeasuresTakenOut
from app.metrics.reports.files.figures import CASE_COLUMNS, FIGURE_COLUMNS, case_lines, figure_lines
from app.metrics.reports.files.writing import FIGURES, PATIENTS, Mark, Taken, written
from app.metrics.reports.paper import Printed, report_pdf
from app.metrics.reports.showing import months_text
from app.metrics.reports.shown.place import PAGE, SEE, Asked, asked_content
from app.metrics.reports.terms import FileForm
from app.metrics.store.listing import Which, every_case
from app.metrics.study.asked import study
from app.metrics.study.pages import NAMES, Asking
from app.metrics.study.wording import period_text
from app.platform.now import now
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.render import show, the_viewer
from app.web.routes import require_same_origin

MOST_CASES = 100_000
"""In one file. A hospital of a thousand beds has half as many stays in a year."""
_FIGURES = [f"/measures/{{measure:str}}/figures.{form.value}" for form in FileForm]
_CASES = [f"/measures/{{measure:str}}/cases.{form.value}" for form in FileForm]
_OF_REPORT = [f"{PAGE}/{{report_id:uuid}}/figures.{form.value}" for form in FileForm]


def take_figures(request: Asked, measure: FromPath[str]) -> Response[bytes]:
    """All figures of a page of a measure; no patient is in it."""
    require_same_origin(request)
    viewer = the_viewer(request)
    with reading(viewer, still=True) as db:
        asked = Asking(request, db, measure)
        found = study(db, asked.choice, several=len(asked.places) > 1)
    lines = figure_lines(found, names=viewer.may(NAMES))
    asked_for = f"{asked.scope}, {period_text(asked.choice.period, asked.today)}"
    mark = _mark(viewer, asked.place, FIGURES)
    taken = Taken(found.definition.title, asked_for, FIGURE_COLUMNS, lines, mark)
    return _out(request, taken, f"{measure}-figures", asked.choice.where.facility)


def take_cases(request: Asked, measure: FromPath[str]) -> Response[bytes]:
    """All cases behind a figure, those that the reader may see by name."""
    require_same_origin(request)
    viewer = the_viewer(request)
    with reading(viewer, still=True) as db:
        asked = Asking(request, db, measure)
        _may_export(viewer, asked)
        choice = asked.choice
        which = Which(choice.where, choice.among, choice.reason)
        found = every_case(db, asked.measure, choice.period, which, MOST_CASES)
    one = DEFINITIONS[asked.measure]
    names = {place.id: place.name for place in asked.places}
    asked_for = f"{asked.scope}, {period_text(choice.period, asked.today)}, {choice.among.value} {choice.reason}"
    lines = case_lines(found, one, names, asked.today)
    taken = Taken(f"Cases: {one.title}", asked_for.strip(), CASE_COLUMNS, lines, _mark(viewer, asked.place, PATIENTS))
    answer = _out(request, taken, f"{measure}-cases", choice.where.facility, hidden=found.hidden)
    patients = list({case.patient_id for case in found.rows})
    show(request, patients, kind="export", detail=f"cases of {measure}, {found.total} lines")
    return answer


def take_report_figures(request: Asked, report_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """All figures of a report in one table; no patient is in it."""
    require_same_origin(request)
    viewer = the_viewer(request)
    with reading(viewer, still=True) as db:
        found, of, _ = asked_content(request, db, report_id)
    lines = [line for one in found.studies for line in figure_lines(one, names=viewer.may(NAMES))]
    mark = _mark(viewer, of.place, FIGURES)
    taken = Taken(found.report.name, months_text(found.period), FIGURE_COLUMNS, lines, mark)
    return _out(request, taken, "report-figures", of.place.id)


@get(f"{PAGE}/{{report_id:uuid}}/report.pdf", permission=SEE, sync_to_thread=True)
def take_report(request: Asked, report_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """A report on paper; no patient is in it."""
    require_same_origin(request)
    viewer = the_viewer(request)
    with reading(viewer, still=True) as db:
        found, of, _ = asked_content(request, db, report_id)
    body = report_pdf(found, Printed(_name_of(viewer), now()))
    _record(request, ("report", "pdf"), of.place.id, len(found.studies))
    return _sent(body, f"report-{found.period.last:%Y-%m}.pdf", "application/pdf")


def _may_export(viewer: Viewer, asked: Asking) -> None:
    """Lists with patients leave only where lists may be taken out, in every hospital that is asked for."""
    mine = viewer.facilities_with(Permission.LIST_EXPORT)
    facility = asked.choice.where.facility
    places = [facility] if facility is not None else [place.id for place in asked.places]
    if any(one not in mine for one in places):
        raise PermissionDeniedException("Your role in this facility does not take lists out.")


def _mark(viewer: Viewer, place: Place, holds: str) -> Mark:
    return Mark(_name_of(viewer), place.name, now().astimezone(ZoneInfo(place.timezone)), holds)


def _name_of(viewer: Viewer) -> str:
    return viewer.display_name + (f", {viewer.credentials}" if viewer.credentials else "")


def _out(request: Asked, taken: Taken, name: str, facility: int | None, *, hidden: int = 0) -> Response[bytes]:
    """The file in the form that the address ends with, after it was recorded."""
    form = FileForm(request.url.path.rpartition(".")[2])
    body = written(taken, form)
    _record(request, (name, form.value), facility, len(taken.lines), hidden=hidden)
    return _sent(body, f"{name}-{taken.mark.at:%Y-%m-%d-%H%M}.{form}", form.media_type)


def _record(request: Asked, what: tuple[str, str], facility: int | None, lines: int, *, hidden: int = 0) -> None:
    name, form = what
    with begin(the_viewer(request)) as work:
        work.record(
            MeasuresTakenOut(
                facility_id=facility, what=name, form=form, asked=str(request.url.query), lines=lines, hidden=hidden
            )
        )


def _sent(body: bytes, name: str, media: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=media, headers=headers)


# A handler of its own for each form: one with several addresses fails in this version of the library when it runs in
# a thread.
ROUTES = [
    get(path, permission=SEE, sync_to_thread=True)(body)
    for paths, body in ((_FIGURES, take_figures), (_CASES, take_cases), (_OF_REPORT, take_report_figures))
    for path in paths
] + [take_report]
