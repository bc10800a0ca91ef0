"""Second readings: what waits, the blind form, signing, the pair afterwards, and one's own results."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import dated_text
from app.platform.work import Reading, begin, reading
from app.reviews.judging import Given
from app.reviews.sampling import commands, queries, showing
from app.reviews.sampling import reading as second
from app.reviews.sampling.commands import StrikeOut, WriteReading
from app.reviews.sampling.pages import place_of
from app.reviews.sampling.queries import NOT_THERE, Pair, Task
from app.reviews.sampling.terms import ReadingState
from app.reviews.writing.reading import MOMENT, VALUE, Typed, typed
from app.reviews.writing.showing import groups_of, pressed, rule_of, verdict_of
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import page, see_other, the_viewer

Asked = Request[Any, Any, Any]
WRITE, SAMPLE = Permission.REVIEW_WRITE, Permission.REVIEW_SAMPLE
WHERE = "/second-readings"
FORM = "reviews/sampling/reading.html"


@get(WHERE, permission=WRITE, sync_to_thread=True)
def show_readings(request: Asked) -> Response[bytes]:
    """What the reader has taken and may take, and how far others agree with the reader's own reviews."""
    viewer, place = the_viewer(request), place_of(request)
    with reading(viewer) as db:
        tasks = queries.tasks_for_me(db, place.id)
        lines = [showing.task_line(one, db) for one in tasks]
        pairs = queries.pairs(db, place.id)
        mine = [one for one in pairs if one.first_by == viewer.user_id]
        read = [one for one in pairs if one.second_by == viewer.user_id]
        own = [{"what": "My reviews, read by others", **showing.figure(showing.outcome_figure(mine))},
               {"what": "Reviews of others, read by me", **showing.figure(showing.outcome_figure(read))}]  # fmt: skip
        shown = [*mine, *read]
        rows = [showing.pair_line(one, db) | {"mine": one.first_by == viewer.user_id} for one in shown]
    return page(
        request, "reviews/sampling/readings.html",
        discloses=sorted({one.patient_id for one in tasks} | {one.patient_id for one in shown}),
        title="Second readings", taken=[one for one in lines if one["code"] == "taken"],
        waiting=[one for one in lines if one["code"] == "waiting"],
        own=own, pairs=rows, where=WHERE, may_sample=viewer.may(SAMPLE),
    )  # fmt: skip


