"""Saved views: kept from the list itself, managed on a page of their own. Every form works without script."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, local_address, page, see_other, the_viewer
from app.worklists.pages import LANGUAGE
from app.worklists.registry import REGISTRY
from app.worklists.view import read
from app.worklists.views import commands
from app.worklists.views.commands import RenameView, SaveView
from app.worklists.views.models import Choice, SavedView
from app.worklists.views.shelf import KeptView, Shelf, opened, shelf_of

Asked = Request[Any, Any, Any]
Form = NamedDependency[FormFields]
LIST = Permission.STAY_LIST


def _here(request: Asked) -> int:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    return place.id


def understood(kept: str) -> str:
    """The part of a sent query that lists understand, as their addresses say it: nothing else is ever kept, so that a
    list which opens like this is always another address than the bare one, and nobody is led in a circle."""
    return read("", parse_qsl(kept), LANGUAGE)[0].kept()


def _known(name: str) -> str:
    if name not in REGISTRY.lists:
        raise NotFound("There is no list of this name.")
    return name


@get("/worklists/{name:str}/views", permission=LIST, sync_to_thread=True)
def show_views(request: Asked, name: FromPath[str]) -> Response[bytes]:
    """The views of a list: own ones to rename, move, share and delete, shared ones to hide."""
    return _views_page(request, _known(name))


def _views_page(request: Asked, name: str, state: FormState | None = None, wrong: str = "") -> Response[bytes]:
    """`wrong` is the view whose form came back with a fault; without it the fault is in the form of a new view."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        shelf = shelf_of(db, _here(request), name)
    blank = FormState(id="new", given={"kept": ""})
    return page(
        request, "worklists/views.html", discloses=NO_PHI, title=f"Views of {REGISTRY.lists[name].spec.label}",
        status=422 if state else 200, list=name, label=REGISTRY.lists[name].spec.label,
        own=[_line(one, name, shelf, state if one.id == wrong else None) for one in shelf.views if one.own],
        shared=[_line(one, name, shelf, None) for one in shelf.views if not one.own],
        may_share=_here(request) in viewer.facilities_with(Permission.VIEW_SHARE),
        form=state if state and not wrong else blank, saving=bool(state and not wrong),
        has_default=shelf.default(name) is not None, is_first=shelf.first() == name,
    )  # fmt: skip


def _line(one: KeptView, name: str, shelf: Shelf, state: FormState | None) -> dict[str, Any]:
    default = shelf.default(name)
    return {
        "id": one.id, "name": one.name, "href": opened(name, one.kept, one.id).address(), "shared": one.shared,
        "hidden": one.hidden, "author": one.author, "default": default is not None and default.saved == one.id,
        "form": state or FormState(id=f"n{one.id}", given={"name": one.name}),
    }  # fmt: skip


@post("/worklists/{name:str}/views", permission=LIST, sync_to_thread=True)
def save(request: Asked, name: FromPath[str], form: Form) -> Response[bytes]:
    """Keep what the list shows under a name, and open the list like this from now on where that is ticked."""
    ask, state = read_form(SaveView, form)
    state.id = "new"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                own = ask.model_copy(update={"kept": understood(ask.kept)})
                made = commands.save_view(work, _here(request), _known(name), own)
                if form.get("default"):
                    commands.choose_default(work, made.facility_id, name, made.view_id, "")
        except Refused as refused:
            state.refuse(refused)
        else:
            return see_other(request, _address(made), Flash("The view is kept."))
    return _views_page(request, _known(name), state)


@post("/views/{view_id:uuid}/name", permission=LIST, sync_to_thread=True)
def rename(request: Asked, view_id: FromPath[uuid.UUID], form: Form) -> Response[bytes]:
    """Give a view another name."""
    ask, state = read_form(RenameView, form)
    state.id = f"n{view_id}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                old = commands.rename_view(work, view_id, ask)
        except Refused as refused:
            state.refuse(refused)
        else:
            return see_other(request, f"/worklists/{old.list}/views", _flash("The view has its new name.", old))
    with reading(the_viewer(request)) as db:
        query = "select list from saved_view where view_id = %s and ended_at is null"
        name = db.value(query, (view_id,))
    if name is None:
        raise NotFound(commands.NOT_THERE)
    return _views_page(request, name, state, str(view_id))


@post("/views/{view_id:uuid}/kept", permission=LIST, sync_to_thread=True)
def update(request: Asked, view_id: FromPath[uuid.UUID], form: Form) -> Response[bytes]:
    """Let a view keep what the list shows now."""
    with begin(the_viewer(request)) as work:
        kept = understood(form.get("kept", ""))
        if len(kept) > commands.MOST_QUERY:
            raise Refused("This view has too many filters to be kept. Drop some of them.")
        old = commands.update_view(work, view_id, kept)
    return see_other(request, opened(old.list, kept, str(view_id)).address(), _flash("The view is updated.", old))


