"""`/referral/<key>`: a vendor reads one referral and answers it, without an account.

The key of the address is 256 random bits, of which only the digest is kept. Mail scanners follow links, so that the
first page shows nothing of a patient: the referral is opened by a button, which is when it counts as opened.
"""

from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel

from app.discharge.referrals.asks import Accept, Decline, Question
from app.discharge.referrals.following import answering
from app.discharge.referrals.models import Referral
from app.discharge.referrals.portal.access import too_often
from app.discharge.referrals.portal.reached import Door, Reached, reached
from app.discharge.referrals.portal.showing import deadline, is_withheld, latest_packet, shown
from app.discharge.referrals.steps import held
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Disclosure, Work, begin, disclose, everywhere, reading
from app.security.permissions import Permission
from app.security.sessions import client_address, csrf_token, new_token, visit_cookie_name
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, route_name, see_other

Asked = Request[Any, Any, Any]
WHO = everywhere("vendor link")
SLOW = "This page was asked for too often. Wait ten minutes and open the link again."
OPENED = "daybook-opened"
ROBOTS = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Referrer-Policy": "no-referrer"}
WITHHELD = "This packet may not be shown any more. Call the hospital if you need it."


class _Shut(Exception):
    """The link does not open; `response` says why."""

    def __init__(self, response: Response[bytes]) -> None:
        super().__init__()
        self.response = response


def _enter(request: Asked, key: str) -> Reached:
    """The referral of a link that opens; counted, so that nobody can try keys or hammer one."""
    if too_often(WHO, key, client_address(request, request.app.state.settings)):
        raise _Shut(_closed(request, SLOW, 429))
    with reading(WHO) as db:
        one = reached(db, key)
        door = one.door(db.now) if one is not None else Door.FORGED
    if one is None or door is not Door.OPEN:
        raise _Shut(_closed(request, door.sentence, 404 if one is None else 410))
    return one


def _check_still_open(request: Asked, work: Work, one: Reached, key: str) -> None:
    """Ask again once the referral is locked: the hospital may have closed the link between the two."""
    held(work, one.referral_id)
    again = reached(work, key)
    door = again.door(work.now) if again is not None else Door.FORGED
    if door is not Door.OPEN:
        raise _Shut(_closed(request, door.sentence, 410))


def _closed(request: Asked, sentence: str, status: int) -> Response[bytes]:
    title = "Please wait" if status == 429 else "This referral cannot be opened"
    response = page(request, "discharge/referrals/closed.html", discloses=NO_PHI, title=title, status=status,
                    sentence=sentence)  # fmt: skip
    response.headers.update(ROBOTS)
    return response


def _visit(request: Asked, response: Response[bytes], visit: str) -> Response[bytes]:
    settings = request.app.state.settings
    response.set_cookie(Cookie(key=visit_cookie_name(settings), value=visit, path="/", httponly=True, samesite="lax",
                               secure=settings.secure_cookies))  # fmt: skip
    response.headers.update(ROBOTS)
    return response


def _page(request: Asked, key: str, form: FormState) -> Response[bytes]:
    one = _enter(request, key)
    settings = request.app.state.settings
    visit = request.cookies.get(visit_cookie_name(settings), "") or new_token()
    request.scope["csrf"] = csrf_token(visit)  # type: ignore[typeddict-unknown-key]
    opened = request.cookies.get(OPENED) == csrf_token(key)
    with begin(one.who) as work:
        context: dict[str, Any] = {"due": deadline(one, work), "until": _until(one, work)}
        context |= shown(work, one) if opened else {}
    if opened:
        disclose(one.who, Disclosure(route_name(request), [one.patient_id], client_address(request, settings), "link"))
    template = "discharge/referrals/portal.html" if opened else "discharge/referrals/cover.html"
    response = page(
        request, template, discloses=NO_PHI, title=f"A referral for {one.vendor}", form=form,
        status=422 if form.errors else 200, here=f"/referral/{key}", facility=one.facility, vendor=one.vendor,
        **context,
    )  # fmt: skip
    return _visit(request, response, visit)


