"""`/choice/<key>`: a family reads a list and marks what it prefers, without an account. It shows no name of a patient.

The key is 256 random bits, of which only the digest is kept. A wish is not yet a choice: staff record it as one.
"""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.discharge.choice import queries, showing
from app.discharge.choice.family import links
from app.discharge.choice.family.links import Linked, MarkWish
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import full_text
from app.platform.work import Disclosure, Scope, System, begin, disclose, reading
from app.security.permissions import Permission
from app.security.sessions import client_address, csrf_token, new_token, visit_cookie_name
from app.web.forms import FormFields, FormState, read_form
from app.web.render import NO_PHI, page, route_name

Asked = Request[Any, Any, Any]
SLOW = "This page was opened too often. Wait ten minutes and open the link again."
TITLE = "Providers to choose from"


def _enter(request: Asked, key: str) -> Linked | Response[bytes]:
    """The list of a link, counted and recorded as shown; else the page that says why not."""
    address = client_address(request, request.app.state.settings)
    if links.too_often(address):
        return _shut(request, SLOW, 429)
    try:
        with reading(links.WHO) as db:
            one = links.linked(db, key)
    except NotFound as closed:
        return _shut(request, closed.sentence, 404)
    disclose(_actor(one), Disclosure(route_name(request), [one.patient_id], address, kind="link"))
    return one


def _actor(one: Linked) -> System:
    """The link as an actor: it sees its facility's rows, and the pages use one list of them."""
    return System(f"choice link {one.link_id}", Scope(facilities=(one.facility_id,), sensitive=(one.facility_id,)))


def _shut(request: Asked, sentence: str, status: int) -> Response[bytes]:
    return _guarded(page(request, "discharge/choice/family.html", discloses=NO_PHI, title="This link does not open",
                         status=status, shut=sentence, done=False, form=FormState()))  # fmt: skip


def _guarded(response: Response[bytes]) -> Response[bytes]:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@get("/choice/{choice_key:str}", permission=Permission.PUBLIC, sync_to_thread=True)
def show(request: Asked, choice_key: FromPath[str]) -> Response[bytes]:
    """The list, and a form for what is preferred."""
    one = _enter(request, choice_key)
    return one if isinstance(one, Response) else _page(request, one, choice_key, FormState(id="wish"))


def _page(request: Asked, one: Linked, key: str, form: FormState, *, done: bool = False) -> Response[bytes]:
    settings = request.app.state.settings
    name = visit_cookie_name(settings)
    visit = request.cookies.get(name, "") or new_token()
    request.scope["csrf"] = csrf_token(visit)  # type: ignore[typeddict-unknown-key]
    zone = ZoneInfo(one.timezone)
    with reading(_actor(one)) as db:
        shown = queries.list_of(db, one.list_id).content
        wish = next((mark for mark in queries.marks(db, [one.encounter_id]) if mark.list_id == one.list_id), None)
    vendors = [{"value": str(vendor.vendor_id), "label": vendor.name} for vendor in shown.vendors]
    response = page(
        request, "discharge/choice/family.html", discloses=NO_PHI, title=TITLE, status=422 if form.errors else 200,
        shut="", done=done, form=form, action=f"/choice/{key}", facility=one.facility, initials=one.initials,
        made=full_text(one.made_at, zone), until=full_text(one.expires_at, zone), list=showing.list_context(shown),
        vendors=[{"value": "", "label": "nobody yet"}, *vendors],
        wish=", ".join(showing.names(wish.vendors, shown)) if wish else "",
    )  # fmt: skip
    response.set_cookie(
        Cookie(key=name, value=visit, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies)
    )
    return _guarded(response)


@post("/choice/{choice_key:str}", permission=Permission.PUBLIC, sync_to_thread=True)
def mark(request: Asked, choice_key: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Keep what is preferred; it may be changed as long as the link is open."""
    one = _enter(request, choice_key)
    if isinstance(one, Response):
        return one
    ask, state = read_form(MarkWish, form)
    state.id = "wish"
    if ask is not None:
        try:
            with begin(_actor(one)) as work:
                links.mark(work, one, ask)
            return _page(request, one, choice_key, FormState(id="wish"), done=True)
        except Refused as refused:
            state.refuse(refused)
        except NotFound as closed:
            return _shut(request, closed.sentence, 404)
    return _page(request, one, choice_key, state)


ROUTES = [show, mark]