@get(f"{WHERE}/{{sampled_id:uuid}}", permission=WRITE, sync_to_thread=True)
def show_reading(request: Asked, sampled_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """A drawn review: the blind form for who has taken it, both readings once it is read."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        held = queries.task(db, sampled_id)
        pair = queries.pair(db, held.facility_id, held.id) if held.state is ReadingState.READ else None
    if pair is not None:
        return _pair_page(request, pair, FormState(id="strike"), 200)
    if held.state is ReadingState.TAKEN and held.taken_by == viewer.user_id:
        return _form_page(request, held, {}, FormState(), 200)
    raise Refused({
        ReadingState.WITHDRAWN: "This review is struck out of its sample. Choose another one from the list.",
        ReadingState.TAKEN: "A colleague reads this review. Choose another one from the list.",
    }.get(held.state, "Nobody has taken this review yet. Take it from the list of second readings."))  # fmt: skip


def _pair_page(request: Asked, one: Pair, state: FormState, status: int) -> Response[bytes]:
    """Both readings, for who made one of them and for who draws samples."""
    viewer = the_viewer(request)
    lead = one.facility_id in viewer.facilities_with(SAMPLE)
    if not lead and viewer.user_id not in (one.first_by, one.second_by):
        raise NotFound(NOT_THERE)
    with reading(viewer) as db:
        context = showing.pair_context(db, one)
    named = lead or one.second_by == viewer.user_id
    context["pair"]["second_by"] = one.second_name if named else "a colleague"
    return page(
        request, "reviews/sampling/pair.html", discloses=[one.patient_id], title="Two readings", status=status,
        form=state, may_strike=lead, where=WHERE, **context,
    )  # fmt: skip


def _form_page(request: Asked, held: Task, sent: Typed, state: FormState, status: int) -> Response[bytes]:
    viewer, zone = the_viewer(request), ZoneInfo(held.timezone)
    with reading(viewer, as_of=held.signed_at) as then:
        context = showing.stay_context(then, held)
    with reading(viewer) as db:
        criteria = second.set_of(db, held)
        context |= {
            "held": {"title": criteria.title, "version": criteria.version, "rule": rule_of(criteria)}
            if criteria else None,
            "groups": groups_of(criteria, sent) if criteria else [],
            "verdict": _verdict(db, held, sent),
            "task": showing.task_line(held, db),
            "signed": dated_text(held.signed_at, zone, db.now),
        }  # fmt: skip
    for point in (each for group in context["groups"][:1] for each in group["points"][:1]):
        point["first"] = True
    state.id = "rv"
    return page(
        request, FORM, discloses=[held.patient_id], title="Second reading", status=status, form=state,
        licensed=", ".join(held.licensed.values()), where=f"{WHERE}/{held.id}", back=WHERE, **context,
    )  # fmt: skip


def _verdict(db: Reading, held: Task, sent: Typed) -> dict[str, Any]:
    criteria = second.set_of(db, held)
    if criteria is None:
        return {"tone": "gray", "icon": "doc", "text": "As you find it", "sentences": [], "says": ""}
    ask = pressed(sent, held.for_day)
    try:
        return verdict_of(second.evaluated(criteria, held, Given(frozenset(ask.points), ask.values, ask.moments)))
    except Refused as refused:
        return {"tone": "red", "icon": "alert", "text": "Not understood", "sentences": [refused.sentence], "says": ""}


@post(f"{WHERE}/{{sampled_id:uuid}}/claim", permission=WRITE, sync_to_thread=True)
def take(request: Asked, sampled_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Begin to read a drawn review."""
    with begin(the_viewer(request)) as work:
        commands.take(work, sampled_id)
    flash = Flash("Until you sign or give it back, you see no reviews of this stay.", "blue",
                  Undo(f"{WHERE}/{sampled_id}/return"))  # fmt: skip
    return see_other(request, f"{WHERE}/{sampled_id}", flash)


@post(f"{WHERE}/{{sampled_id:uuid}}/return", permission=WRITE, sync_to_thread=True)
def give_back(request: Asked, sampled_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Leave the reading to somebody else."""
    with begin(the_viewer(request)) as work:
        commands.give_back(work, sampled_id)
    return see_other(request, WHERE, Flash("The review waits for another reader.", "blue"))


@post(f"{WHERE}/{{sampled_id:uuid}}/release", permission=SAMPLE, sync_to_thread=True)
def release(request: Asked, sampled_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a reading from a colleague who does not finish it."""
    with begin(the_viewer(request)) as work:
        held = commands.give_back(work, sampled_id, of_anyone=True)
    where = f"/reviews/agreement/draws/{held.sample_id}"
    return see_other(request, where, Flash("The review waits for another reader.", "blue"))


@post(f"{WHERE}/{{sampled_id:uuid}}/points", permission=WRITE, sync_to_thread=True)
def weigh(request: Asked, sampled_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """What the points come to so far; nothing is kept."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        held = queries.task(db, sampled_id)
        if held.taken_by != viewer.user_id:
            raise NotFound(NOT_THERE)
        said = _verdict(db, held, typed(form))
    piece = "reviews/writing/_verdict.html"
    return page(request, piece, fragment=piece, discloses=[held.patient_id], title="", verdict=said)


@post(f"{WHERE}/{{sampled_id:uuid}}", permission=WRITE, sync_to_thread=True)
def sign(request: Asked, sampled_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Sign what one found."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        held = queries.task(db, sampled_id)
    ask, state = read_form(WriteReading, form)
    if ask is not None:
        ask = ask.model_copy(update={"values": _under(form, VALUE), "moments": _under(form, MOMENT)})
        try:
            with begin(viewer) as work:
                commands.sign_reading(work, sampled_id, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    if ask is None or state.errors:
        if held.taken_by != viewer.user_id:
            raise NotFound(NOT_THERE)
        return _form_page(request, held, typed(form), state, 422)
    return see_other(request, f"{WHERE}/{sampled_id}", Flash("The second reading is signed. Here are both."))


def _under(form: FormFields, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): form[name] for name in form if name.startswith(prefix)}


@post(f"{WHERE}/{{sampled_id:uuid}}/strike-out", permission=SAMPLE, sync_to_thread=True)
def strike(request: Asked, sampled_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a second reading out, with the reason; somebody else reads the review again."""
    ask, state = read_form(StrikeOut, form)
    viewer = the_viewer(request)
    if ask is None:
        state.id = "strike"
        with reading(viewer) as db:
            pair = queries.pair(db, queries.task(db, sampled_id).facility_id, sampled_id)
        return _pair_page(request, pair, state, 422)
    with begin(viewer) as work:
        held = commands.strike_reading(work, sampled_id, ask)
    where = f"/reviews/agreement/draws/{held.sample_id}"
    return see_other(request, where, Flash("The second reading is struck out. The review waits for another reader."))


ROUTES = [show_readings, show_reading, take, give_back, release, weigh, sign, strike]
