"""Questions to the physician advisor: answered at the next round, now and then later, so that they climb the ladder."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from app.advisor.commands import SignAnswer, decide
from app.advisor.ladder.rising import TIMER as NOT_IN_TIME
from app.advisor.ladder.rising import raise_to_next
from app.advisor.messages.commands import ToldReply, record_reply
from app.advisor.steps import held
from app.advisor.talks.commands import AddSlot, DescribeTalk, add_slot, describe_talk
from app.advisor.terms import (
    AttendingAnswer,
    EscalationKind,
    EscalationState,
    Outcome,
    PayerReason,
    Reason,
    Rung,
)
from app.demo.reviewers.desk import CHIEF, TIMER, Desk
from app.demo.reviewers.hours import Shift
from app.platform.work import Work

_O, _R = Outcome, Reason
_NOT_SEEN = 0.12
_TO_READ = timedelta(minutes=20)
_AFTER_TALK = timedelta(minutes=25)
_AGREED = 0.5
"""Share of talks for which a time is agreed."""
_ANSWERS: dict[EscalationKind, tuple[tuple[Outcome, int], ...]] = {
    EscalationKind.STATUS_QUESTION: ((_O.INPATIENT_SUPPORTED, 58), (_O.OBSERVATION_APPROPRIATE, 24),
                                     (_O.ASK_ATTENDING, 18)),
    EscalationKind.CONTINUED_STAY: ((_O.INPATIENT_SUPPORTED, 62), (_O.DISCHARGE_APPROPRIATE, 22),
                                    (_O.ASK_ATTENDING, 16)),
    EscalationKind.CONCURRENT_DENIAL: ((_O.OVERTURNED, 42), (_O.UPHELD, 36), (_O.NOT_HELD, 22)),
}  # fmt: skip
_REASONS = {
    _O.INPATIENT_SUPPORTED: (_R.TWO_MIDNIGHTS_EXPECTED, _R.RISK_DOCUMENTED, _R.ACUTE_NEED, _R.TWO_MIDNIGHTS_PASSED),
    _O.OBSERVATION_APPROPRIATE: (_R.DISCHARGE_TODAY, _R.NEED_NOT_DOCUMENTED),
    _O.DISCHARGE_APPROPRIATE: (_R.STABLE, _R.LOWER_LEVEL_SAFE),
    _O.ASK_ATTENDING: (_R.DOCUMENT_EXPECTATION, _R.CLARIFY_PLAN),
    _O.OVERTURNED: (_R.NEW_FACTS, _R.PAYER_CRITERIA, _R.ACUTE_NEED),
    _O.UPHELD: (_R.NO_NEW_FACTS, _R.LOWER_LEVEL_SAFE),
    _O.NOT_HELD: (_R.PHYSICIAN_UNREACHABLE, _R.NOT_WORTH_CALLING),
}
_REPLIES = (AttendingAnswer.WILL_DOCUMENT, AttendingAnswer.AGREE, AttendingAnswer.WILL_DISCHARGE,
            AttendingAnswer.DISAGREE)  # fmt: skip
_QUESTION = "select escalation_id from escalation where {} = %s and ended_at is null"
_MESSAGE = """
select m.id from attending_message m where m.escalation_id = %s and m.ended_at is null
  and not exists (select from attending_reply r where r.message_id = m.id and r.ended_at is null)
"""
Told = Callable[[Work, Outcome], None]


class Questions:
    """What is asked about one stay."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._luck = desk.luck("questions")

    def of_review(self, work: Work, review_id: uuid.UUID) -> None:
        """A review asked a physician."""
        key = work.value(_QUESTION.format("review_id"), (review_id,))
        self._await(work, key, None)

    def of_denial(self, work: Work, denial_id: uuid.UUID, then: Told, *, asked: bool) -> bool:
        """A denial while the patient was here: a talk is held if one was asked for. `then` is told how it ended.

        False where there is no card.
        """
        key = work.value(_QUESTION.format("denial_id"), (denial_id,))
        if key is None:
            return False
        at = self._desk.next_for(Shift.PHYSICIAN, work.now)
        self._rise_at(work, key)
        if not asked:
            self._desk.add(at, self._desk.physician, lambda work: self._decline(work, key, then))
            return True
        reason = self._luck.choice((PayerReason.LEVEL_OF_CARE, PayerReason.NOT_NECESSARY))
        describe_talk(work, key, DescribeTalk(payer_reason=reason, physician="Medical director of the plan",
                                              call_back="555-0100"))  # fmt: skip
        if self._luck.random() < _AGREED:
            local = at.astimezone(self._desk.subject.zone)
            add_slot(work, key, AddSlot(on=local.date(), at=local.time()))
            at += _AFTER_TALK
        self._desk.add(at, self._desk.physician, lambda work: self._answer(work, key, then))
        return True

    def _decline(self, work: Work, key: uuid.UUID, then: Told) -> None:
        """No talk is held: it would change nothing."""
        if held(work, key).state == EscalationState.WAITING:
            decide(work, key, SignAnswer(outcome=_O.NOT_HELD, reason=_R.NOT_WORTH_CALLING))
            then(work, _O.NOT_HELD)

    def _await(self, work: Work, key: uuid.UUID, then: Told | None) -> None:
        at = self._desk.next_for(Shift.PHYSICIAN, work.now + _TO_READ)
        who = self._desk.physician
        if self._luck.random() < _NOT_SEEN:
            at = self._desk.next_for(Shift.PHYSICIAN, at + _TO_READ)
            who = CHIEF if self._luck.random() < _AGREED else who
        self._rise_at(work, key)
        self._desk.add(at, who, lambda work: self._answer(work, key, then))

    def _rise_at(self, work: Work, key: uuid.UUID) -> None:
        """The timer of the ladder; on the last rung nothing rises any more."""
        question = held(work, key)
        if question.due_at is not None and question.rung != Rung.CHIEF_MEDICAL_OFFICER:
            self._desk.add(question.due_at, TIMER, lambda work: self._rise(work, key))

    def _rise(self, work: Work, key: uuid.UUID) -> None:
        question = held(work, key)
        late = question.due_at is not None and question.due_at <= work.now
        if question.state == EscalationState.WAITING and late:
            raise_to_next(work, question, NOT_IN_TIME)

    def _answer(self, work: Work, key: uuid.UUID, then: Told | None) -> None:
        question = held(work, key)
        if question.state not in (EscalationState.WAITING, EscalationState.TALK):
            return
        kind = EscalationKind(question.kind)
        offered = _ANSWERS[kind]
        if question.action == "hear_attending" or not self._desk.subject.row.attending:
            offered = tuple(one for one in offered if one[0] is not _O.ASK_ATTENDING)
        outcome = self._luck.choices([one for one, _ in offered], [share for _, share in offered])[0]
        decide(work, key, SignAnswer(outcome=outcome, reason=self._luck.choice(_REASONS[outcome])))
        if outcome is _O.ASK_ATTENDING:
            at = self._desk.next_for(Shift.NURSE, work.now + timedelta(hours=1))
            self._desk.add(at, self._desk.nurse, lambda work: self._hear(work, key, at))
        elif then is not None:
            then(work, outcome)

    def _hear(self, work: Work, key: uuid.UUID, _at: datetime) -> None:
        message = work.value(_MESSAGE, (key,))
        if message is None:
            return
        answer = self._luck.choices(_REPLIES, (50, 25, 15, 10))[0]
        record_reply(work, message, ToldReply(answer=answer, answered_by=self._desk.subject.row.attending))
        self._await(work, key, None)
