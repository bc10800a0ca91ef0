"""Records of a long-term stay with their versions, and what stands of them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.ltac.course.rules.wounds import Measured
from app.ltac.course.terms import RecordKind, Stage
from app.platform.work import Reading

NOT_THERE = "There is no such record of a long-term stay, or it lies outside what you may see."


class Version(msgspec.Struct, frozen=True):
    """One version of a record; `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    record_id: uuid.UUID
    encounter_id: uuid.UUID
    about_id: uuid.UUID | None
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
select r.id, r.record_id, r.encounter_id, r.about_id, r.kind, r.content, r.at, r.made_at,
  coalesce(m.display_name, ''), r.made_because, r.ended_at, coalesce(b.display_name, ''),
  case when r.ended_at is null then '' else r.ended_because end,
  case when r.ended_at is null then '' else r.ended_reason end
from long_term_record r left join app_user m on m.id = r.made_by left join app_user b on b.id = r.ended_by
"""


def versions(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Version]]:
    """All versions of all records by stay, in the order in which the things took place."""
    return _by_stay(db, encounter_ids, "")


def standing(
    db: Reading, encounter_ids: Sequence[uuid.UUID], kinds: Collection[RecordKind] = tuple(RecordKind)
) -> dict[uuid.UUID, list[Version]]:
    """What stands of these kinds, by stay, in the order in which it took place; a stay without any is missing."""
    return _by_stay(db, encounter_ids, "and r.ended_at is null and r.kind = any(%s)", [kind.value for kind in kinds])


def _by_stay(
    db: Reading, encounter_ids: Sequence[uuid.UUID], condition: str, *more: object
) -> dict[uuid.UUID, list[Version]]:
    belongs = with_former(db, encounter_ids)
    query = f"{_VERSIONS} where r.encounter_id = any(%s) {condition} order by r.at, r.made_at, r.id"
    found: dict[uuid.UUID, list[Version]] = {}
    for one in db.rows(Version, query, (list(belongs), *more)):
        stay = belongs[one.encounter_id]
        found.setdefault(stay, []).append(msgspec.structs.replace(one, encounter_id=stay))
    return found


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


def of_kind(found: Sequence[Version], kind: RecordKind) -> list[Version]:
    """Those of one kind."""
    return [one for one in found if one.kind == kind]


def measured(one: Version, zone: ZoneInfo) -> Measured:
    """An assessment of a wound as the rules take it."""
    content: Mapping[str, Any] = one.content
    return Measured(
        day=local_day(one.at, zone), length=content["length"], width=content["width"], depth=content["depth"],
        stage=Stage(content["stage"]) if content["stage"] else None, healed=content["healed"],
        next_on=date.fromisoformat(content["next_on"]) if content["next_on"] else None,
    )  # fmt: skip
