"""What discharge planning, referrals, serious illness and follow-up have set a time for.

No law names these hours: a person set the time, or the policy of the facility says how long somebody has. A departure
ends what can only be done while the patient is here.
"""

from collections.abc import Iterator

from app.clocks.rules.agreed import Agreed, owed_by
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind, Obligation, RecordKind

_K, _R = EventKind, RecordKind
_BARRIER = Agreed(
    rule="DP-BARRIER", event=_K.BARRIER_OPEN, records=(_R.BARRIER_RESOLVED,), word="Open since",
    limit="to be resolved by", later=False, leaves=True,
)  # fmt: skip
_SET = (
    Agreed(
        rule="DP-EDD", event=_K.EXPECTED_DISCHARGE, records=(), word="Expected date set", each=False, leaves=True,
    ),
    Agreed(
        rule="DP-ACTION", event=_K.ACTION_SET, records=(_R.ACTION_DONE,), word="Agreed", limit="to be done by",
        later=False,
    ),
    Agreed(
        rule="DP-CASE", event=_K.CASE_REVIEW_SET, records=(_R.CASE_REVIEWED,), word="Review set", each=False,
        leaves=True,
    ),
    Agreed(
        rule="RF-ANSWER", event=_K.REFERRAL_SENT, records=(_R.REFERRAL_ANSWER, _R.REFERRAL_CLOSED),
        word="Referral sent", limit="answer wanted by", later=False, leaves=True,
    ),
    Agreed(
        rule="PA-AUTH", event=_K.POST_ACUTE_REQUESTED, records=(_R.POST_ACUTE_DECISION,), word="Asked",
        limit="decision due by", later=False, standard="standard",
    ),
    Agreed(
        rule="SI-ANSWER", event=_K.TRIGGER_FOUND, records=(_R.TRIGGER_ANSWER,), word="Found", later=False, leaves=True,
    ),
    Agreed(
        rule="SI-CONSULT", event=_K.CONSULT_ORDERED, records=(_R.CONSULT_SEEN,), word="Ordered", later=False,
        leaves=True,
    ),
    Agreed(
        rule="SI-MEETING", event=_K.MEETING_WANTED, records=(_R.MEETING_HELD,), word="Wanted since", limit="by",
        each=False, later=False, leaves=True,
    ),
    Agreed(
        rule="TC-AGAIN", event=_K.CALL_AGAIN, records=(_R.CONTACT, _R.CALL_ATTEMPT), word="Arranged", each=False,
    ),
    Agreed(
        rule="TC-ISSUE", event=_K.ISSUE_OPEN, records=(_R.ISSUE_CLOSED,), word="Found", limit="to be closed by",
        later=False,
    ),
    Agreed(
        rule="TC-INTERVIEW", event=_K.READMITTED, records=(_R.READMISSION_INTERVIEW,), word="Readmitted", later=False,
    ),
    Agreed(
        rule="TC-PROGRAM", event=_K.PROGRAM_CHOSEN, records=(_R.PROGRAM_TOLD,), word="Chosen", later=False,
    ),
)  # fmt: skip
_CHOICE = Agreed(
    rule="RF-CHOICE", event=_K.REFERRAL_ACCEPTED, records=(_R.REFERRAL_CLOSED,), word="Accepted",
    limit="decision wanted by", later=False, leaves=True,
)  # fmt: skip


def set_times(stay: Stay) -> Iterator[Obligation]:
    """From what was set until its time, closed by the record about it."""
    for agreed in _SET:
        for event in agreed.events(stay):
            yield from owed_by(stay, agreed, event)


def barriers(stay: Stay) -> Iterator[Obligation]:
    """A barrier is owed by the time that was set for it; without one only where the facility has a limit."""
    for event in _BARRIER.events(stay):
        if event.until is not None or stay.policy(_BARRIER.rule, stay.day(event.at)) is not None:
            yield from owed_by(stay, _BARRIER, event)


def choices(stay: Stay) -> Iterator[Obligation]:
    """The patient decides after a provider accepted; a choice for the type of care answers all of its referrals."""
    for event in _CHOICE.events(stay):
        chosen = stay.evidence(_R.CHOICE, event.at, event.subject)
        if chosen is None and event.to:
            chosen = stay.evidence(_R.CHOICE, event.at, event.to)
        yield from owed_by(stay, _CHOICE, event, chosen)


RULES = (set_times, barriers, choices)
