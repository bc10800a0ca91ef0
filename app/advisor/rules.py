"""The life of a question on its ladder, the answers a card offers, and who may give them. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.advisor.terms import EscalationAction, EscalationKind, EscalationState, Outcome, Reason, Rung
from app.kernel.refusal import Refused

_S, _A = EscalationState, EscalationAction
LIFE: dict[tuple[EscalationState, EscalationAction], EscalationState] = {
    (_S.WAITING, _A.RISE): _S.WAITING,
    (_S.WAITING, _A.TAKE): _S.WAITING,
    (_S.WAITING, _A.HAND_OVER): _S.WAITING,
    (_S.WAITING, _A.RETURN): _S.RETURNED,
    (_S.WAITING, _A.ASK_ATTENDING): _S.WITH_ATTENDING,
    (_S.WAITING, _A.HEAR_ATTENDING): _S.WAITING,
    (_S.WAITING, _A.PLAN_TALK): _S.TALK,
    (_S.WAITING, _A.DECIDE): _S.DECIDED,
    (_S.WAITING, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.WAITING, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.RETURNED, _A.ANSWER_BACK): _S.WAITING,
    (_S.RETURNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.RETURNED, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.WITH_ATTENDING, _A.HEAR_ATTENDING): _S.WAITING,
    (_S.WITH_ATTENDING, _A.TAKE): _S.WITH_ATTENDING,
    (_S.WITH_ATTENDING, _A.HAND_OVER): _S.WITH_ATTENDING,
    (_S.WITH_ATTENDING, _A.DECIDE): _S.DECIDED,
    (_S.WITH_ATTENDING, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.WITH_ATTENDING, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.TALK, _A.TAKE): _S.TALK,
    (_S.TALK, _A.HAND_OVER): _S.TALK,
    (_S.TALK, _A.DECIDE): _S.DECIDED,
    (_S.TALK, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.TALK, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.DECIDED, _A.AMEND): _S.DECIDED,
    (_S.DECIDED, _A.STRIKE_DECISION): _S.WAITING,
}
"""A struck-out answer opens the question again; a question is struck out only while it has no answer."""

OPEN = frozenset({_S.WAITING, _S.RETURNED, _S.WITH_ATTENDING, _S.TALK})
ANSWERABLE = frozenset({_S.WAITING, _S.WITH_ATTENDING, _S.TALK})
MEDICAL = frozenset({EscalationKind.STATUS_QUESTION, EscalationKind.CONTINUED_STAY, EscalationKind.CONCURRENT_DENIAL})
"""Questions of medical necessity: only a physician with the right to decide answers them. 42 CFR 482.30(d)."""

PHYSICIANS = (Rung.PHYSICIAN_ADVISOR, Rung.CHIEF_MEDICAL_OFFICER)
PLAN_ANSWERS = frozenset({Outcome.KEEP_PLAN, Outcome.CHANGE_PLAN, Outcome.MORE_INFORMATION})
"""What may be answered below the physicians, to questions that are not of medical necessity."""

ON_THE_WAY = {
    Outcome.MORE_INFORMATION: _A.RETURN,
    Outcome.ASK_ATTENDING: _A.ASK_ATTENDING,
    Outcome.PEER_TO_PEER: _A.PLAN_TALK,
}
"""Answers after which the question is still open."""

OF_TALKS = (Outcome.OVERTURNED, Outcome.PARTLY, Outcome.UPHELD, Outcome.NOT_HELD)
HELD = (Outcome.OVERTURNED, Outcome.PARTLY, Outcome.UPHELD)
ROLE_OF: dict[str, Rung] = {
    "case_manager": Rung.CASE_MANAGER, "ur_nurse": Rung.CASE_MANAGER, "social_worker": Rung.CASE_MANAGER,
    "lead": Rung.LEAD, "director": Rung.LEAD, "physician_advisor": Rung.PHYSICIAN_ADVISOR,
    "chief_medical_officer": Rung.CHIEF_MEDICAL_OFFICER,
}  # fmt: skip
"""The rung on which a role stands."""

_O = Outcome
ANSWERS: dict[EscalationKind, tuple[Outcome, ...]] = {
    EscalationKind.STATUS_QUESTION: (
        _O.INPATIENT_SUPPORTED, _O.OBSERVATION_APPROPRIATE, _O.ASK_ATTENDING,
        _O.DISCHARGE_APPROPRIATE, _O.MORE_INFORMATION, _O.PEER_TO_PEER,
    ),
    EscalationKind.CONTINUED_STAY: (
        _O.INPATIENT_SUPPORTED, _O.DISCHARGE_APPROPRIATE, _O.ASK_ATTENDING,
        _O.OBSERVATION_APPROPRIATE, _O.MORE_INFORMATION, _O.PEER_TO_PEER,
    ),
    EscalationKind.CONCURRENT_DENIAL: (
        _O.OVERTURNED, _O.UPHELD, _O.NOT_HELD, _O.PARTLY, _O.ASK_ATTENDING, _O.MORE_INFORMATION,
    ),
    EscalationKind.LONG_STAY: (
        _O.CHANGE_PLAN, _O.KEEP_PLAN, _O.MORE_INFORMATION, _O.DISCHARGE_APPROPRIATE, _O.ASK_ATTENDING,
    ),
    EscalationKind.QUALITY_OF_PLAN: (
        _O.CHANGE_PLAN, _O.KEEP_PLAN, _O.MORE_INFORMATION, _O.DISCHARGE_APPROPRIATE, _O.ASK_ATTENDING,
    ),
}  # fmt: skip
"""What a card offers, the three on keys first. All weigh the same; none is chosen beforehand."""

_R = Reason
REASONS: dict[Outcome, tuple[Reason, ...]] = {
    _O.INPATIENT_SUPPORTED: (
        _R.TWO_MIDNIGHTS_EXPECTED, _R.TWO_MIDNIGHTS_PASSED, _R.CASE_BY_CASE, _R.RISK_DOCUMENTED, _R.ACUTE_NEED,
        _R.NO_SAFE_LOWER_LEVEL, _R.OTHER,
    ),
    _O.OBSERVATION_APPROPRIATE: (_R.CONVENIENCE, _R.DISCHARGE_TODAY, _R.NEED_NOT_DOCUMENTED, _R.OTHER),
    _O.DISCHARGE_APPROPRIATE: (_R.STABLE, _R.LOWER_LEVEL_SAFE, _R.NEED_NOT_DOCUMENTED, _R.OTHER),
    _O.KEEP_PLAN: (_R.PLAN_SOUND, _R.HEARING_FIXED, _R.FAMILY_FORWARD, _R.NO_SAFE_LOWER_LEVEL, _R.OTHER),
    _O.CHANGE_PLAN: (_R.LEGAL_STEP, _R.TEAM_CONFERENCE, _R.LOWER_LEVEL_SAFE, _R.OTHER),
    _O.OVERTURNED: (_R.ACUTE_NEED, _R.NO_SAFE_LOWER_LEVEL, _R.PAYER_CRITERIA, _R.NEW_FACTS, _R.OTHER),
    _O.PARTLY: (_R.ACUTE_NEED, _R.PAYER_CRITERIA, _R.NEW_FACTS, _R.OTHER),
    _O.UPHELD: (_R.LOWER_LEVEL_SAFE, _R.NO_NEW_FACTS, _R.PLAN_CANNOT_CHANGE, _R.OTHER),
    _O.NOT_HELD: (
        _R.NOT_WORTH_CALLING, _R.ATTENDING_CALLS, _R.PHYSICIAN_UNREACHABLE, _R.WINDOW_MISSED, _R.PLAN_CANNOT_CHANGE,
        _R.OTHER,
    ),
    _O.MORE_INFORMATION: (_R.CLINICAL_FACTS, _R.CLARIFY_PLAN, _R.PAYER_LETTER, _R.CALL_ME, _R.OTHER),
    _O.ASK_ATTENDING: (_R.DOCUMENT_EXPECTATION, _R.CLARIFY_PLAN, _R.CALL_ME, _R.OTHER),
    _O.PEER_TO_PEER: (_R.BEFORE_LETTER, _R.PAYER_CRITERIA, _R.NEW_FACTS, _R.OTHER),
}  # fmt: skip
EXPECTED_NEXT = {
    _O.INPATIENT_SUPPORTED: "The review stands as supported; the next review follows its own day.",
    _O.OBSERVATION_APPROPRIATE: "An inpatient needs the determination of 42 CFR 482.30(d) before anything changes.",
    _O.DISCHARGE_APPROPRIATE: "The case manager speaks with the attending; a determination needs the committee.",
    _O.KEEP_PLAN: "The plan goes on; ask again when it stands still.",
    _O.CHANGE_PLAN: "The case manager changes the plan as said.",
    _O.OVERTURNED: "The denial is closed and the authorization follows.",
    _O.PARTLY: "What is left of the denial can be appealed.",
    _O.UPHELD: "An appeal is the next step.",
    _O.NOT_HELD: "An appeal is the next step.",
}
"""What follows from an answer, said on the card; the answer itself does none of it."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Minutes that each rung has to answer; a rung that is left out is skipped."""

    minutes: Mapping[Rung, int] = field(
        default_factory=lambda: {
            Rung.LEAD: 120, Rung.PHYSICIAN_ADVISOR: 240, Rung.CHIEF_MEDICAL_OFFICER: 480,
        }
    )  # fmt: skip

    def first(self, kind: EscalationKind, roles: Collection[str] = ()) -> Rung:
        """Where a question begins: with a physician when it is of medical necessity, else above whoever asks."""
        rungs = [one for one in Rung if one in self.minutes]
        if kind in MEDICAL:
            return next(one for one in rungs if one in PHYSICIANS)
        own = max((_PLACE[ROLE_OF[role]] for role in roles if role in ROLE_OF), default=-1)
        return next((one for one in rungs if _PLACE[one] > own), rungs[-1])

    def after(self, rung: Rung) -> Rung | None:
        """The next rung; None at the top."""
        return next((one for one in Rung if one in self.minutes and _PLACE[one] > _PLACE[rung]), None)

    def due(self, rung: Rung, now: datetime) -> datetime:
        """Until when a rung that owes the answer from now on has time; a rung of an older ladder has its default."""
        return now + timedelta(minutes=self.minutes.get(rung) or DEFAULT_MINUTES)


