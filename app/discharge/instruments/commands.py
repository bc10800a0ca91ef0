"""Answering what instruments ask, writing down scores that were read elsewhere, taking an answer back."""

import uuid
from datetime import datetime

from pydantic import BaseModel, Field

from app.census.united import Subject, held_subject
from app.discharge.instruments.computing import refresh
from app.discharge.instruments.events import RiskAnswered, RiskAnswerStruckOut
from app.discharge.instruments.models import RiskAnswer
from app.discharge.instruments.rules import as_number
from app.discharge.instruments.scores import SCORES
from app.discharge.instruments.terms import Input, Instrument
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.web.fields import Clock, Day, Name, StrikeOut, past_instant

YES_NO = frozenset(
    {Input.EMERGENT, Input.ONCOLOGY, Input.PROCEDURE, Input.WALKING, Input.LIVES_ALONE, Input.POST_ACUTE_DENIED,
     Input.VENTILATOR}
)  # fmt: skip
WIDE = {Input.HEMOGLOBIN: (1.0, 25.0), Input.SODIUM: (90.0, 200.0)}
COUNTS = {Input.ED_VISITS: 200, Input.ADMISSIONS: 100, Input.COMORBIDITY: 40, Input.RANKIN: 5}
ASKED = frozenset({*YES_NO, *WIDE, *COUNTS})
NOT_THERE = "There is no such answer, or it lies outside what you may see."


class AnswerQuestion(BaseModel):
    """One answer: to what, what, when it was so, who scored it, in which system it was read."""

    question: str = Field(max_length=40)
    value: Name = Field(min_length=1)
    on: Day = None
    at: Clock = None
    taken_by: Name = ""
    source_system: Name = ""


class Answers(BaseModel):
    """Several answers at once; what is empty is not answered. They are those of now."""

    emergent: Name = ""
    ed_visits: Name = ""
    admissions: Name = ""
    comorbidity: Name = ""
    oncology: Name = ""
    hemoglobin: Name = ""
    sodium: Name = ""
    procedure: Name = ""
    rankin: Name = ""
    walking: Name = ""
    lives_alone: Name = ""
    post_acute_denied: Name = ""
    ventilator: Name = ""


def checked(question: str, value: str) -> str:
    """The value as it is kept; Refused for what the question does not allow."""
    field = question if question in set(Input) else "value"
    if question == Instrument.SURPRISE:
        return _yes_no(value, field)
    if question in set(Instrument) and Instrument(question) in SCORES:
        return str(SCORES[Instrument(question)].read(value))
    if question not in ASKED:
        raise Refused("Nothing is asked under this name. Choose one of the list.", field="question")
    asked = Input(question)
    if asked in YES_NO:
        return _yes_no(value, field)
    if asked in COUNTS:
        most = COUNTS[asked]
        if not value.isdecimal() or int(value) > most:
            raise Refused(f"{asked.label}: write a whole number from 0 to {most}.", field=field)
        return str(int(value))
    least, largest = WIDE[asked]
    number = as_number(value)
    if number is None or not least <= number <= largest:
        raise Refused(f"{asked.label}: write a number from {least:g} to {largest:g}.", field=field)
    return f"{number:g}"


def _yes_no(value: str, field: str) -> str:
    if value not in ("yes", "no"):
        raise Refused("Answer yes or no, or leave it open.", field=field)
    return value


def answer_question(work: Work, encounter_id: uuid.UUID, ask: AnswerQuestion) -> RiskAnswer:
    """Record one answer in the place of the one before, and compute the scores anew."""
    stay = held_subject(work, encounter_id)
    at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    made = _write(work, stay, ask.question, checked(ask.question, ask.value), (at, ask.taken_by, ask.source_system))
    refresh(work, stay.encounter_id)
    return made


def answer_all(work: Work, encounter_id: uuid.UUID, ask: Answers) -> list[RiskAnswer]:
    """Record all answers that are given and differ from what stands."""
    stay = held_subject(work, encounter_id)
    standing = dict(
        work.rows(
            lambda question, value: (question, value),
            "select question, value from risk_answer where encounter_id = %s and ended_at is null",
            (stay.encounter_id,),
        )
    )
    given = {name: checked(name, value) for name, value in ask.model_dump().items() if value}
    if not given:
        raise Refused("Nothing is answered. Write at least one value.")
    made = [_write(work, stay, name, value, (work.now, "", ""))
            for name, value in given.items() if standing.get(name) != value]  # fmt: skip
    if not made:
        raise Refused("These answers stand already; nothing was changed.")
    refresh(work, stay.encounter_id)
    return made


def strike_answer(work: Work, answer_id: uuid.UUID, ask: StrikeOut) -> RiskAnswer:
    """Say that an answer was a mistake; the question is open again."""
    stay = held_subject(work, work.get(RiskAnswer, answer_id, NOT_THERE).encounter_id)
    found = work.lock(RiskAnswer, answer_id, NOT_THERE)
    if found.ended_at is not None:
        raise Refused("This answer does not stand any more. Reload the page and look again.")
    found.ended_at, found.ended_by, found.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(
        RiskAnswerStruckOut(
            facility_id=stay.facility_id, encounter_id=found.encounter_id, patient_id=stay.patient_id,
            answer_id=found.id, question=found.question, reason=ask.reason,
        )
    )  # fmt: skip
    refresh(work, stay.encounter_id)
    return found


def _write(work: Work, stay: Subject, question: str, value: str, taken: tuple[datetime, str, str]) -> RiskAnswer:
    work.write(
        "risk_answer",
        "update risk_answer set ended_at = %s, ended_by = %s, ended_reason = 'answered anew'"
        " where encounter_id = %s and question = %s and ended_at is null",
        (work.now, work.who.actor_id, stay.encounter_id, question),
    )
    at, by, system = taken
    made = work.add(
        RiskAnswer(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, question=question, value=value, taken_at=at,
            taken_by=by, source_system=system, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        RiskAnswered(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id,
            answer_id=made.id, question=question,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made
