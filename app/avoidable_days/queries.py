"""Entries, delays and drafts of stays, ready for rules and pages; and all of a facility as a frame for reports."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec
import polars as pl

from app.avoidable_days.drafts.blind import without_kept
from app.avoidable_days.reasons.queries import wordings
from app.avoidable_days.reasons.rules import Reason, on_day
from app.avoidable_days.rules import Standing
from app.avoidable_days.terms import EntryEnd, Phase, Weight
from app.census.united import with_former
from app.kernel.refusal import NotFound
from app.platform.reads import frames
from app.platform.work import Reading

NOT_THERE = "There is no such entry, or it lies outside what you may see."


class Entry(msgspec.Struct):
    """One version of one reason for one day."""

    id: uuid.UUID
    entry_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    day: date
    code: str
    weight: str
    amount: float
    hours: float | None
    phase: str
    party_kind: str
    party: str
    controllable: str
    controllable_because: str
    explanation: str
    override: str
    origin: str
    rule: str
    proposed: str
    evidence: str
    recorded_at: datetime
    recorded_by: str
    validated_by: str
    lock_reason: str
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str

    @property
    def standing(self) -> Standing:
        """As the rules see it."""
        return Standing(self.code, Weight(self.weight))


class Delay(msgspec.Struct):
    """A delay of hours, standing or struck out."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    since_at: datetime
    until_at: datetime
    code: str
    party_kind: str
    party: str
    controllable: str
    explanation: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str
    ended_reason: str


class LedgerEntry(msgspec.Struct, frozen=True):
    """The one primary reason of a day, as the ledger shows it: recorded, or proposed and counting nothing."""

    code: str
    label: str
    draft: bool
    phase: Phase
    entry_id: uuid.UUID


