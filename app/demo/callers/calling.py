"""Calls after a discharge: within two days mostly, again when nobody answers, and what they find is settled."""

import uuid
from datetime import timedelta

from app.demo.planners.desk import Desk
from app.discharge.after.calls.commands import Given, WriteCall, record_call
from app.discharge.after.calls.issues import MoveIssue, move_issue
from app.discharge.after.calls.script import script
from app.discharge.after.queries import issues_of
from app.discharge.after.rules import MOST_ATTEMPTS
from app.discharge.after.terms import Answer, CallOutcome, IssueAction
from app.discharge.terms import CareType
from app.platform.work import Work

CALLED_SINCE = timedelta(days=32)
"""How long before the end of the history everybody was called; of those who left earlier only some."""
HOME = frozenset({CareType.HOME, CareType.HOME_HEALTH})
_NEVER, _LATE, _PROBLEM, _SETTLED = 0.05, 0.08, 0.05, 0.88
_OUTCOMES = (
    (CallOutcome.PATIENT, 60), (CallOutcome.CAREGIVER, 14), (CallOutcome.NO_ANSWER, 15), (CallOutcome.MESSAGE, 8),
    (CallOutcome.WRONG_NUMBER, 1), (CallOutcome.DECLINED, 2),
)  # fmt: skip
_NOTES = ("Pharmacy brings it today.", "Clinic has a place tomorrow.", "The agency comes in the afternoon.",
          "Explained again; daughter writes it down.")  # fmt: skip


class Calling:
    """Whoever calls one patient after the discharge."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._luck = desk.luck("calls")
        self._tried = 0

    def begin(self) -> None:
        """The first call comes on the day after, seldom later, sometimes never."""
        subject, left = self._desk.subject, self._desk.subject.row.left_at
        if left is None or subject.died or subject.row.deceased or subject.went_to not in HOME:
            return
        if self._luck.random() < _NEVER:
            return
        hours = self._luck.randint(50, 80) if self._luck.random() < _LATE else self._luck.randint(12, 30)
        self._desk.add(self._desk.slot(left + timedelta(hours=hours)), self._desk.manager, self._call)

    def _call(self, work: Work) -> None:
        stay, luck = self._desk.subject.id, self._luck
        outcome = luck.choices([one for one, _ in _OUTCOMES], [share for _, share in _OUTCOMES])[0]
        if self._tried >= MOST_ATTEMPTS:
            record_call(work, stay, WriteCall(outcome=CallOutcome.LETTER, note="Letter sent with our number."))
            return
        if outcome.attempt:
            self._tried += 1
            made = record_call(work, stay, WriteCall(outcome=outcome))
            if made.next_at is not None and luck.random() < 0.9:
                self._desk.add(self._desk.slot(made.next_at - timedelta(hours=1)), self._desk.manager, self._call)
            return
        given = []
        if outcome is not CallOutcome.DECLINED:
            for question in script((), ()):
                bad = luck.random() < _PROBLEM
                given.append(Given(question, Answer.PROBLEM if bad else Answer.GOOD))
        person = "Daughter" if outcome is CallOutcome.CAREGIVER else ""
        again = any(one.answer is Answer.PROBLEM for one in given)
        made = record_call(work, stay, WriteCall(outcome=outcome, spoke_with=person, owner="Case management"), given)
        for one in issues_of(work, [stay]):
            if one.call_id == made.call_id and luck.random() < _SETTLED:
                self._desk.add(self._desk.slot(work.now + timedelta(hours=luck.randint(1, 26))), self._desk.manager,
                               lambda work, key=one.issue_id: self._settle(work, key))  # fmt: skip
        if again and made.next_at is not None and self._tried < MOST_ATTEMPTS:
            self._tried = MOST_ATTEMPTS
            self._desk.add(self._desk.slot(made.next_at - timedelta(hours=1)), self._desk.manager, self._call_back)

    def _call_back(self, work: Work) -> None:
        """The second talk after a problem: all is well by then."""
        record_call(work, self._desk.subject.id, WriteCall(outcome=CallOutcome.PATIENT, note="All is settled."))

    def _settle(self, work: Work, key: uuid.UUID) -> None:
        move_issue(work, key, MoveIssue(action=IssueAction.CLOSE, note=self._luck.choice(_NOTES)))
