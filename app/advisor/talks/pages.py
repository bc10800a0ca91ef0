"""What is recorded about a talk: deadline, number, name, slots; and the outcomes of all talks with their lists."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Response
from pydantic import BaseModel

from app.advisor.stay.pages import questions_page, stay_of
from app.advisor.talks import commands, outcomes
from app.advisor.talks.commands import AddSlot, DescribeTalk
from app.advisor.talks.rules import said
from app.advisor.terms import Outcome, PayerReason, Reason
from app.clocks.settings.line_pages import place_of
from app.kernel.days import local_day, start_of_day
from app.kernel.refusal import Refused
from app.kernel.wording import dated_text, day_text
from app.platform.work import Work, begin, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, read_form
from app.web.frame import Flash
from app.web.render import local_address, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
ASK, DECIDE = Permission.ESCALATE, Permission.DECIDE


@post("/escalations/{escalation_id:uuid}/talk", permission=ASK, sync_to_thread=True)
def describe(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record what the payer said about a talk."""
    return _carry_out(request, escalation_id, (form, DescribeTalk, "t"), commands.describe_talk)


@post("/escalations/{escalation_id:uuid}/slots", permission=ASK, sync_to_thread=True)
def add_slot(request: Asked, escalation_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record a time that is offered or agreed."""
    return _carry_out(request, escalation_id, (form, AddSlot, "s"), commands.add_slot)


def _carry_out(
    request: Asked,
    escalation_id: uuid.UUID,
    given: tuple[FormFields, type[BaseModel], str],
    command: Callable[[Work, uuid.UUID, Any], Any],
) -> Response[bytes]:
    fields, shape, prefix = given
    stay_id = stay_of(request, escalation_id)
    ask, state = read_form(shape, fields)
    state.id = f"{prefix}{escalation_id}"
    if ask is not None:
        try:
            with begin(the_viewer(request)) as work:
                command(work, escalation_id, ask)
            return see_other(request, f"/encounters/{stay_id}/escalations", Flash("The talk is brought up to date."))
        except Refused as refused:
            if refused.field is None:
                raise
            state.refuse(refused)
    return questions_page(request, stay_id, state)


@post("/peer-slots/{slot_id:uuid}/choice", permission=ASK, sync_to_thread=True)
def choose(request: Asked, slot_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Agree on a time that was offered."""
    with begin(the_viewer(request)) as work:
        stay_id = commands.choose_slot(work, slot_id).encounter_id
    back = local_address(form.get("back", ""), f"/encounters/{stay_id}/escalations")
    return see_other(request, back, Flash("The time is agreed."))


@post("/peer-slots/{slot_id:uuid}/end", permission=ASK, sync_to_thread=True)
def take_away(request: Asked, slot_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a time away."""
    with begin(the_viewer(request)) as work:
        stay_id = commands.take_slot_away(work, slot_id).encounter_id
    return see_other(request, f"/encounters/{stay_id}/escalations", Flash("The time is taken away."))


@get("/decisions/outcomes", permission=DECIDE, sync_to_thread=True)
def show_outcomes(
    request: Asked, payer: FromQuery[str | None] = None, reason: FromQuery[str] = "", whose: FromQuery[str] = ""
) -> Response[bytes]:
    """How talks ended, by payer and reason, mine and the department's; every figure opens the list under it."""
    viewer = the_viewer(request)
    place = place_of(viewer, DECIDE)
    with reading(viewer) as db:
        zone = outcomes.zone_of(place.timezone)
        from_day = outcomes.first_day(local_day(db.now, zone))
        talks = outcomes.ended(db, place.id, start_of_day(from_day, zone))
        now = db.now
    me = viewer.user_id if whose == "mine" else None
    listed = [one for one in talks if _listed(one, payer, reason) and me in (None, one.decided_by_id)]
    rows = [
        {
            "payer_code": code, "payer": name, "reason_code": why.value, "reason": why.label,
            "all": said(outcomes.share(group)), "count": len(group),
            "not_held": sum(not one.held for one in group),
            "mine": said(outcomes.share(one for one in group if one.decided_by_id == viewer.user_id)),
        }
        for (code, name, why), group in outcomes.by(talks)
    ]  # fmt: skip
    lines = [
        {
            "stay_id": str(one.encounter_id), "name": one.name, "payer": one.payer, "reason": one.why.label,
            "outcome": Outcome(one.outcome).label, "because": Reason(one.reason).label,
            "by": one.decided_by, "at": dated_text(one.decided_at, zone, now),
        }
        for one in listed
    ]  # fmt: skip
    chosen = payer is not None or reason or whose
    return page(
        request, "advisor/talks/outcomes.html", discloses=list({one.patient_id for one in listed}),
        title="Outcomes of talks", place=place.name, since=day_text(from_day, local_day(now, zone)), rows=rows,
        lines=lines,
        all=said(outcomes.share(talks)), not_held=sum(not one.held for one in talks),
        mine=said(outcomes.share(one for one in talks if one.decided_by_id == viewer.user_id)),
        chosen=bool(chosen), listed=said(outcomes.share(listed)),
    )  # fmt: skip


def _listed(one: outcomes.Ended, payer: str | None, reason: str) -> bool:
    if reason in set(PayerReason) and one.payer_reason != reason:
        return False
    return payer is None or outcomes.payer_key(one) == payer


ROUTES = [describe, add_slot, choose, take_away, show_outcomes]
