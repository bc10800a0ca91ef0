"""The unruliness of real feeds: late, repeated and re-sent messages.

What is reported stays true; only when and how often it arrives changes. A reader whose state depends on the set of
messages and not on their order notices nothing.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random

from app.demo.messages import Outgoing, later

# A cancel that came back under a new number might be read as a second cancel, so senders repeat those byte for byte.
_NEVER_RENUMBERED = frozenset({"A11", "A12", "A13", "A25", "A26", "A38", "A52", "A53", "A55"})

LATE = 0.012
VERY_LATE = 0.002
DUPLICATE = 0.006
RENUMBERED = 0.004


class Disorder:
    """Decides when a message leaves the sender and whether it leaves more than once.

    Whatever was recorded up to `horizon` has been sent by then, so that the history is complete at its end.
    """

    def __init__(self, random: Random, horizon: datetime, control: Callable[[str], str]) -> None:
        self._random = random
        self._horizon = horizon
        self._control = control

    def deliver(self, message: Outgoing) -> Iterator[Outgoing]:
        """The message with its sending time, and its repetitions."""
        message.at = self._in_time(message, later(message.recorded, self._delay()))
        yield message
        lot = self._random.random()
        if lot < DUPLICATE:
            yield _copy(message, self._in_time(message, later(message.at, self._random.uniform(0.02, 40))))
        elif lot < DUPLICATE + RENUMBERED and message.trigger not in _NEVER_RENUMBERED:
            again = _copy(message, self._in_time(message, later(message.at, self._random.uniform(1, 300))))
            again.control = self._control(message.facility)
            again.written = again.at
            yield again

    def _delay(self) -> float:
        """Minutes between recording and sending."""
        lot = self._random.random()
        if lot < VERY_LATE:
            return self._random.uniform(240, 2200)
        if lot < VERY_LATE + LATE:
            return self._random.uniform(3, 240)
        return self._random.uniform(0.01, 0.2)

    def _in_time(self, message: Outgoing, at: datetime) -> datetime:
        return min(at, self._horizon) if message.recorded <= self._horizon else at


def _copy(message: Outgoing, at: datetime) -> Outgoing:
    return Outgoing(
        at=at,
        recorded=message.recorded,
        facility=message.facility,
        control=message.control,
        trigger=message.trigger,
        stay=message.stay,
        state=message.state,
        occurred=message.occurred,
        planned=message.planned,
        retired=message.retired,
        partner=message.partner,
        written=message.written,
    )
