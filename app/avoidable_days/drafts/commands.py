"""Answering drafts: confirming one or many as they are, rejecting one with a reason, taking a rejection back."""

import uuid
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from app.avoidable_days import queries
from app.avoidable_days.commands import RecordDay, end_draft, record_day
from app.avoidable_days.drafts.queries import NO_LONGER, NOT_THERE, Draft, draft, rejection
from app.avoidable_days.drafts.storing import refresh
from app.avoidable_days.events import DraftRejected, RejectionTakenBack
from app.avoidable_days.models import AvoidableDay, DraftRejection
from app.avoidable_days.rules import LIFE, PROGRESSION_GROUPS
from app.avoidable_days.terms import DraftEnd, EntryAction, EntryState, PartyKind, Phase, RejectReason
from app.census.united import held_subject
from app.clocks.commands import gathered
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.platform.work import Work


class RejectDraft(BaseModel):
    """Why a proposal is rejected; “something else” needs words."""

    reason: RejectReason
    note: Annotated[str, Field(max_length=300), AfterValidator(str.strip)] = ""


def confirm_draft(work: Work, draft_id: uuid.UUID) -> AvoidableDay:
    """Confirm a draft as it is. Refused when it does not wait any more."""
    one = _waiting(work, draft_id, EntryAction.CONFIRM)
    ask = RecordDay(day=one.day, code=one.code, party_kind=PartyKind(one.party_kind), party=one.party)
    if one.phase == Phase.PRE_READY and one.code[:2] not in PROGRESSION_GROUPS:
        ask.explanation = one.evidence  # what was waited for while the patient was still acute
    return record_day(work, one.encounter_id, ask)


def confirm_drafts(work: Work, draft_ids: Sequence[uuid.UUID]) -> tuple[list[AvoidableDay], int]:
    """Confirm all of these that still wait; the entries, and how many did not wait any more.

    All stays are held first, in one order, so that of two people who confirm at once neither waits for the other for
    ever, and the second sees what the first has answered.
    """
    wanted = list(dict.fromkeys(draft_ids))
    gathered(work, sorted({draft(work, key).encounter_id for key in wanted}))
    made: list[AvoidableDay] = []
    gone = 0
    for key in wanted:
        if draft(work, key).ended_at is None:
            made.append(confirm_draft(work, key))
        else:
            gone += 1
    if not made:
        raise Refused(NO_LONGER)
    return made, gone


def reject_draft(work: Work, draft_id: uuid.UUID, ask: RejectDraft) -> DraftRejection:
    """Reject a draft with a reason. The same rule does not propose the day again unless its evidence is another."""
    if ask.reason is RejectReason.OTHER and not ask.note:
        raise Refused("Write why: “Something else” needs words.", field="note")
    one = _waiting(work, draft_id, EntryAction.REJECT)
    stay = held_subject(work, one.encounter_id)
    end_draft(work, one.id, DraftEnd.REJECTED)
    made = work.add(
        DraftRejection(
            encounter_id=stay.encounter_id, facility_id=stay.facility_id, day=one.day, rule=one.rule, code=one.code,
            mark=one.mark, reason=ask.reason.value, note=ask.note, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        DraftRejected(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            rejection_id=made.id, rule=made.rule, day=made.day, reason=made.reason,
        )
    )  # fmt: skip
    refresh(work, [stay.encounter_id])
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def take_back_rejection(work: Work, rejection_id: uuid.UUID) -> DraftRejection:
    """Take a rejection back; what the facts say is proposed again."""
    encounter_id, _, _, _ = rejection(work, rejection_id)
    stay = held_subject(work, encounter_id)
    row = work.lock(DraftRejection, rejection_id, missing=NOT_THERE)
    if row.ended_at is not None:
        raise Refused("This rejection was taken back already.")
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    work.record(
        RejectionTakenBack(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            rejection_id=row.id, rule=row.rule, day=row.day,
        )
    )  # fmt: skip
    refresh(work, [stay.encounter_id])
    work.changed(stay.facility_id, stay.encounter_id)
    return row


def _waiting(work: Work, draft_id: uuid.UUID, action: EntryAction) -> Draft:
    """The draft, with its stay held; Refused when it does not wait any more."""
    held_subject(work, draft(work, draft_id).encounter_id)
    one = draft(work, draft_id)
    if one.ended_at is not None:
        raise Refused(NO_LONGER)
    standing = any(
        other.day == one.day and other.weight == "primary"
        for other in queries.standing_entries(work, one.encounter_id)
    )  # fmt: skip
    after(LIFE, EntryState.STANDING if standing else EntryState.DRAFT, action, noun="day")
    return one
