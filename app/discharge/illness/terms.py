"""The words of the serious-illness lane: signs, the answer to them, consult, advance-care planning, meetings."""

from enum import StrEnum


class Rank(StrEnum):
    """How much a sign weighs: one primary sign opens the lane, or two secondary ones."""

    PRIMARY = "primary"  # opens the lane by itself
    SECONDARY = "secondary"  # opens it together with another one


class Sign(StrEnum):
    """A sign of serious illness. After the criteria of a consensus of 2011 (Weissman and Meier), in our own words."""

    SURPRISE = "surprise"  # the team would not be surprised if the patient died within a year
    SAME_CONDITION = "same_condition"  # in hospital again for the same life-limiting condition within six months
    INTENSIVE_WEEK = "intensive_week"  # seven days or more in intensive care
    FUNCTION = "function"  # far declined: by a score of performance or frailty
    SYMPTOMS = "symptoms"  # symptoms that are hard to control
    COMPLEX_CARE = "complex_care"  # needs that home or family cannot meet
    DISAGREEMENT = "disagreement"  # documents, orders or people disagree about treatment
    NO_GOALS = "no_goals"  # nobody has written down what the patient wants
    LIFE_LIMITING = "life_limiting"  # a diagnosis that may limit life
    METASTATIC = "metastatic"  # metastatic or advanced cancer
    ADMISSIONS = "admissions"  # two admissions or more in six months
    LONG_TERM_CARE = "long_term_care"  # came from long-term care
    HIP_FRACTURE = "hip_fracture"  # hip fracture with dementia
    HOME_OXYGEN = "home_oxygen"  # oxygen at home
    ARREST = "arrest"  # cardiac arrest
    LIMITED_SUPPORT = "limited_support"  # alone, and nobody to help
    NO_DOCUMENT = "no_document"  # no advance directive, as was asked
    CONSIDERED = "considered"  # a feeding tube, tracheostomy, dialysis or long-term hospital is considered
    REQUEST = "request"  # patient or family asks for palliative care or hospice
    DISTRESS = "distress"  # distress of the patient or family

    @property
    def rank(self) -> Rank:
        """How much it weighs."""
        return Rank.PRIMARY if self in _PRIMARY else Rank.SECONDARY

    @property
    def label(self) -> str:
        """As a chip and a list show it."""
        return _SIGNS[self]


class CaseState(StrEnum):
    """Where the answer to the signs of a stay stands."""

    FOUND = "found"  # signs wait for an answer
    DEFERRED = "deferred"  # not now; it may come back on a day
    NOT_APPLICABLE = "not_applicable"  # somebody judged that the signs do not fit this patient
    ACCEPTED = "accepted"  # taken up by the team itself
    CONSULT_ORDERED = "consult_ordered"  # palliative care is asked to see the patient
    SEEN = "seen"  # palliative care has seen the patient
    CLOSED = "closed"  # what was to be done is done
    GONE = "gone"  # the signs do not stand any more

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _CASES.get(self, self.value.replace("_", " "))


class CaseAction(StrEnum):
    """What may happen to it. Finding signs opens it."""

    ACCEPT = "accept"  # take it up
    DEFER = "defer"  # not now, for a reason
    DISMISS = "dismiss"  # not applicable, for a reason
    RETURN = "return"  # wait for an answer again: its day has come, or another sign was found
    ORDER_CONSULT = "order_consult"  # order a palliative consult
    CANCEL_CONSULT = "cancel_consult"  # take the order back
    SEE = "see"  # the patient was seen
    CLOSE = "close"  # nothing more is to be done now
    LOSE = "lose"  # the signs were corrected away


class WhyNot(StrEnum):
    """Why signs are deferred, or do not apply."""

    TOO_EARLY = "too_early"  # the course is not clear yet
    FAMILY_NOT_READY = "family_not_ready"  # patient or family is not ready to talk
    WAITS_FOR_RESULT = "waits_for_result"  # a result decides
    TEAM_TALKS = "team_talks"  # the treating team will talk first
    KNOWN_ALREADY = "known_already"  # palliative care or hospice follows the patient already
    CURABLE = "curable"  # the condition can be cured
    WRONG_FACT = "wrong_fact"  # the fact behind the sign is wrong
    DECLINED = "declined"  # patient or surrogate declined
    OTHER = "other"  # another reason, in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _WHY[self]


class Document(StrEnum):
    """A paper or an order that says what a patient wants."""

    DIRECTIVE = "directive"  # advance directive, living will
    PROXY = "proxy"  # health care proxy or power of attorney
    PORTABLE = "portable"  # portable order: POLST, MOLST
    DNR = "dnr"  # do-not-resuscitate order of this stay

    @property
    def label(self) -> str:
        """As a form and a chip show it."""
        return {"directive": "Advance directive", "proxy": "Proxy or power of attorney", "portable": "POLST or MOLST",
                "dnr": "DNR order"}[self.value]  # fmt: skip


