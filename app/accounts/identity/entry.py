"""Pages on the way to the identity provider and back, the code that may be owed, proof anew, and its word of a logout.

Links, not forms: our content security policy lets no form lead to another site, and going there changes nothing here.
"""

from typing import Any

import msgspec
from litestar import MediaType, Request, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ClientException
from litestar.params import FromQuery
from litestar.response import Response
from pydantic import BaseModel, Field

from app.accounts.identity import pages
from app.accounts.identity.client import (
    AFTERWARDS,
    CALLBACK,
    CALLED,
    LOGOUT,
    OUT,
    Denied,
    Provider,
    Unreachable,
    provider_of,
    registration,
)  # fmt: skip
from app.accounts.identity.flow import (
    START_AGAIN,
    Answer,
    Came,
    Errand,
    Owes,
    come_back,
    fresh_proof,
    give_code,
    set_out,
    way_out,
)  # fmt: skip
from app.accounts.identity.tokens import Unbelievable
from app.accounts.identity.upkeep import take_logout
from app.accounts.pages_signing import let_in, visit_of, visitor_page
from app.accounts.signing import Entered, came_by_provider
from app.kernel.refusal import NotFound, Refused
from app.security.permissions import Permission
from app.settings import Settings
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import HTML, NO_PHI, local_address, page, see_other, the_viewer, viewer_of

AnyRequest = Request[Any, Any, Any]
CODE, PROOF = "/sign-in/provider/code", "/account/provider-proof"
_MOST_LOGOUT_BYTES = 64 * 1024


class ProviderCode(BaseModel):
    """The code of our own second factor, after the provider vouched for the person."""

    code: str = Field(min_length=1, max_length=40)


def _provider(request: AnyRequest) -> Provider:
    """The provider of this installation. NotFound where there is none."""
    known = registration(request.app.state.settings)
    if known is None:
        raise NotFound("This installation has no identity provider.")
    return provider_of(known)


def _cookie_name(settings: Settings) -> str:
    return "__Host-daybook-provider" if settings.secure_cookies else "daybook-provider"


def _keep(request: AnyRequest, response: Response[bytes], value: str) -> Response[bytes]:
    """The cookie of an attempt. Lax, since the way back begins at another site; gone after ten minutes."""
    settings: Settings = request.app.state.settings
    response.set_cookie(
        Cookie(key=_cookie_name(settings), value=value, path="/", httponly=True, samesite="lax",
               secure=settings.secure_cookies, max_age=600 if value else 0)
    )  # fmt: skip
    return response


def _kept(request: AnyRequest) -> str:
    return request.cookies.get(_cookie_name(request.app.state.settings), "")


def _go(request: AnyRequest, errand: Errand, otherwise: str) -> Response[bytes]:
    try:
        begun = set_out(_provider(request), errand)
    except Refused as refused:
        return see_other(request, otherwise, Flash(refused.sentence, "red"))
    return _keep(request, Response(b"", status_code=303, media_type=HTML, headers={"Location": begun.address}),
                 begun.cookie)  # fmt: skip


@get(CALLED, permission=Permission.PUBLIC, knows_viewer=True, sync_to_thread=True)
def go_there(request: AnyRequest, next: FromQuery[str] = "/") -> Response[bytes]:
    """To the provider; who is signed in already goes on."""
    following = local_address(next)
    if viewer_of(request) is not None:
        return see_other(request, following)
    return _go(request, Errand(following), AFTERWARDS)


@get(PROOF, permission=Permission.ACCOUNT_OWN, sync_to_thread=True)
def prove_anew(request: AnyRequest, next: FromQuery[str] = "/account") -> Response[bytes]:
    """To the provider, to sign in there anew; only for sessions that came by it."""
    viewer, following = the_viewer(request), local_address(next)
    if not came_by_provider(viewer):
        raise NotFound("This session did not begin at the identity provider.")
    return _go(request, Errand(following, viewer.session_id), following)