def _until(one: Reached, work: Work) -> str:
    local = one.expires_at.astimezone(one.zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


@get("/referral/{referral_key:str}", permission=Permission.PUBLIC, sync_to_thread=True)
def show(request: Asked, referral_key: FromPath[str]) -> Response[bytes]:
    """The cover, and once it was opened the referral."""
    try:
        return _page(request, referral_key, FormState(id="none"))
    except _Shut as shut:
        return shut.response


@post("/referral/{referral_key:str}/opening", permission=Permission.PUBLIC, sync_to_thread=True)
def open_it(request: Asked, referral_key: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Open the referral: from now on the hospital knows that it was read."""
    try:
        one = _enter(request, referral_key)
        with begin(one.who) as work:
            _check_still_open(request, work, one, referral_key)
            answering.open_referral(work, one.referral_id)
    except _Shut as shut:
        return shut.response
    response = see_other(request, f"/referral/{referral_key}")
    secure, path = request.app.state.settings.secure_cookies, f"/referral/{referral_key}"
    response.set_cookie(
        Cookie(key=OPENED, value=csrf_token(referral_key), path=path, httponly=True, samesite="lax", secure=secure)
    )
    response.headers.update(ROBOTS)
    return response


def _carry_out(
    request: Asked,
    key: str,
    given: tuple[FormFields, type[BaseModel], str],
    command: Callable[[Work, Any, Any], Referral],
) -> Response[bytes]:
    """Read a form, do what it says, and show the referral again."""
    fields, shape, form_id = given
    try:
        one = _enter(request, key)
        ask, state = read_form(shape, fields)
        state.id = form_id
        if ask is not None:
            try:
                with begin(one.who) as work:
                    _check_still_open(request, work, one, key)
                    made = command(work, one.referral_id, ask)
                return _done(request, key, made)
            except Refused as refused:
                state.refuse(refused)
        return _page(request, key, state)
    except _Shut as shut:
        return shut.response


def _done(request: Asked, key: str, made: Referral) -> Response[bytes]:
    if made.state in ("declined", "withdrawn"):
        return _closed(request, "Your answer is recorded. Thank you. This link is closed; you may close the page.", 200)
    said = "Your acceptance is recorded." if made.state == "accepted" else "Your question is sent."
    return see_other(request, f"/referral/{key}", Flash(said))


@post("/referral/{referral_key:str}/acceptance", permission=Permission.PUBLIC, sync_to_thread=True)
def accept(request: Asked, referral_key: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The vendor takes the patient from a day on."""
    return _carry_out(request, referral_key, (form, Accept, "va"), answering.accept)


@post("/referral/{referral_key:str}/decline", permission=Permission.PUBLIC, sync_to_thread=True)
def decline(request: Asked, referral_key: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The vendor does not take the patient; the link ends."""
    return _carry_out(request, referral_key, (form, Decline, "vd"), answering.decline)


@post("/referral/{referral_key:str}/questions", permission=Permission.PUBLIC, sync_to_thread=True)
def ask(request: Asked, referral_key: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The vendor asks the hospital something."""
    return _carry_out(request, referral_key, (form, Question, "vq"), answering.ask_hospital)


@post("/referral/{referral_key:str}/withdrawal", permission=Permission.PUBLIC, sync_to_thread=True)
def withdraw(request: Asked, referral_key: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The vendor takes its acceptance back; the link ends."""
    return _carry_out(request, referral_key, (form, Decline, "vw"), answering.withdraw)


@get("/referral/{referral_key:str}/packet.pdf", permission=Permission.PUBLIC, sync_to_thread=True)
def packet(request: Asked, referral_key: FromPath[str]) -> Response[bytes]:
    """The packet as it was sent, to the byte; only for who has opened the referral."""
    try:
        one = _enter(request, referral_key)
    except _Shut as shut:
        return shut.response
    if request.cookies.get(OPENED) != csrf_token(referral_key):
        raise NotFound("Open the referral first.")
    with begin(one.who) as work:
        found = latest_packet(work, one.request_id)
        withheld = is_withheld(work, one, found)
    if withheld:
        return _closed(request, WITHHELD, 410)
    address = client_address(request, request.app.state.settings)
    disclose(one.who, Disclosure(route_name(request), [one.patient_id], address, "link", "referral packet"))
    headers = {"Content-Disposition": 'inline; filename="referral.pdf"', "Cache-Control": "no-store",
               "X-Content-Type-Options": "nosniff", **ROBOTS}  # fmt: skip
    return Response(found.content, media_type="application/pdf", headers=headers)


ROUTES = [show, open_it, accept, decline, ask, withdraw, packet]
