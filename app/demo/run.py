"""Bringing the simulated hospital to life: its places and people by commands, its messages through the real inbox.

Today's open stays come first, so that there is something to look at; the history behind them follows while pages are
served already. Each message is received at its simulated instant. A run that was cut off goes on where it was: the plan
is kept, the same plan gives the same bytes, and the inbox takes each message only once.
"""

import itertools
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.census.facilities import AddFacility, DescribeUnit, FacilityKind, UnitKind, add_facility, describe_unit
from app.clocks.settings.lines import SetLine, payer_rows, set_line
from app.clocks.upkeep.retelling import held_still, retell
from app.demo.cast import PASSWORD, Member, cast
from app.demo.hospital import ACUTE, LINES, LTCH, FacilityPlan
from app.demo.longterm.codings import code_stays
from app.demo.longterm.groups import import_groups
from app.demo.longterm.working import LongTerm
from app.demo.nurses.working import Nurses
from app.demo.plan import Plan
from app.demo.planners.working import Planners
from app.demo.reviewers.working import Reviewers
from app.demo.simulation import SimulatedMessage, Simulation
from app.interop.inbox import Source, drain, receive
from app.metrics.store.refresh import recompute
from app.platform.now import now
from app.platform.work import Scope, System, Work, begin, everywhere, reading
from app.security.permissions import Role
from app.worklists.assignment.commands import AssignStay, assign
from app.worklists.assignment.rulebook.commands import DescribeRule, add_rule

_SLICE = timedelta(minutes=1)
_MOST_AT_ONCE = 200
_UNASSIGNED_FOR = timedelta(hours=5)
_MOST_WAITING = 3000  # the worker is given time: so much may wait to be applied
_WHO = everywhere("demo")
_SOURCE = Source("demo", origin="simulated feed")
_FILE = "demo.json"

Tell = Callable[[str, int, int], None]
"""Told of progress: what is being done, how much of it is done, how much there is."""


class Progress(msgspec.Struct):
    """How far a demonstration has come; kept in the home folder.

    Attributes:
        opened: messages of stays that were open at the plan's `now`, sent first; `history` the others.
        fed_to: instant up to which the feed was continued after the plan's `now`.
        assigned: whether the case managers were given their stays.
        worked: last of the stays whose notices the nurses have given; None: of no stay yet.
        planned: last of the stays whose departure was planned.
        measured: whether final codings were taken in and all measures reckoned.
    """

    plan: Plan
    opened: int = 0
    history: int = 0
    fed_to: datetime | None = None
    assigned: bool = False
    worked: uuid.UUID | None = None
    planned: uuid.UUID | None = None
    measured: bool = False


@dataclass(slots=True)
class Memory:
    """Where the progress is kept, so that a run that was killed goes on where it was."""

    home: Path

    @property
    def file(self) -> Path:
        """The file in the home folder."""
        return self.home / _FILE

    def recall(self) -> Progress | None:
        """What is known of an earlier run, if anything."""
        if not self.file.exists():
            return None
        return msgspec.json.decode(self.file.read_bytes(), type=Progress)

    def keep(self, progress: Progress) -> None:
        """Write it down, whole or not at all."""
        self.home.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(".new")
        temporary.write_bytes(msgspec.json.encode(progress))
        temporary.replace(self.file)


def furnish(simulation: Simulation) -> tuple[Member, ...]:
    """Facilities, units, people and payment groups of the simulated system, unless they are there."""
    people = cast(simulation.physicians)
    import_groups(simulation.plan)
    with begin(_WHO, at=simulation.plan.start) as work:
        known = set(work.values("select code from facility"))
        for plan in simulation.facilities:
            if plan.code in known:
                continue
            _build(work, plan)
        _hire(work, people)
    return people


def _build(work: Work, plan: FacilityPlan) -> None:
    ask = AddFacility(code=plan.code, name=plan.name, timezone=plan.time_zone, kind=FacilityKind(plan.kind),
                      authority=plan.authority)  # fmt: skip
    facility = add_facility(work, ask)
    for unit in plan.units:
        kind = UnitKind(unit.kind.value)
        about = DescribeUnit(code=unit.code, name=unit.name, service=unit.service, kind=kind, beds=len(unit.beds))
        describe_unit(work, facility.id, about)


