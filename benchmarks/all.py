"""Every measurement in turn, each with its report in build/bench: `python -m benchmarks.all [NAME ...] [--quick]`.

For a machine that does nothing else: while a measurement runs, nothing beside it should. One that fails is told at the
end and keeps its report; the others go on. `--quick` makes each as small as it still says something, to see that it
runs.
"""

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks._machine import machine

ROOT = Path(__file__).parents[1]
REPORTS = ROOT / "build" / "bench"
LONGEST_SECONDS = 3 * 3600
CALM = 0.5  # load of the last minute below which a machine counts as quiet


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: its module, what it is asked, and the same in small."""

    module: str
    asked: str = ""
    quick: str = ""


RUNS = {
    "page": Run("page", quick="60 1"),
    "live": Run("live", quick="20 3"),
    "ingest": Run("ingest", quick="--messages 200"),
    "ingest-stored": Run("ingest", "--stored 1000000", "--messages 200 --stored 2000"),
    "demonstration": Run("memory", "120", "2"),
    "ledger": Run("ledger", quick="20 20"),
    "as-of": Run("as_of", quick="40 4"),
    "build": Run("build", quick="200 20"),
    "clocks": Run("clocks"),
    "export": Run("export"),
    "fhir": Run("fhir"),
    "measures": Run("measures", quick="2000"),
    "readmissions": Run("readmissions", quick="20000"),
    "growth": Run("growth", quick="--beds 40 --days 2 --times 1 2"),
    "growth-beds": Run("growth", "--by beds --beds 60 --days 4", "--by beds --beds 40 --days 2 --times 1 2"),
    "load": Run("load", quick="--beds 60 --days 2 --people 10 --rate 5 --seconds 20 --alone 10 --warm 5"),
}


def measure(name: str, *, quick: bool) -> bool:
    """Run one and keep what it says; whether it came to its end."""
    run = RUNS[name]
    asked = (run.quick if quick else run.asked).split()
    report = REPORTS / f"{name}.md"
    command = [sys.executable, "-m", f"benchmarks.{run.module}", *asked]
    began = time.monotonic()
    print(f"{name}: {' '.join(command[2:])}", flush=True)
    with report.open("w") as file:
        file.write(f"# {name}\n\n{machine()}; load {psutil.getloadavg()[0]:.1f} at the beginning\n\n")
        file.flush()
        try:
            done = subprocess.run(
                command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, timeout=LONGEST_SECONDS, check=False
            )
            came = done.returncode == 0
        except subprocess.TimeoutExpired:
            came = False
        file.write(f"\nTook {time.monotonic() - began:.0f} s.\n" + ("" if came else "It did not come to its end.\n"))
    return came


def main() -> int:
    """Measure what was named, else everything; 1 when one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(RUNS)}")
    parser.add_argument("--quick", action="store_true", help="as small as it still says something")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in RUNS]
    if unknown:
        parser.error(f"there is no measurement {', '.join(unknown)}")
    REPORTS.mkdir(parents=True, exist_ok=True)
    if psutil.getloadavg()[0] > CALM:
        print(f"The machine is not quiet: load {psutil.getloadavg()[0]:.1f}. Figures will be too high.")
    failed = [name for name in asked.names or RUNS if not measure(name, quick=asked.quick)]
    print(f"Reports: {REPORTS.relative_to(ROOT)}/*.md")
    if failed:
        print(f"Without an end: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
