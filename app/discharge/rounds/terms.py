"""The words of conferences and of the weekly review of complex cases."""

from enum import StrEnum


class ActionState(StrEnum):
    """Where something stands that a conference gave somebody to do."""

    UNSET = "unset"  # nothing was asked yet
    OPEN = "open"  # to be done
    DONE = "done"  # done
    DROPPED = "dropped"  # no longer wanted, with the reason
    STRUCK_OUT = "struck_out"  # recorded by mistake

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class ActionStep(StrEnum):
    """What may happen to it."""

    SET = "set"  # somebody is asked to do it by an instant
    FINISH = "finish"  # it is done
    MOVE = "change"  # another person or another time
    DROP = "drop"  # it is no longer wanted
    REOPEN = "reopen"  # it is to be done after all
    STRIKE_OUT = "strike_out"  # it was recorded by mistake


class CaseState(StrEnum):
    """Where the review of a complex case stands."""

    OFF = "off"  # the case is not reviewed
    WAITING = "waiting"  # on the list, not reviewed yet
    REVIEWED = "reviewed"  # reviewed, with the next review set
    CLOSED = "closed"  # the case needs no review any more

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"off": "not on the list", "waiting": "to be reviewed", "reviewed": "reviewed",
                "closed": "closed"}[self.value]  # fmt: skip


class CaseStep(StrEnum):
    """What may happen to it."""

    PUT_ON = "put_on"  # put on the list, due at an instant
    REVIEW = "review"  # reviewed: owner, barrier, next step, next review
    CLOSE = "close"  # taken off the list, with the reason
    TAKE_BACK = "take_back"  # the last step was recorded by mistake
