"""What is checked for each type of care, and which questions belong to it."""

from collections.abc import Callable, Sequence

from app.discharge.eligibility.facts import Check, Facts
from app.discharge.eligibility.rules import home, long_term, nursing, pasrr, rehabilitation, transfers
from app.discharge.eligibility.terms import AnswerKind, Question
from app.discharge.terms import CareType

_C, _Q, _K = CareType, Question, AnswerKind
_PARTS: dict[CareType, Callable[[Facts], list[Check]]] = {
    _C.SNF: nursing.checks,
    _C.NF: pasrr.checks,
    _C.IRF: rehabilitation.checks,
    _C.LTCH: long_term.checks,
    _C.HOME_HEALTH: home.home_health,
    _C.HOSPICE_HOME: home.hospice,
    _C.HOSPICE_FACILITY: home.hospice,
    _C.DME: home.equipment,
    _C.ACUTE: transfers.emergency,
}
KINDS: dict[Question, AnswerKind] = {
    _Q.SNF_WAIVER: _K.WAIVER, _Q.SNF_STARS: _K.STARS, _Q.PASRR_LEVEL_ONE: _K.LEVEL_ONE,
    _Q.PASRR_LEVEL_TWO: _K.LEVEL_TWO, _Q.IRF_CONDITION: _K.CONDITION, _Q.IRF_SCREEN: _K.DAY,
    _Q.HH_FACE_TO_FACE: _K.DAY, _Q.HH_START: _K.DAY, _Q.HOSPICE_ELECTION: _K.DAY, _Q.DME_FACE_TO_FACE: _K.DAY,
    _Q.DME_ORDER: _K.DAY,
}  # fmt: skip
"""How a question is answered; all others with yes or no."""
_ALSO: dict[CareType, Sequence[Question]] = {
    _C.SNF: (_Q.SNF_STARS,), _C.HOME_HEALTH: (_Q.HH_START,),
}  # fmt: skip
CHECKED = frozenset({*_PARTS, _C.PSYCHIATRIC})
"""Types of care for which something is checked."""


def kind(question: Question) -> AnswerKind:
    """How a question is answered."""
    return KINDS.get(question, _K.YES_NO)


def checks(facts: Facts) -> list[Check]:
    """All conditions of the type of care, and what the transfer does to the payment."""
    part = _PARTS.get(facts.care_type)
    return [*(part(facts) if part is not None else []), *transfers.payment(facts)]


def questions(found: Sequence[Check], care_type: CareType) -> list[Question]:
    """What may be recorded about this care, in the order of the checks."""
    named = [one.record for one in found if one.record is not None]
    return list(dict.fromkeys([*named, *_ALSO.get(care_type, ())]))
