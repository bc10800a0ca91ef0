"""The words of the days after discharge: calls, what they find, and hand-off to programs of the community."""

from enum import StrEnum


class CallState(StrEnum):
    """Where the record of a call stands."""

    UNWRITTEN = "unwritten"  # nothing is written yet
    DRAFT = "draft"  # begun; it counts for nothing
    RECORDED = "recorded"  # the call was made, and it counts
    STRUCK_OUT = "struck_out"  # recorded by mistake
    DROPPED = "dropped"  # a draft that nobody wants any more


class CallAction(StrEnum):
    """What may happen to the record of a call."""

    KEEP = "keep"  # keep what is written so far
    RECORD = "record"  # record the call
    AMEND = "correct"  # another version takes its place, with the reason
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake
    DROP = "drop"  # give a draft up


class CallOutcome(StrEnum):
    """Who was reached."""

    PATIENT = "patient"  # spoken with the patient
    CAREGIVER = "caregiver"  # spoken with somebody who helps
    NO_ANSWER = "no_answer"  # nobody answered
    MESSAGE = "message"  # a message was left that asks to call back
    WRONG_NUMBER = "wrong_number"  # the number belongs to somebody else, or to nobody
    DECLINED = "declined"  # the patient does not want to be called
    LETTER = "letter"  # a letter was sent instead of a further call

    @property
    def label(self) -> str:
        """As a form and a list show it."""
        return _OUTCOMES[self]

    @property
    def spoke(self) -> bool:
        """Whether somebody spoke with the patient or a caregiver."""
        return self in (CallOutcome.PATIENT, CallOutcome.CAREGIVER, CallOutcome.DECLINED)

    @property
    def attempt(self) -> bool:
        """Whether it is an attempt that reached nobody."""
        return self in (CallOutcome.NO_ANSWER, CallOutcome.MESSAGE, CallOutcome.WRONG_NUMBER)


class Answer(StrEnum):
    """What was answered to a question of the script."""

    GOOD = "good"  # all is well
    PROBLEM = "problem"  # something must be settled
    NOT_ASKED = "not_asked"  # nobody asked, or it does not apply


class Urgency(StrEnum):
    """How soon something that a call found must be settled."""

    DANGER = "danger"  # a sign of danger: the same day
    USUAL = "usual"  # within two working days

    @property
    def label(self) -> str:
        """As a form shows it."""
        return "Sign of danger" if self is Urgency.DANGER else "Usual"


class IssueState(StrEnum):
    """Where something stands that a call found."""

    UNFOUND = "unfound"  # nothing was found yet
    OPEN = "open"  # somebody has to settle it
    WORKING = "working"  # somebody does
    CLOSED = "closed"  # settled, with what was done
    STRUCK_OUT = "struck_out"  # recorded by mistake

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"working": "in work", "struck_out": "struck out"}.get(self.value, self.value)


class IssueAction(StrEnum):
    """What may happen to it."""

    OPEN = "open"  # a call found it
    TAKE_UP = "take_up"  # somebody begins to settle it
    CHANGE = "change"  # another owner or another time
    CLOSE = "close"  # it is settled; say how
    REOPEN = "reopen"  # it is not settled after all
    STRIKE_OUT = "strike_out"  # it was recorded by mistake


class ProgramKind(StrEnum):
    """What kind of program of the community takes over."""

    TARGETED = "targeted"  # targeted case management, 42 CFR 440.169
    ENHANCED = "enhanced"  # enhanced care management of a Medicaid plan
    CHRONIC = "chronic"  # chronic care management by a practice
    OTHER = "other"  # another program

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _PROGRAMS[self]


class ProgramState(StrEnum):
    """Where a hand-off to a program stands."""

    UNCHOSEN = "unchosen"  # no program was chosen
    CHOSEN = "chosen"  # the patient is to be handed over
    TOLD = "told"  # the program knows
    ACCEPTED = "accepted"  # the program takes the patient
    DECLINED = "declined"  # the program does not, with the reason
    MET = "met"  # handed over in person: a warm hand-off
    WITHDRAWN = "withdrawn"  # no longer wanted, with the reason
    STRUCK_OUT = "struck_out"  # recorded by mistake

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"met": "handed over", "struck_out": "struck out"}.get(self.value, self.value)


class ProgramAction(StrEnum):
    """What may happen to it."""

    CHOOSE = "choose"  # choose the program
    AMEND = "correct"  # correct names, numbers, consent, documents
    TELL = "tell"  # the program was told
    ACCEPT = "accept"  # the program takes the patient
    DECLINE = "decline"  # the program does not take the patient
    MEET = "meet"  # the warm hand-off took place
    WITHDRAW = "withdraw"  # it is no longer wanted
    STRIKE_OUT = "strike_out"  # it was recorded by mistake


_OUTCOMES = {
    CallOutcome.PATIENT: "Spoke with the patient",
    CallOutcome.CAREGIVER: "Spoke with a caregiver",
    CallOutcome.NO_ANSWER: "No answer",
    CallOutcome.MESSAGE: "Message left",
    CallOutcome.WRONG_NUMBER: "Wrong number",
    CallOutcome.DECLINED: "Does not want calls",
    CallOutcome.LETTER: "Letter sent",
}
_PROGRAMS = {
    ProgramKind.TARGETED: "Targeted case management",
    ProgramKind.ENHANCED: "Enhanced care management",
    ProgramKind.CHRONIC: "Chronic care management",
    ProgramKind.OTHER: "Other program",
}
