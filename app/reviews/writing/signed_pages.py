"""Reviews that are signed: the tab of the stay, one review with its versions, amending, striking out, referring."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import Subject, subject
from app.kernel.refusal import Refused
from app.platform.work import begin, reading
from app.reviews import commands, queries
from app.reviews.commands import Refer, StrikeOut
from app.reviews.packet import review_packet
from app.reviews.queries import Version
from app.reviews.writing import showing, signed
from app.reviews.writing.filling import Wanted, of_version, opened
from app.reviews.writing.pages import PAGE, draft_words
from app.reviews.writing.reading import Typed, read_amendment, typed
from app.security.permissions import Permission
from app.web import packets
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.past.reading import reading_then
from app.web.render import page, see_other, show, the_viewer
from app.web.stay import Part, stay_head, stay_page

Asked = Request[Any, Any, Any]
WRITE = Permission.REVIEW_WRITE
TAB, REVIEW = "reviews/tab/_reviews.html", "reviews/tab/_review.html"


@get("/encounters/{stay_id:uuid}/reviews", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_reviews(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The days of the stay with what reviews say of them, and the reviews."""
    return tab_page(request, stay_id)


def tab_page(request: Asked, stay_id: uuid.UUID, state: FormState | None = None) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any."""
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        may_write = db.as_of is None and stay.facility_id in viewer.facilities_with(WRITE)
        context = signed.tab_context(db, stay, may_write=may_write)
    context["form"] = state or FormState(id="certificate")
    return stay_page(request, stay_id, Part("reviews", TAB, context, 422 if state else 200))


@get("/reviews/{review_id:uuid}", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_review(request: Asked, review_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """One review with its earlier versions."""
    return _review_page(request, review_id, FormState())


def _review_page(request: Asked, review_id: uuid.UUID, state: FormState, status: int = 200) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        found = queries.history(db, review_id)
        stay = subject(db, found[0].encounter_id)
        context = signed.review_context(db, stay, found)
    context |= {
        "form": state,
        "may_write": found[0].standing and stay.facility_id in viewer.facilities_with(WRITE),
    }
    return stay_page(request, stay.encounter_id, Part("reviews", REVIEW, context, status))


@get("/reviews/{review_id:uuid}/packet", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_packet(request: Asked, review_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The review with the stay, its other reviews and what payers were asked, as a PDF.

    Refused for one struck out, and where it needs a consent to leave and has none.
    """
    viewer = the_viewer(request)
    with reading(viewer) as db:
        now = _standing(queries.history(db, review_id))
        stay = subject(db, now.encounter_id)
        made, leaving = review_packet(db, stay, now, viewer)
    said = packets.with_consent(f"review packet {made.digest[:16]}", leaving)
    show(request, [stay.patient_id], kind="export", detail=said)
    headers = {"Content-Disposition": 'inline; filename="review.pdf"', "Cache-Control": "no-store"}
    return Response(made.content, media_type="application/pdf", headers=headers)


@get("/reviews/{review_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def show_amendment(request: Asked, review_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with what is signed."""
    with reading(the_viewer(request)) as db:
        now = _standing(queries.history(db, review_id))
        stay = subject(db, now.encounter_id)
        draft = queries.draft_of(db, stay.encounter_id, now.kind_word, now.for_day)
    kept = dict(draft.content) if draft is not None else of_version(now)
    return _amendment_page(request, stay, now, kept, FormState())


def _standing(found: list[Version]) -> Version:
    if not found[0].standing:
        raise Refused("This review is struck out. Sign another one in its place.")
    return found[0]


def _amendment_page(request: Asked, stay: Subject, now: Version, sent: Typed, state: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        one = opened(db, stay, Wanted(now.kind_word, now.for_day))
        draft = one.draft
        one.typed, one.from_last, one.draft = sent, False, None
        head = stay_head(db, viewer, stay.encounter_id)
        because = state.given.get("because", "")
        context = {
            **showing.criteria_context(db, stay, one), **showing.form_context(db, stay, one, state),
            "verdict": showing.verdict(db, stay, one.typed, one.day),
            "head": {"name": head.name, "identity": head.identity, "href": f"/encounters/{stay.encounter_id}",
                     "facts": head.facts, "chips": head.chips},
            "stay_id": str(stay.encounter_id), "action": f"/reviews/{now.review_id}/versions",
            "keep": f"/encounters/{stay.encounter_id}/reviews/drafts", "close": f"/reviews/{now.review_id}",
            "list": "", "next_stay": "", "opened_at": "", "amends": str(now.review_id), "unsent": "",
            "draft": draft_words(db, stay, draft, viewer.user_id),
            "signed": showing.line_of(now, stay.zone, db),
        }  # fmt: skip
        context["name"] = f"Amend the {context['name'][:1].lower()}{context['name'][1:]}"
        state.given["because"] = because
    status = 422 if state.errors else 200
    return page(request, PAGE, discloses=[stay.patient_id], title=context["name"], status=status, **context)


@post("/reviews/{review_id:uuid}/versions", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, review_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Sign another version, with the reason."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        now = _standing(queries.history(db, review_id))
        stay = subject(db, now.encounter_id)
    ask, state = read_amendment(form)
    made = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.amend_review(work, review_id, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    if made is None:
        return _amendment_page(request, stay, now, typed(form), state)
    said = Flash("The review is amended; the earlier version stays readable.")
    return see_other(request, f"/reviews/{review_id}", said)


@post("/reviews/{review_id:uuid}/strike-out", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, review_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a review out, with the reason."""
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        state.id = "strike"
        return _review_page(request, review_id, state, 422)
    with begin(the_viewer(request)) as work:
        held = commands.strike_out(work, review_id, ask)
    where = f"/encounters/{held.encounter_id}/reviews"
    return see_other(request, where, Flash("The review is struck out. What it closed is owed again."))


@post("/reviews/{review_id:uuid}/referral", permission=WRITE, sync_to_thread=True)
def refer(request: Asked, review_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Ask the physician advisor about a review that stands."""
    ask, state = read_form(Refer, form)
    if ask is None:
        state.id = "refer"
        return _review_page(request, review_id, state, 422)
    with begin(the_viewer(request)) as work:
        commands.refer(work, review_id, ask)
    return see_other(request, f"/reviews/{review_id}", Flash("The physician advisor is asked."))


ROUTES = [show_reviews, show_review, show_packet, show_amendment, amend, strike, refer]
