"""What features lend to the hand-off brief: sections of lines about several stays, asked for at once."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.platform.work import Reading

Lines = Callable[[Reading, Sequence[uuid.UUID]], Mapping[uuid.UUID, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class BriefSection:
    """A titled part of the brief. `lines` gives text that is ready to show, by stay; a stay without lines has no part.

    Sections stand in the order in which app/wiring.py lists them.
    """

    title: str
    lines: Lines
