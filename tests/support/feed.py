"""Short stories of ADT messages told to the database: parsed, kept and folded as the feed does it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from app.census.commands import apply_facts, refold_all
from app.census.terms import AdtFact, FeedPolicy
from app.platform.work import begin, everywhere, reading
from tests.census.replaying import taken
from tests.census.stories import lines
from tests.support.world import NOW, World

ACTOR = everywhere("feed")


class Telling:
    """Tells stories to the feed of one facility; each message has the next number of receipt.

    What a `live` feed tells is known when it is told; everything else at its recorded clock.
    """

    def __init__(self, world: World, code: str = "NORTH", *, first: int = 1, live: bool = False) -> None:
        self.policy = FeedPolicy(feed=str(world.facility[code]), timezone="America/New_York", default_authority=code)
        self._next = first
        self._live = live

    def facts(self, text: str) -> list[AdtFact]:
        """The facts of a story, as in `tests/census/stories.py`, with the authority of this facility."""
        own = [line.replace("HOSP", self.policy.default_authority) for line in lines(text)]
        found = []
        for one in taken(own, self.policy):
            assert isinstance(one, AdtFact), one
            found.append(msgspec.structs.replace(one, sequence=self._next))
            self._next += 1
        return found

    def tell(self, text: str, *, at: datetime = NOW) -> None:
        """Apply a story, one transaction for each message."""
        for fact in self.facts(text):
            apply([fact], at=at, live=self._live)

    def tell_at_once(self, text: str, *, at: datetime = NOW) -> None:
        """Apply a story in one transaction, as a backlog."""
        apply(self.facts(text), at=at, live=self._live)


def apply(facts: Iterable[AdtFact], *, at: datetime = NOW, live: bool = False) -> None:
    told = list(facts)
    with begin(ACTOR, at=at) as work:
        apply_facts(work, told, {fact.sequence: at for fact in told} if live else None)


def discrepancies() -> list[object]:
    """Where the tables differ from a fold of everything."""
    with reading(ACTOR, at=NOW) as view:
        return list(refold_all(view))
