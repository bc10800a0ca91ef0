"""`/vendors`: the registry, searched by distance, network, capability and quality; one vendor with what is known."""

import uuid
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel, BeforeValidator, Field

from app.clocks.settings.line_pages import place_of
from app.clocks.settings.lines import payer_names
from app.discharge.terms import CareType
from app.discharge.vendors import commands, showing
from app.discharge.vendors.commands import AddContact, AddContract, AddInterest, SetPosition, SetVendor
from app.discharge.vendors.models import Vendor, VendorVersion
from app.discharge.vendors.queries import Found, Listed, Sought, around_of, position_of, search, vendor_brief
from app.discharge.vendors.terms import Capability, ContactKind, InterestKind, NetworkStanding, Order
from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Work, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place, Viewer
from app.web.fields import Name, empty_is_none
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
SEE, SET = Permission.ACCOUNT_OWN, Permission.VENDOR_SET  # a registry of vendors is no secret of patients
ON_A_PAGE = 50
YES_OR_NO = [{"value": "", "label": "not known"}, {"value": "true", "label": "yes"}, {"value": "false", "label": "no"}]
NO_PLACE = "Distances are not known: say below where the hospital stands."


class AskVendors(BaseModel):
    """A search as its address says it."""

    q: Name = ""
    kind: Annotated[CareType | None, BeforeValidator(empty_is_none)] = None
    within: Annotated[Annotated[float, Field(gt=0, le=3000)] | None, BeforeValidator(empty_is_none)] = None
    zip: Annotated[str, Field(max_length=5, pattern=r"^(\d{5})?$")] = ""
    state: Annotated[str, Field(max_length=2)] = ""
    can: list[Capability] = Field(default_factory=list)
    language: Name = ""
    payer: Name = ""
    network: bool = False
    medicaid: bool = False
    stars: Annotated[Annotated[float, Field(ge=1, le=5)] | None, BeforeValidator(empty_is_none)] = None
    closed: bool = False
    order: Order = Order.DISTANCE
    page: Annotated[int, Field(ge=1, le=2000)] = 1


@get("/vendors", permission=SEE, sync_to_thread=True)
def show_vendors(request: Asked) -> Response[bytes]:
    """Vendors that match the address, in a neutral order that is said."""
    viewer = the_viewer(request)
    place = place_of(viewer, SEE)
    ask, form = read_form(AskVendors, FormFields(list(request.query_params.multi_items())))
    wrong = dict(form.errors)
    ask = ask or AskVendors()
    with reading(viewer) as db:
        today = local_day(db.now, ZoneInfo(place.timezone))
        around = around_of(db, place.id, ask.zip)
        if ask.zip and around is None:
            wrong["zip"] = "The table of ZIP centroids does not have this code, so no distance is known."
        found = search(db, place.id, _sought(ask, around), today)
        context = _list_context(db, place, ask, found)
    context["rows"] = [showing.row(one, today) for one in found.rows]
    context["measured"] = "" if around is not None else NO_PLACE
    given = form.given | {"order": ask.order.value, "can": " ".join(ask.can)}
    context["form"] = FormState(given, wrong, "s")
    return page(request, "discharge/vendors/vendors.html", discloses=NO_PHI, title="Vendors",
                status=422 if wrong else 200, may_set=_may_set(viewer, place), **context)  # fmt: skip


def _sought(ask: AskVendors, around: Any) -> Sought:
    return Sought(
        care_type=ask.kind, text=ask.q, state=ask.state, around=around, within=ask.within if around else None,
        capabilities=frozenset(ask.can), language=ask.language, payer_code=ask.payer, in_network=ask.network,
        medicaid=ask.medicaid, least_stars=ask.stars, closed_too=ask.closed, order=ask.order, limit=ON_A_PAGE,
        offset=(ask.page - 1) * ON_A_PAGE,
    )  # fmt: skip


def _list_context(db: Reading, place: Place, ask: AskVendors, found: Found) -> dict[str, Any]:
    first = (ask.page - 1) * ON_A_PAGE + 1
    last = first + len(found.rows) - 1
    where = position_of(db, place.id)
    return {
        "place": place.name,
        "total": found.total,
        "empty": db.value("select not exists (select from vendor where facility_id = %s)", (place.id,)),
        "order": ask.order.label,
        "pager": {
            "from": first, "to": last, "total": f"{found.total:,}", "what": "vendors",
            "previous": _page_address(ask, ask.page - 1) if ask.page > 1 else "",
            "next": _page_address(ask, ask.page + 1) if last < found.total else "",
        },
        "types": showing.choices(showing.TYPES, "any type"),
        "orders": showing.choices(list(Order)),
        "capabilities": showing.choices(list(Capability)),
        "payers": _payers_to_choose(db, place.id, ask.payer),
        "position": "" if where is None else where.zip_code or f"{where.latitude:.3f}, {where.longitude:.3f}",
        "payer": payer_names(db, place.id).get(ask.payer, ask.payer),
    }  # fmt: skip


