"""The words of readiness: what a physician says of a patient's need for the hospital, and the order to discharge."""

from enum import StrEnum


class StatementKind(StrEnum):
    """What is stated. Readiness and the order are two lanes; the departure itself comes from the census only."""

    READY = "ready"  # the patient no longer needs this level of care
    NOT_READY = "not_ready"  # the patient needs it again, or the earlier word was too early
    ORDERED = "ordered"  # the discharge order is written
    WITHDRAWN = "withdrawn"  # the discharge order is taken back

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {
            "ready": "Medically ready",
            "not_ready": "Not ready any more",
            "ordered": "Discharge order written",
            "withdrawn": "Discharge order withdrawn",
        }[self.value]


class Lane(StrEnum):
    """One of the two things that begin and end independently of each other."""

    READINESS = "readiness"  # medically ready, or not
    ORDER = "order"  # discharge order in force, or not
