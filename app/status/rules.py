"""Who may determine, what a change of status needs, and the life cycles of both. Pure; 42 CFR 482.30, 412.3.

Conditions are answered with what is missing, so that a page can say it and a refusal needs no words of its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clocks.terms import Line
from app.kernel.refusal import Refused
from app.status.terms import (
    ChangeAction,
    ChangeState,
    Degree,
    DeterminationAction,
    DeterminationState,
    Finding,
    StatusAction,
    StatusState,
    Told,
)

_S, _A = DeterminationState, DeterminationAction
LIFE: dict[tuple[DeterminationState, DeterminationAction], DeterminationState] = {
    (_S.NOT_OPENED, _A.OPEN): _S.OPEN,
    (_S.OPEN, _A.CONSULT): _S.OPEN,
    (_S.OPEN, _A.GIVE_OPINION): _S.OPEN,
    (_S.OPEN, _A.FIND_NOT_NECESSARY): _S.DETERMINED,
    (_S.OPEN, _A.FIND_NECESSARY): _S.CLOSED,
    (_S.OPEN, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.DETERMINED, _A.NOTIFY): _S.DETERMINED,
    (_S.DETERMINED, _A.AMEND): _S.DETERMINED,
    (_S.DETERMINED, _A.CLOSE): _S.CLOSED,
    (_S.DETERMINED, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.CLOSED, _A.NOTIFY): _S.CLOSED,
    (_S.CLOSED, _A.AMEND): _S.CLOSED,
    (_S.CLOSED, _A.STRIKE_OUT): _S.STRUCK_OUT,
}
"""A struck-out or withdrawn determination does not come back: another one is opened. One that was closed with an
exception, or of which a notice was struck out, may still be told of."""

CHANGES: dict[tuple[ChangeState, ChangeAction], ChangeState] = {
    (ChangeState.NOT_BEGUN, ChangeAction.BEGIN): ChangeState.OPEN,
    (ChangeState.OPEN, ChangeAction.COMPLETE): ChangeState.COMPLETED,
    (ChangeState.OPEN, ChangeAction.WITHDRAW): ChangeState.WITHDRAWN,
    (ChangeState.COMPLETED, ChangeAction.STRIKE_OUT): ChangeState.STRUCK_OUT,
}

_T, _D = StatusState, StatusAction
STATUS: dict[tuple[StatusState, StatusAction], StatusState] = {
    (_T.OUTPATIENT, _D.OBSERVE): _T.OBSERVATION,
    (_T.OUTPATIENT, _D.ADMIT): _T.INPATIENT,
    (_T.OUTPATIENT, _D.DISCHARGE): _T.DISCHARGED,
    (_T.OBSERVATION, _D.ADMIT): _T.INPATIENT,
    (_T.OBSERVATION, _D.DISCHARGE): _T.DISCHARGED,
    (_T.INPATIENT, _D.CHANGE_BACK): _T.CHANGED_BACK,
    (_T.INPATIENT, _D.DISCHARGE): _T.DISCHARGED,
    (_T.CHANGED_BACK, _D.ADMIT): _T.INPATIENT,
    (_T.CHANGED_BACK, _D.DISCHARGE): _T.DISCHARGED,
    (_T.DISCHARGED, _D.SELF_DENY): _T.SELF_DENIED,
}
"""The status of a stay. A status never changes retroactively: 42 CFR 412.3(c)."""

PHYSICIANS = frozenset({Degree.MD, Degree.DO})
LEAST_PHYSICIANS = 2
"""Doctors of medicine or osteopathy that a committee needs. 42 CFR 482.30(b)."""

BENCHMARK = 2
"""Midnights of hospital care that make an inpatient admission generally appropriate. 42 CFR 412.3(d)(1)."""


# --- who decides -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Consultation:
    """What is known of the responsible practitioner's view before a determination."""

    attempts: int = 0
    concurs: bool = False
    disagrees: bool = False
    time_to_answer_passed: bool = False


def members_needed(asked: Consultation) -> int | None:
    """Committee members who must decide: one when the practitioner concurs or gives no views, else two.

    None while the practitioner has not been asked, or may still answer. 42 CFR 482.30(d)(1).
    """
    if asked.disagrees:
        return 2
    if asked.concurs or (asked.attempts > 0 and asked.time_to_answer_passed):
        return 1
    return None


def may_determine(members: frozenset[str], needed: int, care_team: frozenset[str], owners: frozenset[str]) -> bool:
    """Whether enough members decide of whom none is on the care team or owns part of the hospital. 482.30(b)(3)."""
    return len(members - care_team - owners) >= needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A member of the committee. `names` are all keys by which the care team may know the same person."""

    key: str
    names: frozenset[str] = frozenset()
    financial_interest: bool = False


def conflict(member: Seat, care_team: frozenset[str], decided: Collection[str]) -> str:
    """Why this member may not decide about this patient; empty when nothing stands against it. 42 CFR 482.30(b)(3)."""
    if member.financial_interest:
        return "This member has a financial interest in the hospital and may not decide."
    if (member.names | {member.key}) & care_team:
        return "This member takes part in the patient's care and may not decide. Ask another member."
    if member.key in decided:
        return "This member has given an opinion. The second one must come from another member."
    return ""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one member found, and whether the member is without conflict as things stand now."""

    member: str
    finding: Finding
    conflicted: bool = False


def deciding(votes: Sequence[Vote], finding: Finding) -> frozenset[str]:
    """Distinct members without conflict who found this."""
    return frozenset(one.member for one in votes if one.finding is finding and not one.conflicted)


