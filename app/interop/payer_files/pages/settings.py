"""How files are exchanged with each payer of a facility."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Response

from app.interop.payer_files import folders
from app.interop.payer_files.settings import COLUMNS, Exchange, SetExchange, exchanges, set_exchange
from app.interop.payer_files.terms import Format
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Ask = Request[Any, Any, Any]
SET = Permission.EXCHANGE_SET
FORMATS = [{"value": one.value, "label": one.label} for one in Format]
QUALIFIERS = [
    {"value": "PI", "label": "PI, the payer’s own id"}, {"value": "46", "label": "46, electronic id"},
    {"value": "XV", "label": "XV, health plan id"}, {"value": "XX", "label": "XX, NPI"},
]  # fmt: skip
USAGES = [{"value": "T", "label": "Test"}, {"value": "P", "label": "Production"}]
LINE_ENDS = [
    {"value": "none", "label": "Nothing"}, {"value": "lf", "label": "Line feed"},
    {"value": "crlf", "label": "Carriage return and line feed"},
]  # fmt: skip
_PAYERS = """
select distinct c.payer_code, max(c.payer_name) from coverage c
where c.facility_id = %s and c.payer_code <> '' group by c.payer_code order by c.payer_code limit 500
"""


@get("/payer-files/settings", permission=SET, sync_to_thread=True)
def show_settings(request: Ask, payer: FromQuery[str] = "") -> Response[bytes]:
    """The settings of the facility being worked in; `payer` opens those of one, set or not."""
    return _page(request, payer[:60], None, 200)


def _page(request: Ask, payer: str, form: FormState | None, status: int) -> Response[bytes]:
    viewer = the_viewer(request)
    place = _place(request)
    with reading(viewer) as db:
        known = {one.payer_code: one for one in exchanges(db) if one.facility_id == place.id}
        named = dict(db.rows(_pair, _PAYERS, (place.id,)))
    rows = [_row(one) for one in known.values()]
    others = [{"value": code, "label": f"{name or code} ({code})"} for code, name in named.items() if code not in known]
    held = known.get(payer)
    return page(
        request, "interop/payers/settings.html", discloses=NO_PHI, title="Exchange with payers", status=status,
        place=place.name, rows=rows, others=others, payer=payer, form=form or _form(payer, held, named.get(payer, "")),
        formats=FORMATS, qualifiers=QUALIFIERS, usages=USAGES, line_ends=LINE_ENDS, root=str(folders.root()),
        set_already=held is not None,
    )  # fmt: skip


def _pair(code: str, name: str) -> tuple[str, str]:
    return code, name


def _row(one: Exchange) -> dict[str, str]:
    return {
        "href": f"/payer-files/settings?payer={one.payer_code}", "code": one.payer_code, "name": one.payer_name,
        "format": Format(one.format).label, "usage": "test" if one.usage == "T" else "production",
        "outbox": one.outbox or "by hand", "inbox": one.inbox or "by hand", "receiver": one.receiver,
    }  # fmt: skip


def _form(payer: str, held: Exchange | None, name: str) -> FormState:
    if held is not None:
        given = {column: str(getattr(held, column)) for column in COLUMNS if column != "facility_id"}
    else:
        given = {"payer_code": payer, "payer_name": name.upper(), "format": "x12", "payer_qualifier": "PI",
                 "sender_qualifier": "ZZ", "receiver_qualifier": "ZZ", "usage": "T", "line_end": "none",
                 "notification_purpose": "CN", "inquiry_purpose": "28"}  # fmt: skip
    return FormState(given=given, id="exchange")


def _place(request: Ask) -> Place:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("The exchange is set for a facility. Choose one first.")
    return place


@post("/payer-files/settings", permission=SET, sync_to_thread=True)
def save_settings(request: Ask, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Make or change the settings of a payer."""
    ask, state = read_form(SetExchange, form)
    state.id = "exchange"
    payer = form.get("payer_code", "")[:60]
    if ask is None:
        return _page(request, payer, state, 422)
    try:
        with begin(the_viewer(request)) as work:
            set_exchange(work, _place(request).id, ask)
    except Refused as refused:
        return _page(request, payer, state.refuse(refused), 422)
    return see_other(request, "/payer-files/settings", Flash("The settings of the exchange were saved."))


ROUTES = [show_settings, save_settings]
