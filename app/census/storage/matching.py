"""Which stored stay is which stay of the fold: numbers change hands, a stay and what hangs on it does not.

A stay is known again by the first received of its messages, which stays with it through renaming, swapped and re-used
numbers; by its number only where no message tells. Pure but for the rows that it is given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.census.storage.rows import ENCOUNTER
from app.census.storage.tables import Row
from app.census.terms import EncounterState

_AUTHORITY, _NUMBER = ENCOUNTER.index("authority"), ENCOUNTER.index("visit_number")
_FIRST, _GONE = ENCOUNTER.index("first_message_id"), ENCOUNTER.index("gone_at")


@dataclass(slots=True)
class Matching:
    """Stored rows by the present number of their stay, and rows that stand for no stay of their own any more.

    For a lost row the number of the stay is given that holds its messages now, None where nobody holds them.
    """

    kept: dict[str, Row] = field(default_factory=dict)
    lost: list[tuple[Row, str | None]] = field(default_factory=list)


def match(rows: Iterable[Row], states: Mapping[str, EncounterState]) -> Matching:
    """Give every stay at most one row: by message and number, else by the message alone, else by the number."""
    holders: dict[int, list[str]] = {}
    for key, state in states.items():
        for sequence in state.sequences:
            holders.setdefault(sequence, []).append(key)
    pairs: list[tuple[int, int, str, Row]] = []
    stored = sorted(rows, key=lambda row: row.values[_FIRST])
    for row in stored:
        number = f"{row.values[_AUTHORITY]}|{row.values[_NUMBER]}"
        found = holders.get(row.values[_FIRST], [])
        gone = row.values[_GONE] is not None
        for key in found:
            pairs.append((0 if key == number and not gone else 1 + gone, row.values[_FIRST], key, row))
        if not found and number in states and not gone:
            pairs.append((3, row.values[_FIRST], number, row))
    matching, taken = Matching(), set()
    for _, _, key, row in sorted(pairs, key=lambda pair: pair[:3]):
        if key not in matching.kept and row.id not in taken:
            matching.kept[key] = row
            taken.add(row.id)
    for row in stored:
        if row.id not in taken and row.values[_GONE] is None:
            found = holders.get(row.values[_FIRST], [])
            matching.lost.append((row, found[0] if found else None))
    return matching
