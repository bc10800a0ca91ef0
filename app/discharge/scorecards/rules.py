"""How vendors answer: counts, shares with intervals, times, for each vendor and type of care. Pure."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.kernel.shares import median, percentile, wilson

SMALL = 10
"""Below so many cases a share says little."""
SLOW = 90
"""The percentile that is shown beside the median."""


class Figure(StrEnum):
    """A figure of a scorecard; each opens the list of what it counts."""

    SENT = "sent"  # referrals that were sent
    OPENED = "opened"  # the vendor read it
    ANSWERED = "answered"  # the vendor accepted or declined
    ACCEPTED = "accepted"  # the vendor accepted, also where it withdrew later
    DECLINED = "declined"  # the vendor declined
    SILENT = "silent"  # opened, and not answered by the time that was given
    WEEKEND = "weekend"  # sent on a Saturday or Sunday
    WEEKEND_ACCEPTED = "weekend_accepted"  # of those, accepted
    PLACED = "placed"  # patients who left for this vendor, their thirty days being over
    READMITTED = "readmitted"  # of those, inpatients again within thirty days

    @property
    def label(self) -> str:
        """As a heading shows it."""
        return {
            "silent": "Opened, no answer in time", "weekend": "Sent at a weekend",
            "weekend_accepted": "Accepted at a weekend", "placed": "Left for it, thirty days over",
            "readmitted": "Back within thirty days",
        }.get(self.value, self.value.capitalize())  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One referral as it stands. `weekend` by the calendar of the facility; `silent` when its time is over."""

    vendor_id: uuid.UUID
    vendor: str
    care_type: str
    sent_at: datetime
    opened_at: datetime | None = None
    answered_at: datetime | None = None
    decline_reason: str = ""
    weekend: bool = False
    silent: bool = False

    def counts(self, figure: Figure) -> bool:
        """Whether the figure counts it."""
        answered = self.answered_at is not None
        accepted = answered and not self.decline_reason
        return {
            Figure.SENT: True,
            Figure.OPENED: self.opened_at is not None or answered,
            Figure.ANSWERED: answered,
            Figure.ACCEPTED: accepted,
            Figure.DECLINED: answered and bool(self.decline_reason),
            Figure.SILENT: self.silent,
            Figure.WEEKEND: self.weekend,
            Figure.WEEKEND_ACCEPTED: self.weekend and accepted,
        }.get(figure, False)

    @property
    def hours(self) -> float | None:
        """Elapsed hours to the answer, nights and weekends included: the patient waits through them too."""
        return None if self.answered_at is None else (self.answered_at - self.sent_at).total_seconds() / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A patient who left for a vendor, and whether an inpatient stay followed within thirty days."""

    vendor_id: uuid.UUID
    vendor: str
    care_type: str
    returned: bool


@dataclass(frozen=True, slots=True)
class Share:
    """Hits of cases."""

    hits: int
    of: int

    @property
    def small(self) -> bool:
        """Whether there are too few cases to lean on."""
        return self.of < SMALL

    @property
    def said(self) -> str:
        """`8 of 10 (80 %, 49 to 94 %)`; without a case a dash: nothing was counted."""
        if not self.of:
            return "–"
        low, high = wilson(self.hits, self.of)
        return f"{self.hits} of {self.of} ({self.hits / self.of:.0%}, {low:.0%} to {high:.0%})".replace("%", " %")


@dataclass(slots=True)
class Card:
    """All figures of one vendor and type of care."""

    vendor_id: uuid.UUID
    vendor: str
    care_type: str
    counts: Counter[Figure] = field(default_factory=Counter)
    hours: list[float] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def accepted(self) -> Share:
        """Acceptances of what was answered."""
        return Share(self.counts[Figure.ACCEPTED], self.counts[Figure.ANSWERED])

    @property
    def weekend(self) -> Share:
        """Acceptances of what was sent at a weekend."""
        return Share(self.counts[Figure.WEEKEND_ACCEPTED], self.counts[Figure.WEEKEND])

    @property
    def readmitted(self) -> Share:
        """Patients who came back of those whose thirty days are over."""
        return Share(self.counts[Figure.READMITTED], self.counts[Figure.PLACED])

    @property
    def median_hours(self) -> float | None:
        """Hours within which half of the answers came."""
        return median(self.hours)

    @property
    def slow_hours(self) -> float | None:
        """Hours within which nine of ten answers came."""
        return percentile(self.hours, SLOW)


def cards(asked: Iterable[Asked], placed: Iterable[Placed]) -> list[Card]:
    """A card for each vendor and type of care of which anything is known, by type and name."""
    found: dict[tuple[uuid.UUID, str], Card] = {}
    for one in asked:
        card = found.setdefault((one.vendor_id, one.care_type), Card(one.vendor_id, one.vendor, one.care_type))
        card.counts.update(figure for figure in Figure if one.counts(figure))
        if one.hours is not None:
            card.hours.append(one.hours)
        if one.counts(Figure.DECLINED):
            card.reasons[one.decline_reason] += 1
    for left in placed:
        card = found.setdefault((left.vendor_id, left.care_type), Card(left.vendor_id, left.vendor, left.care_type))
        card.counts[Figure.PLACED] += 1
        card.counts[Figure.READMITTED] += left.returned
    return sorted(found.values(), key=lambda card: (card.care_type, card.vendor.casefold(), str(card.vendor_id)))


def together(found: Sequence[Card]) -> Card:
    """All cards as one, to compare with."""
    whole = Card(uuid.UUID(int=0), "All vendors", "")
    for card in found:
        whole.counts.update(card.counts)
        whole.hours.extend(card.hours)
        whole.reasons.update(card.reasons)
    return whole
