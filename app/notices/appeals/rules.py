"""The life cycle of an appeal to the QIO, when a request is in time, and until when nobody is charged. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.kernel.days import local_day
from app.kernel.deadlines import due
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.notices.appeals.terms import AppealKind, AppealState, AppealStep, Favors
from app.regulations import in_force

_S, _A = AppealState, AppealStep
LIFE: dict[tuple[AppealState, AppealStep], AppealState] = {
    (_S.ASKED, _A.CALL): _S.NOTIFIED,
    (_S.ASKED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.NOTIFIED, _A.SEND): _S.SENT,
    (_S.NOTIFIED, _A.DECIDE): _S.DECIDED,  # the QIO may decide on what it has
    (_S.NOTIFIED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.SENT, _A.SEND): _S.SENT,
    (_S.SENT, _A.COMPLETE): _S.COMPLETE,
    (_S.SENT, _A.DECIDE): _S.DECIDED,
    (_S.SENT, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.COMPLETE, _A.DECIDE): _S.DECIDED,
    (_S.COMPLETE, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.DECIDED, _A.TELL): _S.TOLD,
    (_S.TOLD, _A.ASK_AGAIN): _S.RECONSIDERING,
    (_S.RECONSIDERING, _A.ANSWER): _S.RECONSIDERED,
}
PENDING = frozenset({_S.ASKED, _S.NOTIFIED, _S.SENT, _S.COMPLETE, _S.DECIDED})
DECISIONS = frozenset({_A.DECIDE, _A.ANSWER})


@dataclass(frozen=True, slots=True)
class Happened:
    """One step that stands."""

    step: AppealStep
    at: datetime
    favors: Favors | None = None


def state(steps: Sequence[Happened]) -> AppealState:
    """Where an appeal stands after its steps, in the order in which they were recorded; the first is the request."""
    now = _S.ASKED
    for one in steps[1:]:
        now = after(LIFE, now, one.step, noun="appeal")
    return now


def follows(steps: Sequence[Happened], step: Happened, now: datetime) -> AppealState:
    """The state after one more step. Refused out of turn, in the future, before the step it follows, undecided."""
    if step.at > now:
        raise Refused("This time lies in the future. Write when it happened.", field="at")
    following = after(LIFE, state(steps), step.step, noun="appeal")
    if step.at < steps[-1].at:
        raise Refused("This is before the step that came before it. Correct the time.", field="at")
    if step.step in DECISIONS and step.favors is None:
        raise Refused("Say for whom the QIO decided.", field="favors")
    return following


def timely(
    kind: AppealKind, asked_at: datetime, left: datetime | None, discharge_on: date | None, zone: ZoneInfo
) -> bool:
    """Whether the request came in time.

    Against a discharge: no later than the day for which it was ordered, 42 CFR 405.1206(b)(1). Against a change of
    status: before release from the hospital, 42 CFR 405.1211(b). `left` is the departure that took place by then.
    """
    if kind is AppealKind.STATUS:
        return left is None or asked_at < left
    last = discharge_on or (local_day(left, zone) if left is not None else None)
    return last is None or local_day(asked_at, zone) <= last


def late_path(kind: AppealKind, asked_at: datetime, left: datetime | None) -> str:
    """What a late request leads to, in a sentence."""
    if kind is AppealKind.STATUS:
        return "Late request: the QIO decides within two calendar days; billing is not held."
    if left is None or asked_at < left:
        return (
            "Late request, still in the hospital: the QIO decides within two calendar days; no protection from charges."
        )
    return "Late request after departure: possible within 30 days of discharge; the QIO decides within 30 days."


def charges_begin(told_at: datetime, zone: ZoneInfo) -> datetime:
    """From when the patient may be charged: noon of the day after the decision was told. 42 CFR 405.1206(f)."""
    return due(told_at, in_force("N-LIAB", local_day(told_at, zone)).allowance, zone)


@dataclass(frozen=True, slots=True)
class Hold:
    """What an appeal stops: nobody is discharged or charged, and no day counts as avoidable.

    `until` is None while the decision is not told; afterwards it is the instant at which charges may begin.
    """

    pending: bool
    until: datetime | None


def hold(kind: AppealKind, steps: Sequence[Happened], *, in_time: bool, zone: ZoneInfo) -> Hold | None:
    """The hold of an appeal that was asked for in time; None without one, and for an appeal of a change of status."""
    if kind is not AppealKind.DISCHARGE or not in_time:
        return None
    if state(steps) in PENDING:
        return Hold(True, None)
    told = next((one for one in steps if one.step is AppealStep.TELL), None)
    decided = next((one for one in steps if one.step is AppealStep.DECIDE), None)
    if told is None or decided is None or decided.favors is Favors.PATIENT:
        return None
    return Hold(False, charges_begin(told.at, zone))
