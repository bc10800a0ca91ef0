"""What the store of measures records: that cases were brought up to date, and what a full computation found."""

from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresRefreshed(Event):
    """The cases of touched patients were reckoned anew. `made` and `removed` count the rows that differed."""

    name: ClassVar[str] = "measures.refreshed"
    patients: int
    made: int
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresRecomputed(Event):
    """All cases of all patients were reckoned anew and compared with what was stored.

    `differing` counts patients whose cases were others although nothing waited for them; `measures` names what was
    another. `definitions` is the mark of the program's definitions and sources that they follow.
    """

    name: ClassVar[str] = "measures.recomputed"
    patients: int
    cases: int
    made: int
    removed: int
    differing: int
    measures: tuple[str, ...]
    definitions: str
