"""The life cycle of an authorization, and its standing out of the requests and answers that stand. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.payers.authorizations.terms import AuthorizationAction, AuthorizationState
from app.payers.requests.rules import DECIDES, GRANTS, Answered, Approved, approved, covered, without
from app.payers.requests.terms import Action, CertificationType, Decision, ReviewRequest

_S, _A = AuthorizationState, AuthorizationAction
_ANSWERS = {
    _A.PEND: _S.PENDED,
    _A.APPROVE: _S.APPROVED,
    _A.APPROVE_PART: _S.PARTIALLY,
    _A.DENY: _S.DENIED,
    _A.SAY_NOT_REQUIRED: _S.NOT_REQUIRED,
}
# A payer may change its mind as long as the request stands; only what is withdrawn or struck out is at its end.
_LIVING = (_S.REQUESTED, _S.PENDED, _S.APPROVED, _S.PARTIALLY, _S.DENIED, _S.NOT_REQUIRED)
LIFE: dict[tuple[AuthorizationState, AuthorizationAction], AuthorizationState] = {
    (_S.NONE, _A.ASK): _S.REQUESTED,
    (_S.NONE, _A.SAY_NOT_REQUIRED): _S.NOT_REQUIRED,
    **{(origin, _A.ASK): _S.REQUESTED for origin in _LIVING},
    **{(origin, action): state for origin in _LIVING for action, state in _ANSWERS.items()},
    **{(origin, _A.CANCEL): _S.CANCELLED for origin in _LIVING if origin is not _S.NOT_REQUIRED},
    **{(origin, _A.STRIKE_OUT): _S.STRUCK_OUT for origin in (*_LIVING, _S.CANCELLED)},
}
WAITING = frozenset({_S.REQUESTED, _S.PENDED})
"""States in which the payer's answer is awaited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was said: a request of ours, or an answer (`to` is the key of the request that it answers)."""

    at: datetime
    key: str
    request: ReviewRequest | None = None
    decision: Decision | None = None
    to: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an authorization stands, its days, and since when it stands there."""

    state: AuthorizationState
    days: Approved
    since: datetime | None = None


def standing(steps: Iterable[Step]) -> Standing:
    """The state and the days out of what was said and stands. What was said last decides the state.

    An answer that contradicts itself changes neither; it is named among the contradictions of the days. One to an
    earlier request changes the days alone: what was asked last still waits, or stands as it was answered.
    """
    ordered = sorted(steps, key=lambda one: (one.at, one.decision is not None, one.key))
    answers = answered(ordered)
    days = approved(answers)
    latest = next((one for one in reversed(ordered) if one.request is not None), None)
    for last in reversed(ordered):
        if _of_earlier(last, latest):
            continue
        if last.request is not None:
            withdrawn = last.request.certification_type is CertificationType.CANCEL
            return Standing(_S.CANCELLED if withdrawn else _S.REQUESTED, days, last.at)
        assert last.decision is not None, "a step is a request or an answer"
        action = action_of(last.decision, _request(ordered, last.to), days)
        if action is not None:
            return Standing(_S.CANCELLED if action is _A.CANCEL else _ANSWERS[action], days, last.at)
    return Standing(_S.NONE, days)


def _of_earlier(one: Step, latest: Step | None) -> bool:
    """Whether this answers a request after which another was sent, and says nothing of the whole authorization."""
    if one.decision is None or latest is None or not one.to or one.to == latest.key:
        return False
    return one.at > latest.at and one.decision.action not in (Action.NOT_REQUIRED, Action.CANCELLED)


def answered(ordered: Sequence[Step]) -> list[Answered]:
    """Requests in the order of asking with their answers; what was said unasked stands where it was said."""
    found: list[Answered] = []
    for one in ordered:
        if one.request is not None:
            said = [other.decision for other in ordered if other.decision is not None and other.to == one.key]
            found.append(Answered(one.request, said))
        elif one.decision is not None and _request(ordered, one.to) is None:
            found.append(Answered(None, [one.decision]))
    return found


def _request(ordered: Iterable[Step], key: str) -> ReviewRequest | None:
    return next((one.request for one in ordered if key and one.key == key and one.request is not None), None)


def action_of(decision: Decision, request: ReviewRequest | None, days: Approved) -> AuthorizationAction | None:
    """What an answer does, given all days with it; None for one that contradicts itself."""
    if covered(decision, request).contradiction:
        return None
    match decision.action:
        case Action.PENDED | Action.CONTACT_PAYER:
            return _A.PEND
        case Action.CANCELLED:
            return _A.CANCEL
        case Action.NOT_REQUIRED:
            return _A.SAY_NOT_REQUIRED
    if not days.ranges:
        return _A.DENY
    fewer = bool(days.denied) or decision.action is Action.NOT_CERTIFIED
    return _A.APPROVE_PART if fewer else _A.APPROVE


def fewer_than_asked(decision: Decision, request: ReviewRequest | None) -> bool:
    """Whether an answer decides and leaves days that were asked without authorization."""
    if decision.action not in DECIDES or decision.action is Action.NOT_REQUIRED or request is None:
        return False
    if request.days is None:
        return decision.action is Action.NOT_CERTIFIED
    found = covered(decision, request)
    if found.contradiction:
        return False
    return decision.action not in GRANTS or bool(without([request.days], found.ranges))
