"""A barrier in words, and what its forms offer."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from app.census.united import Subject
from app.discharge.plan.barriers.commands import END_OF_DAY
from app.discharge.plan.queries import STANDING, BarrierRow
from app.discharge.plan.rules import BARRIER_LIFE
from app.discharge.plan.terms import BarrierAction, BarrierState
from app.discharge.terms import BarrierKind, Discipline
from app.kernel.transitions import actions
from app.kernel.wording import day_text, duration_text, full_text, moment_text
from app.platform.work import Reading
from app.web.forms import FormState

_K = BarrierKind
USUAL = (
    _K.FACILITY_BED, _K.PAYER, _K.CHOICE, _K.HOME_HEALTH, _K.EQUIPMENT, _K.THERAPY, _K.ORDER, _K.CONSULT,
    _K.CAREGIVER, _K.TRANSPORT,
)  # fmt: skip
"""Kinds that one key chooses: 1 to 9, then 0."""

_STEPS = {
    BarrierAction.RESOLVE: "Resolve", BarrierAction.WAIT: "Waits for somebody", BarrierAction.GO_ON: "Take up again",
    BarrierAction.REOPEN: "Open again", BarrierAction.STRIKE_OUT: "Strike out",
}  # fmt: skip
_PEOPLE = """
select distinct u.id, u.display_name from app_user u join role_grant g on g.user_id = u.id
where u.active and g.role not in ('auditor', 'privacy_officer', 'administrator')
  and (g.facility_id is null or g.facility_id = %s) order by u.display_name
"""


def barrier_words(one: BarrierRow, stay: Subject, now: datetime) -> dict[str, Any]:
    """One barrier as the tab and the board show it, with the steps that its state allows."""
    stands = one.state in STANDING
    ended = one.resolved_at if one.state is BarrierState.RESOLVED else None
    return {
        "id": str(one.barrier_id),
        "words": one.words,
        "owner": one.party,
        "state": one.state.label,
        "stands": stands,
        "waiting": one.state is BarrierState.WAITING,
        "resolved": one.state is BarrierState.RESOLVED,
        "struck": one.state is BarrierState.STRUCK_OUT,
        "due": due_text(one.due_at, stay, now),
        "late": one.overdue(now),
        "age": duration_text((ended or now) - one.began_at),
        "began": full_text(one.began_at, stay.zone),
        "note": "" if one.action in (BarrierAction.RAISE, BarrierAction.AMEND) else one.note,
        "ended": f"resolved {moment_text(ended, stay.zone, now)}" if ended else "",
        "code": one.code,
        "may_amend": BarrierAction.AMEND in actions(BARRIER_LIFE, one.state),
        "steps": [
            {"action": step.value, "label": _STEPS[step], "key": f"{step.value[:3]}{one.barrier_id}"}
            for step in actions(BARRIER_LIFE, one.state)
            if step is not BarrierAction.AMEND
        ],
    }


def due_text(due_at: datetime | None, stay: Subject, now: datetime) -> str:
    """`Fri 6 Mar`, or with the time where one was said."""
    if due_at is None:
        return ""
    local = due_at.astimezone(stay.zone)
    if local.time().replace(second=0, microsecond=0) == END_OF_DAY:
        return "today" if local.date() == stay.day(now) else day_text(local.date(), stay.day(now))
    return moment_text(due_at, stay.zone, now)


def barrier_choices(db: Reading, stay: Subject, now: datetime) -> dict[str, Any]:
    """What the form of a barrier offers."""
    others = [one for one in BarrierKind if one not in USUAL]
    return {
        "usual_kinds": [
            {"value": one.value, "label": one.label, "key": str((place + 1) % 10)} for place, one in enumerate(USUAL)
        ],
        "other_kinds": [{"value": "", "label": "One of those above"}]
        + [{"value": one.value, "label": one.label} for one in others],
        "disciplines": [{"value": "", "label": "The usual one"}]
        + [{"value": one.value, "label": one.label} for one in Discipline],
        "people": [{"value": "", "label": "Nobody in particular"}, *people(db, stay.facility_id)],
        "barrier_due": (stay.day(now) + timedelta(days=1)).isoformat(),
    }


def people(db: Reading, facility_id: int) -> list[dict[str, str]]:
    """Who works at a facility and may own a barrier."""
    return db.rows(lambda key, name: {"value": str(key), "label": name}, _PEOPLE, (facility_id,))


def form_of(one: BarrierRow, stay: Subject) -> FormState:
    """The form with what is recorded."""
    began, due = one.began_at.astimezone(stay.zone), one.due_at.astimezone(stay.zone) if one.due_at else None
    usual = one.kind in USUAL
    due_time = due.strftime("%H:%M") if due else ""
    given = {
        "kind": one.kind.value if usual else "", "other_kind": "" if usual else one.kind.value, "detail": one.detail,
        "discipline": one.discipline.value, "owner_id": str(one.owner_id or ""),
        "owner_name": "" if one.owner_id else one.owner, "on": began.date().isoformat(), "at": began.strftime("%H:%M"),
        "due_on": due.date().isoformat() if due else "",
        "due_time": "" if due_time == END_OF_DAY.strftime("%H:%M") else due_time,
    }  # fmt: skip
    return FormState(given=given, id=f"b{one.barrier_id}")


def key_of(barrier_id: uuid.UUID, action: str) -> str:
    """The id of the form of a step."""
    return f"{action[:3]}{barrier_id}"
