"""The questions of one stay in words: where each stands, what was said, its answer, its talk, its messages."""

import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from app.advisor import queries
from app.advisor.queries import Card, Message, Signed, Slot, Version
from app.advisor.rules import ANSWERS, LIFE, MEDICAL, OF_TALKS, ON_THE_WAY, PLAN_ANSWERS, REASONS, said
from app.advisor.terms import (
    AnswerChannel,
    AttendingAnswer,
    EscalationAction,
    EscalationKind,
    EscalationState,
    Outcome,
    PayerReason,
    Reason,
    Rung,
)
from app.census.united import Subject, subject
from app.kernel.transitions import actions
from app.kernel.wording import brief_text, dated_text, duration_text, full_text, iso_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer

_TONES = {
    EscalationState.WAITING: ("amber", "hour"),
    EscalationState.RETURNED: ("amber", "ask"),
    EscalationState.WITH_ATTENDING: ("blue", "mail"),
    EscalationState.TALK: ("amber", "phone"),
    EscalationState.DECIDED: ("green", "check"),
}
_SAID = {
    EscalationAction.ASK: "asked", EscalationAction.RISE: "moved up", EscalationAction.TAKE: "taken",
    EscalationAction.HAND_OVER: "handed over", EscalationAction.RETURN: "asked for more",
    EscalationAction.ANSWER_BACK: "answered back", EscalationAction.ASK_ATTENDING: "asked the attending",
    EscalationAction.HEAR_ATTENDING: "back from the attending", EscalationAction.PLAN_TALK: "planned a talk",
    EscalationAction.DECIDE: "answered", EscalationAction.AMEND: "amended the answer",
    EscalationAction.STRIKE_DECISION: "struck the answer out", EscalationAction.WITHDRAW: "withdrew it",
    EscalationAction.STRIKE_OUT: "struck it out",
}  # fmt: skip


Reader = tuple[frozenset[Permission], uuid.UUID]
"""What somebody may do here, and who it is."""


