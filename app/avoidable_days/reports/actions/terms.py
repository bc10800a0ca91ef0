"""The words of the action log."""

from enum import StrEnum


class ActionState(StrEnum):
    """Where an action against lost days stands."""

    PROPOSED = "proposed"  # somebody wants it done; nothing has changed yet
    STARTED = "started"  # being introduced
    IN_PLACE = "in_place"  # works every day
    STOPPED = "stopped"  # was in place and is not any more

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ").capitalize()

    @property
    def tone(self) -> str:
        """The tone of its chip."""
        return {"proposed": "amber", "started": "blue", "in_place": "green", "stopped": "gray"}[self.value]


class ActionEnd(StrEnum):
    """Why a version of an action stands no more."""

    AMENDED = "amended"  # another version was recorded in its place
    STRUCK_OUT = "struck_out"  # it was recorded by mistake


class ActionAct(StrEnum):
    """What may happen to an action of the log."""

    RECORD = "record"  # somebody writes it down
    AMEND = "amend"  # it is corrected, or goes on
    STRIKE_OUT = "strike_out"  # it was recorded by mistake


class Standing(StrEnum):
    """Whether an action of the log counts."""

    NONE = "none"  # not recorded
    STANDING = "standing"  # recorded
    STRUCK_OUT = "struck_out"  # recorded by mistake
