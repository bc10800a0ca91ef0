"""The simulated feed: what the two senders of the health system send, up to a given instant and on from there."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from app.demo.course import arrivals
from app.demo.course.world import World
from app.demo.hospital import PAYERS, FacilityPlan, Payer, Physician
from app.demo.messages import Outgoing, Writer
from app.demo.plan import Plan
from app.demo.stays import Stay, Truth

_STEP = timedelta(minutes=5)


class SimulatedMessage(msgspec.Struct, frozen=True):
    """A message as it leaves its sender at `at`.

    `open_now` tells whether the stay it belongs to is open at the end of the history (in live mode: when it is sent).
    """

    at: datetime
    facility: str
    raw: bytes
    visit: str
    open_now: bool


class Simulation:
    """One run of a plan. Iterating gives the history in the order of sending; messages are written when asked for."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._world = World(plan)
        self._writer = Writer(plan.zone)
        self._continued = False
        arrivals.start(self._world)
        self._world.run_until(plan.now)
        told = [message for message in self._world.outbox if self._belongs(message)]
        told.sort(key=lambda message: message.at)
        self._history = [message for message in told if message.at <= plan.now]
        self._world.outbox = [message for message in told if message.at > plan.now]
        self._open = {id(stay) for stay in self._world.stays if stay.open}

    def __len__(self) -> int:
        """Number of messages of the history."""
        return len(self._history)

    def __iter__(self) -> Iterator[SimulatedMessage]:
        """The history in the order of sending."""
        return map(self._written, self._history)

    @property
    def facilities(self) -> tuple[FacilityPlan, ...]:
        """The facilities with their units and beds."""
        return self._world.facilities

    @property
    def physicians(self) -> tuple[Physician, ...]:
        """Attending physicians of both facilities."""
        return self._world.physicians

    @property
    def payers(self) -> tuple[Payer, ...]:
        """Health plans that occur."""
        return PAYERS

    @property
    def truth(self) -> Truth:
        """What a reader of all messages ought to know, as of `now` or of the clock that `continue_from` has reached."""
        start = self.plan.start
        stays = [stay for stay in self._world.stays if stay.told and _in_history(stay, start)]
        return Truth(stays, self.plan.zone)

    def open_first(self) -> Iterator[SimulatedMessage]:
        """The history with all messages of stays that are open now in front, each part in the order of sending."""
        for wanted in (True, False):
            yield from (self._written(message) for message in self._history if self._is_open(message) is wanted)

    def history_by_stay(self) -> Iterator[SimulatedMessage]:
        """The messages that `open_first` puts behind, stay by stay, those that ended last in front.

        A reader that takes them in this order never believes for long that a stay of last month is still open.
        """
        stays: dict[int, list[Outgoing]] = {}
        for message in self._history:
            if not self._is_open(message):
                stays.setdefault(id(message.stay), []).append(message)
        for told in sorted(stays.values(), key=lambda told: told[-1].at, reverse=True):
            yield from map(self._written, told)

    def forget_history(self) -> None:
        """Let go of the messages of the history, which take much memory; what comes after it can still be sent."""
        self._history.clear()

    def open_count(self) -> int:
        """Number of messages that `open_first` puts in front."""
        return sum(1 for message in self._history if self._is_open(message))

    def continue_from(self, now: datetime) -> Iterator[SimulatedMessage]:
        """What is sent after `now`, without end, in the order of sending.

        The hospital's clock runs a few minutes ahead of the reader.

        Messages between the end of the history and `now` are passed over. A simulation can be continued once, because
        its hospital cannot go back in time: for another continuation simulate the plan again.
        """
        if self._continued:
            raise RuntimeError("This simulation has been continued already; simulate the plan again.")
        self._continued = True
        return self._live(now)

    def _live(self, now: datetime) -> Iterator[SimulatedMessage]:
        world = self._world
        while True:
            world.run_until(world.clock + _STEP)
            due = sorted((one for one in world.outbox if one.at <= world.clock), key=lambda message: message.at)
            world.outbox = [one for one in world.outbox if one.at > world.clock]
            for message in due:
                if message.at > now and self._belongs(message):
                    yield self._written(message)

    def _belongs(self, message: Outgoing) -> bool:
        return _in_history(message.stay, self.plan.start)

    def _is_open(self, message: Outgoing) -> bool:
        partner = message.partner
        return id(message.stay) in self._open or (partner is not None and id(partner[0]) in self._open)

    def _written(self, message: Outgoing) -> SimulatedMessage:
        opened = message.stay.open if self._continued else self._is_open(message)
        return SimulatedMessage(message.at, message.facility, self._writer.write(message), message.stay.visit, opened)


def simulate(plan: Plan) -> Simulation:
    """Run the plan up to its `now`."""
    return Simulation(plan)


def _in_history(stay: Stay, start: datetime) -> bool:
    """Stays that ended before the history begins are not told at all."""
    return stay.closed_at is None or stay.closed_at >= start
