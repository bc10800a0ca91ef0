"""Writing a review: its page, the draft that keeps itself, signing, and on to the next stay of the list."""

import uuid
from typing import Any
from urllib.parse import quote

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.census.united import Subject, subject
from app.kernel.days import written_day
from app.kernel.refusal import Refused
from app.kernel.wording import clock_text, moment_text
from app.platform.work import Reading, begin, reading
from app.reviews import commands, queries, rules
from app.reviews.commands import KeepDraft
from app.reviews.criteria.terms import ReviewKind
from app.reviews.models import Review
from app.reviews.queries import Draft
from app.reviews.terms import Outcome
from app.reviews.writing import showing
from app.reviews.writing.filling import Opened, Wanted, of_version, opened, opened_at
from app.reviews.writing.reading import Typed, read_review, typed
from app.security.permissions import Permission
from app.web.following import following, is_list, list_of
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import page, see_other, show, the_viewer, wants_piece
from app.web.stay import stay_head

Asked = Request[Any, Any, Any]
WRITE = Permission.REVIEW_WRITE
PAGE = "reviews/writing/review.html"


@get("/encounters/{stay_id:uuid}/reviews/new", permission=WRITE, sync_to_thread=True)
def show_form(
    request: Asked,
    stay_id: FromPath[uuid.UUID],
    kind: FromQuery[str] = "",
    day: FromQuery[str] = "",
    criteria: FromQuery[str] = "",
) -> Response[bytes]:
    """The review that is wanted, or that comes next: its draft, or the form with what the last one said."""
    wanted = Wanted(ReviewKind(kind) if kind in set(ReviewKind) else None, written_day(day), criteria[:80])
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        one = opened(db, stay, wanted)
        context = _context(request, db, stay, one, FormState())
    return _page(request, stay, context, 200)


def _context(request: Asked, db: Reading, stay: Subject, one: Opened, state: FormState) -> dict[str, Any]:
    viewer = the_viewer(request)
    head = stay_head(db, viewer, stay.encounter_id)
    came = list_of(request) or state.given.get("list", "")
    after = following(db, viewer, came, stay.encounter_id) if came else None
    encounter = f"/encounters/{stay.encounter_id}"
    return {
        **showing.criteria_context(db, stay, one),
        **showing.form_context(db, stay, one, state),
        "verdict": showing.verdict(db, stay, one.typed, one.day),
        "head": {"name": head.name, "identity": head.identity, "href": encounter, "facts": head.facts,
                 "chips": head.chips},
        "stay_id": str(stay.encounter_id),
        "action": f"{encounter}/reviews",
        "keep": f"{encounter}/reviews/drafts",
        "close": came if is_list(came) else f"{encounter}/reviews",
        "list": came if is_list(came) else "",
        "next_stay": str(after) if after is not None else state.given.get("next_stay", ""),
        "opened_at": one.typed.get("opened_at", [""])[0] or opened_at(one.typed, one.draft, db.now, stay.zone),
        "draft": draft_words(db, stay, one.draft, viewer.user_id),
        "unsent": "",
        "signed": showing.line_of(one.signed, stay.zone, db) if one.signed else None,
        "amends": "",
    }  # fmt: skip


def draft_words(db: Reading, stay: Subject, draft: Draft | None, me: uuid.UUID) -> dict[str, Any] | None:
    """Since when a draft is kept, and whose it is when it is not one's own."""
    if draft is None:
        return None
    return {
        "id": str(draft.id),
        "at": moment_text(draft.saved_at, stay.zone, db.now),
        "by": "" if draft.saved_by_id == me else draft.saved_by,
    }


def _page(request: Asked, stay: Subject, context: dict[str, Any], status: int) -> Response[bytes]:
    return page(request, PAGE, discloses=[stay.patient_id], title=context["name"], status=status, **context)


