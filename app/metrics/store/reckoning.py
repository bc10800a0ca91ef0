"""From sums to a figure: one formula for each kind of measure, whatever the sums are of."""

from math import exp

import msgspec

from app.kernel.shares import wilson
from app.metrics.terms import Figure, Kind


class Sums(msgspec.Struct, frozen=True):
    """What is added up over the counted cases of a period.

    Attributes:
        total: of the values.
        logs: of the logarithms of the values, or of the numerators where a case has no value.
        logs_expected: of the logarithms of the denominators.
        middle: the median of the values, where it was asked for.
    """

    member: str = ""
    cases: int = 0
    excluded: int = 0
    numerator: float = 0.0
    denominator: float = 0.0
    total: float = 0.0
    logs: float = 0.0
    logs_expected: float = 0.0
    middle: float | None = None


def value_of(kind: Kind, sums: Sums) -> float | None:
    """The figure, not multiplied by anything; None without a case to reckon with."""
    match kind:
        case Kind.SHARE | Kind.RATE | Kind.RATIO:
            return sums.numerator / sums.denominator if sums.denominator else None
        case Kind.MEDIAN:
            return sums.middle
        case _ if not sums.cases:
            return None
        case Kind.MEAN:
            return sums.total / sums.cases
        case Kind.GEOMETRIC:
            return exp(sums.logs / sums.cases)
        case Kind.GEOMETRIC_RATIO:
            return exp((sums.logs - sums.logs_expected) / sums.cases)
    raise ValueError(kind)


def figure_of(kind: Kind, sums: Sums, *, provisional: bool = False) -> Figure:
    """The figure of these sums, for a share with its Wilson interval."""
    low, high = None, None
    if kind is Kind.SHARE and sums.denominator >= max(1.0, sums.numerator):
        low, high = wilson(round(sums.numerator), round(sums.denominator))
    return Figure(
        member=sums.member,
        cases=sums.cases,
        excluded=sums.excluded,
        numerator=sums.numerator,
        denominator=sums.denominator,
        value=value_of(kind, sums),
        low=low,
        high=high,
        provisional=provisional,
    )
