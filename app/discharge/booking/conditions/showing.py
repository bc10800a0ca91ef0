"""Conditions of care after the hospital as cards: what each comes to, why, by which rule, and what to record."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from app.census.united import Subject
from app.discharge.booking import queries
from app.discharge.booking.conditions.gathering import facts_of
from app.discharge.booking.queries import Booked, Told
from app.discharge.eligibility.facts import Check, Facts
from app.discharge.eligibility.rules.every import CHECKED, checks, kind, questions
from app.discharge.eligibility.terms import AnswerKind, IrfCondition, LevelOne, LevelTwo, Question, Verdict, Waiver
from app.discharge.plan.queries import disposition
from app.discharge.terms import CareType
from app.kernel.wording import day_text, full_text, moment_text
from app.platform.work import Reading

_V, _Q = Verdict, Question
TONES = {
    _V.MET: ("green", "check"), _V.NOT_MET: ("red", "x"), _V.NOT_KNOWN: ("amber", "ask"),
    _V.NOT_NEEDED: ("gray", "minus"),
}  # fmt: skip
_LISTS: Mapping[AnswerKind, type[StrEnum]] = {
    AnswerKind.WAIVER: Waiver, AnswerKind.LEVEL_ONE: LevelOne, AnswerKind.LEVEL_TWO: LevelTwo,
    AnswerKind.CONDITION: IrfCondition,
}  # fmt: skip
_DETAILS = {
    _Q.SNF_WAIVER: "Program number", _Q.PASRR_EXEMPTED: "Certified by", _Q.PASRR_LEVEL_TWO: "Reference",
    _Q.IRF_CONCURRENCE: "Physician", _Q.EMTALA_ACCEPTED: "Who accepted", _Q.EMTALA_CERTIFICATE: "Certified by",
}  # fmt: skip
LABELS = {
    _Q.SNF_WAIVER: "Waiver of the three days", _Q.SNF_STARS: "Stars of the chosen facility",
    _Q.SNF_SKILLED: "Daily skilled care is needed", _Q.SNF_EXCEPTION: "Later entry was medically predictable",
    _Q.PASRR_LEVEL_ONE: "PASRR Level I", _Q.PASRR_LEVEL_TWO: "PASRR Level II",
    _Q.PASRR_EXEMPTED: "Attending certifies fewer than 30 days", _Q.IRF_CONDITION: "Condition of the 13",
    _Q.IRF_THERAPIES: "Two therapies are needed", _Q.IRF_INTENSITY: "Can take part in 15 hours a week",
    _Q.IRF_SUPERVISION: "Physician supervision is needed", _Q.IRF_SCREEN: "Preadmission screen",
    _Q.IRF_CONCURRENCE: "Rehabilitation physician concurs", _Q.LTCH_VENTILATOR: "96 hours on a ventilator expected",
    _Q.LTCH_EXCLUDED: "Diagnosis outside psychiatry and rehabilitation", _Q.HH_HOMEBOUND: "Homebound",
    _Q.HH_SKILLED: "Intermittent skilled care is needed", _Q.HH_FACE_TO_FACE: "Face-to-face visit",
    _Q.HH_START: "Ordered start of care", _Q.HOSPICE_PROGNOSIS: "Prognosis of six months or less",
    _Q.HOSPICE_ELECTION: "Election", _Q.DME_FACE_TO_FACE: "Face-to-face visit", _Q.DME_ORDER: "Written order",
    _Q.TRANSFER_DRG: "DRG on the list of post-acute transfers", _Q.EMTALA_CERTIFICATE: "Physician's certificate",
    _Q.EMTALA_ACCEPTED: "Accepted, with space and staff", _Q.EMTALA_RECORDS: "Records go along",
    _Q.EMTALA_TRANSPORT: "Qualified transport",
}  # fmt: skip


def conditions_of(
    db: Reading, stay: Subject, told: Mapping[Question, Told], booked: Sequence[Booked], care: str
) -> dict[str, Any]:
    """The checks for the type of care that somebody chose, else for where the patient goes."""
    chosen = _care(db, stay, booked, care)
    found: list[Check] = []
    if chosen is not None:
        facts = facts_of(db, stay, [chosen], queries.as_answers(told), booked).get(chosen)
        found = checks(facts) if isinstance(facts, Facts) else []
    today = stay.day(db.now)
    return {
        "care": chosen.value if chosen else "",
        "care_label": chosen.label if chosen else "",
        "checked": [{"value": one.value, "label": one.label} for one in CareType if one in CHECKED],
        "checks": [_words(one, stay, today) for one in found],
        "blocked": any(one.blocks and one.verdict in (_V.NOT_KNOWN, _V.NOT_MET) for one in found),
        "questions": [_question(one, told.get(one), stay, db) for one in questions(found, chosen)] if chosen else [],
    }


def _care(db: Reading, stay: Subject, booked: Sequence[Booked], care: str) -> CareType | None:
    """What is looked at: the wish, else the last booking, else the disposition of the plan."""
    if care in {one.value for one in CHECKED}:
        return CareType(care)
    for one in reversed(booked):
        if one.care_type in CHECKED:
            return one.care_type
    going = disposition(db, stay.encounter_id)
    return going.to if going is not None and going.to in CHECKED else None


def _words(one: Check, stay: Subject, today: date) -> dict[str, Any]:
    tone, icon = TONES[one.verdict]
    limits = [f"{name} {day_text(day, today)}" for name, day in one.days.items()]
    limits += [f"{name} {full_text(at, stay.zone)}" for name, at in one.instants.items()]
    return {
        "title": one.title, "verdict": one.verdict.label, "tone": tone, "icon": icon, "because": one.because,
        "citation": one.citation, "limits": "; ".join(limits),
        "blocks": one.blocks and one.verdict in (_V.NOT_KNOWN, _V.NOT_MET),
    }  # fmt: skip


def _question(question: Question, told: Told | None, stay: Subject, db: Reading) -> dict[str, Any]:
    """A question with its form and what is recorded."""
    answered = kind(question)
    words = _LISTS.get(answered)
    return {
        "value": question.value, "label": LABELS[question], "kind": answered.value,
        "choices": _choices(answered, words), "dated": answered is AnswerKind.DAY or question in _DATED,
        "timed": question is _Q.IRF_SCREEN, "detail": _DETAILS.get(question, "Remark"),
        "said": said(question, told) if told else "",
        "by": f"{moment_text(told.made_at, stay.zone, db.now)} by {told.by or 'the program'}" if told else "",
        "given": {"answer": told.answer, "on_day": told.on_day.isoformat() if told.on_day else "",
                  "detail": told.detail} if told else {"answer": "", "on_day": "", "detail": ""},
    }  # fmt: skip


_DATED = (_Q.PASRR_LEVEL_ONE, _Q.PASRR_LEVEL_TWO)


def _choices(answered: AnswerKind, words: type[StrEnum] | None) -> list[dict[str, str]]:
    if answered is AnswerKind.YES_NO:
        return [{"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}]
    if answered is AnswerKind.STARS:
        return [{"value": one, "label": one} for one in "12345"]
    return [{"value": one.value, "label": str(getattr(one, "label", one.value))} for one in words] if words else []


def said(question: Question, told: Told) -> str:
    """An answer in words: `Yes, 5 Mar, Dr. Hale`."""
    words = _LISTS.get(kind(question))
    text = getattr(words(told.answer), "label", told.answer) if words and told.answer else told.answer.capitalize()
    parts = [text, f"{told.on_day:%-d %b %Y}" if told.on_day else "", told.detail]
    return ", ".join(part for part in parts if part)
