"""What happens to value sets, codes without a category, and coded abstracts."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSetsImported(Event):
    """The published tables of a vintage were taken in. `replaced`: that vintage was there before, with other rows."""

    name: ClassVar[str] = "value_sets.imported"
    vintage: str
    source: str
    codes: int
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePlaced(Event):
    """Somebody put a code that the map lacks into a category of the Clinical Classifications Software."""

    name: ClassVar[str] = "code.placed"
    system: str
    code: str
    ccs: int
    reason: str
    before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeReleased(Event):
    """What somebody said of a code was taken back; it is without a category again."""

    name: ClassVar[str] = "code.released"
    system: str
    code: str
    ccs: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayCoded(Event):
    """The final coding of a stay came in, or a corrected one in place of it."""

    name: ClassVar[str] = "stay.coded"
    facility_id: int
    coded_on: date
    procedures: int
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedFileTaken(Event):
    """A file of final codings was taken in for a facility."""

    name: ClassVar[str] = "coded_file.taken"
    facility_id: int
    source: str
    added: int
    changed: int
    unchanged: int
    refused: int
