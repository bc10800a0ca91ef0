"""What the checks of eligibility may know of a stay, and how each answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.clocks.terms import Line
from app.discharge.eligibility.terms import Question, Verdict
from app.discharge.terms import CareType


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody recorded: the word or text of the answer, the day that it is about, what else was said."""

    value: str
    on: date | None = None
    detail: str = ""

    @property
    def yes(self) -> bool:
        """Whether a question of yes or no was answered yes."""
        return self.value == "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One stay as of an instant, in the facility's zone.

    Attributes:
        inpatient_days: consecutive inpatient days before a nursing facility, as the clocks count them; None for an
            outpatient.
        leaves_on: the departure, or the day on which it is planned; `left` says which of the two.
        length: midnights as an inpatient up to the departure.
        gmlos: geometric mean length of stay of the DRG.
        intensive: from when to when the patient was in intensive care; an open end is None.
        starts_on: the day for which care afterwards is booked.
    """

    care_type: CareType
    zone: ZoneInfo
    now: datetime
    today: date
    lines: frozenset[Line] = frozenset()
    inpatient_days: int | None = None
    leaves_on: date | None = None
    left: bool = False
    length: int | None = None
    gmlos: float | None = None
    intensive: Sequence[tuple[datetime, datetime | None]] = ()
    starts_on: date | None = None
    answers: Mapping[Question, Answer] = field(default_factory=dict)

    def answer(self, question: Question) -> Answer | None:
        """What was recorded about it, if anything."""
        return self.answers.get(question)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition and what it comes to.

    Attributes:
        key: a stable word.
        because: the sentence that says why.
        record: the question that somebody answers to know it; None where the facts alone decide.
        blocks: booking waits for it.
        days: limits that follow, by name.
    """

    key: str
    title: str
    verdict: Verdict
    because: str
    citation: str
    record: Question | None = None
    blocks: bool = False
    days: Mapping[str, date] = field(default_factory=dict)
    instants: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that a person answers with yes or no, in its two sentences."""

    key: str
    title: str
    question: Question
    met: str
    not_met: str
    citation: str


def asked(facts: Facts, condition: Condition) -> Check:
    """What a condition comes to that only a person can answer."""
    answer = facts.answer(condition.question)
    if answer is None:
        return _check(condition, Verdict.NOT_KNOWN, "Nobody has recorded it yet.")
    verdict = Verdict.MET if answer.yes else Verdict.NOT_MET
    said = condition.met if answer.yes else condition.not_met
    return _check(condition, verdict, f"{said} {answer.detail}".rstrip())


def _check(condition: Condition, verdict: Verdict, because: str) -> Check:
    return Check(
        key=condition.key, title=condition.title, verdict=verdict, because=because, citation=condition.citation,
        record=condition.question,
    )  # fmt: skip
