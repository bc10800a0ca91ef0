"""What the clocks learn from choices: the answer that decides closes what is owed for its type of care."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from app.census.united import with_former
from app.clocks.facts import Record
from app.clocks.gather import Lent
from app.clocks.terms import NoticeKind, RecordKind
from app.platform.work import Reading

_ROWS = """
select c.encounter_id, l.care_type, c.chosen_at, c.outcome <> 'asked_again' from choice c
join choice_list l on l.id = c.list_id where c.encounter_id = any(%s) and c.ended_at is null and l.ended_at is null
"""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """Choices that stand, by one query: each says that the list was presented, and most that the patient decided."""
    belongs = with_former(db, encounter_ids)
    records: dict[uuid.UUID, list[Record]] = {}

    def told(stay: uuid.UUID, care_type: str, at: datetime, decided: bool) -> None:
        of = records.setdefault(belongs[stay], [])
        of.append(Record(kind=RecordKind.NOTICE, at=at, notice=NoticeKind.CHOICE, subject=care_type))
        if decided:
            of.append(Record(kind=RecordKind.CHOICE, at=at, subject=care_type))

    db.rows(told, _ROWS, (list(belongs),))
    for stay, of in records.items():
        yield Lent(stay, (), tuple(of))
