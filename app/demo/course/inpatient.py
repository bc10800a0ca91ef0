"""An inpatient stay of the acute hospital: an agenda of what happens on the way, then the discharge."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from app.demo.course import mishaps
from app.demo.course.departure import Departure, depart, plan_departure
from app.demo.course.visit import Visit
from app.demo.course.world import Course

Step = Callable[[], Iterable[datetime]]
Agenda = list[tuple[datetime, Step]]

_WARDS = ("4W", "5W", "6W", "4E", "5E", "3W", "3E")
_WARDS_OF_SERVICE = {
    "MED": ("4W", "5W", "6W"),
    "PUL": ("5W", "4W"),
    "CAR": ("4E", "PCU"),
    "NEU": ("5E",),
    "SUR": ("3W",),
    "ORT": ("3E", "3W"),
    "ONC": ("6W",),
}


def initial_units(visit: Visit) -> list[str]:
    """Where the patient is to be admitted, best unit first."""
    case, world = visit.case, visit.world
    if case.service == "PSY":
        return ["BHU"]
    if world.chance(case.intensive):
        return ["ICU", "PCU"]
    if case.service in ("CAR", "PUL", "MED") and world.chance(0.12):
        return ["PCU", *_ward_units(visit)]
    return _ward_units(visit)


def inpatient(visit: Visit) -> Course:
    """From the admission on. The agenda ends where the departure begins."""
    departure = plan_departure(visit)
    for at, step in sorted(_agenda(visit, departure), key=lambda entry: entry[0]):
        if at >= departure.at or visit.stay.patient_class != "IP":
            break
        if at > visit.world.clock:
            yield from visit.rest(at)
        yield from step()
    yield from depart(visit, departure)


def coverage_verified(visit: Visit) -> Iterable[datetime]:
    """Registration has the insurance and the secondary diagnoses (A08)."""
    case, patient = visit.case, visit.stay.patient
    secondary = tuple((code, text, "W") for code, text in patient.comorbidities)
    visit.change(coverages=patient.coverages, diagnoses=((case.code, case.text, "W"), *secondary))
    visit.tell("A08")
    return ()


def _agenda(visit: Visit, departure: Departure) -> Agenda:
    world = visit.world
    steps: Agenda = [
        (world.soon(60, 1100), lambda: coverage_verified(visit)),
        (world.soon(1150, 2300), lambda: _working_group(visit, departure)),
        *_transfers(visit, departure),
        *_expected_discharge(visit, departure),
        *_attending_changes(visit, departure),
    ]
    hours = (departure.at - world.clock) / timedelta(hours=1)
    for share, step in (
        (0.012, lambda: mishaps.wrong_transfer(visit)),
        (0.012, lambda: mishaps.pending_transfer_withdrawn(visit)),
        (0.02, lambda: mishaps.moved_house(visit)),
        (0.12, lambda: _procedure_elsewhere(visit)),
        (0.06, lambda: _ward_change(visit)),
    ):
        if world.chance(share):
            steps.append((world.soon(120, max(180, hours * 54)), step))
    if visit.case.service == "PSY" and hours > 90 and world.chance(0.12):
        steps.append((world.soon(2900, hours * 40), lambda: _leave(visit)))
    if visit.case.intensive < 0.05 and visit.case.service != "PSY" and hours < 60 and world.chance(0.06):
        steps.append((world.soon(300, 1500), lambda: _status_changed_back(visit, departure)))
    return steps


def _ward_units(visit: Visit) -> list[str]:
    own = list(_WARDS_OF_SERVICE.get(visit.case.service, ()))
    others = [unit for unit in _WARDS if unit not in own]
    others.sort(key=lambda unit: -visit.world.beds.free_in(unit))
    return own + others


def _working_group(visit: Visit, departure: Departure) -> Iterable[datetime]:
    """The coders' first view: the working group and the expected day of discharge from its GMLOS (A08)."""
    visit.change(drg=visit.case.drg, expected_discharge=departure.first_estimate)
    visit.tell("A08")
    return ()


