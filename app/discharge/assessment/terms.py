"""The words of screen and assessment: why somebody needs planning, what an assessment looks at, its life."""

from enum import StrEnum


class ScreenKind(StrEnum):
    """What made somebody write down a need, or none."""

    SCREEN = "screen"  # the screen at the beginning of a stay: 42 CFR 482.43(a)
    REQUEST = "request"  # somebody asked for an evaluation, which makes it mandatory: 42 CFR 482.43(a)(1)


class AskedBy(StrEnum):
    """Who asked for an evaluation."""

    PATIENT = "patient"  # the patient
    FAMILY = "family"  # family, or whoever represents the patient
    PHYSICIAN = "physician"  # the physician who treats

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"family": "Family or representative"}.get(self.value, self.value.capitalize())


class Need(StrEnum):
    """Why a screen is positive."""

    RISK = "risk"  # a high score of risk
    AGE = "age"  # 80 years or older
    READMITTED = "readmitted"  # was in hospital in the last 30 days
    FUNCTION = "function"  # needs help with the activities of the day
    COGNITION = "cognition"  # cannot orient or decide alone
    ALONE = "alone"  # lives alone, or has nobody who helps
    HOUSING = "housing"  # no safe home to return to
    PAYER = "payer"  # nobody pays for what is needed
    FACILITY = "facility"  # came from a facility
    EQUIPMENT = "equipment"  # new equipment, oxygen, wound care or infusion
    BEHAVIOUR = "behaviour"  # mental health or substance use
    CRITICAL = "critical"  # came through intensive care
    OTHER = "other"  # another reason, in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _NEEDS[self]


class ScreenState(StrEnum):
    """Where a screen or a request stands."""

    POSITIVE = "positive"  # an evaluation is needed
    NEGATIVE = "negative"  # none is needed as far as the screen tells
    STRUCK_OUT = "struck_out"  # written down by mistake; it does not count


class ScreenAction(StrEnum):
    """What may happen to a screen. Writing it makes it positive or negative."""

    OVERRIDE = "override"  # an evaluation is made all the same
    CORRECT = "correct"  # correct what was written, with a reason
    STRIKE_OUT = "strike_out"  # say that it was a mistake


class AssessmentKind(StrEnum):
    """Which assessment it is."""

    EVALUATION = "evaluation"  # the first evaluation of the stay
    REASSESSMENT = "reassessment"  # a later one, which begins with what the last one said

    @property
    def label(self) -> str:
        """As a heading shows it."""
        return {"evaluation": "Discharge planning evaluation"}.get(self.value, "Reassessment")


class AssessmentState(StrEnum):
    """Where an assessment stands."""

    DRAFT = "draft"  # being written; it keeps itself
    SIGNED = "signed"  # signed; it counts
    DISCARDED = "discarded"  # a draft that was thrown away
    STRUCK_OUT = "struck_out"  # signed by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class AssessmentAction(StrEnum):
    """What may happen to an assessment."""

    KEEP = "keep"  # keep what is written so far
    SIGN = "sign"  # sign it
    DISCARD = "discard"  # throw the draft away
    AMEND = "amend"  # correct a signed one, with a reason; the earlier version stays readable
    STRIKE_OUT = "strike_out"  # say that it was signed by mistake


class Discussed(StrEnum):
    """With whom the results were discussed: 42 CFR 482.43(a)(4) asks for the patient or the representative."""

    PATIENT = "patient"  # with the patient
    REPRESENTATIVE = "representative"  # with whoever represents the patient
    BOTH = "both"  # with both

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"both": "Patient and representative"}.get(self.value, self.value.capitalize())


_NEEDS = {
    Need.RISK: "High score of risk",
    Need.AGE: "80 years or older",
    Need.READMITTED: "In hospital in the last 30 days",
    Need.FUNCTION: "Needs help in daily life",
    Need.COGNITION: "Cognition",
    Need.ALONE: "Alone, or no helper",
    Need.HOUSING: "No safe home",
    Need.PAYER: "No payer",
    Need.FACILITY: "Came from a facility",
    Need.EQUIPMENT: "New equipment or treatment",
    Need.BEHAVIOUR: "Mental health or substance use",
    Need.CRITICAL: "Intensive care",
    Need.OTHER: "Another reason",
}