class CodeStatus(StrEnum):
    """What is to be done when the heart or the breathing stops."""

    NOT_SAID = "not_said"  # not known here
    FULL = "full"  # everything
    LIMITED = "limited"  # some treatments
    DNR = "dnr"  # no resuscitation

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"not_said": "Not known", "full": "Full code", "limited": "Limited", "dnr": "DNR"}[self.value]


class PlanningState(StrEnum):
    """Where advance-care planning stands, in one word, for a list."""

    UNKNOWN = "unknown"  # nobody has asked
    NONE = "none"  # asked, and there is nothing
    DOCUMENTED = "documented"  # a paper or an order exists
    CONFLICTING = "conflicting"  # papers, orders or people disagree

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"unknown": "not asked", "none": "nothing exists"}.get(self.value, self.value)


class Basis(StrEnum):
    """By what right a surrogate decides."""

    APPOINTED = "appointed"  # named by the patient: proxy, power of attorney
    COURT = "court"  # guardian or conservator named by a court
    STATE_LAW = "state_law"  # next of kin by the law of the state
    NOBODY = "nobody"  # nobody is known

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"appointed": "Appointed by the patient", "court": "Guardian by court",
                "state_law": "Next of kin by state law", "nobody": "Nobody is known"}[self.value]  # fmt: skip


class MeetingState(StrEnum):
    """Where a family meeting stands."""

    PLANNED = "planned"  # to be held
    HELD = "held"  # held, with what came out of it
    CANCELLED = "cancelled"  # not held
    STRUCK_OUT = "struck_out"  # recorded by mistake

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class MeetingAction(StrEnum):
    """What may happen to a meeting."""

    PLAN = "plan"  # give it a time, or another one
    HOLD = "hold"  # record what came out of it
    CANCEL = "cancel"  # say that it is not held
    CORRECT = "correct"  # correct what was recorded, with a reason
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class MeetingOutcome(StrEnum):
    """What came out of a meeting."""

    GOALS_AGREED = "goals_agreed"  # what the patient wants is clear to everybody
    TRIAL = "trial"  # treatment goes on for a time and is looked at again
    COMFORT = "comfort"  # comfort comes first
    HOSPICE = "hospice"  # hospice is chosen
    NO_AGREEMENT = "no_agreement"  # people disagree; another talk is needed
    INFORMED = "informed"  # told, nothing decided

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"trial": "Time-limited trial", "comfort": "Comfort comes first", "hospice": "Hospice chosen"}.get(
            self.value, self.value.replace("_", " ").capitalize()
        )


_PRIMARY = frozenset(
    {Sign.SURPRISE, Sign.SAME_CONDITION, Sign.INTENSIVE_WEEK, Sign.FUNCTION, Sign.SYMPTOMS, Sign.COMPLEX_CARE,
     Sign.DISAGREEMENT, Sign.NO_GOALS}
)  # fmt: skip
_SIGNS = {
    Sign.SURPRISE: "Death within a year would not surprise",
    Sign.SAME_CONDITION: "Back for the same condition",
    Sign.INTENSIVE_WEEK: "Intensive care for a week",
    Sign.FUNCTION: "Far declined",
    Sign.SYMPTOMS: "Symptoms hard to control",
    Sign.COMPLEX_CARE: "Complex care needs",
    Sign.DISAGREEMENT: "Disagreement about treatment",
    Sign.NO_GOALS: "No documented goals",
    Sign.LIFE_LIMITING: "Life-limiting diagnosis",
    Sign.METASTATIC: "Metastatic cancer",
    Sign.ADMISSIONS: "Two admissions in six months",
    Sign.LONG_TERM_CARE: "From long-term care",
    Sign.HIP_FRACTURE: "Hip fracture with dementia",
    Sign.HOME_OXYGEN: "Oxygen at home",
    Sign.ARREST: "Cardiac arrest",
    Sign.LIMITED_SUPPORT: "Alone without helper",
    Sign.NO_DOCUMENT: "No advance directive",
    Sign.CONSIDERED: "Major treatment considered",
    Sign.REQUEST: "Palliative care requested",
    Sign.DISTRESS: "Distress of patient or family",
}
_CASES = {CaseState.FOUND: "to be answered", CaseState.SEEN: "seen by palliative care"}
_WHY = {
    WhyNot.TOO_EARLY: "Course is not clear yet",
    WhyNot.FAMILY_NOT_READY: "Patient or family not ready",
    WhyNot.WAITS_FOR_RESULT: "A result decides",
    WhyNot.TEAM_TALKS: "Treating team talks first",
    WhyNot.KNOWN_ALREADY: "Palliative care follows already",
    WhyNot.CURABLE: "Condition can be cured",
    WhyNot.WRONG_FACT: "The fact is wrong",
    WhyNot.DECLINED: "Patient or surrogate declined",
    WhyNot.OTHER: "Another reason",
}
ASKED = (Sign.SYMPTOMS, Sign.COMPLEX_CARE, Sign.DISAGREEMENT, Sign.NO_GOALS, Sign.CONSIDERED, Sign.REQUEST,
         Sign.DISTRESS)  # fmt: skip
"""Signs that only a person can tell."""