def check_finding(asked: Consultation, votes: Sequence[Vote]) -> int:
    """How many members had to find it not necessary; Refused while that is not settled, or while they are too few."""
    needed = members_needed(asked)
    if needed is None:
        if asked.attempts == 0:
            raise Refused("Ask the responsible practitioner first, and record each attempt: 42 CFR 482.30(d).")
        raise Refused("The responsible practitioner may still answer. Wait until the time to answer has passed.")
    found = len(deciding(votes, Finding.NOT_NECESSARY))
    if found < needed:
        raise Refused(_too_few(needed, found))
    return needed


def _too_few(needed: int, found: int) -> str:
    if needed == 1:
        return "A member of the committee without conflict must find the care not necessary first."
    if found:
        return "The practitioner disagrees: a second member of the committee without conflict must agree."
    return "The practitioner disagrees: two members of the committee without conflict must find it not necessary."


def missing_notices(told: Collection[Told]) -> tuple[Told, ...]:
    """Who was not told yet."""
    return tuple(one for one in Told if one not in told)


# --- what a change of status needs -----------------------------------------------------------------------------------


def inpatient_is_supported(benchmark: int, *, expected: bool, unforeseen: bool) -> bool:
    """Whether the two-midnight benchmark supports the admission: passed, or expected in writing and cut short."""
    return benchmark >= BENCHMARK or (expected and unforeseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A change from inpatient to outpatient that somebody wants to complete (condition code 44).

    `claim_said` is whether anybody has recorded that the claim was not submitted.
    """

    at: datetime
    discharged_at: datetime | None
    line: Line
    inpatient: bool = True
    claim_sent: bool = False
    claim_said: bool = True
    members: int = 0
    needed: int | None = None
    physician_concurs: bool = False
    documented: bool = True
    not_told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a change: what the rule asks, whether the evidence is there, and what is missing if not."""

    key: str
    text: str
    held: bool
    missing: str


def conditions(change: StatusChange) -> list[Condition]:
    """All conditions of condition code 44. Medicare Claims Processing Manual, chapter 1, section 50.3."""
    gone = change.discharged_at is not None and change.discharged_at <= change.at
    decided = change.needed is not None and change.members >= change.needed
    claim = "the claim was sent" if change.claim_sent else "a statement that the claim was not submitted"
    untold = ", ".join(one.label.lower() for one in change.not_told)
    return [
        Condition("present", "Changed before discharge, while still a patient", not gone,
                  "the patient has left: use self-denial"),
        Condition("inpatient", "The patient is an inpatient", change.inpatient, "an inpatient status to change"),
        Condition("claim", "The inpatient claim was not submitted", change.claim_said and not change.claim_sent, claim),
        Condition("payer", "Original Medicare pays", change.line is Line.MEDICARE_FFS,
                  "the payer is not original Medicare: use its process"),
        Condition("committee", "The committee determined it: one member, or two where the practitioner disagrees",
                  decided, "a second member" if change.members else "a decision of the committee"),
        Condition("concurrence", "A physician concurs", change.physician_concurs, "a physician who concurs"),
        Condition("documented", "The concurrence is in the medical record", change.documented,
                  "where the record holds the concurrence"),
        Condition("notices", "Hospital, patient and practitioner were told in writing, before discharge",
                  not change.not_told, f"written notice to {untold}"),
    ]  # fmt: skip


def missing_for_change(change: StatusChange) -> list[str]:
    """What condition code 44 still lacks; empty when it may be completed."""
    return [one.missing for one in conditions(change) if not one.held]


def other_way(change: StatusChange) -> str:
    """What to do instead where condition code 44 cannot be had at all; empty where it still can."""
    if change.line is not Line.MEDICARE_FFS:
        return "Condition code 44 is for original Medicare. Take the question up with the payer: Payer tab."
    if change.discharged_at is not None and change.discharged_at <= change.at:
        return "The patient has left and stays an inpatient. Self-denial after discharge is the way."
    if change.claim_sent:
        return "The claim was sent. After discharge, self-denial is the way."
    return ""


def refusal(missing: Sequence[str]) -> str:
    """The sentence for a change that cannot be completed yet."""
    return f"This cannot be completed. Missing: {'; '.join(missing)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order that changes the status: who, when it was written, from when it works."""

    by: str
    at: datetime
    effective_at: datetime


def check_order(order: Order, now: datetime) -> None:
    """Refused, with the field, for an order of the future, and for one that would work backwards. 42 CFR 412.3(c)."""
    if order.at > now:
        raise Refused("The order lies in the future. Write when it was signed.", field="ordered_at")
    if order.effective_at < order.at:
        raise Refused("An order never works backwards: it takes effect when it is written, or later.",
                      field="effective_at")  # fmt: skip
    if order.effective_at > now + timedelta(days=1):
        raise Refused("Write when the order takes effect: today or tomorrow.", field="effective_at")


def status_of(patient_class: str, *, left: bool, changed_back: bool, denied: bool) -> StatusState:
    """Where a stay stands, from the class that registration sent last and what was determined."""
    if left:
        return StatusState.SELF_DENIED if denied else StatusState.DISCHARGED
    if patient_class == "IP":
        return StatusState.INPATIENT
    if changed_back:
        return StatusState.CHANGED_BACK
    return StatusState.OBSERVATION if patient_class == "OBS" else StatusState.OUTPATIENT
