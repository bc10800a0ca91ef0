"""Records of teaching with their versions, and what stands of them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from app.census.united import with_former
from app.discharge.teaching.commands import NOT_THERE
from app.discharge.teaching.terms import RecordKind
from app.kernel.refusal import NotFound
from app.platform.work import Reading


class Version(msgspec.Struct):
    """One version of a record."""

    id: uuid.UUID
    record_id: uuid.UUID
    encounter_id: uuid.UUID
    kind: str
    content: dict[str, Any]
    at: datetime
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str

    @property
    def stands(self) -> bool:
        """Whether it counts."""
        return self.ended_at is None


_VERSIONS = """
select r.id, r.record_id, r.encounter_id, r.kind, r.content, r.at, r.made_at, coalesce(m.display_name, ''),
  r.made_because, r.ended_at, coalesce(b.display_name, ''),
  case when r.ended_at is null then '' else r.ended_because end,
  case when r.ended_at is null then '' else r.ended_reason end
from teaching_record r left join app_user m on m.id = r.made_by left join app_user b on b.id = r.ended_by
"""


def versions(db: Reading, encounter_id: uuid.UUID) -> list[Version]:
    """All versions of all records of a stay, in the order in which the things took place."""
    stays = list(with_former(db, [encounter_id]))
    order = "order by r.at, r.made_at, r.id"
    return db.rows(Version, f"{_VERSIONS} where r.encounter_id = any(%s) {order}", (stays,))


def version(db: Reading, record_id: uuid.UUID) -> Version:
    """The version that stands, or the last one that did; NotFound outside the reader's scope."""
    found = db.rows(
        Version,
        f"{_VERSIONS} where r.record_id = %s order by (r.ended_at is null) desc, r.made_at desc, r.id desc limit 1",
        (record_id,),
    )
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def standing(db: Reading, encounter_id: uuid.UUID) -> Mapping[RecordKind, Sequence[Version]]:
    """What stands for a stay, by kind; every kind is there."""
    found: dict[RecordKind, list[Version]] = {kind: [] for kind in RecordKind}
    for one in versions(db, encounter_id):
        if one.stands:
            found[RecordKind(one.kind)].append(one)
    return found
