"""Life cycles of actions of a conference and of the review of complex cases. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

from app.discharge.rounds.terms import ActionState, ActionStep, CaseState, CaseStep
from app.kernel.transitions import after

_S, _T = ActionState, ActionStep
ACTION_LIFE: dict[tuple[ActionState, ActionStep], ActionState] = {
    (_S.UNSET, _T.SET): _S.OPEN,
    (_S.OPEN, _T.FINISH): _S.DONE,
    (_S.OPEN, _T.MOVE): _S.OPEN,
    (_S.OPEN, _T.DROP): _S.DROPPED,
    (_S.OPEN, _T.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.DONE, _T.REOPEN): _S.OPEN,
    (_S.DROPPED, _T.REOPEN): _S.OPEN,
}

_C, _P = CaseState, CaseStep
CASE_LIFE: dict[tuple[CaseState, CaseStep], CaseState] = {
    (_C.OFF, _P.PUT_ON): _C.WAITING,
    (_C.WAITING, _P.REVIEW): _C.REVIEWED,
    (_C.WAITING, _P.CLOSE): _C.CLOSED,
    (_C.REVIEWED, _P.REVIEW): _C.REVIEWED,
    (_C.REVIEWED, _P.CLOSE): _C.CLOSED,
    (_C.CLOSED, _P.PUT_ON): _C.WAITING,
}
"""Without taking back: a step that is taken back leaves the state of the steps before it."""

WEEK = timedelta(days=7)
LONG_STAY = timedelta(days=14)
"""A stay this long is proposed for review where nothing better says that it is complex; a rule of this house."""


def case_state(steps: Iterable[CaseStep]) -> CaseState:
    """The state after the steps that stand, in their order; Refused for an order that the table does not know."""
    state = CaseState.OFF
    for step in steps:
        state = after(CASE_LIFE, state, step, noun="case")
    return state


def next_review(today: date) -> date:
    """When a case is reviewed again unless somebody says otherwise: in a week (complex cases are reviewed weekly)."""
    return today + WEEK


def initials(family: str, given: str) -> str:
    """What a wall screen shows of a name: `R. A.`"""
    return " ".join(f"{part[0].upper()}." for part in (given.strip(), family.strip()) if part)
