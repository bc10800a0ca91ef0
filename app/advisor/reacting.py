"""What follows here from what other features record: a referral asks a physician, a denial opens a card for a talk."""

import uuid
from datetime import timedelta
from typing import Protocol

from app.advisor import commands
from app.advisor.commands import Origin, PutQuestion, Say
from app.advisor.terms import EscalationKind
from app.kernel.refusal import Refused
from app.platform.work import Work

CONCURRENT = "concurrent"
AGAIN = "again"
TWO_DAYS = timedelta(days=2)
_OPEN = (
    "select escalation_id from escalation where ended_at is null and {} = %s"
    " and state in ('waiting', 'returned', 'with_attending', 'talk')"
)


class Referred(Protocol):
    """A review that asks a physician."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...
    @property
    def review_id(self) -> uuid.UUID: ...
    @property
    def question(self) -> str: ...
    @property
    def reason(self) -> str: ...


class ReviewGone(Protocol):
    """A review that does not count any more."""

    @property
    def review_id(self) -> uuid.UUID: ...


class Amended(Protocol):
    """A review that stands in another version; `referred` says whether it asks a physician."""

    @property
    def review_id(self) -> uuid.UUID: ...
    @property
    def referred(self) -> bool: ...


class Denied(Protocol):
    """A denial that a payer sent."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...
    @property
    def denial_id(self) -> uuid.UUID: ...
    @property
    def kind(self) -> str: ...


def escalate_review(work: Work, event: Referred) -> None:
    """Ask a physician what a review asks; once, however often the review is signed again.

    Refused for somebody who asks again while the question is open.
    """
    assert event.encounter_id is not None, "a review belongs to a stay"
    if _open(work, "review_id", event.review_id):
        if event.reason == AGAIN:
            raise Refused("This review is with the physician advisor already.")
        return
    kind = _kind(work, event.encounter_id)
    question = " ".join(event.question.split())[:300]
    if len(question) < 8:
        question = USUAL[kind]
    background = "A review did not meet its criteria." if event.reason == "not_met" else "The reviewer asks."
    ask = PutQuestion(kind=kind, question=question, background=background)
    commands.escalate(work, event.encounter_id, ask, Origin(review_id=event.review_id))


def withdraw_for_review(work: Work, event: ReviewGone) -> None:
    """A question whose review was struck out is not needed any more."""
    for key in _open(work, "review_id", event.review_id):
        commands.withdraw(work, key, Say(note="The review that asked was struck out."))


def withdraw_for_amended(work: Work, event: Amended) -> None:
    """A review that was amended so that it asks no physician any more takes its open question along."""
    if event.referred:
        return
    for key in _open(work, "review_id", event.review_id):
        commands.withdraw(work, key, Say(note="The review was amended and asks no more."))


def open_card_for_denial(work: Work, event: Denied) -> None:
    """A payer denied while the patient is here: a card for a talk with its physician."""
    assert event.encounter_id is not None, "a denial belongs to a stay"
    if event.kind != CONCURRENT or _open(work, "denial_id", event.denial_id):
        return
    ask = PutQuestion(kind=EscalationKind.CONCURRENT_DENIAL, question=USUAL[EscalationKind.CONCURRENT_DENIAL])
    commands.escalate(work, event.encounter_id, ask, Origin(denial_id=event.denial_id))


def withdraw_for_denial(work: Work, event: Denied) -> None:
    """A denial that was closed or struck out needs no talk any more."""
    for key in _open(work, "denial_id", event.denial_id):
        commands.withdraw(work, key, Say(note="The denial was closed."))


USUAL = {
    EscalationKind.STATUS_QUESTION: "Is inpatient status supported, or is observation appropriate?",
    EscalationKind.CONTINUED_STAY: "Do the days from now on still need hospital care?",
    EscalationKind.CONCURRENT_DENIAL: "Is the payer's denial to be taken up with its physician?",
    EscalationKind.LONG_STAY: "The stay is far past what was expected: what is the way out?",
    EscalationKind.QUALITY_OF_PLAN: "Does the present plan fit this patient?",
}
"""The question of each kind, as a form is prefilled with it."""


def usual_kind(patient_class: str, *, long: bool, young: bool) -> EscalationKind:
    """What is usually asked: status of who is observed or ordered in lately; the way out where days run over."""
    if patient_class == "OBS" or young:
        return EscalationKind.STATUS_QUESTION
    return EscalationKind.LONG_STAY if long else EscalationKind.CONTINUED_STAY


def _kind(work: Work, encounter_id: uuid.UUID) -> EscalationKind:
    patient_class, since = work.rows(
        lambda patient_class, since: (patient_class, since),
        "select patient_class, coalesce(inpatient_at, start_at) from encounter where id = %s",
        (encounter_id,),
    )[0]
    return usual_kind(patient_class, long=False, young=since is not None and work.now - since < TWO_DAYS)


def _open(work: Work, column: str, key: uuid.UUID) -> list[uuid.UUID]:
    found: list[uuid.UUID] = work.values(_OPEN.format(column), (key,))
    return found
