"""The invented health system: two facilities, their units and beds, physicians and payers.

`daybook demo` creates facilities and units from these definitions through the ordinary commands; the simulation sends
patients into the same beds.
"""

from enum import StrEnum
from random import Random

import msgspec

from app.clocks.terms import Line
from app.demo.names import FAMILY_NAMES, FEMALE_NAMES, MALE_NAMES

ACUTE = "TBH"
LTCH = "TBL"
SYSTEM_AUTHORITY = "TAMARACK"


class Care(StrEnum):
    """Kind of a unit by the care given there; the values are those of the application's kinds of units."""

    EMERGENCY = "emergency"
    OBSERVATION = "observation"
    INTENSIVE = "intensive"
    STEP_DOWN = "step_down"
    WARD = "ward"
    PSYCHIATRIC = "psychiatric"
    LTAC = "ltac"


class Bed(msgspec.Struct, frozen=True, order=True):
    """A place as PV1-3 names it; `bed` is empty for treatment bays, which are not licensed beds."""

    facility: str
    unit: str
    room: str
    bed: str

    @property
    def point_of_care(self) -> str:
        """PV1-3.1 to .4."""
        return f"{self.unit}^{self.room}^{self.bed}^{self.facility}"

    @property
    def location(self) -> str:
        """Unit, room and bed without the facility, as exports write it."""
        return f"{self.unit}^{self.room}^{self.bed}"


class UnitPlan(msgspec.Struct, frozen=True):
    """A nursing unit. `service` is the hospital service (PV1-10) of most of its patients."""

    code: str
    name: str
    kind: Care
    service: str
    beds: tuple[Bed, ...]

    @property
    def licensed(self) -> bool:
        """Whether its places count as beds of the facility; treatment bays of an emergency department do not."""
        return self.kind is not Care.EMERGENCY


class FacilityPlan(msgspec.Struct, frozen=True):
    """A facility; `kind` is `acute` or `ltch`, `authority` assigns its record and visit numbers."""

    code: str
    name: str
    kind: str
    time_zone: str
    authority: str
    units: tuple[UnitPlan, ...]

    @property
    def licensed_beds(self) -> int:
        """Number of beds without treatment bays."""
        return sum(len(unit.beds) for unit in self.units if unit.licensed)


class Physician(msgspec.Struct, frozen=True):
    """An attending physician; `npi` is well formed (check digit with the prefix 80840) and invented."""

    npi: str
    family: str
    given: str
    facility: str
    service: str


class Payer(msgspec.Struct, frozen=True):
    """A health plan as IN1 names it. `line` is the line of business."""

    plan: str
    name: str
    company: str
    company_name: str
    line: str


PAYERS: tuple[Payer, ...] = (
    Payer("MCRAB", "Medicare Part A and B", "CMS", "Medicare", "medicare_fee_for_service"),
    Payer("TALMA1", "Tallgrass Advantage Choice", "TALLG", "Tallgrass Health", "medicare_advantage"),
    Payer("BRIMA2", "Bridgewell Senior Complete", "BRIDG", "Bridgewell Health Plan", "medicare_advantage"),
    Payer("MCDFFS", "State Medicaid", "MEDICD", "State Medicaid Agency", "medicaid_fee_for_service"),
    Payer("HARTMC", "Heartland Community Care", "HEART", "Heartland Community Plan", "medicaid_managed_care"),
    Payer("TALPPO", "Tallgrass Open PPO", "TALLG", "Tallgrass Health", "commercial"),
    Payer("KEYHMO", "Keystone Prairie HMO", "KEYPR", "Keystone Prairie", "commercial"),
    Payer("BRISLF", "Bridgewell Employer Self-Funded", "BRIDG", "Bridgewell Health Plan", "commercial"),
    Payer("MKTSLV", "Prairie Exchange Silver", "PREXC", "Prairie Exchange Plans", "marketplace"),
    Payer("VACOM", "Veterans Community Care", "VACCN", "Veterans Community Care Network", "veterans"),
    Payer("WKCOMP", "Workers Compensation Fund", "WKCMP", "State Compensation Fund", "workers_compensation"),
    Payer("SELF", "Self pay", "SELF", "Self pay", "self_pay"),
)

LINES = {
    "medicare_fee_for_service": Line.MEDICARE_FFS,
    "medicare_advantage": Line.MEDICARE_ADVANTAGE,
    "medicaid_fee_for_service": Line.MEDICAID_FFS,
    "medicaid_managed_care": Line.MEDICAID_MCO,
    "commercial": Line.COMMERCIAL,
    "marketplace": Line.COMMERCIAL,
    "veterans": Line.OTHER,
    "workers_compensation": Line.OTHER,
    "self_pay": Line.SELF_PAY,
}
"""Line of business as the clocks know it, of each that a payer here has."""

