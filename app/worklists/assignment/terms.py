"""The words of distributing stays among colleagues."""

from enum import StrEnum


class Why(StrEnum):
    """How a stay came to its owner."""

    HAND = "hand"  # one stay, given by a lead
    TAKEN = "taken"  # taken by the person, nobody had it
    BULK = "bulk"  # several selected stays, given or taken at once
    RULE = "rule"  # by a rule of the facility
    BALANCE = "balance"  # moved to even out the expected work
    COVER = "cover"  # for an absent colleague
    TAKEOVER = "takeover"  # taken from a colleague for a while, with a reason
    RETURN = "return"  # back from whoever covered it
    KEPT = "kept"  # stays with whoever covered it


class WorkPart(StrEnum):
    """A reason why a stay takes time today; each has its minutes in the table of the facility."""

    INPATIENT = "inpatient"  # an inpatient: read the chart, round, settle the next step
    OBSERVATION = "observation"  # in observation: the same, and the question of status every day
    OTHER = "other"  # another class: a look at the chart
    NEW = "new"  # began today or yesterday: first assessment
    LEAVING = "leaving"  # discharge pending, or expected today or before: last arrangements
    LEAVING_TOMORROW = "leaving_tomorrow"  # expected to leave tomorrow: arrangements to begin
    MOVING = "moving"  # transfer pending: hand-over to the other unit
    WATCHED = "watched"  # in observation for more than 24 hours: status is to be decided
    LONG = "long"  # past the geometric mean length of stay: what keeps the patient
    POINT = "point"  # for each point of complexity (ADT facts only): age, payer, intensive care, length of stay
