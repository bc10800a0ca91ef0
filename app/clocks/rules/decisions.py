"""Who may decide, and what a change of status needs: conditions, answered with what is missing."""

from dataclasses import dataclass
from datetime import datetime

from app.clocks.terms import Line

BENCHMARK = 2
"""Midnights of hospital care that make an inpatient admission generally appropriate. 42 CFR 412.3(d)(1)."""


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


def inpatient_is_supported(benchmark: int, *, expected: bool, unforeseen: bool) -> bool:
    """Whether the two-midnight benchmark supports the admission: passed, or expected in writing and cut short."""
    return benchmark >= BENCHMARK or (expected and unforeseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A change from inpatient to outpatient that somebody wants to complete (condition code 44)."""

    at: datetime
    discharged_at: datetime | None
    line: Line
    claim_sent: bool = False
    members: int = 0
    needed: int | None = None
    physician_concurs: bool = False


def missing_for_change(change: StatusChange) -> list[str]:
    """What condition code 44 still lacks; empty when it may be completed. Claims Manual, chapter 1, section 50.3."""
    missing = []
    if change.discharged_at is not None and change.discharged_at <= change.at:
        missing.append("the patient has left: use self-denial")
    if change.claim_sent:
        missing.append("the claim was sent")
    if change.line is not Line.MEDICARE_FFS:
        missing.append("the payer is not original Medicare: use its process")
    if change.needed is None or change.members < change.needed:
        missing.append("a second member" if change.members else "a decision of the committee")
    if not change.physician_concurs:
        missing.append("a physician who concurs")
    return missing


def choice_stands(*, owned_by_hospital: bool, disclosed: bool, only_in_network: bool, network_date: bool) -> bool:
    """Whether a patient's choice of a provider may be final: ownership disclosed, a network list dated. 482.43(c)."""
    return (disclosed or not owned_by_hospital) and (network_date or not only_in_network)
