"""Samples of signed reviews: the share, draws, agreement, and the pairs under each number."""

import uuid
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, reading
from app.reviews.sampling import commands, queries, showing
from app.reviews.sampling.commands import DrawSample, SetShare, StrikeOut
from app.reviews.sampling.queries import Pair
from app.reviews.terms import Outcome
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
SAMPLE = Permission.REVIEW_SAMPLE
WHERE = "/reviews/agreement"
TAKEN_BACK = StrikeOut(reason="Taken back right after it was drawn")


def place_of(request: Asked) -> Place:
    """The facility being worked in."""
    place = the_viewer(request).place
    if place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    return place


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


@get(WHERE, permission=SAMPLE, sync_to_thread=True)
def show_agreement(request: Asked, draw: FromQuery[str] = "") -> Response[bytes]:
    """How far first and second readings agree, over all draws or one, and the draws."""
    return _page(request, draw, FormState(id="draw"), 200)


def _page(request: Asked, draw: str, state: FormState, status: int) -> Response[bytes]:
    viewer, place = the_viewer(request), place_of(request)
    zone = ZoneInfo(place.timezone)
    with reading(viewer) as db:
        draws = queries.samples(db, place.id)
        only = next((one for one in draws if one.id == _key(draw)), None)
        pairs = queries.pairs(db, place.id, only.id if only else None)
        share = queries.share_of(db, place.id)
        link = f"{WHERE}/pairs?{urlencode({'draw': only.id})}&" if only else f"{WHERE}/pairs?"
        context = showing.agreement_context(db, pairs, link)
        lines = [showing.sample_line(one, zone, db) for one in draws]
        today = local_day(db.now, zone)
    given = {"first_day": today.replace(day=1).isoformat(), "last_day": today.isoformat(), "percent": str(share)}
    setting = state if state.id == "share" else FormState(given={"percent": str(share)}, id="share")
    drawing = state if state.id == "draw" else FormState(id="draw")
    drawing.given = given | drawing.given
    return page(
        request, "reviews/sampling/agreement.html", discloses=NO_PHI, title="Agreement of reviewers", status=status,
        **context, draws=lines, only=showing.sample_line(only, zone, db) if only else None, share=share,
        drawing=drawing, setting=setting, where=WHERE, outcomes=[one.label for one in Outcome], place=place.name,
    )  # fmt: skip


@post(f"{WHERE}/share", permission=SAMPLE, sync_to_thread=True)
def set_share(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set the share that draws take unless they say otherwise."""
    ask, state = read_form(SetShare, form)
    if ask is None:
        state.id = "share"
        return _page(request, "", state, 422)
    with begin(the_viewer(request)) as work:
        commands.set_share(work, place_of(request).id, ask)
    return see_other(
        request, WHERE, Flash(f"Draws take {ask.percent} % from now on.", undo=Undo(f"{WHERE}/share/reversal"))
    )


@post(f"{WHERE}/share/reversal", permission=SAMPLE, sync_to_thread=True)
def undo_share(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set the share back to the one before."""
    with begin(the_viewer(request)) as work:
        percent = commands.undo_share(work, place_of(request).id)
    return see_other(request, WHERE, Flash(f"Draws take {percent} % again.", "blue"))


@post(f"{WHERE}/draws", permission=SAMPLE, sync_to_thread=True)
def draw_sample(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Draw a share of the reviews signed in a period."""
    ask, state = read_form(DrawSample, form)
    state.id = "draw"
    made = None
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.draw_sample(work, place_of(request).id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return _page(request, "", state, 422)
    flash = Flash("The sample is drawn. Its reviews wait for second readers.",
                  undo=Undo(f"{WHERE}/draws/{made.id}/reversal"))  # fmt: skip
    return see_other(request, f"{WHERE}/draws/{made.id}", flash)


@get(f"{WHERE}/draws/{{sample_id:uuid}}", permission=SAMPLE, sync_to_thread=True)
def show_sample(request: Asked, sample_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """One draw: its reviews with where their second readings stand, and whether its seed draws them again."""
    return _sample_page(request, sample_id, FormState(id="strike"), 200)


def _sample_page(request: Asked, sample_id: uuid.UUID, state: FormState, status: int) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        one = queries.sample(db, sample_id)
        tasks = queries.tasks_of_sample(db, sample_id)
        lines = [showing.task_line(each, db) for each in tasks]
        sample = showing.sample_line(one, ZoneInfo(place_of(request).timezone), db)
        repeats = queries.repeats(db, one)
    return page(
        request, "reviews/sampling/sample.html", discloses=sorted({each.patient_id for each in tasks}),
        title="Sample of reviews", status=status, sample=sample, tasks=lines, repeats=repeats, form=state, where=WHERE,
    )  # fmt: skip


@post(f"{WHERE}/draws/{{sample_id:uuid}}/strike-out", permission=SAMPLE, sync_to_thread=True)
def strike_sample(request: Asked, sample_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a draw out, with the reason."""
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = "strike"
        return _sample_page(request, sample_id, state, 422)
    with begin(the_viewer(request)) as work:
        commands.strike_sample(work, sample_id, ask)
    return see_other(request, WHERE, Flash("The sample is struck out. Its reviews can be drawn again."))


@post(f"{WHERE}/draws/{{sample_id:uuid}}/reversal", permission=SAMPLE, sync_to_thread=True)
def undo_sample(request: Asked, sample_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was drawn a moment ago."""
    with begin(the_viewer(request)) as work:
        commands.strike_sample(work, sample_id, TAKEN_BACK)
    return see_other(request, WHERE, Flash("The sample is taken back.", "blue"))


@get(f"{WHERE}/pairs", permission=SAMPLE, sync_to_thread=True)
def show_pairs(
    request: Asked, draw: FromQuery[str] = "", outcomes: FromQuery[str] = "", point: FromQuery[str] = ""
) -> Response[bytes]:
    """The pairs under a number: all, those of one cell (`met not_met`), or those of a point (set, version, code)."""
    place = place_of(request)
    set_id, version, code = point.split(" ") if point.count(" ") == 2 else ("", "", "")
    with reading(the_viewer(request)) as db:
        found = _under(queries.pairs(db, place.id, _key(draw)), outcomes)
        answers: list[tuple[str, str]] = []
        title, kind = "Outcome", showing.outcome_figure(found)
        if code:
            found = showing.of_set(found, set_id, version)
            answers = [showing.point_answer(one, code) for one in found]
            held = showing.set_named(db, place.id, set_id, version)
            text = next((one.text for one in held.points if one.code == code), "") if held else ""
            title, kind = f"{code} {text}".strip(), showing.agreement(answers)
        lines = [showing.pair_line(one, db) for one in found]
    for line, (one, other) in zip(lines, answers, strict=False):
        line |= {"same": one == other, "first_met": one == "met", "second_met": other == "met"}
    return page(
        request, "reviews/sampling/pairs.html", discloses=sorted({one.patient_id for one in found}),
        title="Pairs of readings", pairs=lines, of=title, by_point=bool(code), figure=showing.figure(kind),
        back=f"{WHERE}?draw={draw}" if _key(draw) else WHERE,
    )  # fmt: skip


def _under(pairs: list[Pair], outcomes: str) -> list[Pair]:
    """Those with both outcomes, the first reading's before the second's, where they are named."""
    return [one for one in pairs if outcomes in ("", f"{one.first_outcome} {one.second_outcome}")]


ROUTES = [
    show_agreement, set_share, undo_share, draw_sample, show_sample, strike_sample, undo_sample, show_pairs,
]  # fmt: skip
