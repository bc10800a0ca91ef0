"""Which signs of serious illness the facts show, when they open the lane, and the life cycles of the lane. Pure.

Signs follow the consensus of Weissman and Meier (J Palliat Med 2011;14:17) in our own words: one primary sign, or two
secondary ones, ask for an assessment by the team; a specialist is consulted for what stays unmet. Times are a
facility's policy.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec

from app.discharge.illness.terms import (
    CaseAction,
    CaseState,
    CodeStatus,
    Document,
    MeetingAction,
    MeetingState,
    PlanningState,
    Rank,
    Sign,
)
from app.discharge.instruments.comorbidity import named
from app.discharge.instruments.rules import asked_yes
from app.discharge.instruments.terms import Instrument, Known

_S, _A = CaseState, CaseAction
LIFE = {
    (_S.FOUND, _A.ACCEPT): _S.ACCEPTED,
    (_S.FOUND, _A.DEFER): _S.DEFERRED,
    (_S.FOUND, _A.DISMISS): _S.NOT_APPLICABLE,
    (_S.FOUND, _A.ORDER_CONSULT): _S.CONSULT_ORDERED,
    (_S.FOUND, _A.LOSE): _S.GONE,
    (_S.DEFERRED, _A.RETURN): _S.FOUND,
    (_S.DEFERRED, _A.ACCEPT): _S.ACCEPTED,
    (_S.DEFERRED, _A.ORDER_CONSULT): _S.CONSULT_ORDERED,
    (_S.DEFERRED, _A.LOSE): _S.GONE,
    (_S.NOT_APPLICABLE, _A.RETURN): _S.FOUND,
    (_S.NOT_APPLICABLE, _A.ACCEPT): _S.ACCEPTED,
    (_S.NOT_APPLICABLE, _A.LOSE): _S.GONE,
    (_S.ACCEPTED, _A.ORDER_CONSULT): _S.CONSULT_ORDERED,
    (_S.ACCEPTED, _A.CLOSE): _S.CLOSED,
    (_S.ACCEPTED, _A.DEFER): _S.DEFERRED,
    (_S.CONSULT_ORDERED, _A.SEE): _S.SEEN,
    (_S.CONSULT_ORDERED, _A.CANCEL_CONSULT): _S.ACCEPTED,
    (_S.SEEN, _A.CLOSE): _S.CLOSED,
    (_S.SEEN, _A.ORDER_CONSULT): _S.CONSULT_ORDERED,
    (_S.CLOSED, _A.RETURN): _S.FOUND,
    (_S.GONE, _A.RETURN): _S.FOUND,
}
"""A consult that is ordered is an answer too. Nothing ends for good: another sign brings the question back."""
ANSWERED = frozenset({_S.DEFERRED, _S.NOT_APPLICABLE, _S.ACCEPTED, _S.CONSULT_ORDERED, _S.SEEN, _S.CLOSED})
_M, _D = MeetingState, MeetingAction
MEETING_LIFE = {
    (_M.PLANNED, _D.PLAN): _M.PLANNED,
    (_M.PLANNED, _D.HOLD): _M.HELD,
    (_M.PLANNED, _D.CANCEL): _M.CANCELLED,
    (_M.PLANNED, _D.STRIKE_OUT): _M.STRUCK_OUT,
    (_M.CANCELLED, _D.PLAN): _M.PLANNED,
    (_M.HELD, _D.CORRECT): _M.HELD,
    (_M.HELD, _D.STRIKE_OUT): _M.STRUCK_OUT,
}
INTENSIVE_DAYS = 7
LIMITING = {
    "metastatic or advanced cancer": ("C77", "C78", "C79", "C80"),
    "heart failure": ("I50", "I11.0", "I13.0", "I13.2"),
    "chronic lung disease": ("J43", "J44", "J84.1", "J96.1"),
    "liver disease, advanced": ("K70.4", "K72.1", "K72.9", "K76.6", "K76.7", "I85.0"),
    "kidney disease, advanced": ("N18.5", "N18.6"),
    "dementia": ("F00", "F01", "F02", "F03", "G30", "G31.1"),
    "neurological disease": ("G12.2", "G20", "G35", "G10"),
    "stroke or bleeding in the brain": ("I60", "I61", "I63"),
    "cancer with poor outlook": ("C15", "C22", "C25", "C34", "C71"),
}
"""Diagnoses that may limit life, as prefixes of ICD-10-CM codes. Our own list; a hint, no prognosis."""
_METASTATIC = LIMITING["metastatic or advanced cancer"]
_DEMENTIA = LIMITING["dementia"]
FROM_LONG_TERM_CARE = frozenset({"5"})
"""Point of origin of the claim: a skilled nursing or intermediate care facility."""


class Earlier(msgspec.Struct, frozen=True):
    """An admission in the six months before, with its diagnoses."""

    diagnoses: tuple[str, ...]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a stay as the signs read it. `told` are signs that somebody wrote down, with their words."""

    known: Known
    earlier: tuple[Earlier, ...] = ()
    admit_source: str = ""
    planning: PlanningState = PlanningState.UNKNOWN
    told: dict[Sign, str] = {}


class Found(msgspec.Struct, frozen=True):
    """A sign with what shows it."""

    sign: Sign
    evidence: str


