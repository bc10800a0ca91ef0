"""The words of booking: beds and services, rides, equipment, what a payer says of them, what the hospital buys."""

from enum import StrEnum

from app.discharge.terms import CareType


class BookingState(StrEnum):
    """Where a booking stands."""

    NONE = "none"  # nothing is asked for yet
    REQUESTED = "requested"  # asked for; vendor or payer has not said yes
    AUTHORIZED = "authorized"  # the payer agrees; nothing is booked yet
    DENIED = "denied"  # the payer does not agree
    BOOKED = "booked"  # the vendor holds it for a day
    CONFIRMED = "confirmed"  # the vendor said again that it stands
    AGAIN = "again"  # something changed: it stands, and has to be confirmed again
    ARRIVED = "arrived"  # the patient is there, or the thing was received
    CANCELLED = "cancelled"  # called off
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count

    @property
    def label(self) -> str:
        """As a chip shows it."""
        return {"again": "to be confirmed again", "denied": "denied by the payer", "struck_out": "struck out"}.get(
            self.value, self.value
        )


class BookingAction(StrEnum):
    """What may happen to a booking."""

    REQUEST = "request"  # ask for it
    AUTHORIZE = "authorize"  # the payer agrees
    DENY = "deny"  # the payer does not agree
    BOOK = "book"  # the vendor holds it, for the first time or for another day
    CONFIRM = "confirm"  # the vendor says that it stands
    ASK_AGAIN = "ask_again"  # a cancelled discharge or a withdrawal puts it into doubt
    ARRIVE = "arrive"  # the patient arrived, or the thing was received
    CANCEL = "cancel"  # call it off
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake

    @property
    def label(self) -> str:
        """As a button shows it."""
        return {
            "ask_again": "Put into doubt", "strike_out": "Strike out", "arrive": "Arrived", "cancel": "Call off",
        }.get(self.value, self.value.capitalize())  # fmt: skip


class BookingKind(StrEnum):
    """What is booked, and so what has to be said of it."""

    PLACE = "place"  # a bed, or the start of care
    RIDE = "ride"  # transport from here to there
    THING = "thing"  # equipment or supplies that are delivered

    @classmethod
    def of(cls, care_type: CareType) -> "BookingKind":
        """What a type of care needs."""
        if care_type is CareType.TRANSPORT:
            return cls.RIDE
        return cls.THING if care_type in (CareType.DME, CareType.INFUSION) else cls.PLACE


class RideMode(StrEnum):
    """How a patient travels."""

    CAR = "car"  # private car or taxi
    WHEELCHAIR = "wheelchair"  # van that takes a wheelchair
    STRETCHER = "stretcher"  # on a stretcher, without care on the way
    BASIC = "basic"  # ambulance with basic life support
    ADVANCED = "advanced"  # ambulance with advanced life support
    CRITICAL = "critical"  # critical-care transport, on the road or by air

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {
            "car": "Car or taxi",
            "wheelchair": "Wheelchair van",
            "stretcher": "Stretcher van",
            "basic": "Ambulance, basic (BLS)",
            "advanced": "Ambulance, advanced (ALS)",
            "critical": "Critical-care transport",
        }[self.value]


class DecisionState(StrEnum):
    """Where a request to the payer for post-acute care stands."""

    REQUESTED = "requested"  # asked; no answer yet
    APPROVED = "approved"  # the payer agrees
    DENIED = "denied"  # the payer does not agree
    NOT_REQUIRED = "not_required"  # the payer needs no authorization for this
    WITHDRAWN = "withdrawn"  # not asked any more
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count

    @property
    def label(self) -> str:
        """As a chip shows it."""
        return self.value.replace("_", " ")


class DecisionAction(StrEnum):
    """What may happen to a request for post-acute care."""

    APPROVE = "approve"  # the payer agrees
    DENY = "deny"  # the payer does not agree
    SAY_NOT_REQUIRED = "say_not_required"  # the payer needs no authorization
    ASK_AGAIN = "ask_again"  # ask anew after a denial, with more to show
    WITHDRAW = "withdraw"  # do not ask any more
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class Purchase(StrEnum):
    """What the hospital itself pays for, so that a patient can leave."""

    RIDE = "ride"  # transport that nobody else pays
    EQUIPMENT = "equipment"  # equipment or supplies
    MEDICINE = "medicine"  # medicines to take along
    BED = "bed"  # days in a facility
    HOME_CARE = "home_care"  # visits or hours at home
    LODGING = "lodging"  # hotel or shelter
    HOME = "home"  # making the home fit: a ramp, heating, cleaning
    FOOD = "food"  # meals
    OTHER = "other"  # something else, said in words

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {
            "ride": "Transport", "bed": "Days in a facility", "home_care": "Care at home", "home": "Work on the home",
        }.get(self.value, self.value.replace("_", " ").capitalize())  # fmt: skip


class Ending(StrEnum):
    """Why a record stands no more."""

    REPLACED = "replaced"  # another one was recorded in its place
    STRUCK_OUT = "struck_out"  # recorded by mistake
