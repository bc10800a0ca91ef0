"""Closed unless declared: a route states its permission, or the program does not start."""

from collections.abc import Iterator

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from app.security.permissions import Permission
from app.security.viewer import Viewer

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class UndeclaredRoute(RuntimeError):
    """A route has no permission, or changes things without reading a form (which checks that it is ours)."""


async def require_permission(connection: ASGIConnection, handler: BaseRouteHandler) -> None:
    """The one guard. Signed out: 401. Without the permission: 403. Another site's request: 403.

    Asynchronous although it waits for nothing: the framework would send it to a thread of its own for every request.
    """
    needed = handler.opt.get("permission")
    if not isinstance(needed, Permission):
        raise PermissionDeniedException()
    if connection.scope.get("method") not in SAFE:
        require_same_origin(connection)
    if needed is Permission.PUBLIC:
        return
    viewer = connection.scope.get("user")
    if not isinstance(viewer, Viewer):
        raise NotAuthorizedException()
    if not viewer.may(needed):
        raise PermissionDeniedException()
    connection.scope["user"] = viewer.acting(needed)


def require_same_origin(connection: ASGIConnection) -> None:
    """A request that changes things comes from our own pages: the browser says so, and it cannot be made to lie."""
    fetch_site = connection.headers.get("sec-fetch-site")
    if fetch_site is not None and fetch_site not in ("same-origin", "none"):
        raise PermissionDeniedException("This request came from another site.")
    origin = connection.headers.get("origin")
    if origin == "null" and fetch_site == "same-origin":
        return  # a page that hides where it is, but the browser vouches for it
    if origin and origin.partition("://")[2] != connection.headers.get("host"):
        raise PermissionDeniedException("This request came from another site.")


def declared(app: Litestar) -> Iterator[tuple[str, str, Permission | None, HTTPRouteHandler]]:
    """Every route of the program: method, path, permission, handler."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            methods = sorted(getattr(handler, "http_methods", ()) or ("GET",))
            for method in methods:
                if method == "OPTIONS":
                    continue
                needed = handler.opt.get("permission")
                yield method, route.path, needed if isinstance(needed, Permission) else None, handler


def refuse_undeclared_routes(app: Litestar) -> None:
    """Raise UndeclaredRoute for a route without permission, or one that changes things without a form."""
    for method, path, needed, handler in declared(app):
        if needed is None:
            raise UndeclaredRoute(
                f"{method} {path} declares no permission: add permission=Permission.… to its decorator."
            )
        if method not in SAFE and "form" not in handler.parsed_fn_signature.parameters:
            raise UndeclaredRoute(f"{method} {path} takes no form, so nothing checks that the request is ours.")
