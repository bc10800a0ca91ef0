"""What is recorded about readiness and discharge orders, also for other features: for any number of stays at once."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.census.united import with_former
from app.discharge.ready.rules import Span, Stated, since, spans
from app.discharge.ready.terms import Lane, StatementKind
from app.platform.work import Reading


class Statement(msgspec.Struct, frozen=True):
    """A statement as it is kept; `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    kind: StatementKind
    at: datetime
    physician: str
    on_word: bool
    reason: str
    made_at: datetime
    made_by: uuid.UUID | None
    made_by_name: str
    ended_at: datetime | None
    ended_by_name: str
    ended_reason: str

    @property
    def stands(self) -> bool:
        """Whether it was not struck out."""
        return self.ended_at is None

    @property
    def stated(self) -> Stated:
        """What the rules need of it."""
        return Stated(self.kind, self.at)


_STATEMENTS = """
select r.id, r.encounter_id, r.kind, r.at, r.physician, r.on_word, r.reason, r.made_at, r.made_by,
  coalesce(m.display_name, ''), r.ended_at, coalesce(x.display_name, ''), r.ended_reason
from readiness r left join app_user m on m.id = r.made_by left join app_user x on x.id = r.ended_by
where r.encounter_id = any(%s) {} order by r.at, r.made_at, r.id
"""


def statements(db: Reading, encounter_ids: Sequence[uuid.UUID], *, struck_out: bool = False) -> list[Statement]:
    """The statements of these stays in the order of their true times; with `struck_out` those too."""
    belongs = with_former(db, encounter_ids)
    query = _STATEMENTS.format("" if struck_out else "and r.ended_at is null")

    def shape(key: uuid.UUID, stay: uuid.UUID, kind: str, *rest: object) -> Statement:
        return Statement(key, belongs[stay], StatementKind(kind), *rest)  # type: ignore[arg-type]

    return db.rows(shape, query, (list(belongs),))


def standing(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Stated]]:
    """What stands, by stay."""
    found: dict[uuid.UUID, list[Stated]] = {}
    for one in statements(db, encounter_ids):
        found.setdefault(one.encounter_id, []).append(one.stated)
    return found


def ready_spans(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Span]]:
    """From when to when each patient was medically ready; a stay that never was is missing. The last span may be open.

    The departure ends no span here: it belongs to the census.
    """
    found = {stay: spans(said, Lane.READINESS) for stay, said in standing(db, encounter_ids).items()}
    return {stay: held for stay, held in found.items() if held}


def ready_since(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Since when each patient is medically ready; one who is not is missing."""
    return _since(db, encounter_ids, Lane.READINESS)


def ordered_since(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When the discharge order that is in force was written; a stay without one is missing."""
    return _since(db, encounter_ids, Lane.ORDER)


def _since(db: Reading, encounter_ids: Sequence[uuid.UUID], lane: Lane) -> dict[uuid.UUID, datetime]:
    found = {stay: since(said, lane) for stay, said in standing(db, encounter_ids).items()}
    return {stay: at for stay, at in found.items() if at is not None}
