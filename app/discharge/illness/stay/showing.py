"""The serious-illness part of a stay as a page shows it: signs, the answer, planning, meetings."""

from typing import Any

from app.census.united import Subject
from app.discharge.illness import queries
from app.discharge.illness.commands import SAID
from app.discharge.illness.queries import CaseRow, Meeting, Planning, SignRow
from app.discharge.illness.rules import LIFE, conflicts, planning_codes
from app.discharge.illness.terms import (
    ASKED,
    Basis,
    CaseAction,
    CaseState,
    CodeStatus,
    Document,
    MeetingOutcome,
    MeetingState,
    PlanningState,
    Sign,
    WhyNot,
)
from app.discharge.terms import DESTINATIONS, CareType
from app.kernel.transitions import actions
from app.kernel.wording import dated_text, day_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer

ACTIONS = {
    CaseAction.ACCEPT: "Take it up", CaseAction.DEFER: "Not now", CaseAction.DISMISS: "Not applicable",
    CaseAction.ORDER_CONSULT: "Order a palliative consult", CaseAction.CANCEL_CONSULT: "Take the order back",
    CaseAction.SEE: "Patient was seen", CaseAction.CLOSE: "Nothing more to do now",
}  # fmt: skip
_TONES = {CaseState.FOUND: "amber", CaseState.CONSULT_ORDERED: "blue", CaseState.SEEN: "green",
          CaseState.ACCEPTED: "blue", CaseState.CLOSED: "green"}  # fmt: skip
_PLANNING = {PlanningState.CONFLICTING: "red", PlanningState.DOCUMENTED: "green", PlanningState.NONE: "amber"}


def choices(kind: Any) -> list[dict[str, str]]:
    """The members of an enumeration with their labels."""
    return [{"value": one.value, "label": one.label} for one in kind]


CHOICES = {
    "why": choices(WhyNot), "documents": choices(Document), "status": choices(CodeStatus), "basis": choices(Basis),
    "outcomes": choices(MeetingOutcome), "signs": [{"value": one.value, "label": one.label} for one in ASKED],
    "places": [{"value": "", "label": "No proposal"}, *choices(DESTINATIONS)],
}  # fmt: skip


def part(db: Reading, viewer: Viewer, stay: Subject) -> dict[str, Any]:
    """Everything that the part shows."""
    may = db.as_of is None and stay.facility_id in viewer.facilities_with(Permission.PLAN_WRITE)
    versions = queries.case_versions(db, stay.encounter_id)
    case = queries.cases(db, [stay.encounter_id]).get(stay.encounter_id)
    signs = queries.signs(db, stay.encounter_id)
    meetings = queries.meetings(db, [stay.encounter_id]).get(stay.encounter_id, [])
    plans = queries.planning_versions(db, stay.encounter_id)
    now = next((one for one in plans if one.ended_at is None), None)
    return {
        "stay_id": str(stay.encounter_id), "may_write": may, "part": "illness", "choices": CHOICES,
        "signs": [_sign(one, stay, db) for one in signs if one.ended_at is None],
        "earlier_signs": [_sign(one, stay, db) for one in signs if one.ended_at is not None],
        "case": _case(case, stay, db) if case else None,
        "course": [_course(one, stay, db) for one in versions],
        "planning": planning_words(now, stay, db) if now else None,
        "planning_form": _planning_form(now),
        "planning_before": [planning_words(one, stay, db) for one in plans if one.ended_at is not None],
        "meetings": [_meeting(one, stay, db) for one in meetings],
        "minutes": sum(one.minutes for one in meetings if one.state == MeetingState.HELD),
        "codes": planning_codes(sum(one.minutes for one in meetings if one.state == MeetingState.HELD)),
    }  # fmt: skip


def _sign(one: SignRow, stay: Subject, db: Reading) -> dict[str, Any]:
    sign = Sign(one.sign)
    return {"id": str(one.id), "label": sign.label, "rank": sign.rank.value, "evidence": one.evidence,
            "told": one.told, "by": (one.made_by or "the program") if one.told else "from facts",
            "at": dated_text(one.found_at, stay.zone, db.now)}  # fmt: skip