_ENTRIES = """
select a.id, a.entry_id, a.encounter_id, a.facility_id, a.day, a.code, a.weight, a.amount, a.hours, a.phase,
  a.party_kind, a.party, a.controllable, a.controllable_because, a.explanation, a.override, a.origin, a.rule,
  a.proposed, a.evidence, a.recorded_at, coalesce(r.display_name, ''), coalesce(v.display_name, ''), a.lock_reason,
  a.made_at, coalesce(m.display_name, ''), a.made_because, a.ended_at, coalesce(b.display_name, ''),
  case when a.ended_at is null then '' else a.ended_because end,
  case when a.ended_at is null then '' else a.ended_reason end
from avoidable_day a left join app_user r on r.id = a.recorded_by left join app_user v on v.id = a.validated_by
  left join app_user m on m.id = a.made_by left join app_user b on b.id = a.ended_by
"""
_DELAYS = """
select d.id, d.encounter_id, d.since_at, d.until_at, d.code, d.party_kind, d.party, d.controllable, d.explanation,
  d.made_at, coalesce(m.display_name, ''), d.ended_at, coalesce(b.display_name, ''),
  case when d.ended_at is null then '' else d.ended_reason end
from avoidable_delay d left join app_user m on m.id = d.made_by left join app_user b on b.id = d.ended_by
"""
# A day for which a part of the stay and the whole have a primary reason shows that of the whole.
_BY_DAY = """
select a.encounter_id, a.facility_id, a.day, a.code, a.phase, a.entry_id, false, '' from avoidable_day a
where a.encounter_id = any(%(stays)s) and a.ended_at is null and a.weight = 'primary'
union all
select d.encounter_id, d.facility_id, d.day, d.code, d.phase, d.id, true, d.rule from avoidable_draft d
where d.encounter_id = any(%(stays)s) and d.ended_at is null
"""
# Where a patient was at the end of a day: the movement that began before the midnight and had not ended before it.
_AT = """
left join lateral (select m.value, m.label from movement m where m.encounter_id = e.id and m.lane = {lane}
  and m.since < x.midnight and (m.until is null or m.until >= x.midnight) order by m.since desc limit 1) {name} on true
"""
# A number that became part of another stay counts there. A day counts while the patient was there as the census has it.
_WHOLE = """
join encounter o on o.id = a.encounter_id join encounter e on e.gone_at is null
  and e.status not in ('cancelled', 'preadmit') and e.id = case when o.gone_at is null then o.id else (
    with recursive up as (select o.united_into_id as id union select n.united_into_id from up join encounter n
      on n.id = up.id where n.gone_at is not null)
    select n.id from up join encounter n on n.id = up.id where n.gone_at is null) end
"""
_PRESENT = """
c.value in ('IP', 'OBS') and (e.status <> 'discharged' or e.discharge_at >= x.midnight) and not exists (
  select from movement l where l.encounter_id = e.id and l.lane = 5 and l.since < x.midnight
    and (l.until is null or l.until >= x.midnight))
"""
_FRAME = f"""
select a.day, e.id::text as encounter_id, a.entry_id::text as entry_id, a.facility_id,
  y.unit, coalesce(nullif(u.name, ''), y.unit) as unit_name,
  coalesce(u.kind, '') as unit_kind, coalesce(c.value, '') as class, coalesce(s.value, '') as service,
  coalesce(t.label, '') as attending, coalesce(k.payer_name, '') as payer,
  case when a.party_kind = 'vendor' then a.party else '' end as vendor, a.code, a.weight, a.party_kind, a.party,
  a.controllable, a.phase, a.amount, a.hours, a.origin, a.rule
from avoidable_day a join facility f on f.id = a.facility_id {_WHOLE}
cross join lateral (select ((a.day + 1)::timestamp at time zone f.timezone) as midnight) x
{_AT.format(lane=1, name="w")} {_AT.format(lane=2, name="c")} {_AT.format(lane=4, name="s")}
{_AT.format(lane=3, name="t")}
cross join lateral (select coalesce(split_part(w.value, '^', 1), '') as unit) y
left join unit u on u.facility_id = a.facility_id and u.code = y.unit
left join coverage k on k.encounter_id = e.id and k.rank = 1
where a.facility_id = any(%s) and a.day between %s and %s and a.ended_at is null and {_PRESENT}
order by a.day, e.id, a.weight desc, a.code
"""
_FRAME_SCHEMA: dict[str, type[pl.DataType]] = {
    "day": pl.Date, "encounter_id": pl.String, "entry_id": pl.String, "facility_id": pl.Int64, "unit": pl.String,
    "unit_name": pl.String, "unit_kind": pl.String, "class": pl.String, "service": pl.String,
    "attending": pl.String, "payer": pl.String, "vendor": pl.String, "code": pl.String, "weight": pl.String,
    "party_kind": pl.String, "party": pl.String, "controllable": pl.String, "phase": pl.String, "amount": pl.Float64,
    "hours": pl.Float64, "origin": pl.String, "rule": pl.String,
}  # fmt: skip


def entries(db: Reading, encounter_id: uuid.UUID) -> list[Entry]:
    """All versions of all entries of a stay, the latest day first."""
    stays = list(with_former(db, [encounter_id]))
    order = "order by a.day desc, a.weight desc, (a.ended_at is null) desc, a.made_at desc, a.id desc"
    return db.rows(Entry, f"{_ENTRIES} where a.encounter_id = any(%s) {order}", (stays,))


def standing_entries(db: Reading, encounter_id: uuid.UUID) -> list[Entry]:
    """What stands for a stay, the latest day first."""
    return [one for one in entries(db, encounter_id) if one.ended_at is None]


def entry(db: Reading, entry_id: uuid.UUID) -> Entry:
    """The version of an entry that stands, or the last one that did; NotFound outside the reader's scope."""
    order = "order by (a.ended_at is null) desc, a.made_at desc, a.id desc limit 1"
    found = db.rows(Entry, f"{_ENTRIES} where a.entry_id = %s {order}", (entry_id,))
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def is_struck_out(one: Entry) -> bool:
    """Whether an entry counts no more, rather than being replaced by another version of itself."""
    return one.ended_at is not None and one.ended_because == EntryEnd.STRUCK_OUT


