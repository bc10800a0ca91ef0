"""Appeals in words: for the tab, and for the banner of the stay."""

import uuid
from typing import Any

from app.census.united import Subject
from app.kernel.transitions import actions
from app.kernel.wording import dated_text, full_text, iso_text, moment_text
from app.notices.appeals import queries, rules
from app.notices.appeals.queries import Case, StepLine
from app.notices.appeals.terms import AppealKind, AppealState, AppealStep, Favors
from app.platform.work import Reading
from app.web.stay import BannerFact


def appeals_context(db: Reading, stay: Subject) -> dict[str, Any]:
    """The appeals of a stay, and what a new one begins with."""
    local = db.now.astimezone(stay.zone)
    planned = db.value(
        "select coalesce(discharge_at, case when pending_kind = 'discharge' then pending_at end, expected_discharge_at)"
        " from encounter where id = %s",
        (stay.encounter_id,),
    )
    return {
        "appeals": [case_words(one, db) for one in queries.cases(db, [stay.encounter_id])],
        "appeal_kinds": [{"value": one.value, "label": one.label} for one in AppealKind],
        "favors": [{"value": one.value, "label": one.label} for one in Favors],
        "appeal_now": {"on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}"},
        "planned_on": f"{planned.astimezone(stay.zone):%Y-%m-%d}" if planned else "",
    }


def case_words(one: Case, db: Reading) -> dict[str, Any]:
    """One appeal: where it stands, what it stops, what may come next."""
    kind = AppealKind(one.kind)
    if one.ended_at is not None or not one.standing:
        state, note, following = "struck out", "", []
    else:
        state, note = one.state.label, _note(one, kind, db)
        following = [{"value": step.value, "label": step.label} for step in actions(rules.LIFE, one.state)]
    return {
        "id": str(one.id),
        "name": f"Appeal against the {kind.label.lower()}",
        "state": state,
        "open": bool(following) or (one.ended_at is None and bool(one.standing)),
        "pending": one.ended_at is None and bool(one.standing) and one.state in rules.PENDING,
        "note": note,
        "next": following,
        "last": next((str(step.id) for step in reversed(one.steps) if step.ended_at is None), ""),
        "decides": any(step["value"] in ("decide", "answer") for step in following),
        "steps": [_step_words(step, one, db) for step in one.steps],
    }


def _note(one: Case, kind: AppealKind, db: Reading) -> str:
    if not one.in_time:
        return rules.late_path(kind, one.standing[0].at, one.released_at)
    stops = one.hold
    if stops is None:
        decided = next((step for step in one.standing if step.step is AppealStep.DECIDE), None)
        if decided is not None and decided.favors is Favors.PATIENT and kind is AppealKind.DISCHARGE:
            return "The QIO decided for the patient: the stay goes on as covered care."
        return ""
    if stops.until is None:
        return "In time: no discharge and no charges until noon of the day after the QIO tells its decision."
    return f"Charges may begin {dated_text(stops.until, one.zone, db.now)}."


def _step_words(step: StepLine, one: Case, db: Reading) -> dict[str, Any]:
    favors = Favors(step.favors).label.lower() if step.favors else ""
    detail = ", ".join(part for part in (favors, step.who, step.detail) if part)
    ended = ""
    if step.ended_at is not None:
        ended = f"struck out {dated_text(step.ended_at, one.zone, db.now)} by {step.ended_by}: {step.ended_reason}"
    late = (step.made_at - step.at).total_seconds() > 300
    return {
        "label": AppealStep(step.step).label,
        "text": dated_text(step.at, one.zone, db.now),
        "iso": iso_text(step.at, one.zone),
        "full": full_text(step.at, one.zone),
        "detail": detail,
        "entered": f"entered {dated_text(step.made_at, one.zone, db.now)} by {step.made_by}" if late else "",
        "ended": ended,
    }


def appeal_fact(db: Reading, encounter_id: uuid.UUID) -> list[BannerFact]:
    """What the banner of the stay says while an appeal is open, or holds charges."""
    for one in queries.cases(db, [encounter_id]):
        if one.ended_at is not None or not one.standing:
            continue
        stops = one.hold
        if stops is not None and stops.until is None:
            return [BannerFact("Appeal pending", "no discharge, no charges", "until noon after the decision", "late")]
        if stops is not None and stops.until is not None and stops.until > db.now:
            return [BannerFact("Appeal decided", "no charges", f"until {moment_text(stops.until, one.zone, db.now)}")]
        if one.state in rules.PENDING and one.state is not AppealState.WITHDRAWN:
            late = "" if one.in_time else "late request"
            return [BannerFact("Appeal pending", AppealKind(one.kind).label.lower(), late)]
    return []
