"""What the clocks learn from screens and assessments: what asks for an evaluation, and what was done."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.discharge.assessment.rules import needed_since
from app.platform.work import Reading

RULES = frozenset({"DP-SCREEN", "DP-EVAL"})
"""Rules whose closing record is made here."""


class _Screen(msgspec.Struct):
    encounter_id: uuid.UUID
    screening_id: uuid.UUID
    asked: bool
    found_at: datetime
    needed_at: datetime | None


class _Signed(msgspec.Struct):
    encounter_id: uuid.UUID
    kind: str
    signed_at: datetime


_SCREENS = """
select s.encounter_id, s.screening_id, s.kind = 'request', s.found_at,
  case when s.state = 'positive' then s.needed_at end
from screening s where s.encounter_id = any(%s) and s.ended_at is null and s.state <> 'struck_out'
order by s.found_at
"""
_SIGNED = """
select a.encounter_id, a.kind, a.signed_at from assessment a
where a.encounter_id = any(%s) and a.ended_at is null and a.state = 'signed' order by a.signed_at
"""


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by two queries."""
    belongs = with_former(db, encounter_ids)
    wanted = list(belongs)
    screens: dict[uuid.UUID, list[_Screen]] = {}
    for one in db.rows(_Screen, _SCREENS, (wanted,)):
        screens.setdefault(belongs[one.encounter_id], []).append(one)
    signed: dict[uuid.UUID, list[_Signed]] = {}
    for made in db.rows(_Signed, _SIGNED, (wanted,)):
        signed.setdefault(belongs[made.encounter_id], []).append(made)
    for stay in {*screens, *signed}:
        yield _lent(stay, screens.get(stay, []), signed.get(stay, []))


def _lent(stay: uuid.UUID, screens: Sequence[_Screen], signed: Sequence[_Signed]) -> Lent:
    """A screen closes what is owed for it; so does an evaluation, which is more than a screen."""
    needs = needed_since(
        [(str(one.screening_id), one.asked, one.needed_at) for one in screens if one.needed_at is not None],
        [one.signed_at for one in signed],
    )
    events = tuple(Event(kind=EventKind.NEED_IDENTIFIED, at=at, subject=subject) for subject, at, _ in needs)
    records = [Record(kind=RecordKind.ASSESSMENT, at=one.found_at) for one in screens if not one.asked]
    records += [Record(kind=RecordKind.ASSESSMENT, at=one.signed_at) for one in signed]
    records += [
        Record(kind=RecordKind.EVALUATION, at=answered, subject=subject)
        for subject, _, answered in needs
        if answered is not None
    ]
    records += [Record(kind=RecordKind.PLAN, at=one.signed_at) for one in signed if one.kind == "reassessment"]
    return Lent(stay, events, tuple(sorted(records, key=lambda one: one.at)))
