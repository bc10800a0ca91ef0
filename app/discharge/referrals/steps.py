"""One step in the life of a referral or of the need behind it: a version is ended, the next one is written."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from app.discharge.referrals.models import Referral, ReferralRequest
from app.discharge.referrals.rules import LIFE, REQUEST_LIFE
from app.discharge.referrals.terms import ReferralAction, ReferralState, RequestAction, RequestState
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Work

NO_REFERRAL = "There is no such referral, or it lies outside what you may see."
NO_NEED = "There is no such request, or it lies outside what you may see."
CHANGED = "Somebody changed this referral just now. Reload the page and look again."
_LEFT = frozenset({"id", "made_at", "made_by", "ended_at", "state", "action", "because", "note"})
FRESH: dict[str, Any] = {
    "opened_at": None, "answered_at": None, "choose_by": None, "offered_on": None, "offered_after": None,
    "decline_reason": "", "free_on": None, "said": "", "answered_by": "", "channel": "",
}  # fmt: skip
"""A referral that nobody has answered."""


@dataclass(frozen=True, slots=True)
class Step:
    """What makes the next version: the deed, what was said with it, and the columns that it changes."""

    action: Any
    note: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def held(work: Work, referral_id: uuid.UUID) -> Referral:
    """The version of a referral that stands, locked; NotFound outside the scope.

    The need is locked first, as by everything that touches several of its referrals, so that nobody waits in a circle.
    """
    found = work.rows(
        lambda *row: row,
        "select id, request_id from referral where referral_id = %s order by (ended_at is null) desc, made_at desc"
        " limit 1",
        (referral_id,),
    )
    if not found:
        raise NotFound(NO_REFERRAL)
    held_need(work, found[0][1])
    query = "select id from referral where referral_id = %s and ended_at is null"
    version = work.lock(Referral, work.value(query, (referral_id,)), NO_REFERRAL)
    if version.ended_at is not None:
        raise Refused(CHANGED)
    return version


def held_need(work: Work, request_id: uuid.UUID) -> ReferralRequest:
    """The version of a need that stands, locked; NotFound outside the scope."""
    work.value("select pg_advisory_xact_lock(hashtextextended(%s, 24))", (str(request_id),))
    key = work.value("select id from referral_request where request_id = %s and ended_at is null", (request_id,))
    if key is None:
        raise NotFound(NO_NEED)
    return work.lock(ReferralRequest, key, NO_NEED)


def step(work: Work, before: Referral, what: Step) -> Referral:
    """The next version of a referral that is held. Refused where its life has no such step."""
    state = after(LIFE, ReferralState(before.state), what.action, noun="referral")
    values = {name: getattr(before, name) for name in Referral.model_fields if name not in _LEFT} | what.changes
    before.ended_at = work.now
    work.session.flush()
    made = work.add(
        Referral(
            **values, state=state.value, action=ReferralAction(what.action).value, note=what.note, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.changed(made.facility_id, made.encounter_id)
    return made


def need_step(work: Work, before: ReferralRequest, what: Step) -> ReferralRequest:
    """The next version of a need that is held. Refused where its life has no such step."""
    state = after(REQUEST_LIFE, RequestState(before.state), what.action, noun="need")
    values = {name: getattr(before, name) for name in ReferralRequest.model_fields if name not in _LEFT} | what.changes
    before.ended_at = work.now
    work.session.flush()
    made = work.add(
        ReferralRequest(
            **values, state=state.value, action=RequestAction(what.action).value, note=what.note, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.changed(made.facility_id, made.encounter_id)
    return made


def patient_of(work: Work, encounter_id: uuid.UUID) -> uuid.UUID:
    """Whose stay it is, as known now."""
    found: uuid.UUID = work.value("select patient_id from encounter where id = %s", (encounter_id,))
    return found


def about(work: Work, one: Referral) -> dict[str, Any]:
    """What every event of a referral says."""
    return {
        "facility_id": one.facility_id, "encounter_id": one.encounter_id, "referral_id": one.referral_id,
        "vendor_id": one.vendor_id, "patient_id": patient_of(work, one.encounter_id),
    }  # fmt: skip


def about_need(work: Work, one: ReferralRequest) -> dict[str, Any]:
    """What every event of a need says."""
    return {
        "facility_id": one.facility_id, "encounter_id": one.encounter_id, "request_id": one.request_id,
        "care_type": one.care_type, "patient_id": patient_of(work, one.encounter_id),
    }  # fmt: skip