def _payers(db: Reading, facility_id: int) -> list[dict[str, str]]:
    names = payer_names(db, facility_id)
    return [{"value": code, "label": name} for code, name in sorted(names.items(), key=lambda one: one[1])]


def _payers_to_choose(db: Reading, facility_id: int, chosen: str) -> list[dict[str, str]]:
    """No payer, those of the feed, and the one of the address where the feed has not named it."""
    known = [{"value": "", "label": "no payer"}, *_payers(db, facility_id)]
    return known if any(one["value"] == chosen for one in known) else [*known, {"value": chosen, "label": chosen}]


def _page_address(ask: AskVendors, number: int) -> str:
    asked = {name: value for name, value in ask.model_dump(mode="json", exclude_defaults=True).items() if value}
    pairs = [(name, one) for name, value in (asked | {"page": number}).items()
             for one in (value if isinstance(value, list) else [value])]  # fmt: skip
    return "/vendors?" + urlencode(pairs)


def _may_set(viewer: Viewer, place: Place) -> bool:
    return place.id in viewer.facilities_with(SET)


@get("/vendors/new", permission=SET, sync_to_thread=True)
def show_new(request: Asked) -> Response[bytes]:
    """A form for a vendor of which no file tells."""
    return _form_page(request, FormState(given={"care_type": CareType.SNF.value}), None)


