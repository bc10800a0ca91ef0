"""Around every request: its number, its line in the log, its place in the figures. Never its address or its content."""

import logging
import secrets
from time import perf_counter

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.platform.metrics.meters import Meters
from app.security.viewer import Viewer

_log = logging.getLogger(__name__)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STREAM = "/events"
# What machines ask for every few seconds; a line for each would bury the others.
UNTOLD = frozenset({"/healthz", "/readyz", "/metrics", "/static"})
KEY = "request_number"
NO_PAGE = "/no-such-page"
"""The route of addresses that fit no other."""


def new_number() -> str:
    """A number that a person can read out: the page of a fault shows it, the log has it."""
    code = secrets.token_hex(4).upper()
    return f"{code[:4]}-{code[4:]}"


def number_of(scope: Scope) -> str:
    """The number of a request, made now where nobody watches."""
    state = scope.setdefault("state", {})
    if KEY not in state:
        state[KEY] = new_number()
    return str(state[KEY])


def route_of(scope: Scope) -> str:
    """The template of the address; what no route fits is one thing, so that guessed addresses fill no labels."""
    template = scope.get("path_template") or ""
    if template.startswith("/static"):
        return "/static"
    return "none" if template in ("", NO_PAGE) else template


class Watch:
    """Wraps the whole application, so that refusals of the router are seen too."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        begun, status, streaming = perf_counter(), 500, False
        meters: Meters = scope["app"].state.meters
        number = number_of(scope)

        async def watched(message: Message) -> None:
            nonlocal status, streaming
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
                if status == 200 and scope.get("path_template") == STREAM and not streaming:
                    streaming = True
                    meters.stream(1)
            await send(message)

        try:
            await self._inner(scope, receive, watched)
        finally:
            seconds = perf_counter() - begun
            if streaming:
                meters.stream(-1)
            self._tell(scope, number, status, seconds)

    def _tell(self, scope: Scope, number: str, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = str(scope.get("method", ""))
        method = method if method in _METHODS else "OTHER"
        state = scope["app"].state
        state.meters.answered(method, route, status, None if route == STREAM else seconds)
        if not state.settings.log_requests or (route in UNTOLD and status < 500):
            return
        viewer = scope.get("user")
        extra = {"method": method, "route": route, "status": status, "seconds": round(seconds, 4), "request": number}
        if isinstance(viewer, Viewer):
            extra["actor_id"] = str(viewer.user_id)
        _log.info("request", extra=extra)
