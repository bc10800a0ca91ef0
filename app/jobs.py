"""Every background job, every schedule and every standing duty: one line of body each."""

from app.interop import inbox
from app.platform import seal
from app.platform.queue import Duties, Standing

DUTIES = Duties(
    standing=(
        Standing("audit.seal", seal.seal_what_is_final, seconds=1.0),
        Standing("interop.drain", inbox.apply_waiting, channel="daybook_inbox", seconds=1.0),
    ),
)
