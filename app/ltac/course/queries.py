"""What is charted of long-term stays, for any number of stays by a fixed number of statements."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.kernel.days import ONE_DAY, local_day, start_of_day
from app.ltac.course import records
from app.ltac.course.records import Version
from app.ltac.course.rules import life, wounds
from app.ltac.course.rules.weaning import Charted, FirstTrial, Weaning, first_trial, letter, weaning
from app.ltac.course.terms import Discipline, Origin, RecordKind, Support, Trial, WeaningState, WoundKind
from app.platform.work import Reading

_LEAVE_LANE = 5
Keys = Sequence[uuid.UUID]


class WeaningDay(msgspec.Struct, frozen=True):
    """One box of the strip; `entry_id` is the record behind it, none for a day that nobody charted."""

    day: date
    state: WeaningState
    note: str
    entry_id: uuid.UUID | None = None


class Entry(msgspec.Struct, frozen=True):
    """A charted day of weaning as it is kept; `encounter_id` is the stay for which it counts."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    day: date
    support: str
    mode: str
    trial: str
    trial_reason: str
    ventilated_hours: float | None
    collar_hours: float | None
    decannulated: bool
    note: str
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_reason: str

    @property
    def charted(self) -> Charted:
        """What the rules need of it."""
        return Charted(
            Support(self.support), Trial(self.trial) if self.trial else None, self.trial_reason, self.ventilated_hours,
            self.collar_hours, self.decannulated,
        )  # fmt: skip


class Frame(msgspec.Struct, frozen=True):
    """From when to when a stay lasts, in the facility's days."""

    id: uuid.UUID
    timezone: str
    start_at: datetime | None
    admit_at: datetime | None
    discharge_at: datetime | None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the facility."""
        return ZoneInfo(self.timezone)

    @property
    def admitted_on(self) -> date | None:
        """The day of the inpatient order, else of the begin."""
        began = self.admit_at or self.start_at
        return local_day(began, self.zone) if began is not None else None

    @property
    def left_on(self) -> date | None:
        """The day of the discharge."""
        return local_day(self.discharge_at, self.zone) if self.discharge_at is not None else None

    def last_day(self, now: datetime) -> date:
        """The last day that can be charted: today, or the day of the discharge."""
        return self.left_on or local_day(now, self.zone)


_FRAMES = """
select e.id, f.timezone, e.start_at,
  (select min(m.since) from movement m where m.encounter_id = e.id and m.lane = 2 and m.value = 'IP'),
  case when e.status = 'discharged' then e.discharge_at end
from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)
"""
_ENTRIES = """
select w.id, w.encounter_id, w.day, w.support, w.mode, w.trial, w.trial_reason, w.ventilated_hours, w.collar_hours,
  w.decannulated, w.note, w.made_at, coalesce(m.display_name, ''), w.made_because, w.ended_at,
  case when w.ended_at is null then '' else w.ended_reason end
