"""`/criteria`: the criteria sets that reviews may use here, each with its points, and a hospital's own sets."""

import hashlib
import uuid
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, begin, reading
from app.reviews.criteria import library
from app.reviews.criteria.reading import LARGEST, Fault, Unreadable, read_set
from app.reviews.criteria.terms import CriteriaSet
from app.reviews.sets import queries, showing
from app.reviews.sets.commands import AddSet, EndSet, add_set, end_set, refuse_taken
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form, without_unseen
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
PAGE = "/criteria"
BODY = 4 * LARGEST + 100_000  # of the request: text and file, in bytes


def _place(request: Asked) -> Place:
    place = the_viewer(request).place
    if place is None:
        raise NotFound("Criteria sets belong to a facility. Choose one first.")
    return place


def _may_change(request: Asked, place: Place) -> bool:
    return place.id in the_viewer(request).facilities_with(Permission.CRITERIA_SET)


def _today(db: Reading, place: Place) -> date:
    return local_day(db.now, ZoneInfo(place.timezone))


@get(PAGE, permission=Permission.REVIEW_WRITE, sync_to_thread=True)
def show_sets(request: Asked) -> Response[bytes]:
    """Shipped sets and those of the facility being worked in."""
    return _sets_page(request, FormState(id="end"), 200)


def _sets_page(request: Asked, form: FormState, status: int, ending: str = "") -> Response[bytes]:
    place = _place(request)
    with reading(the_viewer(request)) as db:
        today = _today(db, place)
        own = showing.own_lines(queries.own_sets(db, place.id), today)
    form.given.setdefault("last_day", today.isoformat())
    return page(
        request, "reviews/sets/sets.html", discloses=NO_PHI, title="Criteria", status=status, place=place.name,
        shipped=showing.shipped_lines(today), own=own, form=form, ending=ending,
        may_change=_may_change(request, place),
    )  # fmt: skip


@get(PAGE + "/{set_id:str}/{version:str}", permission=Permission.REVIEW_WRITE, sync_to_thread=True)
def show_set(request: Asked, set_id: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    """One version with all its points, in use or not."""
    place = _place(request)
    with reading(the_viewer(request)) as db:
        held = queries.get(db, place.id, set_id, version)
    shipped = (set_id, version) in {(one.id, one.version) for one in library.every_set()}
    return page(
        request, "reviews/sets/set.html", discloses=NO_PHI, title=held.title, held=showing.shown(held),
        shipped=shipped, may_change=_may_change(request, place),
    )  # fmt: skip


@get(PAGE + "/new", permission=Permission.CRITERIA_SET, sync_to_thread=True)
def write_set(request: Asked, like: FromQuery[str] = "") -> Response[bytes]:
    """The form of an own set; with `like` (id/version) it begins with the text of a shipped one."""
    with reading(the_viewer(request)) as db:
        given = {"begins": (_today(db, _place(request)) + timedelta(days=1)).isoformat()}
    if like:
        set_id, _, version = like.partition("/")
        try:
            given["text"] = library.written(set_id, version)
        except library.UnknownSet:
            raise NotFound(queries.NO_SET) from None
    return _form_page(request, FormState(given=given, id="set"))


def _form_page(
    request: Asked, form: FormState, faults: list[Fault] | None = None, held: CriteriaSet | None = None
) -> Response[bytes]:
    text = form.given.get("text", "")
    form.given["seen"] = _digest(text) if held is not None else ""
    return page(
        request, "reviews/sets/new.html", discloses=NO_PHI, title="Own criteria set", place=_place(request).name,
        status=422 if form.errors or faults else 200, form=form, faults=_told(faults or [], text),
        held=showing.shown(held) if held is not None else None,
    )  # fmt: skip


def _told(faults: list[Fault], text: str) -> list[dict[str, str]]:
    """Faults with the line that each is about."""
    lines = ["", *text.splitlines()]
    return [{"sentence": str(one), "line": lines[one.line].strip() if one.line < len(lines) else ""} for one in faults]


@post(f"{PAGE}/preview", permission=Permission.CRITERIA_SET, sync_to_thread=True, request_max_body_size=BODY)
def preview_set(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Read the text and show what it says; nothing is kept."""
    ask, held, state, faults = _read(form)
    if held is not None and ask is not None:
        place = _place(request)
        with reading(the_viewer(request)) as db:
            try:
                refuse_taken(queries.own_sets(db, place.id), held, ask)
            except Refused as refused:
                state.refuse(refused)
    return _form_page(request, state, faults, held)


@post(PAGE, permission=Permission.CRITERIA_SET, sync_to_thread=True, request_max_body_size=BODY)
def take_set(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Put the set in use from its day on; a text that was changed after it was shown is shown first."""
    ask, held, state, faults = _read(form)
    if held is None or ask is None or form.get("seen", "") != _digest(state.given.get("text", "")):
        return _form_page(request, state, faults, held)
    try:
        with begin(the_viewer(request)) as work:
            made = add_set(work, _place(request).id, held, ask)
    except Refused as refused:
        return _form_page(request, state.refuse(refused), None, held)
    return see_other(
        request, PAGE, Flash(f"{made.title}, version {made.version}: in use from {made.begins:%-d %b %Y} on.")
    )


def _digest(text: str) -> str:
    """Names a text, however its lines end."""
    return hashlib.sha256(text.strip().replace("\r\n", "\n").encode()).hexdigest()


def _read(form: FormFields) -> tuple[AddSet | None, CriteriaSet | None, FormState, list[Fault]]:
    """What was sent: a chosen file takes the place of the text."""
    ask, state = read_form(AddSet, form)
    state.id = "set"
    text, faults = form.get("text", ""), []
    sent = form.files.get("file")
    content = sent.file.read() if sent is not None and sent.filename else b""
    if content:
        sent_text = _text_of(content)
        if sent_text is None:
            faults.append(Fault(0, "The file is not text in UTF-8. Save it as such and choose it again."))
        else:
            text = without_unseen(sent_text)
        state.given["text"] = text
    if not text.strip() and not faults:
        state.errors["text"] = "Write the set, or choose its file."
        return ask, None, state, faults
    held = None
    if not faults:
        try:
            held = read_set(text)
            held = held if ask is None else msgspec.structs.replace(held, begins=ask.begins)
        except Unreadable as unreadable:
            faults = unreadable.faults
    return ask, held, state, faults


def _text_of(content: bytes) -> str | None:
    """The text of a file; None for what is none, such as a table of a spreadsheet program."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


@post(PAGE + "/own/{criteria_id:uuid}/end", permission=Permission.CRITERIA_SET, sync_to_thread=True)
def withdraw_set(
    request: Asked, criteria_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take a version out of use after a day."""
    ask, state = read_form(EndSet, form)
    state.id = "end"
    if ask is None:
        return _sets_page(request, state, 422, str(criteria_id))
    try:
        with begin(the_viewer(request)) as work:
            held = end_set(work, criteria_id, ask, work.today(_place(request).timezone))
    except Refused as refused:
        return _sets_page(request, state.refuse(refused), 422, str(criteria_id))
    return see_other(
        request, PAGE, Flash(f"{held.title}, version {held.version}: in use until {ask.last_day:%-d %b %Y}.", "blue")
    )


ROUTES = [show_sets, show_set, write_set, preview_set, take_set, withdraw_set]
