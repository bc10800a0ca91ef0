"""How a facility's census files are read, and what they are for: a page beside the settings of its feed."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.accounts.queries import one_facility
from app.interop.census_file.reading.columns import COLUMNS
from app.interop.census_file.settings import EditCensusFile, edit_settings, settings_of, write_headers
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Ask = Request[Any, Any, Any]
MANAGE = Permission.FACILITY_MANAGE
USES = [
    {"value": "automatic", "label": "Automatic: a source where no HL7 message came yet, else a check"},
    {"value": "source", "label": "Source: rows are applied, below what messages say"},
    {"value": "check", "label": "Check: files are only compared"},
]


def _settings_page(request: Ask, code: str, form: FormState | None = None) -> Response[bytes]:
    viewer = the_viewer(request)
    shown = one_facility(viewer, code)
    with reading(viewer) as view:
        key = view.value("select id from facility where code = %s", (code,))
        held = settings_of(view, key)
    given = {
        "use": held.use, "absent_after": str(held.absent_after), "headers": write_headers(held.headers),
        "mrn_width": str(held.mrn_width or ""), "visit_width": str(held.visit_width or ""),
    }  # fmt: skip
    columns = [{"name": one.name, "label": one.label, "form": one.form, "example": one.example} for one in COLUMNS]
    return page(request, "interop/census/settings.html", discloses=NO_PHI, title=f"Census files of {shown['name']}",
                facility=shown, form=form or FormState(given=given), uses=USES, columns=columns,
                status=422 if form else 200)  # fmt: skip


@get("/facilities/{code:str}/census-file", permission=MANAGE, sync_to_thread=True)
def show_settings(request: Ask, code: FromPath[str]) -> Response[bytes]:
    """The settings of a facility's census files, and the columns that are understood."""
    return _settings_page(request, code)


@post("/facilities/{code:str}/census-file", permission=MANAGE, sync_to_thread=True)
def save_settings(request: Ask, code: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Change them."""
    ask, state = read_form(EditCensusFile, form)
    if ask is None:
        return _settings_page(request, code, state)
    with begin(the_viewer(request)) as work:
        edit_settings(work, code, ask)
    return see_other(request, f"/facilities/{code}/census-file", Flash("The settings of census files were saved."))


ROUTES = [show_settings, save_settings]
