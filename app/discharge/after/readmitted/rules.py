"""What a readmission is, how its judgement goes, and how far raters agree. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.discharge.after.readmitted.terms import ReviewAction, ReviewState

WITHIN_DAYS = 30
"""Days from discharge to the new admission, as in the hospital-wide readmission measure; the day of discharge is 0."""
FAR_APART = 2
"""Points between two judgements from which a third person judges."""
PREVENTABLE_FROM = 4
"""From this point of the scale a readmission counts as preventable."""
_S, _A = ReviewState, ReviewAction
LIFE: dict[tuple[ReviewState, ReviewAction], ReviewState] = {
    (_S.WAITING, _A.JUDGE): _S.ONE,
    (_S.ONE, _A.TAKE_BACK): _S.WAITING,
    (_S.ONE, _A.JUDGE_NEAR): _S.SETTLED,
    (_S.ONE, _A.JUDGE_APART): _S.APART,
    (_S.APART, _A.JUDGE_THIRD): _S.SETTLED,
}


def readmission_day(left: date, came: date) -> int | None:
    """How many days after a discharge the patient came back; None where that is no readmission."""
    days = (came - left).days
    return days if 0 <= days <= WITHIN_DAYS else None


def state(given: Sequence[int]) -> ReviewState:
    """Where the judgement stands after these, in the order in which they were given."""
    if not given:
        return ReviewState.WAITING
    if len(given) == 1:
        return ReviewState.ONE
    if len(given) == 2:
        return ReviewState.APART if abs(given[0] - given[1]) >= FAR_APART else ReviewState.SETTLED
    return ReviewState.SETTLED


def action(given: Sequence[int], preventable: int) -> ReviewAction:
    """What another judgement would be."""
    stands = state(given)
    if stands is ReviewState.WAITING:
        return ReviewAction.JUDGE
    if stands is ReviewState.ONE:
        far = abs(given[0] - preventable) >= FAR_APART
        return ReviewAction.JUDGE_APART if far else ReviewAction.JUDGE_NEAR
    return ReviewAction.JUDGE_THIRD


def verdict(given: Sequence[int]) -> float | None:
    """The settled judgement: the mean of two that are near, the median of three; None before."""
    if state(given) is not ReviewState.SETTLED:
        return None
    return float(sorted(given)[1]) if len(given) >= 3 else sum(given) / 2


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far first and second judgements agree.

    Attributes:
        pairs: readmissions with two judgements that were blind to each other.
        same: pairs in which both hold it preventable, or both do not.
        near: pairs at most one point apart on the scale.
        kappa: Cohen's kappa for preventable or not; None without pairs, or where chance alone agrees always.
    """

    pairs: int
    same: int
    near: int
    kappa: float | None


def agreement(pairs: Sequence[tuple[int, int]]) -> Agreement:
    """Cohen's kappa (1960) of two judgements each, preventable being four points or more."""
    count = len(pairs)
    yes = [(one >= PREVENTABLE_FROM, two >= PREVENTABLE_FROM) for one, two in pairs]
    same = sum(one == two for one, two in yes)
    near = sum(abs(one - two) < FAR_APART for one, two in pairs)
    if not count:
        return Agreement(0, 0, 0, None)
    first, second = sum(one for one, _ in yes) / count, sum(two for _, two in yes) / count
    chance = first * second + (1 - first) * (1 - second)
    kappa = None if chance >= 1 else (same / count - chance) / (1 - chance)
    return Agreement(count, same, near, kappa)