def limiting(codes: Iterable[str]) -> dict[str, list[str]]:
    """The diagnoses that may limit life, by their group."""
    known = list(codes)
    found = {group: named(known, prefixes) for group, prefixes in LIMITING.items()}
    return {group: codes for group, codes in found.items() if codes}


def signs(facts: Facts) -> list[Found]:
    """Every sign that the facts show, primary ones first. The words of a person stand before those of the facts."""
    found = [Found(sign, words) for sign, words in facts.told.items()]
    found += [*_diagnoses(facts), *_course(facts), *_scores(facts.known), *_recorded(facts)]
    by_sign = {one.sign: one for one in reversed(found)}
    return sorted(by_sign.values(), key=lambda one: (one.sign.rank is not Rank.PRIMARY, list(Sign).index(one.sign)))


def opens(found: Collection[Sign]) -> bool:
    """Whether these signs ask for an answer: one primary sign, or two secondary ones."""
    return any(sign.rank is Rank.PRIMARY for sign in found) or len(set(found)) >= 2


def _diagnoses(facts: Facts) -> Iterable[Found]:
    codes = facts.known.diagnoses
    groups = limiting(codes)
    if metastatic := named(codes, _METASTATIC):
        yield Found(Sign.METASTATIC, ", ".join(metastatic))
    elif groups:
        yield Found(Sign.LIFE_LIMITING, "; ".join(f"{group}: {', '.join(hit)}" for group, hit in groups.items()))
    if named(codes, ("S72.0", "S72.1", "S72.2")) and named(codes, _DEMENTIA):
        yield Found(Sign.HIP_FRACTURE, "hip fracture and dementia among the diagnoses")
    if named(codes, ("Z99.81",)):
        yield Found(Sign.HOME_OXYGEN, "Z99.81")
    if arrest := named(codes, ("I46", "Z86.74")):
        yield Found(Sign.ARREST, ", ".join(arrest))


def _course(facts: Facts) -> Iterable[Found]:
    again = {group for one in facts.earlier for group in limiting(one.diagnoses)} & set(limiting(facts.known.diagnoses))
    if again:
        yield Found(Sign.SAME_CONDITION, f"in hospital for {', '.join(sorted(again))} in the six months before")
    if len(facts.earlier) >= 2:
        yield Found(Sign.ADMISSIONS, f"{len(facts.earlier)} admissions in the six months before")
    if facts.known.intensive_days >= INTENSIVE_DAYS:
        yield Found(Sign.INTENSIVE_WEEK, f"{facts.known.intensive_days} days in intensive care")
    if facts.admit_source in FROM_LONG_TERM_CARE:
        yield Found(Sign.LONG_TERM_CARE, "came from a nursing facility")


def _scores(known: Known) -> Iterable[Found]:
    if asked_yes(known.answers, Instrument.SURPRISE.value) is False:
        yield Found(Sign.SURPRISE, _by(known, Instrument.SURPRISE))
    worst = (
        (Instrument.PPS, lambda score: score <= 50),
        (Instrument.CFS, lambda score: score >= 7),
        (Instrument.ECOG, lambda score: score in (3, 4)),
    )
    low = [f"{one.label} {known.answers[one.value].text}" for one, bad in worst
           if one.value in known.answers and bad(int(known.answers[one.value].text))]  # fmt: skip
    if low:
        yield Found(Sign.FUNCTION, ", ".join(low))


def _by(known: Known, one: Instrument) -> str:
    said = known.answers[one.value]
    return f"answered by {said.by}" if said.by else "answered"


def _recorded(facts: Facts) -> Iterable[Found]:
    if {"lives_alone", "no_caregiver"} <= facts.known.points:
        yield Found(Sign.LIMITED_SUPPORT, "assessment: lives alone, nobody able and willing to help")
    if facts.planning is PlanningState.NONE:
        yield Found(Sign.NO_DOCUMENT, "asked, and there is none")
    if facts.planning is PlanningState.CONFLICTING:
        yield Found(Sign.DISAGREEMENT, "documents, orders or people disagree")


# --- advance-care planning --------------------------------------------------------------------------------------------


def conflicts(documents: Collection[Document], status: CodeStatus, said: str = "") -> list[str]:
    """What does not fit together, in sentences. `said` is a disagreement that somebody wrote down."""
    found = []
    if Document.DNR in documents and status is CodeStatus.FULL:
        found.append("A DNR order is written and the code status is full.")
    if status is CodeStatus.DNR and Document.DNR not in documents:
        found.append("The code status is DNR and no order is written in this stay.")
    if Document.PORTABLE in documents and status is CodeStatus.FULL:
        found.append("A portable order exists and the code status is full: compare the two.")
    return [*found, said] if said else found


def planning(asked: bool, documents: Collection[Document], wrong: Sequence[str]) -> PlanningState:
    """Where advance-care planning stands."""
    if wrong:
        return PlanningState.CONFLICTING
    if documents:
        return PlanningState.DOCUMENTED
    return PlanningState.NONE if asked else PlanningState.UNKNOWN


def planning_codes(minutes: int) -> str:
    """Codes that so many minutes of advance-care planning could bear; for information, nothing is billed here.

    CPT 99497: the first 30 minutes, from 16 on. 99498: each further 30, from 46 minutes in all.
    """
    if minutes < 16:
        return ""
    further = 0 if minutes < 46 else 1 + (minutes - 46) // 30
    return "99497" if not further else f"99497, {further} x 99498" if further > 1 else "99497, 99498"
