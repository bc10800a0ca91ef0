"""What changed about the place of a stay from one day's sheet to the next, in words. Pure."""

from collections.abc import Sequence
from typing import Protocol


class Place(Protocol):
    """Where a stay stood on one day."""

    @property
    def owner(self) -> str: ...
    @property
    def place(self) -> int: ...
    @property
    def due_text(self) -> str: ...
    @property
    def due_what(self) -> str: ...
    @property
    def chips(self) -> Sequence[str]: ...


def words_of(chip: str) -> str:
    """The words of a chip, without its tone and icon."""
    return chip.split(" ", 2)[-1]


def what_changed(before: Place | None, now: Place) -> str:
    """`up from 7; next date Thu 5 Mar 11:00 leaves; discharge pending`. Nothing when all is as it was."""
    if before is None:
        return "first day on a sheet"
    parts = []
    if before.owner != now.owner:
        parts.append(f"from {before.owner or 'nobody'} to {now.owner or 'nobody'}")
    elif before.place != now.place:
        parts.append(f"{'up' if now.place < before.place else 'down'} from {before.place}")
    if (before.due_text, before.due_what) != (now.due_text, now.due_what):
        parts.append(f"next date {now.due_text} {now.due_what}" if now.due_text else "no date any more")
    came = [words_of(chip) for chip in now.chips if chip not in before.chips]
    went = [words_of(chip) for chip in before.chips if chip not in now.chips]
    parts += came + [f"no longer {words}" for words in went]
    return "; ".join(parts)
