"""`/ltac`: the figures of a long-term hospital, the stays behind each, discharges around the threshold."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from app.kernel.refusal import NotFound, Refused
from app.ltac.days.rules.averages import Inclusion
from app.ltac.house import showing
from app.ltac.house.figures import Figure, House, house, named
from app.ltac.house.setting import SetYear, set_first_month
from app.ltac.kind import LONG_TERM, long_term_facility
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.operation.turns import BY_ITSELF
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
SEE, STUDY = Permission.LTAC_SEE, Permission.LTAC_STUDY
PAGE, TITLE = "/ltac", "Long-term hospital"
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def _place(viewer: Viewer, permission: Permission) -> Place:
    if viewer.place is None or viewer.place.id not in viewer.facilities_with(permission):
        raise NotFound("You work in no facility whose figures you may see. Ask an administrator for a role.")
    return viewer.place


def _house(place: Place) -> House | None:
    """The figures count every stay, whoever asks; None in a hospital of another kind."""
    with reading(everywhere("long-term figures")) as db:
        return house(db, place.id) if long_term_facility(db, place.id) else None


def _elsewhere(request: Asked, place: Place) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        names = db.values("select name from facility where kind = %s order by name", (LONG_TERM,))
    return page(
        request, "ltac/house/elsewhere.html", discloses=NO_PHI, title=TITLE, place=place.name,
        names=[str(one) for one in names],
    )  # fmt: skip


def _off(request: Asked) -> list[Inclusion]:
    given = set(request.query_params.getall("off", []))
    return [one for one in Inclusion if one.value in given]


@get(PAGE, permission=SEE, sync_to_thread=True)
def show_house(request: Asked) -> Response[bytes]:
    """The figures of this and the last cost-report period, and what each pending discharge changes."""
    return _page(request, FormState(id="year"))


def _page(request: Asked, form: FormState) -> Response[bytes]:
    viewer, place = the_viewer(request), _place(the_viewer(request), SEE)
    found = _house(place)
    if found is None:
        return _elsewhere(request, place)
    off = _off(request)
    with reading(viewer.acting(SEE)) as db:
        names = named(db, [one.id for one in found.stays if one.present is not None])
    rows = showing.effects(found, off, names)
    shown = [names[one.id].patient_id for one in found.stays if one.id in names]
    form.given.setdefault("month", str(found.month))
    context: dict[str, Any] = {
        "place": place.name, "rows": showing.figure_rows(found, off), "projection": showing.projection(found, off),
        "effects": rows, "switches": showing.switches(off), "switched": bool(off),
        "this": showing.period_text(found.this), "last": showing.period_text(found.last),
        "month": MONTHS[found.month - 1], "month_set": found.month_set, "form": form,
        "months": [{"value": str(i), "label": name} for i, name in enumerate(MONTHS, 1)],
        "definitions": [{"title": showing.TITLES[one], "text": text} for one, text in showing.DEFINITIONS],
        "may_study": place.id in viewer.facilities_with(STUDY),
    }  # fmt: skip
    return page(
        request, "ltac/house/house.html", discloses=shown if rows else NO_PHI, title=TITLE,
        status=422 if form.errors else 200, **context,
    )  # fmt: skip


@get(f"{PAGE}/card", permission=SEE, sync_to_thread=True, **BY_ITSELF)
def show_card(request: Asked) -> Response[bytes]:
    """Three figures for the foot of the list."""
    place = _place(the_viewer(request), SEE)
    found = _house(place)
    if found is None:
        return _elsewhere(request, place)
    rows = {one["id"]: one["this"] for one in showing.figure_rows(found, [])}
    return page(
        request, "ltac/house/card.html", fragment="ltac/house/_card.html", discloses=NO_PHI, title="Main figures",
        rows=rows, projection=showing.projection(found, []), place=place.name,
    )  # fmt: skip


@get(f"{PAGE}/stays", permission=SEE, sync_to_thread=True)
def show_stays(request: Asked) -> Response[bytes]:
    """The discharges behind one figure."""
    viewer, place = the_viewer(request), _place(the_viewer(request), SEE)
    found = _house(place)
    if found is None:
        return _elsewhere(request, place)
    try:
        figure = Figure(request.query_params.get("figure", Figure.AVERAGE))
    except ValueError as error:
        raise NotFound("There is no figure of this name.") from error
    part = "last" if request.query_params.get("part") == "last" else "this"
    period = found.last if part == "last" else found.this
    with reading(viewer.acting(SEE)) as db:
        names = named(db, [one.id for one in found.left_in(period)])
    rows, hidden = showing.stay_rows(found, (figure, period, _off(request)), names)
    back = showing.off_query(_off(request))
    return page(
        request, "ltac/house/stays.html", discloses=[one.patient_id for one in names.values()] or NO_PHI,
        title=showing.TITLES[figure], place=place.name, rows=rows, hidden=hidden, period=showing.period_text(period),
        back=f"{PAGE}?{back}" if back else PAGE,
        definition=next(text for one, text in showing.DEFINITIONS if one is figure),
    )  # fmt: skip


@get(f"{PAGE}/threshold-days", permission=STUDY, sync_to_thread=True)
def show_threshold_days(request: Asked) -> Response[bytes]:
    """Discharges by day around the threshold, with the readiness of each stay: for compliance."""
    viewer, place = the_viewer(request), _place(the_viewer(request), STUDY)
    found = _house(place)
    if found is None:
        return _elsewhere(request, place)
    with reading(viewer.acting(STUDY)) as db:
        names = named(db, [one.id for one in found.stays if one.past_threshold is not None])
    return page(
        request, "ltac/house/around.html", discloses=[one.patient_id for one in names.values()] or NO_PHI,
        title="Discharges around the threshold", place=place.name, found=showing.around(found, names),
    )  # fmt: skip


@post(f"{PAGE}/cost-report-year", permission=STUDY, sync_to_thread=True)
def set_year(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set in which month the cost-report year begins."""
    viewer, place = the_viewer(request), _place(the_viewer(request), STUDY)
    ask, state = read_form(SetYear, form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                set_first_month(work, place.id, ask.month)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        state.id = "year"
        return _page(request, state)
    return see_other(request, PAGE, Flash(f"The cost-report year begins in {MONTHS[ask.month - 1]}."))


ROUTES = [show_house, show_card, show_stays, show_threshold_days, set_year]
