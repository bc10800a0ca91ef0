"""What is recorded about the views of lists."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSaved(Event):
    """A view was saved, renamed, changed, moved, shared or brought back: `what` says which."""

    name: ClassVar[str] = "view.saved"
    facility_id: int
    view_id: uuid.UUID
    list: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEnded(Event):
    """A view was deleted."""

    name: ClassVar[str] = "view.ended"
    facility_id: int
    view_id: uuid.UUID
    list: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewChosen(Event):
    """A person chose how a list opens, with which list work begins, or which shared view is hidden; or undid it."""

    name: ClassVar[str] = "view.chosen"
    facility_id: int
    kind: str
    list: str
    taken_back: bool = False
