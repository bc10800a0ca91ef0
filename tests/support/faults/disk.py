"""A small disk of its own for an installation, which can be filled: a file system in memory in a namespace of mounts.

Only root may make one. Elsewhere the system's limit on the size of files stands in: then, too, nothing can be written
any more, but the error has another name.
"""

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.support.faults.server import Server, running, short_folder

SIZE_MIB = 320
_LITTLE = {"min_wal_size": "'32MB'", "max_wal_size": "'48MB'"}
_MOUNT = 'mount -t tmpfs -o size={size}m,mode=755 tmpfs "$1" && cp -a "$2/." "$1" && echo ready && exec sleep infinity'


class Disk:
    """Where the data folder lies."""

    def __init__(self, server: Server, root: Path | None) -> None:
        self.server, self._root = server, root

    @property
    def folder(self) -> Path:
        """A folder on the same disk, as the home of the program is where the embedded database is used."""
        return (self._root or self.server.folder.parent) / "home"

    @property
    def kind(self) -> str:
        """What stands for a full disk on this machine."""
        return "a full file system" if self._root else "a limit on the size of files"

    def fill(self) -> None:
        """From here on nothing more can be written."""
        if self._root is None:
            self._limit(resource.RLIMIT_FSIZE, 8192)
            return
        with contextlib.suppress(OSError), (self._root / "filler").open("ab", buffering=0) as file:
            while True:
                file.write(b"x" * 65536)

    def free(self) -> None:
        """There is space again; the server is started where it had given up."""
        if self._root is None:
            self._limit(resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
        else:
            (self._root / "filler").unlink()
        if not self.server.runs:
            self.server.start()

    def _limit(self, kind: int, soft: int) -> None:
        if not self.server.runs:
            return
        postmaster = psutil.Process(self.server.pid)
        for one in (postmaster, *postmaster.children()):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.rlimit(kind, (soft, resource.RLIM_INFINITY))


@contextlib.contextmanager
def small_disk() -> Iterator[Disk]:
    """A running server on a disk of its own, as far as this machine gives one."""
    with short_folder() as folder:
        data = folder / "pg"
        prepared = Server(data, _LITTLE)
        prepared.prepare()
        if not _may_mount():
            with running(prepared):
                yield Disk(prepared, None)
            return
        first = folder / "first"
        data.rename(first)
        data.mkdir()
        with _mounted(data, first) as holder:
            server = Server(data, prefix=["nsenter", "-t", str(holder), "-m"])
            with running(server):
                yield Disk(server, Path(f"/proc/{holder}/root{data}"))


def _may_mount() -> bool:
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /tmp"], capture_output=True, check=False
    )
    return tried.returncode == 0


@contextlib.contextmanager
def _mounted(data: Path, first: Path) -> Iterator[int]:
    script = _MOUNT.format(size=SIZE_MIB)
    with subprocess.Popen(
        ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", str(data), str(first)],
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n", "the file system was not mounted"
        try:
            yield holder.pid
        finally:
            holder.kill()
