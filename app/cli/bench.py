"""`daybook bench NAME`: the measurements behind docs/benchmarks.md, on this machine."""

import subprocess
import sys
from pathlib import Path

import click

from app.cli import ENVIRONMENT, OK

FOLDER = Path(__file__).parents[2] / "benchmarks"


def names() -> list[str]:
    """The measurements that exist; helpers of theirs begin with an underscore."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


@click.command("bench", context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench_command(name: str | None, arguments: tuple[str, ...]) -> int:
    """Measure this machine. Without NAME the measurements are listed.

    Each starts a scratch server of its own and prints ratios to a floor measured in the same run; only ratios can be
    compared between machines. ARGUMENTS go to the measurement.
    """
    if name is None:
        for known in names():
            click.echo(known)
        return OK
    if name not in names():
        known = ", ".join(names()) or "none: they come with the source, not with the installed package"
        raise click.UsageError(f"There is no measurement {name}. There are: {known}.")
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    done = subprocess.run(command, cwd=FOLDER.parent, check=False)
    return OK if done.returncode == 0 else ENVIRONMENT