def _transfers(visit: Visit, departure: Departure) -> Agenda:
    """Steps down from intensive and progressive care, and the occasional way back up."""
    world = visit.world
    span = (departure.at - world.clock) / timedelta(minutes=1)
    unit = visit.bed.unit
    steps: Agenda = []
    if unit == "ICU" and not departure.died:
        down = min(span * 0.7, 2.1 * 1440 * math.exp(world.random.gauss(0, 0.6)))
        steps.append((world.soon(down, down + 240), lambda: _transfer(visit, ["PCU", *_ward_units(visit)])))
        if world.chance(0.55):
            steps.append(
                (world.soon(down + span * 0.1, down + span * 0.2), lambda: _transfer(visit, _ward_units(visit)))
            )
    elif unit == "PCU" and world.chance(0.6):
        steps.append((world.soon(span * 0.35, span * 0.6), lambda: _transfer(visit, _ward_units(visit))))
    elif unit != "BHU" and span > 2000 and world.chance(0.10 if departure.died else 0.025):
        up = world.random.uniform(0.2, 0.6) * span
        steps.append((world.soon(up, up + 60), lambda: _transfer(visit, ["ICU", "PCU"])))
        steps.append((world.soon(up + span * 0.2, up + span * 0.35), lambda: _transfer(visit, _ward_units(visit))))
    return steps


def _transfer(visit: Visit, units: list[str]) -> Course:
    """Announced or not (A15), then carried out (A02). Without a free bed the patient stays."""
    world = visit.world
    bed = world.beds.take([unit for unit in units if unit != visit.bed.unit], world.clock)
    if bed is None:
        return
    if world.chance(0.5):
        visit.change(pending_bed=bed)
        visit.tell("A15", visit.happened(3))
        yield visit.wait(world.soon(20, 180))
    visit.move(bed)


def _ward_change(visit: Visit) -> Course:
    """A move for a reason of the house: isolation, a private room, a closed bay."""
    if visit.bed.unit in _WARDS:
        bed = visit.world.beds.take([visit.bed.unit, *_ward_units(visit)], visit.world.clock)
        if bed is not None:
            visit.move(bed)
    yield from ()


def _expected_discharge(visit: Visit, departure: Departure) -> Agenda:
    """Rounds put the expected discharge right every other day; the estimate comes closer to what will be (A08)."""
    world, steps = visit.world, Agenda()
    day = world.today + timedelta(days=2)
    while day < departure.day:
        steps.append((world.at(day, world.random.uniform(9, 12)), lambda: _estimate(visit, departure)))
        day += timedelta(days=world.random.choice((1, 2, 2, 3)))
    return steps


def _estimate(visit: Visit, departure: Departure) -> Iterable[datetime]:
    world = visit.world
    days_left = (departure.day - world.today).days
    guess = max(1, days_left + world.random.choice((-2, -1, -1, 0, 0, 0, 1)))
    visit.change(expected_discharge=world.at(world.today + timedelta(days=guess), 11))
    visit.tell("A08")
    return ()


def _attending_changes(visit: Visit, departure: Departure) -> Agenda:
    """Hospitalists change on Tuesdays at seven (A54); a few of the changes are taken back (A55)."""
    world, steps = visit.world, Agenda()
    day = world.today + timedelta(days=1)
    while day <= departure.day:
        if day.weekday() == 1 and visit.case.service in ("MED", "PUL", "PSY"):
            steps.append((world.at(day, 7 + world.random.random()), lambda: _attending_change(visit)))
        day += timedelta(days=1)
    return steps


def _attending_change(visit: Visit) -> Course:
    world, before = visit.world, visit.stay.state.attending
    visit.change(attending=world.attending(visit.stay.facility, visit.case.service, other_than=before))
    moment = visit.happened(3)
    visit.tell("A54", moment)
    if world.chance(0.03):
        yield visit.wait(world.soon(10, 90))
        visit.change(attending=before)
        visit.tell("A55", moment)


def _procedure_elsewhere(visit: Visit) -> Course:
    """To imaging and back (A09, A10); the bed stays the patient's."""
    visit.tell("A09", visit.happened(3))
    yield visit.wait(visit.world.soon(35, 150))
    visit.tell("A10", visit.happened(3))


def _leave(visit: Visit) -> Course:
    """Therapeutic leave of an evening or a night (A21, A22)."""
    world = visit.world
    back = world.soon(300, 1900)
    visit.change(leave_until=back)
    visit.stay.status = "on_leave"
    visit.tell("A21", visit.happened(8))
    yield visit.wait(back)
    visit.change(leave_until=None)
    visit.stay.status = "admitted"
    visit.tell("A22", visit.happened(8))


def _status_changed_back(visit: Visit, departure: Departure) -> Iterable[datetime]:
    """Utilization review finds the admission not met; before discharge the status becomes outpatient (A07).

    Condition code 44; observation services follow and the patient goes home the same or the next day.
    """
    visit.enter("A07", "OBS", visit.bed)
    departure.at = min(departure.at, visit.world.soon(180, 900))
    departure.disposition = "01"
    return ()
