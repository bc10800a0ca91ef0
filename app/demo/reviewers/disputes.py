"""Denials: what is at risk, the talk with the payer's physician, the appeal, how it ends; and those that come late."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

from app.advisor.terms import Outcome
from app.demo.reviewers.answers import amount_of
from app.demo.reviewers.desk import Desk
from app.demo.reviewers.hours import Shift
from app.demo.reviewers.questions import Questions
from app.kernel.days import ONE_DAY
from app.payers.authorizations.terms import Channel
from app.payers.denials import queries
from app.payers.denials.appeals.commands import decide_appeal, send_appeal, verify_appeal
from app.payers.denials.appeals.forms import DecideAppeal, SendAppeal, VerifyAppeal
from app.payers.denials.appeals.terms import AppealOutcome
from app.payers.denials.commands import amend_denial, ask_talk, close_denial, record_denial
from app.payers.denials.forms import AmendDenial, AskTalk, CloseDenial, RecordDenial
from app.payers.denials.queries import DenialVersion
from app.payers.denials.rules import AT_WORK, count
from app.payers.denials.terms import DenialKind, DenialOutcome, RootCause
from app.platform.work import Work

_A_MOMENT = timedelta(minutes=25)
_TALKED, _APPEALED, _LATE, _VERIFIED, _GIVEN_UP = 0.8, 0.75, 0.05, 0.9, 0.6
_CAUSES = (RootCause.DOCUMENTATION, RootCause.STATUS, RootCause.PAYER_CRITERIA, RootCause.AVOIDABLE_DAYS,
           RootCause.LATE_CLINICALS, RootCause.UNKNOWN)  # fmt: skip
_DECISIONS = ((AppealOutcome.OVERTURNED, 42), (AppealOutcome.PARTLY, 14), (AppealOutcome.UPHELD, 44))
_LATE_KINDS = ((DenialKind.RETROSPECTIVE, 60), (DenialKind.LEVEL_OF_CARE, 25), (DenialKind.TECHNICAL, 15))
_LATE_REASONS = {
    DenialKind.RETROSPECTIVE: "The last days were not medically necessary.",
    DenialKind.LEVEL_OF_CARE: "Paid as observation; inpatient care was not supported.",
    DenialKind.TECHNICAL: "No notice of the admission was received in time.",
}
Then = Callable[[Work], None]


class Disputes:
    """The denials of one stay."""

    def __init__(self, desk: Desk, questions: Questions) -> None:
        self._desk, self._questions = desk, questions
        self._luck = desk.luck("denials")

    def of_answer(self, work: Work, decision_id: uuid.UUID, won: Then) -> None:
        """A payer authorized fewer days than asked. `won` is done when a talk overturned that."""
        found = queries.by_payer_decision(work, decision_id)
        if found is not None:
            key = found.denial_id
            self._desk.add(work.now + _A_MOMENT, self._desk.nurse, lambda work: self._describe(work, key, won))

    def begin_late(self) -> None:
        """Some payers deny after the patient has left."""
        subject, chance = self._desk.subject, self._luck.random()
        left = subject.row.left_at
        if left is None or not subject.asks_payer or subject.row.ordered_at is None or chance >= _LATE:
            return
        if subject.day(left) <= subject.ordered_on:
            return
        at = self._desk.next_for(Shift.APPEALS, left + timedelta(days=self._luck.randint(9, 38)))
        self._desk.add(at, self._desk.nurse, self._record_late)

    def _record_late(self, work: Work) -> None:
        subject = self._desk.subject
        assert subject.payer is not None and subject.row.left_at is not None
        kind = self._luck.choices([one for one, _ in _LATE_KINDS], [share for _, share in _LATE_KINDS])[0]
        last = subject.day(subject.row.left_at) - ONE_DAY
        first = max(subject.ordered_on, last - timedelta(days=self._luck.randint(0, 2)))
        made = record_denial(
            work, subject.id,
            RecordDenial(
                kind=kind, payer=subject.payer.key, first_day=first, last_day=last,
                amount=amount_of((last - first).days + 1, self._luck), received_on=subject.day(work.now),
                notice_on=subject.day(work.now) - 3 * ONE_DAY, channel=Channel.LETTER,
                reference=f"DN{self._luck.randint(100_000, 999_999)}", reason=_LATE_REASONS[kind],
                root_cause=self._luck.choice(_CAUSES),
            ),
        )  # fmt: skip
        self._plan_appeal(work, made.denial_id)

    def _describe(self, work: Work, key: uuid.UUID, won: Then) -> None:
        """What is at risk, why it came to it; a talk is asked for where one can still be held."""
        held = queries.denial(work, key)
        if held.state not in AT_WORK:
            return
        amend_denial(work, key, self._described(held))
        concurrent, asked = held.kind == DenialKind.CONCURRENT, self._luck.random() < _TALKED
        if concurrent and asked:
            ask_talk(work, key, AskTalk(note="Asked the plan for its physician."))
        told = partial(self._talked, key, won)
        if concurrent and self._questions.of_denial(work, key, told, asked=asked):
            return
        self._plan_appeal(work, key)

    def _described(self, held: DenialVersion) -> AmendDenial:
        (days,) = held.days
        notice = held.notice_at.astimezone(self._desk.subject.zone)
        return AmendDenial(
            kind=DenialKind(held.kind), payer=held.payer_code or held.payer_name,
            authorization_id=held.authorization_id, first_day=days.first, last_day=days.until - ONE_DAY,
            amount=amount_of(days.count, self._luck), notice_on=notice.date(), notice_at=notice.time(),
            received_on=held.received_on, channel=Channel(held.channel), reference=held.reference,
            reason_code=held.reason_code, reason=held.reason, root_cause=self._luck.choice(_CAUSES),
            because="Amount and cause added.",
        )  # fmt: skip

    def _talked(self, key: uuid.UUID, won: Then, work: Work, how: Outcome) -> None:
        if how is Outcome.OVERTURNED:
            won(work)
        else:
            self._plan_appeal(work, key)

    def _plan_appeal(self, work: Work, key: uuid.UUID) -> None:
        if self._luck.random() < _APPEALED:
            days = timedelta(days=self._luck.randint(4, 15))
            self._later(work, days, lambda work: self._appeal(work, key))
        elif self._luck.random() < _GIVEN_UP:
            days = timedelta(days=self._luck.randint(10, 30))
            self._later(work, days, lambda work: self._write_off(work, key))

    def _later(self, work: Work, days: timedelta, deed: Then) -> None:
        self._desk.add(self._desk.next_for(Shift.APPEALS, work.now + days), self._desk.nurse, deed)

    def _appeal(self, work: Work, key: uuid.UUID) -> None:
        if queries.denial(work, key).state not in AT_WORK:
            return
        made = send_appeal(work, key, SendAppeal(channel=Channel.FAX, to_whom="Appeals unit",
                                                 tracking=f"FX{self._luck.randint(1000, 9999)}"))  # fmt: skip
        appeal = made.appeal_id
        if self._luck.random() < _VERIFIED:
            self._later(work, timedelta(days=self._luck.randint(2, 6)), lambda work: self._verify(work, appeal))
        self._later(work, timedelta(days=self._luck.randint(16, 34)), lambda work: self._decided(work, key, appeal))

    def _verify(self, work: Work, appeal: uuid.UUID) -> None:
        verify_appeal(work, appeal, VerifyAppeal(verified_with="Appeals unit of the plan"))

    def _decided(self, work: Work, key: uuid.UUID, appeal: uuid.UUID) -> None:
        held = queries.denial(work, key)
        outcome = self._luck.choices([one for one, _ in _DECISIONS], [share for _, share in _DECISIONS])[0]
        ask = DecideAppeal(outcome=outcome, received_on=self._desk.subject.day(work.now))
        if outcome is AppealOutcome.PARTLY:
            days, amount = self._half(held)
            ask = ask.model_copy(update={"recovered_days": days, "recovered_amount": amount})
        decide_appeal(work, appeal, ask)
        if outcome is not AppealOutcome.OVERTURNED and self._luck.random() < _GIVEN_UP:
            end = DenialOutcome.PARTLY if outcome is AppealOutcome.PARTLY else DenialOutcome.UPHELD
            wait = timedelta(days=self._luck.randint(1, 5))
            self._later(work, wait, lambda work: self._close(work, key, end))

    @staticmethod
    def _half(held: DenialVersion) -> tuple[int, Decimal | None]:
        days = count(held.days) // 2
        return days, (held.amount / 2).quantize(Decimal("0.01")) if held.amount is not None else None

    def _close(self, work: Work, key: uuid.UUID, outcome: DenialOutcome) -> None:
        held = queries.denial(work, key)
        if held.state not in AT_WORK:
            return
        days, amount = self._half(held) if outcome is DenialOutcome.PARTLY else (None, None)
        close_denial(work, key, CloseDenial(outcome=outcome, recovered_days=days, recovered_amount=amount,
                                            reason="No further level is worth its cost."))  # fmt: skip

    def _write_off(self, work: Work, key: uuid.UUID) -> None:
        if queries.denial(work, key).state in AT_WORK:
            ask = CloseDenial(outcome=DenialOutcome.WRITTEN_OFF, reason="The record does not support an appeal.")
            close_denial(work, key, ask)
