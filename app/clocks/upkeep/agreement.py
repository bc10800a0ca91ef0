"""Whether what is stored as owed equals a fresh computation: asked by `daybook doctor --deep` and by tests."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from app.clocks.commands import FAULTS, rows_of, stored_rows
from app.clocks.gather import collect
from app.clocks.upkeep.sweeping import batches
from app.platform.work import Reading


@dataclass(frozen=True, slots=True)
class Differs:
    """A stay whose stored obligations of these rules are others than the facts say now; no rule: it has a fault."""

    encounter_id: uuid.UUID
    rules: tuple[str, ...]


def differences(view: Reading) -> Iterator[Differs]:
    """All stays that something may be owed for, computed anew and compared. Reads only."""
    for stays in batches(view):
        stored = stored_rows(view, stays)
        for one in collect(view, stays):
            try:
                computed = rows_of(one.facts())
            except FAULTS:
                yield Differs(one.id, ())
                continue
            kept = stored.get(one.id, {})
            rules = {key[0] for key in kept.keys() | computed.keys() if kept.get(key) != computed.get(key)}
            if rules:
                yield Differs(one.id, tuple(sorted(rules)))
