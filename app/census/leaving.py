"""On which day a stay is expected to end: what people plan stands in the place of what the feed sends.

A feature above sets the planned day and lends it (app/wiring.py). A discharge that the feed announces as pending, with
its time, is nearer than either.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.days import local_day
from app.platform.work import Reading

PlannedDay = Callable[[Reading, uuid.UUID], date | None]
"""The planned day of departure of a stay; None where nobody has set one."""

_planned: list[PlannedDay] = []


def install(planned: PlannedDay) -> None:
    """Hand over who knows what people plan (app/wiring.py)."""
    _planned[:] = [planned]


class Fed(msgspec.Struct, frozen=True):
    """What the feed says of a departure."""

    pending_at: datetime | None
    expected_at: datetime | None
    timezone: str


_FED = """
select case when e.pending_kind = 'discharge' then e.pending_at end, e.expected_discharge_at, f.timezone
from encounter e join facility f on f.id = e.facility_id where e.id = %s
"""


def planned_on(db: Reading, encounter_id: uuid.UUID) -> date | None:
    """The day that people have set."""
    return next((day for planned in _planned if (day := planned(db, encounter_id)) is not None), None)


def expected_on(db: Reading, encounter_id: uuid.UUID) -> date | None:
    """The local day on which the patient is going to leave, as far as anybody has said; None where nobody has."""
    fed = db.one(Fed, _FED, (encounter_id,))
    zone = ZoneInfo(fed.timezone)
    if fed.pending_at is not None:
        return local_day(fed.pending_at, zone)
    planned = planned_on(db, encounter_id)
    if planned is not None:
        return planned
    return local_day(fed.expected_at, zone) if fed.expected_at is not None else None
