"""A visit to the emergency department: sent home, kept for observation, or admitted."""

from datetime import timedelta

from app.demo import people
from app.demo.cases import EMERGENCY_ADMISSIONS, EMERGENCY_ONLY, OBSERVATION, Case
from app.demo.course.inpatient import initial_units, inpatient
from app.demo.course.mishaps import identify
from app.demo.course.observation import observation
from app.demo.course.visit import Visit, open_visit
from app.demo.course.world import WAITING_ROOM, Course, World
from app.demo.hospital import ACUTE
from app.demo.names import UNIDENTIFIED
from app.demo.people import Demographics, Patient

ADMITTED_SHARE, OBSERVED_SHARE = 0.30, 0.155
_UNIDENTIFIED_SHARE, _DUPLICATE_SHARE = 0.006, 0.008


def arrival(world: World, pressure: float) -> Course:
    """Somebody comes to the emergency department; `pressure` below 1 keeps people out of a full house."""
    lot = world.random.random()
    if lot < ADMITTED_SHARE * pressure:
        yield from admission(world, pick(world, EMERGENCY_ADMISSIONS))
    elif lot < (ADMITTED_SHARE + OBSERVED_SHARE) * pressure:
        yield from kept_for_observation(world, pick(world, OBSERVATION))
    else:
        yield from sent_home(world, pick(world, EMERGENCY_ONLY))


def admission(world: World, case: Case, patient: Patient | None = None) -> Course:
    """From the door to an inpatient bed; when none is free the patient is admitted in the treatment bay."""
    visit = register(world, case, patient or _somebody(world, case))
    yield from _treatment(visit, 90, 330)
    units = initial_units(visit)
    bed = world.beds.take(units, world.clock)
    if bed is None and world.chance(0.6):
        visit.change(reason=case.text, admission_type="1", service=case.service)
        visit.change(attending=world.attending(ACUTE, case.service))
        visit.enter("A06", "IP", visit.bed)
        visit.move((yield from visit.take_bed(units)))
    else:
        if bed is None:
            bed = yield from visit.take_bed(units)
        visit.change(service=case.service, attending=world.attending(ACUTE, case.service))
        visit.enter("A06" if world.chance(0.75) else "A01", "IP", bed)
    yield from inpatient(visit)


def kept_for_observation(world: World, case: Case) -> Course:
    """From the door to observation services."""
    visit = register(world, case, _somebody(world, case))
    yield from _treatment(visit, 80, 260)
    bed = yield from visit.take_bed(["OBS", "5W", "4W", "4E", "6W"])
    visit.change(service=case.service, attending=world.attending(ACUTE, case.service))
    visit.enter("A04" if world.chance(0.7) else "A07", "OBS", bed)
    yield from observation(visit)


def sent_home(world: World, case: Case) -> Course:
    """Treated and discharged from the emergency department, or registered in error."""
    visit = register(world, case, _somebody(world, case))
    lot = world.random.random()
    if lot < 0.012:
        yield visit.wait(world.soon(3, 25))
        visit.end_unheard("A11")
        return
    if lot < 0.016:
        yield visit.wait(world.soon(5, 90))
        visit.end_unheard("A23")
        return
    yield visit.wait(world.soon(25, 80))
    if world.chance(0.45):
        visit.change(diagnoses=((case.code, case.text, "W"),))
        visit.tell("A08")
    yield visit.wait(world.soon(60, 260))
    visit.leave_hospital("07" if world.chance(0.03) else "01", lag=10)
    visit.finish()


def register(world: World, case: Case, patient: Patient) -> Visit:
    """Arrival: A04 with class E in a treatment bay, or in the waiting room when none is free."""
    visit = open_visit(world, ACUTE, patient, case)
    covered = () if world.chance(0.15) or patient.demographics.born is None else patient.coverages
    visit.change(service="EMR", attending=world.attending(ACUTE, "EMR"), coverages=covered, reason=case.text)
    if world.chance(0.07):
        visit.change(source="5")
    visit.enter("A04", "ED", world.beds.take(["ED"], world.clock) or WAITING_ROOM, lag=4)
    return visit


def pick(world: World, cases: tuple[Case, ...]) -> Case:
    """A case by its frequency."""
    return world.random.choices(cases, [case.weight for case in cases])[0]


def _treatment(visit: Visit, low: float, high: float) -> Course:
    """Diagnosis in the department; unknown and doubly registered people are identified on the way."""
    world, case = visit.world, visit.case
    deadline = world.soon(low, high)
    if visit.stay.patient.demographics.born is None:
        yield visit.wait(world.soon(20, 200))
        identify(visit, world.newcomer(people.demographics(world.random, case, world.today)))
    elif world.chance(_DUPLICATE_SHARE):
        world.begin(world.soon(100, 1500), _merge_later(visit))
    if world.chance(0.6):
        yield visit.wait(world.soon(25, 70))
        secondary = ((code, text, "A") for code, text in visit.stay.patient.comorbidities[:2])
        visit.change(diagnoses=((case.code, case.text, "A"), *secondary))
        visit.tell("A08")
    yield visit.wait(max(deadline, world.clock))


def _merge_later(visit: Visit) -> Course:
    """The person turns out to be known under another number already."""
    if visit.stay.open and visit.stay.settled:
        identify(visit, visit.stay.patient)
    else:
        yield visit.world.clock + timedelta(hours=3)
        if visit.stay.open and visit.stay.settled:
            identify(visit, visit.stay.patient)


def _somebody(world: World, case: Case) -> Patient:
    if not world.chance(_UNIDENTIFIED_SHARE):
        return world.someone(case)
    sex = world.random.choice("FM")
    alias = world.random.choice(UNIDENTIFIED)
    nobody = Demographics(
        "UNIDENTIFIED", f"{alias} {world.random.randrange(100, 999)}", "", sex, None, "", "", "", "", ""
    )
    return Patient("", nobody, ())
