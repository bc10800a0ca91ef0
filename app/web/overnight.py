"""What happened while a person was away, as the strip above their own list says it. Types that features fill."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.platform.work import Reading
from app.security.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Happening:
    """One stay to which something happened: its name as the strip shows it, and in a few words what it was."""

    stay_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Overnight:
    """Things of one kind that happened to a person's stays. `late` ones are lost already and stand first.

    Attributes:
        kind: a word for the address of its part of the page.
        one: what it is called when it is one ("new admission"), `many` when it is several.
    """

    kind: str
    one: str
    many: str
    stays: Sequence[Happening]
    late: bool = False


Source = Callable[[Reading, Viewer, datetime], Sequence[Overnight]]
"""Asked for what happened since an instant; kinds without anything are left out."""
