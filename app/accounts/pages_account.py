"""One's own account: who one is here, sessions, password, second factor, keys."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.accounts.factors.pages import codes_shown, keep_cookie, with_new_cookie
from app.accounts.own import (
    ChangePassword,
    EnrolSecondFactor,
    SwitchKeys,
    change_password,
    enrol_second_factor,
    own_measure,
    secret_for,
    switch_keys,
)  # fmt: skip
from app.accounts.queries import own_account, own_row
from app.accounts.signing import end_session, end_sessions
from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.security.models import User
from app.security.permissions import Permission
from app.security.totp import enrolment_address, picture
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer, viewer_of

AnyRequest = Request[Any, Any, Any]
OWN = Permission.ACCOUNT_OWN


def ask_to_finish_account(request: AnyRequest) -> Response[bytes] | None:
    """Lead who has a temporary password, or lacks a second factor that the facility asks for, to the page for it.

    Runs before every handler. Routes marked `unfinished=True` (the pages for just that, and signing out) stay open.
    """
    viewer = viewer_of(request)
    opt = request.route_handler.opt
    if viewer is None or opt.get("unfinished") or opt.get("permission") is Permission.PUBLIC:
        return None
    if viewer.must_change_password:
        return see_other(request, "/account/password")
    return see_other(request, "/account/second-factor") if viewer.must_enrol_totp else None


@get("/account", permission=OWN, sync_to_thread=True)
def show_account(request: AnyRequest) -> Response[bytes]:
    """The account page."""
    viewer = the_viewer(request)
    form = FormState(given={"single_keys": "on" if viewer.single_keys else ""}, id="keys")
    return page(request, "accounts/account.html", discloses=NO_PHI, title="Your account", me=own_account(viewer),
                form=form)  # fmt: skip


@post("/account/keys", permission=OWN, sync_to_thread=True)
def save_keys(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Switch single-letter keys."""
    ask = SwitchKeys(single_keys=form.get("single_keys", "") == "on")
    switch_keys(the_viewer(request), ask)
    return see_other(request, "/account", Flash(f"Single letters are {'on' if ask.single_keys else 'off'}."))


@post("/account/sessions/{session_id:uuid}/end", permission=OWN, sync_to_thread=True)
def end_one(request: AnyRequest, session_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """End one of one's own sessions; ending the present one leads to the sign-in page."""
    end_session(the_viewer(request), session_id, "ended by owner")
    return see_other(request, "/account", Flash("The session was ended."))


@post("/account/sessions/end", permission=OWN, sync_to_thread=True)
def end_others(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Sign out everywhere else."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        ended = end_sessions(work, work.get(User, viewer.user_id), "ended by owner", but=viewer.session_id)
    said = {0: "There was no other session.", 1: "1 other session was ended."}.get(
        ended, f"{ended} other sessions were ended."
    )
    return see_other(request, "/account", Flash(said))


def _password_page(request: AnyRequest, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    return page(request, "accounts/password.html", discloses=NO_PHI, title="Choose a new password", form=form,
                status=422 if form.errors else 200, must=viewer.must_change_password, said="",
                shortest=own_measure(viewer).shortest)  # fmt: skip


@get("/account/password", permission=OWN, unfinished=True, sync_to_thread=True)
def show_password(request: AnyRequest) -> Response[bytes]:
    """The form for another password."""
    return _password_page(request, FormState())


@post("/account/password", permission=OWN, unfinished=True, sync_to_thread=True)
def save_password(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set another password; all other sessions end."""
    viewer = the_viewer(request)
    ask, state = read_form(ChangePassword, form, hidden=("current", "password", "again"))
    if ask is None:
        return _password_page(request, state)
    try:
        token = change_password(viewer, ask)
    except Refused as refused:
        return _password_page(request, state.refuse(refused))
    where = "/" if viewer.must_change_password else "/account"
    answer = see_other(request, where, Flash("Your password was changed. Your other sessions were ended."))
    return keep_cookie(request, answer, token)


def _offer(request: AnyRequest) -> tuple[str, str, bool]:
    """User name, the secret offered to this session, and whether one is replaced by it."""
    viewer = the_viewer(request)
    with reading(viewer) as view:
        row = own_row(view, viewer.user_id)
    replaces = row.totp_confirmed_at.isoformat() if row.totp_confirmed_at else ""
    return row.name, secret_for(viewer, str(request.auth), replaces), bool(replaces)


def _factor_page(request: AnyRequest, form: FormState) -> Response[bytes]:
    _name, secret, replaces = _offer(request)
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    title = "Replace your second factor" if replaces else "Set up your second factor"
    must = the_viewer(request).must_enrol_totp
    return page(request, "accounts/second-factor.html", discloses=NO_PHI, title=title, form=form, secret=groups,
                status=422 if form.errors else 200, replaces=replaces, must=must)  # fmt: skip


@get("/account/second-factor", permission=OWN, unfinished=True, sync_to_thread=True)
def show_second_factor(request: AnyRequest) -> Response[bytes]:
    """The picture to scan, the secret in letters, and the field for its first code."""
    return _factor_page(request, FormState())


@get("/account/second-factor/qr.svg", permission=OWN, unfinished=True, sync_to_thread=True)
def show_picture(request: AnyRequest) -> Response[bytes]:
    """The QR code of the offered secret."""
    name, secret, _replaces = _offer(request)
    return Response(picture(enrolment_address(secret, name)), media_type="image/svg+xml")


@post("/account/second-factor", permission=OWN, unfinished=True, sync_to_thread=True)
def save_second_factor(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the offered secret into use, and show the recovery codes that come with it."""
    viewer = the_viewer(request)
    ask, state = read_form(EnrolSecondFactor, form, hidden=("code", "password"))
    if ask is None:
        return _factor_page(request, state)
    try:
        enrolled = enrol_second_factor(viewer, str(request.auth), ask)
    except Refused as refused:
        return _factor_page(request, state.refuse(refused))
    with_new_cookie(request, enrolled.token)
    answer = codes_shown(request, enrolled.codes, "/" if viewer.must_enrol_totp else "/account")
    return keep_cookie(request, answer, enrolled.token)


ROUTES = [show_account, save_keys, end_one, end_others, show_password, save_password, show_second_factor, show_picture,
          save_second_factor]  # fmt: skip
