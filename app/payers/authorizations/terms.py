"""The words of an authorization: where it stands, what may happen to it, how request and answer travelled."""

from enum import StrEnum


class AuthorizationState(StrEnum):
    """Where an authorization stands: what the payer last said about what was last asked."""

    NONE = "none"  # nothing was asked, and the payer said nothing
    NOT_REQUIRED = "not_required"  # the payer needs no authorization for this stay
    REQUESTED = "requested"  # asked; no answer yet
    PENDED = "pended"  # the payer answered that it awaits something, or asks to be called
    APPROVED = "approved"  # all days that were asked and decided are authorized
    PARTIALLY = "partially"  # some of the days that were asked are authorized, others not
    DENIED = "denied"  # no day is authorized
    CANCELLED = "cancelled"  # withdrawn, by us or by the payer
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"partially": "partially approved"}.get(self.value, self.value.replace("_", " "))


class AuthorizationAction(StrEnum):
    """What may happen to an authorization."""

    ASK = "ask"  # send a request: the first, for more days, a changed one, or to look again
    PEND = "pend"  # the payer awaits something
    APPROVE = "approve"  # the payer authorizes all that was asked
    APPROVE_PART = "approve_part"  # the payer authorizes fewer days than asked
    DENY = "deny"  # the payer authorizes none
    SAY_NOT_REQUIRED = "say_not_required"  # the payer needs no authorization
    CANCEL = "cancel"  # withdraw
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class Channel(StrEnum):
    """How something reached the payer, or came from it."""

    CALL = "call"  # spoken on the telephone
    PORTAL = "portal"  # entered on, or read from, the payer's web site
    FAX = "fax"  # sent or received by fax
    LETTER = "letter"  # on paper by post
    FILE = "file"  # a file of this house or of the payer: X12 278 or FHIR

    @property
    def label(self) -> str:
        """As a form shows it."""
        return self.value.capitalize()


class EndReason(StrEnum):
    """Why a recorded version stands no more."""

    AMENDED = "amended"  # another version was recorded in its place
    STRUCK_OUT = "struck_out"  # it was recorded by mistake