def _case(one: CaseRow, stay: Subject, db: Reading) -> dict[str, Any]:
    state = one.stands
    return {
        "state": state.label, "tone": _TONES.get(state, "gray"), "found": dated_text(one.found_at, stay.zone, db.now),
        "why": WhyNot(one.why).label if one.why else "", "note": one.note,
        "return_on": day_text(one.return_on, stay.day(db.now)) if one.return_on else "",
        "ordered": dated_text(one.ordered_at, stay.zone, db.now) if one.ordered_at else "",
        "seen": dated_text(one.seen_at, stay.zone, db.now) if one.seen_at else "",
        "actions": [{"value": action.value, "label": ACTIONS[action]} for action in actions(LIFE, state)
                    if action in SAID],
    }  # fmt: skip


def _course(one: CaseRow, stay: Subject, db: Reading) -> str:
    why = f": {WhyNot(one.why).label.lower()}" if one.why else ""
    note = f" ({one.note})" if one.note else ""
    by = one.made_by or "the program"
    return f"{dated_text(one.made_at, stay.zone, db.now)}, {one.stands.label} by {by}{why}{note}"


def planning_words(one: Planning, stay: Subject, db: Reading) -> dict[str, Any]:
    """One version of advance-care planning in words."""
    documents = [Document(code) for code in one.documents]
    status = CodeStatus(one.code_status)
    seen = [Document(code).label for code in one.documents_seen]
    who = f"{one.surrogate} ({Basis(one.basis).label.lower()})" if one.surrogate else Basis.NOBODY.label
    facts = (
        ("Documents", ", ".join(each.label for each in documents) or "None"), ("Paper seen", ", ".join(seen)),
        ("Code status", status.label), ("Surrogate", who), ("Contact", one.contact), ("Goals", one.goals),
    )  # fmt: skip
    state = PlanningState(one.state)
    return {
        "state": state.label, "tone": _PLANNING.get(state, "gray"),
        "wrong": conflicts(documents, status, one.conflict),
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "by": f"{one.made_by or 'the program'}, {dated_text(one.made_at, stay.zone, db.now)}",
    }  # fmt: skip


def _planning_form(one: Planning | None) -> dict[str, Any]:
    if one is None:
        return {"given": {"code_status": "not_said", "basis": "nobody"}, "documents": [], "seen": []}
    given = {name: getattr(one, name) for name in ("code_status", "conflict", "surrogate", "basis", "contact", "goals")}
    return {"given": given, "documents": one.documents, "seen": one.documents_seen}


def _meeting(one: Meeting, stay: Subject, db: Reading) -> dict[str, Any]:
    at = one.held_at or one.planned_at
    held = one.held_at.astimezone(stay.zone) if one.held_at else None
    given = {"present": one.present, "outcome": one.outcome, "agreed": one.agreed, "minutes": str(one.minutes or ""),
             "hospice_considered": "on" if one.hospice_considered else "", "disposition": one.disposition,
             "on": f"{held:%Y-%m-%d}" if held else "", "at": f"{held:%H:%M}" if held else ""}  # fmt: skip
    return {
        "id": str(one.meeting_id), "state": MeetingState(one.state).label, "held": one.state == MeetingState.HELD,
        "planned": one.state == MeetingState.PLANNED, "cancelled": one.state == MeetingState.CANCELLED,
        "late": one.state == MeetingState.PLANNED and one.planned_at is not None and one.planned_at < db.now,
        "at": dated_text(at, stay.zone, db.now) if at else "",
        "present": one.present, "outcome": MeetingOutcome(one.outcome).label if one.outcome else "",
        "agreed": one.agreed, "hospice": one.hospice_considered, "minutes": one.minutes, "note": one.note,
        "disposition": CareType(one.disposition).label if one.disposition else "", "given": given,
    }  # fmt: skip
