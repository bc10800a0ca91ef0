"""When and where an inpatient goes: length of stay, disposition, discharge, and what follows it."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.demo.course import mishaps
from app.demo.course.visit import Visit
from app.demo.course.world import Course, World
from app.demo.hospital import ACUTE
from app.demo.stays import Stay
from app.regulations.drg import System, gmlos

DIED, HOSPICE_HOME, HOSPICE_FACILITY, LTCH_TRANSFER, HOSPITAL_TRANSFER = "20", "50", "51", "63", "02"
RETURNING = frozenset({"01", "03", "06", "62", "07"})

# Share of people sent home or to a facility who come back as inpatients within a month.
READMITTED_SHARE = 0.105
_SPREAD = 0.52


@dataclass
class Departure:
    """The discharge that lies ahead. `first_estimate` is the expected discharge from the GMLOS alone."""

    at: datetime
    day: date
    disposition: str
    first_estimate: datetime

    @property
    def died(self) -> bool:
        """Whether the stay ends with the patient's death."""
        return self.disposition == DIED


def plan_departure(visit: Visit) -> Departure:
    """Days log-normal around the GMLOS of the group; fewer people leave at weekends, facilities keep them waiting."""
    world, case = visit.world, visit.case
    expected = geometric_mean(visit)
    days = expected * math.exp(world.random.gauss(0, _SPREAD))
    disposition = _disposition(visit, days)
    if disposition == DIED:
        days *= world.random.uniform(0.1, 1.2)
    if disposition in ("03", "62", LTCH_TRANSFER) and world.chance(0.4):
        days += world.random.choice((1, 1, 2, 2, 3, 5))
    nights = max(1, round(days)) if world.chance(0.97) or case.intensive else 0
    earliest = world.today + timedelta(days=min(nights, 1))
    day = world.today + timedelta(days=nights)
    if disposition != DIED and day.weekday() >= 5 and world.chance(0.4):
        day += timedelta(days=world.random.choice((4 - day.weekday(), 7 - day.weekday(), 8 - day.weekday())))
    day = max(day, earliest)
    hour = world.random.uniform(0, 24) if disposition == DIED else world.random.triangular(9, 19.5, 14)
    estimate = world.at(world.today + timedelta(days=max(1, round(expected))), 11)
    at = max(world.at(day, hour), world.clock + timedelta(hours=6))
    return Departure(at, world.local_day(at), disposition, estimate)


def geometric_mean(visit: Visit) -> float:
    """The GMLOS in days of the stay's group on this day."""
    system: System = "MS-LTC-DRG" if visit.old else "MS-DRG"
    entry = gmlos(visit.case.drg, system, visit.world.today)
    if entry is None:
        raise LookupError(f"The table of groups has no {system} {visit.case.drg}.")
    return entry.gmlos


def depart(visit: Visit, departure: Departure) -> Course:
    """The day of discharge: announced (A16) or put off (A25), done (A03), sometimes undone (A13) or corrected."""
    world = visit.world
    if departure.disposition != DIED and visit.stay.patient_class == "IP":
        yield from _announce(visit, departure)
    yield from visit.rest(departure.at)
    if departure.disposition == LTCH_TRANSFER and not world.reserve_long_term(visit.stay):
        departure.disposition = "03"
    undone = departure.disposition != DIED and world.chance(0.012)
    if undone:
        yield from mishaps.wrong_discharge(visit, departure.disposition)
        yield from visit.rest(world.soon(60, 1400))
    visit.leave_hospital(departure.disposition, lag=22)
    visit.finish()
    world.followers(visit.stay)
    if not undone and world.chance(0.015):
        yield from mishaps.corrected_discharge(visit)
    yield from _coding(visit)


def _announce(visit: Visit, departure: Departure) -> Course:
    world = visit.world
    ahead = world.random.uniform(2, 26)
    notice = departure.at - timedelta(hours=ahead)
    if notice > world.clock and world.chance(0.75):
        yield from visit.rest(notice)
        visit.change(expected_discharge=departure.at.replace(minute=0, second=0, microsecond=0))
        visit.tell("A16", visit.happened(3), planned=departure.at)
        if world.chance(0.05):
            yield visit.wait(world.soon(30, 60 * ahead))
            departure.at += timedelta(days=1)
            visit.change(expected_discharge=departure.at.replace(minute=0, second=0, microsecond=0))
            visit.tell("A25", visit.happened(3))
            yield visit.wait(world.soon(20, 60))
            visit.tell("A08")


def _coding(visit: Visit) -> Course:
    """Final coding some days later (A08 with the final group); now and then it corrects the disposition."""
    world, stay = visit.world, visit.stay
    yield visit.wait(world.soon(2 * 1440, 6 * 1440))
    if stay.patient_class == "IP":
        final = tuple((code, text, "F") for code, text, _ in stay.state.diagnoses)
        visit.change(diagnoses=final, drg=visit.case.drg, coverages=stay.patient.coverages)
        if stay.state.disposition == "01" and world.chance(0.02):
            visit.change(disposition="06")
        visit.tell("A08")


def return_after(world: World, stay: Stay) -> timedelta | None:
    """After how many days this patient comes back unplanned, None for most."""
    state = stay.state
    if stay.facility != ACUTE or state.disposition not in RETURNING or not world.chance(READMITTED_SHARE):
        return None
    return timedelta(days=min(29.0, 0.8 + world.random.expovariate(1 / 10.5)))


def _disposition(visit: Visit, days: float) -> str:
    case, world = visit.case, visit.world
    if world.chance(case.fatal):
        return DIED
    if visit.old:
        return _after_long_term(world, case.facility_bound)
    if visit.stay.state.source == "4" and world.long_term_waits_for(visit.stay.patient):
        return LTCH_TRANSFER
    if case.service == "PSY":
        return world.random.choices(["01", "07", "65", "03"], [86, 5, 6, 3])[0]
    if (visit.bed.unit == "ICU" or days > 9) and world.chance(0.20 if days > 5 else 0.02):
        return LTCH_TRANSFER
    if case.fatal >= 0.04 and world.chance(0.07):
        return world.random.choice((HOSPICE_HOME, HOSPICE_FACILITY))
    years = world.age(visit.stay.patient)
    if world.chance(min(0.85, case.facility_bound * (0.26 if years >= 75 else 0.11 if years >= 60 else 0.03))):
        return world.random.choices(["03", "62", "04", "61", "70"], [74, 18, 3, 2, 1])[0]
    if world.chance(0.012):
        return HOSPITAL_TRANSFER
    return world.random.choices(["01", "06", "07", "05"], [72, 34 if years >= 65 else 12, 1.6, 0.3])[0]


def _after_long_term(world: World, facility_bound: float) -> str:
    if world.chance(0.10):
        return HOSPITAL_TRANSFER
    return world.random.choices(["03", "06", "62", "01", "50", "51"], [42 * facility_bound, 24, 12, 14, 3, 3])[0]
