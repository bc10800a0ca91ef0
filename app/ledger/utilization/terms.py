"""What the utilization report counts."""

from enum import StrEnum


class Use(StrEnum):
    """One figure of the report."""

    BEYOND = "beyond"  # days of stays beyond the geometric mean length of stay: opportunity days
    NOT_MET = "not_met"  # midnights whose review found the criteria not met
    LONG_OBSERVATION = "long_observation"  # stays with more than 48 hours in observation
    RETURNS = "returns"  # inpatient stays that began within 30 days after another one ended
    SHORT = "short"  # inpatient stays that ended with fewer than two midnights as an inpatient

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _LABELS[self]

    @property
    def over(self) -> bool:
        """Whether it points to too much use; the others point to too little, or to the wrong status."""
        return self in (Use.BEYOND, Use.NOT_MET, Use.LONG_OBSERVATION)

    @property
    def meaning(self) -> str:
        """What is counted, of which stays."""
        return _MEANINGS[self]


class By(StrEnum):
    """How the figures are put together."""

    SERVICE = "service"  # hospital service, last known
    ATTENDING = "attending"  # attending physician, last known
    UNIT = "unit"  # where the patient lay, last known


_LABELS = {
    Use.BEYOND: "Days beyond expected",
    Use.NOT_MET: "Days not meeting criteria",
    Use.LONG_OBSERVATION: "Observation over 48 h",
    Use.RETURNS: "Back within 30 days",
    Use.SHORT: "Short inpatient stays",
}
_MEANINGS = {
    Use.BEYOND: "Inpatient stays that ended in the period: length of stay less the geometric mean of their DRG, where"
    " it is more. Opportunity days, not avoidable days; deaths, transfers to hospitals, hospice and departures against"
    " advice are left out, as are stays whose DRG is not known.",
    Use.NOT_MET: "Midnights of the period in a bed whose first-level review was not met. A screen: only a physician"
    " decides that care was not needed.",
    Use.LONG_OBSERVATION: "Stays in the period with more than 48 hours in observation, leave left out.",
    Use.RETURNS: "Inpatient stays that began in the period, for any reason and planned ones too, within 30 days after"
    " an inpatient stay of the same patient ended here other than by transfer to another hospital.",
    Use.SHORT: "Inpatient stays that ended in the period after fewer than two midnights as an inpatient; deaths,"
    " transfers to hospitals, hospice and departures against advice are left out.",
}
