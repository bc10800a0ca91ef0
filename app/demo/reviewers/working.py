"""The reviews, requests, questions and denials of a simulated history, recorded by the commands.

What is done about some stays is one transaction: a run that was cut off begins with them anew, and those that are
done have records already.
"""

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from app.advisor.ladder.rising import WHO as LADDER
from app.demo.cast import Member, cast
from app.demo.reviewers.agenda import Agenda
from app.demo.reviewers.arrangements import arrange
from app.demo.reviewers.desk import TIMER, Desk, House
from app.demo.reviewers.disputes import Disputes
from app.demo.reviewers.questions import Questions
from app.demo.reviewers.requests import Requests
from app.demo.reviewers.reviewing import Reviewing
from app.demo.reviewers.subjects import Subject, subjects
from app.demo.simulation import Simulation
from app.platform.work import Reading, Scope, System, Who, everywhere, reading
from app.security.permissions import ROLES, Permission
from app.security.viewer import Grant, Place, Viewer

AT_ONCE, HANDS = 30, 2
RECENT = timedelta(days=14)
OF_EARLIER = 0.15
"""Share of the stays that ended before that which are worked on."""
_WHO = everywhere("demo")
_PLACES = "select id, code, name, timezone from facility order by id"


class Reviewers:
    """The people of utilization review of one simulation at work."""

    def __init__(self, simulation: Simulation) -> None:
        self._plan = simulation.plan
        members = cast(simulation.physicians)
        self._units = {unit: one.name for one in members for unit in one.units}
        with reading(_WHO) as view:
            self._people: dict[str, Who] = {TIMER: LADDER, **dict(_people(view, members))}

    def arrange(self) -> None:
        """Write down what the house has agreed on, unless it is there."""
        arrange(self._plan, self._people)

    def work_on(self, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[datetime]]:
        """Do what is due for these stays; returns the instants at which something was recorded of each."""
        with reading(_WHO) as view:
            wanted = [one for one in subjects(view, stays) if self._is_worked_on(one)]
        parts = [wanted[begin : begin + AT_ONCE] for begin in range(0, len(wanted), AT_ONCE)]
        told: dict[uuid.UUID, list[datetime]] = {}
        with ThreadPoolExecutor(HANDS) as hands:  # while one waits for the database, the other thinks
            for found in hands.map(self._work_on, parts):
                told |= found
        return told

    def _is_worked_on(self, subject: Subject) -> bool:
        """Of stays that ended long ago a part, so that the demonstration is there soon."""
        left = subject.row.left_at
        if left is None or left > self._plan.now - RECENT:
            return True
        return subject.luck(self._plan.seed, "chosen").random() < OF_EARLIER

    def _work_on(self, wanted: Sequence[Subject]) -> dict[uuid.UUID, list[datetime]]:
        agenda = Agenda(self._people, self._plan.now)
        house = House(self._plan.seed, self._plan.start, self._units, agenda)
        for subject in wanted:
            desk = Desk(subject, house)
            questions = Questions(desk)
            disputes = Disputes(desk, questions)
            Reviewing(desk, questions).begin()
            Requests(desk, disputes).begin()
            disputes.begin_late()
        agenda.work_off()
        return agenda.told


def _people(view: Reading, members: Sequence[Member]) -> Iterator[tuple[str, Who]]:
    """Everybody as the commands want them: whoever decides shows the right to, the others act for their house."""
    keys = dict(view.connection.execute("select name, id from app_user").fetchall())
    places = view.rows(Place, _PLACES)
    for one in members:
        if Permission.DECIDE not in ROLES[one.role].permissions:
            yield one.name, System(one.name, Scope(everywhere=True), actor_id=keys[one.name])
            continue
        own = tuple(place for place in places if not one.facilities or place.code in one.facilities)
        yield one.name, Viewer(
            user_id=keys[one.name], session_id=uuid.UUID(int=0), name=one.name, display_name=one.display_name,
            credentials=one.credentials, grants=tuple(Grant(one.role, place.id) for place in own), places=own,
            permission=Permission.DECIDE,
        )  # fmt: skip
