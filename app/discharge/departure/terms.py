"""The words of departure: what has to be done before a patient leaves, and the packet that goes along."""

from enum import StrEnum


class Item(StrEnum):
    """Something that has to be done before a patient leaves."""

    MEDICINES = "medicines"  # medicines are reconciled
    APPOINTMENT = "appointment"  # a follow-up appointment is made
    TEACH_BACK = "teach_back"  # signs of danger were taught and said back
    EQUIPMENT = "equipment"  # equipment is where it is needed
    TRANSPORT = "transport"  # the way to the next place is booked
    SUMMARY = "summary"  # the discharge summary was sent
    NOTICES = "notices"  # every notice that is owed was delivered
    CHOICE = "choice"  # the patient's choice of a provider is documented
    PACKET = "packet"  # the hand-off packet went to the next setting
    PASRR = "pasrr"  # screening before a nursing facility, 42 CFR 483.100
    ACCEPTED = "accepted"  # the receiving hospital has room and accepts, 42 USC 1395dd(c)
    CERTIFIED = "certified"  # a physician certifies benefits and risks of the transfer, 42 USC 1395dd(c)

    @property
    def label(self) -> str:
        """As the checklist shows it."""
        return _ITEMS[self]


class ItemState(StrEnum):
    """Where an item of the checklist stands."""

    OPEN = "open"  # nothing was said of it
    DONE = "done"  # done, with who and when
    NOT_NEEDED = "not_needed"  # this patient does not need it, with the reason
    WITHOUT = "without"  # the patient leaves, or left, without it, with the reason

    @property
    def label(self) -> str:
        """As the checklist shows it."""
        return {"open": "open", "done": "done", "not_needed": "not needed", "without": "left without"}[self.value]


class ItemAction(StrEnum):
    """What may happen to an item."""

    DO = "record_it_as_done"  # say that it is done, by whom and when
    EXCUSE = "say_that_it_is_not_needed"  # say why it is not needed
    LEAVE = "leave_without_it"  # say why the patient leaves without it
    TAKE_BACK = "take_back"  # what was said of it does not count


class PacketState(StrEnum):
    """Where a hand-off packet stands."""

    MADE = "made"  # made and kept, not sent
    SENT = "sent"  # released to its recipient
    RECEIVED = "received"  # the recipient says that it arrived
    WITHDRAWN = "withdrawn"  # it does not count any more

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value


class PacketAction(StrEnum):
    """What may happen to a packet."""

    RELEASE = "release"  # it goes to its recipient
    CONFIRM = "confirm"  # the recipient says that it arrived
    WITHDRAW = "withdraw"  # say that it does not count
    TAKE_BACK = "take_back"  # the last step was recorded by mistake


class Channel(StrEnum):
    """How a packet goes to its recipient."""

    WITH_PATIENT = "with_patient"  # on paper, with the patient
    FAX = "fax"  # by fax
    SECURE_MAIL = "secure_mail"  # by a secure message
    EXCHANGE = "exchange"  # through a health information exchange
    PORTAL = "portal"  # into the recipient's own portal

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _CHANNELS[self]


class Part(StrEnum):
    """What a packet should hold so that the next setting can take over."""

    RECIPIENT = "recipient"  # to whom it goes
    DIAGNOSES = "diagnoses"  # what the patient was treated for
    DESTINATION = "destination"  # where the patient goes
    MEDICINES = "medicines"  # the list of medicines
    GOALS = "goals"  # what the patient wants
    TEACHING = "teaching"  # what was taught, with signs of danger
    APPOINTMENT = "appointment"  # who sees the patient next
    CAREGIVER = "caregiver"  # who helps

    @property
    def label(self) -> str:
        """As the packet and the form name it."""
        return _PARTS[self]


_ITEMS = {
    Item.MEDICINES: "Medicines reconciled",
    Item.APPOINTMENT: "Follow-up appointment made",
    Item.TEACH_BACK: "Teach-back with signs of danger",
    Item.EQUIPMENT: "Equipment delivered",
    Item.TRANSPORT: "Transport booked",
    Item.SUMMARY: "Discharge summary sent",
    Item.NOTICES: "Notices delivered",
    Item.CHOICE: "Patient choice documented",
    Item.PACKET: "Hand-off packet sent",
    Item.PASRR: "PASRR complete",
    Item.ACCEPTED: "Receiving hospital accepts",
    Item.CERTIFIED: "Physician certifies the transfer",
}
_CHANNELS = {
    Channel.WITH_PATIENT: "With the patient, on paper",
    Channel.FAX: "Fax",
    Channel.SECURE_MAIL: "Secure message",
    Channel.EXCHANGE: "Health information exchange",
    Channel.PORTAL: "The recipient's portal",
}
_PARTS = {
    Part.RECIPIENT: "Recipient",
    Part.DIAGNOSES: "Diagnoses",
    Part.DESTINATION: "Where the patient goes",
    Part.MEDICINES: "List of medicines",
    Part.GOALS: "Goals of the patient",
    Part.TEACHING: "Teaching with signs of danger",
    Part.APPOINTMENT: "Follow-up appointment",
    Part.CAREGIVER: "Caregiver",
}