@post("/vendors", permission=SET, sync_to_thread=True)
def add(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Enter a vendor."""
    place = place_of(the_viewer(request), SET)
    ask, state = _read(form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.add_vendor(work, place.id, ask)
            return see_other(request, f"/vendors/{made}", Flash("The vendor is in the registry."))
        except Refused as refused:
            state.refuse(refused)
    return _form_page(request, state, None)


def _read(form: FormFields) -> tuple[SetVendor | None, FormState]:
    ask, state = read_form(SetVendor, form)
    state.given["capabilities"] = " ".join(form.all("capabilities"))
    return ask, state


def _form_page(request: Asked, state: FormState, vendor_id: uuid.UUID | None, ccn: str = "") -> Response[bytes]:
    title = "A vendor" if vendor_id is None else "Change a vendor"
    return page(
        request, "discharge/vendors/vendor_form.html", discloses=NO_PHI, title=title, form=state,
        status=422 if state.errors else 200, ccn=ccn, new=vendor_id is None,
        action="/vendors" if vendor_id is None else f"/vendors/{vendor_id}/versions",
        back="/vendors" if vendor_id is None else f"/vendors/{vendor_id}",
        types=showing.choices(showing.TYPES), capabilities=showing.choices(list(Capability)), said=YES_OR_NO,
    )  # fmt: skip


@get("/vendors/{vendor_id:uuid}", permission=SEE, sync_to_thread=True)
def show_vendor(request: Asked, vendor_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """What is known of one vendor: where it is, what it can do, who pays, interests, contacts, history."""
    return _vendor_page(request, vendor_id, FormState(id=""))


def _vendor_page(request: Asked, vendor_id: uuid.UUID, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    place = place_of(viewer, SEE)
    zone = ZoneInfo(place.timezone)
    with reading(viewer) as db:
        today = local_day(db.now, zone)
        one = _one(db, vendor_id, place)
        payers = payer_names(db, place.id)
        context = showing.row(one, today) | {
            "facts": _facts(one), "history": showing.history(db, vendor_id, zone),
            "dealings": showing.dealings(db, vendor_id, zone, payers), "payers": _payers(db, place.id),
        }  # fmt: skip
    return page(
        request, "discharge/vendors/vendor.html", discloses=NO_PHI, title=one.name, form=form, today=today.isoformat(),
        may_set=_may_set(viewer, place), status=422 if form.errors else 200, vendor=context, remark=context["closed"],
        standings=showing.choices(list(NetworkStanding)), kinds=showing.choices(list(ContactKind)),
        interests=showing.choices(list(InterestKind)),
    )  # fmt: skip


def _one(db: Reading, vendor_id: uuid.UUID, place: Place) -> Listed:
    """The vendor, if it is of the facility that is worked in."""
    mine = db.value("select facility_id from vendor where id = %s", (vendor_id,))
    if mine != place.id:
        raise NotFound(commands.NO_VENDOR)
    return vendor_brief(db, [vendor_id])[vendor_id]


def _facts(one: Listed) -> list[dict[str, str]]:
    stars = [
        f"{label} {value:g}"
        for label, value in (
            ("overall", one.stars_overall), ("health inspection", one.stars_health),
            ("staffing", one.stars_staffing), ("quality", one.stars_quality),
        )
        if value is not None
    ]  # fmt: skip
    facts = [
        ("Type of care", CareType(one.care_type).label), ("Certification number", one.ccn), ("Address", one.place),
        ("Telephone", one.phone), ("Takes part in Medicare", _said(one.medicare)),
        ("Accepts Medicaid", _said(one.medicaid)), ("Beds", str(one.beds or "")),
        ("CMS stars", ", ".join(stars)), ("Figures of", showing.data_text(one.data_on)), ("Told by", one.source),
        ("Can do", ", ".join(showing.capability_texts(one.capabilities))), ("Speaks", ", ".join(one.languages)),
        ("Serves", f"{len(one.serves)} ZIP codes" if one.serves else ""),
        ("Wants referrals by link", "yes" if one.portal_wanted else ""),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in facts if value]


def _said(value: bool | None) -> str:
    return "nobody has said" if value is None else "yes" if value else "no"


@get("/vendors/{vendor_id:uuid}/edit", permission=SET, sync_to_thread=True)
def show_edit(request: Asked, vendor_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is known."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        held = _mine(work, viewer, vendor_id)
        key = work.value("select id from vendor_version where vendor_id = %s and ended_at is null", (vendor_id,))
        now = work.get(VendorVersion, key)
        given = {name: _text(getattr(now, name)) for name in SetVendor.model_fields if name != "ccn"}
        given |= {"ccn": held.ccn, "languages": ", ".join(now.languages)}
    return _form_page(request, FormState(given=given), vendor_id, given["ccn"])


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value)


def _mine(work: Work, viewer: Viewer, vendor_id: uuid.UUID) -> Vendor:
    held = work.get(Vendor, vendor_id, commands.NO_VENDOR)
    if held.facility_id != place_of(viewer, SET).id:
        raise NotFound(commands.NO_VENDOR)
    return held


@post("/vendors/{vendor_id:uuid}/versions", permission=SET, sync_to_thread=True)
def change(request: Asked, vendor_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Change what is known of a vendor."""
    viewer = the_viewer(request)
    ask, state = _read(form)
    if ask is not None:
        try:
            with begin(viewer) as work:
                _mine(work, viewer, vendor_id)
                commands.set_vendor(work, vendor_id, ask)
            back = Flash("The vendor is changed.", undo=Undo(f"/vendors/{vendor_id}/reversal"))
            return see_other(request, f"/vendors/{vendor_id}", back)
        except Refused as refused:
            state.refuse(refused)
    with begin(viewer) as work:
        held = _mine(work, viewer, vendor_id)
        ccn = held.ccn
    return _form_page(request, state, vendor_id, ccn)


@post("/vendors/{vendor_id:uuid}/reversal", permission=SET, sync_to_thread=True)
def undo(request: Asked, vendor_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the last change back."""
    with begin(the_viewer(request)) as work:
        _mine(work, the_viewer(request), vendor_id)
        commands.take_back(work, vendor_id)
    return see_other(request, f"/vendors/{vendor_id}", Flash("What stood before stands again.", "blue"))


_ADDS: dict[str, tuple[type[BaseModel], Callable[[Work, uuid.UUID, Any], Any], str]] = {
    "contract": (AddContract, commands.add_contract, "The contract is entered."),
    "contact": (AddContact, commands.add_contact, "The contact is entered."),
    "interest": (AddInterest, commands.add_interest, "The interest is entered; every list discloses it from now on."),
}


@post("/vendors/{vendor_id:uuid}/dealings/{dealing:str}", permission=SET, sync_to_thread=True)
def add_dealing(
    request: Asked, vendor_id: FromPath[uuid.UUID], dealing: FromPath[str], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Enter a contract, a contact or a financial interest."""
    if dealing not in _ADDS:
        raise NotFound()
    kind, enter, text = _ADDS[dealing]
    ask, state = read_form(kind, form)
    state.id = dealing
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                _mine(work, the_viewer(request), vendor_id)
                made = enter(work, vendor_id, ask)
            back = Flash(text, undo=Undo(f"/vendor-dealings/{dealing}/{made.id}/end"))
            return see_other(request, f"/vendors/{vendor_id}", back)
        except Refused as refused:
            state.refuse(refused)
    return _vendor_page(request, vendor_id, state)


@post("/vendor-dealings/{dealing:str}/{dealing_id:uuid}/end", permission=SET, sync_to_thread=True)
def end_dealing(
    request: Asked, dealing: FromPath[str], dealing_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take an entry away; it stays readable."""
    with begin(the_viewer(request)) as work:
        vendor_id = commands.end_dealing(work, dealing, dealing_id)
    return see_other(request, f"/vendors/{vendor_id}", Flash("It is taken away; it stays readable below.", "blue"))


@post("/vendor-position", permission=SET, sync_to_thread=True)
def place_hospital(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say where the hospital stands."""
    place = place_of(the_viewer(request), SET)
    ask, state = read_form(SetPosition, form)
    wrong = next(iter(state.errors.values()), "")
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.set_position(work, place.id, ask)
            return see_other(request, "/vendors", Flash("Distances are measured from there."))
        except Refused as refused:
            wrong = refused.sentence
    return see_other(request, "/vendor-files", Flash(f"Not saved. {wrong}", "red"))


ROUTES = [
    show_vendors, show_new, add, show_vendor, show_edit, change, undo, add_dealing, end_dealing, place_hospital,
]  # fmt: skip
