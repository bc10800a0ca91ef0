"""How lanes look: the box of each part (letter, pattern, tone), its word, and the record that it leads to."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import quote

from app.ledger.rules import Entry, LedgerDay
from app.ledger.terms import Authorized, Necessary, Occupied, Place, Source
from app.web.past.reading import with_as_of

AHEAD = {"code": "plan", "letter": "·", "word": "expected"}


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane: its parts in the order in which totals name them, and the box of each part (class and letter)."""

    name: str
    label: str
    part: Callable[[LedgerDay], StrEnum]
    boxes: Mapping[StrEnum, tuple[str, str]]

    @property
    def legend(self) -> list[dict[str, str]]:
        """The boxes with their words."""
        return [{"code": code, "letter": letter, "word": word_of(part)} for part, (code, letter) in self.boxes.items()]


def word_of(part: StrEnum) -> str:
    """The word of a part, as hidden text and totals say it."""
    word: str = part.word  # type: ignore[attr-defined]
    return word


class Reason(StrEnum):
    """What the avoidable lane says of a midnight."""

    CONFIRMED = "confirmed"  # an avoidable day was recorded
    DRAFT = "draft"  # one is proposed
    OPEN = "open"  # past the expected length or ready, and nobody said why
    NONE = "none"  # nothing to say

    @property
    def word(self) -> str:
        """As hidden text and totals say it."""
        return {"open": "without a reason"}.get(self.value, self.value)


_REASON_OF = {Place.CONFIRMED: Reason.CONFIRMED, Place.DRAFT: Reason.DRAFT, Place.NO_REASON: Reason.OPEN}
OCCUPIED = Lane(
    "occupied",
    "Occupied",
    lambda one: one.occupied,
    {
        Occupied.EMERGENCY: ("edd", "E"), Occupied.OBSERVATION: ("obs", "O"), Occupied.INPATIENT: ("inp", "I"),
        Occupied.INTENSIVE: ("icu", "C"), Occupied.OTHER: ("edd", "U"), Occupied.AWAY: ("away", "×"),
    },
)  # fmt: skip
NECESSARY = Lane(
    "necessary",
    "Necessary",
    lambda one: one.necessary,
    {
        Necessary.MET: ("met", "M"), Necessary.NOT_MET: ("notmet", "N"), Necessary.PENDING: ("pend", "P"),
        Necessary.NONE: ("none", "?"), Necessary.NOT_ASKED: ("nil", "·"),
    },
)  # fmt: skip
AUTHORIZED = Lane(
    "authorized",
    "Authorized",
    lambda one: one.authorized,
    {
        Authorized.APPROVED: ("appr", "A"), Authorized.REQUESTED: ("req", "R"), Authorized.DENIED: ("den", "D"),
        Authorized.NOT_REQUIRED: ("nreq", "n"), Authorized.NONE: ("none", "!"),
    },
)  # fmt: skip
AVOIDABLE = Lane(
    "avoidable",
    "Avoidable",
    lambda one: _REASON_OF.get(one.place, Reason.NONE),
    {
        Reason.CONFIRMED: ("avo", "AD"), Reason.DRAFT: ("draft", "AD"), Reason.OPEN: ("none", "?"),
        Reason.NONE: ("nil", "·"),
    },
)  # fmt: skip
EVERYTHING = Lane(
    "all",
    "What is open",
    lambda one: one.place,
    {
        Place.NEEDED: ("need", "·"), Place.CONFIRMED: ("avo", "AD"), Place.DRAFT: ("draft", "AD"),
        Place.NO_REASON: ("none", "?"), Place.NOT_AUTHORIZED: ("none", "!"), Place.NOT_REVIEWED: ("none", "R?"),
    },
)  # fmt: skip
STRIP = (OCCUPIED, NECESSARY, AUTHORIZED, AVOIDABLE)
GRID = (EVERYTHING, AVOIDABLE, NECESSARY, AUTHORIZED, OCCUPIED)


