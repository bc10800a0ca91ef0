"""The true course of the simulated stays: what a program that read every message ought to know."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.demo.cases import Case
from app.demo.hospital import Bed, Physician
from app.demo.people import Coverage, Demographics, Patient

OPEN = frozenset({"preadmit", "registered", "admitted", "on_leave"})
ON_CENSUS = frozenset({"admitted", "on_leave"})
BEDDED_CLASSES = frozenset({"IP", "OBS"})


class StayState(msgspec.Struct, frozen=True):
    """What the sending system has on file about a stay at one moment; a message is written from it.

    `diagnoses` are (code, text, type of table 0052). Instants are UTC.
    """

    number: str
    person: Demographics
    patient_class: str
    bed: Bed | None
    attending: Physician
    service: str
    admitted: datetime
    coverages: tuple[Coverage, ...]
    diagnoses: tuple[tuple[str, str, str], ...] = ()
    prior_bed: Bed | None = None
    pending_bed: Bed | None = None
    reason: str = ""
    source: str = "1"
    admission_type: str = "1"
    drg: str = ""
    expected_discharge: datetime | None = None
    leave_until: datetime | None = None
    discharged: datetime | None = None
    disposition: str = ""
    died: bool = False


class Stay:
    """One visit as its sender reported it so far: the yardstick for what a reader understood.

    `beds` and `classes` are (value, since) rows; a row ends where the next one starts or at the discharge. Changes that
    the sender took back have left no row. `settled`: nothing about it is half done. `told`: a message has named it.
    """

    def __init__(self, facility: str, visit: str, patient: Patient, state: StayState, case: Case) -> None:
        self.facility = facility
        self.visit = visit
        self.patient = patient
        self.state = state
        self.status = "registered"
        self.vip = patient.vip
        self.started: datetime | None = None
        self.inpatient_since: datetime | None = None
        self.beds: list[tuple[Bed, datetime]] = []
        self.classes: list[tuple[str, datetime]] = []
        self.closed_at: datetime | None = None
        self.last_recorded: datetime | None = None
        self.case = case
        self.settled = False
        self.told = False

    @property
    def open(self) -> bool:
        """Whether the stay has neither ended nor been cancelled."""
        return self.status in OPEN

    @property
    def record_number(self) -> str:
        """The number that the patient has at this facility now, merges included."""
        return self.patient.numbers[self.facility]

    @property
    def patient_class(self) -> str:
        """Canonical class: IP, OBS, ED, PRE."""
        return self.classes[-1][0] if self.classes else "PRE"


class CensusLine(msgspec.Struct, frozen=True, order=True):
    """One line of the census in the form of the census export."""

    facility: str
    visit: str
    mrn: str
    location: str
    patient_class: str
    on_leave: bool


class Truth:
    """Independent counts over the simulated stays, as of the simulation's clock."""

    def __init__(self, stays: Iterable[Stay], zone: ZoneInfo) -> None:
        self.stays = {(stay.facility, stay.visit): stay for stay in stays}
        self.zone = zone

    def census(self, facility: str | None = None) -> list[CensusLine]:
        """Everyone in a bed or on leave from one, sorted by facility and visit."""
        return sorted(
            CensusLine(
                stay.facility,
                stay.visit,
                stay.record_number,
                stay.beds[-1][0].location,
                stay.patient_class,
                stay.status == "on_leave",
            )
            for stay in self.stays.values()
            if stay.status in ON_CENSUS and facility in (None, stay.facility)
        )

    def open_stays(self) -> list[Stay]:
        """Stays that are neither ended nor cancelled, pre-admissions and emergency visits included."""
        return [stay for stay in self.stays.values() if stay.open]

    def discharges(self, facility: str, patient_class: str = "IP") -> list[Stay]:
        """Ended stays of one class at their end."""
        return [
            stay
            for stay in self.stays.values()
            if stay.status == "discharged" and stay.facility == facility and stay.patient_class == patient_class
        ]

    def length_of_stay(self, stay: Stay) -> int:
        """Days from inpatient admission to discharge in local dates, at least 1; observation before it not counted."""
        if stay.inpatient_since is None or stay.state.discharged is None:
            raise ValueError("Only an ended inpatient stay has a length.")
        return max(1, (self.local_day(stay.state.discharged) - self.local_day(stay.inpatient_since)).days)

    def dispositions(self, facility: str) -> Counter[str]:
        """Number of ended inpatient stays by discharge disposition (PV1-36)."""
        return Counter(stay.state.disposition for stay in self.discharges(facility))

    def occupants(self, at: datetime) -> dict[Bed, list[Stay]]:
        """Who lay in each bed at an instant, according to the effective times."""
        found: dict[Bed, list[Stay]] = {}
        for stay in self.stays.values():
            bed = bed_at(stay, at)
            if bed is not None:
                found.setdefault(bed, []).append(stay)
        return found

    def local_day(self, instant: datetime) -> date:
        """The calendar day at the facilities."""
        return instant.astimezone(self.zone).date()


def bed_at(stay: Stay, at: datetime) -> Bed | None:
    """The place of a stay at an instant; None before its start, after its end and when it was cancelled."""
    ended = stay.state.discharged
    if stay.status in ("cancelled", "preadmit") or (ended is not None and at >= ended):
        return None
    found = None
    for bed, since in stay.beds:
        if since > at:
            break
        found = bed
    return found
