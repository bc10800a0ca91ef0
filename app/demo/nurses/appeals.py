"""Patients who do not agree that they are ready to leave, and what the QIO does about it (pure)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from app.notices.appeals.terms import AppealStep, Favors

OF_THOSE_WHO_STAY, OF_THOSE_HERE_NOW = 0.05, 0.12
_STAYS_ON = timedelta(days=3, hours=12)  # a case from request to noon after the decision
_RECENT = timedelta(hours=30)
_A_DECISION_FOR_LEAVING = timedelta(days=5)


class Step(NamedTuple):
    """Something that happens in an appeal."""

    at: datetime
    what: AppealStep
    favors: Favors | None = None


class Appeal(NamedTuple):
    """One appeal: when the patient asked, when the QIO called, whom it will agree with."""

    asked: datetime
    called: datetime
    discharge_on: date
    favors: Favors

    def first_steps(self) -> Iterator[Step]:
        """What happens before the hospital has to act."""
        yield Step(self.asked, AppealStep.ASK)
        yield Step(self.called, AppealStep.CALL)


def appeal_after(
    given: datetime, discharge_on: date, until: datetime, left: datetime | None, random: Random
) -> Appeal | None:
    """The appeal of a patient who was just given the follow-up copy; most do not ask.

    Only of patients who are still here when the case is over: nobody is discharged while one is pending.
    """
    here_now = left is None and until - given < _RECENT
    stays_on = left is None or left - given > _STAYS_ON
    if not stays_on or random.random() >= (OF_THOSE_HERE_NOW if here_now else OF_THOSE_WHO_STAY):
        return None
    asked = given + timedelta(minutes=random.randint(20, 100))
    called = asked + timedelta(minutes=random.randint(25, 90))
    leaves = left is not None and left - given < _A_DECISION_FOR_LEAVING
    return Appeal(asked, called, discharge_on, Favors.HOSPITAL if leaves else Favors.PATIENT)


def steps_after_records(appeal: Appeal, sent: datetime) -> Iterator[Step]:
    """What the QIO does with the records: it has all of them, decides the next day, and tells the patient."""
    yield Step(sent + timedelta(minutes=95), AppealStep.COMPLETE)
    yield Step(sent + timedelta(hours=21), AppealStep.DECIDE, appeal.favors)
    yield Step(sent + timedelta(hours=22), AppealStep.TELL)
