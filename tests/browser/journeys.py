"""What the browser tests share: a census sent through the real pipeline, a cable that can be cut, looks at a page."""

import select
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page

from app.accounts.own import set_password
from app.interop.inbox import Source, drain, receive
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.models import User
from tests.browser.waiting import sideways as sideways
from tests.support.hl7 import Sender
from tests.support.world import PASSWORD, World

ZONE = ZoneInfo("America/Chicago")
WIRE = Source("mllp", "127.0.0.1 on port 2575")
Check = Callable[..., list[str]]


def local_stamp(moment: datetime) -> str:
    """An instant as the feed of North Harbor writes it."""
    return moment.astimezone(ZONE).strftime("%Y%m%d%H%M%S")


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One patient who comes in. `ago` counts back from the present, `expected` forward from it."""

    visit: str
    name: str
    place: str
    klass: str = "I"
    ago: timedelta = timedelta(days=2, hours=3)
    expected: timedelta | None = None
    payer: str = "HARBORLINE MA"
    drg: str = ""
    vip: str = ""

    @property
    def patient(self) -> str:
        return f"M{self.visit}"

    @property
    def tail(self) -> str:
        """Segments after PV1: expected discharge, payer, group of the stay."""
        lines = [f"IN1|1|PLAN|{self.payer[:4]}|{self.payer}", "DG1|1||J18.9^Pneumonia, unspecified organism|||A"]
        if self.expected is not None:
            lines.insert(0, f"PV2|||||||||{local_stamp(now() + self.expected)}")
        if self.drg:
            lines.append(f"DRG|{self.drg}")
        return "\r".join(lines) + "\r"


CENSUS = (
    Arrival(visit="V1", name="ALDER^ROSA", place="4W^401^A", expected=timedelta(days=1), drg="193"),
    Arrival(visit="V2", name="BIRCH^OMAR", place="4W^402^A", expected=timedelta(days=2), payer="KESTREL PPO"),
    Arrival(
        visit="V3", name="CEDAR^JUNE", place="4W^403^B", expected=timedelta(days=3), ago=timedelta(days=9), drg="193"
    ),
    Arrival(visit="V4", name="DOGWOOD^PAVEL", place="ICU^02^A", expected=timedelta(days=4), ago=timedelta(days=4)),
    Arrival(visit="V5", name="ELM^TERESA", place="ICU^05^A", payer="KESTREL PPO", ago=timedelta(days=1)),
    Arrival(visit="V6", name="FIR^NAOMI", place="OBS^07^A", klass="OBS", ago=timedelta(hours=19, minutes=20)),
)


@dataclass
class Ward:
    """The feed of North Harbor: what is sent is stored, and applied before the call returns."""

    sender: Sender = field(default_factory=lambda: Sender(prefix="B"))

    def send(self, *messages: bytes) -> None:
        receive(messages, WIRE)
        while drain():
            pass

    def admit(self, *people: Arrival) -> None:
        self.send(
            *(
                self.sender.admit(
                    one.visit, one.patient, one.place, klass=one.klass, name=one.name,
                    at=local_stamp(now() - one.ago), tail=one.tail,
                )
                for one in people
            )
        )  # fmt: skip

    def move(self, one: Arrival, place: str) -> None:
        self.send(self.sender.move(one.visit, one.patient, place, name=one.name, at=local_stamp(now())))

    def expect(self, one: Arrival, days: int) -> None:
        """An update (A08) with another expected day of discharge."""
        tail = f"PV2|||||||||{local_stamp(now() + timedelta(days=days))}\r"
        self.send(
            self.sender.message(
                "A08", one.visit, one.patient, place=one.place, name=one.name, at=local_stamp(now()), tail=tail
            )
        )

    def discharge(self, one: Arrival) -> None:
        self.send(self.sender.discharge(one.visit, one.patient, place=one.place, name=one.name, at=local_stamp(now())))


def stay_of(visit: str) -> uuid.UUID:
    """The key of a stay by its visit number."""
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value("select id from encounter where visit_number = %s", (visit,))
    return found


def give_password(world: World, *names: str) -> None:
    """Let people of the world sign in by the page, with the password of all of them."""
    with begin(everywhere("test")) as work:
        for name in names:
            set_password(work, work.get(User, world.user[name]), PASSWORD, temporary=False)


def row(page: Page, name: str) -> Locator:
    """The row of a patient and what is opened in it."""
    return page.locator("tbody[data-stay]", has=page.locator(".c-pt a", has_text=name))


class Cable:
    """A connection between browser and server that can be cut and mended."""

    def __init__(self, base: str) -> None:
        self._target = int(base.rsplit(":", 1)[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._whole = True
        self._door = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection and let none through."""
        self._whole = False
        for pair in self._pairs:
            for end in pair:
                _shut(end)

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self.cut()
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if not self._whole:
                near.close()
                continue
            pair = (near, socket.create_connection(("127.0.0.1", self._target)))
            self._pairs.append(pair)
            threading.Thread(target=_carry, args=pair, daemon=True).start()


def _carry(near: socket.socket, far: socket.socket) -> None:
    other = {near: far, far: near}
    try:
        while True:
            for end in select.select([near, far], [], [])[0]:
                data = end.recv(65536)
                if not data:
                    return
                other[end].sendall(data)
    except (OSError, ValueError):
        return
    finally:
        for end in (near, far):
            _shut(end)
            end.close()


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
