"""The stays that are reviewed: what decides how their reviews, requests and denials go."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.terms import Line
from app.kernel.days import local_day
from app.payers.directory.queries import NO_PLAN, PayerOf, payers_of
from app.platform.work import Reading

LTCH = "ltch"
_STAYS = """
select e.id, f.code, f.kind, f.timezone, e.visit_number, e.status, e.patient_class, e.unit, e.service, e.observation_at,
  e.inpatient_at, case when e.status = 'discharged' then e.discharge_at end, e.attending_name, e.sensitivity <> ''
from encounter e join facility f on f.id = e.facility_id
where e.id = any(%s) and e.gone_at is null and e.status in ('admitted', 'on_leave', 'discharged')
  and (e.observation_at is not null or e.inpatient_at is not null)
  and (e.status <> 'discharged' or e.discharge_at is not null)
  and not exists (select from review r where r.encounter_id = e.id)
  and not exists (select from payer_authorization a where a.encounter_id = e.id)
order by f.code, e.visit_number
"""


class _Row(msgspec.Struct):
    id: uuid.UUID
    facility: str
    kind: str
    timezone: str
    visit: str
    status: str
    patient_class: str
    unit: str
    service: str
    observed_at: datetime | None
    ordered_at: datetime | None
    left_at: datetime | None
    attending: str
    sensitive: bool


class Subject(msgspec.Struct, frozen=True):
    """A stay under review. `payer` is the first plan that may be asked, else who pays; None where nobody is named.

    `secondary`: that plan pays only what another leaves. `first_line`: the line of business of who pays first.
    """

    row: _Row
    payer: PayerOf | None
    secondary: bool = False
    first_line: Line | None = None

    @property
    def id(self) -> uuid.UUID:
        """The stay."""
        return self.row.id

    @property
    def number(self) -> str:
        """What the stay is called in the feed: the same in every run."""
        return f"{self.row.facility} {self.row.visit}"

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's zone."""
        return ZoneInfo(self.row.timezone)

    @property
    def long_term(self) -> bool:
        """Whether it is a stay in the long-term care hospital."""
        return self.row.kind == LTCH

    @property
    def line(self) -> Line | None:
        """The line of business of `payer`."""
        return self.payer.line if self.payer is not None else None

    @property
    def asks_payer(self) -> bool:
        """Whether there is a plan that authorizes days."""
        return self.payer is not None and self.line not in NO_PLAN

    @property
    def ordered_on(self) -> date:
        """Day of the inpatient order; ValueError for a stay that never had one."""
        if self.row.ordered_at is None:
            raise ValueError("This stay was never ordered as inpatient.")
        return self.day(self.row.ordered_at)

    def day(self, at: datetime) -> date:
        """The hospital's calendar day."""
        return local_day(at, self.zone)

    def here(self, at: datetime) -> bool:
        """Whether the patient is still in the hospital."""
        return self.row.left_at is None or at < self.row.left_at

    def luck(self, seed: int, what: str) -> Random:
        """Chances of one matter of this stay, the same in every run of a seed."""
        return Random(f"{seed} {self.number} {what}")


def subjects(view: Reading, stays: Sequence[uuid.UUID]) -> list[Subject]:
    """Those of the stays that come under review and on which nobody has worked yet."""
    payers = payers_of(view, stays)
    return [_subject(row, payers.get(row.id, [])) for row in view.rows(_Row, _STAYS, (list(stays),))]


def _subject(row: _Row, payers: Sequence[PayerOf]) -> Subject:
    plans = [one for one in payers if one.line not in NO_PLAN]
    payer = next(iter(plans or payers), None)
    first_line = payers[0].line if payers else None
    return Subject(row, payer, secondary=bool(plans) and payers[0] is not payer, first_line=first_line)
