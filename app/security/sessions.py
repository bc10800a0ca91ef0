"""Sessions in PostgreSQL: a random cookie, of which only the hash is stored, bound to the anti-forgery token.

Asynchronous, since it runs before every request on the event loop. Sources: NIST SP 800-63B-4 on reauthentication.
"""

import hashlib
import hmac
import ipaddress
import secrets
import uuid
from datetime import timedelta
from typing import Any

import psycopg
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.middleware.authentication import AbstractAuthenticationMiddleware, AuthenticationResult
from psycopg_pool import AsyncConnectionPool

from app.platform.db import is_lost, plain_url
from app.platform.now import now
from app.security.permissions import Permission, Role
from app.security.viewer import Grant, Place, Viewer
from app.settings import Settings

_FIND = "select * from find_session(%s, %s, %s, %s)"


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host over TLS; plain HTTP on one's own machine does without."""
    return "__Host-daybook" if settings.secure_cookies else "daybook"


def session_cookie(settings: Settings, token: str) -> Cookie:
    """The cookie of a session, for this host and until the browser is closed."""
    return Cookie(key=cookie_name(settings), value=token, path="/", httponly=True, samesite="lax",
                  secure=settings.secure_cookies)  # fmt: skip


def visit_cookie_name(settings: Settings) -> str:
    """The cookie of somebody who has not signed in, so that the sign-in form is bound to the browser too."""
    return "__Host-daybook-visit" if settings.secure_cookies else "daybook-visit"


def new_token() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What the database knows of a cookie."""
    return hashlib.sha256(token.encode()).digest()


def csrf_token(cookie: str) -> str:
    """The anti-forgery token of a session: derived from its cookie, so that it is worth nothing in another one."""
    return hmac.new(cookie.encode(), b"daybook form", hashlib.sha256).hexdigest()


def masked(token: str) -> str:
    """The token as one page carries it: never the same text twice, so that the length of compressed pages that also
    show what somebody else chose does not give it away (CVE-2013-3587)."""
    if not token:
        return ""
    pad = secrets.token_bytes(32)
    return (pad + _xor(pad, bytes.fromhex(token))).hex()


def is_token(expected: str, sent: str) -> bool:
    """Whether a form carries the token of this session, masked or as it is."""
    if not expected:
        return False
    try:
        given = bytes.fromhex(sent)
    except ValueError:
        return False
    plain = _xor(given[:32], given[32:]) if len(given) == 64 else given
    return hmac.compare_digest(plain, bytes.fromhex(expected))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def session_pool(url: str) -> AsyncConnectionPool[Any]:
    """Connections for looking up sessions, one statement each."""
    return AsyncConnectionPool(
        plain_url(url),
        min_size=1,
        max_size=4,
        open=False,
        timeout=5,
        check=_check,
        kwargs={"autocommit": True, "application_name": "daybook sessions"},
    )


async def _check(connection: psycopg.AsyncConnection[Any]) -> None:
    """Before each use: a connection that the server has ended is replaced, so that its restart costs no page."""
    if is_lost(connection):
        await connection.close()  # else the pool takes it back as sound
        raise psycopg.OperationalError("the server closed this connection")


class SessionMiddleware(AbstractAuthenticationMiddleware):
    """Cookie to Viewer, on every request; a route that needs nobody gets None."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Never refuses: the guard does, since it knows what the route asks for."""
        state = connection.app.state
        settings: Settings = state.settings
        token = connection.cookies.get(cookie_name(settings), "")
        viewer = await find_viewer(connection, token) if token and _needs_viewer(connection) else None
        visit = connection.cookies.get(visit_cookie_name(settings), "")
        source = token if viewer is not None else visit
        connection.scope["csrf"] = csrf_token(source) if source else ""  # type: ignore[typeddict-unknown-key]
        return AuthenticationResult(user=viewer, auth=token or None)


async def find_viewer(connection: ASGIConnection[Any, Any, Any, Any], token: str) -> Viewer | None:
    """The person of a session that is neither idle, ended nor too old. A route marked `quiet=True` (what the page
    asks for by itself) does not count as use, so that an open screen does not keep a session alive."""
    state = connection.app.state
    settings: Settings = state.settings
    handler = connection.scope.get("route_handler")
    touch = not getattr(handler, "opt", {}).get("quiet", False)
    async with state.session_pool.connection() as database:
        cursor = await database.execute(
            _FIND, (digest(token), now(), timedelta(minutes=settings.idle_minutes), touch), prepare=True
        )
        row = await cursor.fetchone()
    if row is None or row[0] is None:
        return None
    return _to_viewer(row, csrf_token(token), client_address(connection, settings))


def _needs_viewer(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    handler = connection.scope.get("route_handler")
    opt = getattr(handler, "opt", {})
    return opt.get("permission") is not Permission.PUBLIC or bool(opt.get("knows_viewer"))


def _to_viewer(row: tuple[Any, ...], csrf: str, address: str) -> Viewer:
    (
        session_id,
        user_id,
        name,
        display_name,
        credentials,
        attending_number,
        single_keys,
        must_change,
        has_totp,
        facility_id,
        grants,
        places,
        opened,
    ) = row
    held = tuple(Grant(Role(role), facility) for role, facility in (grants or ()))
    known = {facility for _role, facility in (grants or ())}
    visible = tuple(
        Place(place[0], place[1], place[2], place[3], place[5])
        for place in (places or ())
        if None in known or place[0] in known
    )
    totp_asked = any(place[4] for place in (places or ()) if None in known or place[0] in known)
    return Viewer(
        user_id=user_id,
        session_id=session_id,
        name=name,
        display_name=display_name,
        credentials=credentials,
        grants=held,
        places=visible,
        facility_id=facility_id,
        opened=tuple(uuid.UUID(str(stay)) for stay in (opened or ())),
        attending_number=attending_number,
        single_keys=single_keys,
        must_change_password=must_change,
        must_enrol_totp=totp_asked and not has_totp,
        csrf=csrf,
        address=address,
    )


def client_address(connection: ASGIConnection[Any, Any, Any, Any], settings: Settings) -> str:
    """The address of the browser; a proxy is believed when it is one of ours and names an address."""
    peer = connection.client.host if connection.client else ""
    for hop in reversed(connection.headers.get("x-forwarded-for", "").split(",")):
        if peer not in settings.trusted_proxies:
            break
        try:
            peer = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            break
    return peer
