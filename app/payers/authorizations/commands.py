"""Asking a payer, recording what it answered, correcting and striking out. No version is ever rewritten."""

import uuid
from datetime import datetime, timedelta

import msgspec

from app.census.united import Subject, held_subject
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.payers.authorizations import queries
from app.payers.authorizations.forms import AmendRequest, AskPayer, Cancel, Received
from app.payers.authorizations.queries import Authorization
from app.payers.authorizations.rules import LIFE, Standing, Step, action_of, fewer_than_asked, standing
from app.payers.authorizations.standings import keep_standing
from app.payers.authorizations.storing import (
    Version,
    begin_authorization,
    end_authorization,
    end_version,
    store_decision,
    store_request,
)
from app.payers.authorizations.terms import AuthorizationAction, AuthorizationState, EndReason
from app.payers.directory.queries import PayerOf, payers_of
from app.payers.events import (
    AnswerChanged,
    AuthorizationAmended,
    AuthorizationDecided,
    AuthorizationRequested,
    AuthorizationStruckOut,
)
from app.payers.models import Authorization as StoredAuthorization
from app.payers.models import ReceivedDecision, Request
from app.payers.requests.rules import covered
from app.payers.requests.terms import CertificationType, Decision, ServiceLevel
from app.platform.work import Work
from app.web.fields import StrikeOut, past_instant

CHANGED = "Somebody changed this meanwhile. Reload the page and look again."
NO_PAYER = "No payer of this stay is known. It can be asked once the feed has named one."
MOST_DAYS = 400
ONE_REQUEST = timedelta(minutes=5)
"""Two records of the same request, or of the same answer, that lie nearer to each other are one, recorded twice."""
FIRST_REQUESTS = frozenset({CertificationType.INITIAL})
When = tuple[datetime, uuid.UUID | None]


