"""Writing an assessment by keyboard: letters press points, the draft keeps itself, Ctrl Enter signs."""

import uuid
from typing import Any, TypeVar

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.census.united import Subject, subject
from app.discharge.assessment import commands, queries
from app.discharge.assessment.domains import POINTS
from app.discharge.assessment.forms import AmendAssessment, WriteAssessment
from app.discharge.assessment.rules import Content
from app.discharge.assessment.showing import assessment_words
from app.discharge.assessment.terms import AssessmentKind
from app.discharge.assessment.writing.showing import content_of, form_of, page_context, read_notes
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import clock_text
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import page, see_other, the_viewer, wants_piece
from app.web.stay import stay_head

Asked = Request[Any, Any, Any]
WRITE = Permission.PLAN_WRITE
PAGE = "discharge/assessment/write.html"
A = TypeVar("A", bound=WriteAssessment)


def _read(shape: type[A], form: FormFields) -> tuple[A | None, FormState]:
    ask, state = read_form(shape, form)
    state.id = "as"
    return (ask.model_copy(update={"notes": read_notes(form)}) if ask is not None else None), state


def _written(form: FormFields) -> Content:
    """What stands in the fields, also where a field could not be read."""
    names = ("caregiver", "goals", "preferences", "availability", "access")
    texts = {name: form.get(name, "") for name in names}
    return Content(
        points=tuple(code for code in form.all("points") if code in POINTS),
        services=tuple(form.all("services")),
        notes=read_notes(form),
        **texts,
    )


