"""What other features lend to a card: midnights, criteria not met, the payer's last words, what a talk can change."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.platform.work import Reading


class Point(Protocol):
    """One criterion of a review: its words, its code, and whether it is met."""

    @property
    def text(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def met(self) -> bool: ...


class ReviewBrief(Protocol):
    """The last review of a stay in short: its title, the points that were looked at, its words."""

    @property
    def title(self) -> str: ...
    @property
    def points(self) -> Sequence[Point]: ...
    @property
    def words(self) -> str: ...


class Quote(Protocol):
    """What a payer said last, and when by which way."""

    @property
    def text(self) -> str: ...
    @property
    def source(self) -> str: ...


class Drawing(Protocol):
    """Midnights of a stay: one sentence, and a piece that draws them with `figure` at hand, or no piece."""

    @property
    def sentence(self) -> str: ...
    @property
    def template(self) -> str: ...
    @property
    def figure(self) -> Mapping[str, object]: ...


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
