"""Numbers that are never used twice: of interchanges between two addresses, and of our transmissions."""

import uuid

from app.interop.payer_files.events import ControlNumberTaken
from app.platform.work import begin, everywhere

_ACTOR = everywhere("payer files")


def take_number(sender: str, receiver: str) -> int:
    """The next control number between two addresses: ISA13, GS06 and ST02 in one.

    It is committed before it is used: a transaction that fails afterwards leaves a gap, and no number comes twice. The
    row stays locked meanwhile, so that of two who ask at once the second gets the next number.
    """
    with begin(_ACTOR) as work:
        number = work.value(
            "insert into payer_control (sender, receiver, last) values (%s, %s, 1)"
            " on conflict (sender, receiver) do update set last = payer_control.last + 1 returning last",
            (sender, receiver),
        )
        work.record(ControlNumberTaken(receiver=receiver, number=number))
    return int(number)


def new_reference(key: uuid.UUID) -> str:
    """Our number of a transmission (BHT03), out of the key of its file."""
    return f"R{key.hex[:20].upper()}"


def notice_trace(key: uuid.UUID) -> str:
    """The event trace of a notification, which repeats no request."""
    return f"N{key.hex[:20].upper()}"