def request_authorization(work: Work, encounter_id: uuid.UUID, ask: AskPayer) -> Request:
    """Record that a payer was asked. Refused for days that are none, a time to come, and a request out of its order."""
    stay = held_subject(work, encounter_id)
    asked_at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    held = _of_stay(work, stay, ask.authorization_id) if ask.authorization_id is not None else None
    _check(ask, held)
    if held is None:
        head = _first_asked(work, stay, ask, asked_at)
    else:
        action = (
            AuthorizationAction.CANCEL
            if ask.certification_type is CertificationType.CANCEL
            else AuthorizationAction.ASK
        )
        after(LIFE, held.standing.state, action, noun="authorization")
        _check_twice(held, ask, asked_at)
        head = work.get(StoredAuthorization, held.id, queries.NOT_THERE)
    made = store_request(work, head, ask, Version(uuid.uuid4(), stay, asked_at, number=held.number if held else ""))
    keep_standing(work, head.id)
    work.record(
        AuthorizationRequested(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            authorization_id=head.id, request_id=made.request_id, kind=made.certification_type, asked_at=asked_at,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def cancel_authorization(work: Work, authorization_id: uuid.UUID, ask: Cancel) -> Request:
    """Withdraw what was asked."""
    held = queries.authorization(work, authorization_id)
    before = held.open_request
    wish = AskPayer(
        authorization_id=authorization_id, certification_type=CertificationType.CANCEL, channel=ask.channel,
        message=ask.message, service_level=ServiceLevel(before.service_level if before else ServiceLevel.EMERGENCY),
    )  # fmt: skip
    return request_authorization(work, held.head.encounter_id, wish)


def record_decision(
    work: Work, authorization_id: uuid.UUID, decision: Decision, received: Received | None = None
) -> ReceivedDecision:
    """Record what a payer answered, as it answered: one that contradicts itself is kept and changes no day."""
    received = received or Received()
    held, stay = _held(work, authorization_id)
    at = received.at or work.now
    _check_stands(held)
    request_id = _answers(held, received)
    _check_answer(held, decision, (at, request_id), work.now)
    request = next((one.request for one in held.asked if one.stands and one.request_id == request_id), None)
    if not covered(decision, request).contradiction:
        action = action_of(decision, request, _with(held, decision, (at, request_id)).days)
        assert action is not None, "an answer without contradiction does something"
        after(LIFE, held.standing.state, action, noun="authorization")
    made = store_decision(
        work, held, decision, Version(uuid.uuid4(), stay, at, request_id=request_id, received=received)
    )
    keep_standing(work, authorization_id)
    work.record(
        AuthorizationDecided(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            authorization_id=authorization_id, decision_id=made.decision_id, action=made.action,
            fewer=fewer_than_asked(decision, request), received_at=at,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def say_not_required(
    work: Work, encounter_id: uuid.UUID, payer: str, decision: Decision, received: Received
) -> ReceivedDecision:
    """Record that a payer needs no authorization for the stay, which nobody has asked it in so many words."""
    stay = held_subject(work, encounter_id)
    chosen = _payer(work, stay, payer)
    if any(one.standing.state is AuthorizationState.NOT_REQUIRED for one in _of_payer(work, stay, chosen)):
        raise Refused("That this payer needs no authorization is recorded already. Correct it there if it is wrong.")
    head = begin_authorization(work, stay, chosen)
    return record_decision(work, head.id, decision, received)


def amend_request(work: Work, request_id: uuid.UUID, ask: AmendRequest) -> Request:
    """Record another version of a request in the place of the one that stands; our own number stays the same."""
    before = _standing_request(work, request_id)
    held, stay = _held(work, before.authorization_id)
    _check_stands(held)
    asked_at = past_instant(ask.on, ask.at, work.now, stay.zone, before.asked_at)
    if any(one.stands and one.request_id == request_id and one.received_at < asked_at for one in held.answers):
        raise Refused("The payer answered before this time. Correct one of the times.", field="on")
    _check(ask.model_copy(update={"certification_type": CertificationType(before.certification_type)}), held)
    end_version(work, before, EndReason.AMENDED, ask.because)
    kept = ask.model_copy(
        update={"certification_type": CertificationType(before.certification_type), "event_trace": before.event_trace}
    )
    head = work.get(StoredAuthorization, held.id, queries.NOT_THERE)
    version = Version(request_id, stay, asked_at, number=before.authorization_number, because=ask.because)
    made = store_request(work, head, kept, version)
    _amended(work, held, stay, ("request", request_id))
    return made


def amend_decision(
    work: Work, decision_id: uuid.UUID, decision: Decision, received: Received, because: str
) -> ReceivedDecision:
    """Record another version of an answer in the place of the one that stands, by the limits of a first one."""
    before = _standing_decision(work, decision_id)
    held, stay = _held(work, before.authorization_id)
    _check_stands(held)
    at = received.at or before.received_at
    request_id = _answers(held, received) if received.request_id is not None else before.request_id
    others = msgspec.structs.replace(held, answers=[one for one in held.answers if one.decision_id != decision_id])
    _check_answer(others, decision, (at, request_id), work.now)
    denied = _denies(held, before.request_id, _decision_of(held, decision_id))
    end_version(work, before, EndReason.AMENDED, because)
    version = Version(decision_id, stay, at, request_id=request_id, received=received, because=because)
    made = store_decision(work, held, decision, version)
    if _denies(held, request_id, decision) is denied:
        _amended(work, held, stay, ("decision", decision_id))
        return made
    keep_standing(work, held.id)
    work.record(
        AnswerChanged(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            authorization_id=held.id, what="decision", record_id=decision_id, decision_id=decision_id,
            action=made.action, fewer=not denied,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _decision_of(held: Authorization, decision_id: uuid.UUID) -> Decision:
    return next(one.decision for one in held.answers if one.stands and one.decision_id == decision_id)


def _denies(held: Authorization, request_id: uuid.UUID | None, decision: Decision) -> bool:
    """Whether an answer leaves days that were asked without authorization."""
    asked = next((one.request for one in held.asked if one.stands and one.request_id == request_id), None)
    return fewer_than_asked(decision, asked)


def strike_request(work: Work, request_id: uuid.UUID, ask: StrikeOut) -> Request:
    """Say that a request was recorded by mistake. Its answers have to be struck out first."""
    before = _standing_request(work, request_id)
    held, stay = _held(work, before.authorization_id)
    _check_stands(held)
    if any(one.stands and one.request_id == request_id for one in held.answers):
        raise Refused("The payer's answer to this request is recorded. Strike the answer out first.")
    end_version(work, before, EndReason.STRUCK_OUT, ask.reason)
    if not any(one.stands and one.request_id != request_id for one in held.asked) and not any(
        one.stands for one in held.answers
    ):
        end_authorization(work, held.id, ask.reason)
    _struck_out(work, held, stay, ("request", request_id))
    return before


def strike_decision(work: Work, decision_id: uuid.UUID, ask: StrikeOut) -> ReceivedDecision:
    """Say that an answer was recorded by mistake."""
    before = _standing_decision(work, decision_id)
    held, stay = _held(work, before.authorization_id)
    _check_stands(held)
    end_version(work, before, EndReason.STRUCK_OUT, ask.reason)
    if not any(one.stands for one in held.asked) and not any(
        one.stands and one.decision_id != decision_id for one in held.answers
    ):
        end_authorization(work, held.id, ask.reason)
    _struck_out(work, held, stay, ("decision", decision_id))
    return before


def strike_authorization(work: Work, authorization_id: uuid.UUID, ask: StrikeOut) -> None:
    """Say that a whole authorization was recorded by mistake, such as one of another stay."""
    held, stay = _held(work, authorization_id)
    after(LIFE, held.standing.state, AuthorizationAction.STRIKE_OUT, noun="authorization")
    end_authorization(work, authorization_id, ask.reason)
    _struck_out(work, held, stay, ("authorization", authorization_id))


def _held(work: Work, authorization_id: uuid.UUID) -> tuple[Authorization, Subject]:
    """An authorization with its stay, locked, so that what is recorded at once is recorded one after the other."""
    stay = held_subject(work, queries.authorization(work, authorization_id).head.encounter_id)
    return queries.authorization(work, authorization_id), stay


def _check_stands(held: Authorization) -> None:
    """Refused for a part of an authorization that was struck out as a whole: nothing of it counts or changes."""
    if held.head.ended_at is not None:
        raise Refused("This authorization is struck out as a whole. Record what holds as another one.")


def _first_asked(work: Work, stay: Subject, ask: AskPayer, asked_at: datetime) -> StoredAuthorization:
    """A new authorization of the payer that is asked; a form that was sent twice begins one."""
    payer = _payer(work, stay, ask.payer)
    for one in _of_payer(work, stay, payer):
        _check_twice(one, ask, asked_at)
    return begin_authorization(work, stay, payer)


def _of_payer(work: Work, stay: Subject, payer: PayerOf) -> list[Authorization]:
    """What stands of the same payer for the stay."""
    own = (payer.payer_code, payer.payer_name)
    return [
        one
        for one in queries.authorizations(work, stay.encounter_id)
        if one.head.ended_at is None and (one.head.payer_code, one.head.payer_name) == own
    ]


def _of_stay(work: Work, stay: Subject, authorization_id: uuid.UUID) -> Authorization:
    held, own = _held(work, authorization_id)
    if own.encounter_id != stay.encounter_id:
        raise NotFound(queries.NOT_THERE)
    return held


def _payer(work: Work, stay: Subject, named: str) -> PayerOf:
    """The payer of the stay that a form names, else the first."""
    found = payers_of(work, [stay.encounter_id]).get(stay.encounter_id, [])
    if not found:
        raise Refused(NO_PAYER, field="payer")
    chosen = next((one for one in found if named in ("", one.key)), None)
    if chosen is None:
        raise Refused("The stay has no such payer. Choose one of the list.", field="payer")
    return chosen


def _check(ask: AskPayer, held: Authorization | None) -> None:
    """Refused, with the field, for a request that would not stand."""
    kind = ask.certification_type
    if held is None and kind not in FIRST_REQUESTS:
        raise Refused("Say which authorization this request is about.", field="authorization_id")
    if kind is CertificationType.CANCEL:
        return
    if (ask.first_day is None) != (ask.last_day is None):
        raise Refused("Write both days, or neither.", field="first_day" if ask.first_day is None else "last_day")
    if ask.first_day is None:
        if kind is CertificationType.EXTENSION:
            raise Refused("Write which further days are asked.", field="first_day")
        return
    assert ask.last_day is not None, "both days are there or neither"
    if ask.last_day < ask.first_day:
        raise Refused("The last day lies before the first one.", field="last_day")
    if (ask.last_day - ask.first_day).days >= MOST_DAYS:
        raise Refused(f"These are more than {MOST_DAYS} days. Look at the days again.", field="last_day")


def _check_twice(held: Authorization, ask: AskPayer, asked_at: datetime) -> None:
    """Refused when the same was asked minutes before or after: that is one request, recorded twice."""
    for one in held.asked:
        same = (one.certification_type, one.first_day, one.until_day)
        near = one.stands and abs(one.asked_at - asked_at) < ONE_REQUEST
        if near and same == (ask.certification_type, ask.first_day, ask.until_day):
            raise Refused("This request is recorded already. Correct it there if it is wrong.")


def _answers(held: Authorization, received: Received) -> uuid.UUID | None:
    """Which request an answer answers: the one that is named, else the last."""
    if received.unasked:
        return None
    if received.request_id is not None:
        if not any(one.stands and one.request_id == received.request_id for one in held.asked):
            raise Refused("This request does not stand. Choose one of the list.", field="request_id")
        return received.request_id
    last = held.open_request
    return last.request_id if last is not None else None


def _check_answer(held: Authorization, decision: Decision, when: When, now: datetime) -> None:
    at, request_id = when
    if at > now:
        raise Refused("This time lies in the future. Write when the answer came.", field="on")
    if sum(one.count for one in decision.ranges) > MOST_DAYS or (decision.quantity or 0) > MOST_DAYS:
        raise Refused(f"These are more than {MOST_DAYS} days. Look at the days again.", field="last_day")
    asked = next((one for one in held.asked if one.stands and one.request_id == request_id), None)
    if asked is not None and at < asked.asked_at:
        raise Refused("The answer came before the request was sent. Correct one of the times.", field="on")
    for one in held.answers:
        near = one.stands and abs(one.received_at - at) < ONE_REQUEST
        if near and one.request_id == request_id and one.decision == decision:
            raise Refused("This answer is recorded already. Correct it there if it is wrong.")


def _with(held: Authorization, decision: Decision, when: When) -> Standing:
    """Where the authorization would stand with that answer."""
    at, request_id = when
    new = Step(at=at, key="new", decision=decision, to=str(request_id or ""))
    return standing([*held.steps, new])


def _standing_request(work: Work, request_id: uuid.UUID) -> Request:
    key = queries.asked_version(work, request_id).id
    held = work.lock(Request, key, queries.NOT_THERE)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    return held


def _standing_decision(work: Work, decision_id: uuid.UUID) -> ReceivedDecision:
    key = queries.answer_version(work, decision_id).id
    held = work.lock(ReceivedDecision, key, queries.NOT_THERE)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    return held


def _amended(work: Work, held: Authorization, stay: Subject, what: tuple[str, uuid.UUID]) -> None:
    keep_standing(work, held.id)
    work.record(
        AuthorizationAmended(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            authorization_id=held.id, what=what[0], record_id=what[1],
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)


def _struck_out(work: Work, held: Authorization, stay: Subject, what: tuple[str, uuid.UUID]) -> None:
    keep_standing(work, held.id)
    work.record(
        AuthorizationStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            authorization_id=held.id, what=what[0], record_id=what[1],
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
