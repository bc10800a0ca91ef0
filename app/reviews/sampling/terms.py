"""The words of samples of reviews and of their second readings."""

from enum import StrEnum
from fractions import Fraction

import msgspec


class ReadingState(StrEnum):
    """Where the second reading of a drawn review stands."""

    WAITING = "waiting"  # drawn, nobody has it
    TAKEN = "taken"  # somebody reads it and does not see the first reading until the second is signed
    READ = "read"  # both readings stand beside each other
    WITHDRAWN = "withdrawn"  # the sample, or the review itself, is struck out: nothing is read or counted

    @property
    def label(self) -> str:
        """As a page shows it."""
        return {"waiting": "waits", "taken": "being read", "read": "read", "withdrawn": "struck out"}[self.value]


class ReadingAction(StrEnum):
    """What may happen to a drawn review."""

    TAKE = "take"  # begin to read it
    GIVE_BACK = "give_back"  # leave it to somebody else
    SIGN = "sign"  # say what one found
    STRIKE_OUT = "strike_out"  # say that a second reading does not count; another person may read again
    WITHDRAW = "withdraw"  # strike the whole sample out


class Agreement(msgspec.Struct, frozen=True):
    """How far two readings agree over `number` pairs.

    `kappa` is Cohen's: agreement beyond what the shares of the answers alone would give, from -1 to 1. It is None, not
    defined, without a pair and where both readings gave one and the same answer throughout.
    """

    number: int
    agreed: int
    kappa: Fraction | None

    @property
    def share(self) -> Fraction | None:
        """Agreement as a share of all pairs; None without a pair."""
        return Fraction(self.agreed, self.number) if self.number else None
