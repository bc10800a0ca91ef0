"""What the plan says, also for other features. Several stays are read at once where lists and boards need it."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from app.census.united import with_former
from app.discharge.plan.terms import BarrierAction, BarrierState, Confidence, DateReason
from app.discharge.terms import BarrierKind, CareType, Discipline
from app.platform.work import Reading


class Expected(msgspec.Struct, frozen=True):
    """An expected date as it was set."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    expected_on: date
    confidence: Confidence
    because: DateReason
    detail: str
    made_at: datetime
    made_by_name: str
    ended_at: datetime | None
    ended_because: str


class Going(msgspec.Struct, frozen=True):
    """A disposition as it was set."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    to: CareType
    backup: CareType | None
    agreed_with: str
    detail: str
    made_at: datetime
    made_by_name: str
    ended_at: datetime | None
    ended_because: str


class BarrierRow(msgspec.Struct, frozen=True):
    """A version of a barrier; `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    barrier_id: uuid.UUID
    encounter_id: uuid.UUID
    kind: BarrierKind
    detail: str
    discipline: Discipline
    owner_id: uuid.UUID | None
    owner: str
    began_at: datetime
    raised_at: datetime
    due_at: datetime | None
    state: BarrierState
    resolved_at: datetime | None
    action: BarrierAction
    note: str
    made_at: datetime
    made_by_name: str
    ended_at: datetime | None

    @property
    def words(self) -> str:
        """What stands in the way, in a line."""
        if not self.detail:
            return self.kind.label
        return self.detail if self.kind is BarrierKind.OTHER else f"{self.kind.label}: {self.detail}"

    @property
    def code(self) -> str:
        """The avoidable-day code that days lost to it bear."""
        return self.kind.code

    @property
    def party(self) -> str:
        """Who could clear it: the person if one is named, else the discipline."""
        return self.owner or self.discipline.label

    def overdue(self, now: datetime) -> bool:
        """Whether it still stands in the way after its due time."""
        return self.state in STANDING and self.due_at is not None and self.due_at < now


class Look(msgspec.Struct, frozen=True):
    """Somebody looked at the plan."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    made_at: datetime
    made_by_name: str
    note: str


STANDING = (BarrierState.OPEN, BarrierState.WAITING)
"""States in which a barrier is in the way."""

_DATES = """
select d.id, d.encounter_id, d.expected_on, d.confidence, d.because, d.detail, d.made_at, coalesce(u.display_name, ''),
  d.ended_at, d.ended_because
from expected_date d left join app_user u on u.id = d.made_by
where d.encounter_id = any(%s) {} order by d.made_at, d.id
"""
_DISPOSITIONS = """
select d.id, d.encounter_id, d.going_to, d.backup, d.agreed_with, d.detail, d.made_at, coalesce(u.display_name, ''),
  d.ended_at, d.ended_because
from plan_disposition d left join app_user u on u.id = d.made_by
where d.encounter_id = any(%s) {} order by d.made_at, d.id
"""
_BARRIERS = """
select b.id, b.barrier_id, b.encounter_id, b.kind, b.detail, b.discipline, b.owner_id,
  coalesce(o.display_name, b.owner_name), b.began_at, b.raised_at, b.due_at, b.state, b.resolved_at, b.action, b.note,
  b.made_at, coalesce(u.display_name, ''), b.ended_at
from plan_barrier b left join app_user o on o.id = b.owner_id left join app_user u on u.id = b.made_by
where b.encounter_id = any(%s) {} order by b.began_at, b.raised_at, b.made_at, b.id
"""
_LOOKS = """
select l.id, l.encounter_id, l.made_at, coalesce(u.display_name, ''), l.note
from plan_look l left join app_user u on u.id = l.made_by
where l.encounter_id = any(%s) and l.ended_at is null order by l.made_at, l.id
"""


def expected_dates(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Expected]:
    """Expected dates of these stays in the order in which they were set; with `ended` all that ever stood."""
    belongs = with_former(db, encounter_ids)
    query = _DATES.format("" if ended else "and d.ended_at is null")

    def shape(key: uuid.UUID, stay: uuid.UUID, on: date, sure: str, why: str, *rest: object) -> Expected:
        return Expected(key, belongs[stay], on, Confidence(sure), DateReason(why), *rest)  # type: ignore[arg-type]

    return db.rows(shape, query, (list(belongs),))


def expected_date(db: Reading, encounter_id: uuid.UUID) -> Expected | None:
    """The expected date that stands, as the plan has it; None where only the feed may know one."""
    found = expected_dates(db, [encounter_id])
    return found[-1] if found else None


def dispositions(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Going]:
    """Dispositions of these stays in the order in which they were set; with `ended` all that ever stood."""
    belongs = with_former(db, encounter_ids)
    query = _DISPOSITIONS.format("" if ended else "and d.ended_at is null")

    def shape(key: uuid.UUID, stay: uuid.UUID, to: str, backup: str, *rest: object) -> Going:
        return Going(key, belongs[stay], CareType(to), CareType(backup) if backup else None, *rest)  # type: ignore[arg-type]

    return db.rows(shape, query, (list(belongs),))


def disposition(db: Reading, encounter_id: uuid.UUID) -> Going | None:
    """Where the patient is to go, if that is set."""
    found = dispositions(db, [encounter_id])
    return found[-1] if found else None


def destinations(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Where each patient is to go, in words; a stay for which nothing is set is missing."""
    return {one.encounter_id: one.to.label for one in dispositions(db, encounter_ids)}


def barriers(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[BarrierRow]:
    """The version of each barrier that stands, the oldest barrier first; with `ended` every version of all."""
    belongs = with_former(db, encounter_ids)
    query = _BARRIERS.format("" if ended else "and b.ended_at is null")
    return db.rows(lambda *row: _barrier(belongs, row), query, (list(belongs),))


def _barrier(belongs: dict[uuid.UUID, uuid.UUID], row: tuple[Any, ...]) -> BarrierRow:
    given: dict[str, Any] = dict(zip(BarrierRow.__struct_fields__, row, strict=True))
    given["encounter_id"] = belongs[given["encounter_id"]]
    for name, kind in _TYPED.items():
        given[name] = kind(given[name])
    return BarrierRow(**given)


_TYPED = {"kind": BarrierKind, "discipline": Discipline, "state": BarrierState, "action": BarrierAction}


def open_barriers(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[BarrierRow]]:
    """What stands in the way of each stay's discharge, the oldest first; a stay without any is missing."""
    found: dict[uuid.UUID, list[BarrierRow]] = {}
    for one in barriers(db, encounter_ids):
        if one.state in STANDING:
            found.setdefault(one.encounter_id, []).append(one)
    return found


def looks(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[Look]:
    """When somebody looked at the plans of these stays, the earliest first."""
    belongs = with_former(db, encounter_ids)
    return db.rows(lambda key, stay, *rest: Look(key, belongs[stay], *rest), _LOOKS, (list(belongs),))
