"""`/avoidable-days/actions`: what was done about the reasons, and whether the chart moved since then."""

import uuid
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.avoidable_days.reasons.queries import dictionary
from app.avoidable_days.reports.actions import commands, showing
from app.avoidable_days.reports.actions.commands import RecordAction, amend_action, record_action, strike_action
from app.avoidable_days.reports.actions.queries import Action, action, actions
from app.avoidable_days.reports.actions.terms import ActionState
from app.avoidable_days.reports.showing import links
from app.clocks.settings.line_pages import place_of
from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.fields import StrikeOut
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
STUDY = Permission.AVOIDABLE_DAY_STUDY
PAGE = "/avoidable-days/actions"


def _today(db: Reading, place: Place) -> date:
    return local_day(db.now, ZoneInfo(place.timezone))


@get(PAGE, permission=STUDY, sync_to_thread=True)
def show_actions(request: Asked) -> Response[bytes]:
    """The log, each action with the rate before and after it."""
    place = place_of(the_viewer(request), STUDY)
    with reading(the_viewer(request)) as db:
        found = showing.log(db, place, actions(db, place.id))
    return page(
        request, "avoidable_days/reports/actions.html", discloses=NO_PHI, title="Actions against avoidable days",
        facility=place.name, links=links(PAGE), **found,
    )  # fmt: skip


@get(f"{PAGE}/new", permission=STUDY, sync_to_thread=True)
def show_new(request: Asked) -> Response[bytes]:
    """The form for another action; the reason may be given in the address."""
    given = {"code": request.query_params.get("code", ""), "state": ActionState.PROPOSED.value}
    return _form(request, FormState(given=given), None, 200)


@post(PAGE, permission=STUDY, sync_to_thread=True)
def add(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Write an action down."""
    return _save(request, form, None)


@get(f"{PAGE}/{{action_id:uuid}}", permission=STUDY, sync_to_thread=True)
def show_action(request: Asked, action_id: FromPath[uuid.UUID]) -> Response[bytes]:
    """The form with an action as it stands."""
    one = _standing(request, action_id)
    given = {
        "code": one.code, "what": one.what, "owner": one.owner, "state": one.state,
        "since": one.since.isoformat() if one.since else "", "expected": one.expected,
    }  # fmt: skip
    return _form(request, FormState(given=given), action_id, 200)


@post(f"{PAGE}/{{action_id:uuid}}/versions", permission=STUDY, sync_to_thread=True)
def amend(request: Asked, action_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Carry an action on, or correct it."""
    return _save(request, form, action_id)


@post(f"{PAGE}/{{action_id:uuid}}/end", permission=STUDY, sync_to_thread=True)
def strike(request: Asked, action_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Strike an action out, with a reason."""
    place = place_of(the_viewer(request), STUDY)
    ask, state = read_form(StrikeOut, form)
    if ask is None:
        one = _standing(request, action_id)
        state.given |= {"code": one.code, "what": one.what, "owner": one.owner, "state": one.state,
                        "since": one.since.isoformat() if one.since else "", "expected": one.expected}  # fmt: skip
        return _form(request, state, action_id, 422)
    with begin(the_viewer(request)) as work:
        strike_action(work, place.id, action_id, ask)
    return see_other(request, PAGE, Flash("The action is struck out; it stays readable in the log."))


def _standing(request: Asked, action_id: uuid.UUID) -> Action:
    place = place_of(the_viewer(request), STUDY)
    with reading(the_viewer(request)) as db:
        found = action(db, place.id, action_id)
    if found is None:
        raise NotFound(commands.NO_ACTION)
    return found


def _save(request: Asked, form: FormFields, action_id: uuid.UUID | None) -> Response[bytes]:
    place = place_of(the_viewer(request), STUDY)
    ask, state = read_form(RecordAction, form)
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                if action_id is None:
                    record_action(work, place.id, ask)
                else:
                    amend_action(work, place.id, action_id, ask)
        except Refused as refused:
            state.refuse(refused)
    if ask is None or state.errors:
        return _form(request, state, action_id, 422)
    return see_other(request, PAGE, Flash("The action is in the log."))


def _form(request: Asked, state: FormState, action_id: uuid.UUID | None, status: int) -> Response[bytes]:
    place = place_of(the_viewer(request), STUDY)
    with reading(the_viewer(request)) as db:
        words = dictionary(db, place.id, _today(db, place))
    reasons = [{"value": "", "label": "All reasons"}]
    reasons += [{"value": one.code, "label": f"{one.code} {one.label}"} for one in words.values() if not one.retired]
    return page(
        request, "avoidable_days/reports/action.html", discloses=NO_PHI, status=status, form=state,
        title="An action" if action_id else "A new action", reasons=reasons, key=str(action_id or ""),
        states=[{"value": one.value, "label": one.label} for one in ActionState],
    )  # fmt: skip


ROUTES = [show_actions, show_new, add, show_action, amend, strike]
