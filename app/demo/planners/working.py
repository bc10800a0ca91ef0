"""The people of discharge planning of one simulation at work, by the commands.

What is done about some stays is one transaction: a run that was cut off begins with them anew, and those that are
done have plans already.
"""

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from app.demo.callers.calling import CALLED_SINCE, HOME, Calling
from app.demo.callers.returning import Returning
from app.demo.cast import cast
from app.demo.planners import registry
from app.demo.planners.answering import VENDOR
from app.demo.planners.booking import Booking
from app.demo.planners.departing import Departing
from app.demo.planners.desk import DRAFTS, Desk, House, course_of
from app.demo.planners.placing import Placing
from app.demo.planners.planning import Planning
from app.demo.planners.subjects import Subject, subjects
from app.demo.planners.talks import Held, Talks, hold_conferences
from app.demo.planners.waiting import Waiting
from app.demo.reviewers.agenda import Agenda
from app.demo.reviewers.working import OF_EARLIER, RECENT
from app.demo.simulation import Simulation
from app.discharge.after.readmitted.queries import earlier_stays
from app.platform.work import Scope, System, Who, everywhere, reading

AT_ONCE, HANDS = 30, 2
_WHO = everywhere("demo")
_TOLD = """
select distinct encounter_id, at from audit_event where encounter_id = any(%s) and at <= %s order by 1, 2
"""


class Planners:
    """The case managers, social workers, vendors and families of one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._plan = simulation.plan
        members = cast(simulation.physicians)
        self._units = {unit: one.name for one in members for unit in one.units}
        with reading(_WHO) as view:
            keys = dict(view.connection.execute("select name, id from app_user").fetchall())
        self._people: dict[str, Who] = {
            one.name: System(one.name, Scope(everywhere=True), actor_id=keys[one.name]) for one in members
        }
        self._people |= {DRAFTS: everywhere("avoidable_days"), VENDOR: everywhere("vendor link")}

        self._conferences: Held = {}
        self._back: set[uuid.UUID] = set()

    def arrange(self) -> None:
        """Enter the vendors of the region, and hold the conferences of the units, unless they are there."""
        registry.arrange(self._plan, self._people)
        self._conferences = hold_conferences(self._plan, self._people, self._units)

    def work_on(self, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[datetime]]:
        """Plan for these stays; returns for each that is planned the instants at which anything was recorded of it."""
        with reading(_WHO) as view:
            wanted = [one for one in subjects(view, stays) if self._is_worked_on(one) or self._is_called(one)]
            self._back = set(earlier_stays(view, [one.id for one in wanted]))
        parts = [wanted[begin : begin + AT_ONCE] for begin in range(0, len(wanted), AT_ONCE)]
        with ThreadPoolExecutor(HANDS) as hands:  # while one waits for the database, the other thinks
            for _ in hands.map(self._work_on, parts):
                pass
        told: dict[uuid.UUID, list[datetime]] = {}
        with reading(_WHO) as view:
            for stay, at in view.rows(lambda *row: row, _TOLD, ([one.id for one in wanted], self._plan.now)):
                told.setdefault(stay, []).append(at)
        return told

    def _is_worked_on(self, subject: Subject) -> bool:
        """Of stays that ended long ago those on which the reviewers worked too."""
        left = subject.row.left_at
        if left is None or left > self._plan.now - RECENT:
            return True
        return subject.luck(self._plan.seed, "chosen").random() < OF_EARLIER

    def _is_called(self, subject: Subject) -> bool:
        """Everybody who left lately is called, whoever planned for them."""
        left = subject.row.left_at
        return left is not None and left > self._plan.now - CALLED_SINCE and subject.went_to in HOME

    def _work_on(self, wanted: Sequence[Subject]) -> None:
        agenda = Agenda(self._people, self._plan.now)
        recent = self._plan.now - RECENT
        house = House(self._plan.seed, self._plan.start, self._plan.now, self._units, agenda, recent)
        for subject in wanted:
            desk = Desk(subject, house)
            Calling(desk).begin()
            worked_on = self._is_worked_on(subject)
            if worked_on and subject.id in self._back:
                Returning(desk).begin()
            course = course_of(desk) if worked_on else None
            if course is not None:
                Waiting(desk, course, Planning(desk, course).begin()).begin()
                Placing(desk, course).begin()
                Departing(desk, course).begin()
                Talks(desk, course, self._conferences).begin()
                Booking(desk, course, desk.luck("home")).begin_home()
        agenda.work_off()
