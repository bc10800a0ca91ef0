"""The words of a payer's rule card."""

from enum import StrEnum


class PeerToPeerEffect(StrEnum):
    """What a talk between physicians can still do under a payer's contract."""

    BEFORE_DENIAL = "pre_denial_only"  # only before the letter of denial is out
    CAN_OVERTURN = "post_denial_can_overturn"  # also afterwards
    INFORMATIONAL = "informational"  # it changes nothing; the denial has to be appealed

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {
            "pre_denial_only": "Only before the denial is out",
            "post_denial_can_overturn": "Can overturn a denial",
            "informational": "For information only",
        }[self.value]


class ChannelKind(StrEnum):
    """A way to reach a payer."""

    PHONE = "phone"  # a telephone number
    PORTAL = "portal"  # a web site
    FAX = "fax"  # a fax number
    MAIL = "mail"  # a postal address

    @property
    def label(self) -> str:
        """As a form shows it."""
        return self.value.capitalize()
