"""How often talks overturn a denial, with what chance may have made of it. Pure."""

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""Both tails of a standard normal distribution beyond it hold 5 %."""
SMALL = 10
"""Below so many talks a share says little."""


@dataclass(frozen=True, slots=True)
class Share:
    """Talks that took a denial back, in full or in part, of all that were held."""

    won: int
    held: int

    @property
    def percent(self) -> int:
        """Rounded half up; only where there is something to divide."""
        return (200 * self.won + self.held) // (2 * self.held)

    @property
    def interval(self) -> tuple[int, int]:
        """The 95 % interval of E. B. Wilson (1927) in whole percent."""
        low, high = wilson(self.won, self.held)
        return round(100 * low), round(100 * high)

    @property
    def small(self) -> bool:
        """Whether the number of talks is too small to lean on."""
        return self.held < SMALL


def wilson(won: int, held: int) -> tuple[float, float]:
    """The 95 % score interval of a share, each end within 0 to 1. ValueError without a single talk."""
    if not 0 <= won <= held or held == 0:
        raise ValueError("A share needs at least one talk, and no more won than held.")
    share, square = won / held, Z * Z
    middle = (share + square / (2 * held)) / (1 + square / held)
    half = Z * sqrt(share * (1 - share) / held + square / (4 * held * held)) / (1 + square / held)
    return max(0.0, middle - half), min(1.0, middle + half)


def said(share: Share) -> str:
    """`14 of 23 (61 %, 95 % interval 41 to 78 %)`; a small number says so; without a talk there is nothing to say."""
    if share.held == 0:
        return ""
    low, high = share.interval
    few = ", few talks" if share.small else ""
    return f"{share.won} of {share.held} ({share.percent} %, 95 % interval {low} to {high} %{few})"