DEFAULT_MINUTES = 240
_PLACE = {rung: place for place, rung in enumerate(Rung)}


def check_ladder(minutes: Mapping[Rung, int]) -> Ladder:
    """A ladder from what somebody set. Refused without a physician on it, since nobody else may decide."""
    if not any(rung in minutes for rung in PHYSICIANS):
        raise Refused("Give the physician advisor or the chief medical officer a time: only they may decide.")
    return Ladder(dict(minutes))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as far as it decides who may answer it how."""

    kind: EscalationKind
    rung: Rung
    state: EscalationState


@dataclass(frozen=True, slots=True)
class Answerer:
    """Whoever answers: whether they hold the right to decide at the facility, and their roles there."""

    decides: bool
    roles: frozenset[str]


def check_answer(asked: Asked, who: Answerer, outcome: Outcome, reason: Reason, rationale: str) -> None:
    """Refused, with the field, for an answer that this person may not give, or that does not say why."""
    if not who.decides and (asked.kind in MEDICAL or outcome not in PLAN_ANSWERS or not _stands_on(asked.rung, who)):
        raise Refused("Only a physician who holds the right to decide answers this. Refer it, or let it rise.")
    if outcome not in ANSWERS[asked.kind] and not (outcome in OF_TALKS and asked.state is EscalationState.TALK):
        raise Refused("This is no answer to this kind of question. Choose one of the card.", field="outcome")
    if reason not in REASONS[outcome]:
        raise Refused("Choose one of the reasons of this answer.", field="reason")
    if reason is Reason.OTHER and not rationale:
        raise Refused("Write the rationale, or choose a reason of the list.", field="rationale")


def _stands_on(rung: Rung, who: Answerer) -> bool:
    return any(role in ROLE_OF and _PLACE[ROLE_OF[role]] >= _PLACE[rung] for role in who.roles)


def answers(asked: Asked) -> tuple[Outcome, ...]:
    """What the card of a question offers now: a planned talk is answered with how it ended."""
    if asked.state is EscalationState.TALK and asked.kind is not EscalationKind.CONCURRENT_DENIAL:
        own = [one for one in ANSWERS[asked.kind] if one not in ON_THE_WAY]
        return (_O.OVERTURNED, _O.UPHELD, _O.NOT_HELD, _O.PARTLY, *own[:2])
    barred = () if asked.state is EscalationState.WAITING else tuple(ON_THE_WAY)
    return tuple(one for one in ANSWERS[asked.kind] if one not in barred)


def said(outcome: Outcome, kind: EscalationKind) -> str:
    """The answer in the words of its question."""
    if outcome is Outcome.INPATIENT_SUPPORTED and kind is EscalationKind.CONTINUED_STAY:
        return "Stay supported"
    return outcome.label
