"""One door for showing. No HTML leaves without saying whose information it discloses.

`page` renders a whole page, or only its piece when htmx asks; `done` answers a form that was carried out; `see_other`
leads to another page. Templates are minijinja with strict undefined and escaping everywhere.
"""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Response
from minijinja import Environment

from app.kernel.as_of import PARAMETER, AsOf
from app.platform.work import Disclosure, disclose
from app.security.viewer import Viewer
from app.web import frame
from app.web.forms import UNNAMED
from app.web.frame import Flash

APP = Path(__file__).parents[1]
HTML: Final = "text/html"
PLACE: Final = b"<!--drawn-->"


class _NoPhi:
    """Said by pages that show no patient data."""


NO_PHI: Final = _NoPhi()
Discloses = Sequence[uuid.UUID] | _NoPhi


_composed: dict[str, str] = {}


def compose(name: str, template: str, place: str, pieces: Sequence[str]) -> None:
    """Make the template `name` of another by putting pieces where it says `place`.

    A row of a list is drawn four hundred times; as one template it costs a third less than with a piece included for
    each cell. `name` must not be the name of a file.
    """
    inside = "".join((_load(piece) or "").strip("\n") for piece in pieces)
    _composed[name] = (_load(template) or "").replace(place, inside)


def _load(name: str) -> str | None:
    """Templates of the web layer by their own name, those of a feature as `feature/name.html`."""
    if name in _composed:
        return _composed[name]
    own = APP / "web" / "templates" / name
    if own.is_file():
        return own.read_text()
    feature, _, rest = name.partition("/")
    path = APP / feature / "templates" / rest
    return path.read_text() if rest and path.is_file() else None


def environment(*, checks: bool) -> Environment:
    """The template environment. With `checks` an undefined variable is named, which may show what a page holds."""
    return Environment(
        loader=_load,
        undefined_behavior="strict",
        debug=checks,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_escape_callback=lambda _name: "html",
        reload_before_render=False,
        globals={"unnamed": UNNAMED},
    )


_environment = environment(checks=False)


def configure(*, checks: bool) -> None:
    """Make the environment anew, for tests that want names of missing variables."""
    global _environment
    _environment = environment(checks=checks)


def render(template: str, **context: Any) -> str:
    """The text of a template."""
    return _environment.render_template(template, **context)


def wants_piece(request: Request[Any, Any, Any]) -> bool:
    """Whether htmx asks for a piece of the page: not on boosted links and not when history is restored."""
    headers = request.headers
    return (
        headers.get("hx-request") == "true"
        and headers.get("hx-boosted") != "true"
        and headers.get("hx-history-restore-request") != "true"
        and headers.get("hx-request-type", "partial") == "partial"
    )


def viewer_of(request: Request[Any, Any, Any]) -> Viewer | None:
    """The signed-in person, narrowed to the permission of the route."""
    user = request.scope.get("user")
    return user if isinstance(user, Viewer) else None


def the_viewer(request: Request[Any, Any, Any]) -> Viewer:
    """The signed-in person of a route that needs one."""
    viewer = viewer_of(request)
    assert viewer is not None, "the guard lets nobody through without a session"
    return viewer


def route_name(request: Request[Any, Any, Any]) -> str:
    """Method and path pattern, never the address itself: what the trail of disclosures keeps."""
    return f"{request.method} {request.scope.get('path_template') or request.url.path}"


def show(request: Request[Any, Any, Any], discloses: Discloses, kind: str = "view", detail: str = "") -> None:
    """Write who saw whom, before anything is sent."""
    if isinstance(discloses, _NoPhi):
        return
    viewer = the_viewer(request)
    if discloses:
        disclose(viewer, Disclosure(route_name(request), discloses, viewer.address, kind, detail))


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    discloses: Discloses,
    title: str,
    fragment: str | None = None,
    status: int = 200,
    **context: Any,
) -> Response[bytes]:
    """A whole page, or its piece `fragment` for htmx, after its disclosure was written down.

    `drawn` in the context is a part that templates made before: bytes that take the place of `<!--drawn-->`.
    """
    past = request.scope.get("as_of")
    show(request, discloses, detail=f"as of {past.address}" if isinstance(past, AsOf) else "")
    piece = fragment is not None and wants_piece(request)
    cookie_name = _flash_name(request)
    flash = [] if piece else frame.flash_from_cookie(request.cookies.get(cookie_name, ""))
    surround = frame.build(title, request.url.path, viewer_of(request), str(request.scope.get("csrf", "")), flash)
    if surround.viewer:
        surround = replace(surround, idle_minutes=request.app.state.settings.idle_minutes)
    if isinstance(past, AsOf):
        surround = frame.as_of(surround, past, _now_address(request))
    drawn = context.pop("drawn", None)
    body = render(fragment if piece and fragment else template, app=surround, **context).encode()
    if drawn is not None:
        body = drawn.join(body.split(PLACE, 1))
    response = Response(body, status_code=status, media_type=HTML, headers={"Vary": "HX-Request"})
    if flash:
        # A `__Host-` cookie is only taken, and so only taken away, with Secure.
        gone = Cookie(key=cookie_name, value="", path="/", httponly=True, samesite="lax", max_age=0,
                      secure=request.app.state.settings.secure_cookies)  # fmt: skip
        response.set_cookie(gone)
    return response


def done(
    request: Request[Any, Any, Any],
    template: str,
    *,
    discloses: Discloses,
    back: str,
    changed: Sequence[uuid.UUID] = (),
    flash: Flash | None = None,
    **context: Any,
) -> Response[bytes]:
    """Answer to a form that was carried out: the fresh piece for htmx (firing `changed-<stay>`), else a redirect."""
    if not wants_piece(request):
        return see_other(request, back, flash)
    show(request, discloses)
    surround = frame.build(
        "", request.url.path, viewer_of(request), str(request.scope.get("csrf", "")), [flash] if flash else []
    )
    headers = {"Vary": "HX-Request"}
    if changed:
        headers["HX-Trigger"] = ", ".join(f"changed-{stay}" for stay in changed)
    return Response(render(template, app=surround, **context).encode(), media_type=HTML, headers=headers)


def _now_address(request: Request[Any, Any, Any]) -> str:
    """The address of this page without its earlier instant."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != PARAMETER]
    query = urlencode(kept, safe=",:", quote_via=quote)
    return request.url.path + (f"?{query}" if query else "")


def see_other(request: Request[Any, Any, Any], where: str, flash: Flash | None = None) -> Response[bytes]:
    """Lead to another page of ours; htmx is told to load it."""
    where = quote(where, safe="/?&=#%:;,+@!~*'()[]$")
    headers = {"HX-Redirect": where} if wants_piece(request) else {"Location": where}
    response = Response(b"", status_code=200 if wants_piece(request) else 303, media_type=HTML, headers=headers)
    if flash is not None:
        response.set_cookie(
            Cookie(
                key=_flash_name(request),
                value=frame.flash_to_cookie(flash),
                path="/",
                httponly=True,
                secure=request.app.state.settings.secure_cookies,
                samesite="lax",
                max_age=60,
            )
        )
    return response


def local_address(text: str, otherwise: str = "/") -> str:
    """An address of our own from what a browser sent, so that nobody can be led elsewhere."""
    return text if frame.is_local(text) else otherwise


def _flash_name(request: Request[Any, Any, Any]) -> str:
    return "__Host-daybook-flash" if request.app.state.settings.secure_cookies else "daybook-flash"