def tab(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> dict[str, Any]:
    """What the tab shows; at an earlier instant nothing can be done."""
    stay = subject(db, encounter_id)
    here = frozenset(
        one for one in (Permission.ESCALATE, Permission.DECIDE, Permission.ATTENDING_ANSWER)
        if db.as_of is None and stay.facility_id in viewer.facilities_with(one)
    )  # fmt: skip
    found = queries.versions(db, encounter_id)
    answers = queries.signed(db, [encounter_id]).get(stay.encounter_id, [])
    questions = [
        _question(list(versions), answers, stay, db, (here, viewer.user_id))
        for _, versions in groupby(found, key=lambda one: one.escalation_id)
    ]
    talks = [uuid.UUID(one["id"]) for one in questions if one["has_talk"]]
    cards, times = queries.cards_of(db, talks), queries.slots(db, talks) if talks else {}
    for one in questions:
        key = uuid.UUID(one["id"])
        one["talk"] = _talk(cards[key], times.get(key, []), stay, db) if one["has_talk"] else None
    return {
        "stay_id": str(stay.encounter_id),
        "questions": questions,
        "messages": [_message(one, stay, db, here) for one in queries.messages(db, encounter_id)],
        "may_ask": Permission.ESCALATE in here,
        "payer_reasons": [{"value": one.value, "label": one.label} for one in PayerReason],
        "attending_answers": [{"value": one.value, "label": one.label} for one in AttendingAnswer],
    }


def _question(
    versions: Sequence[Version], answers: Sequence[Signed], stay: Subject, db: Reading, reader: Reader
) -> dict[str, Any]:
    now, (here, me) = versions[-1], reader
    state, kind = EscalationState(now.state), EscalationKind(now.kind)
    mine = [one for one in answers if one.escalation_id == now.escalation_id]
    standing = next((one for one in mine if queries.is_opinion(one)), None)
    tone, icon = _TONES.get(state, ("gray", "x"))
    next_steps = set(actions(LIFE, state))
    may, decides = Permission.ESCALATE in here, Permission.DECIDE in here
    own = may and kind not in MEDICAL and standing is not None and standing.decided_by_id == me
    amendable = (decides or own) and EscalationAction.AMEND in next_steps
    open_talk = state is EscalationState.TALK or (
        kind is EscalationKind.CONCURRENT_DENIAL and EscalationAction.DECIDE in next_steps
    )
    return {
        "id": str(now.escalation_id), "kind": kind.label, "question": now.question, "background": now.background,
        "review_id": str(now.review_id or ""),
        "asked": f"{now.asked_by or 'A rule'}, {dated_text(now.asked_at, stay.zone, db.now)}",
        "state": state.label, "tone": tone, "icon": icon, "rung": Rung(now.rung).label, "holder": now.holder,
        "due": _due(now, stay, db), "note": now.note if state is EscalationState.RETURNED else "",
        "answer": _answer(standing, kind, stay, db) if standing else None,
        "struck": [_answer(one, kind, stay, db) for one in mine if one.ended_at is not None],
        "history": [_line(one, stay, db) for one in versions],
        "has_talk": open_talk, "may": may,
        "may_answer_back": may and EscalationAction.ANSWER_BACK in next_steps,
        "may_close": may and EscalationAction.WITHDRAW in next_steps,
        "may_rise": may and EscalationAction.RISE in next_steps and now.rung != Rung.CHIEF_MEDICAL_OFFICER,
        "may_decide": decides and EscalationAction.DECIDE in next_steps,
        "may_amend": amendable,
        "plan_answers": _plan_answers(kind, now) if may and EscalationAction.DECIDE in next_steps else [],
        "amendments": [one for one in _choices(kind, standing) if decides or Outcome(one["value"]) in PLAN_ANSWERS]
        if amendable
        else [],
    }  # fmt: skip


def _plan_answers(kind: EscalationKind, now: Version) -> list[dict[str, Any]]:
    """What may be answered below the physicians, with the reasons; the command checks who stands on the rung."""
    if kind in MEDICAL or now.rung not in (Rung.CASE_MANAGER, Rung.LEAD):
        return []
    return [_choice(one, kind) for one in ANSWERS[kind] if one in PLAN_ANSWERS]


def _choices(kind: EscalationKind, signed: Signed | None) -> list[dict[str, Any]]:
    """What an amended answer may say: nothing that would open the question again; a talk ends as talks do."""
    offered = [one for one in ANSWERS[kind] if one not in ON_THE_WAY]
    if signed is not None and signed.answer in OF_TALKS:
        offered = [*OF_TALKS, *(one for one in offered if one not in OF_TALKS)][:6]
    return [_choice(one, kind) for one in offered]


def _choice(outcome: Outcome, kind: EscalationKind) -> dict[str, Any]:
    reasons = [{"value": one.value, "label": one.label} for one in REASONS[outcome]]
    return {"value": outcome.value, "label": said(outcome, kind), "reasons": reasons}


def _due(now: Version, stay: Subject, db: Reading) -> dict[str, str] | None:
    if now.due_at is None or now.state != EscalationState.WAITING:
        return None
    late = now.due_at < db.now
    apart = duration_text(abs(now.due_at - db.now))
    return {
        "text": brief_text(now.due_at, stay.zone, db.now), "iso": iso_text(now.due_at, stay.zone),
        "full": full_text(now.due_at, stay.zone), "left": f"{apart} late" if late else f"in {apart}",
        "tone": "late" if late else "soon",
    }  # fmt: skip


def _answer(one: Signed, kind: EscalationKind, stay: Subject, db: Reading) -> dict[str, str]:
    how = one.ended_because.replace("_", " ")
    return {
        "what": said(one.answer, kind), "outcome": one.outcome, "reason_code": one.reason,
        "why": "" if one.why is Reason.OTHER else one.why.label, "rationale": one.rationale,
        "by": f"{one.decided_by or 'the program'}, {dated_text(one.decided_at, stay.zone, db.now)}",
        "amended": f"amended {dated_text(one.made_at, stay.zone, db.now)}: {one.made_because}"
        if one.made_because
        else "",
        "ended": f"{how} {dated_text(one.ended_at, stay.zone, db.now)}: {one.ended_reason}" if one.ended_at else "",
    }  # fmt: skip


def _line(one: Version, stay: Subject, db: Reading) -> str:
    where = f" to {Rung(one.rung).label.lower()}" if one.action in ("ask", "rise") else ""
    whom = f" to {one.holder}" if one.action == "hand_over" and one.holder else ""
    words = f": {one.note}" if one.note else ""
    when = dated_text(one.made_at, stay.zone, db.now)
    return f"{when}, {one.made_by or 'the timer'} {_SAID[EscalationAction(one.action)]}{where}{whom}{words}"


def _talk(one: Card, times: Sequence[Slot], stay: Subject, db: Reading) -> dict[str, Any]:
    return {
        "payer": one.payer_name or one.payer_code or "payer not sent",
        "given": _talk_form(one, stay),
        "slots": [
            {"id": str(slot.id), "text": dated_text(slot.begins_at, stay.zone, db.now) + f", {slot.minutes} min",
             "chosen": slot.chosen, "past": slot.begins_at <= db.now}
            for slot in times
        ],
        "window": dated_text(one.window_at, stay.zone, db.now) if one.window_at else "",
        "today": f"{db.now.astimezone(stay.zone):%Y-%m-%d}",
    }  # fmt: skip


def _talk_form(one: Card, stay: Subject) -> dict[str, str]:
    deadline = one.deadline_at.astimezone(stay.zone) if one.deadline_at else None
    return {
        "payer_reason": one.payer_reason or PayerReason.OTHER.value, "call_back": one.call_back,
        "physician": one.physician, "specialty": one.specialty,
        "deadline_on": f"{deadline:%Y-%m-%d}" if deadline else "",
        "deadline_at": f"{deadline:%H:%M}" if deadline else "",
    }  # fmt: skip


def _message(one: Message, stay: Subject, db: Reading, here: frozenset[Permission]) -> dict[str, Any]:
    waits = one.ended_at is None and not one.answer
    late = waits and one.due_at < db.now
    answer = ""
    if one.answer and one.answered_at is not None:
        by = f"{one.answered_by}, {dated_text(one.answered_at, stay.zone, db.now)}"
        answer = f"{by}, {AnswerChannel(one.channel).label}"
    return {
        "id": str(one.id), "question": one.question, "attending": one.attending or one.attending_number,
        "asked": f"{one.made_by or 'the program'}, {dated_text(one.made_at, stay.zone, db.now)}",
        "due": brief_text(one.due_at, stay.zone, db.now), "waits": waits, "late": late,
        "withdrawn": one.ended_at is not None,
        "answer": AttendingAnswer(one.answer).label if one.answer else "", "said": one.said, "answered": answer,
        "struck": one.struck, "links": one.links,
        "link_until": dated_text(one.link_until, stay.zone, db.now) if one.link_until else "",
        "may_reply": waits and Permission.ATTENDING_ANSWER in here, "may_record": waits and Permission.ESCALATE in here,
        "may_strike": bool(one.answer) and Permission.ESCALATE in here
        and (one.channel == AnswerChannel.TELEPHONE or Permission.DECIDE in here),
    }  # fmt: skip
