"""`/decisions`: agenda and cards of whoever decides; signing an answer, taking it back, handing over."""

import uuid
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.advisor import commands
from app.advisor.cards import showing
from app.advisor.commands import TAKEN_BACK, GiveTo, Say, SignAnswer
from app.advisor.queries import card, median_answer
from app.advisor.rules import ON_THE_WAY, said
from app.advisor.steps import NOT_THERE
from app.advisor.terms import EscalationKind, Outcome
from app.clocks.settings.line_pages import place_of
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import day_text, duration_text
from app.platform.work import Reading, begin, reading
from app.security.permissions import ROLES, Permission
from app.security.viewer import Place, Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import local_address, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
DECIDE = Permission.DECIDE
PAGE = "/decisions"


@get(PAGE, permission=DECIDE, sync_to_thread=True)
def show_decisions(request: Asked) -> Response[bytes]:
    """What waits for a physician here, by what comes first."""
    return _board(request, {})


def _board(request: Asked, states: dict[uuid.UUID, FormState], handing: FormState | None = None) -> Response[bytes]:
    viewer = the_viewer(request)
    place = place_of(viewer, DECIDE)
    with reading(viewer) as db:
        context = showing.board(db, viewer, place.id, states)
        context |= {"sub": _sub(db, viewer, place, len(context["agenda"])), "colleagues": colleagues(db, place, viewer)}
    patients = context.pop("patients")
    wrong = bool(states) or handing is not None
    return page(
        request, "advisor/decisions.html", fragment="advisor/cards/_board.html", discloses=patients, title="Decisions",
        status=422 if wrong else 200, focus=not wrong, handing=handing or FormState(id="day"), **context,
    )  # fmt: skip


def _sub(db: Reading, viewer: Viewer, place: Place, count: int) -> str:
    """`Thu 5 Mar · 6 open · your median answer this week 52 min (9 answered)`."""
    today = db.now.astimezone(showing.zone_of(place)).date()
    answered, median = median_answer(db, place.id, viewer.user_id)
    parts = [day_text(today, today), f"{count} open"]
    if median is not None:
        parts.append(f"your median answer in seven days {duration_text(median)} ({answered} answered)")
    return " · ".join(parts)


def colleagues(db: Reading, place: Place, viewer: Viewer) -> list[dict[str, str]]:
    """Who else may decide here; without anybody the question goes back to all."""
    roles = [role.value for role, text in ROLES.items() if DECIDE in text.permissions]
    query = (
        "select distinct u.id, u.display_name from app_user u join role_grant g on g.user_id = u.id"
        " where u.active and u.id <> %s and g.role = any(%s) and (g.facility_id is null or g.facility_id = %s)"
        " order by u.display_name"
    )
    found = db.rows(lambda key, name: {"value": str(key), "label": name}, query, (viewer.user_id, roles, place.id))
    return [{"value": "", "label": "Anybody who decides here"}, *found]


def answer_of(form: FormFields) -> FormFields:
    """An answer as the card sends it: each answer has its own reasons, of which only those of the chosen one count."""
    outcome = form.get("outcome", "")
    named = {"outcome": outcome, "reason": form.get(f"reason_{outcome}", "") or form.get("reason", "")}
    named |= {name: form.get(name, "") for name in ("rationale", "because") if name in form}
    return FormFields(list(named.items()))


@post(f"{PAGE}/{{escalation_id:uuid}}", permission=DECIDE, sync_to_thread=True)
def sign(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Sign an answer."""
    viewer = the_viewer(request)
    ask, state = read_form(SignAnswer, answer_of(form))
    signed = None
    if ask is not None:
        try:
            with begin(viewer) as work:
                signed = commands.decide(work, escalation_id, ask)
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    if signed is None or ask is None:
        return _wrong(request, escalation_id, state)
    back = local_address(form.get("back", ""), PAGE)
    with reading(viewer) as db:
        one = card(db, escalation_id)
    kind = EscalationKind(one.kind) if one else EscalationKind.STATUS_QUESTION
    text = f"Signed: {said(Outcome(signed.outcome), kind).lower()}. The asker sees it now."
    undo = None if ask.outcome in ON_THE_WAY else Undo(f"{PAGE}/{escalation_id}/reversal")
    return see_other(request, back, Flash(text, undo=undo))


def _wrong(request: Asked, escalation_id: uuid.UUID, state: FormState) -> Response[bytes]:
    """The page again, with what is wrong on the card."""
    viewer = the_viewer(request)
    with reading(viewer) as db:
        if card(db, escalation_id) is None:
            raise NotFound(NOT_THERE)
    return _board(request, {escalation_id: state})


@post(f"{PAGE}/{{escalation_id:uuid}}/reversal", permission=DECIDE, sync_to_thread=True)
def undo(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take back what was signed a moment ago: it is struck out with that reason, and the question is open again."""
    with begin(the_viewer(request)) as work:
        commands.strike_decision(work, escalation_id, Say(note=TAKEN_BACK))
    return see_other(request, PAGE, Flash("The answer is struck out; the question is open again.", "blue"))


@post(f"{PAGE}/{{escalation_id:uuid}}/holder", permission=DECIDE, sync_to_thread=True)
def hold(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a question, or give it to a colleague or back to all."""
    viewer = the_viewer(request)
    if form.get("deed") == "take":
        with begin(viewer) as work:
            commands.take(work, escalation_id)
        return see_other(request, PAGE, Flash("It is yours; your colleagues see that."))
    ask, _ = read_form(GiveTo, FormFields([("to", form.get("to", ""))]))
    if ask is None:
        raise Refused("Choose a colleague of the list.")
    with begin(viewer) as work:
        commands.hand_over(work, escalation_id, ask)
    return see_other(request, PAGE, Flash("It is handed over."))


@post(f"{PAGE}/day", permission=DECIDE, sync_to_thread=True)
def hand_over_day(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Hand over everything that one has taken, for the day."""
    viewer = the_viewer(request)
    ask, state = read_form(GiveTo, form)
    state.id = "day"
    if ask is not None:
        try:
            with begin(viewer) as work:
                count = commands.hand_over_day(work, place_of(viewer, DECIDE).id, ask)
            return see_other(request, PAGE, Flash(f"{count} handed over."))
        except Refused as refused:
            state.refuse(refused)
    return _board(request, {}, state)


ROUTES = [show_decisions, sign, undo, hold, hand_over_day]
