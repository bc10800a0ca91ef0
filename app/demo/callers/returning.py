"""Patients who came back within thirty days: asked why, and judged by two people who do not know of each other."""

from datetime import timedelta

from app.demo.nurses.staff import LEAD
from app.demo.planners.desk import Desk
from app.demo.reviewers.desk import ADVISOR, CHIEF, REVIEWER
from app.discharge.after.readmitted.commands import GiveRating, WriteInterview, give_rating, write_interview
from app.discharge.after.readmitted.queries import ratings_of
from app.discharge.after.readmitted.rules import state
from app.discharge.after.readmitted.terms import AnsweredBy, ComeBackReason, Planned, ReviewState
from app.platform.work import Work

_ASKED, _JUDGED, _SECOND = 0.85, 0.7, 0.85
_R = ComeBackReason
_REASONS = (_R.WORSE, _R.WORSE, _R.NEW, _R.MEDICINES, _R.UNCLEAR, _R.APPOINTMENT, _R.CAREGIVER, _R.SERVICES)
_WORDS = ("I could not breathe at night again.", "Nobody told me which of the two to stop.",
          "The nurse was to come on Friday and did not.", "It came back as soon as I was home.")  # fmt: skip


class Returning:
    """Those who ask and judge about one readmission."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._luck = desk.luck("readmission")

    def begin(self) -> None:
        """The interview comes on the day after; judgements follow within two weeks."""
        row = self._desk.subject.row
        if row.ordered_at is None:
            return
        came = max(row.ordered_at, row.began_at, self._desk.house.start)
        if self._luck.random() < _ASKED:
            at = self._desk.slot(came + timedelta(hours=self._luck.randint(14, 34)))
            self._desk.while_here(at, self._desk.manager, self._ask)
        if self._luck.random() < _JUDGED:
            at = self._desk.slot(came + timedelta(days=self._luck.randint(3, 8)))
            self._desk.add(at, LEAD, lambda work: self._judge(work, self._luck.randint(1, 5)))
            if self._luck.random() < _SECOND:
                later = self._desk.slot(at + timedelta(days=self._luck.randint(1, 5)))
                self._desk.add(later, REVIEWER, self._judge_second)

    def _ask(self, work: Work) -> None:
        ask = WriteInterview(
            answered_by=self._luck.choices((AnsweredBy.PATIENT, AnsweredBy.CAREGIVER), (75, 25))[0],
            planned=Planned.NO, reasons=list(dict.fromkeys(self._luck.choices(_REASONS, k=self._luck.randint(1, 2)))),
            in_own_words=self._luck.choice(_WORDS), could_have_helped="A call on the first day.",
        )  # fmt: skip
        write_interview(work, self._desk.subject.id, ask)

    def _judge(self, work: Work, points: int) -> None:
        ask = GiveRating(preventable=points, reasons=[self._luck.choice(_REASONS)], said="From the chart and the talk.")
        give_rating(work, self._desk.subject.id, ask)

    def _judge_second(self, work: Work) -> None:
        """Most agree; where two are far apart, a physician judges too."""
        stay = self._desk.subject.id
        given = [one.preventable for one in ratings_of(work, stay)]
        if not given:
            return
        apart = self._luck.choices((0, 1, 2, 3), (50, 32, 12, 6))[0]
        points = given[0] + apart if given[0] + apart <= 5 else max(1, given[0] - apart)
        self._judge(work, points)
        if state([*given, points]) is ReviewState.APART and self._luck.random() < 0.8:
            third = CHIEF if self._desk.subject.row.sensitive else ADVISOR
            at = self._desk.slot(work.now + timedelta(days=2))
            self._desk.add(at, third, lambda work: self._judge(work, self._luck.randint(2, 4)))
