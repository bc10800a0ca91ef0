"""The words of an appeal to the quality-improvement organization (QIO)."""

from enum import StrEnum


class AppealKind(StrEnum):
    """What the patient appeals against."""

    DISCHARGE = "discharge"  # the discharge: 42 CFR 405.1206, 422.622
    STATUS = "status"  # the change from inpatient to observation: 42 CFR 405.1211

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"discharge": "Discharge", "status": "Change of status"}[self.value]


class AppealState(StrEnum):
    """Where an appeal stands."""

    ASKED = "asked"  # the patient has asked, and the QIO has not called yet
    NOTIFIED = "notified"  # the QIO has told the hospital; notice and records are due
    SENT = "records_sent"  # records are with the QIO; it may ask for more
    COMPLETE = "complete"  # the QIO has all information; its time to decide runs
    DECIDED = "decided"  # the QIO has decided; the patient has not been told yet
    TOLD = "told"  # the patient knows the decision; charges may begin at noon of the next day
    RECONSIDERING = "reconsidering"  # the patient has asked the QIO to look again
    RECONSIDERED = "reconsidered"  # the QIO has looked again
    WITHDRAWN = "withdrawn"  # the patient has taken the appeal back

    @property
    def label(self) -> str:
        """As a page shows it."""
        return _STATES[self]


class AppealStep(StrEnum):
    """Something that happened in an appeal, at one instant."""

    ASK = "ask"  # the patient or representative asked the QIO
    CALL = "call"  # the QIO told the hospital
    SEND = "send"  # the hospital sent records
    COMPLETE = "complete"  # the QIO said that it has all information
    DECIDE = "decide"  # the QIO decided
    TELL = "tell"  # the QIO told the patient its decision
    ASK_AGAIN = "ask_again"  # the patient asked for a reconsideration
    ANSWER = "answer"  # the QIO answered the reconsideration
    WITHDRAW = "withdraw"  # the patient took the appeal back

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _STEPS[self]


class Favors(StrEnum):
    """Whom a decision of the QIO agrees with."""

    HOSPITAL = "hospital"  # the discharge, or the change of status, stands
    PATIENT = "patient"  # the stay goes on as covered inpatient care

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"hospital": "For the hospital", "patient": "For the patient"}[self.value]


_STATES = {
    AppealState.ASKED: "asked, the QIO has not called yet",
    AppealState.NOTIFIED: "the QIO has called",
    AppealState.SENT: "records sent",
    AppealState.COMPLETE: "the QIO has all information",
    AppealState.DECIDED: "decided, the patient is not told yet",
    AppealState.TOLD: "decided, the patient is told",
    AppealState.RECONSIDERING: "under reconsideration",
    AppealState.RECONSIDERED: "reconsidered",
    AppealState.WITHDRAWN: "withdrawn",
}
_STEPS = {
    AppealStep.ASK: "Patient asked the QIO",
    AppealStep.CALL: "QIO called the hospital",
    AppealStep.SEND: "Records sent",
    AppealStep.COMPLETE: "QIO has all information",
    AppealStep.DECIDE: "QIO decided",
    AppealStep.TELL: "Patient was told",
    AppealStep.ASK_AGAIN: "Patient asked for reconsideration",
    AppealStep.ANSWER: "QIO answered the reconsideration",
    AppealStep.WITHDRAW: "Patient withdrew the appeal",
}
