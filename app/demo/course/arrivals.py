"""Who comes when: the hour and weekday pattern of the emergency department, the operating list, transfers."""

import math
from datetime import timedelta

from app.demo.cases import ELECTIVE_ADMISSIONS, EMERGENCY_ADMISSIONS, LONG_TERM, Case
from app.demo.course import emergency, longterm, mishaps
from app.demo.course.departure import HOSPITAL_TRANSFER, LTCH_TRANSFER, return_after
from app.demo.course.emergency import pick
from app.demo.course.inpatient import initial_units, inpatient
from app.demo.course.visit import open_visit
from app.demo.course.world import Course, World
from app.demo.hospital import ACUTE, LTCH
from app.demo.messages import planned_location
from app.demo.people import Patient
from app.demo.stays import Stay

TARGET_OCCUPANCY = 0.86

# Relative number of emergency arrivals by hour of day and by weekday (Monday first).
_HOURS = (52, 42, 36, 32, 30, 34, 46, 68, 98, 124, 140, 144, 142, 138, 136, 134, 136, 138, 140, 136, 126, 110, 90, 68)
_WEEKDAYS = (1.12, 1.02, 0.98, 0.97, 0.99, 0.95, 0.97)

# Per licensed acute bed and day.
_EMERGENCY_RATE, _ELECTIVE_RATE, _DIRECT_RATE = 0.36, 0.034, 0.015


def start(world: World) -> None:
    """Open the doors: fill the houses, then let people come."""
    world.on_departure = lambda stay: _after(world, stay)
    for _ in range(round(world.plan.beds * 0.82)):
        world.begin(world.soon(0, 3000), direct_admission(world, pick(world, EMERGENCY_ADMISSIONS), "1"))
    for _ in range(round(world.plan.ltch_beds * 0.88)):
        world.begin(world.soon(0, 30_000), _referral(world))
    world.begin(world.soon(1500, 1500), _emergency_arrivals(world))
    world.begin(world.clock, _operating_list(world))
    world.begin(world.soon(1500, 1500), _direct_admissions(world))
    world.begin(world.soon(30_000, 30_000), _referrals(world))
    world.begin(world.clock, mishaps.exchanges(world))


def direct_admission(world: World, case: Case, source: str, patient: Patient | None = None) -> Course:
    """Straight to a bed (A01), sent by a physician or another hospital."""
    visit = open_visit(world, ACUTE, patient or world.someone(case), case)
    visit.change(source=source)
    bed = yield from visit.take_bed(initial_units(visit))
    visit.enter("A01", "IP", bed)
    if source == "1" and world.chance(0.01):
        yield visit.wait(world.soon(5, 60))
        visit.end_unheard("A11")
        return
    yield from inpatient(visit)


def planned_admission(world: World, case: Case, days_ahead: int) -> Course:
    """Registered before (A28, A05), admitted on the day (A01), or called off (A38)."""
    visit = open_visit(world, ACUTE, world.someone(case), case)
    units = initial_units(visit)
    day = world.today + timedelta(days=days_ahead)
    due = world.at(day, world.random.uniform(5.5, 11))
    visit.stay.status = "preadmit"
    visit.change(bed=planned_location(ACUTE, units[0]), admitted=due, admission_type="3")
    if world.chance(0.5):
        visit.tell("A28")
        yield visit.wait(world.soon(3, 20))
    visit.tell("A05")
    if world.chance(0.07):
        yield visit.wait(world.soon(600, 1440 * days_ahead * 0.9))
        visit.end_unheard("A38")
        return
    yield visit.wait(due)
    bed = yield from visit.take_bed(units)
    visit.enter("A01", "IP", bed)
    yield from inpatient(visit)


def _emergency_arrivals(world: World) -> Course:
    mean = sum(_HOURS) / len(_HOURS)
    while True:
        local = world.local
        rate = world.plan.beds * _EMERGENCY_RATE / 24 * _HOURS[local.hour] / mean * _WEEKDAYS[local.weekday()]
        for _ in range(world.poisson(rate)):
            world.begin(world.soon(0, 60), emergency.arrival(world, _pressure(world)))
        yield world.soon(60, 60)


def _operating_list(world: World) -> Course:
    """Each day at nine the admissions of some days ahead are booked, none for a weekend."""
    while True:
        yield world.at(world.today + timedelta(days=1), 9)
        for _ in range(world.poisson(world.plan.beds * _ELECTIVE_RATE)):
            ahead = world.random.randrange(3, 15)
            weekday = (world.today + timedelta(days=ahead)).weekday()
            ahead += 7 - weekday if weekday >= 5 else 0
            world.begin(world.soon(0, 420), planned_admission(world, pick(world, ELECTIVE_ADMISSIONS), ahead))


def _direct_admissions(world: World) -> Course:
    while True:
        yield world.at(world.today + timedelta(days=1), 8)
        for _ in range(world.poisson(world.plan.beds * _DIRECT_RATE * _pressure(world))):
            course = direct_admission(world, pick(world, EMERGENCY_ADMISSIONS), world.random.choice("1114"))
            world.begin(world.soon(0, 780), course)


def _referrals(world: World) -> Course:
    """Other hospitals send long-term patients as far as there is room."""
    while True:
        yield world.at(world.today + timedelta(days=1), 10)
        missing = (longterm.TARGET_OCCUPANCY - world.beds.occupancy(LTCH)) * world.plan.ltch_beds
        for _ in range(min(4, max(0, round(missing * world.random.uniform(0.3, 1.2))))):
            world.begin(world.soon(60, 420), _referral(world))


def _referral(world: World) -> Course:
    case = pick(world, LONG_TERM)
    bed = world.beds.take(_long_term_units(case), world.clock)
    if bed is not None:
        yield from longterm.admission(world, case, world.someone(case), bed)


def _long_term_units(case: Case) -> list[str]:
    return ["LV", "L2", "L3"] if case.intensive >= 0.5 else ["L3", "L2", "LV"]


def _after(world: World, stay: Stay) -> None:
    """Transfers between the two hospitals, and returns within the month."""
    patient, disposition = stay.patient, stay.state.disposition
    if stay.facility == ACUTE and disposition == LTCH_TRANSFER:
        world.away_from_long_term.discard(patient.enterprise)
        patient.busy = True
        bed = world.long_term_places.pop(patient.enterprise)
        world.begin(world.soon(50, 190), longterm.admission(world, _long_term_case(world, stay), patient, bed))
    elif stay.facility == LTCH and disposition == HOSPITAL_TRANSFER:
        world.away_from_long_term.add(patient.enterprise)
        patient.busy = True
        case = pick(world, EMERGENCY_ADMISSIONS[:3])
        world.begin(world.soon(40, 120), direct_admission(world, case, "4", patient))
    else:
        world.away_from_long_term.discard(patient.enterprise)
        delay = return_after(world, stay)
        if delay is not None:
            world.begin(world.clock + delay, _return(world, stay))


def _return(world: World, stay: Stay) -> Course:
    patient = stay.patient
    if patient.busy or patient.died:
        return
    case = stay.case if world.chance(0.55) and stay.state.source != "3" else pick(world, EMERGENCY_ADMISSIONS[:16])
    yield from emergency.admission(world, case, patient)


def _long_term_case(world: World, stay: Stay) -> Case:
    same = [case for case in LONG_TERM if case.drg == stay.case.drg]
    return same[0] if same else pick(world, LONG_TERM)


def _pressure(world: World) -> float:
    """Above 1 when the house has room, below when it is full."""
    return min(2.0, max(0.35, math.exp(9 * (TARGET_OCCUPANCY - world.beds.occupancy(ACUTE)))))