# Services of the acute hospital with the number of attending physicians per 250 beds.
_ACUTE_STAFF = {"MED": 20, "CAR": 8, "SUR": 9, "ORT": 6, "NEU": 5, "PUL": 6, "ONC": 3, "PSY": 3, "EMR": 12}
_LTCH_STAFF = {"PUL": 3, "MED": 4}

# Wards: code, name, service, first room.
_WARDS = (
    ("3W", "3 West Surgery", "SUR", 301),
    ("3E", "3 East Orthopedics", "ORT", 331),
    ("4W", "4 West Medicine", "MED", 401),
    ("4E", "4 East Cardiology", "CAR", 431),
    ("5W", "5 West Medicine", "MED", 501),
    ("5E", "5 East Neurology", "NEU", 531),
    ("6W", "6 West Medicine and Oncology", "ONC", 601),
)


def npi(body: int) -> str:
    """Nine digits with their check digit, computed over the prefix 80840 (45 CFR 162.406)."""
    total = 24
    for place, digit in enumerate(reversed(f"{body:09d}")):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{body:09d}{-total % 10}"


def facilities(beds: int, ltch_beds: int, time_zone: str) -> tuple[FacilityPlan, FacilityPlan]:
    """The acute hospital and the long-term care hospital with that many licensed beds."""
    if beds < 20 or ltch_beds < 4:
        raise ValueError("The simulated hospital needs at least 20 acute beds and 4 long-term care beds.")
    return (
        FacilityPlan(ACUTE, "Tamarack Bay Hospital", "acute", time_zone, ACUTE, _acute_units(beds)),
        FacilityPlan(LTCH, "Tamarack Bay Long-Term Care Hospital", "ltch", time_zone, LTCH, _ltch_units(ltch_beds)),
    )


def physicians(beds: int, random: Random) -> tuple[Physician, ...]:
    """Attending physicians of both facilities, at least two of every service."""
    found: list[Physician] = []
    for facility, staff in ((ACUTE, _ACUTE_STAFF), (LTCH, _LTCH_STAFF)):
        for service, number in staff.items():
            for _ in range(max(2, round(number * beds / 250)) if facility == ACUTE else number):
                given = random.choice(random.choice((FEMALE_NAMES, MALE_NAMES)))
                body = 100_000_000 + 7_919 * len(found) + random.randrange(7_000)
                found.append(Physician(npi(body), random.choice(FAMILY_NAMES), given, facility, service))
    return tuple(found)


def _acute_units(beds: int) -> tuple[UnitPlan, ...]:
    observation, intensive, intermediate, behavioral = (max(2, round(beds * part)) for part in (0.08, 0.11, 0.12, 0.05))
    bays = tuple(Bed(ACUTE, "ED", f"{room:02d}", "") for room in range(1, max(6, round(beds * 0.16)) + 1))
    units = [
        UnitPlan("ED", "Emergency Department", Care.EMERGENCY, "EMR", bays),
        UnitPlan("OBS", "Observation Unit", Care.OBSERVATION, "MED", _singles("OBS", observation)),
        UnitPlan("ICU", "Intensive Care", Care.INTENSIVE, "PUL", _singles("ICU", intensive)),
        UnitPlan("PCU", "Progressive Care", Care.STEP_DOWN, "CAR", _singles("PCU", intermediate)),
        UnitPlan("BHU", "Behavioral Health", Care.PSYCHIATRIC, "PSY", _singles("BHU", behavioral)),
    ]
    left = beds - observation - intensive - intermediate - behavioral
    for place, (code, name, service, room) in enumerate(_WARDS):
        share = left // len(_WARDS) + (1 if place < left % len(_WARDS) else 0)
        units.append(UnitPlan(code, name, Care.WARD, service, _doubles(ACUTE, code, room, share)))
    return tuple(units)


def _ltch_units(beds: int) -> tuple[UnitPlan, ...]:
    ventilator = max(1, round(beds * 0.3))
    second = (beds - ventilator) // 2
    return (
        UnitPlan("LV", "Ventilator Unit", Care.LTAC, "PUL", _doubles(LTCH, "LV", 101, ventilator)),
        UnitPlan("L2", "2 Complex Care", Care.LTAC, "MED", _doubles(LTCH, "L2", 201, second)),
        UnitPlan(
            "L3",
            "3 Wound and Complex Care",
            Care.LTAC,
            "MED",
            _doubles(LTCH, "L3", 301, beds - ventilator - second),
        ),
    )


def _singles(unit: str, number: int) -> tuple[Bed, ...]:
    return tuple(Bed(ACUTE, unit, f"{room:02d}", "A") for room in range(1, number + 1))


def _doubles(facility: str, unit: str, first_room: int, number: int) -> tuple[Bed, ...]:
    return tuple(Bed(facility, unit, str(first_room + place // 2), "AB"[place % 2]) for place in range(number))
