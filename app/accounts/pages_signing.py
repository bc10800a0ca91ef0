"""Pages before and around a session: sign-in, sign-out, first run, the start, the choice of facility."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Response

from app.accounts.factors.recovery import looks_like_one
from app.accounts.first_run import SetUp, nobody_yet, set_up
from app.accounts.identity.client import CALLED, OUT
from app.accounts.signing import (
    START_AGAIN,
    CodeWanted,
    Entered,
    GiveCode,
    SignIn,
    Visit,
    came_by_provider,
    choose_facility,
    end_session,
    give_code,
    sign_in,
)  # fmt: skip
from app.kernel.refusal import NotFound, Refused
from app.security.permissions import Permission
from app.security.sessions import client_address, cookie_name, csrf_token, new_token, visit_cookie_name
from app.settings import Settings
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, local_address, page, see_other, the_viewer, viewer_of

AnyRequest = Request[Any, Any, Any]


def _settings(request: AnyRequest) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def set_cookie(request: AnyRequest, response: Response[bytes], key: str, value: str) -> None:
    """A cookie for this host and this session of the browser; an empty value takes it away."""
    response.set_cookie(
        Cookie(key=key, value=value, path="/", httponly=True, samesite="lax", secure=_settings(request).secure_cookies,
               max_age=None if value else 0)
    )  # fmt: skip


def visitor_page(request: AnyRequest, template: str, form: FormState, **context: Any) -> Response[bytes]:
    """A page for somebody without a session: its form is bound to a cookie of the visit."""
    visit = request.cookies.get(visit_cookie_name(_settings(request)), "") or new_token()
    request.scope["csrf"] = csrf_token(visit)  # type: ignore[typeddict-unknown-key]
    status = 422 if form.errors else 200
    response = page(request, template, discloses=NO_PHI, status=status, form=form, **context)
    set_cookie(request, response, visit_cookie_name(_settings(request)), visit)
    return response


def visit_of(request: AnyRequest) -> Visit:
    """The browser that signs in."""
    settings = _settings(request)
    return Visit(
        cookie=request.cookies.get(visit_cookie_name(settings), ""), address=client_address(request, settings),
        agent=request.headers.get("user-agent", ""), hours=settings.session_hours,
        replaces=request.cookies.get(cookie_name(settings), ""),
    )  # fmt: skip


def _password_page(request: AnyRequest, form: FormState, following: str) -> Response[bytes]:
    settings = _settings(request)
    other = {"label": settings.oidc_label, "href": f"{CALLED}?{urlencode({'next': following})}"}
    return visitor_page(
        request,
        "accounts/sign-in.html",
        form,
        title="Sign in",
        following=following,
        idle_minutes=settings.idle_minutes,
        provider=other if settings.oidc_issuer else None,
    )


def _code_page(
    request: AnyRequest, form: FormState, following: str, ticket: str, recovery: bool = False
) -> Response[bytes]:
    return visitor_page(request, "accounts/sign-in-code.html", form, title="Enter your code", following=following,
                         ticket=ticket, recovery=recovery)  # fmt: skip


def let_in(request: AnyRequest, entered: Entered, following: str) -> Response[bytes]:
    """On to the first page, with the cookie of the new session."""
    settings = _settings(request)
    # What the person must know goes by the flash, which is said once, wherever they are led.
    response = see_other(request, following, Flash(entered.told, tone="amber") if entered.told else None)
    set_cookie(request, response, cookie_name(settings), entered.token)
    set_cookie(request, response, visit_cookie_name(settings), "")
    return response


@get("/sign-in", permission=Permission.PUBLIC, knows_viewer=True, sync_to_thread=True)
def show_sign_in(request: AnyRequest, next: FromQuery[str] = "/") -> Response[bytes]:
    """The first step; who is signed in already goes on, and while there is nobody the set-up is shown."""
    if viewer_of(request) is not None:
        return see_other(request, local_address(next))
    if nobody_yet():
        return see_other(request, "/set-up")
    return _password_page(request, FormState(), local_address(next))


@post("/sign-in", permission=Permission.PUBLIC, sync_to_thread=True)
def check_password(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """The password: on to the start, to the code, or back with a sentence."""
    following = local_address(form.get("next", "/"))
    ask, state = read_form(SignIn, form, hidden=("password",))
    if ask is None:
        return _password_page(request, state, following)
    try:
        result = sign_in(ask, visit_of(request))
    except Refused as refused:
        return _password_page(request, state.refuse(refused), following)
    if isinstance(result, CodeWanted):
        return _code_page(request, FormState(), following, result.ticket)
    return let_in(request, result, following)


@post("/sign-in/code", permission=Permission.PUBLIC, sync_to_thread=True)
def check_code(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """The one-time code: on to the start, or back with a sentence."""
    following = local_address(form.get("next", "/"))
    ask, state = read_form(GiveCode, form, hidden=("code",))
    if ask is None:
        return _code_page(request, state, following, form.get("ticket", ""))
    try:
        return let_in(request, give_code(ask, visit_of(request)), following)
    except Refused as refused:
        if refused.sentence == START_AGAIN:
            return _password_page(request, FormState().refuse(refused), following)
        return _code_page(request, state.refuse(refused), following, ask.ticket, looks_like_one(ask.code))


@post("/sign-out", permission=Permission.ACCOUNT_OWN, unfinished=True, sync_to_thread=True)
def sign_out(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """End this session."""
    viewer = the_viewer(request)
    end_session(viewer, viewer.session_id, "signed out")
    provided = came_by_provider(viewer)
    response = see_other(request, OUT) if provided else see_other(request, "/sign-in", Flash("You are signed out."))
    set_cookie(request, response, cookie_name(_settings(request)), "")
    return response


@get("/", permission=Permission.ACCOUNT_OWN, sync_to_thread=True)
def start(request: AnyRequest) -> Response[bytes]:
    """The first page that is of use to this person."""
    viewer = the_viewer(request)
    firsts = (
        (Permission.DECIDE, "/decisions"),
        (Permission.POLICY_SET, "/control"),  # whoever sets the terms of the house runs the department
        (Permission.STAY_TAKE, "/worklists/my-day"),
        (Permission.NOTE_WRITE, "/worklists/inpatient"),
        (Permission.AUDIT_SEE, "/audit"),
        (Permission.USER_MANAGE, "/people"),
    )
    return see_other(request, next((where for held, where in firsts if viewer.may(held)), "/account"))


@post("/facility", permission=Permission.ACCOUNT_OWN, sync_to_thread=True)
def turn_to_facility(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Work in another of one's facilities: lists begin anew, since filters of one house mean nothing in another."""
    choose_facility(the_viewer(request), form.get("code", ""))
    return see_other(request, "/")


def _set_up_page(request: AnyRequest, form: FormState) -> Response[bytes]:
    return visitor_page(request, "accounts/set-up.html", form, title="Set up Daybook")


@get("/set-up", permission=Permission.PUBLIC, sync_to_thread=True)
def show_set_up(request: AnyRequest) -> Response[bytes]:
    """The first administrator and facility; not there once there is a user."""
    if not nobody_yet():
        raise NotFound
    return _set_up_page(request, FormState(given={"kind": "acute", "timezone": "America/New_York"}))


@post("/set-up", permission=Permission.PUBLIC, sync_to_thread=True)
def take_set_up(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Carry out the set-up."""
    if not nobody_yet():
        raise NotFound
    ask, state = read_form(SetUp, form, hidden=("password", "again"))
    if ask is None:
        return _set_up_page(request, state)
    try:
        set_up(_settings(request).home, ask)
    except Refused as refused:
        return _set_up_page(request, state.refuse(refused))
    return see_other(request, "/sign-in", Flash("Daybook is set up. Sign in as its first administrator."))


ROUTES = [show_sign_in, check_password, check_code, sign_out, start, turn_to_facility, show_set_up, take_set_up]
