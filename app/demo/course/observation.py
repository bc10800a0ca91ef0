"""Observation services: about a day, then home or inpatient admission."""

import math

from app.demo.course.inpatient import coverage_verified, initial_units, inpatient
from app.demo.course.visit import Visit
from app.demo.course.world import Course

CONVERTED_SHARE = 0.22


def observation(visit: Visit) -> Course:
    """The course of an observation stay; the hours are log-normal around 21."""
    world = visit.world
    hours = min(70.0, max(5.0, 21 * math.exp(world.random.gauss(0, 0.45))))
    convert = world.chance(CONVERTED_SHARE)
    yield from visit.rest(world.soon(40, 200))
    coverage_verified(visit)
    yield from visit.rest(world.soon(60 * hours * 0.4, 60 * hours * 0.6))
    visit.change(expected_discharge=world.soon(240, 600))
    visit.tell("A08")
    yield from visit.rest(world.soon(60 * hours * 0.4, 60 * hours * 0.5))
    if convert:
        yield from _conversion(visit)
        return
    while not 7 <= world.local.hour < 22:
        yield from visit.rest(world.soon(60, 120))
    visit.leave_hospital("01" if world.chance(0.9) else world.random.choice(("06", "07", "03")), lag=15)
    visit.finish()


def _conversion(visit: Visit) -> Course:
    """The physician orders inpatient admission (A06); most patients then change beds."""
    world = visit.world
    bed = world.beds.take(initial_units(visit), world.clock) if world.chance(0.7) else None
    visit.enter("A06", "IP", bed or visit.bed)
    yield from inpatient(visit)