def delays(db: Reading, encounter_id: uuid.UUID) -> list[Delay]:
    """All delays of hours of a stay, the latest first."""
    where = "where d.encounter_id = any(%s) order by d.since_at desc, d.made_at desc"
    return db.rows(Delay, f"{_DELAYS} {where}", (list(with_former(db, [encounter_id])),))


def delay(db: Reading, delay_id: uuid.UUID) -> Delay:
    """One delay, standing or struck out; NotFound outside the reader's scope."""
    return db.one(Delay, f"{_DELAYS} where d.id = %s", (delay_id,), missing=NOT_THERE)


class _ByDay(NamedTuple):
    """One row of what days of stays have: a reason that was recorded, or a draft."""

    encounter_id: uuid.UUID
    facility_id: int
    day: date
    code: str
    phase: str
    key: uuid.UUID
    draft: bool
    rule: str


def entries_by_day(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[date, LedgerEntry]]:
    """For each of these stays the primary reason of each day that has one; drafts where nothing is recorded.

    One statement for the entries, whatever the number of stays. `entry_id` of a draft is the draft's own key.
    """
    belongs = with_former(db, stays)
    with db.connection.cursor() as cursor:
        found_rows = cursor.execute(db.worded(_BY_DAY), {"stays": list(belongs)}).fetchall()
    rows = without_kept(db, [_ByDay(*row) for row in found_rows])
    words = _labels(db, {one.facility_id for one in rows})
    found: dict[uuid.UUID, dict[date, LedgerEntry]] = {stay: {} for stay in stays}
    for one in sorted(rows, key=lambda row: (row.draft, row.encounter_id != belongs[row.encounter_id])):
        known = words[one.facility_id, one.day]
        label = known[one.code].label if one.code in known else one.code
        entry = LedgerEntry(one.code, label, one.draft, Phase(one.phase), one.key)
        found[belongs[one.encounter_id]].setdefault(one.day, entry)
    return found


class _Dictionaries(dict[tuple[int, date], dict[str, Reason]]):
    """The dictionary of a facility on a day, made when it is first asked for."""

    def __init__(self, own: dict[int, list[Reason]]) -> None:
        super().__init__()
        self._own = own

    def __missing__(self, key: tuple[int, date]) -> dict[str, Reason]:
        facility, day = key
        own = self._own.get(facility, [])
        # Wordings change on few days: between two of them every day reads alike.
        since = max((one.begins for one in own if one.begins is not None and one.begins <= day), default=date.min)
        if (facility, since) not in self:
            self[facility, since] = on_day(own, day)
        return self[facility, since]


def _labels(db: Reading, facilities: set[int]) -> _Dictionaries:
    if not facilities:
        return _Dictionaries({})
    return _Dictionaries({key: [one.reason for one in own] for key, own in wordings(db, facilities).items()})


def entries_frame(db: Reading, facilities: Sequence[int], first: date, last: date) -> pl.DataFrame:
    """All standing entries of these facilities for patient days from `first` to `last`, with where the patient was.

    Entries of cancelled stays, and of days on which the patient turned out not to be here, count nowhere.

    A row per reason: the primary ones count `amount` days, the contributing ones 0. Unit, class, service and attending
    are those at the midnight of the day, as they are known now; `unit_kind` and `class` are the keys of the cost.
    Added: `group`, `label`, `reason_party` (who usually answers for the reason) as the dictionary reads on the day.
    """
    frame = frames.select(db, _FRAME, (list(facilities), first, last), _FRAME_SCHEMA)
    words = _labels(db, set(facilities))
    read = [words[facility, day].get(code) for facility, day, code in frame.select("facility_id", "day", "code").rows()]
    return frame.with_columns(
        pl.Series("group", [one.group if one else code[:2] for one, code in zip(read, frame["code"], strict=True)],
                  dtype=pl.String),
        pl.Series("group_label", [one.group_label if one else "" for one in read], dtype=pl.String),
        pl.Series("label", [one.label if one else code for one, code in zip(read, frame["code"], strict=True)],
                  dtype=pl.String),
        pl.Series("reason_party", [one.party if one else "" for one in read], dtype=pl.String),
    )  # fmt: skip
