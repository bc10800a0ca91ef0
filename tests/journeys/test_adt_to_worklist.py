"""From the bytes of a message to what a nurse sees to do, and back: admitted, owed, given, discharged, taken back."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.interop.inbox import drain
from app.notices import source as notices
from app.notices.commands import DeliverNotice, EndDelivery, deliver_notice, end_delivery
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.worklists import queries
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from tests.support.client import Browser
from tests.support.hl7 import Sender, code_of
from tests.support.mllp import Wire, listening
from tests.support.owing import only
from tests.support.world import World

CHICAGO = ZoneInfo("America/Chicago")
IM = "Give the Important Message (IM)"


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    """Order and words here follow from the dates of the census and from notices; reviews and payers ask for more."""
    with only(notices.RULES):
        yield


class House:
    """North Harbor: a wire into it, and the lists of Dana, who works there."""

    def __init__(self, world: World, wire: Wire) -> None:
        self.world, self.wire, self.sender = world, wire, Sender()
        self.began = now() - timedelta(hours=3)

    def say(self, event: str, *, hours: float, tail: str = "IN1|1|MCRAB|CMS|MEDICARE\r") -> None:
        """One message by the wire, acknowledged, and applied."""
        at = local(self.began + timedelta(hours=hours))
        message = self.sender.message(event, "V1", "M1", name="ALDER^ROSA", at=at, tail=tail)
        assert code_of(self.wire.send(message)) == "AA"
        while drain():
            pass

    def row(self, name: str) -> Any:
        """The only row of a list, or None."""
        viewer = self.world.viewer("dana").acting(Permission.STAY_LIST)
        with reading(viewer) as db:
            found = queries.rows(Ask(REGISTRY, REGISTRY.lists[name], View(name), db, viewer))
        assert len(found) < 2
        return found[0] if found else None

    def deliver(self, **said: Any) -> uuid.UUID:
        """Dana gives a notice two hours after the admission, which lies on the day before where now is early."""
        given = (self.began + timedelta(hours=2)).astimezone(CHICAGO)
        said |= {"on": f"{given:%Y-%m-%d}", "at": f"{given:%H:%M}"}
        with begin(self.world.viewer("dana").acting(Permission.NOTICE_DELIVER)) as work:
            return deliver_notice(work, stay(), DeliverNotice.model_validate(said)).delivery_id

    def strike(self, delivery: uuid.UUID) -> None:
        with begin(self.world.viewer("dana").acting(Permission.NOTICE_STRIKE)) as work:
            end_delivery(work, delivery, EndDelivery(reason="Recorded for the wrong patient."))


def local(moment: datetime) -> str:
    return moment.astimezone(CHICAGO).strftime("%Y%m%d%H%M%S")


def stay() -> uuid.UUID:
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value("select id from encounter")
    return found


def owed(rule: str) -> tuple[bool, datetime | None, datetime | None] | None:
    """Whether it is required, when it is due, when it was closed; as stored."""
    with reading(everywhere("test")) as db:
        query = "select required, due_at, closed_at from obligation where rule = %s and ended_at is null"
        found = db.rows(lambda *row: row, query, (rule,))
    return found[0] if found else None


def end_of_the_second_day(after: datetime) -> datetime:
    """The last second of the second calendar day after the day of admission, in Chicago."""
    day = after.astimezone(CHICAGO).date() + timedelta(days=3)
    return datetime.combine(day, time(0, 0), CHICAGO).astimezone(UTC) - timedelta(seconds=1)


def test_an_admission_by_wire_becomes_work_and_what_happens_to_it_changes_the_work(
    world: World, browser_for: Callable[..., Browser]
):
    with listening() as listener, Wire(listener.port) as wire:
        house = House(world, wire)
        house.say("A01", hours=0)
        admitted = house.began.replace(microsecond=0)
        assert owed("N-IM1") == (True, end_of_the_second_day(admitted), None)
        row = house.row("inpatient")
        assert (row.todo, row.todo_rule) == (IM, "N-IM1")
        assert IM in browser_for("dana").get("/worklists/inpatient").text

        given = house.deliver(kind="IM", which_copy="first")
        closed = owed("N-IM1")
        assert closed is not None and closed[2] is not None
        row = house.row("inpatient")
        assert row.todo_rule != "N-IM1", "the row names what comes next"

        house.strike(given)
        assert house.row("inpatient").todo_rule == "N-IM1", "what is struck out is owed again"
        house.deliver(kind="IM", which_copy="first")

        house.say("A03", hours=2.5)
        assert house.row("inpatient") is None
        assert owed("N-IM2") == (False, None, None), "the first copy was given within two days of departure"

        house.say("A13", hours=2.6)
        assert house.row("inpatient") is not None
        again = owed("N-IM2")
        assert again is not None and again[0] and again[1] is None, "no departure is planned any more"
        first = owed("N-IM1")
        assert first is not None and first[2] is not None, "what was given stays given"

        house.say("A11", hours=2.8)
        assert house.row("inpatient") is None
        assert owed("N-IM1") is None and owed("N-IM2") is None, "a cancelled admission owes nothing"


def test_without_medicare_nothing_is_owed_until_a_message_says_who_pays(world: World):
    with listening() as listener, Wire(listener.port) as wire:
        house = House(world, wire)
        house.say("A01", hours=0, tail="IN1|1|PPO|HARBR|HARBORLINE PPO\r")
        assert owed("N-IM1") == (False, None, None)
        assert house.row("inpatient").todo_rule != "N-IM1"

        house.say("A08", hours=1)

        assert house.row("inpatient").todo_rule == "N-IM1"
