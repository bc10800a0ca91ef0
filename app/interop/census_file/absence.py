"""Stays that census files do not name. Absence is no discharge until so many files in a row say so (CEN-5).

What counts is the set of files by the instants at which they were taken, not the order in which they came: everything
here is worked out anew from it, and what does not hold any more is taken back.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.census.events import EncountersUnited, EncounterUpdated, StayEvent
from app.census.storage.queue import Finding, settle
from app.census.terms import ExceptionKind
from app.interop.census_file.events import ClosingTakenBack, StayClosedAsAbsent
from app.interop.census_file.facts import of_absence, of_striking
from app.interop.census_file.messages import say
from app.interop.census_file.models import CensusClosing
from app.interop.census_file.settings import applies, settings_of
from app.platform.work import Reading, Work

REMEMBERED = 100
"""Files that are looked at: what so many lack was absent long ago."""

_KIND = str(ExceptionKind.ABSENT_FROM_CENSUS)
ORIGIN = "absent from census files"


class Absent(msgspec.Struct, frozen=True):
    """A stay that the last files lack: the first of them, and how many."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    visit: str
    patient: str
    file_id: int
    since: datetime
    files: int
    here: bool  # still in the census
    discharge_at: datetime | None
    only_files: bool  # no message or record told of it


# A file counts where all of it could be read; of several readings of one file the last one.
_ABSENT = """
with files as (
  select distinct on (f.taken_at, f.digest) f.id, f.taken_at, f.whole from census_file f
  where f.facility_id = %(facility)s order by f.taken_at desc, f.digest, f.id desc limit %(most)s),
stays as (
  select e.id, e.patient_id, e.authority || '|' || e.visit_number as visit, p.authority || '|' || p.number as patient,
    e.start_at, e.status in ('admitted', 'on_leave') as here, e.discharge_at,
    ltrim(e.visit_number, '0') as bare, ltrim(p.number, '0') as person
  from encounter e join patient p on p.id = e.home_patient_id
  where e.facility_id = %(facility)s and e.gone_at is null and (e.status in ('admitted', 'on_leave')
    or e.authority || '|' || e.visit_number = any(%(closed)s))),
rows as (
  select f.taken_at, ltrim(split_part(r.visit, '|', 2), '0') as bare,
    case when r.content is null then ltrim(split_part(r.patient, '|', 2), '0') end as person
  from files f join census_file_row r on r.file_id = f.id),
visits as (select bare, max(taken_at) as at from rows group by 1),
people as (select person, max(taken_at) as at from rows where person <> '' group by 1),
lacking as (
  select s.id, f.id as file_id, f.taken_at from stays s
  left join visits v on v.bare = s.bare left join people q on q.person = s.person
  join files f on f.whole and f.taken_at > greatest(s.start_at, v.at, q.at))
select s.id, s.patient_id, s.visit, s.patient,
  (array_agg(l.file_id order by l.taken_at, l.file_id))[1], min(l.taken_at), count(*)::int, s.here, s.discharge_at,
  not exists (select from adt_fact a where a.keys @> array['V:' || s.visit]::varchar[]
    and coalesce(a.payload ->> 'source', 'hl7') in ('hl7', 'fhir'))
from stays s join lacking l on l.id = s.id
group by s.id, s.patient_id, s.visit, s.patient, s.here, s.discharge_at having count(*) >= %(enough)s order by s.visit
"""


@dataclass(frozen=True, slots=True)
class _Closing:
    """A standing closing with the instant as of which it closed."""

    id: uuid.UUID
    visit: str
    file_id: int
    message_id: int
    since: datetime


