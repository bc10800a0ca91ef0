"""The words of the day ledger: where a patient was at a midnight, what reviews and payers say of that day."""

from enum import StrEnum


class Occupied(StrEnum):
    """Where the patient was at a midnight, by the letter of the strip. Exactly one holds."""

    INTENSIVE = "C"  # in a unit that gives intensive care, whatever the class
    INPATIENT = "I"  # inpatient in another unit
    OBSERVATION = "O"  # outpatient in observation
    EMERGENCY = "E"  # outpatient in the emergency department
    OTHER = "U"  # another outpatient class, or none that is known
    AWAY = "×"  # on leave of absence: the midnight is the stay's, the patient is not in the house

    @property
    def word(self) -> str:
        """As hidden text and totals say it."""
        return _OCCUPIED[self]


class Necessary(StrEnum):
    """What the reviews say of the day that a midnight ends, by the letter of the strip. Exactly one holds."""

    MET = "M"  # a review found the criteria met, or reaches this day
    NOT_MET = "N"  # a review found them not met
    PENDING = "P"  # a review waits for information
    NONE = "?"  # no review covers a day that needs one
    NOT_ASKED = "·"  # none is needed: emergency and clinic care, leave of absence

    @property
    def word(self) -> str:
        """As hidden text and totals say it."""
        return _NECESSARY[self]


class Authorized(StrEnum):
    """What payers say of the day that a midnight ends, by the letter of the strip. Exactly one holds."""

    APPROVED = "A"  # a payer authorized the day
    REQUESTED = "R"  # asked, and not decided
    DENIED = "D"  # a payer denied the day
    NOT_REQUIRED = "n"  # no authorization is needed
    NONE = "!"  # one is needed, and nothing was asked or answered

    @property
    def word(self) -> str:
        """As hidden text and totals say it."""
        return _AUTHORIZED[self]


class Place(StrEnum):
    """The one place of a midnight in the ledger of a unit. The first of these that fits holds, so that they add up."""

    CONFIRMED = "confirmed"  # an avoidable day was recorded
    DRAFT = "draft"  # an avoidable day is proposed; it counts once somebody confirms it
    NO_REASON = "no_reason"  # past the expected length or ready to leave, and nobody said why
    NOT_AUTHORIZED = "not_authorized"  # an authorization is needed and nothing was asked
    NOT_REVIEWED = "not_reviewed"  # no review covers it
    NEEDED = "needed"  # nothing is open

    @property
    def word(self) -> str:
        """As hidden text and totals say it."""
        return _PLACES[self]


class Source(StrEnum):
    """What kind of record says what a payer says of a day."""

    AUTHORIZATION = "authorization"  # requests and answers of one authorization
    DENIAL = "denial"  # a denial that a person works on


_OCCUPIED = {
    Occupied.INTENSIVE: "intensive care",
    Occupied.INPATIENT: "inpatient",
    Occupied.OBSERVATION: "observation",
    Occupied.EMERGENCY: "emergency",
    Occupied.OTHER: "other class",
    Occupied.AWAY: "away",
}
_NECESSARY = {
    Necessary.MET: "met",
    Necessary.NOT_MET: "not met",
    Necessary.PENDING: "pending information",
    Necessary.NONE: "no review",
    Necessary.NOT_ASKED: "no review needed",
}
_AUTHORIZED = {
    Authorized.APPROVED: "approved",
    Authorized.REQUESTED: "requested",
    Authorized.DENIED: "denied",
    Authorized.NOT_REQUIRED: "not required",
    Authorized.NONE: "not authorized",
}
_PLACES = {
    Place.CONFIRMED: "avoidable",
    Place.DRAFT: "avoidable, draft",
    Place.NO_REASON: "without a reason",
    Place.NOT_AUTHORIZED: "not authorized",
    Place.NOT_REVIEWED: "not reviewed",
    Place.NEEDED: "needed",
}
