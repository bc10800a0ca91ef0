"""Recording what is known about a condition; another answer replaces the one before, which stays readable."""

import uuid
from datetime import time

from app.census.united import Subject, held_subject, with_former
from app.discharge.booking.asks import GiveAnswer
from app.discharge.booking.commands import doubt_after_answer
from app.discharge.booking.events import EligibilityAnswered
from app.discharge.booking.models import EligibilityAnswer
from app.discharge.booking.terms import Ending
from app.discharge.eligibility.rules.every import kind
from app.discharge.eligibility.terms import AnswerKind, IrfCondition, LevelOne, LevelTwo, Question, Waiver
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work

NOT_THERE = "There is no such answer, or it lies outside what you may see."
WORDS: dict[AnswerKind, frozenset[str]] = {
    AnswerKind.YES_NO: frozenset({"yes", "no"}),
    AnswerKind.WAIVER: frozenset(Waiver),
    AnswerKind.STARS: frozenset("12345"),
    AnswerKind.LEVEL_ONE: frozenset(LevelOne),
    AnswerKind.LEVEL_TWO: frozenset(LevelTwo),
    AnswerKind.CONDITION: frozenset(IrfCondition),
}
"""The words of each kind of answer; a day needs none."""
AHEAD = frozenset({Question.HH_START, Question.HOSPICE_ELECTION})
"""Days that may lie ahead."""
PASRR = frozenset({Question.PASRR_LEVEL_ONE, Question.PASRR_LEVEL_TWO, Question.PASRR_EXEMPTED})
"""Answers on which a nursing facility was booked."""


def record_answer(work: Work, encounter_id: uuid.UUID, question: Question, ask: GiveAnswer) -> EligibilityAnswer:
    """Record an answer. Refused for a word that is none, for a day that is missing, and for one that is to come."""
    stay = held_subject(work, encounter_id)
    _check(stay, question, ask, work)
    before = _standing(work, stay, question)
    if any((one.answer, one.on_day, one.detail) == (ask.answer, ask.on_day, ask.detail) for one in before):
        raise Refused("This is recorded already.", field="answer")
    _end(work, before, Ending.REPLACED, "")
    made = work.add(
        EligibilityAnswer(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, question=question.value, answer=ask.answer,
            on_day=ask.on_day, detail=ask.detail, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _say(work, stay, question, taken_back=False)
    return made


def take_back(work: Work, encounter_id: uuid.UUID, question: Question, reason: str) -> None:
    """Say that an answer was recorded by mistake; the condition is open again."""
    stay = held_subject(work, encounter_id)
    before = _standing(work, stay, question)
    if not before:
        raise NotFound(NOT_THERE)
    _end(work, before, Ending.STRUCK_OUT, reason)
    _say(work, stay, question, taken_back=True)


def _check(stay: Subject, question: Question, ask: GiveAnswer, work: Work) -> None:
    answered = kind(question)
    if answered is not AnswerKind.DAY and ask.answer not in WORDS[answered]:
        raise Refused("Choose one of the answers.", field="answer")
    if ask.on_day is None and (answered is AnswerKind.DAY or question is Question.PASRR_LEVEL_TWO):
        raise Refused("Write the day.", field="on_day")
    if ask.on_day is not None and ask.on_day > stay.day(work.now) and question not in AHEAD:
        raise Refused("This day lies in the future. Write the day on which it was.", field="on_day")
    if answered is AnswerKind.DAY and ask.answer:
        try:
            time.fromisoformat(ask.answer)
        except ValueError:
            raise Refused("Write the time as hours and minutes, such as 15:00.", field="answer") from None


def _standing(work: Work, stay: Subject, question: Question) -> list[EligibilityAnswer]:
    """What stands, locked; two of them where two numbers turned out to be one stay."""
    query = "select id from eligibility_answer where encounter_id = any(%s) and question = %s and ended_at is null"
    keys = work.values(query, (list(with_former(work, [stay.encounter_id])), question.value))
    return [work.lock(EligibilityAnswer, key, NOT_THERE) for key in keys]


def _end(work: Work, held: list[EligibilityAnswer], how: Ending, reason: str) -> None:
    for one in held:
        one.ended_at, one.ended_by = work.now, work.who.actor_id
        one.ended_because, one.ended_reason = how.value, reason
    work.session.flush()


def _say(work: Work, stay: Subject, question: Question, *, taken_back: bool) -> None:
    if question in PASRR:
        doubt_after_answer(work, stay)
    work.record(
        EligibilityAnswered(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            question=question.value, taken_back=taken_back,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
