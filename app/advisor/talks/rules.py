"""How often talks overturn a denial, with what chance may have made of it. Pure."""

from dataclasses import dataclass

from app.kernel.shares import wilson

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


def said(share: Share) -> str:
    """`14 of 23 (61 %, 95 % interval 41 to 78 %)`; a small number says so; without a talk there is nothing to say."""
    if share.held == 0:
        return ""
    low, high = share.interval
    few = ", few talks" if share.small else ""
    return f"{share.won} of {share.held} ({share.percent} %, 95 % interval {low} to {high} %{few})"
