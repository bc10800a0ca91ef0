"""Pages around the second factor: recovery codes, how strong a password is, the sign that somebody is here."""

from datetime import timedelta
from typing import Any

from litestar import MediaType, Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response

from app.accounts.factors.proofs import left_for
from app.accounts.own import own_strength, renew_codes
from app.accounts.queries import session_ending
from app.kernel.refusal import Refused
from app.platform.work import reading
from app.security.opening import Way, way_of
from app.security.permissions import Permission
from app.security.sessions import csrf_token, session_cookie
from app.web.forms import FormFields, FormState
from app.web.render import NO_PHI, page, the_viewer

AnyRequest = Request[Any, Any, Any]
OWN = Permission.ACCOUNT_OWN


def codes_shown(request: AnyRequest, codes: list[str], going_on: str) -> Response[bytes]:
    """The page with new recovery codes, which is answered once and kept by no browser."""
    return page(request, "accounts/recovery-codes.html", discloses=NO_PHI, title="Your recovery codes", codes=codes,
                going_on=going_on)  # fmt: skip


def with_new_cookie(request: AnyRequest, token: str) -> None:
    """Forms of the answer belong to the session's new cookie; `keep_cookie` sends it."""
    request.scope["csrf"] = csrf_token(token)  # type: ignore[typeddict-unknown-key]


def keep_cookie(request: AnyRequest, response: Response[bytes], token: str) -> Response[bytes]:
    """Send the session's new cookie with an answer."""
    response.set_cookie(session_cookie(request.app.state.settings, token))
    return response


def _renewing(request: AnyRequest, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as view:
        way, left = way_of(view, viewer.user_id), left_for(view, viewer)
    return page(request, "accounts/recovery-renew.html", discloses=NO_PHI, title="New recovery codes", form=form,
                status=422 if form.errors else 200, left=left, set_up=way is Way.CODE)  # fmt: skip


@get("/account/recovery-codes", permission=OWN, sync_to_thread=True)
def show_renewing(request: AnyRequest) -> Response[bytes]:
    """How many codes are left, and the form for new ones."""
    return _renewing(request, FormState())


@post("/account/recovery-codes", permission=OWN, sync_to_thread=True)
def renew(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Make new codes and show them, this once."""
    try:
        codes = renew_codes(the_viewer(request), form.get("proof", "")[:40])
    except Refused as refused:
        return _renewing(request, FormState().refuse(refused))
    return codes_shown(request, codes, "/account")


@post("/account/password/strength", permission=OWN, unfinished=True, quiet=True, sync_to_thread=True)
def say_strength(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """In words, how the new password would stand. Nothing of it is kept."""
    said = own_strength(the_viewer(request), form.get("password", ""))
    return page(request, "accounts/password.html", discloses=NO_PHI, title="Choose a new password",
                fragment="accounts/_strength.html", form=FormState(), said=said, must=False, shortest=0)  # fmt: skip


@get("/still-here", permission=OWN, unfinished=True, sync_to_thread=True)
def still_here(request: AnyRequest) -> Response[None]:
    """Somebody types or asked to stay: the request itself keeps the session alive."""
    return Response(None, status_code=204)


@get("/session-end", permission=OWN, unfinished=True, quiet=True, sync_to_thread=True)
def session_end(request: AnyRequest) -> Response[dict[str, Any]]:
    """When this session ends if nobody uses it from now on. The question is no use of it."""
    idle = timedelta(minutes=request.app.state.settings.idle_minutes)
    answer = session_ending(the_viewer(request), idle)
    return Response(answer, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})


ROUTES = [show_renewing, renew, say_strength, still_here, session_end]
