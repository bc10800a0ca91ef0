"""A large simulated house for measurements: its stays, its people with their sessions, and what its feed sends next.

Everything comes by the ways of the demonstration: messages through the inbox, deeds of nurses by commands. The history
ends some days ago, so that the messages of those days can be sent as fast as a measurement likes and none lies in the
future.
"""

import itertools
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec
import psycopg

import app.wiring  # noqa: F401  features lend each other parts of papers when it is loaded
from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.clocks.upkeep.retelling import held_still
from app.demo import habits, run
from app.demo.hospital import ACUTE, LTCH
from app.demo.plan import Plan
from app.demo.run import Memory, Progress
from app.demo.simulation import SimulatedMessage, Simulation, simulate
from app.interop.inbox import Source, drain, receive
from app.platform.now import now
from app.platform.work import Work, begin, everywhere, reading
from app.security.permissions import Role
from app.security.sessions import digest, new_token
from app.worklists.assignment.commands import AssignStay, assign

WHO = everywhere("bench")
A_DAY_AND_BED = 2.5  # messages that a bed gives in a day
AT_ONCE = 1000
# Shares of a department of case management among two hundred who are signed in.
STAFF = {
    Role.CASE_MANAGER: 45, Role.UR_NURSE: 19, Role.SOCIAL_WORKER: 12, Role.ATTENDING: 8, Role.PHYSICIAN_ADVISOR: 4,
    Role.LEAD: 4, Role.DIRECTOR: 3, Role.CHIEF_MEDICAL_OFFICER: 1, Role.PRIVACY_OFFICER: 1, Role.AUDITOR: 1,
    Role.ADMINISTRATOR: 2,
}  # fmt: skip


