"""How the referrals of each referring hospital end. Each figure is a list of referrals, so that it can be opened."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from app.ltac.screening.queries import Referral
from app.ltac.screening.terms import DeclineReason, Figure, Rate, ReferralState

HOUR = timedelta(hours=1)
_ACCEPTED = (ReferralState.ACCEPTED, ReferralState.ADMITTED)


@dataclass(frozen=True, slots=True)
class Counted:
    """A referral with the rate that its evidence speaks for."""

    referral: Referral
    rate: Rate


@dataclass(frozen=True, slots=True)
class SourceLine:
    """The figures of one referring hospital; of all together where `key` is empty.

    `median_hours` runs from the receipt to the first answer and is None where nothing was answered.
    """

    key: str
    name: str
    counts: dict[Figure, int]
    declined: tuple[tuple[DeclineReason, int], ...]
    median_hours: float | None


def counts(figure: Figure, one: Counted) -> bool:
    """Whether a referral counts for a figure: the same for the figure and for the list behind it."""
    state = one.referral.stands
    match figure:
        case Figure.REFERRALS:
            return True
        case Figure.ACCEPTED:
            return state in _ACCEPTED
        case Figure.DECLINED:
            return state is ReferralState.DECLINED
        case Figure.ADMITTED:
            return state is ReferralState.ADMITTED
        case Figure.ANSWERED:
            return one.referral.answered_at is not None
        case Figure.EVIDENCE:
            return one.rate is Rate.STANDARD
        case Figure.MEDICARE:
            return one.rate is not Rate.NOT_MEDICARE


def lines(found: Sequence[Counted]) -> list[SourceLine]:
    """One line for each referring hospital, the busiest first."""
    by_source: dict[str, list[Counted]] = {}
    for one in found:
        by_source.setdefault(one.referral.source, []).append(one)
    made = [_line(key, _name(those), those) for key, those in by_source.items()]
    return sorted(made, key=lambda line: (-line.counts[Figure.REFERRALS], line.name))


def together(found: Sequence[Counted]) -> SourceLine:
    """All referring hospitals in one line."""
    return _line("", "All", found)


def _name(those: Iterable[Counted]) -> str:
    """A hospital is called as it was written last."""
    return max(those, key=lambda one: one.referral.received_at).referral.from_name


def _line(key: str, name: str, those: Sequence[Counted]) -> SourceLine:
    declined = Counter(one.referral.reason for one in those if counts(Figure.DECLINED, one))
    hours = [
        (one.referral.answered_at - one.referral.received_at) / HOUR
        for one in those
        if one.referral.answered_at is not None
    ]
    return SourceLine(
        key=key, name=name, counts={figure: sum(counts(figure, one) for one in those) for figure in Figure},
        declined=tuple((DeclineReason(code), count) for code, count in declined.most_common()),
        median_hours=median(hours) if hours else None,
    )  # fmt: skip
