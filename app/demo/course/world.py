"""The calendar of the simulation and what all courses share: beds, people, staff, numbers, the way out."""

import heapq
import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from app.demo import people
from app.demo.cases import Case
from app.demo.course.beds import BedBoard
from app.demo.disorder import Disorder
from app.demo.hospital import ACUTE, LTCH, Bed, Physician, facilities, physicians
from app.demo.messages import Outgoing
from app.demo.people import Demographics, Patient
from app.demo.plan import WARM_UP, Plan
from app.demo.stays import Stay

Course = Iterator[datetime]

WAITING_ROOM = Bed(ACUTE, "ED", "WAIT", "")

# First numbers. The long-term care hospital's record and visit numbers start, per acute bed, so far above the acute
# hospital's that both use the same ones during the history: each facility assigns its own.
_RECORDS_APART, _VISITS_APART = 15, 25
_FIRST_RECORD, _FIRST_VISIT, _FIRST_ENTERPRISE = 400_000, 5_000_000, 90_000_000


class World:
    """The simulated health system at its clock (UTC)."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = Random(plan.seed)
        self.clock = (plan.start - WARM_UP).replace(microsecond=0)
        self.facilities = facilities(plan.beds, plan.ltch_beds, plan.time_zone)
        self.physicians = physicians(plan.beds, self.random)
        self.beds = BedBoard(self.facilities, self.clock)
        self.stays: list[Stay] = []
        self.patients: list[Patient] = []
        self.outbox: list[Outgoing] = []
        self.on_departure: Callable[[Stay], None] = lambda stay: None
        self.long_term_places: dict[str, Bed] = {}
        self.away_from_long_term: set[str] = set()
        self._calendar: list[tuple[datetime, int, Course]] = []
        self._begun = 0
        self._zone = plan.zone
        self._records = {ACUTE: _FIRST_RECORD, LTCH: _FIRST_RECORD + _RECORDS_APART * plan.beds}
        self._visits = {ACUTE: _FIRST_VISIT, LTCH: _FIRST_VISIT + _VISITS_APART * plan.beds}
        self._controls = {ACUTE: 0, LTCH: 0}
        self._disorder = Disorder(Random(plan.seed + 1), plan.now, self._control)

    def begin(self, at: datetime, course: Course) -> None:
        """Put a course on the calendar, which is kept in whole seconds."""
        self._begun += 1
        heapq.heappush(self._calendar, (max(at.replace(microsecond=0), self.clock), self._begun, course))

    def run_until(self, instant: datetime) -> None:
        """Let everything happen that is due up to and including the instant."""
        while self._calendar and self._calendar[0][0] <= instant:
            self.clock, _, course = heapq.heappop(self._calendar)
            wanted = next(course, None)
            if wanted is not None:
                self.begin(wanted, course)
        self.clock = max(self.clock, instant.replace(microsecond=0))

    def send(self, message: Outgoing) -> None:
        """Number the message and put it, and its repetitions, in the outbox."""
        message.control = self._control(message.facility)
        self.outbox.extend(self._disorder.deliver(message))

    # People and numbers

    def someone(self, case: Case) -> Patient:
        """A person for this case: one time in four somebody whom the system has seen before."""
        if self.patients and self.random.random() < 0.25:
            for _ in range(6):
                patient = self.random.choice(self.patients)
                if self._suits(patient, case):
                    return patient
        person = people.demographics(self.random, case, self.today)
        return self.newcomer(person)

    def newcomer(self, person: Demographics) -> Patient:
        """A person whom the health system has never seen."""
        enterprise = f"E{_FIRST_ENTERPRISE + len(self.patients)}"
        patient = Patient(enterprise, person, people.coverages(self.random, person, self.today))
        patient.comorbidities = people.comorbidities(self.random, person, self.today)
        patient.vip = self.random.random() < 0.004
        self.patients.append(patient)
        return patient

    def record_number(self, facility: str) -> str:
        """A new medical record number."""
        self._records[facility] += 1
        return str(self._records[facility])

    def visit_number(self, facility: str) -> str:
        """A new visit number."""
        self._visits[facility] += 1
        return str(self._visits[facility])

    def attending(self, facility: str, service: str, other_than: Physician | None = None) -> Physician:
        """A physician of the service, or of medicine where the facility has none."""
        usable = [one for one in self.physicians if one.facility == facility and one.service == service]
        if not usable:
            usable = [one for one in self.physicians if one.facility == facility and one.service == "MED"]
        return self.random.choice([one for one in usable if one is not other_than] or usable)

    # Between the two hospitals

    def followers(self, stay: Stay) -> None:
        """Start what follows a discharge: a transfer, a return."""
        self.on_departure(stay)

    def reserve_long_term(self, stay: Stay) -> bool:
        """Hold a bed of the long-term care hospital for a patient of the acute hospital, if there is one."""
        bed = self.beds.take(["LV", "L2", "L3"] if stay.case.service == "PUL" else ["L3", "L2"], self.clock)
        if bed is not None:
            self.long_term_places[stay.patient.enterprise] = bed
        return bed is not None

    def long_term_waits_for(self, patient: Patient) -> bool:
        """Whether the patient came from the long-term care hospital and is expected back."""
        return patient.enterprise in self.away_from_long_term

    # Time

    @property
    def today(self) -> date:
        """Calendar day at the facilities."""
        return self.local.date()

    @property
    def local(self) -> datetime:
        """The clock at the facilities."""
        return self.clock.astimezone(self._zone)

    def at(self, day: date, hour: float) -> datetime:
        """An instant from a local day and hour, such as 14.5 for half past two."""
        seconds = round(max(0.0, min(hour, 23.99)) * 3600)
        wall = datetime.combine(day, time(seconds // 3600, seconds // 60 % 60, seconds % 60), self._zone)
        return wall.astimezone(self.clock.tzinfo)

    def local_day(self, instant: datetime) -> date:
        """The calendar day of an instant at the facilities."""
        return instant.astimezone(self._zone).date()

    def age(self, patient: Patient) -> int:
        """Age in completed years; 0 when the date of birth is not known."""
        born = patient.demographics.born
        return int((self.today - born).days / 365.25) if born else 0

    def soon(self, low: float, high: float) -> datetime:
        """Some minutes from now, whole seconds."""
        return self.clock + timedelta(seconds=round(self.random.uniform(low, high) * 60))

    def poisson(self, mean: float) -> int:
        """A random count (Knuth's product method; means below 30)."""
        limit, product, count = math.exp(-mean), self.random.random(), 0
        while product > limit:
            product *= self.random.random()
            count += 1
        return count

    def chance(self, share: float) -> bool:
        """True that share of the time."""
        return self.random.random() < share

    def _suits(self, patient: Patient, case: Case) -> bool:
        born = patient.demographics.born
        if patient.busy or patient.died or born is None:
            return False
        return case.ages[0] <= (self.today - born).days / 365.25 <= case.ages[1]

    def _control(self, facility: str) -> str:
        self._controls[facility] += 1
        return f"{facility}{self._controls[facility]:08d}"
