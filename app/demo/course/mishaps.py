"""What goes wrong in registration and is put right: cancels, corrections, merges, exchanged beds."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from app.demo import people
from app.demo.course.visit import Visit
from app.demo.course.world import Course, World
from app.demo.hospital import ACUTE
from app.demo.people import Patient
from app.demo.stays import ON_CENSUS, Stay


def identify(visit: Visit, person: Patient) -> None:
    """Merge the visit's record number into the person's other number (A40).

    For the same person this means that registration had given a second number by mistake.
    """
    stay, world = visit.stay, visit.world
    retired = stay.state.number
    known = stay.patient
    if person is not known:
        known.busy, person.busy = False, True
        stay.patient = person
        stay.vip = person.vip
    person.numbers[stay.facility] = world.record_number(stay.facility)
    visit.change(number=person.numbers[stay.facility], person=person.demographics, coverages=person.coverages)
    visit.tell("A40", retired=retired)


def wrong_transfer(visit: Visit) -> Course:
    """A transfer is recorded for the wrong patient and cancelled (A02, A12)."""
    world, stay = visit.world, visit.stay
    bed = world.beds.take([visit.bed.unit], world.clock)
    if bed is None:
        return
    before, prior = visit.bed, stay.state.prior_bed
    moment = visit.happened(5, bed)
    visit.change(bed=bed, prior_bed=before)
    stay.beds.append((bed, moment))
    visit.tell("A02", moment)
    yield visit.wait(world.soon(6, 45))
    visit.change(bed=before, prior_bed=prior)
    stay.beds.pop()
    visit.tell("A12", moment if world.chance(0.5) else visit.happened(0))
    visit.vacate(bed)


def wrong_discharge(visit: Visit, disposition: str) -> Course:
    """The discharge is recorded too early and cancelled (A03, A13); the bed was kept."""
    world, stay = visit.world, visit.stay
    moment = visit.leave_hospital(disposition, lag=8)
    yield visit.wait(world.soon(15, 80))
    visit.change(discharged=None, disposition="", died=False)
    stay.status = "admitted"
    visit.tell("A13", moment if world.chance(0.5) else visit.happened(0))


def pending_transfer_withdrawn(visit: Visit) -> Course:
    """A planned transfer is called off (A15, A26)."""
    world = visit.world
    visit.tell("A15", visit.happened(3))
    yield visit.wait(world.soon(40, 300))
    visit.tell("A26", visit.happened(3))


def corrected_discharge(visit: Visit) -> Course:
    """A second A03 some hours later states the true, earlier time. The bed is empty since the first."""
    world, stay = visit.world, visit.stay
    said, before = stay.state.discharged, stay.last_recorded
    yield visit.wait(world.soon(60, 400))
    if said is None or before is None:
        return
    minutes = world.random.randrange(2, 12) * 60
    moment = datetime.fromtimestamp(said.timestamp() - minutes, said.tzinfo)
    last_change = max(since for rows in (stay.beds, stay.classes) for _, since in rows)
    if moment > last_change:
        visit.change(discharged=moment)
        visit.tell("A03", moment)


def moved_house(visit: Visit) -> Iterable[datetime]:
    """New address and telephone (A31)."""
    world, patient = visit.world, visit.stay.patient
    patient.demographics = msgspec.structs.replace(
        patient.demographics, street=people.street(world.random), phone=people.telephone(world.random)
    )
    visit.change(person=patient.demographics)
    visit.tell("A31")
    return ()


def exchanges(world: World) -> Course:
    """Every few days two patients of one unit exchange beds (A17)."""
    while True:
        yield world.soon(400, 5200)
        resting = [stay for stay in world.stays[-4000:] if _exchangeable(stay)]
        if world.clock < world.plan.start or len(resting) < 2:
            continue
        first = world.random.choice(resting)
        others = [stay for stay in resting if stay is not first and stay.beds[-1][0].unit == first.beds[-1][0].unit]
        if others:
            _exchange(world, first, world.random.choice(others))


def _exchangeable(stay: Stay) -> bool:
    return stay.facility == ACUTE and stay.settled and stay.status in ON_CENSUS and stay.beds[-1][0].unit != "ED"


def _exchange(world: World, first: Stay, second: Stay) -> None:
    clock = world.clock.replace(microsecond=0)
    beds = first.beds[-1][0], second.beds[-1][0]
    for stay, bed, left in ((first, beds[1], beds[0]), (second, beds[0], beds[1])):
        stay.state = msgspec.structs.replace(stay.state, bed=bed, prior_bed=left)
        stay.beds.append((bed, clock))
        stay.last_recorded = clock
    swap = Visit(world, first)
    swap.tell("A17", clock, partner=(second, second.state))
