"""Goals, milestones and tasks as they are kept."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from app.census.united import with_former
from app.discharge.plan.terms import ItemPart, ItemState
from app.discharge.terms import MilestoneKind
from app.platform.work import Reading


class Item(msgspec.Struct, frozen=True):
    """A version of an item; `encounter_id` is the stay for which it counts. `kind` and `discipline` may be empty."""

    id: uuid.UUID
    item_id: uuid.UUID
    encounter_id: uuid.UUID
    part: ItemPart
    kind: str
    wording: str
    measure: str
    target: str
    discipline: str
    owner_name: str
    due_on: date | None
    state: ItemState
    settled_at: datetime | None
    action: str
    note: str
    made_at: datetime
    made_by_name: str
    ended_at: datetime | None

    @property
    def words(self) -> str:
        """What it is, in a line."""
        if not self.kind:
            return self.wording
        label = MilestoneKind(self.kind).label
        if not self.wording:
            return label
        return self.wording if self.kind == MilestoneKind.OTHER else f"{label}: {self.wording}"

    def overdue(self, today: date) -> bool:
        """Whether it is still open after its day."""
        return self.state is ItemState.OPEN and self.due_on is not None and self.due_on < today


_ITEMS = """
select i.id, i.item_id, i.encounter_id, i.part, i.kind, i.wording, i.measure, i.target, i.discipline, i.owner_name,
  i.due_on, i.state, i.settled_at, i.action, i.note, i.made_at, coalesce(u.display_name, ''), i.ended_at
from plan_item i left join app_user u on u.id = i.made_by
where i.encounter_id = any(%s) {} order by i.due_on nulls last, i.item_id, i.made_at, i.id
"""


def items(db: Reading, encounter_ids: Sequence[uuid.UUID], *, ended: bool = False) -> list[Item]:
    """The version of each item that stands, the nearest day first; with `ended` every version of all."""
    belongs = with_former(db, encounter_ids)
    query = _ITEMS.format("" if ended else "and i.ended_at is null")

    def shape(key: uuid.UUID, item: uuid.UUID, stay: uuid.UUID, part: str, *rest: object) -> Item:
        given = [key, item, belongs[stay], ItemPart(part), *rest]
        given[11] = ItemState(str(given[11]))
        return Item(*given)  # type: ignore[arg-type]

    return db.rows(shape, query, (list(belongs),))
