"""Shares of a long-term hospital's discharges, each with what chance may have made of it. Pure.

Readmission: 42 CFR 412 subpart O quality reporting, rule sheet 12.5; a return to an interrupted stay is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.shares import wilson

READMISSION_DAYS = 30


@dataclass(frozen=True, slots=True)
class Share:
    """Hits of cases with the 95 % score interval; no interval without a case. `unknown` cases are in neither."""

    hits: int
    of: int
    unknown: int = 0

    @property
    def percent(self) -> float | None:
        """The share in percent."""
        return 100 * self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lower and upper end in percent."""
        if not self.of:
            return None
        low, high = wilson(self.hits, self.of)
        return 100 * low, 100 * high


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A discharge as the shares see it; None where it is not known or does not apply.

    Attributes:
        short_stay: a short stay at the standard rate.
        weaned: off the ventilator for two calendar days in a row before leaving; None for who was never ventilated.
        to_acute: went back to an acute hospital.
        back_on: the day of a new stay in an acute or long-term hospital that is known here.
    """

    key: str
    left: date
    died: bool = False
    short_stay: bool | None = None
    weaned: bool | None = None
    to_acute: bool = False
    back_on: date | None = None


def short_stays(outcomes: Sequence[Outcome]) -> Share:
    """Short stays of all stays at the standard rate whose threshold is known."""
    return _share(one.short_stay for one in outcomes)


def weaned(outcomes: Sequence[Outcome]) -> Share:
    """Weaned patients of all who were ventilated, the dead among them included."""
    return _share(one.weaned for one in outcomes if one.weaned is not None)


def transfers_back(outcomes: Sequence[Outcome]) -> Share:
    """Discharges back to an acute hospital."""
    return _share(one.to_acute for one in outcomes)


def readmissions(outcomes: Sequence[Outcome], today: date) -> Share:
    """New stays within thirty days of all who left alive and not to an acute hospital.

    Who has been gone for fewer days and is not back is not known yet.
    """
    return _share(returned(one, today) for one in outcomes if not one.died and not one.to_acute)


def returned(one: Outcome, today: date) -> bool | None:
    """Whether a new stay began within thirty days; None while that is not known yet."""
    if one.back_on is not None and one.back_on <= today:
        return (one.back_on - one.left).days <= READMISSION_DAYS
    return False if (today - one.left).days > READMISSION_DAYS else None


def _share(answers: Iterable[bool | None]) -> Share:
    given = list(answers)
    known = [one for one in given if one is not None]
    return Share(sum(known), len(known), len(given) - len(known))
