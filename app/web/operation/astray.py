"""Addresses that people type or keep, and that are no page: an error page with the way on, or the page above."""

from typing import Never
from urllib.parse import quote

from litestar import Litestar, get
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.utils import normalize_path

from app.kernel.refusal import NotFound
from app.security.permissions import Permission
from app.web.operation.watch import NO_PAGE

_SENTENCE = "This page does not exist. Check the address, or go back to the start."


@get(NO_PAGE, permission=Permission.PUBLIC, knows_viewer=True, sync_to_thread=False)
def no_page() -> Never:
    """What fits no route: not found, with the menu of whoever is signed in. Raises NotFound."""
    raise NotFound(_SENTENCE)


class Astray:
    """Wraps the application, for browsers that ask for an address that no page has.

    The router refuses such an address before it knows who asks, so that its own page would have no menu. An address
    that only takes forms (somebody typed again what stood above a refused one) leads to the nearest page above it;
    whoever does not ask for a page, as a program, is told that the method is wrong.
    """

    def __init__(self, app: Litestar, inner: ASGIApp) -> None:
        self._app, self._inner = app, inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "GET":
            path = normalize_path(scope["path"])
            refusal = self._refusal(path)
            if isinstance(refusal, MethodNotAllowedException) and _asks_for_a_page(scope):
                if above := self._page_above(path):
                    await ASGIResponse(status_code=303, headers={"Location": quote(above)})(scope, receive, send)
                    return
                scope["path"] = NO_PAGE
            elif isinstance(refusal, NotFoundException):
                scope["path"] = NO_PAGE
        await self._inner(scope, receive, send)

    def _refusal(self, path: str) -> HTTPException | None:
        try:
            self._app.asgi_router.handle_routing(path=path, method="GET")
        except (NotFoundException, MethodNotAllowedException) as refusal:
            return refusal
        return None

    def _page_above(self, path: str) -> str:
        """The nearest address above this one that is a page, short of the start; empty when there is none."""
        while path := path.rpartition("/")[0]:
            if self._refusal(path) is None:
                return path
        return ""


def _asks_for_a_page(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
