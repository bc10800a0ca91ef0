"""Messages that were received and applied at known instants, for what is shown as of one of them."""

from datetime import datetime, timedelta

from app.interop.inbox import Source, drain, receive
from tests.support.hl7 import Sender
from tests.support.world import NOW


def told_of_a_discharge() -> None:
    """An admission that was known a day before NOW, and the discharge that was known an hour before it."""
    sender = Sender()
    heard(sender.admit("V1", "M1"), NOW - timedelta(days=1))
    heard(sender.discharge("V1", "M1"), NOW - timedelta(hours=1))


def heard(message: bytes, at: datetime) -> None:
    """One message, received and applied at this instant."""
    receive([message], Source(kind="mllp", origin="test"), at=at)
    while drain(at=at):
        pass
