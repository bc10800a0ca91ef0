"""A small network with machines of their own in it, whose cables can be pulled: namespaces of Linux behind a bridge.

A pulled cable is not a closed connection: nobody is told, and packets vanish in both directions.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

NETWORK = "10.231.77"
NEEDS = "two machines in namespaces need root, `ip`, and a kernel that lets them be made"


@dataclass(frozen=True)
class Machine:
    """One machine of the network: its address, and what starts a program on it."""

    name: str
    address: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """What stands before the command of a program that is to run on it."""
        return ("ip", "netns", "exec", self.name)

    def pull_cable(self) -> None:
        """From now on nothing reaches it, and nothing that it sends arrives."""
        _ip("link", "set", f"{self.name}-o", "down")

    def plug_in(self) -> None:
        """It is in the network again."""
        _ip("link", "set", f"{self.name}-o", "up")


@dataclass(frozen=True)
class Network:
    """The machines, and the address by which they reach the one that runs the tests."""

    address: str
    machines: tuple[Machine, ...]


def may_make() -> bool:
    """Whether this machine lets us make namespaces and bridges, tried out."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    try:
        with network(1):
            return True
    except subprocess.CalledProcessError:
        return False


@contextlib.contextmanager
def network(count: int) -> Iterator[Network]:
    """A network with this many machines, gone at the end of the block with whatever was made of it."""
    mark = f"db{os.getpid() % 100_000}"
    bridge, own = f"{mark}-b", f"{NETWORK}.1"
    machines = tuple(Machine(f"{mark}-{number}", f"{NETWORK}.{number + 1}") for number in range(1, count + 1))
    with contextlib.ExitStack() as made:
        _ip("link", "add", bridge, "type", "bridge")
        made.callback(_ip, "link", "del", bridge)
        _ip("addr", "add", f"{own}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for one in machines:
            _ip("netns", "add", one.name)
            made.callback(_ip, "netns", "del", one.name)
            _connect(one, bridge)
        yield Network(own, machines)


def _connect(one: Machine, bridge: str) -> None:
    outer, inner = f"{one.name}-o", f"{one.name}-i"
    _ip("link", "add", outer, "type", "veth", "peer", "name", inner)
    _ip("link", "set", inner, "netns", one.name)
    _ip("link", "set", outer, "master", bridge)
    _ip("link", "set", outer, "up")
    _ip("-n", one.name, "addr", "add", f"{one.address}/24", "dev", inner)
    _ip("-n", one.name, "link", "set", inner, "up")
    _ip("-n", one.name, "link", "set", "lo", "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
