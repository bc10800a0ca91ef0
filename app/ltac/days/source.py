"""What the clocks learn of absences from a long-term hospital: leaving and coming back while the bed is held.

Discharges are left out: of a patient who left for good nobody waits for a return.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from app.clocks.facts import Event
from app.clocks.gather import Lent
from app.clocks.terms import EventKind
from app.ltac.days.gather import LONG_TERM, entries, places
from app.ltac.days.rules.absences import LIMIT_OF
from app.ltac.days.terms import Destination
from app.platform.work import Reading

RULES = frozenset({"PA-LTCH-INT"})
"""The rule whose clock these facts start; the return, which the census tells, closes it."""
_LEAVES = """
select m.encounter_id, m.since, m.until from movement m join encounter e on e.id = m.encounter_id
join facility f on f.id = e.facility_id and f.kind = %s
where m.encounter_id = any(%s) and m.lane = 5 and e.gone_at is null and e.status in ('admitted', 'on_leave')
order by m.encounter_id, m.since
"""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """The leaves of these stays, with where each patient was; one statement where nobody was away."""
    leaves: dict[uuid.UUID, list[tuple[datetime, datetime | None]]] = {}

    def take(stay: uuid.UUID, since: datetime, until: datetime | None) -> None:
        leaves.setdefault(stay, []).append((since, until))

    db.rows(take, _LEAVES, (LONG_TERM, list(encounter_ids)))
    if not leaves:
        return
    told = places(entries(db, list(leaves)))
    for stay, spans in leaves.items():
        yield Lent(
            stay,
            tuple(event for since, until in spans
                  for event in _events(since, until, told.get((stay, since.astimezone(UTC))))),
        )  # fmt: skip


def _events(since: datetime, until: datetime | None, to: Destination | None) -> Iterable[Event]:
    yield Event(kind=EventKind.LTCH_DISCHARGE, at=since, to=to.value if to in LIMIT_OF else "")
    if until is not None:
        yield Event(kind=EventKind.LTCH_RETURN, at=until)
