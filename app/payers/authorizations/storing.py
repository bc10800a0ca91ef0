"""How requests and answers are stored: a version of one thing after the other."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from app.census.united import Subject
from app.payers.authorizations.forms import AskPayer, Received
from app.payers.authorizations.queries import Authorization
from app.payers.authorizations.terms import EndReason
from app.payers.directory.queries import PayerOf
from app.payers.models import Authorization as StoredAuthorization
from app.payers.models import ReceivedDecision, Request
from app.payers.requests.terms import CertificationType, Decision
from app.platform.work import Work


@dataclass(frozen=True, slots=True)
class Version:
    """Which record of which stay a version belongs to, its true time, and what it takes over."""

    key: uuid.UUID
    stay: Subject
    at: datetime
    number: str = ""
    because: str = ""
    request_id: uuid.UUID | None = None
    received: Received = field(default_factory=Received)


def begin_authorization(work: Work, stay: Subject, payer: PayerOf) -> StoredAuthorization:
    """A new authorization of a payer for a stay."""
    return work.add(
        StoredAuthorization(
            encounter_id=stay.encounter_id, facility_id=stay.facility_id, payer_code=payer.payer_code,
            payer_name=payer.payer_name, plan_code=payer.plan_code, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip


def new_trace(key: uuid.UUID) -> str:
    """Our own number of a request, never used twice: in it go capital letters and digits only, as X12 wants."""
    return f"DB{key.hex[:18].upper()}"


def store_request(work: Work, head: StoredAuthorization, ask: AskPayer, version: Version) -> Request:
    """A version of a request."""
    bare = ask.certification_type is CertificationType.CANCEL
    return work.add(
        Request(
            request_id=version.key, authorization_id=head.id, encounter_id=version.stay.encounter_id,
            facility_id=head.facility_id, event_trace=ask.event_trace or new_trace(version.key),
            certification_type=ask.certification_type.value, service_level=ask.service_level.value,
            service_type=ask.service_type, expedited=ask.expedited, first_day=None if bare else ask.first_day,
            until_day=None if bare else ask.until_day, level_of_care=ask.level_of_care, channel=ask.channel.value,
            to_whom=ask.to_whom, authorization_number=version.number, reference=ask.reference, message=ask.message,
            asked_at=version.at, made_at=work.now, made_by=work.who.actor_id, made_because=version.because,
        )
    )  # fmt: skip


def store_decision(work: Work, held: Authorization, decision: Decision, version: Version) -> ReceivedDecision:
    """A version of an answer, as the payer gave it."""
    ranges = sorted(decision.ranges)
    return work.add(
        ReceivedDecision(
            decision_id=version.key, authorization_id=held.id, request_id=version.request_id,
            encounter_id=version.stay.encounter_id, facility_id=held.head.facility_id, action=decision.action.value,
            authorization_number=decision.authorization_number, reference=decision.reference,
            firsts=[one.first for one in ranges], untils=[one.until for one in ranges], quantity=decision.quantity,
            reasons=list(decision.reasons), issued_on=decision.issued_on, decided_at=decision.decided_at,
            received_at=version.at, channel=version.received.channel.value, from_whom=version.received.from_whom,
            more_follows=decision.more_follows, text=decision.text, made_at=work.now, made_by=work.who.actor_id,
            made_because=version.because,
        )
    )  # fmt: skip


def end_version(work: Work, held: Request | ReceivedDecision, how: EndReason, reason: str) -> None:
    """Let a version stand no more."""
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = how.value, reason
    work.session.flush()


def end_authorization(work: Work, authorization_id: uuid.UUID, reason: str) -> None:
    """Let a whole authorization stand no more."""
    held = work.lock(StoredAuthorization, authorization_id)
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = EndReason.STRUCK_OUT.value, reason
    work.session.flush()
