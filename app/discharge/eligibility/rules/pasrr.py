"""PASRR before a nursing facility: 42 U.S.C. 1396r(e)(7), 42 CFR 483.100 to 483.138."""

from collections.abc import Mapping
from datetime import date, timedelta

from app.discharge.eligibility.facts import Answer, Check, Facts
from app.discharge.eligibility.terms import LevelOne, LevelTwo, Question, Verdict
from app.discharge.terms import CareType
from app.kernel.days import ONE_DAY

NURSING_FACILITIES = frozenset({CareType.SNF, CareType.NF})
EXEMPTED_DAYS = 30
"""An exempted hospital discharge is certified for fewer than so many days. 42 CFR 483.106(b)(2)(i)."""
REVIEW_BY = 40
"""A resident who stays longer is reviewed within so many calendar days of admission. 42 CFR 483.106(b)(2)(ii)."""
_CITATION = "42 U.S.C. 1396r(e)(7); 42 CFR 483.106, 483.112"
_Q, _V = Question, Verdict


def in_the_way(answers: Mapping[Question, Answer]) -> str:
    """Why a nursing facility may not admit the patient yet, in a sentence; empty where nothing is in the way.

    A determination that refuses outweighs the certificate of an exempted discharge: the state has already decided.
    """
    first = answers.get(_Q.PASRR_LEVEL_ONE)
    if first is None:
        return "PASRR Level I is missing: a nursing facility may not admit without it."
    if first.value != LevelOne.POSITIVE:
        return ""
    second = answers.get(_Q.PASRR_LEVEL_TWO)
    if second is not None and second.value == LevelTwo.APPROVED:
        return ""
    if second is not None and second.value == LevelTwo.REFUSED:
        return "PASRR Level II found that a nursing facility is not right for the patient."
    exempted = answers.get(_Q.PASRR_EXEMPTED)
    if exempted is not None and exempted.yes:
        return ""
    return "PASRR Level II is open, and the attending has not certified an exempted hospital discharge."


def exempted_until(admitted: date) -> tuple[date, date]:
    """The 30th day after an exempted admission, and the last day of its review."""
    return admitted + EXEMPTED_DAYS * ONE_DAY, admitted + timedelta(days=REVIEW_BY)


def checks(facts: Facts) -> list[Check]:
    """Level I, and Level II where the screen was positive."""
    first = facts.answer(_Q.PASRR_LEVEL_ONE)
    found = [_level_one(first)]
    if first is not None and first.value == LevelOne.POSITIVE:
        found.append(_level_two(facts))
        found.append(_exempted(facts))
    return found


def _level_one(first: Answer | None) -> Check:
    if first is None:
        verdict, because = _V.NOT_KNOWN, "The screen is missing. Every applicant of every payer is screened."
    elif first.value == LevelOne.POSITIVE:
        verdict, because = _V.MET, "Screened: positive. Level II follows."
    else:
        verdict, because = _V.MET, f"Screened: {LevelOne(first.value).label.lower()}."
    return Check(
        key="pasrr_level_one", title="PASRR Level I", verdict=verdict, because=because, citation=_CITATION,
        record=_Q.PASRR_LEVEL_ONE, blocks=True,
    )  # fmt: skip


def _level_two(facts: Facts) -> Check:
    second, exempted = facts.answer(_Q.PASRR_LEVEL_TWO), facts.answer(_Q.PASRR_EXEMPTED)
    blocks = bool(in_the_way(facts.answers))
    if second is not None and second.value == LevelTwo.APPROVED:
        verdict, because = _V.MET, "The state's authority approved a nursing facility."
    elif second is not None and second.value == LevelTwo.REFUSED:
        verdict, because = _V.NOT_MET, "The state's authority refused a nursing facility."
    elif exempted is not None and exempted.yes:
        verdict, because = _V.NOT_NEEDED, "Not before admission: the discharge is exempted."
    elif second is not None:
        verdict, because = _V.NOT_KNOWN, "Asked for; the state takes 7 to 9 working days on average."
    else:
        verdict, because = _V.NOT_KNOWN, "The screen was positive and Level II is not asked for yet."
    return Check(
        key="pasrr_level_two", title="PASRR Level II", verdict=verdict, because=because, citation=_CITATION,
        record=_Q.PASRR_LEVEL_TWO, blocks=blocks,
    )  # fmt: skip


def _exempted(facts: Facts) -> Check:
    answer = facts.answer(_Q.PASRR_EXEMPTED)
    admitted = facts.starts_on or facts.leaves_on
    days: dict[str, date] = {}
    if answer is None or not answer.yes:
        verdict = _V.NOT_NEEDED if answer is not None else _V.NOT_KNOWN
        because = "The attending certifies a need of fewer than 30 days for the condition treated here, or does not."
        because = because if answer is None else "The attending does not certify it."
    else:
        verdict, because = _V.MET, "The attending certified a need of fewer than 30 days."
        if admitted is not None:
            days["thirtieth day"], days["Level II by"] = exempted_until(admitted)
    return Check(
        key="pasrr_exempted", title="Exempted hospital discharge", verdict=verdict, because=because,
        citation="42 CFR 483.106(b)(2)", record=_Q.PASRR_EXEMPTED, days=days,
    )  # fmt: skip
