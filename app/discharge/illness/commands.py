"""Telling a sign, answering the signs, advance-care planning, family meetings. No version is ever rewritten."""

import uuid
from datetime import datetime
from typing import Any

from app.census.united import Subject, held_subject
from app.discharge.illness import queries
from app.discharge.illness.computing import refresh_signs, step_case
from app.discharge.illness.events import (
    AdvanceCareRecorded,
    MeetingHeld,
    MeetingPlanned,
    MeetingStruckOut,
    SignsChanged,
    TriggerAnswered,
)
from app.discharge.illness.forms import (
    AnswerSigns,
    CancelMeeting,
    HoldMeeting,
    PlanMeeting,
    RecordPlanning,
    TellSign,
)
from app.discharge.illness.models import AdvanceCare, IllnessCase, IllnessMeeting, IllnessSign
from app.discharge.illness.rules import MEETING_LIFE, conflicts, planning
from app.discharge.illness.terms import (
    ASKED,
    Basis,
    CaseAction,
    CaseState,
    Document,
    MeetingAction,
    MeetingState,
    WhyNot,
)
from app.discharge.instruments.known import StayKnown, known_of
from app.kernel.days import exists, instant_of
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.db import new_id
from app.platform.work import Work
from app.web.fields import StrikeOut, past_instant

NO_SIGN = "There is no such sign, or it lies outside what you may see."
NO_MEETING = "There is no such meeting, or it lies outside what you may see."
SAID = (CaseAction.ACCEPT, CaseAction.DEFER, CaseAction.DISMISS, CaseAction.ORDER_CONSULT, CaseAction.CANCEL_CONSULT,
        CaseAction.SEE, CaseAction.CLOSE)  # fmt: skip
"""What people answer; the others follow from facts and days."""


# --- signs and the answer to them -------------------------------------------------------------------------------------


