"""Hand-offs to programs in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.united import Subject
from app.discharge.after import rules
from app.discharge.after.programs.queries import Handoff, handoffs_of
from app.discharge.after.terms import ProgramAction, ProgramKind, ProgramState
from app.kernel.transitions import actions
from app.kernel.wording import dated_text
from app.platform.work import Reading

_TONES = {
    ProgramState.CHOSEN: ("amber", "clock"), ProgramState.TOLD: ("blue", "mail"),
    ProgramState.ACCEPTED: ("green", "check"), ProgramState.MET: ("green", "check"),
    ProgramState.DECLINED: ("red", "x"),
}  # fmt: skip
STEPS = {
    ProgramAction.TELL: "Told", ProgramAction.ACCEPT: "Accepted", ProgramAction.DECLINE: "Declined",
    ProgramAction.MEET: "Handed over in person", ProgramAction.WITHDRAW: "No longer wanted",
    ProgramAction.STRIKE_OUT: "Recorded by mistake",
}  # fmt: skip


def programs_context(db: Reading, stay: Subject) -> dict[str, Any]:
    """The hand-offs of a stay with their versions, and the kinds of programs."""
    found = handoffs_of(db, [stay.encounter_id], ended=True)
    return {
        "programs": [
            _words(one, [old for old in found if old.handoff_id == one.handoff_id and old.id != one.id], stay, db.now)
            for one in found if one.ended_at is None
        ],
        "kinds": [{"value": one.value, "label": one.label} for one in ProgramKind],
    }  # fmt: skip


def facts(one: Handoff, zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    """What is recorded of a hand-off, with labels; what is missing is said of consent alone."""

    def said(at: datetime | None) -> str:
        return dated_text(at, zone, now) if at is not None else ""

    consent = f"{one.consent_by}, {said(one.consent_at)}" if one.consent_at else "not recorded"
    lead = ", ".join(part for part in (one.lead_name, one.lead_phone) if part)
    found = [
        ("Consent", consent), ("Number there", one.member_number), ("Lead manager", lead),
        ("Told", said(one.told_at)), ("Answered", said(one.answered_at)), ("Handed over in person", said(one.met_at)),
        ("Documents sent", one.documents),
    ]  # fmt: skip
    return [(label, words) for label, words in found if words]


def _words(one: Handoff, before: Sequence[Handoff], stay: Subject, now: datetime) -> dict[str, Any]:
    tone, picture = _TONES.get(one.state, ("gray", "x"))
    consent = one.consent_at.astimezone(stay.zone) if one.consent_at else None
    may = actions(rules.PROGRAM_LIFE, one.state)
    return {
        "id": str(one.handoff_id),
        "name": f"{one.kind.label}: {one.program}",
        "chip": {"text": one.state.label, "tone": tone, "icon": picture},
        "stands": one.state is not ProgramState.STRUCK_OUT,
        "facts": facts(one, stay.zone, now),
        "by": f"{one.state.label} {dated_text(one.made_at, stay.zone, now)} by {one.made_by or 'the program'}"
        + (f": {one.note}" if one.note else ""),
        "before": [
            f"{old.state.label} {dated_text(old.made_at, stay.zone, now)} by {old.made_by or 'the program'}. "
            + "; ".join(f"{label}: {words}" for label, words in facts(old, stay.zone, now))
            for old in before
        ],
        "steps": [{"value": step.value, "label": STEPS[step]} for step in may if step in STEPS],
        "correct": ProgramAction.AMEND in may,
        "given": {
            "kind": one.kind.value, "program": one.program, "member_number": one.member_number,
            "lead_name": one.lead_name, "lead_phone": one.lead_phone, "consent_by": one.consent_by,
            "consent_on": f"{consent:%Y-%m-%d}" if consent else "",
            "consent_clock": f"{consent:%H:%M}" if consent else "", "documents": one.documents,
        },
    }  # fmt: skip
