"""Which reviews a draw takes, what may happen to one, and how far two readings agree. Pure."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from app.kernel.refusal import Refused
from app.reviews.criteria.terms import Screen
from app.reviews.sampling.terms import Agreement, ReadingAction, ReadingState
from app.reviews.terms import Outcome

_S, _A = ReadingState, ReadingAction
LIFE: dict[tuple[ReadingState, ReadingAction], ReadingState] = {
    (_S.WAITING, _A.TAKE): _S.TAKEN,
    (_S.WAITING, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.TAKEN, _A.GIVE_BACK): _S.WAITING,
    (_S.TAKEN, _A.SIGN): _S.READ,
    (_S.TAKEN, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.READ, _A.STRIKE_OUT): _S.WAITING,
    (_S.READ, _A.WITHDRAW): _S.WITHDRAWN,
}
DEFAULT_SHARE = 5
"""Per cent of signed reviews that are read twice where a facility has said nothing else."""


def draw(keys: Iterable[uuid.UUID], percent: int, seed: str) -> list[uuid.UUID]:
    """The share of these reviews that a seed draws, rounded up: the same keys and seed give the same draw everywhere.

    Each review is put in its place by a digest of seed and key, so that the order of the keys does not matter.
    """
    placed = sorted(set(keys), key=lambda key: (hashlib.sha256(f"{seed} {key}".encode()).digest(), key))
    return placed[: -(-len(placed) * percent // 100)]


def agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Agreement over pairs of answers, the first reading's before the second's (Cohen 1960, unweighted)."""
    held = list(pairs)
    number, agreed = len(held), sum(first == second for first, second in held)
    if not held:
        return Agreement(0, 0, None)
    first, second = Counter(one for one, _ in held), Counter(other for _, other in held)
    by_chance = Fraction(sum(first[answer] * second[answer] for answer in first), number**2)
    if by_chance == 1:
        return Agreement(number, agreed, None)
    return Agreement(number, agreed, (Fraction(agreed, number) - by_chance) / (1 - by_chance))


def check_reason(outcome: Outcome, by_points: Screen | None, reason: str) -> None:
    """Refused where a second reading must say why and does not. `by_points` is None for a licensed product."""
    if reason:
        return
    if outcome is Outcome.PENDING:
        raise Refused("Write which information is missing.", field="reason")
    if by_points is not None and outcome.value != by_points.value:
        raise Refused("The points say otherwise. Write why you decide against them.", field="reason")
    if outcome is Outcome.NOT_MET:
        raise Refused("Write why the criteria are not met.", field="reason")
