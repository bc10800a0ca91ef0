"""The words of the patient's choice."""

from enum import StrEnum


class GivenTo(StrEnum):
    """Who was given the list."""

    PATIENT = "patient"  # the patient in person
    REPRESENTATIVE = "representative"  # somebody who decides for or with the patient, with name and relation

    @property
    def label(self) -> str:
        """As a form shows it."""
        return self.value.capitalize()


class GivenHow(StrEnum):
    """How the list reached its reader."""

    PAPER = "paper"  # printed and handed over
    SCREEN = "screen"  # shown at the bedside
    LINK = "link"  # by a link that was shared
    READ_OUT = "read_out"  # read out, face to face or by telephone

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"paper": "On paper", "screen": "On a screen", "link": "By link", "read_out": "Read out"}[self.value]


class ChoiceOutcome(StrEnum):
    """What came of it."""

    CHOSEN = "chosen"  # one or more vendors, in the order of preference
    NO_PREFERENCE = "no_preference"  # the patient leaves it to the hospital which of the list
    DECLINED = "declined"  # the patient declines to choose, or declines the care
    ASKED_AGAIN = "asked_again"  # the patient asks for time or for another list

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {
            "chosen": "Chose",
            "no_preference": "No preference",
            "declined": "Declined to choose",
            "asked_again": "Wants time or another list",
        }[self.value]

    @property
    def decides(self) -> bool:
        """Whether nothing more has to be asked."""
        return self is not ChoiceOutcome.ASKED_AGAIN


class Evidence(StrEnum):
    """What shows that the choice is the patient's."""

    DRAWN = "drawn"  # signed with pen or finger on the screen; the drawing is kept
    PAPER = "paper"  # signed on the printed list
    VERBAL = "verbal"  # said before a witness

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"drawn": "Signed on the screen", "paper": "Signed on paper", "verbal": "Said before a witness"}[
            self.value
        ]


class ChoiceState(StrEnum):
    """Where the choice for one need stands."""

    NO_LIST = "no_list"  # nothing was shown yet
    LISTED = "listed"  # a list was made; nothing is recorded of an answer
    ASKED_AGAIN = "asked_again"  # the patient wants time or another list
    NO_PREFERENCE = "no_preference"  # the patient leaves it to the hospital
    DECLINED = "declined"  # the patient declined
    CHOSEN = "chosen"  # the patient chose
    WITHDRAWN = "withdrawn"  # the list was made by mistake, or another one stands in its place

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class ChoiceAction(StrEnum):
    """What may happen to a list and its choice."""

    MAKE_LIST = "make_list"  # a list is made, exactly as it is shown
    CHOOSE = "choose"  # the patient names vendors
    LEAVE_OPEN = "leave_open"  # the patient has no preference
    DECLINE = "decline"  # the patient declines to choose
    ASK_AGAIN = "ask_again"  # the patient wants time or another list
    AMEND = "amend"  # what was recorded of the choice was wrong
    STRIKE_OUT = "strike_out"  # the choice was recorded by mistake; the list stands
    WITHDRAW = "withdraw"  # the list counts no more


class ListEnd(StrEnum):
    """Why a list counts no more."""

    REPLACED = "replaced"  # another list for the same need was made
    STRUCK_OUT = "struck_out"  # it was made by mistake


class ChoiceEnd(StrEnum):
    """Why a recorded version of a choice stands no more."""

    AMENDED = "amended"  # another version stands in its place
    STRUCK_OUT = "struck_out"  # it was recorded by mistake
    LATER = "later"  # a later answer of the patient stands in its place