from weaning_day w left join app_user m on m.id = w.made_by where w.encounter_id = any(%s) {}
order by w.day, w.made_at, w.id
"""
_LEAVES = """
select encounter_id, since, until from movement where encounter_id = any(%s) and lane = %s order by encounter_id, since
"""
_THERAPY = """
select t.encounter_id, t.day, t.discipline, t.minutes from therapy_day t
where t.encounter_id = any(%s) and t.ended_at is null order by t.day
"""


def frames(db: Reading, encounter_ids: Keys) -> dict[uuid.UUID, Frame]:
    """Begin and end of these stays."""
    return {one.id: one for one in db.rows(Frame, _FRAMES, (list(encounter_ids),))}


def entries(db: Reading, encounter_ids: Keys, *, ended: bool = False) -> dict[uuid.UUID, list[Entry]]:
    """Charted days by stay, in their order; with `ended` the versions that stand no more too."""
    belongs = with_former(db, encounter_ids)
    query = _ENTRIES.format("" if ended else "and w.ended_at is null")
    found: dict[uuid.UUID, list[Entry]] = {}
    for one in db.rows(Entry, query, (list(belongs),)):
        stay = belongs[one.encounter_id]
        found.setdefault(stay, []).append(msgspec.structs.replace(one, encounter_id=stay))
    return found


def absences(db: Reading, within: Mapping[uuid.UUID, Frame]) -> dict[uuid.UUID, frozenset[date]]:
    """The days at whose end each patient was away on leave; today counts where the patient is away now."""

    def span(stay: uuid.UUID, since: datetime, until: datetime | None) -> tuple[uuid.UUID, datetime, datetime | None]:
        return stay, since, until

    days: dict[uuid.UUID, set[date]] = {}
    for stay, since, until in db.rows(span, _LEAVES, (list(within), _LEAVE_LANE)):
        zone = within[stay].zone
        day, last = local_day(since, zone), local_day(until or db.now, zone)
        while day <= last:
            ends = min(start_of_day(day + ONE_DAY, zone), db.now)
            if since <= ends and (until is None or until > ends):
                days.setdefault(stay, set()).add(day)
            day += ONE_DAY
    return {stay: frozenset(found) for stay, found in days.items()}


class Course(msgspec.Struct, frozen=True):
    """Weaning of one stay: its frame, what is charted, when the patient was away."""

    frame: Frame
    entries: Sequence[Entry]
    away: frozenset[date]

    @property
    def charted(self) -> dict[date, Charted]:
        """What stands, by day. Of two parts of a united stay the later entry counts."""
        return {one.day: one.charted for one in self.entries}

    @property
    def standing(self) -> Weaning:
        """How weaning stands."""
        return weaning(self.charted, self.away, self.frame.left_on)

    def strip(self, now: datetime, last_days: int) -> list[WeaningDay]:
        """The last days of the stay, oldest first."""
        last, began = self.frame.last_day(now), self.frame.admitted_on
        first = max(last - ONE_DAY * (last_days - 1), began or last)
        by_day = {one.day: one for one in self.entries}
        charted = self.charted
        days = [first + ONE_DAY * number for number in range((last - first).days + 1)]
        return [_box(day, letter(day, charted, self.away), by_day.get(day)) for day in days]

    def first_trial(self, now: datetime) -> FirstTrial | None:
        """Whether a breathing trial was tried by day 2."""
        began = self.frame.admitted_on
        return first_trial(self.charted, began, self.frame.last_day(now)) if began is not None else None


def _box(day: date, state: WeaningState, one: Entry | None) -> WeaningDay:
    return WeaningDay(day, state, day_note(one) if one is not None else "", one.id if one is not None else None)


def day_note(one: Entry) -> str:
    """What else is known of a day, in words."""
    said = [one.mode, Trial(one.trial).label.lower() if one.trial else ""]
    said[1] = f"trial {said[1]}" if said[1] else ""
    said += [one.trial_reason]
    said += [f"{wounds.figure(one.collar_hours)} h on the collar" if one.collar_hours is not None else ""]
    said += [f"{wounds.figure(one.ventilated_hours)} h ventilated" if one.ventilated_hours is not None else ""]
    said += ["decannulated" if one.decannulated else "", one.note]
    return "; ".join(part for part in said if part)


def courses(db: Reading, encounter_ids: Keys) -> dict[uuid.UUID, Course]:
    """Weaning of these stays; one without any charted day is missing."""
    charted = entries(db, encounter_ids)
    if not charted:
        return {}
    within = frames(db, list(charted))
    away = absences(db, within)
    return {
        stay: Course(within[stay], found, away.get(stay, frozenset()))
        for stay, found in charted.items()
        if stay in within
    }


def weaning_strip(db: Reading, encounter_ids: Keys, last_days: int = 14) -> dict[uuid.UUID, list[WeaningDay]]:
    """The strip of each stay that was ever charted, the last days up to today or the discharge, oldest first."""
    return {stay: one.strip(db.now, last_days) for stay, one in courses(db, encounter_ids).items()}


def weaning_standing(db: Reading, encounter_ids: Keys) -> dict[uuid.UUID, Weaning]:
    """How weaning stands, or stood at the discharge, for each stay that was ever charted."""
    return {stay: one.standing for stay, one in courses(db, encounter_ids).items()}


class ConferenceDue(msgspec.Struct, frozen=True):
    """When the team meets about a stay: the day, or why none is due; and when it met last."""

    due_on: date | None
    because: str
    last_on: date | None


def conference_due(db: Reading, encounter_ids: Keys) -> dict[uuid.UUID, ConferenceDue]:
    """For each stay when the weekly conference is due."""
    within = frames(db, encounter_ids)
    held = _days_of(records.standing(db, encounter_ids, {RecordKind.CONFERENCE}), within)
    found = {}
    for stay, frame in within.items():
        days = held.get(stay, [])
        due, because = life.conference_due(frame.admitted_on, days, here=frame.discharge_at is None)
        found[stay] = ConferenceDue(due, because, max(days, default=None))
    return found


def _days_of(
    found: Mapping[uuid.UUID, Iterable[Version]], within: Mapping[uuid.UUID, Frame]
) -> dict[uuid.UUID, list[date]]:
    return {
        stay: [local_day(one.at, within[stay].zone) for one in kept] for stay, kept in found.items() if stay in within
    }


class WoundNow(msgspec.Struct, frozen=True):
    """A wound with its assessments, oldest first."""

    record: Version
    checks: Sequence[Version]
    measured: Sequence[wounds.Measured]
    found_on: date

    @property
    def due_on(self) -> date | None:
        """The day of the next assessment; None where it healed."""
        return wounds.next_due(self.found_on, self.measured)

    @property
    def open(self) -> bool:
        """Whether it has not healed."""
        return self.due_on is not None

    @property
    def words(self) -> str:
        """`sacrum 12 to 7 cm2`."""
        return " ".join(part for part in (str(self.record.content["site"]), wounds.trend(self.measured)) if part)

    @property
    def acquired_pressure(self) -> bool:
        """Whether it is a pressure injury that arose here."""
        content = self.record.content
        return content["kind"] == WoundKind.PRESSURE and content["origin"] == Origin.ACQUIRED


def wounds_of(db: Reading, encounter_ids: Keys) -> dict[uuid.UUID, list[WoundNow]]:
    """The wounds of these stays in the order in which they were found."""
    found = records.standing(db, encounter_ids, {RecordKind.WOUND, RecordKind.WOUND_CHECK})
    within = frames(db, list(found)) if found else {}
    return {stay: _wounds(kept, within[stay].zone) for stay, kept in found.items() if stay in within}


def _wounds(kept: Sequence[Version], zone: ZoneInfo) -> list[WoundNow]:
    made = []
    for record in (one for one in kept if one.kind == RecordKind.WOUND):
        checks = [one for one in kept if one.about_id == record.record_id]
        made.append(
            WoundNow(record, checks, [records.measured(one, zone) for one in checks], local_day(record.at, zone))
        )
    return made


def wounds_in_words(db: Reading, encounter_ids: Keys) -> dict[uuid.UUID, list[str]]:
    """One line for each open wound; a stay without any is missing."""
    found = {stay: [one.words for one in kept if one.open] for stay, kept in wounds_of(db, encounter_ids).items()}
    return {stay: lines for stay, lines in found.items() if lines}


Minutes = dict[date, dict[Discipline, int]]


def therapy_days(db: Reading, encounter_ids: Keys) -> dict[uuid.UUID, Minutes]:
    """Minutes by day and discipline; days without any are missing."""
    belongs = with_former(db, encounter_ids)

    def row(stay: uuid.UUID, day: date, discipline: str, minutes: int) -> tuple[uuid.UUID, date, Discipline, int]:
        return belongs[stay], day, Discipline(discipline), minutes

    found: dict[uuid.UUID, Minutes] = {}
    for stay, day, discipline, minutes in db.rows(row, _THERAPY, (list(belongs),)):
        found.setdefault(stay, {}).setdefault(day, {})[discipline] = minutes
    return found


def therapy_minutes(db: Reading, encounter_ids: Keys) -> dict[uuid.UUID, dict[Discipline, int]]:
    """Minutes of the seven days up to today, by discipline; a stay without any entry in them is missing."""
    within = frames(db, encounter_ids)
    sums: dict[uuid.UUID, dict[Discipline, int]] = {}
    for stay, days in therapy_days(db, encounter_ids).items():
        if stay not in within:
            continue
        last = within[stay].last_day(db.now)
        for day, minutes in days.items():
            if last - timedelta(days=7) < day <= last:
                for discipline, amount in minutes.items():
                    own = sums.setdefault(stay, dict.fromkeys(Discipline, 0))
                    own[discipline] += amount
    return sums
