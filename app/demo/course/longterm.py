"""A stay in the long-term care hospital: weeks, with weaning, leaves and transfers back to the acute hospital."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from app.demo.cases import Case
from app.demo.course.departure import Departure, depart, geometric_mean, plan_departure
from app.demo.course.inpatient import coverage_verified
from app.demo.course.visit import Visit, open_visit
from app.demo.course.world import Course, World
from app.demo.hospital import LTCH, Bed
from app.demo.people import Patient

TARGET_OCCUPANCY = 0.90


def admission(world: World, case: Case, patient: Patient, bed: Bed) -> Course:
    """Admission on transfer from a hospital (A01, admit source 4) into a bed that was held."""
    if patient.died:
        world.beds.release(bed, world.clock)
        return
    visit = open_visit(world, LTCH, patient, case)
    visit.change(source="4", admission_type="3")
    visit.enter("A01", "IP", bed)
    departure = plan_departure(visit)
    for at, step in sorted(_agenda(visit, departure), key=lambda entry: entry[0]):
        if at >= departure.at:
            break
        if at > world.clock:
            yield from visit.rest(at)
        yield from step()
    yield from depart(visit, departure)


def _agenda(visit: Visit, departure: Departure) -> list[tuple[datetime, Callable[[], Iterable[datetime]]]]:
    world = visit.world
    hours = (departure.at - world.clock) / timedelta(hours=1)
    steps: list[tuple[datetime, Callable[[], Iterable[datetime]]]] = [
        (world.soon(90, 1300), lambda: coverage_verified(visit)),
        (world.soon(1400, 2800), lambda: _working_group(visit)),
    ]
    day = world.today + timedelta(days=6)
    while day < departure.day:
        steps.append((world.at(day, world.random.uniform(13, 15)), lambda: _team_conference(visit, departure)))
        day += timedelta(days=7)
    if visit.bed.unit == "LV" and not departure.died:
        steps.append((world.soon(hours * 25, hours * 45), lambda: _weaned(visit)))
    if world.chance(0.3):
        steps.append((world.soon(hours * 20, hours * 40), lambda: _attending_change(visit)))
    if hours > 240 and world.chance(0.08):
        steps.append((world.soon(hours * 15, hours * 45), lambda: _leave(visit)))
    return steps


def _working_group(visit: Visit) -> Iterable[datetime]:
    estimate = visit.world.today + timedelta(days=round(geometric_mean(visit)))
    visit.change(drg=visit.case.drg, expected_discharge=visit.world.at(estimate, 11))
    visit.tell("A08")
    return ()


def _team_conference(visit: Visit, departure: Departure) -> Iterable[datetime]:
    """The weekly conference sets the expected discharge (A08)."""
    world = visit.world
    days_left = max(1, (departure.day - world.today).days + world.random.choice((-4, -2, 0, 0, 0, 3)))
    visit.change(expected_discharge=world.at(world.today + timedelta(days=days_left), 11))
    visit.tell("A08")
    return ()


def _weaned(visit: Visit) -> Iterable[datetime]:
    """Free of the ventilator: on to a complex care unit (A02)."""
    bed = visit.world.beds.take(["L2", "L3"], visit.world.clock)
    if bed is not None:
        visit.move(bed)
    return ()


def _attending_change(visit: Visit) -> Iterable[datetime]:
    before = visit.stay.state.attending
    visit.change(attending=visit.world.attending(LTCH, visit.case.service, other_than=before))
    visit.tell("A54")
    return ()


def _leave(visit: Visit) -> Course:
    """A procedure elsewhere with one or two nights away; the bed is held (A21, A22). Some come back to another bed."""
    world = visit.world
    back = world.soon(1200, 3600)
    visit.change(leave_until=back)
    visit.stay.status = "on_leave"
    visit.tell("A21")
    yield visit.wait(back)
    visit.change(leave_until=None)
    visit.stay.status = "admitted"
    other = world.beds.take(["L2", "L3"], world.clock) if world.chance(0.2) else None
    if other is not None:
        visit.move(other, trigger="A22")
    else:
        visit.tell("A22")
