"""What is recorded when a list leaves the house."""

from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTakenOut(Event):
    """A list left as a file or on paper. `view` is the query of its address, which never names a patient."""

    name: ClassVar[str] = "list.taken_out"
    facility_id: int
    list_name: str
    form: str
    view: str
    stays: int
    restricted: int
