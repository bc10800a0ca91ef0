"""The web application is put together here and nowhere else."""

import asyncio
import contextlib
import gc
import re
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, MediaType, Request, Response, Router
from litestar.channels import ChannelsPlugin
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import ClientException
from litestar.logging import LoggingConfig
from litestar.static_files import create_static_files_router
from litestar.types import Message, Scope

from app import menu, reactions, wiring
from app.accounts.pages_account import ask_to_finish_account
from app.jobs import DUTIES
from app.platform import work
from app.platform.db import open_engine
from app.platform.metrics.meters import Meters
from app.platform.postgres import Addresses
from app.security import sealed
from app.security.permissions import Permission
from app.security.sessions import SessionMiddleware, session_pool
from app.settings import Settings, metrics_folder
from app.web import errors, frame, render
from app.web.forms import form_fields
from app.web.live import PostgresChannels, Reader, events
from app.web.operation.astray import Astray
from app.web.operation.limits import Buckets, slow_down
from app.web.operation.turns import AT_ONCE, Turns
from app.web.operation.watch import Watch
from app.web.routes import refuse_undeclared_routes, require_permission

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "x-frame-options": "DENY",
}
_HEADERS = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())
_SECURE = (*_HEADERS, (b"strict-transport-security", b"max-age=31536000"))
_NO_STORE = (b"cache-control", b"no-store")
# The address of a static file carries a fingerprint of its content.
_FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")
BODY_BYTES = 12 * 1024 * 1024


async def add_headers(message: Message, scope: Scope) -> None:
    """Security headers on every answer, also on refusals of the framework; pages are never kept by a browser."""
    if message["type"] != "http.response.start":
        return
    present = {name for name, _value in message["headers"]}
    static = scope["path"].startswith("/static/") and message["status"] in (200, 206, 304)
    found = _SECURE if scope["app"].state.settings.secure_cookies else _HEADERS
    message["headers"] = [
        *message["headers"],
        *(pair for pair in found if pair[0] not in present),
        *(() if b"cache-control" in present else (_FOR_EVER if static else _NO_STORE,)),
    ]


async def refuse_other_hosts(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """Answer only under the names that the installation allows."""
    allowed = request.app.state.settings.allowed_hosts
    host = request.headers.get("host", "").lower()
    if allowed and host not in allowed and re.sub(r":\d+$", "", host) not in allowed:
        return Response(b"This host name is not served here.", status_code=421, media_type=MediaType.TEXT)
    if b"%00" in request.scope["query_string"] or "\x00" in request.scope["path"]:
        raise ClientException("This address holds a character that no text can hold.")
    return None


async def before_handling(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    """What comes before every handler: the host's name, how often one asks, then an account that is not ready yet."""
    refusal = await refuse_other_hosts(request)
    if refusal is None:
        slow_down(request)
    return refusal or ask_to_finish_account(request)


@contextlib.asynccontextmanager
async def _open(app: Litestar) -> AsyncIterator[None]:
    state = app.state
    engine = open_engine(state.addresses.app)
    state.meters.watch(engine)
    work.connect(engine)
    sealed.use(state.settings.secret_keys)
    work.install(reactions.REACTIONS, reactions.LAST_STEPS)
    state.session_pool = session_pool(state.addresses.app)
    await state.session_pool.open()
    state.turns, state.checks = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(1)
    state.channels_backend = state.backend
    wiring.on_start(state.backend)
    gc.collect()
    gc.freeze()  # long-lived objects leave the collector's way: it halves the slowest tenth of a list page
    try:
        yield
    finally:
        await state.session_pool.close()
        engine.dispose()


def create_app(settings: Settings, addresses: Addresses) -> Litestar:
    """The whole web application; raises UndeclaredRoute when a route forgot its permission."""
    return furnish(build(), settings, addresses)


def furnish(app: Litestar, settings: Settings, addresses: Addresses) -> Litestar:
    """Give the application what differs between installations. It must not be running."""
    render.configure(checks=settings.template_checks)
    backend: PostgresChannels = app.state.backend
    backend.listen_to(addresses.app)
    app.state = State(
        {
            "settings": settings, "addresses": addresses, "backend": backend, "meters": Meters(metrics_folder()),
            "duties": DUTIES, "buckets": Buckets(),
        }
    )  # fmt: skip
    return app


def build() -> Litestar:
    """What is the same for every installation: routes, and what stands around them."""
    frame.install(menu.NAV, menu.KEYS, wiring.live_state)
    backend = PostgresChannels()
    static = create_static_files_router(
        path=frame.static_prefix(),
        directories=[frame.STATIC],
        include_in_schema=False,
        name="static",
        opt={"permission": Permission.PUBLIC},
    )
    app = Litestar(
        # In a router of their own: the framework wraps a GET twice, and so breaks it, when a POST of the same path is
        # registered with the application after it.
        route_handlers=[Router(path="/", route_handlers=wiring.ROUTES), events, static],
        guards=[require_permission],
        middleware=[Turns, SessionMiddleware],  # who waited may have been signed out meanwhile
        plugins=[
            ChannelsPlugin(
                backend=backend,
                arbitrary_channels_allowed=True,
                subscriber_class=Reader,
            )
        ],
        dependencies={"form": Provide(form_fields)},
        exception_handlers=errors.HANDLERS,
        before_request=before_handling,
        before_send=[add_headers],
        compression_config=CompressionConfig(
            backend="brotli",
            brotli_quality=3,
            brotli_gzip_fallback=True,
            gzip_compress_level=1,
            minimum_size=600,
            exclude=[r"^/events$"],
        ),
        state=State({"backend": backend}),
        lifespan=[_open],
        openapi_config=None,
        logging_config=LoggingConfig(configure_root_logger=False, log_exceptions="never"),
        request_max_body_size=BODY_BYTES,
        debug=False,
    )
    refuse_undeclared_routes(app)
    app.asgi_handler = Watch(Astray(app, app.asgi_handler))
    return app
