"""Facilities, units and feeds: what an administrator sets up before the first message arrives."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, field_validator
from sqlmodel import select

from app.census.places import Facility, Feed, Unit
from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.work import Work


class FacilityKind(StrEnum):
    """What kind of hospital it is; some rules and lists differ."""

    ACUTE = "acute"  # short-term acute care hospital
    LTCH = "ltch"  # long-term acute care hospital
    CAH = "cah"  # critical access hospital


class UnitKind(StrEnum):
    """What kind of care a unit gives."""

    WARD = "ward"  # medical or surgical ward
    INTENSIVE = "intensive"  # intensive care
    STEP_DOWN = "step_down"  # intermediate care
    OBSERVATION = "observation"  # observation unit
    EMERGENCY = "emergency"  # emergency department
    SURGERY = "surgery"  # operating rooms and day surgery
    REHABILITATION = "rehabilitation"  # inpatient rehabilitation
    PSYCHIATRIC = "psychiatric"  # psychiatric ward
    LTAC = "ltac"  # long-term acute care ward


# Minutes without a message before a feed counts as silent: a long-term hospital moves nobody for half a day.
QUIET = {FacilityKind.ACUTE: 30, FacilityKind.CAH: 240, FacilityKind.LTCH: 720}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityAdded(Event):
    """A facility was set up, with its feed."""

    name: ClassVar[str] = "facility.added"
    facility_id: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityChanged(Event):
    """Settings of a facility or of its feed were changed."""

    name: ClassVar[str] = "facility.changed"
    facility_id: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDescribed(Event):
    """A unit was added, or its description changed."""

    name: ClassVar[str] = "unit.described"
    facility_id: int
    code: str


class AddFacility(BaseModel):
    """A new facility. `authority` names who assigns its numbers; it is also the sender that MSH-4 names."""

    code: str = Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9_-]+$")
    name: str = Field(min_length=1, max_length=120)
    timezone: str
    kind: FacilityKind
    authority: str = Field(default="", max_length=60)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("Write a time zone such as America/Chicago.")
        return value


class DescribeUnit(BaseModel):
    """A unit of a facility, by the code that the feed uses for it (PV1-3.1)."""

    code: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=80)
    kind: UnitKind = UnitKind.WARD
    beds: int = Field(default=0, ge=0, le=2000)
    service: str = Field(default="", max_length=40)


def add_facility(work: Work, ask: AddFacility) -> Facility:
    """Set up a facility and its feed with the usual habits. Refused when the code is taken."""
    if work.session.exec(select(Facility).where(Facility.code == ask.code)).first() is not None:
        raise Refused(f"A facility with the code {ask.code} exists already.", field="code")
    facility = work.add(
        Facility(code=ask.code, name=ask.name, timezone=ask.timezone, kind=ask.kind.value, created_at=work.now)
    )
    work.add(Feed(facility_id=facility.id, authority=ask.authority or ask.code, silent_after_minutes=QUIET[ask.kind]))
    work.record(FacilityAdded(facility_id=facility.id, code=facility.code))
    work.signal("daybook_inbox")  # messages parked for an unknown facility may now be applied
    return facility


def describe_unit(work: Work, facility_id: int, ask: DescribeUnit) -> Unit:
    """Add a unit, or change the description of the one with this code."""
    unit = work.session.exec(
        select(Unit).where(Unit.facility_id == facility_id, Unit.code == ask.code).with_for_update()
    ).first()
    if unit is None:
        unit = Unit(facility_id=facility_id, code=ask.code)
    unit.name, unit.kind, unit.beds, unit.service = ask.name, ask.kind.value, ask.beds, ask.service
    work.add(unit)
    work.record(UnitDescribed(facility_id=facility_id, code=ask.code))
    return unit


def facility_by_code(work: Work, code: str) -> Facility:
    """The facility with this code; Refused names it when there is none."""
    facility = work.session.exec(select(Facility).where(Facility.code == code)).first()
    if facility is None:
        raise Refused(f"There is no facility with the code {code}. Add it with `daybook facility add {code}`.")
    return facility
