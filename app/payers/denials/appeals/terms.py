"""The words of appeals: where one stands, what may happen to it, how it was decided."""

from enum import StrEnum


class AppealState(StrEnum):
    """Where an appeal of one level stands."""

    NONE = "none"  # there is none
    PREPARED = "prepared"  # somebody works on it; it has not left the house
    SENT = "sent"  # it left the house
    VERIFIED = "verified"  # whoever decides confirmed that it arrived
    DECIDED = "decided"  # whoever decides has answered
    WITHDRAWN = "withdrawn"  # the hospital does not want a decision any more
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"verified": "arrival verified"}.get(self.value, self.value.replace("_", " "))


class AppealAction(StrEnum):
    """What may happen to an appeal."""

    PREPARE = "prepare"  # begin to work on it
    SEND = "send"  # it leaves the house
    VERIFY = "verify"  # the other side confirms that it arrived
    DECIDE = "decide"  # the decision was received
    WITHDRAW = "withdraw"  # take it out of the other side's hands
    TAKE_BACK = "take_back"  # the last step was recorded by mistake
    STRIKE_OUT = "strike_out"  # the whole appeal was recorded by mistake


class AppealOutcome(StrEnum):
    """How an appeal was decided."""

    OVERTURNED = "overturned"  # all of it is paid
    PARTLY = "partly"  # some of it is paid
    UPHELD = "upheld"  # the denial stands
    DISMISSED = "dismissed"  # not decided on its merits: late, incomplete, by somebody who may not appeal

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"partly": "Partly overturned"}.get(self.value, self.value.capitalize())