@post("/views/{view_id:uuid}/end", permission=LIST, sync_to_thread=True)
def end(request: Asked, view_id: FromPath[uuid.UUID], form: Form) -> Response[bytes]:
    """Delete a view; the flash offers the way back."""
    with begin(the_viewer(request)) as work:
        old = commands.end_view(work, view_id)
    return see_other(request, f"/worklists/{old.list}/views", _flash("The view is deleted.", old))


@post("/views/{view_id:uuid}/place", permission=LIST, sync_to_thread=True)
def move(request: Asked, view_id: FromPath[uuid.UUID], form: Form) -> Response[bytes]:
    """Move a view up or down in the menu (`to` is `up` or `down`)."""
    with begin(the_viewer(request)) as work:
        commands.move_view(work, view_id, up=form.get("to") == "up")
    return _back(request, form, Flash("The view is moved."))


@post("/views/{view_id:uuid}/sharing", permission=Permission.VIEW_SHARE, sync_to_thread=True)
def share(request: Asked, view_id: FromPath[uuid.UUID], form: Form) -> Response[bytes]:
    """Share a view with the people of the facility, or stop that (`shared` is `yes` or `no`)."""
    shared = form.get("shared") == "yes"
    with begin(the_viewer(request)) as work:
        old = commands.share_view(work, view_id, shared=shared)
    text = "Everybody in this facility sees the view." if shared else "Only you see the view."
    return _back(request, form, _flash(text, old))


@post("/views/{view_id:uuid}/hiding", permission=LIST, sync_to_thread=True)
def hide(request: Asked, view_id: FromPath[uuid.UUID], form: Form) -> Response[bytes]:
    """Leave a shared view out of one's own menu, or take it back (`hidden` is `yes` or `no`)."""
    hidden = form.get("hidden") == "yes"
    with begin(the_viewer(request)) as work:
        (commands.hide_view if hidden else commands.show_view)(work, view_id)
        if not work.recorded:
            return _back(request, form, None)
    return _back(request, form, Flash("The view is hidden from your menu." if hidden else "The view is back."))


@post("/views/versions/{version_id:uuid}/restoral", permission=LIST, sync_to_thread=True)
def restore(request: Asked, version_id: FromPath[uuid.UUID], form: Form) -> Response[bytes]:
    """Undo a change of a view, or its deletion."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        made = commands.restore_version(work, version_id, viewer.facilities_with(Permission.VIEW_SHARE))
    return see_other(request, _address(made), Flash("The view is as it was before.", "blue"))


@post("/worklists/{name:str}/default", permission=LIST, sync_to_thread=True)
def choose_default(request: Asked, name: FromPath[str], form: Form) -> Response[bytes]:
    """Open this list like this from now on, or as it comes (`choice` is `this` or `none`)."""

    def chosen(work: Work) -> str:
        view_id, kept = _view_id(form), understood(form.get("kept", ""))
        if form.get("choice") != "this" or (view_id is None and not kept):
            commands.drop_choice(work, _here(request), Choice.DEFAULT, _known(name))
            return "The list opens as it comes."
        commands.choose_default(work, _here(request), _known(name), view_id, kept)
        return "The list opens like this from now on."

    return _carry_out(request, form, chosen)


@post("/worklists/{name:str}/first", permission=LIST, sync_to_thread=True)
def choose_first(request: Asked, name: FromPath[str], form: Form) -> Response[bytes]:
    """Begin with this list after signing in, or with the first one (`choice` is `this` or `none`)."""

    def chosen(work: Work) -> str:
        if form.get("choice") != "this":
            commands.drop_choice(work, _here(request), Choice.FIRST)
            return "Work begins with the first list."
        commands.choose_first(work, _here(request), _known(name))
        return f"Work begins with the list {REGISTRY.lists[name].spec.label}."

    return _carry_out(request, form, chosen)


def _carry_out(request: Asked, form: FormFields, chosen: Callable[[Work], str]) -> Response[bytes]:
    with begin(the_viewer(request)) as work:
        said = chosen(work)
    return _back(request, form, Flash(said))


def _view_id(form: FormFields) -> uuid.UUID | None:
    try:
        return uuid.UUID(form["view_id"]) if form.get("view_id") else None
    except ValueError:
        raise NotFound(commands.NOT_THERE) from None


def _back(request: Asked, form: FormFields, flash: Flash | None) -> Response[bytes]:
    return see_other(request, local_address(form.get("back", ""), "/worklists"), flash)


def _address(made: SavedView) -> str:
    return opened(made.list, made.kept, str(made.view_id)).address()


def _flash(text: str, old: SavedView) -> Flash:
    return Flash(text, undo=Undo(f"/views/versions/{old.id}/restoral"))


ROUTES = [show_views, save, rename, update, end, move, share, hide, restore, choose_default, choose_first]
