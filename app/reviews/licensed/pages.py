"""`/licensed-products`: which releases of licensed criteria are in use here, and what payers have agreed to."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.clocks.settings.lines import payer_names
from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, begin, reading
from app.reviews.licensed.commands import AddProduct, add_product, end_product, restore_product
from app.reviews.licensed.queries import ProductRow, product_rows
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
PAGE = "/licensed-products"


@get(PAGE, permission=Permission.REVIEW_WRITE, sync_to_thread=True)
def show_products(request: Asked) -> Response[bytes]:
    """The entries of the facility being worked in."""
    return _page(request, FormState(id="product"), 200)


def _page(request: Asked, form: FormState, status: int) -> Response[bytes]:
    viewer = the_viewer(request)
    place = _place(request)
    with reading(viewer) as db:
        rows = _rows(db, place)
    return page(
        request, "reviews/licensed/products.html", discloses=NO_PHI, title="Licensed criteria", status=status,
        products=rows, place=place.name, form=form,
        may_change=place.id in viewer.facilities_with(Permission.CRITERIA_SET),
    )  # fmt: skip


def _place(request: Asked) -> Place:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("Licensed products belong to a facility. Choose one first.")
    return place


def _rows(db: Reading, place: Place) -> list[dict[str, Any]]:
    today = local_day(db.now, ZoneInfo(place.timezone))
    payers = payer_names(db, place.id)
    found = product_rows(db, place.id)
    standing = {(one.product.lower(), one.release.lower()) for one in found if one.ended_at is None}

    def state(one: ProductRow) -> str:
        if one.ended_at is not None:
            return "taken away"
        if one.begins > today:
            return "from its day on"
        return "out of date" if one.ends is not None and one.ends < today else "in use"

    return [
        {
            "id": str(one.id), "vendor": one.vendor, "product": one.product, "release": one.release,
            "subsets": one.subsets, "state": state(one), "standing": one.ended_at is None,
            "may_return": (one.product.lower(), one.release.lower()) not in standing,
            "begins": f"{one.begins:%-d %b %Y}", "ends": f"{one.ends:%-d %b %Y}" if one.ends else "",
            "agreed": [{"payer": payers.get(code, f"{code}, not named by the feed yet"), "release": release}
                       for code, release in one.agreed.items()],
            "by": one.made_by, "ended_by": one.ended_by,
        }
        for one in found
    ]  # fmt: skip


@post(PAGE, permission=Permission.CRITERIA_SET, sync_to_thread=True)
def take_product(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put a release in use."""
    ask, state = read_form(AddProduct, form)
    state.id = "product"
    if ask is None:
        return _page(request, state, 422)
    try:
        with begin(the_viewer(request)) as work:
            made = add_product(work, _place(request).id, ask)
    except Refused as refused:
        return _page(request, state.refuse(refused), 422)
    undo = Undo(f"{PAGE}/{made.id}/end")
    return see_other(request, PAGE, Flash("The release is in use from its day on.", undo=undo))


@post(PAGE + "/{product_id:uuid}/end", permission=Permission.CRITERIA_SET, sync_to_thread=True)
def withdraw_product(
    request: Asked, product_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take an entry away."""
    with begin(the_viewer(request)) as work:
        end_product(work, product_id)
    undo = Undo(f"{PAGE}/{product_id}/restored")
    return see_other(request, PAGE, Flash("The entry is taken away. Reviews that name it stay.", "blue", undo))


@post(PAGE + "/{product_id:uuid}/restored", permission=Permission.CRITERIA_SET, sync_to_thread=True)
def put_back_product(
    request: Asked, product_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Put an entry that was taken away in use again."""
    with begin(the_viewer(request)) as work:
        restore_product(work, product_id)
    return see_other(request, PAGE, Flash("The entry is in use again."))


ROUTES = [show_products, take_product, withdraw_product, put_back_product]