def tell_sign(work: Work, encounter_id: uuid.UUID, ask: TellSign) -> IllnessSign:
    """Write down a sign that no fact of the feed shows."""
    stay = held_subject(work, encounter_id)
    if ask.sign not in ASKED:
        raise Refused("This sign follows from facts; record the fact instead.", field="sign")
    held = queries.standing_signs(work, [stay.encounter_id]).get(stay.encounter_id, [])
    if any(one.sign == ask.sign for one in held):
        raise Refused("This sign stands already. Take it away first to write it anew.", field="sign")
    made = work.add(
        IllnessSign(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, sign=ask.sign.value, told=True,
            evidence=ask.evidence, found_at=work.now, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(SignsChanged(**_whom(stay), found=(ask.sign.value,), gone=()))
    work.changed(stay.facility_id, stay.encounter_id)
    _bring_back(work, stay)
    refresh_signs(work, stay.encounter_id)
    return made


def _bring_back(work: Work, stay: Subject) -> None:
    """A sign that somebody tells asks again where the question was closed; what was judged stays in the versions."""
    case = queries.cases(work, [stay.encounter_id]).get(stay.encounter_id)
    if case is not None and case.stands in (CaseState.CLOSED, CaseState.NOT_APPLICABLE, CaseState.GONE):
        step_case(work, _known(work, stay), case, CaseAction.RETURN, {})


def take_sign_away(work: Work, sign_id: uuid.UUID, ask: StrikeOut) -> IllnessSign:
    """Say that a sign that somebody told does not stand."""
    stay = held_subject(work, work.get(IllnessSign, sign_id, NO_SIGN).encounter_id)
    found = work.lock(IllnessSign, sign_id, NO_SIGN)
    if found.ended_at is not None:
        raise Refused("This sign does not stand any more. Reload the page and look again.")
    if not found.told:
        raise Refused("This sign follows from facts. Answer “not applicable”, or correct the fact.")
    found.ended_at, found.ended_by = work.now, work.who.actor_id
    work.record(SignsChanged(**_whom(stay), found=(), gone=(found.sign,)))
    work.changed(stay.facility_id, stay.encounter_id)
    refresh_signs(work, stay.encounter_id)
    return found


def answer_signs(work: Work, encounter_id: uuid.UUID, ask: AnswerSigns) -> IllnessCase:
    """Answer the signs of a stay, or record what followed: a consult ordered, the patient seen, nothing more to do."""
    stay = held_subject(work, encounter_id)
    case = queries.cases(work, [stay.encounter_id]).get(stay.encounter_id)
    if case is None or ask.action not in SAID:
        raise Refused("No signs wait for an answer on this stay. Tell a sign first.")
    change = _answered(work, stay, case, ask)
    made = step_case(work, _known(work, stay), case, ask.action, change)
    why = ask.why.value if ask.why else ""
    work.record(
        TriggerAnswered(**_whom(stay), case_id=case.case_id, action=ask.action.value, state=made.state, why=why)
    )
    return made


def _answered(work: Work, stay: Subject, case: queries.CaseRow, ask: AnswerSigns) -> dict[str, Any]:
    """The columns that an answer fills; Refused for one that lacks its reason or its time."""
    if ask.action in (CaseAction.DEFER, CaseAction.DISMISS):
        if ask.why is None:
            raise Refused("Choose why.", field="why")
        if ask.why is WhyNot.OTHER and not ask.note:
            raise Refused("Write the other reason.", field="note")
    if ask.return_on is not None and ask.action is not CaseAction.DEFER:
        raise Refused("Only a deferral comes back on a day.", field="return_on")
    if ask.return_on is not None and ask.return_on <= stay.day(work.now):
        raise Refused("Choose a day after today on which the question comes back.", field="return_on")
    at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    if at < case.found_at.replace(second=0, microsecond=0) and ask.on is not None:
        raise Refused("This time lies before the signs were found.", field="on")
    at = max(at, case.found_at)
    found: dict[str, Any] = {"why": ask.why.value if ask.why else "", "note": ask.note, "return_on": ask.return_on}
    if case.answered_at is None:
        found["answered_at"] = at
    if ask.action is CaseAction.ORDER_CONSULT:
        found |= {"ordered_at": at, "seen_at": None}
    if ask.action is CaseAction.CANCEL_CONSULT:
        found["ordered_at"] = None
    if ask.action is CaseAction.SEE:
        if case.ordered_at is not None and at < case.ordered_at:
            raise Refused("This time lies before the consult was ordered.", field="on")
        found["seen_at"] = at
    return found


def _known(work: Work, stay: Subject) -> StayKnown:
    return known_of(work, [stay.encounter_id])[stay.encounter_id]


# --- advance-care planning --------------------------------------------------------------------------------------------


def record_planning(work: Work, encounter_id: uuid.UUID, ask: RecordPlanning) -> AdvanceCare:
    """Record documents, code status, surrogate and goals as somebody found them; the version before stays readable."""
    stay = held_subject(work, encounter_id)
    documents = list(dict.fromkeys([*ask.documents, *ask.documents_seen]))
    if ask.basis is Basis.NOBODY and ask.surrogate:
        raise Refused("Choose by what right this person decides.", field="basis")
    if ask.basis is not Basis.NOBODY and not ask.surrogate:
        raise Refused("Write who decides for the patient.", field="surrogate")
    state = planning(True, documents, conflicts(documents, ask.code_status, ask.conflict))
    before = queries.plannings(work, [stay.encounter_id]).get(stay.encounter_id)
    if before is not None:
        held = work.lock(AdvanceCare, before.id)
        held.ended_at, held.ended_by = work.now, work.who.actor_id
        work.session.flush()
    made = work.add(
        AdvanceCare(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, state=state.value,
            documents=[one.value for one in Document if one in documents],
            documents_seen=[one.value for one in Document if one in ask.documents_seen],
            code_status=ask.code_status.value, conflict=ask.conflict, surrogate=ask.surrogate, basis=ask.basis.value,
            contact=ask.contact, goals=ask.goals, asked_at=work.now, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(AdvanceCareRecorded(**_whom(stay), state=state.value))
    work.changed(stay.facility_id, stay.encounter_id)
    refresh_signs(work, stay.encounter_id)
    return made


# --- meetings ---------------------------------------------------------------------------------------------------------


def plan_meeting(
    work: Work, encounter_id: uuid.UUID, ask: PlanMeeting, meeting_id: uuid.UUID | None = None
) -> IllnessMeeting:
    """Give a meeting a time: a new one, or the one that is named."""
    stay = held_subject(work, encounter_id)
    before = _meeting(work, meeting_id) if meeting_id is not None else None
    if ask.on is None or ask.at is None:
        raise Refused("Write the day and the time.", field="on")
    if not exists(ask.on, ask.at, stay.zone):
        raise Refused("This time does not exist: the clocks are put forward that night.", field="at")
    planned = instant_of(ask.on, ask.at, stay.zone)
    if planned <= work.now:
        raise Refused("This time is past. Record what came out of the meeting instead.", field="on")
    if before is not None:
        after(MEETING_LIFE, MeetingState(before.state), MeetingAction.PLAN, noun="meeting")
    values = {"state": MeetingState.PLANNED.value, "planned_at": planned, "present": ask.present, "note": ask.note}
    return _planned(work, stay, before, values)


def cancel_meeting(work: Work, meeting_id: uuid.UUID, ask: CancelMeeting) -> IllnessMeeting:
    """Say that a meeting is not held."""
    before, stay = _of_stay(work, meeting_id)
    state = after(MEETING_LIFE, MeetingState(before.state), MeetingAction.CANCEL, noun="meeting")
    return _planned(work, stay, before, {"state": state.value, "note": ask.reason})


def hold_meeting(
    work: Work, encounter_id: uuid.UUID, ask: HoldMeeting, meeting_id: uuid.UUID | None = None
) -> IllnessMeeting:
    """Record what came out of a meeting, planned or not; a held one is corrected with a reason."""
    stay = held_subject(work, encounter_id)
    before = _meeting(work, meeting_id) if meeting_id is not None else None
    at = past_instant(ask.on, ask.at, work.now, stay.zone, before.held_at if before else None)
    if before is not None:
        correct = before.state == MeetingState.HELD
        action = MeetingAction.CORRECT if correct else MeetingAction.HOLD
        after(MEETING_LIFE, MeetingState(before.state), action, noun="meeting")
        if correct and not ask.because:
            raise Refused("Write why the record is corrected.", field="because")
    made = _write_meeting(work, stay, before, {
        "state": MeetingState.HELD.value, "held_at": at, "present": ask.present, "outcome": ask.outcome.value,
        "agreed": ask.agreed, "minutes": ask.minutes, "hospice_considered": ask.hospice_considered,
        "disposition": ask.disposition.value if ask.disposition else "", "note": ask.because,
    })  # fmt: skip
    work.record(
        MeetingHeld(
            **_whom(stay), meeting_id=made.meeting_id, held_at=at, outcome=made.outcome, disposition=made.disposition,
            agreed=made.agreed, hospice_considered=made.hospice_considered,
        )
    )  # fmt: skip
    return made


def strike_meeting(work: Work, meeting_id: uuid.UUID, ask: StrikeOut) -> IllnessMeeting:
    """Say that a meeting was recorded by mistake."""
    before, stay = _of_stay(work, meeting_id)
    state = after(MEETING_LIFE, MeetingState(before.state), MeetingAction.STRIKE_OUT, noun="meeting")
    made = _write_meeting(work, stay, before, {"state": state.value, "note": ask.reason})
    work.record(MeetingStruckOut(**_whom(stay), meeting_id=meeting_id, because=ask.reason))
    return made


def _of_stay(work: Work, meeting_id: uuid.UUID) -> tuple[queries.Meeting, Subject]:
    """The meeting with its stay held; read again after the wait, so that the second of two sees what the first did."""
    stay = held_subject(work, _meeting(work, meeting_id).encounter_id)
    return _meeting(work, meeting_id), stay


def _meeting(work: Work, meeting_id: uuid.UUID) -> queries.Meeting:
    found = queries.meeting_of(work, meeting_id)
    if found is None:
        raise NotFound(NO_MEETING)
    return found


def _planned(work: Work, stay: Subject, before: queries.Meeting | None, values: dict[str, Any]) -> IllnessMeeting:
    made = _write_meeting(work, stay, before, values)
    at: datetime | None = made.planned_at if made.state == MeetingState.PLANNED else None
    work.record(MeetingPlanned(**_whom(stay), meeting_id=made.meeting_id, state=made.state, planned_at=at))
    return made


def _write_meeting(work: Work, stay: Subject, before: queries.Meeting | None, values: dict[str, Any]) -> IllnessMeeting:
    kept: dict[str, Any] = {"facility_id": stay.facility_id, "encounter_id": stay.encounter_id, "meeting_id": new_id(),
                            "wanted_at": work.now}  # fmt: skip
    if before is not None:
        held = work.lock(IllnessMeeting, before.id, NO_MEETING)
        held.ended_at, held.ended_by = work.now, work.who.actor_id
        work.session.flush()
        kept |= {name: getattr(held, name) for name in
                 ("encounter_id", "meeting_id", "wanted_at", "planned_at", "held_at", "minutes", "present", "outcome",
                  "agreed", "hospice_considered", "disposition", "note", "state")}  # fmt: skip
    made = work.add(IllnessMeeting(**kept | {"made_at": work.now, "made_by": work.who.actor_id} | values))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _whom(stay: Subject) -> dict[str, Any]:
    return {"facility_id": stay.facility_id, "encounter_id": stay.encounter_id, "patient_id": stay.patient_id}
