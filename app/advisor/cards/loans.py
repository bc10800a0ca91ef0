"""What other features lend to a card: midnights, criteria not met, the payer's last words, what a talk can change."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.platform.work import Reading


@dataclass(frozen=True, slots=True)
class Point:
    """One criterion of a review: its words, its code, and whether it is met."""

    text: str
    code: str
    met: bool


@dataclass(frozen=True, slots=True)
class ReviewBrief:
    """The last review of a stay in short: its day as a title, what was not met and what was, in own words."""

    title: str
    points: Sequence[Point] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a payer said last, and when by which way."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Midnights of a stay: one sentence, and a piece that draws them with `figure` at hand, where there is one."""

    sentence: str
    template: str = ""
    figure: Mapping[str, object] = field(default_factory=dict)


Stays = Sequence[uuid.UUID]


@dataclass
class Loans:
    """Each is asked once for all cards of a page; what is not lent is left out of the card."""

    midnights: Callable[[Reading, Stays], Mapping[uuid.UUID, Drawing]] | None = None
    reviews: Callable[[Reading, Stays], Mapping[uuid.UUID, ReviewBrief]] | None = None
    payers: Callable[[Reading, Stays], Mapping[uuid.UUID, Quote]] | None = None
    talk_effects: Callable[[Reading, Stays], Mapping[uuid.UUID, str]] | None = None


_lent = Loans()


def install(loans: Loans) -> None:
    """Hand over what features lend (app/wiring.py)."""
    global _lent
    _lent = loans


@dataclass(frozen=True, slots=True)
class Borrowed:
    """What was lent for the stays of one page."""

    midnights: Mapping[uuid.UUID, Drawing]
    reviews: Mapping[uuid.UUID, ReviewBrief]
    payers: Mapping[uuid.UUID, Quote]
    talk_effects: Mapping[uuid.UUID, str]


def borrow(db: Reading, stays: Stays) -> Borrowed:
    """Ask every lender once."""
    return Borrowed(
        midnights=_lent.midnights(db, stays) if _lent.midnights else {},
        reviews=_lent.reviews(db, stays) if _lent.reviews else {},
        payers=_lent.payers(db, stays) if _lent.payers else {},
        talk_effects=_lent.talk_effects(db, stays) if _lent.talk_effects else {},
    )
