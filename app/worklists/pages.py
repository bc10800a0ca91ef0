"""The lists: the page, its piece under other filters, single rows for live updates, the row in place."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from litestar import MediaType, Request, get
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.as_of import PARAMETER as AS_OF
from app.kernel.refusal import NotFound
from app.platform.work import reading
from app.security.permissions import Permission
from app.web.operation.turns import BY_ITSELF
from app.web.past.reading import past_shown, reading_then
from app.web.render import page, see_other, the_viewer, wants_piece
from app.worklists import queries
from app.worklists.assignment.people import colleagues
from app.worklists.drawing import draw
from app.worklists.listing import heads, language_of, listing, may_see, permissions, row_context
from app.worklists.more import more_context
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import by_a_form, read
from app.worklists.views.shelf import shelf_of

MOST_ROWS = 60  # asked for at once by a page that keeps itself current
LANGUAGE = language_of(REGISTRY)
Asked = Request[Any, Any, Any]


@contextmanager
def asking(request: Asked, name: str) -> Iterator[tuple[Ask, list[str]]]:
    """The list of this name under the view of the address, open for reading, and what was not understood."""
    built = REGISTRY.lists.get(name)
    viewer = the_viewer(request)
    if built is None or not may_see(built, viewer):
        raise NotFound("There is no list of this name.")
    view, said = read(name, request.query_params.multi_items(), LANGUAGE)
    with reading_then(request) as db:
        past = past_shown(request)
        yield Ask(REGISTRY, built, replace(view, as_of=past.address if past else ""), db, viewer), said


@get("/worklists", permission=Permission.STAY_LIST, sync_to_thread=True)
def first_list(request: Asked) -> Response[bytes]:
    """The list with which this person's work begins: the one chosen, else the first."""
    viewer = the_viewer(request)
    names = [name for name, built in REGISTRY.lists.items() if may_see(built, viewer)]
    with reading(viewer) as db:
        chosen = shelf_of(db, viewer.place.id, names[0]).first() if viewer.place else ""
    return see_other(request, f"/worklists/{chosen if chosen in names else names[0]}")


@get("/worklists/{name:str}", permission=Permission.STAY_LIST, sync_to_thread=True)
def show_list(request: Asked, name: FromPath[str]) -> Response[bytes]:
    """A list under the view of its address; htmx gets the part below the filters."""
    piece = wants_piece(request)
    with asking(request, name) as (ask, said):
        # Narrowing a list leaves the numbers of all tabs as they are: they are neither counted nor sent again.
        narrowing = piece and bool(ask.view.filters) and request.headers.get("hx-source", "").endswith("#narrow")
        shown = listing(ask, said, piece=piece, tabs=not narrowing)
        if shown.default is not None and not piece and not request.query_params.keys() - {AS_OF}:
            return see_other(request, replace(shown.default, as_of=ask.view.as_of).address())
        by_form = by_a_form(request.query_params, LANGUAGE)
        if by_form and not piece and not said:
            return see_other(request, shown.context["view_path"])
        context = shown.context | permissions(ask)
        opened = next((row for row in shown.context["rows"] if row.id == ask.view.open), None)
        context |= more_context(ask, uuid.UUID(opened.id)) if opened is not None else {}
        drawn = None if ask.view.open else _drawn(context)
        context["colleagues"] = colleagues(ask.db, ask.viewer) if context["may_assign"] else []
        context |= _around(ask, piece=piece)
    answer = page(
        request,
        "worklists/worklist.html",
        fragment="worklists/_list.html",
        discloses=[*shown.patients, *context.pop("opening_patients")],
        title=context["label"],
        drawn=drawn,
        **context,
    )
    if by_form and piece:  # the browser's line shows the address that everything else shows
        answer.headers["HX-Push-Url"] = context["view_path"]
    return answer


def _drawn(context: dict[str, Any]) -> bytes:
    return draw(context["row_template"], context["look"], context["rows"], context["stay_query"])


def _around(ask: Ask, *, piece: bool) -> dict[str, Any]:
    """What the list says above and below its rows, and whom that names."""
    spec = ask.built.spec
    said: dict[str, Any] = {"opening": "", "closing": "", "sub": ""}
    patients: list[Any] = []
    for name, one in (("opening", spec.opening), ("closing", spec.closing)):
        if one is not None and not piece:
            told = dict(one.context(ask.db, ask.viewer))
            patients += told.pop("patients")
            said |= told | {name: one.template}
    return said | {"opening_patients": patients}


@get("/worklists/{name:str}/rows", permission=Permission.STAY_LIST, sync_to_thread=True, **BY_ITSELF)
def show_rows(request: Asked, name: FromPath[str]) -> Response[bytes]:
    """The rows of some stays under the view of the address (`id`, several times), and why others left the list."""
    stays = _stay_ids(request)
    with asking(request, name) as (ask, _):
        rows = queries.rows(ask, stays)
        there = {row.id for row in rows}
        gone = queries.left(ask, [stay for stay in stays if str(stay) not in there])
        context = row_context(ask) | {"rows": rows, "gone": gone, "heads": heads(ask), "label": ask.built.spec.label}
    return page(
        request,
        "worklists/rows.html",
        fragment="worklists/_rows.html",
        discloses=[row.patient_id for row in rows],
        title=context["label"],
        **context,
    )


def _stay_ids(request: Asked) -> Sequence[uuid.UUID]:
    found: dict[uuid.UUID, None] = {}
    for text in request.query_params.getall("id", [])[:MOST_ROWS]:
        try:
            found[uuid.UUID(text)] = None
        except ValueError as error:
            raise NotFound("One of the stays asked for has no such number.") from error
    return list(found)


@get("/worklists/{name:str}/rows/{stay_id:uuid}/more", permission=Permission.STAY_LIST, sync_to_thread=True)
def show_more(request: Asked, name: FromPath[str], stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The row in place; as a page, the list with this row open."""
    with asking(request, name) as (ask, _):
        if not wants_piece(request):
            return see_other(request, replace(ask.view, open=str(stay_id)).address())
        context = row_context(ask) | more_context(ask, stay_id) | permissions(ask)
    return page(
        request,
        "worklists/_more.html",
        fragment="worklists/_more.html",
        discloses=[context["patient_id"]],
        title="Stay in place",
        **context,
    )


@get("/worklists/changes/{mark:int}", permission=Permission.STAY_LIST, sync_to_thread=True, quiet=True)
def changed_since(request: Asked, mark: FromPath[int]) -> Response[str]:
    """A mark for the next time, and the stays that changed after this one, as ids: what a page missed before it could
    listen, or while it could not."""
    with reading(the_viewer(request)) as db:
        reached, found = queries.changed_since(db, mark)
    return Response(" ".join([str(reached), *found]), media_type=MediaType.TEXT)


ROUTES = [first_list, show_list, show_rows, show_more, changed_since]
