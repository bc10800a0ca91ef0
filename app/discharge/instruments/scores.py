"""Instruments of which only the score is kept: their items belong to others and stand nowhere here.

The number is read in the source system and written down with who scored it and when.
"""

import msgspec

from app.discharge.instruments.terms import Instrument
from app.kernel.refusal import Refused


class Band(msgspec.Struct, frozen=True):
    """Scores from here on, until the next band, are called so."""

    first: int
    label: str


class ScoreOnly(msgspec.Struct, frozen=True):
    """Lowest and highest score, the step between scores, what groups of scores are called, and whose it is."""

    instrument: Instrument
    lowest: int
    highest: int
    bands: tuple[Band, ...]
    owner: str
    step: int = 1
    low_is_worse: bool = False

    @property
    def range_text(self) -> str:
        """`0 to 40`."""
        by = f" in steps of {self.step}" if self.step != 1 else ""
        return f"{self.lowest} to {self.highest}{by}"

    def band(self, score: int) -> str:
        """What this score is called; empty where the instrument has no names."""
        return next((band.label for band in reversed(self.bands) if score >= band.first), "")

    def read(self, text: str) -> int:
        """The score that a text holds; Refused says which are possible."""
        number = int(text) if text.strip().isdecimal() else -1
        if not self.lowest <= number <= self.highest or (number - self.lowest) % self.step:
            raise Refused(f"{self.instrument.label} is a whole number, {self.range_text}.", field="value")
        return number


_BRADEN = (Band(6, "very high risk"), Band(10, "high risk"), Band(13, "moderate risk"), Band(15, "mild risk"),
           Band(19, "low risk"))  # fmt: skip
_BRASS = (Band(0, "low"), Band(11, "medium"), Band(20, "high"))
SCORES: dict[Instrument, ScoreOnly] = {
    one.instrument: one
    for one in (
        ScoreOnly(Instrument.ECOG, 0, 5, (), "Oken and others 1982, public domain"),
        ScoreOnly(Instrument.PPS, 0, 100, (), "Victoria Hospice Society", step=10, low_is_worse=True),
        ScoreOnly(Instrument.CFS, 1, 9, (), "Rockwood, Dalhousie University"),
        ScoreOnly(Instrument.BRADEN, 6, 23, _BRADEN, "Braden and Bergstrom 1988", low_is_worse=True),
        ScoreOnly(Instrument.BRASS, 0, 40, _BRASS, "Blaylock and Cason 1992"),
        ScoreOnly(Instrument.AMPAC_MOBILITY, 6, 24, (), "AM-PAC, Boston University", low_is_worse=True),
        ScoreOnly(Instrument.AMPAC_ACTIVITY, 6, 24, (), "AM-PAC, Boston University", low_is_worse=True),
        ScoreOnly(Instrument.PRAPARE, 0, 30, (), "National Association of Community Health Centers"),
    )
}
ECOG_WORDS = (
    "0 fully active", "1 restricted in strenuous work", "2 cares for self, up more than half of the day",
    "3 limited care of self, in bed or chair more than half of the day", "4 completely disabled", "5 dead",
)  # fmt: skip
