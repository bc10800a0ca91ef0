"""What changed on a stay since an instant, lent by features as plain data, for whoever looks at it again.

A review opens with what changed since the last one; it does not know who knew that.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.platform.work import Reading


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, in words: what it is, what it was, what it is now, since when it is so.

    `before` is empty for what is new, `after` for what is gone. A change without `text` of its own is written as
    `label: after (was before)` where somebody takes it over.
    """

    label: str
    after: str
    at: datetime
    before: str = ""
    text: str = ""

    @property
    def sentence(self) -> str:
        """As it stands in a text."""
        if self.text:
            return self.text
        was = f" (was {self.before})" if self.before else ""
        return f"{self.label}: {self.after or 'none'}{was}."


ChangeSource = Callable[[Reading, uuid.UUID, datetime], Sequence[Change]]
"""What of a feature's own changed on a stay after an instant, as of the reading."""

_sources: list[ChangeSource] = []


def install(sources: Sequence[ChangeSource]) -> None:
    """Hand over the lenders (app/wiring.py)."""
    _sources[:] = sources


def changes_since(db: Reading, encounter_id: uuid.UUID, since: datetime) -> list[Change]:
    """All of them, the latest first."""
    found = [one for source in _sources for one in source(db, encounter_id, since)]
    return sorted(found, key=lambda one: (one.at, one.label), reverse=True)
