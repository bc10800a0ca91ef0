"""Notes of a stay: a part of its page, and the same piece in the row in place."""

import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.platform.work import Reading, Work, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.past.reading import reading_then
from app.web.render import done, the_viewer, wants_piece
from app.web.stay import FRAME, Part, stay_page
from app.worklists.models import Note
from app.worklists.notes import commands
from app.worklists.notes.commands import AmendNote, StrikeNote, WriteNote
from app.worklists.notes.queries import notes_of, stay_place

Asked = Request[Any, Any, Any]
PIECE = "worklists/_notes.html"


def notes_context(db: Reading, stay_id: uuid.UUID, zone: ZoneInfo, may_note: bool) -> dict[str, Any]:
    """What the piece shows, with an empty form."""
    return {
        "stay_id": str(stay_id),
        "notes": notes_of(db, stay_id, zone),
        "may_note": may_note,
        "form": FormState(id=f"n{stay_id}"),
    }


@get("/encounters/{stay_id:uuid}/notes", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_notes(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The notes of a stay, in the frame of the stay."""
    return _notes_page(request, stay_id)


def _notes_page(request: Asked, stay_id: uuid.UUID, state: FormState | None = None) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        place = stay_place(db, stay_id)
        context = notes_context(db, stay_id, place.zone, viewer.may(Permission.NOTE_WRITE) and db.as_of is None)
    if state is not None:
        context["form"] = state
        state.id = f"n{stay_id}"
    in_row = request.headers.get("hx-target", FRAME) != FRAME
    piece = PIECE if in_row else "worklists/_stay_notes.html"
    return stay_page(request, stay_id, Part("notes", piece, context, 200 if state is None else 422))


def _carried_out(request: Asked, stay_id: uuid.UUID, text: str) -> Response[bytes]:
    back = f"/encounters/{stay_id}/notes"
    if not wants_piece(request):
        return done(request, PIECE, discloses=[], back=back, flash=Flash(text))
    viewer = the_viewer(request)
    with reading(viewer) as db:
        place = stay_place(db, stay_id)
        context = notes_context(db, stay_id, place.zone, viewer.may(Permission.NOTE_WRITE))
    return done(request, PIECE, discloses=[place.patient_id], back=back, changed=[stay_id], written=True, **context)


@post("/encounters/{stay_id:uuid}/notes", permission=Permission.NOTE_WRITE, sync_to_thread=True)
def write_note(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Write a note."""
    ask, state = read_form(WriteNote, form)
    if ask is None:
        return _notes_page(request, stay_id, state)
    with begin(the_viewer(request)) as work:
        commands.write_note(work, stay_id, ask)
    return _carried_out(request, stay_id, "The note is written.")


@post("/notes/{note_id:uuid}/versions", permission=Permission.NOTE_WRITE, sync_to_thread=True)
def amend_note(request: Asked, note_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Add a new version of a note."""
    ask, state = read_form(AmendNote, form)
    if ask is None:
        return _refused_form(request, note_id, state)
    return _change(request, note_id, lambda work: commands.amend_note(work, note_id, ask), "The note is amended.")


@post("/notes/{note_id:uuid}/strike-out", permission=Permission.NOTE_WRITE, sync_to_thread=True)
def strike_note(request: Asked, note_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a note out, with a reason."""
    ask, state = read_form(StrikeNote, form)
    if ask is None:
        return _refused_form(request, note_id, state)
    return _change(request, note_id, lambda work: commands.strike_note(work, note_id, ask), "The note is struck out.")


@post("/notes/{note_id:uuid}/pin", permission=Permission.NOTE_WRITE, sync_to_thread=True)
def pin_note(request: Asked, note_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Pin a note to the row of its stay, or take it down (`pinned` is `yes` or `no`)."""
    pinned = form.get("pinned") == "yes"
    text = "The note is pinned." if pinned else "The note is not pinned any more."
    return _change(request, note_id, lambda work: commands.pin_note(work, note_id, pinned=pinned), text)


def _change(request: Asked, note_id: uuid.UUID, command: Callable[[Work], Note], text: str) -> Response[bytes]:
    with begin(the_viewer(request)) as work:
        stay_id = command(work).encounter_id
    return _carried_out(request, stay_id, text)


def _refused_form(request: Asked, note_id: uuid.UUID, state: FormState) -> Response[bytes]:
    """The notes again, with what is wrong beside the form for a new note, which has the same fields."""
    with begin(the_viewer(request)) as work:
        stay_id = work.get(Note, note_id, commands.NOT_THERE).encounter_id
    return _notes_page(request, stay_id, FormState(given={}, errors={"": next(iter(state.errors.values()))}))


ROUTES = [show_notes, write_note, amend_note, strike_note, pin_note]