@get(CALLBACK, permission=Permission.PUBLIC, knows_viewer=True, sync_to_thread=True)
def return_here(request: AnyRequest) -> Response[bytes]:
    """Back from the provider: signed in, asked for a code, or a sentence on the sign-in page."""
    asked, viewer = request.query_params, viewer_of(request)
    answer = Answer(asked.get("code", ""), asked.get("state", ""), asked.get("iss", ""), asked.get("error", ""))
    try:
        came = come_back(_provider(request), answer, _kept(request), visit_of(request), viewer)
    except Refused as refused:
        otherwise = AFTERWARDS if viewer is None else "/account"
        return _keep(request, see_other(request, otherwise, Flash(refused.sentence, "red")), "")
    return _arrive(request, came)


def _arrive(request: AnyRequest, came: Came) -> Response[bytes]:
    if isinstance(came.result, Entered):
        return _keep(request, let_in(request, came.result, came.following), "")
    if isinstance(came.result, Owes):
        return _keep(request, see_other(request, CODE), came.result.ticket)
    return _keep(request, see_other(request, came.following), "")


@get(CODE, permission=Permission.PUBLIC, sync_to_thread=True)
def show_code(request: AnyRequest) -> Response[bytes]:
    """The form for the code of our own second factor."""
    return _code_page(request, FormState())


def _code_page(request: AnyRequest, form: FormState) -> Response[bytes]:
    return visitor_page(request, "accounts/identity/code.html", form, title="Enter your code")


@post(CODE, permission=Permission.PUBLIC, sync_to_thread=True)
def take_code(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """The code: on to the start, or back with a sentence."""
    ask, state = read_form(ProviderCode, form, hidden=("code",))
    if ask is None:
        return _code_page(request, state)
    try:
        return _arrive(request, give_code(_kept(request), ask.code, visit_of(request)))
    except Refused as refused:
        if refused.sentence == START_AGAIN:
            return _keep(request, see_other(request, AFTERWARDS, Flash(START_AGAIN, "red")), "")
        return _code_page(request, state.refuse(refused))


@get(OUT, permission=Permission.PUBLIC, sync_to_thread=True)
def show_way_out(request: AnyRequest) -> Response[bytes]:
    """Signed out here; on to the provider's own sign-out, where it has one.

    The browser is sent on by a header: the form that signed out may lead to no other site.
    """
    where = way_out(_provider(request))
    if not where:
        return see_other(request, AFTERWARDS)
    response = page(request, "accounts/identity/out.html", discloses=NO_PHI, title="You are signed out of Daybook",
                    label=request.app.state.settings.oidc_label, where=where)  # fmt: skip
    response.headers["Refresh"] = f"0; url={where}"
    return response


async def logout_form(request: AnyRequest) -> FormFields:
    """What the provider posts. It knows no token of our forms: its own signature is the proof that it is the sender."""
    if (request.content_length or 0) > _MOST_LOGOUT_BYTES:
        raise ClientException("What was sent is too large.", status_code=413)
    data = await request.form()
    return FormFields([(name, value) for name, value in data.multi_items() if isinstance(value, str)])


@post(LOGOUT, permission=Permission.PUBLIC, dependencies={"form": Provide(logout_form)}, sync_to_thread=True,
      request_max_body_size=_MOST_LOGOUT_BYTES)  # fmt: skip
def hear_logout(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """The provider says that a session ended there (OpenID Connect Back-Channel Logout 1.0, 2.8)."""
    try:
        take_logout(_provider(request), form.get("logout_token", ""))
    except Unbelievable as error:
        return _said({"error": "invalid_request", "error_description": f"The token does not hold: {error}."}, 400)
    except (Unreachable, Denied):
        return _said({"error": "temporarily_unavailable"}, 503)
    return _said({}, 200)


def _said(what: dict[str, str], status: int) -> Response[bytes]:
    return Response(msgspec.json.encode(what), status_code=status, media_type=MediaType.JSON)


ROUTES = [go_there, prove_anew, return_here, show_code, take_code, show_way_out, hear_logout, *pages.ROUTES]
__all__ = ["ROUTES", "fresh_proof"]
