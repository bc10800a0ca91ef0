"""What the clocks learn of the days after discharge: calls, issues, interviews, programs."""

import uuid
from collections.abc import Iterable, Sequence

from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.discharge.after import queries
from app.discharge.after.programs import queries as programs
from app.discharge.after.readmitted import queries as readmissions
from app.discharge.after.terms import IssueState, ProgramState
from app.platform.work import Reading

RULES = frozenset({"TC-CALL", "TC-AGAIN", "TC-ISSUE", "TC-INTERVIEW", "TC-PROGRAM", "TCM-2BD"})
"""Rules whose closing record is made here."""
_GONE = """
select e.id from encounter e join patient p on p.id = e.patient_id
where e.id = any(%s) and (e.status <> 'discharged' or coalesce(p.deceased, '') = 'Y')
"""
_E, _R = EventKind, RecordKind


class _Facts:
    """Events and records by stay, as they are found."""

    def __init__(self) -> None:
        self.events: dict[uuid.UUID, list[Event]] = {}
        self.records: dict[uuid.UUID, list[Record]] = {}

    def event(self, stay: uuid.UUID, one: Event) -> None:
        self.events.setdefault(stay, []).append(one)

    def record(self, stay: uuid.UUID, one: Record) -> None:
        self.records.setdefault(stay, []).append(one)


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by a fixed number of statements however many they are."""
    found = _Facts()
    _calls(db, encounter_ids, found)
    for issue in queries.issues_of(db, encounter_ids):
        if issue.state is IssueState.STRUCK_OUT:
            continue
        subject = str(issue.issue_id)
        opened = Event(kind=_E.ISSUE_OPEN, at=issue.found_at, until=issue.due_at, subject=subject, party=issue.owner)
        found.event(issue.encounter_id, opened)
        if issue.state is IssueState.CLOSED:
            found.record(issue.encounter_id, Record(kind=_R.ISSUE_CLOSED, at=issue.made_at, subject=subject))
    _readmissions(db, encounter_ids, found)
    _programs(db, encounter_ids, found)
    for stay in {*found.events, *found.records}:
        yield Lent(stay, tuple(found.events.get(stay, ())), tuple(found.records.get(stay, ())))


def _calls(db: Reading, encounter_ids: Sequence[uuid.UUID], found: _Facts) -> None:
    """A call is arranged again only while there is somebody at home to call."""
    calls = queries.calls_of(db, encounter_ids)
    gone = set(db.values(_GONE, ([one.encounter_id for one in calls if one.next_at is not None],))) if calls else set()
    for one in calls:
        if one.outcome.spoke:
            found.record(one.encounter_id, Record(kind=_R.CONTACT, at=one.at))
        else:  # a letter stands for the last attempt
            found.record(one.encounter_id, Record(kind=_R.CALL_ATTEMPT, at=one.at))
        if one.next_at is not None and one.encounter_id not in gone:
            found.event(one.encounter_id, Event(kind=_E.CALL_AGAIN, at=one.at, until=one.next_at))


def _readmissions(db: Reading, encounter_ids: Sequence[uuid.UUID], found: _Facts) -> None:
    """A readmission that was planned asks for no interview once somebody said so."""
    asked = {one.encounter_id: one for one in readmissions.interviews_of(db, encounter_ids) if one.stands}
    for one in readmissions.earlier_stays(db, encounter_ids).values():
        subject = str(one.earlier_id)
        found.event(one.encounter_id, Event(kind=_E.READMITTED, at=one.came_at, subject=subject))
        if one.encounter_id in asked:
            made = asked[one.encounter_id]
            found.record(one.encounter_id, Record(kind=_R.READMISSION_INTERVIEW, at=made.at, subject=subject))


def _programs(db: Reading, encounter_ids: Sequence[uuid.UUID], found: _Facts) -> None:
    for one in programs.handoffs_of(db, encounter_ids):
        if one.state in (ProgramState.WITHDRAWN, ProgramState.STRUCK_OUT):
            continue
        subject = str(one.handoff_id)
        # Who writes it down later says when the program was told; that may have been before it was chosen here.
        chosen = min(one.chosen_at, one.told_at or one.chosen_at)
        found.event(one.encounter_id, Event(kind=_E.PROGRAM_CHOSEN, at=chosen, subject=subject))
        if one.told_at is not None:
            found.record(one.encounter_id, Record(kind=_R.PROGRAM_TOLD, at=one.told_at, subject=subject))
