"""`/metrics`, for the collector only: with the token of the settings, or from an address that they allow."""

import hmac
import ipaddress
from typing import Any

import psycopg
import sqlalchemy.exc
from litestar import Request, Response, get
from prometheus_client import CollectorRegistry, generate_latest

from app.kernel.refusal import NotFound
from app.platform.metrics.meters import Meters, memory
from app.platform.metrics.stored import Received, Stored
from app.platform.work import everywhere, reading
from app.security.permissions import Permission
from app.settings import Settings

FORM = "text/plain; version=0.0.4; charset=utf-8"
# Whoever comes through a proxy has its address: what the proxy tells the world must not be taken for this machine.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
_received = Received()


@get("/metrics", permission=Permission.PUBLIC, quiet=True, sync_to_thread=True)
def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Figures of operation. For everybody else there is nothing here."""
    if not may_collect(request, request.app.state.settings):
        raise NotFound
    meters: Meters = request.app.state.meters
    found = meters.text()
    stored = CollectorRegistry()
    try:
        with reading(everywhere("metrics")) as view:
            stored.register(Stored(view, _received, memory(meters.folder)))
            found += generate_latest(stored)
        found += _database(1)
    except (psycopg.OperationalError, sqlalchemy.exc.OperationalError, sqlalchemy.exc.InterfaceError):
        found += _database(0)
    return Response(found, media_type=FORM)


def _database(answers: int) -> bytes:
    head = "# HELP daybook_database_up 1 while the database answers.\n# TYPE daybook_database_up gauge\n"
    return f"{head}daybook_database_up {answers}.0\n".encode()


def may_collect(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Whether the token is right, or the connection itself comes from this machine or an allowed address."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if settings.metrics_token and scheme.lower() == "bearer":
        return hmac.compare_digest(token.strip().encode(), settings.metrics_token.encode())
    if any(name in request.headers for name in _FORWARDED) or request.client is None:
        return False
    try:
        peer = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    return peer.is_loopback or any(peer in network for network in settings.metrics_from)
