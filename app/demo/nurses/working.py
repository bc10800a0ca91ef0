"""The notices of a simulated history: worked off in the head, recorded by the commands, the clocks told again.

One transaction holds what one person records after one round. A run that was cut off goes on where it was: the same
history gives the same deeds, and what is recorded already is left out.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from app.clocks import gather
from app.clocks.upkeep.retelling import held_still, retell
from app.demo.cast import Member, cast
from app.demo.nurses.casework import casework
from app.demo.nurses.deeds import Deed
from app.demo.nurses.staff import Staff
from app.demo.simulation import Simulation
from app.notices.appeals.commands import AskAppeal, TakeStep, ask_appeal, take_step
from app.notices.appeals.terms import AppealStep
from app.notices.commands import EndDelivery, deliver_notice, end_delivery
from app.platform.work import Scope, System, Work, begin, everywhere, reading

AT_ONCE = 500  # memory of the demonstration has a limit
Others = Callable[[Sequence[uuid.UUID]], dict[uuid.UUID, list[datetime]]]
"""What others record of some stays; it returns the instants at which they did."""
_WHO = everywhere("demo")
_STAYS = "select id from encounter where id > %s order by id limit %s"
_COUNT = "select count(*) from encounter"
_NUMBERS = """
select e.id, f.code || ' ' || e.visit_number from encounter e join facility f on f.id = e.facility_id
where e.id = any(%s)
"""
_GIVEN = """
select encounter_id, kind, which_copy, delivered_at, ended_at is not null from notice_delivery
where encounter_id = any(%s)
"""
_TAKEN = "select encounter_id, step from qio_appeal_step where encounter_id = any(%s)"
_THAT_ONE = """
select delivery_id from notice_delivery where encounter_id = %s and kind = %s and which_copy = %s and delivered_at = %s
  and ended_at is null
"""
_OPEN_APPEAL = "select id from qio_appeal where encounter_id = %s and ended_at is null order by made_at desc limit 1"
_NOWHERE = uuid.UUID(int=0)


class Nurses:
    """The people of one simulation at work."""

    def __init__(self, simulation: Simulation) -> None:
        self._plan = simulation.plan
        members = cast(simulation.physicians)
        self._zone = simulation.plan.zone
        self._people = self._known(members)
        units = {unit: one.name for one in members for unit in one.units}
        self.staff = Staff(self._plan.seed, self._plan.start, self._plan.now, units)

    @staticmethod
    def _known(members: Iterable[Member]) -> dict[str, tuple[System, str]]:
        with reading(_WHO) as view:
            keys = dict(view.connection.execute("select name, id from app_user").fetchall())
        return {
            one.name: (System(one.name, Scope(everywhere=True), actor_id=keys[one.name]), one.display_name)
            for one in members
        }

    def stays_after(self, key: uuid.UUID | None) -> list[uuid.UUID]:
        """The next stays to work on, in the order in which they became known."""
        with reading(_WHO) as view:
            return view.values(_STAYS, (key or _NOWHERE, AT_ONCE))

    def so_far(self, key: uuid.UUID) -> tuple[int, int]:
        """How many stays are worked on up to this one, and how many there are."""
        with reading(_WHO) as view:
            return int(view.value(f"{_COUNT} where id <= %s", (key,))), int(view.value(_COUNT))

    def work_on(self, stays: Sequence[uuid.UUID], beside: Others | None = None) -> list[Deed]:
        """Do and record what was owed for these stays, and have their clocks told again. Returns all deeds.

        `beside`: what others do for these stays.
        """
        deeds = self.plan(stays)
        with held_still():
            self._record(deeds, stays)
            told = beside(stays) if beside is not None else {}
        for one in deeds:
            told.setdefault(one.stay, []).append(one.entered)
        retell(stays, told)
        return deeds

    def plan(self, stays: Sequence[uuid.UUID]) -> list[Deed]:
        """What the nurses did for these stays until the history ends."""
        with reading(_WHO) as view:
            self.staff.numbers.clear()
            self.staff.numbers.update(view.connection.execute(_NUMBERS, (list(stays),)).fetchall())
            known = gather.courses(view, stays)
        return [deed for course in known.values() for deed in casework(course, self.staff)]

    def _record(self, deeds: Sequence[Deed], stays: Sequence[uuid.UUID]) -> None:
        with reading(_WHO) as view:
            given = {tuple(row) for row in view.connection.execute(_GIVEN, (list(stays),)).fetchall()}
            taken = {tuple(row) for row in view.connection.execute(_TAKEN, (list(stays),)).fetchall()}
        missing = [one for one in deeds if not _is_done(one, given, taken)]
        missing.sort(key=lambda one: (one.entered, one.person, one.at, bool(one.strike), one.stay))
        for (entered, person), own in groupby(missing, key=lambda one: (one.entered, one.person)):
            who, name = self._people[person]
            with begin(who, at=entered) as work:
                for deed in own:
                    _carry_out(work, deed, name, self._zone)


def _is_done(one: Deed, given: set[tuple[Any, ...]], taken: set[tuple[Any, ...]]) -> bool:
    if one.step is not None:
        return (one.stay, one.step.value) in taken
    assert one.kind is not None
    key = (one.stay, one.kind.value, one.copy.value if one.copy else "", one.at)
    return (*key, True) in given or (not one.strike and (*key, False) in given)


def _carry_out(work: Work, deed: Deed, name: str, zone: ZoneInfo) -> None:
    if deed.give is not None:
        deliver_notice(work, deed.stay, deed.give.model_copy(update={"given_by": name}))
    elif deed.strike:
        assert deed.kind is not None
        copy = deed.copy.value if deed.copy else ""
        delivery = work.value(_THAT_ONE, (deed.stay, deed.kind.value, copy, deed.at))
        end_delivery(work, delivery, EndDelivery(reason=deed.strike))
    elif deed.step is not None:
        day, clock = _wall(deed.at, zone)
        if deed.step is AppealStep.ASK:
            ask_appeal(work, deed.stay, AskAppeal(on=day, at=clock, discharge_on=deed.discharge_on))
        else:
            appeal = work.value(_OPEN_APPEAL, (deed.stay,))
            take_step(work, appeal, TakeStep(step=deed.step, on=day, at=clock, favors=deed.favors, who=_who(deed.step)))


def _wall(at: datetime, zone: ZoneInfo) -> tuple[Any, time]:
    local = at.astimezone(zone)
    return local.date(), local.time()


def _who(step: AppealStep) -> str:
    return "" if step is AppealStep.SEND else "QIO"
