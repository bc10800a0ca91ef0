"""Who reads a review for the second time is not told by a draft what the first reader found."""

import uuid
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from app.avoidable_days.terms import DraftRule
from app.platform.work import Reading

Kept = Callable[[Reading, Sequence[uuid.UUID]], set[uuid.UUID]]
"""Those of the stays about whose reviews the reader may know nothing yet."""


class Told(Protocol):
    """A draft, as far as it matters here."""

    @property
    def encounter_id(self) -> uuid.UUID:
        """The stay, under the number for which it was proposed."""

    @property
    def rule(self) -> str:
        """The rule that proposes it."""


D = TypeVar("D", bound=Told)
_kept: list[Kept] = []


def install(kept: Kept) -> None:
    """Hand over who knows which stays are kept from whom (app/wiring.py)."""
    _kept[:] = [kept]


def without_kept(db: Reading, drafts: Sequence[D]) -> list[D]:
    """The drafts without those that rest on a review which the reader may not know. One query, if any rests on one."""
    stays = list({one.encounter_id for one in drafts if one.rule == DraftRule.REVIEW})
    hidden = {stay for kept in _kept for stay in kept(db, stays)} if stays else set()
    return [one for one in drafts if one.rule != DraftRule.REVIEW or one.encounter_id not in hidden]