class Person(msgspec.Struct, frozen=True):
    """Somebody who is signed in."""

    name: str
    role: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """How large a house, and how much is told of it.

    Attributes:
        beds: licensed beds of both hospitals; a tenth of them, at most 40, are of the long-term hospital.
        days: length of the history that is there at the beginning.
        later: messages that are kept to be sent afterwards.
        people: persons beside those of the demonstration.
    """

    beds: int = 1000
    days: int = 10
    later: int = 0
    people: int = 0

    @property
    def ltch_beds(self) -> int:
        """Beds of the long-term hospital."""
        return min(40, max(4, self.beds // 10))


class Tell:
    """Says each part of the work once, when it begins."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, what: str, _done: int, _total: int) -> None:
        if what not in self._said:
            self._said.add(what)
            print(f"  {what}", flush=True)


def furnish(home: Path, wanted: Wanted) -> tuple[Simulation, list[Person]]:
    """Fill the connected database; the simulation that comes back can be continued by `messages_after`."""
    ahead = timedelta(days=wanted.later / (wanted.beds * A_DAY_AND_BED) + 0.5) if wanted.later else timedelta()
    plan = Plan(now=(now() - ahead).replace(microsecond=0), beds=wanted.beds - wanted.ltch_beds,
                ltch_beds=wanted.ltch_beds, days=wanted.days)  # fmt: skip
    simulation, memory, tell = simulate(plan), Memory(home), Tell()
    progress = Progress(plan)
    run.furnish(simulation)
    run.feed_open_stays(simulation, memory, progress, tell)
    people = hire(simulation, wanted.people)
    share_out(simulation)
    run.name_lines(simulation)
    run.give_notices(simulation, memory, progress, tell)
    habits.live_a_day(simulation)
    run.make_plans(simulation, memory, progress, tell)
    tell("history", 0, 0)
    with held_still():
        take_in(simulation.history_by_stay())
    simulation.forget_history()
    run.give_notices(simulation, memory, progress, tell)
    run.make_plans(simulation, memory, progress, tell)
    run.make_measures(simulation, memory, progress, tell)
    return simulation, people


def take_in(messages: Iterable[SimulatedMessage]) -> int:
    """Receive messages at their own instants and apply them; how many there were."""
    count, source = 0, Source("demo", origin="simulated feed")
    each = iter(messages)
    while batch := list(itertools.islice(each, AT_ONCE)):
        receive([one.raw for one in batch], source, at=[one.at for one in batch])
        count += len(batch)
        while drain():
            pass
    return count


def messages_after(simulation: Simulation, count: int) -> Iterator[bytes]:
    """What the feed sends after the history, none of it from the future."""
    for one in itertools.islice(simulation.continue_from(simulation.plan.now), count):
        if one.at >= now():
            return
        yield one.raw


def roles(number: int) -> list[Role]:
    """The roles of so many people: each of them once, the others mixed as in a house."""
    places = sorted(
        ((place + 0.5) / share, index) for index, share in enumerate(STAFF.values()) for place in range(share)
    )
    mixed = itertools.cycle([list(STAFF)[index] for _, index in places])
    return list(itertools.islice(itertools.chain(STAFF, mixed), number))


def hire(simulation: Simulation, number: int) -> list[Person]:
    """So many people more, and their sessions; attending physicians are those of the feed."""
    if not number:
        return []
    doctors = itertools.cycle(one.npi for one in simulation.physicians if one.facility == ACUTE)
    with reading(WHO) as view:
        places = dict(view.connection.execute("select code, id from facility").fetchall())
    people = []
    with begin(WHO) as work:
        for place, role in enumerate(roles(number)):
            name = f"{role.value.replace('_', '-')}-{place}"
            about = AddUser(name=name, display_name=f"Person {place}",
                            attending_number=next(doctors) if role is Role.ATTENDING else "")  # fmt: skip
            user = add_user(work, about)
            for facility in [None] if role is Role.ADMINISTRATOR else [places[ACUTE], places[LTCH]]:
                grant_role(work, GrantRole(user_id=user.id, role=role, facility_id=facility))
            people.append(Person(name, role.value, signed_in(work, user.id, places[ACUTE])))
    return people


def signed_in(work: Work, user_id: uuid.UUID, facility: int) -> str:
    """The cookie of a fresh session, which works in that facility."""
    token, moment = new_token(), work.now
    work.connection.execute(
        "insert into user_session (digest, user_id, facility_id, started_at, seen_at, expires_at)"
        " values (%s, %s, %s, %s, %s, %s)",
        (digest(token), user_id, facility, moment, moment, moment + timedelta(hours=12)),
    )
    return token


def refresh_sessions() -> None:
    """Make the sessions of a kept house fresh ones again."""
    with begin(WHO) as work:
        work.connection.execute(
            "update user_session set started_at = %s, seen_at = %s, expires_at = %s where ended_at is null",
            (work.now, work.now, work.now + timedelta(hours=12)),
        )


class _Stay(msgspec.Struct):
    id: uuid.UUID
    facility_id: int


def share_out(simulation: Simulation) -> None:
    """The lead gives the stays, but for those of the last hours, to the case managers of each hospital in turn."""
    with reading(WHO) as view:
        managers = view.connection.execute(
            "select facility_id, user_id from role_grant where role = 'case_manager' order by user_id"
        ).fetchall()
        lead = view.value("select id from app_user where name = 'ruth'")
        query = (
            "select e.id, e.facility_id from encounter e where e.status in ('admitted', 'on_leave')"
            " and e.admit_at < %s and e.patient_class in ('IP', 'OBS') order by e.unit, e.room, e.bed, e.id"
        )
        stays = view.rows(_Stay, query, (simulation.plan.now - timedelta(hours=5),))
    with begin(replace(WHO, actor="ruth", actor_id=lead), at=simulation.plan.now) as work:
        for facility in {one.facility_id for one in stays}:
            owners = [person for place, person in managers if place == facility]
            here = [one for one in stays if one.facility_id == facility]
            for place, stay in enumerate(here):
                assign(work, stay.id, AssignStay(to=owners[place * len(owners) // len(here)]))


def settled(owner_address: str) -> None:
    """Do at once what the server would do by itself within minutes."""
    with psycopg.connect(owner_address, autocommit=True) as owner:
        owner.execute("vacuum analyze")
        owner.execute("checkpoint")