def settle_absences(work: Work, facility_id: int) -> None:
    """Close what files lack, take back what they name again, open and close the exceptions. Needs every facility."""
    work.connection.execute("select pg_advisory_xact_lock(hashtext('census.file'))")
    settings = settings_of(work, facility_id)
    standing = _standing(work, facility_id)
    absent = _absent(work, facility_id, settings.absent_after, standing)
    source = applies(work, facility_id, settings)
    for closing in standing.values():
        one = absent.get(closing.visit)
        if one is None or (one.since != closing.since and one.files < REMEMBERED):
            _reopen(work, facility_id, closing)
    _close(work, facility_id, [
        one for one in absent.values() if source and one.only_files and one.visit not in _standing(work, facility_id)
        and (one.here or one.visit in standing)
    ])  # fmt: skip
    _tell(work, facility_id, settings.absent_after)


def _standing(view: Reading, facility_id: int) -> dict[str, _Closing]:
    rows = view.rows(
        _Closing,
        "select c.id, c.visit, c.file_id, c.message_id, f.taken_at from census_closing c"
        " join census_file f on f.id = c.file_id where c.facility_id = %s and c.ended_at is null",
        (facility_id,),
    )
    return {one.visit: one for one in rows}


def _absent(view: Reading, facility_id: int, enough: int, standing: Mapping[str, _Closing]) -> dict[str, Absent]:
    rows = view.rows(
        Absent, _ABSENT, {"facility": facility_id, "enough": enough, "closed": list(standing), "most": REMEMBERED}
    )
    return {one.visit: one for one in rows}


def _reopen(work: Work, facility_id: int, closing: _Closing) -> None:
    """The closing said nothing that anybody knew: it is struck out."""
    found = work.rows(
        lambda key, person, patient: (key, person, patient),
        "select e.id, e.patient_id, p.authority || '|' || p.number from encounter e"
        " join patient p on p.id = e.home_patient_id"
        " where e.authority || '|' || e.visit_number = %s and e.gone_at is null",
        (closing.visit,),
    )
    work.write("census_closing", "update census_closing set ended_at = %s where id = %s", (work.now, closing.id))
    for stay, person, patient in found:
        numbers = [(patient, closing.visit)]
        say(work, facility_id, ORIGIN, [of_striking("census", closing.message_id, numbers, work.now)])
        work.record(ClosingTakenBack(encounter_id=stay, patient_id=person, facility_id=facility_id))


def _close(work: Work, facility_id: int, absent: list[Absent]) -> None:
    keys = say(work, facility_id, ORIGIN, [of_absence(one.visit, one.patient, one.since, work.now) for one in absent])
    for one, key in zip(absent, keys, strict=True):
        work.add(CensusClosing(facility_id=facility_id, file_id=one.file_id, visit=one.visit, message_id=key,
                               made_at=work.now))  # fmt: skip
        work.record(StayClosedAsAbsent(encounter_id=one.encounter_id, patient_id=one.patient_id,
                                       facility_id=facility_id, file_id=one.file_id))  # fmt: skip


def _tell(work: Work, facility_id: int, enough: int) -> None:
    """An exception stands for every stay that files lack, until it is named again or known to have ended."""
    standing = _standing(work, facility_id)
    found = [
        Finding(_component(one.encounter_id), _KIND, one.visit.partition("|")[2], facility_id, None, one.encounter_id,
                one.patient_id)
        for one in _absent(work, facility_id, enough, standing).values()
        if one.here or one.discharge_at == standing[one.visit].since
    ]  # fmt: skip
    stood = work.values(
        "select component from census_exception where facility_id = %s and kind = %s and closed_at is null",
        (facility_id, _KIND),
    )
    settle(work, {*stood, *(one.component for one in found)}, found)


def _component(encounter_id: uuid.UUID) -> str:
    return f"absent {encounter_id}"


def no_longer_absent(work: Work, happened: StayEvent) -> None:
    """Somebody else knows how the stay ended: nothing is left to find out about it."""
    if isinstance(happened, EncounterUpdated) and "discharge_at" not in happened.changed:
        return
    stay = happened.former_id if isinstance(happened, EncountersUnited) else happened.encounter_id
    work.write(
        "census_exception",
        "update census_exception set closed_at = %s where encounter_id = %s and kind = %s and closed_at is null",
        (work.now, stay, _KIND),
    )
