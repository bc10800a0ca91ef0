"""The words of putting a stay aside. It leaves one person's own list only; every other list shows it as before."""

from enum import StrEnum


class SnoozeKind(StrEnum):
    """What putting a stay aside says about it."""

    SNOOZE = "snooze"  # there is something to do, but not before its time
    NOT_NEEDED = "not_needed"  # looked at: nothing is to do for this stay unless it changes


class SnoozeReason(StrEnum):
    """Why a stay needs no eye until it returns."""

    REPLY = "reply"  # somebody has been asked, and the answer is awaited
    RESULT = "result"  # a test, a procedure or a consultation must come first
    PLANNED = "planned"  # the next step has its set time
    OTHER_TEAM = "other_team"  # the next step is another team's
    STABLE = "stable"  # reviewed; the plan stands and nothing is due
    OTHER = "other"  # said in the person's own words

    @property
    def label(self) -> str:
        """As a form and a chip show it."""
        return _LABELS[self]


class ReturnTime(StrEnum):
    """When a stay that was put aside is to come back."""

    HOUR = "hour"  # in an hour
    AFTERNOON = "afternoon"  # at 13:00 of the facility's day
    TOMORROW = "tomorrow"  # at 07:00 of the next day
    OWN = "own"  # at a date and time of one's own
    CHANGE = "change"  # when the stay changes


class SnoozeEnd(StrEnum):
    """Why a stay came back."""

    TIME = "time"  # its time had come
    IMPORTANT = "important"  # discharge pending, another class, a transfer, a departure, a death
    CHANGED = "changed"  # the stay changed, and it was put aside until then
    UNDONE = "undone"  # the person took it back
    REPLACED = "replaced"  # the person put it aside anew


_LABELS = {
    SnoozeReason.REPLY: "Waiting for an answer",
    SnoozeReason.RESULT: "Waiting for a result",
    SnoozeReason.PLANNED: "Next step has its time",
    SnoozeReason.OTHER_TEAM: "Next step is another team's",
    SnoozeReason.STABLE: "Reviewed, the plan stands",
    SnoozeReason.OTHER: "Other, in own words",
}
