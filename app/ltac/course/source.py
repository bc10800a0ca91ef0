"""What the clocks learn of a long-term stay: conferences held, the admission validated, the family told."""

import uuid
from collections.abc import Iterable, Sequence

from app.clocks.facts import Record
from app.clocks.gather import Lent
from app.clocks.terms import RecordKind as Evidence
from app.ltac.course import records
from app.ltac.course.terms import RecordKind
from app.platform.work import Reading

RULES = frozenset({"LT-CONFERENCE", "LT-ORIENT", "PA-LTCH48"})
"""Rules whose closing record is made here."""
_EVIDENCE = {
    RecordKind.CONFERENCE: Evidence.TEAM_CONFERENCE,
    RecordKind.VALIDATION: Evidence.ADMISSION_VALIDATED,
    RecordKind.ORIENTATION: Evidence.FAMILY_ORIENTED,
}


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by a fixed number of statements."""
    for stay, found in records.standing(db, encounter_ids, set(_EVIDENCE)).items():
        evidence = tuple(Record(kind=_EVIDENCE[RecordKind(one.kind)], at=one.at) for one in found)
        yield Lent(stay, records=evidence)
