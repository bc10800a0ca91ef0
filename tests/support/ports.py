"""Ports for programs that bind them only later."""

import itertools
import os
import random
import socket

# Below what the system gives to whoever asks for any port, and for each worker of a run its own part: what was found
# free stays free until the program that is told it has started.
_FIRST, _EACH = 12_000, 5_000
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
_order = itertools.cycle(random.SystemRandom().sample(range(_EACH), _EACH))


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on, another one with each call."""
    for step in itertools.islice(_order, _EACH):
        port = _FIRST + _WORKER * _EACH + step
        with socket.socket() as one:
            try:
                one.bind((host, port))
            except OSError:
                continue
            return port
    raise OSError("every port is taken")