@get("/encounters/{stay_id:uuid}/assessments/new", permission=WRITE, sync_to_thread=True)
def show_form(request: Asked, stay_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The draft, or the form with what the last assessment said."""
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        held = queries.draft(db, stay.encounter_id)
        last = next(iter(queries.standing(db, [stay.encounter_id]).get(stay.encounter_id, [])), None)
        state = form_of(held or last, stay)
        if held is None:
            for name in ("discussed", "discussed_with", "discussed_on", "discussed_clock"):
                state.given.pop(name, None)  # the talk about the last one is not one about this one
        found = held or last
        context = _context(request, db, stay, found.content if found else Content(), state)
    return page(request, PAGE, discloses=[stay.patient_id], title=context["title_text"], **context)


def _context(request: Asked, db: Reading, stay: Subject, content: Content, state: FormState) -> dict[str, Any]:
    head = stay_head(db, the_viewer(request), stay.encounter_id)
    base = f"/encounters/{stay.encounter_id}"
    return page_context(db, stay, content, state) | {
        "head": {"name": head.name, "identity": head.identity, "href": f"{base}/assessment"},
        "action": f"{base}/assessments", "keep": f"{base}/assessments/drafts", "amends": False,
    }  # fmt: skip


@post("/encounters/{stay_id:uuid}/assessments/drafts", permission=WRITE, sync_to_thread=True)
def keep(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Keep what is written so far."""
    ask, state = _read(WriteAssessment, form)
    if ask is None:
        return _not_kept(request, stay_id, form, state)
    try:
        with begin(the_viewer(request)) as work:
            commands.keep_draft(work, stay_id, ask)
            stay = subject(work, stay_id)
            at = clock_text(work.now, stay.zone)
    except Refused as refused:
        return _not_kept(request, stay_id, form, _refused(state, refused))
    if not wants_piece(request):
        return see_other(request, f"/encounters/{stay_id}/assessments/new", Flash("The draft is kept."))
    with reading(the_viewer(request)) as db:
        state.given.pop("seen", None)
        context = page_context(db, stay, content_of(ask), state)
    return page(request, "discharge/assessment/_kept.html", discloses=[stay.patient_id], title="Draft",
                fragment="discharge/assessment/_kept.html", kept_at=at, differences=context["differences"],
                last=context["last"], seen=context["seen"])  # fmt: skip


def _refused(state: FormState, refused: Refused) -> FormState:
    """The form with what is wrong; who was told that somebody else wrote has it before them now."""
    if isinstance(refused, commands.Meanwhile):
        state.given.pop("seen", None)
    return state.refuse(refused)


def _not_kept(request: Asked, stay_id: uuid.UUID, form: FormFields, state: FormState) -> Response[bytes]:
    """The page again with what was written; a page that keeps by itself only says why it could not."""
    if wants_piece(request):
        raise Refused(next(iter(state.errors.values())))
    return _again(request, stay_id, form, state)


def _again(request: Asked, stay_id: uuid.UUID, form: FormFields, state: FormState) -> Response[bytes]:
    with reading(the_viewer(request)) as db:
        stay = subject(db, stay_id)
        context = _context(request, db, stay, _written(form), state)
    return page(request, PAGE, discloses=[stay.patient_id], title=context["title_text"], status=422, **context)


@post("/encounters/{stay_id:uuid}/assessments/discard", permission=WRITE, sync_to_thread=True)
def discard(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Throw the draft away."""
    with begin(the_viewer(request)) as work:
        commands.discard_draft(work, stay_id)
    return see_other(request, f"/encounters/{stay_id}/assessment", Flash("The draft is thrown away.", "blue"))


@post("/encounters/{stay_id:uuid}/assessments", permission=WRITE, sync_to_thread=True)
def sign(request: Asked, stay_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Sign it."""
    ask, state = _read(WriteAssessment, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                made = commands.sign_assessment(work, stay_id, ask)
            said = Flash(f"{AssessmentKind(made.kind).label} signed.")
            return see_other(request, f"/encounters/{stay_id}/assessment", said)
        except Refused as refused:
            state = _refused(state, refused)
    return _again(request, stay_id, form, state)


# --- a signed one -----------------------------------------------------------------------------------------------------


@get("/assessments/{assessment_id:uuid}", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_one(request: Asked, assessment_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """An assessment with every version of it."""
    return _signed_page(request, assessment_id, None, None)


def _signed_page(
    request: Asked, assessment_id: uuid.UUID, state: FormState | None, written: Content | None
) -> Response[bytes]:
    viewer = the_viewer(request)
    with reading(viewer) as db:
        found = [one for one in queries.versions_of(db, assessment_id) if one.signed_at is not None]
        if not found:
            raise NotFound
        stay = subject(db, found[0].encounter_id)
        may = stay.facility_id in viewer.facilities_with(WRITE) and found[0].state == "signed"
        form = state or form_of(found[0], stay)
        context = _context(request, db, stay, written or found[0].content, form)
        versions = [assessment_words(one, stay, db) for one in found]
    context |= {"action": f"/assessments/{assessment_id}/amendment", "amends": True, "one": versions[0], "may": may,
                "versions": versions[1:], "opened": state is not None}  # fmt: skip
    return page(request, "discharge/assessment/signed.html", discloses=[stay.patient_id], title=versions[0]["title"],
                status=422 if state else 200, **context)  # fmt: skip


@post("/assessments/{assessment_id:uuid}/amendment", permission=WRITE, sync_to_thread=True)
def amend(request: Asked, assessment_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Correct a signed assessment."""
    ask, state = _read(AmendAssessment, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                commands.amend_assessment(work, assessment_id, ask)
            return see_other(request, f"/assessments/{assessment_id}", Flash("The amendment is signed."))
        except Refused as refused:
            state.refuse(refused)
    return _signed_page(request, assessment_id, state, _written(form))


@post("/assessments/{assessment_id:uuid}/strike-out", permission=WRITE, sync_to_thread=True)
def strike(request: Asked, assessment_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike a signed assessment out."""
    ask, _ = read_form(StrikeOut, form)
    if ask is None:
        raise Refused("Write why the assessment does not count, in three letters or more.")
    with begin(the_viewer(request)) as work:
        made = commands.strike_assessment(work, assessment_id, ask)
    return see_other(request, f"/encounters/{made.encounter_id}/assessment", Flash("The assessment is struck out."))


ROUTES = [show_form, keep, discard, sign, show_one, amend, strike]