def _hire(work: Work, people: Iterable[Member]) -> None:
    known = set(work.values("select name from app_user"))
    places = dict(work.connection.execute("select code, id from facility").fetchall())
    for one in people:
        if one.name in known:
            continue
        person = add_user(work, AddUser(name=one.name, display_name=one.display_name, credentials=one.credentials,
                                        password=PASSWORD, attending_number=one.attending_number))  # fmt: skip
        for facility_id in [places[code] for code in one.facilities] or [None]:
            grant_role(work, GrantRole(user_id=person.id, role=one.role, facility_id=facility_id))


def others_live_here() -> bool:
    """Whether the database holds facilities that no simulation made: then it is not for playing."""
    with reading(_WHO) as view:
        return bool(view.value("select exists (select from facility where not code = any(%s))", ([ACUTE, LTCH],)))


def feed_open_stays(simulation: Simulation, memory: Memory, progress: Progress, tell: Tell) -> None:
    """Send what was said of the stays that are open now, apply it here and at once."""
    total = simulation.open_count()
    messages = itertools.islice(simulation.open_first(), progress.opened, total)
    tell("today's census", progress.opened, total)
    while batch := list(itertools.islice(messages, _MOST_AT_ONCE)):
        _send(batch)
        progress.opened += len(batch)
        tell("today's census", progress.opened, total)
    with held_still():  # the nurses have the clocks told, from what was known when
        while drain():
            pass
    memory.keep(progress)


def name_lines(simulation: Simulation) -> None:
    """The director says of each plan that the feed has named which line of business it is, where names do not tell."""
    with reading(_WHO) as view:
        houses = view.values("select id from facility order by id")
        director = next(one.name for one in cast(simulation.physicians) if one.role is Role.DIRECTOR)
        key = view.value("select id from app_user where name = %s", (director,))
        if view.value("select true from payer_line limit 1"):
            return
    lines = {(one.company, one.plan): LINES[one.line] for one in simulation.payers}
    with begin(System(director, Scope(everywhere=True), actor_id=key), at=simulation.plan.now) as work:
        for house in houses:
            for met in payer_rows(work, house):
                line = lines.get((met.payer_code, met.plan_code))
                if line is not None and line is not met.line:
                    set_line(work, house, SetLine(payer_code=met.payer_code, plan_code=met.plan_code, line=line))


def give_notices(simulation: Simulation, memory: Memory, progress: Progress, tell: Tell) -> None:
    """The nurses give and record what was owed for all stays that they have not worked on yet; so do the reviewers."""
    nurses, reviewers = Nurses(simulation), Reviewers(simulation)
    reviewers.arrange()
    while stays := nurses.stays_after(progress.worked):
        nurses.work_on(stays, reviewers.work_on)
        progress.worked = stays[-1]
        memory.keep(progress)
        tell("notices", *nurses.so_far(progress.worked))


def make_plans(simulation: Simulation, memory: Memory, progress: Progress, tell: Tell) -> None:
    """Case managers plan the departure of all stays that they have not planned for yet, with whoever takes part.

    The long-term hospital refers, charts and records for its own. It comes after the notices, so that the first page
    need not wait for it.
    """
    nurses, planners, long_term = Nurses(simulation), Planners(simulation), LongTerm(simulation)
    planners.arrange()
    long_term.arrange()
    while stays := nurses.stays_after(progress.planned):
        with held_still():
            told = planners.work_on(stays) | long_term.work_on(stays)
        retell(list(told), told)
        progress.planned = stays[-1]
        memory.keep(progress)
        tell("plans", *nurses.so_far(progress.planned))


def make_measures(simulation: Simulation, memory: Memory, progress: Progress, tell: Tell) -> None:
    """Final codings come in, then every measure is reckoned once; afterwards the duty keeps them in step."""
    if progress.measured:
        return
    tell("measures", 0, 2)
    with held_still():  # no clock looks at a coding
        code_stays(simulation.plan)
    tell("measures", 1, 2)
    recompute()
    progress.measured = True
    memory.keep(progress)
    tell("measures", 2, 2)


class _Unowned(msgspec.Struct):
    id: uuid.UUID
    admit_at: datetime


_UNOWNED = """
select e.id, e.admit_at from encounter e join facility f on f.id = e.facility_id
where e.status in ('admitted', 'on_leave') and f.code = any(%s) and e.unit = any(%s) and e.admit_at < %s
  and e.patient_class in ('IP', 'OBS')
  and not exists (select from assignment a where a.encounter_id = e.id and a.ended_at is null)
order by e.admit_at, e.id
"""