@post("/encounters/{stay_id:uuid}/reviews/drafts", permission=WRITE, sync_to_thread=True)
def keep_draft(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Keep what is written so far, and say what it comes to."""
    viewer = the_viewer(request)
    ask, state = read_form(KeepDraft, form)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    if ask is None:
        raise Refused(next(iter(state.errors.values())))
    with begin(viewer) as work:
        commands.save_draft(work, stay_id, ask, typed(form))
    if not wants_piece(request):
        where = f"/encounters/{stay.encounter_id}/reviews/new?kind={ask.kind.value}&day={ask.for_day}"
        return see_other(request, _with_list(where, form.get("list", "")), Flash("The draft is kept."))
    with reading(viewer) as db:
        said = showing.verdict(db, stay, typed(form), ask.for_day)
        at = clock_text(db.now, stay.zone)
    return page(request, "reviews/writing/_kept.html", fragment="reviews/writing/_kept.html",
                discloses=[stay.patient_id], title="", verdict=said, kept_at=at)  # fmt: skip


@post("/review-drafts/{draft_id:uuid}/discard", permission=WRITE, sync_to_thread=True)
def discard(request: Asked, draft_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Throw a draft away."""
    with begin(the_viewer(request)) as work:
        held = commands.discard_draft(work, draft_id)
    return see_other(request, f"/encounters/{held.encounter_id}/reviews", Flash("The draft is thrown away.", "blue"))


@post("/encounters/{stay_id:uuid}/reviews", permission=WRITE, sync_to_thread=True)
def sign(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Sign the review, and go on to the next stay of the list, if the person came from one."""
    viewer = the_viewer(request)
    ask, state = read_review(form)
    with reading(viewer) as db:
        stay = subject(db, stay_id)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.sign_review(work, stay_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if made is None:
        return refused_page(request, stay, typed(form), state)
    return _signed(request, stay, made, form)


def refused_page(request: Asked, stay: Subject, sent: Typed, state: FormState) -> Response[bytes]:
    """The form as it was sent, with what is wrong beside its fields."""
    kind = sent.get("kind", [""])[0]
    wanted = Wanted(ReviewKind(kind) if kind in set(ReviewKind) else None, written_day(sent.get("for_day", [""])[0]))
    with reading(the_viewer(request)) as db:
        one = opened(db, stay, wanted)
        one.typed, one.from_last, one.draft = sent, False, None
        given = dict(state.given)
        context = _context(request, db, stay, one, state)
        context["list"] = given.get("list", "") if is_list(given.get("list", "")) else context["list"]
        context["next_stay"] = given.get("next_stay", "") or context["next_stay"]
        context["unsent"] = "\n\n".join(text for text in (given.get("summary", ""), given.get("reason", "")) if text)
    return _page(request, stay, context, 422)


def _signed(request: Asked, stay: Subject, made: Review, form: FormFields) -> Response[bytes]:
    show(request, [stay.patient_id])
    outcome = Outcome(made.outcome)
    text = f"{rules.name_of(ReviewKind(made.kind))} signed: {outcome.label.lower()}."
    if made.referred:
        text += " It goes to the physician advisor."
    flash = Flash(text, undo=Undo(f"/reviews/{made.review_id}/reversal"))
    came, after = form.get("list", ""), form.get("next_stay", "")
    if is_list(came):
        return see_other(request, _with_list(f"/encounters/{uuid.UUID(after)}/reviews/new", came)
                         if _is_key(after) else came, flash)  # fmt: skip
    return see_other(request, f"/encounters/{stay.encounter_id}/reviews", flash)


def _with_list(where: str, came: str) -> str:
    if not is_list(came):
        return where
    return f"{where}{'&' if '?' in where else '?'}list={quote(came, safe='/')}"


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@post("/reviews/{review_id:uuid}/reversal", permission=WRITE, sync_to_thread=True)
def undo(request: Asked, review_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was signed a moment ago: it is struck out with that reason, owed again, and a draft once more."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        before = queries.history(db, review_id)[0]
    with begin(viewer) as work:
        commands.strike_out(work, review_id, commands.StrikeOut(reason="Taken back right after it was signed"))
        again = KeepDraft(kind=before.kind_word, for_day=before.for_day)
        commands.save_draft(work, before.encounter_id, again, of_version(before))
    where = f"/encounters/{before.encounter_id}/reviews/new?kind={before.kind}&day={before.for_day}"
    return see_other(request, where, Flash("The review is struck out and a draft again.", "blue"))


ROUTES = [show_form, keep_draft, discard, sign, undo]
