"""The stays whose departure is planned: what decides how their plans go."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from app.discharge.terms import CareType
from app.kernel.days import local_day
from app.platform.work import Reading

LTCH = "ltch"
DIED = frozenset({"20", "40", "41", "42"})
_PLACES = {
    "03": CareType.SNF, "61": CareType.SNF, "64": CareType.NF, "04": CareType.NF, "62": CareType.IRF,
    "63": CareType.LTCH, "06": CareType.HOME_HEALTH, "50": CareType.HOSPICE_HOME, "51": CareType.HOSPICE_FACILITY,
    "02": CareType.ACUTE, "05": CareType.ACUTE, "66": CareType.ACUTE, "70": CareType.ASSISTED_LIVING,
    "65": CareType.PSYCHIATRIC,
}  # fmt: skip
"""Where a patient went, by the code of the discharge status (UB-04 form locator 17); every other code is home."""
_STAYS = """
select e.id, f.code, f.kind, f.timezone, e.visit_number, e.patient_class, e.unit, e.service,
  greatest(least(e.observation_at, e.inpatient_at), e.start_at,
    (select min(k.known_from) from encounter_known k where k.encounter_id = e.id
      and k.status in ('admitted', 'on_leave', 'discharged'))), e.inpatient_at,
  case when e.status = 'discharged' then e.discharge_at end, coalesce(e.disposition, ''), e.expected_discharge_at,
  e.pending_kind, coalesce(p.birth_text, ''), e.sensitivity <> '', coalesce((select c.payer_code from coverage c
    where c.encounter_id = e.id order by c.rank limit 1), ''), coalesce(e.attending_name, ''),
  coalesce(p.deceased, '') = 'Y'
from encounter e join facility f on f.id = e.facility_id join patient p on p.id = e.patient_id
where e.id = any(%s) and e.gone_at is null and e.status in ('admitted', 'on_leave', 'discharged')
  and (e.observation_at is not null or e.inpatient_at is not null)
  and (e.status <> 'discharged' or e.discharge_at is not null)
  and not exists (select from expected_date x where x.encounter_id = e.id)
  and not exists (select from screening s where s.encounter_id = e.id)
  and not exists (select from follow_up_call c where c.encounter_id = e.id)
order by f.code, e.visit_number
"""


class Row(msgspec.Struct):
    """A stay as the census knows it now."""

    id: uuid.UUID
    facility: str
    kind: str
    timezone: str
    visit: str
    patient_class: str
    unit: str
    service: str
    began_at: datetime
    ordered_at: datetime | None
    left_at: datetime | None
    disposition: str
    expected_at: datetime | None
    pending: str
    birth: str
    sensitive: bool
    payer: str
    attending: str
    deceased: bool


class Subject(msgspec.Struct, frozen=True):
    """A stay that is planned for."""

    row: Row

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
    def died(self) -> bool:
        """Whether the stay ended with death."""
        return self.row.disposition in DIED

    @property
    def went_to(self) -> CareType:
        """Where the patient went, by the code of the departure."""
        return _PLACES.get(self.row.disposition, CareType.HOME)

    def day(self, at: datetime) -> date:
        """The hospital's calendar day."""
        return local_day(at, self.zone)

    def age(self, at: datetime) -> int:
        """Years, 60 where the birthday is not known."""
        year = self.row.birth[:4]
        return at.year - int(year) if year.isdigit() else 60

    def here(self, at: datetime) -> bool:
        """Whether the patient is still in the hospital."""
        return self.row.left_at is None or at < self.row.left_at

    def luck(self, seed: int, what: str) -> Random:
        """Chances of one matter of this stay, the same in every run of a seed."""
        return Random(f"{seed} {self.number} {what}")


def subjects(view: Reading, stays: Sequence[uuid.UUID]) -> list[Subject]:
    """Those of the stays for which nobody has planned yet."""
    return [Subject(row) for row in view.rows(Row, _STAYS, (list(stays),))]