def assign_stays(simulation: Simulation) -> None:
    """The lead gives the stays of their units to the case managers, some hours after each arrival.

    The newest stays, and units that nobody looks after, stay without an owner: that list has life too.
    """
    until = simulation.plan.now - _UNASSIGNED_FOR
    members = cast(simulation.physicians)
    with reading(_WHO) as view:
        known = dict(view.connection.execute("select name, id from app_user").fetchall())
        given = {
            known[one.name]: view.rows(_Unowned, _UNOWNED, (list(one.facilities), list(one.units), until))
            for one in members
            if one.units
        }
    lead = next(one for one in members if one.role is Role.LEAD)
    who = System(lead.name, Scope(everywhere=True), actor_id=known[lead.name])
    for person, stays in given.items():
        for stay in stays:
            with begin(who, at=max(stay.admit_at, simulation.plan.start) + _UNASSIGNED_FOR) as work:
                assign(work, stay.id, AssignStay(to=person))


def write_rules(simulation: Simulation) -> None:
    """The lead writes down how stays are shared out: the units of each case manager, in each facility once."""
    members = [one for one in cast(simulation.physicians) if one.units]
    with reading(_WHO) as view:
        known = dict(view.connection.execute("select name, id from app_user").fetchall())
        houses = dict(view.connection.execute("select code, id from facility").fetchall())
        if view.value("select true from assignment_rule limit 1"):
            return
    lead = next(one for one in cast(simulation.physicians) if one.role is Role.LEAD)
    with begin(System(lead.name, Scope(everywhere=True), actor_id=known[lead.name]), at=simulation.plan.now) as work:
        for one in members:
            rule = DescribeRule(name=" and ".join(one.units), units=list(one.units), people=[known[one.name]])
            add_rule(work, houses[one.facilities[0]], rule)


def feed_history(simulation: Simulation, memory: Memory, progress: Progress, tell: Tell) -> None:
    """Send the rest of the history, stay by stay; the worker applies it, and is waited for when it falls behind."""
    total = len(simulation) - simulation.open_count()
    messages = itertools.islice(simulation.history_by_stay(), progress.history, None)
    tell("history", progress.history, total)
    while batch := list(itertools.islice(messages, _MOST_AT_ONCE)):
        _send(batch)
        progress.history += len(batch)
        _wait_for_worker(_MOST_WAITING)
        memory.keep(progress)
        tell("history", progress.history, total)
    _wait_for_worker(0)


def _send(batch: list[SimulatedMessage]) -> None:
    receive([one.raw for one in batch], _SOURCE, at=[one.at for one in batch])


@dataclass(frozen=True, slots=True)
class Pace:
    """How the feed goes on after the history: not at all, in real time, or so many times faster."""

    live: bool = False
    factor: float = 1.0


def continue_feed(simulation: Simulation, memory: Memory, progress: Progress, pace: Pace) -> None:
    """Catch up from the last simulated instant to now; in live mode go on without end."""
    began, clock = time.monotonic(), now()
    messages = simulation.continue_from(progress.fed_to or simulation.plan.now)
    for batch in _slices(messages):
        while (late := (batch[-1].at - _simulated(clock, began, pace)).total_seconds()) > 0:
            if not pace.live:
                return
            time.sleep(min(late / pace.factor, 5.0))
        _send(batch)
        progress.fed_to = batch[-1].at
        memory.keep(progress)


def _simulated(clock: datetime, began: float, pace: Pace) -> datetime:
    return clock + timedelta(seconds=(time.monotonic() - began) * pace.factor)


def _slices(messages: Iterable[SimulatedMessage]) -> Iterator[list[SimulatedMessage]]:
    """What is sent within a minute, together."""
    batch: list[SimulatedMessage] = []
    for one in messages:
        if batch and (one.at - batch[0].at >= _SLICE or len(batch) >= _MOST_AT_ONCE):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _wait_for_worker(most: int) -> None:
    while waiting_messages() > most:
        time.sleep(0.2)


def waiting_messages() -> int:
    """Messages that are stored and not applied yet."""
    with reading(_WHO) as view:
        return int(view.value("select count(*) from inbound_pending"))
