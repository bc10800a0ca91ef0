"""Life cycles of calls, issues and hand-offs after discharge, and when the next call is made. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.discharge.after.terms import (
    CallAction,
    CallOutcome,
    CallState,
    IssueAction,
    IssueState,
    ProgramAction,
    ProgramState,
    Urgency,
)
from app.kernel.days import FEDERAL, instant_of, local_day

_C, _K = CallState, CallAction
CALL_LIFE: dict[tuple[CallState, CallAction], CallState] = {
    (_C.UNWRITTEN, _K.KEEP): _C.DRAFT,
    (_C.UNWRITTEN, _K.RECORD): _C.RECORDED,
    (_C.DRAFT, _K.KEEP): _C.DRAFT,
    (_C.DRAFT, _K.RECORD): _C.RECORDED,
    (_C.DRAFT, _K.DROP): _C.DROPPED,
    (_C.RECORDED, _K.AMEND): _C.RECORDED,
    (_C.RECORDED, _K.STRIKE_OUT): _C.STRUCK_OUT,
}
_I, _A = IssueState, IssueAction
ISSUE_LIFE: dict[tuple[IssueState, IssueAction], IssueState] = {
    (_I.UNFOUND, _A.OPEN): _I.OPEN,
    (_I.OPEN, _A.TAKE_UP): _I.WORKING,
    (_I.OPEN, _A.CHANGE): _I.OPEN,
    (_I.OPEN, _A.CLOSE): _I.CLOSED,
    (_I.OPEN, _A.STRIKE_OUT): _I.STRUCK_OUT,
    (_I.WORKING, _A.CHANGE): _I.WORKING,
    (_I.WORKING, _A.CLOSE): _I.CLOSED,
    (_I.WORKING, _A.STRIKE_OUT): _I.STRUCK_OUT,
    (_I.CLOSED, _A.REOPEN): _I.OPEN,
}
STANDING_ISSUE = frozenset({_I.OPEN, _I.WORKING})
_P, _D = ProgramState, ProgramAction
PROGRAM_LIFE: dict[tuple[ProgramState, ProgramAction], ProgramState] = {
    (_P.UNCHOSEN, _D.CHOOSE): _P.CHOSEN,
    (_P.CHOSEN, _D.AMEND): _P.CHOSEN,
    (_P.CHOSEN, _D.TELL): _P.TOLD,
    (_P.CHOSEN, _D.WITHDRAW): _P.WITHDRAWN,
    (_P.CHOSEN, _D.STRIKE_OUT): _P.STRUCK_OUT,
    (_P.TOLD, _D.AMEND): _P.TOLD,
    (_P.TOLD, _D.ACCEPT): _P.ACCEPTED,
    (_P.TOLD, _D.DECLINE): _P.DECLINED,
    (_P.TOLD, _D.WITHDRAW): _P.WITHDRAWN,
    (_P.TOLD, _D.STRIKE_OUT): _P.STRUCK_OUT,
    (_P.ACCEPTED, _D.AMEND): _P.ACCEPTED,
    (_P.ACCEPTED, _D.MEET): _P.MET,
    (_P.ACCEPTED, _D.WITHDRAW): _P.WITHDRAWN,
    (_P.MET, _D.AMEND): _P.MET,
    (_P.DECLINED, _D.TELL): _P.TOLD,
}
MOST_ATTEMPTS = 3
"""As many calls that reach nobody; then a letter is sent. A policy of this house: two to three are usual."""
MORNING, AFTERNOON = time(10, 0), time(15, 0)
MIDDAY = time(13, 0)
END_OF_WORK = time(17, 0)
LAST_MINUTE = time(23, 59)
ISSUE_DAYS = 2
"""Working days for an issue that is no sign of danger."""
TRANSITION_DAYS = 180
"""Consecutive days before discharge from an institution that transition case management may cover: 42 CFR 440.169."""


@dataclass(frozen=True, slots=True)
class Next:
    """What follows a call: again at an instant, a letter by then, or nothing; and why."""

    at: datetime | None
    why: str
    letter: bool = False


def next_call(outcome: CallOutcome, attempts: int, issue_open: bool, at: datetime, zone: ZoneInfo) -> Next:
    """When to call again. `attempts` are those in a row that reached nobody, this one counted.

    Nobody reached: the next day at another time of day, after the most a letter; a wrong number: the next working day,
    when another one can be asked for. Spoken with somebody and something is open: the next working day. Else not again.
    """
    day = local_day(at, zone)
    if outcome.attempt:
        if attempts >= MOST_ATTEMPTS:
            next_day = instant_of(FEDERAL.next_business_day(day), MORNING, zone)
            return Next(next_day, f"{attempts} calls reached nobody: send a letter.", letter=True)
        if outcome is CallOutcome.WRONG_NUMBER:
            return Next(instant_of(FEDERAL.next_business_day(day), MORNING, zone), "Ask for another number first.")
        again = AFTERNOON if at.astimezone(zone).time() < MIDDAY else MORNING
        return Next(instant_of(day + timedelta(days=1), again, zone), "Nobody was reached; try another time of day.")
    if outcome in (CallOutcome.PATIENT, CallOutcome.CAREGIVER) and issue_open:
        return Next(instant_of(FEDERAL.next_business_day(day), MORNING, zone), "Something is open.")
    return Next(None, "No further call.")


def attempts_in_a_row(outcomes: Sequence[CallOutcome]) -> int:
    """How many of the last calls reached nobody, one after the other; the earliest call first."""
    count = 0
    for outcome in reversed(outcomes):
        if not outcome.attempt:
            break
        count += 1
    return count


def issue_due(urgency: Urgency, found: datetime, zone: ZoneInfo) -> datetime:
    """By when an issue is to be settled: a sign of danger today, anything else within two working days."""
    day = local_day(found, zone)
    if urgency is Urgency.DANGER:
        due = instant_of(day, END_OF_WORK, zone)
        late = instant_of(day, LAST_MINUTE, zone)
        return due if due > found else late if late > found else found + timedelta(hours=1)
    return instant_of(FEDERAL.after(day, ISSUE_DAYS), END_OF_WORK, zone)


def transition_from(left: date) -> date:
    """First day that transition case management may cover for somebody who leaves an institution on that day."""
    return left - timedelta(days=TRANSITION_DAYS)
