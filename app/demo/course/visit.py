"""One visit as the sending system works on it: each step changes its record, the truth and the outbox together."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.demo.cases import Case
from app.demo.course.world import WAITING_ROOM, Course, World
from app.demo.hospital import LTCH, Bed
from app.demo.messages import WITHOUT_VISIT, Outgoing
from app.demo.people import Patient
from app.demo.stays import BEDDED_CLASSES, Stay, StayState

# Minutes between two reports about one stay, so that their clocks are distinct even in whole minutes.
_APART = timedelta(minutes=2)


def open_visit(world: World, facility: str, patient: Patient, case: Case) -> "Visit":
    """A new visit of a patient, not yet told to anybody."""
    patient.busy = True
    if facility not in patient.numbers:
        patient.numbers[facility] = world.record_number(facility)
    state = StayState(
        number=patient.numbers[facility],
        person=patient.demographics,
        patient_class="PRE",
        bed=None,
        attending=world.attending(facility, case.service),
        service=case.service,
        admitted=world.clock.replace(microsecond=0),
        coverages=patient.coverages,
        reason=case.text,
        diagnoses=((case.code, case.text, "A"),),
    )
    stay = Stay(facility, world.visit_number(facility), patient, state, case)
    world.stays.append(stay)
    return Visit(world, stay)


class Visit:
    """A stay in the making."""

    def __init__(self, world: World, stay: Stay) -> None:
        self.world = world
        self.stay = stay
        self.case: Case = stay.case

    @property
    def old(self) -> bool:
        """Whether the sender is the long-term care hospital's older system."""
        return self.stay.facility == LTCH

    @property
    def bed(self) -> Bed:
        """Where the patient is."""
        bed = self.stay.state.bed
        if bed is None:
            raise ValueError("The stay has no place yet.")
        return bed

    def change(self, **changes: Any) -> None:
        """Correct the sender's record without telling anybody yet."""
        self.stay.state = msgspec.structs.replace(self.stay.state, **changes)

    def wait(self, until: datetime) -> datetime:
        """The instant to go on at, far enough from the last report."""
        last = self.stay.last_recorded
        return until if last is None else max(until, last + _APART)

    def rest(self, until: datetime) -> Course:
        """Wait in a state in which somebody else may exchange the beds."""
        self.stay.settled = True
        yield self.wait(until)
        self.stay.settled = False

    def happened(self, lag: float, bed: Bed | None = None) -> datetime:
        """When something happened that is recorded now, up to `lag` minutes ago, in the order of the reports."""
        clock = self._recorded()
        if self.old:
            return clock
        moment = clock - timedelta(seconds=round(self.world.random.uniform(0, lag) * 60))
        if self.stay.last_recorded is not None:
            moment = max(moment, self.stay.last_recorded + timedelta(seconds=1))
        ready = self.world.beds.ready_since(bed) if bed is not None else None
        return min(clock, max(moment, ready)) if ready is not None else min(clock, moment)

    def tell(self, trigger: str, occurred: datetime | None = None, **more: Any) -> None:
        """Report the record as it is now. `more`: planned, retired, partner of `Outgoing`."""
        stay = self.stay
        recorded = self._recorded()
        stay.last_recorded = recorded
        stay.told = stay.told or trigger not in WITHOUT_VISIT
        self.world.send(
            Outgoing(
                at=recorded,
                recorded=recorded,
                facility=stay.facility,
                control="",
                trigger=trigger,
                stay=stay,
                state=stay.state,
                occurred=None if self.old else occurred,
                **more,
            )
        )

    def enter(self, trigger: str, patient_class: str, bed: Bed, lag: float = 6) -> None:
        """Arrival, admission or a change of class (A01, A04, A06, A07), with a place."""
        stay, moment = self.stay, self.happened(lag, bed)
        left = stay.state.bed
        if stay.started is None:
            stay.started = moment
            self.change(admitted=moment)
        self.change(
            patient_class=patient_class, bed=bed, prior_bed=left if left and left.room and left != bed else None
        )
        stay.status = "admitted" if patient_class in BEDDED_CLASSES else "registered"
        stay.inpatient_since = moment if patient_class == "IP" else None
        stay.classes.append((patient_class, moment))
        if not stay.beds or stay.beds[-1][0] != bed:
            stay.beds.append((bed, moment))
        self.tell(trigger, moment)
        if left is not None and left != bed:
            self.vacate(left)

    def move(self, bed: Bed, trigger: str = "A02", lag: float = 15) -> None:
        """Transfer (A02), or the return from a leave to another bed."""
        left, moment = self.bed, self.happened(lag, bed)
        self.change(bed=bed, prior_bed=left, pending_bed=None)
        self.stay.beds.append((bed, moment))
        self.tell(trigger, moment)
        self.vacate(left)

    def vacate(self, bed: Bed) -> None:
        """Give a bed back; it is cleaned first. A place that nobody reserves is not given back."""
        if bed != WAITING_ROOM and bed.room:
            self.world.beds.release(bed, self.world.soon(32, 85))

    def leave_hospital(self, disposition: str, lag: float = 20) -> datetime:
        """Discharge (A03); the bed stays held until `finish`."""
        moment = self.happened(lag)
        died = disposition == "20"
        self.change(discharged=moment, disposition=disposition, died=died, pending_bed=None)
        self.stay.status = "discharged"
        self.tell("A03", moment)
        return moment

    def finish(self, status: str = "discharged") -> None:
        """Nothing more happens in this stay but paperwork: free the bed and the patient."""
        stay = self.stay
        stay.status = status
        stay.closed_at = self.world.clock
        if stay.state.bed is not None:
            self.vacate(stay.state.bed)
        stay.patient.busy = False
        stay.patient.died = stay.state.died

    def take_bed(self, units: list[str]) -> Generator[datetime, None, Bed]:
        """Wait until a bed of these units is free, and hold it."""
        bed = self.world.beds.take(units, self.world.clock)
        while bed is None:
            yield self.wait(self.world.soon(15, 40))
            bed = self.world.beds.take(units, self.world.clock)
        return bed

    def end_unheard(self, trigger: str) -> None:
        """The visit is taken back (A11, A23, A38): it never was."""
        self.tell(trigger, self.stay.started)
        self.finish("cancelled")

    def _recorded(self) -> datetime:
        clock = self.world.clock.replace(microsecond=0)
        return clock.replace(second=0) if self.old else clock
