"""The words of delivering a notice. Which notices there are is said by the clocks (`NoticeKind`)."""

from enum import StrEnum


class Recipient(StrEnum):
    """Who was given the notice."""

    PATIENT = "patient"  # the beneficiary in person
    REPRESENTATIVE = "representative"  # somebody who may act for the beneficiary, with name and relation

    @property
    def label(self) -> str:
        """As a form shows it."""
        return self.value.capitalize()


class Channel(StrEnum):
    """How the notice reached its recipient."""

    IN_PERSON = "in_person"  # handed over face to face
    TELEPHONE = "telephone"  # read out to the representative by telephone, and mailed afterwards
    ELECTRONIC = "electronic"  # on a screen or by secure message, with a copy to keep

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"in_person": "In person", "telephone": "By telephone", "electronic": "Electronically"}[self.value]


class Receipt(StrEnum):
    """How it is shown that the notice was received."""

    PAPER = "paper"  # signed and dated on the paper form
    SCREEN = "screen"  # signed with pen or finger on the screen; the drawing is kept
    REFUSED = "refused"  # the recipient would not sign; a member of staff is the witness, the day counts as received
    TELEPHONE = "telephone"  # told by telephone: name, day and time stand for the signature until the copy is mailed
    UNSIGNED = "unsigned"  # handed over; this notice asks for no signature

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _RECEIPTS[self]


class Basis(StrEnum):
    """What allows the hospital to say that the continued stay is not covered (HINN 12)."""

    ATTENDING = "attending"  # the attending physician agrees that hospital care is not needed any more
    QIO = "qio"  # the quality-improvement organization decided for the hospital

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"attending": "The attending physician concurs", "qio": "The QIO decided for the hospital"}[self.value]


class NoticeState(StrEnum):
    """Where one delivery of a notice stands. Whether one is due, or not required, is computed by the clocks."""

    NOT_GIVEN = "not_given"  # nothing was delivered yet
    SIGNED = "signed"  # delivered and signed
    REFUSED = "refused"  # delivered, signature refused before a witness
    TOLD = "told"  # told to the representative by telephone
    GIVEN = "given"  # delivered; the notice asks for no signature
    SUPERSEDED = "superseded"  # a later delivery stands in its place, or the departure moved too far away from it
    VOID = "void"  # what was delivered was not a valid notice; it does not count
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return self.value.replace("_", " ")


class NoticeAction(StrEnum):
    """What may happen to a delivery."""

    SIGN = "sign"  # deliver, and have it signed
    WITNESS = "witness_refusal"  # deliver, and witness that the signature is refused
    TELL = "tell_by_telephone"  # tell the representative, and mail the copy
    HAND_OVER = "hand_over"  # deliver a notice that asks for no signature
    AMEND = "amend"  # correct what was recorded about it, with a reason
    SUPERSEDE = "supersede"  # deliver again
    INVALIDATE = "invalidate"  # say that the notice was not valid
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class DeliveryEnd(StrEnum):
    """Why a recorded version of a delivery stands no more."""

    AMENDED = "amended"  # another version was recorded in its place
    VOID = "void"  # the notice was not valid
    STRUCK_OUT = "struck_out"  # it was recorded by mistake


_RECEIPTS = {
    Receipt.PAPER: "Signed on paper",
    Receipt.SCREEN: "Signed on the screen",
    Receipt.REFUSED: "Signature refused",
    Receipt.TELEPHONE: "Told by telephone",
    Receipt.UNSIGNED: "No signature asked",
}
