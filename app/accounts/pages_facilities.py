"""Pages for administrators: facilities, their feeds, their units."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.accounts.facilities import (
    CHARSETS,
    NO_FACILITY,
    EditFacility,
    EditFeed,
    add_unit,
    edit_facility,
    edit_feed,
    edit_unit,
    facility_reach,
    new_facility,
)
from app.accounts.queries import KINDS, UNIT_KINDS, facilities_list, one_facility
from app.census.facilities import AddFacility, DescribeUnit
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

AnyRequest = Request[Any, Any, Any]
MANAGE = Permission.FACILITY_MANAGE


def _listed(choices: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in choices.items()]


@get("/facilities", permission=MANAGE, sync_to_thread=True)
def show_facilities(request: AnyRequest) -> Response[bytes]:
    """The facilities that this person administers."""
    viewer = the_viewer(request)
    return page(request, "accounts/facilities.html", discloses=NO_PHI, title="Facilities",
                facilities=facilities_list(viewer), may_add=facility_reach(viewer).everything)  # fmt: skip


def _new_page(request: AnyRequest, form: FormState) -> Response[bytes]:
    if not facility_reach(the_viewer(request)).everything:
        raise NotFound(NO_FACILITY)
    return page(request, "accounts/facility-new.html", discloses=NO_PHI, title="Add a facility", form=form,
                status=422 if form.errors else 200, kinds=_listed(KINDS))  # fmt: skip


@get("/facilities/new", permission=MANAGE, sync_to_thread=True)
def show_new_facility(request: AnyRequest) -> Response[bytes]:
    """The form for a new facility."""
    return _new_page(request, FormState(given={"kind": "acute"}))


@post("/facilities", permission=MANAGE, sync_to_thread=True)
def take_new_facility(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Add a facility with its feed."""
    ask, state = read_form(AddFacility, form)
    if ask is None:
        return _new_page(request, state)
    try:
        code = new_facility(the_viewer(request), ask)
    except Refused as refused:
        return _new_page(request, state.refuse(refused))
    return see_other(request, f"/facilities/{code}", Flash(f"{ask.name} was added. Check its feed and add its units."))


def _facility_page(request: AnyRequest, code: str, **forms: FormState) -> Response[bytes]:
    """The page of a facility; `forms` are those that come back with errors, by name."""
    shown = one_facility(the_viewer(request), code)
    made: dict[str, Any] = {
        "settings": forms.get("settings") or FormState(given=shown["fields"]),
        "feed": forms.get("feed") or FormState(given=shown["feed_fields"]),
        "unit": forms.get("unit") or FormState(given={"kind": "ward"}),
    }
    for name, form in made.items():
        form.id = name
    return page(request, "accounts/facility.html", discloses=NO_PHI, title=shown["name"], facility=shown,
                status=422 if forms else 200, kinds=_listed(KINDS), unit_kinds=_listed(UNIT_KINDS),
                charsets=_listed(CHARSETS), **made)  # fmt: skip


@get("/facilities/{code:str}", permission=MANAGE, sync_to_thread=True)
def show_facility(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    """One facility: settings, feed, units."""
    return _facility_page(request, code)


@post("/facilities/{code:str}", permission=MANAGE, sync_to_thread=True)
def save_facility(request: AnyRequest, code: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Change the settings of a facility."""
    ask, state = read_form(EditFacility, form)
    if ask is None:
        return _facility_page(request, code, settings=state)
    with begin(the_viewer(request)) as work:
        edit_facility(work, code, ask)
    return see_other(request, f"/facilities/{code}", Flash("The settings were saved."))


@post("/facilities/{code:str}/feed", permission=MANAGE, sync_to_thread=True)
def save_feed(request: AnyRequest, code: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Change how messages of a facility arrive."""
    ask, state = read_form(EditFeed, form)
    if ask is None:
        return _facility_page(request, code, feed=state)
    try:
        with begin(the_viewer(request)) as work:
            edit_feed(work, code, ask)
    except Refused as refused:
        return _facility_page(request, code, feed=state.refuse(refused))
    return see_other(request, f"/facilities/{code}", Flash("The feed was saved."))


@post("/facilities/{code:str}/units", permission=MANAGE, sync_to_thread=True)
def take_new_unit(request: AnyRequest, code: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Add a unit."""
    ask, state = read_form(DescribeUnit, form)
    if ask is None:
        return _facility_page(request, code, unit=state)
    try:
        with begin(the_viewer(request)) as work:
            add_unit(work, code, ask)
    except Refused as refused:
        return _facility_page(request, code, unit=state.refuse(refused))
    return see_other(request, f"/facilities/{code}", Flash(f"{ask.name} was added."))


def _unit_page(request: AnyRequest, code: str, unit: str, form: FormState | None = None) -> Response[bytes]:
    shown = one_facility(the_viewer(request), code)
    found = next((one for one in shown["units"] if one["code"] == unit), None)
    if found is None:
        raise NotFound("There is no such unit in this facility.")
    return page(request, "accounts/unit.html", discloses=NO_PHI, title=f"Unit {found['name']}", facility=shown,
                unit=found, form=form or FormState(given=found), status=422 if form else 200,
                unit_kinds=_listed(UNIT_KINDS))  # fmt: skip


@get("/facilities/{code:str}/units/{unit:str}", permission=MANAGE, sync_to_thread=True)
def show_unit(request: AnyRequest, code: FromPath[str], unit: FromPath[str]) -> Response[bytes]:
    """The description of one unit."""
    return _unit_page(request, code, unit)


@post("/facilities/{code:str}/units/{unit:str}", permission=MANAGE, sync_to_thread=True)
def save_unit(
    request: AnyRequest, code: FromPath[str], unit: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Change the description of one unit."""
    given = FormFields([("code", unit), *((name, value) for name, value in form.items() if name != "code")])
    ask, state = read_form(DescribeUnit, given)
    if ask is None:
        return _unit_page(request, code, unit, state)
    with begin(the_viewer(request)) as work:
        edit_unit(work, code, unit, ask)
    return see_other(request, f"/facilities/{code}", Flash(f"{ask.name} was saved."))


ROUTES = [show_facilities, show_new_facility, take_new_facility, show_facility, save_facility, save_feed, take_new_unit,
          show_unit, save_unit]  # fmt: skip
