"""What a change of status would bring: notices by the clocks themselves, and what it means for the bill.

Notices are found by asking the clocks twice: as the stay stands, and as it would stand with the change made now.
Bills: Medicare Claims Processing Manual, chapter 1, section 50.3; 42 CFR 414.5; 42 U.S.C. 1395f(a)(1).
"""

from dataclasses import dataclass
from datetime import date

import msgspec

from app.clocks.engine import obligations
from app.clocks.facts import Event, StayFacts
from app.clocks.terms import EventKind, Obligation
from app.kernel.days import months_after
from app.kernel.deadlines import Standing
from app.kernel.wording import day_text
from app.status.terms import ChangeKind

NOTICES = ("N-IM1", "N-IM2", "N-MOON", "N-MCSN")
_EVENT = {
    ChangeKind.TO_INPATIENT: EventKind.INPATIENT_ORDER,
    ChangeKind.CONDITION_44: EventKind.STATUS_TO_OBSERVATION,
}
BILLS = {
    ChangeKind.TO_INPATIENT: (
        "The stay is billed as inpatient care from the order on; the order never works backwards (42 CFR 412.3(c)).",
        "Midnights before the order count for the benchmark, not as inpatient days.",
        "The three inpatient days for a nursing facility begin with the order (42 CFR 409.30(a)(1)).",
    ),
    ChangeKind.CONDITION_44: (
        "The whole episode is billed as outpatient care on 13X with condition code 44 (85X in a critical access"
        " hospital).",
        "Hours of observation begin with the new order; earlier hours can never be called observation.",
        "The patient pays by Part B instead of Part A, and is told so in writing.",
        "No day of the stay counts toward the three days for a nursing facility, unless an appeal is won.",
    ),
}
SELF_DENIAL_BILLS = (
    "The patient stays an inpatient; the hospital bears Part A.",
    "A claim without payment goes on 110 with occurrence span code M1.",
    "Part B inpatient services go on 12X with condition code W2, “A/B REBILLING” and the number of the denied claim.",
    "Outpatient services before the order go on 13X. Visits that require outpatient status after it are not billable.",
    "Deductible and coinsurance of Part A are paid back to the patient; Part B cost sharing applies.",
)
FILING_MONTHS = 12
"""Claims are filed within a calendar year of service. 42 U.S.C. 1395f(a)(1)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A notice that a change of status would start, end, or leave owed."""

    title: str
    required: bool
    because: str


def notices_after(facts: StayFacts, kind: ChangeKind) -> list[Change]:
    """The notices that would be otherwise after the change, as the clocks would compute them."""
    before = {one.rule: one for one in obligations(facts) if one.rule in NOTICES}
    event = Event(kind=_EVENT[kind], at=facts.as_of)
    changed = msgspec.structs.replace(facts, events=(*facts.events, event))
    after = {one.rule: one for one in obligations(changed) if one.rule in NOTICES}
    return [
        Change(one.title, _required(one), one.because)
        for rule, one in after.items()
        if rule not in before or (one.because, one.standing) != (before[rule].because, before[rule].standing)
    ]


def notice_now(facts: StayFacts, rule: str) -> Obligation | None:
    """What the clocks say of one notice as the stay stands."""
    found = [one for one in obligations(facts) if one.rule == rule]
    return found[-1] if found else None


def last_filing_day(discharged: date, today: date) -> str:
    """The last day on which a claim of the stay can be filed, in words."""
    return day_text(months_after(discharged, FILING_MONTHS), today)


def _required(one: Obligation) -> bool:
    return one.standing is not Standing.NOT_REQUIRED
