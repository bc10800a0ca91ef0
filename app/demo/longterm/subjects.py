"""The stays of the long-term hospital as the people there know them, and what the simulation knows of the way there."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from app.demo.hospital import ACUTE, LTCH, Payer
from app.demo.stays import Stay, Truth
from app.kernel.days import local_day
from app.ltac.screening.rules import calendar_days
from app.platform.work import Reading

VENTILATOR_UNIT, _INTENSIVE = "LV", "ICU"
DIED, TO_ACUTE = "20", "02"
_JUST_BEFORE = timedelta(days=1)
_JUST_LEFT = timedelta(days=45)
_STAYS = """
select e.id, e.facility_id, e.visit_number, f.timezone,
  coalesce((select min(m.since) from movement m where m.encounter_id = e.id and m.lane = 2 and m.value = 'IP'),
    e.start_at), case when e.status = 'discharged' then e.discharge_at end, e.disposition, e.drg,
  p.family, p.given, left(p.birth_text, 8), p.sex, e.sensitivity <> ''
from encounter e join facility f on f.id = e.facility_id join patient p on p.id = e.patient_id
where e.id = any(%s) and f.kind = 'ltch' and e.gone_at is null and e.patient_class = 'IP'
  and e.status in ('admitted', 'on_leave', 'discharged') and (e.status <> 'discharged' or e.discharge_at is not null)
  and e.start_at is not null and p.birth_text ~ '^\\d{8}'
  and not exists (select from long_term_record r where r.encounter_id = e.id)
  and not exists (select from weaning_day w where w.encounter_id = e.id)
order by e.visit_number
"""
_LEAVES = "select encounter_id, since, until from movement where encounter_id = any(%s) and lane = 5 order by since"


class Row(msgspec.Struct):
    """A stay as the census knows it now."""

    id: uuid.UUID
    facility_id: int
    visit: str
    timezone: str
    began_at: datetime
    left_at: datetime | None
    disposition: str
    drg: str
    family: str
    given: str
    birth: str
    sex: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Before:
    """Where a patient came from: the sister hospital with the number there, or another one, with days in intensive
    care. `returns`: came back from the acute hospital to a stay that was interrupted."""

    sister: bool
    number: str = ""
    unit: str = ""
    intensive: tuple[date, ...] = ()
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A stay to work on. `freed_at`: when the patient left the ventilator unit, where that was the first unit."""

    row: Row
    before: Before
    payer: Payer | None
    member: str
    ventilated: bool
    freed_at: datetime | None
    code: str
    leaves: tuple[tuple[datetime, datetime | None], ...] = field(default=())

    @property
    def id(self) -> uuid.UUID:
        """The stay."""
        return self.row.id

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's zone."""
        return ZoneInfo(self.row.timezone)

    @property
    def born(self) -> date:
        """The birthday."""
        return date.fromisoformat(self.row.birth)

    def day(self, at: datetime) -> date:
        """The hospital's calendar day."""
        return local_day(at, self.zone)

    def here(self, at: datetime) -> bool:
        """Whether the patient is in the house at an instant."""
        row = self.row
        if at < row.began_at or (row.left_at is not None and at >= row.left_at):
            return False
        return not any(since <= at and (until is None or at < until) for since, until in self.leaves)

    def luck(self, seed: int, what: str) -> Random:
        """Chances of one matter of this stay, the same in every run of a seed."""
        return Random(f"{seed} {LTCH} {self.row.visit} {what}")


class Origins:
    """What the simulation knows of the stays of the long-term hospital and of the acute stays before them."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._of_person: dict[int, list[Stay]] = {}
        for stay in truth.stays.values():
            if stay.started is not None and stay.status != "cancelled":
                self._of_person.setdefault(id(stay.patient), []).append(stay)

    def subject(self, row: Row, leaves: Sequence[tuple[datetime, datetime | None]]) -> Subject | None:
        """The stay with what came before it; None where the simulation does not know it by this number."""
        stay = self._truth.stays.get((LTCH, row.visit))
        if stay is None or not stay.beds:
            return None
        first = stay.beds[0][0].unit
        freed = next((at for bed, at in stay.beds if bed.unit != VENTILATOR_UNIT), None)
        cover = next(iter(stay.patient.coverages), None)
        return Subject(
            row, self._before(stay, row.began_at), cover.payer if cover else None, cover.member if cover else "",
            first == VENTILATOR_UNIT, freed if first == VENTILATOR_UNIT else None, stay.case.code, tuple(leaves),
        )  # fmt: skip

    def _before(self, stay: Stay, began: datetime) -> Before:
        others = self._of_person[id(stay.patient)]
        acute = [one for one in others if one.facility == ACUTE and _ended_within(one, began, _JUST_BEFORE)]
        earlier = [one for one in others if one.facility == LTCH and one is not stay]
        returns = any(_ended_within(one, began, _JUST_LEFT) and one.state.disposition == TO_ACUTE for one in earlier)
        if not acute:
            return Before(sister=False, returns=returns)
        last = acute[-1]
        spans = [
            (since, until) for (bed, since), until in zip(last.beds, _ends(last), strict=True) if bed.unit == _INTENSIVE
        ]
        days = tuple(calendar_days(spans, began, self._truth.zone))
        return Before(True, last.record_number, last.beds[-1][0].unit, days, returns)


def _ends(stay: Stay) -> list[datetime | None]:
    return [*(since for _, since in stay.beds[1:]), stay.state.discharged]


def _ended_within(stay: Stay, until: datetime, span: timedelta) -> bool:
    left = stay.state.discharged
    return left is not None and until - span <= left <= until


def subjects(view: Reading, stays: Sequence[uuid.UUID], origins: Origins) -> list[Subject]:
    """Those of the stays that are of the long-term hospital and on which nobody has worked yet."""
    rows = view.rows(Row, _STAYS, (list(stays),))
    leaves: dict[uuid.UUID, list[tuple[datetime, datetime | None]]] = {}

    def take(stay: uuid.UUID, since: datetime, until: datetime | None) -> None:
        leaves.setdefault(stay, []).append((since, until))

    if rows:
        view.rows(take, _LEAVES, ([row.id for row in rows],))
    found = (origins.subject(row, leaves.get(row.id, ())) for row in rows)
    return [one for one in found if one is not None]
