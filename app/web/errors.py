"""What people read when something does not work: what happened, what is safe, what to do. A page, or a note."""

import logging
from typing import Any
from urllib.parse import quote

import psycopg
import sqlalchemy.exc
from litestar import Request
from litestar.exceptions import ClientException, HTTPException, NotAuthorizedException
from litestar.response import Response

from app.kernel.refusal import NotFound, Refused
from app.platform.now import now
from app.web import frame
from app.web.operation.watch import number_of
from app.web.render import HTML, render, viewer_of, wants_piece

_log = logging.getLogger(__name__)
_NO_DATABASE = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,  # all connections of the pool were taken
    psycopg.OperationalError,
)
# Two did the same thing, and the other one was first; or each waited for the other, and one had to give way.
_RIVALS = (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)

_SENTENCES = {
    400: ("The request was not understood", "Reload the page and try again."),
    403: ("Your role cannot do this", "Ask a lead or an administrator, who can see who holds the permission."),
    404: ("Nothing found here", "This page does not exist, or it lies outside what you may see."),
    405: ("This address does not take that", "Go back, reload the page and try again."),
    413: ("This is too large", "Nothing was stored. Send a smaller file or a shorter text."),
    422: ("Something is missing", "Go back and check what you filled in."),
    429: ("Too many attempts", "Wait a minute, then try again."),
}


def _answer(
    request: Request[Any, Any, Any], status: int, heading: str, sentence: str, code: str = ""
) -> Response[bytes]:
    headers = {"Vary": "HX-Request", "Cache-Control": "no-store"}
    moment = now()
    error = {
        "heading": heading,
        "sentence": sentence,
        "code": code,
        "at": f"{moment:%a %-d %b %Y %H:%M:%S} UTC" if code else "",
        "retry": request.url.path if request.method == "GET" and status >= 500 else "",
    }
    if wants_piece(request) and status in (409, 422):
        headers |= {"HX-Retarget": "#trouble", "HX-Reswap": "innerHTML"}
        body = render("components/refusal.html", error=error)
    else:
        surround = frame.build(heading, request.url.path, viewer_of(request), str(request.scope.get("csrf", "")), [])
        body = render("error.html", app=surround, error=error)
    return Response(body.encode(), status_code=status, media_type=HTML, headers=headers)


def on_refused(request: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    """A rule said no: 409 with its sentence."""
    return _answer(request, 409, "This cannot be done now", error.sentence)


def on_not_found(request: Request[Any, Any, Any], error: NotFound) -> Response[bytes]:
    """Not there, or not for this viewer: the answer is the same."""
    return _answer(request, 404, "Nothing found here", error.sentence)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """The framework's own refusals, in our words."""
    if isinstance(error, NotAuthorizedException):
        return _to_sign_in(request)
    heading, sentence = _SENTENCES.get(error.status_code, _SENTENCES[400])
    ours = error.status_code in (403, 413, 429) or type(error) is ClientException
    own = ours and error.detail and error.detail.endswith(".")
    if error.status_code >= 500:
        return on_bug(request, error)
    answer = _answer(request, error.status_code, heading, str(error.detail) if own else sentence)
    if error.status_code == 429 and error.headers and "Retry-After" in error.headers:
        answer.headers["Retry-After"] = error.headers["Retry-After"]
    return answer


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[bytes]:
    where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = "/sign-in" if request.method != "GET" or where == "/" else "/sign-in?next=" + quote(where, safe="/")
    if request.headers.get("hx-request") == "true":
        return Response(b"", status_code=401, media_type=HTML, headers={"HX-Redirect": target})
    return Response(b"", status_code=303, media_type=HTML, headers={"Location": target})


def on_no_database(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The database does not answer: nothing was stored, try again."""
    _log.error("database does not answer", extra={"kind": type(error).__name__})
    return _answer(
        request,
        503,
        "The database does not answer",
        "What you saved before is safe; what you sent just now was not stored. Try again in a moment.",
    )


def on_rival(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Somebody else was faster, or the same person with a second click: nothing of this request was stored."""
    _log.warning("a rival was first", extra={"kind": type(error).__name__, "where": _places(error)})
    sentence = "This was changed at the same moment. Nothing was stored now; reload the page and look at it again."
    return _answer(request, 409, "This cannot be done now", sentence)


def on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: an id for the person and for the log, no detail that could hold patient data."""
    if isinstance(error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error, _RIVALS):
        return on_rival(request, error)
    if isinstance(error, _NO_DATABASE):
        return on_no_database(request, error)
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.connection_invalidated:
        return on_no_database(request, error)
    code = number_of(request.scope)
    frames = _places(error)
    _log.error("request failed", extra={"code": code, "kind": type(error).__name__, "where": frames})
    return _answer(
        request,
        500,
        "Something failed on our side",
        "The page could not be built. Nothing you saved is lost. We see this with the code below.",
        code,
    )


def _places(error: BaseException) -> list[str]:
    """Where in our code it happened: files and lines, never values."""
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        places.append(f"{'/'.join(file.split('/')[-3:])}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-8:]


HANDLERS: dict[int | type[Exception], Any] = {
    Refused: on_refused,
    NotFound: on_not_found,
    HTTPException: on_http,
    Exception: on_bug,
}