@dataclass(frozen=True, slots=True)
class Linking:
    """Where boxes of one stay may lead for one reader.

    `past` is the earlier instant as addresses say it; `back` the page to which the form of a day leads back.
    """

    stay_id: uuid.UUID
    past: str = ""
    back: str = ""
    may_review: bool = False
    may_ask: bool = False
    may_record: bool = False

    def at(self, path: str, fragment: str = "") -> str:
        """A part of the stay, at the same instant."""
        return with_as_of(f"/encounters/{self.stay_id}{path}", self.past) + (f"#{fragment}" if fragment else "")

    def reason(self, day: date) -> str:
        """Where the avoidable day of a date is written, for those who may; else where it is read."""
        if self.may_record:
            return self.form(f"/encounters/{self.stay_id}/avoidable-days/new?day={day}")
        return self.at("/days", "stay-avoidable")

    def entry(self, one: Entry, day: date) -> str:
        """Where a recorded day is corrected; one that is proposed is confirmed where it would be written."""
        if one.draft or not self.may_record:
            return self.reason(day)
        return self.form(f"/avoidable-days/entries/{one.id}/amendment")

    def form(self, address: str) -> str:
        """The address of a form, with the way back."""
        joint = "&" if "?" in address else "?"
        return f"{address}{joint}back={quote(self.back, safe='')}" if self.back else address

    def review(self, one: LedgerDay) -> str:
        """The review that speaks of a day, or where one is written."""
        if one.review_id is not None:
            return with_as_of(f"/reviews/{one.review_id}", self.past)
        if one.necessary is Necessary.NONE and self.may_review:
            return self.at(f"/reviews/new?day={one.day}")
        return self.at("/reviews")

    def payer(self, one: LedgerDay) -> str:
        """The authorization or denial that speaks of a day, or where the payer is asked."""
        if one.claim is None:
            asks = one.authorized is Authorized.NONE and self.may_ask
            return self.at("/authorizations/new" if asks else "/payer")
        if one.claim.source is Source.DENIAL:
            return with_as_of(f"/denials/{one.claim.id}", self.past)
        return self.at("/payer", f"a{one.claim.id}")


def box(lane: Lane, one: LedgerDay, to: Linking) -> dict[str, str]:
    """The box of a midnight in a lane: class, letter, hidden word, address of the record behind it."""
    part = lane.part(one)
    code, letter = lane.boxes[part]
    word = word_of(part)
    if one.entry is not None and code in ("avo", "draft"):
        letter = one.entry.code.split("-")[0]
        word = f"{one.entry.code} {one.entry.label}, {'draft' if one.entry.draft else 'confirmed'}"
    if lane is OCCUPIED and one.unit:
        word = f"{word}, {one.unit}"
    return {"code": code, "letter": letter, "word": word, "href": _address(lane, part, one, to)}


def _address(lane: Lane, part: StrEnum, one: LedgerDay, to: Linking) -> str:
    if lane is OCCUPIED:
        return to.at("/timeline")
    if lane is NECESSARY or part is Place.NOT_REVIEWED:
        return to.review(one)
    if lane is AUTHORIZED or part is Place.NOT_AUTHORIZED:
        return to.payer(one)
    return to.reason(one.day) if one.entry is None else to.entry(one.entry, one.day)


def total_words(lane: Lane, days: Sequence[LedgerDay]) -> str:
    """`5 met, 1 not met`: the parts of a lane, which add up to the midnights."""
    counted = count_parts(lane, days)
    return ", ".join(f"{count} {word_of(part)}" for part, count in counted.items() if count) or "none"


def count_parts(lane: Lane, days: Sequence[LedgerDay]) -> dict[StrEnum, int]:
    """How many midnights each part of a lane has, in the order of the lane."""
    found = dict.fromkeys(lane.boxes, 0)
    for one in days:
        found[lane.part(one)] += 1
    return found
