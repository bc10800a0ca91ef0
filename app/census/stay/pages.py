"""The pages of one stay: overview, timeline, history, and the door before a protected one."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response

from app.census.stay import history, queries, views
from app.census.stay.marks import UNPROTECTED, MarkStay, mark_stay
from app.census.stay.words import SENSITIVITIES
from app.kernel.as_of import AsOf
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Scope, System, begin, reading
from app.security.opening import PROVIDER_PROOF, way_of, why_choices
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.operation.turns import BY_ITSELF
from app.web.past.reading import past_shown, reading_then, with_as_of
from app.web.render import NO_PHI, page, see_other, the_viewer
from app.web.stay import Part, banner_piece, overview_cards, stay_page

Ask = Request[Any, Any, Any]


@get("/encounters/{encounter_id:uuid}", permission=Permission.STAY_SEE, sync_to_thread=True)
def overview(request: Ask, encounter_id: FromPath[UUID]) -> Response[bytes]:
    """What the stay is and what it adds up to; before a protected stay the door that asks for a reason."""
    viewer = the_viewer(request)
    with reading_then(request, encounter_id) as db:
        try:
            shown = _overview(db, viewer, encounter_id)
        except NotFound:
            if not queries.is_restricted(db, encounter_id):
                raise
            return protected(request, encounter_id, FormState(id="glass"))
        united = queries.united_into(db, encounter_id)
    if united is not None:
        past = past_shown(request)
        return see_other(request, with_as_of(f"/encounters/{united}", past.address if past else ""))
    return stay_page(request, encounter_id, Part("overview", "census/_overview.html", shown))


@get("/encounters/{encounter_id:uuid}/overview", permission=Permission.STAY_SEE, sync_to_thread=True, **BY_ITSELF)
def fresh_overview(request: Ask, encounter_id: FromPath[UUID]) -> Response[bytes]:
    """The overview again, when the stay changed while it was on the screen."""
    with reading_then(request, encounter_id) as db:
        shown = _overview(db, the_viewer(request), encounter_id)
    return stay_page(request, encounter_id, Part("overview", "census/_overview.html", shown))


@get("/encounters/{encounter_id:uuid}/banner", permission=Permission.STAY_SEE, sync_to_thread=True, **BY_ITSELF)
def fresh_banner(request: Ask, encounter_id: FromPath[UUID], tab: FromQuery[str] = "overview") -> Response[bytes]:
    """The banner again, when the stay changed while it was on the screen."""
    return banner_piece(request, encounter_id, tab)


@get("/encounters/{encounter_id:uuid}/timeline", permission=Permission.STAY_SEE, sync_to_thread=True)
def timeline(request: Ask, encounter_id: FromPath[UUID]) -> Response[bytes]:
    """Every movement with its period."""
    with reading_then(request, encounter_id) as db:
        shown = views.movements(db, queries.stay_of(db, encounter_id))
    return stay_page(request, encounter_id, Part("timeline", "census/_timeline.html", shown))


@get("/encounters/{encounter_id:uuid}/movements", permission=Permission.STAY_SEE, sync_to_thread=True, **BY_ITSELF)
def fresh_timeline(request: Ask, encounter_id: FromPath[UUID]) -> Response[bytes]:
    """The movements again, when the stay changed while they were on the screen."""
    with reading_then(request, encounter_id) as db:
        shown = views.movements(db, queries.stay_of(db, encounter_id))
    return stay_page(request, encounter_id, Part("timeline", "census/_timeline.html", shown))


@get("/encounters/{encounter_id:uuid}/history", permission=Permission.STAY_SEE, sync_to_thread=True)
def stay_history(request: Ask, encounter_id: FromPath[UUID], before: FromQuery[int] = 0) -> Response[bytes]:
    """What was recorded about the stay, and, for those who may, who saw the patient."""
    viewer = the_viewer(request)
    with reading_then(request, encounter_id) as db:
        past = past_shown(request)
        kept = past.address if past else ""
        stay = queries.stay_of(db, encounter_id)
        events, older = history.happened(db, encounter_id, before)
        may_see = stay.facility_id in viewer.facilities_with(Permission.AUDIT_SEE)
        seen = history.seen_by(db, stay.patient_id) if may_see else []
        context = {
            "events": history.lines(events, stay.zone, db.now),
            "older": with_as_of(f"/encounters/{encounter_id}/history?before={older}", kept) if older else "",
            "newest": with_as_of(f"/encounters/{encounter_id}/history", kept) if before else "",
            "may_see": may_see,
            "days": str(history.SEEN_DAYS),
            "seen": [{"name": one.name, "kind": one.kind, "times": str(one.times),
                      "last": views.dated_text(one.last_at, stay.zone, db.now)} for one in seen],
        }  # fmt: skip
    return stay_page(request, encounter_id, Part("history", "census/_history.html", context))


@post("/encounters/{encounter_id:uuid}/sensitivity", permission=Permission.SENSITIVE_MARK, sync_to_thread=True)
def mark(request: Ask, encounter_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Mark the stay as protected with a reason, or take the protection away."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        queries.require_stay(db, encounter_id)
    ask, state = read_form(MarkStay, form)
    state.id = "mark"
    if ask is not None:
        try:
            # Whether the patient is protected depends on all stays, also those that this person may not see.
            with begin(System(viewer.actor, Scope(everywhere=True), viewer.user_id)) as work:
                mark_stay(work, encounter_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if state.errors:
        with reading(viewer.acting(Permission.STAY_SEE)) as db:
            shown = _overview(db, viewer, encounter_id, state)
        return stay_page(request, encounter_id, Part("overview", "census/_overview.html", shown, status=422))
    return see_other(
        request, f"/encounters/{encounter_id}", Flash("The protection of the stay was changed and recorded.")
    )


def _overview(db: Reading, viewer: Viewer, encounter_id: UUID, form: FormState | None = None) -> dict[str, Any]:
    stay = queries.stay_of(db, encounter_id)
    shown = views.overview(db, stay)
    may_mark = stay.facility_id in viewer.facilities_with(Permission.SENSITIVE_MARK)
    past = AsOf(db.as_of, stay.zone).address if db.as_of else ""
    for other in shown["others"]:
        other["href"] = with_as_of(other["href"], past)
    shown["lent_cards"] = overview_cards(db, viewer, encounter_id)
    shown["may_mark"] = may_mark and db.as_of is None
    shown["mark_form"] = form or FormState(id="mark", given={"sensitivity": stay.sensitivity or UNPROTECTED})
    shown["sensitivities"] = [
        {"value": kind.value or UNPROTECTED, "label": label} for kind, label in SENSITIVITIES.items()
    ]
    shown["mark_open"] = form is not None
    return shown


def protected(request: Ask, encounter_id: UUID, form: FormState) -> Response[bytes]:
    """The page before a protected stay. It says nothing of the patient, not even the bed."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        way = way_of(db, viewer.user_id)
    return page(
        request, "census/protected.html", discloses=NO_PHI, title="This stay is protected",
        status=422 if form.errors else 200, action=f"/encounters/{encounter_id}/glass", form=form,
        may_open=viewer.may(Permission.GLASS_BREAK), today=f"/encounters/{encounter_id}/glass",
        way=way.value, reasons=why_choices(), proof_first=f"{PROVIDER_PROOF}?next=/encounters/{encounter_id}/glass",
    )  # fmt: skip


ROUTES = [overview, fresh_overview, fresh_banner, timeline, fresh_timeline, stay_history, mark]
