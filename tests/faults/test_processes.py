"""Processes and the database server die while messages come and people work: nothing is lost, doubled or half done."""

import contextlib
import random
import signal
import socket
import struct
from datetime import timedelta

import pytest

from app.interop.framing import START, frame
from app.platform.now import now
from tests.faults.conftest import Site
from tests.support.faults.load import Load, connect, going_on
from tests.support.faults.site import until
from tests.support.hl7 import Sender, answered, code_of


def _came_further(site: Site, loads: list[Load], messages: int = 8) -> None:
    """Feeds and people do something after the fault."""
    before = sum(len(feed.acknowledged) for feed in site.feeds), sum(len(one.written) for one in site.people)
    until(lambda: sum(len(feed.acknowledged) for feed in site.feeds) >= before[0] + messages, "no message is accepted")
    until(lambda: sum(len(one.written) for one in site.people) > before[1], "nobody can write")
    assert not [one.failure for one in loads if one.failure]


@pytest.mark.parametrize("part", ["web", "worker", "mllp"])
def test_a_killed_part_returns_and_costs_nothing(site: Site, part: str) -> None:
    loads = site.load()
    with going_on(*loads):
        _came_further(site, loads, 20)
        for _ in range(2):
            site.host.kill_part(part)
            _came_further(site, loads)
    assert site.holds() > 30


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGINT], ids=["immediate", "fast"])
def test_a_restarted_database_costs_nothing(site: Site, number: int) -> None:
    loads = site.load()
    with going_on(*loads):
        _came_further(site, loads, 20)
        for _ in range(2):
            site.server.restart(number)
            _came_further(site, loads)
    assert site.holds() > 30
    assert len(site.host.parts()) == 3, "the parts outlive the database"


def _broken_off(site: Site, data: bytes) -> None:
    """Send these bytes and vanish without a farewell: the system resets the connection."""
    with socket.create_connection(("127.0.0.1", site.host.mllp_port), timeout=10) as line:
        line.sendall(data)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_lines_that_are_cut_slow_or_silent_cost_nothing(site: Site) -> None:
    loads, dice = site.load(), random.Random(20261122)
    place = ("127.0.0.1", site.host.mllp_port)
    sender = Sender(prefix=f"CUT{len(site.sent)}", start=now() - timedelta(days=1))
    with going_on(*loads), contextlib.ExitStack() as held:
        for _ in range(5):
            silent = held.enter_context(connect(place))  # half open: nobody is there any more
            silent.write(START)
        for number in range(12):
            message = sender.admit(f"CUT-{number}", f"C-{number}", f"OBS^{number}^A")
            framed = frame(message)
            _broken_off(site, framed[: dice.choice([1, 30, len(framed) // 2, len(framed) - 1, len(framed)])])
            with connect(place) as wire:
                for piece in range(0, len(framed), 100):  # in packets of their own, as over a poor line
                    wire.write(framed[piece : piece + 100])
                answer = wire.answer()
            assert answer is not None and code_of(answer) == "AA"
            site.sent.append(answered(answer))
        _came_further(site, loads)
    assert site.holds() > 12
