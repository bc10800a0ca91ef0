"""The words of readmissions: why patients come back, who answered, where the judgement stands."""

from enum import StrEnum


class ComeBackReason(StrEnum):
    """Why a patient came back, as the patient or somebody for them says it. A list of this house."""

    WORSE = "worse"  # the same illness got worse
    NEW = "new"  # something new
    MEDICINES = "medicines"  # could not get, pay for or manage the medicines
    UNCLEAR = "unclear"  # did not understand what to do at home
    APPOINTMENT = "appointment"  # no appointment in time, or could not get there
    SERVICES = "services"  # equipment or services did not come
    CAREGIVER = "caregiver"  # nobody could help enough at home
    HOUSING = "housing"  # no safe place, food, heat or power
    TOO_EARLY = "too_early"  # felt sent home too early
    FACILITY = "facility"  # the facility could not care for them and sent them back
    COMFORT = "comfort"  # symptoms or fear that care for comfort could have met
    PLANNED = "planned"  # it was planned

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _REASONS[self]


class AnsweredBy(StrEnum):
    """Who answered."""

    PATIENT = "patient"  # the patient
    CAREGIVER = "caregiver"  # somebody who helps at home
    FACILITY = "facility"  # somebody of the facility that sent the patient
    NOBODY = "nobody"  # nobody could be asked; taken from the chart

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"patient": "Patient", "caregiver": "Caregiver", "facility": "Facility",
                "nobody": "Chart only"}[self.value]  # fmt: skip


class Planned(StrEnum):
    """Whether the readmission was planned; the feed does not say it."""

    YES = "yes"  # planned, such as a course of treatment
    NO = "no"  # not planned
    UNKNOWN = "unknown"  # nobody has said

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"yes": "Planned", "no": "Not planned", "unknown": "Not known"}[self.value]


class ReviewState(StrEnum):
    """How far the judgement of a readmission has come."""

    WAITING = "waiting"  # nobody has judged
    ONE = "one"  # one person has
    APART = "apart"  # two have, two or more points apart: a third judges
    SETTLED = "settled"  # two are at most one point apart, or a third has judged

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"waiting": "to be judged", "one": "one of two judged", "apart": "a third one judges",
                "settled": "judged"}[self.value]  # fmt: skip


class ReviewAction(StrEnum):
    """What may happen to it."""

    JUDGE = "judge"  # the first judgement
    JUDGE_NEAR = "judge_near"  # the second, at most one point from the first
    JUDGE_APART = "judge_apart"  # the second, two or more points from it
    JUDGE_THIRD = "judge_third"  # the third settles it
    TAKE_BACK = "take_back"  # the only judgement is taken back before a second one is given


SCALE = {
    1: "Not preventable", 2: "Hardly preventable", 3: "Could be either", 4: "Likely preventable",
    5: "Clearly preventable",
}  # fmt: skip
"""How preventable: five points of this house."""

_REASONS = {
    ComeBackReason.WORSE: "The same illness got worse",
    ComeBackReason.NEW: "Something new happened",
    ComeBackReason.MEDICINES: "Medicines: not had, not paid for, not managed",
    ComeBackReason.UNCLEAR: "Did not know what to do at home",
    ComeBackReason.APPOINTMENT: "No appointment in time, or no way to get there",
    ComeBackReason.SERVICES: "Equipment or services did not come",
    ComeBackReason.CAREGIVER: "Not enough help at home",
    ComeBackReason.HOUSING: "No safe place, food, heat or power",
    ComeBackReason.TOO_EARLY: "Felt sent home too early",
    ComeBackReason.FACILITY: "The facility could not go on",
    ComeBackReason.COMFORT: "Symptoms or fear that comfort care could have met",
    ComeBackReason.PLANNED: "It was planned",
}
