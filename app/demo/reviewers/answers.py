"""How simulated payers answer, and what is made of a denial: shares, reasons, delays (pure)."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from app.clocks.terms import Line
from app.demo.reviewers.subjects import Subject
from app.payers.requests.terms import Action, Days, Decision

_REASONS = (
    ("medical necessity", "Documentation does not support an inpatient level of care."),
    ("level of care", "Observation would have been appropriate."),
    ("days not supported", "The clinical information does not support further days."),
)
# In percent, in the order of _ACTIONS.
_SHARES = {
    Line.MEDICARE_ADVANTAGE: (82, 10, 4, 4),
    Line.COMMERCIAL: (86, 8, 3, 3),
    Line.MEDICAID_MCO: (84, 8, 4, 4),
}
_USUAL = (89, 7, 2, 2)
_ACTIONS = (Action.CERTIFIED, Action.PENDED, Action.MODIFIED, Action.NOT_CERTIFIED)
_HOURS = ((2, 20, 70), (20, 46, 26), (46, 70, 4))
"""Hours from request to answer: from, to, share in percent."""
_A_DAY = (2150, 3480)


class Answer(NamedTuple):
    """A payer's answer, and how long after the request it comes."""

    decision: Decision
    after: timedelta


def first_answer(subject: Subject, asked: Days, random: Random) -> Answer:
    """The answer to a request."""
    shares = _SHARES.get(subject.line or Line.OTHER, _USUAL)
    return Answer(_decision(random.choices(_ACTIONS, shares)[0], asked, random), _delay(random))


def second_answer(asked: Days, random: Random) -> Answer:
    """The answer after what had been awaited was sent: nothing is pended twice."""
    action = random.choices((Action.CERTIFIED, Action.MODIFIED, Action.NOT_CERTIFIED), (80, 8, 12))[0]
    return Answer(_decision(action, asked, random), timedelta(hours=random.randint(4, 30)))


def taken_back(asked: Days, random: Random) -> Decision:
    """What the payer says after a talk that overturned its denial."""
    return _decision(Action.CERTIFIED, asked, random)


def _decision(action: Action, asked: Days, random: Random) -> Decision:
    number = f"{random.choice('AKTM')}{random.randint(10_000_000, 99_999_999)}"
    if action is Action.CERTIFIED:
        return Decision(action=action, authorization_number=number, ranges=(asked,))
    if action is Action.PENDED:
        return Decision(action=action, reference=number, more_follows=True, text="Send the progress notes.")
    code, text = random.choice(_REASONS)
    if action is Action.MODIFIED and asked.count > 1:
        fewer = Days(asked.first, asked.first + timedelta(days=random.randint(1, asked.count - 1)))
        return Decision(action=action, authorization_number=number, ranges=(fewer,), reasons=(code,), text=text)
    return Decision(action=Action.NOT_CERTIFIED, reference=number, reasons=(code,), text=text)


def _delay(random: Random) -> timedelta:
    begin, end, _ = random.choices(_HOURS, [share for *_, share in _HOURS])[0]
    return timedelta(hours=random.randint(begin, end))


def days_to_ask(subject: Subject, first: date, random: Random) -> Days:
    """The days of one request: two to four, in the long-term hospital a week or two."""
    count = random.choice((7, 14)) if subject.long_term else random.randint(2, 4)
    return Days(first, first + timedelta(days=count))


def amount_of(days: int, random: Random) -> Decimal:
    """What so many denied days are worth, in dollars."""
    return Decimal(days * random.randint(*_A_DAY))
