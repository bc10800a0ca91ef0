"""The words of the plan: why a date moved, how sure it is, where barriers and items stand.

Types of care, kinds of barriers with their avoidable-day codes, milestones and lights are in `app/discharge/terms.py`.
"""

from enum import StrEnum


class DateReason(StrEnum):
    """Why the expected date was set as it was."""

    NOT_SAID = "not_said"  # nobody said why
    CLINICAL = "clinical"  # how the illness goes
    PLACEMENT = "placement"  # a place to go to
    PAYER = "payer"  # a decision of a payer
    FAMILY = "family"  # patient or family
    HOSPITAL = "hospital"  # a test, a procedure, a service of the hospital
    OTHER = "other"  # said in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _DATE_REASONS.get(self, self.value.capitalize())


class Confidence(StrEnum):
    """How sure the expected date is."""

    SURE = "sure"  # only the unforeseen would change it
    LIKELY = "likely"  # the usual course
    UNSURE = "unsure"  # hangs on something that is open

    @property
    def label(self) -> str:
        """As a form and a table show it."""
        return self.value.capitalize()


class Ending(StrEnum):
    """Why a version of the expected date or of the disposition does not stand any more."""

    REPLACED = "replaced"  # another was set
    UNDONE = "undone"  # taken back right after it was set


class BarrierState(StrEnum):
    """Where a barrier stands."""

    OPEN = "open"  # somebody works on it
    WAITING = "waiting"  # done what can be done; somebody else is to act
    RESOLVED = "resolved"  # nothing stands in the way any more
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class BarrierAction(StrEnum):
    """What may happen to a barrier. `raise` makes it."""

    RAISE = "raise"  # say what stands in the way
    AMEND = "amend"  # correct its words, owner or due day
    WAIT = "wait"  # say that somebody else is to act
    GO_ON = "go_on"  # take it up again
    RESOLVE = "resolve"  # say that it is out of the way, and how
    REOPEN = "reopen"  # it stands in the way again
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class ItemPart(StrEnum):
    """What an item of the plan is."""

    GOAL = "goal"  # what patient and team want to reach: specific, measurable, with a day
    MILESTONE = "milestone"  # a step of care that has to be behind the patient
    TASK = "task"  # something that a discipline has to do

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.capitalize()


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "open"  # still to be reached or done
    DONE = "done"  # reached or done
    NOT_NEEDED = "not_needed"  # not needed any more; of a goal: not reached, and given up
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class ItemAction(StrEnum):
    """What may happen to an item. `add` makes it."""

    ADD = "add"  # write it into the plan
    AMEND = "amend"  # correct its words, owner or day
    FINISH = "finish"  # it is reached or done
    SET_ASIDE = "set_aside"  # it is not needed any more
    REOPEN = "reopen"  # it is open again
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


_DATE_REASONS = {
    DateReason.NOT_SAID: "Not said",
    DateReason.CLINICAL: "Clinical course",
    DateReason.FAMILY: "Patient or family",
}
