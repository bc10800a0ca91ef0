"""The reviews of a stay: of the admission at once, then as the cadence of the payer asks; some days are missed."""

from datetime import date, datetime, timedelta

from app.clocks.terms import Line
from app.demo.reviewers import reviews
from app.demo.reviewers.desk import Desk
from app.demo.reviewers.hours import Shift, on_day
from app.demo.reviewers.questions import Questions
from app.kernel.days import ONE_DAY
from app.platform.work import Work
from app.reviews.certificates.commands import Certify, certify
from app.reviews.certificates.queries import CertificateKind
from app.reviews.commands import sign_review
from app.reviews.criteria.terms import ReviewKind

_SOON = timedelta(minutes=30)
_LEAST, _MOST = 3, 14
MISSED = 0.04
_LATE_FIRST = 0.06
_CERTIFIED = (14, 17)
"""Days after the order on which a physician certifies a long stay."""


class Reviewing:
    """The nurse who reviews one stay."""

    def __init__(self, desk: Desk, questions: Questions) -> None:
        self._desk, self._questions = desk, questions
        self._luck = desk.luck("reviews")
        self._admission = False

    def begin(self) -> None:
        """The first review follows the first order."""
        row = self._desk.subject.row
        first = min(at for at in (row.observed_at, row.ordered_at) if at is not None)
        at = self._desk.from_start(first) + _SOON
        if self._luck.random() < _LATE_FIRST:
            at += ONE_DAY
        self._plan(self._desk.next_for(Shift.NURSE, at))
        self._plan_certificate()

    def _plan_certificate(self) -> None:
        """A stay that original Medicare pays is certified by day 20. 42 CFR 424.13."""
        row = self._desk.subject.row
        if row.ordered_at is None or self._desk.subject.first_line is not Line.MEDICARE_FFS:
            return
        at = self._desk.from_start(row.ordered_at + timedelta(days=self._luck.randint(*_CERTIFIED)))
        at = self._desk.next_for(Shift.NURSE, at)
        if self._desk.subject.here(at):
            self._desk.add(at, self._desk.nurse, self._certify)

    def _certify(self, work: Work) -> None:
        ask = Certify(
            kind=CertificateKind.LONG_STAY, physician=self._desk.subject.row.attending or "Attending physician",
            statement="Needs the care of a hospital for about two weeks more: weaning and wound care go on.",
        )  # fmt: skip
        certify(work, self._desk.subject.id, ask)

    def _plan(self, at: datetime) -> None:
        if self._desk.subject.here(at + _SOON):
            self._desk.add(at, self._desk.nurse, self._sign)

    def _kind(self, now: datetime) -> ReviewKind:
        ordered = self._desk.subject.row.ordered_at
        if ordered is None or now < ordered:
            return ReviewKind.OBSERVATION
        return ReviewKind.CONTINUED_STAY if self._admission else ReviewKind.ADMISSION

    def _sign(self, work: Work) -> None:
        subject, kind, today = self._desk.subject, self._kind(work.now), self._desk.subject.day(work.now)
        self._admission = self._admission or kind is ReviewKind.ADMISSION
        for_day = subject.ordered_on if kind is ReviewKind.ADMISSION else today
        ask = reviews.write(subject, kind, for_day, today, self._luck)
        began = work.now - timedelta(minutes=self._luck.randint(_LEAST, _MOST))
        made = sign_review(work, subject.id, ask.model_copy(update={"opened_at": began}))
        if made.referred:
            self._questions.of_review(work, made.review_id)
        assert made.next_review_on is not None, "the simulated nurses always set the next day"
        self._plan(self._next(kind, made.next_review_on, work.now))

    def _next(self, kind: ReviewKind, day: date, now: datetime) -> datetime:
        """The round of that day; an inpatient order is reviewed at once."""
        ordered, zone = self._desk.subject.row.ordered_at, self._desk.subject.zone
        missed = self._luck.random() < MISSED
        at = on_day(Shift.NURSE, day + ONE_DAY if missed else day, now, zone)
        if kind is ReviewKind.OBSERVATION and ordered is not None and ordered > now:
            at = min(at, self._desk.next_for(Shift.NURSE, ordered + _SOON))
        return at
