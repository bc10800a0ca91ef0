"""Compares the pinned versions with published weaknesses: `python -m tools.audit [--strict] [requirements ...]`.

The work is done by pip-audit, which asks an advisory service for each name and version. Three answers are kept apart:
nothing is known (0); something is known (1), named with package, id and the version that repairs it; and the service
did not answer for all (0 with a warning, 3 with `--strict`), since a list that nobody compared is not a clean one.

What is known and accepted for a while stands in requirements/accepted.toml with its reason and its last day.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTS = (ROOT / "requirements" / "app.txt", ROOT / "requirements" / "dev.txt")
ACCEPTED = ROOT / "requirements" / "accepted.toml"
KNOWN, NOT_COMPARED = 1, 3
PATIENCE_SECONDS = 15


@dataclass(frozen=True, order=True)
class Weakness:
    """A published weakness of a pinned version."""

    package: str
    version: str
    id: str
    aliases: tuple[str, ...]
    repaired_in: tuple[str, ...]

    def __str__(self) -> str:
        names = ", ".join((self.id, *self.aliases))
        repair = f"repaired in {', '.join(self.repaired_in)}" if self.repaired_in else "no repaired version yet"
        return f"{self.package} {self.version}: {names}; {repair}"


@dataclass(frozen=True)
class Acceptance:
    """A weakness that is accepted until a day, and why."""

    package: str
    id: str
    reason: str
    until: date


@dataclass
class Comparison:
    """What the service said: how many versions were compared, what is known, which were not compared."""

    compared: int = 0
    known: set[Weakness] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    trouble: str = ""

    def take(self, answer: str, list_name: str) -> None:
        """Add one answer of pip-audit; what is no answer counts as silence."""
        try:
            found = json.loads(answer)["dependencies"]
        except (ValueError, KeyError, TypeError):
            self.silent.add(f"all of {list_name}")
            return
        for one in found:
            if "skip_reason" in one:
                self.silent.add(str(one["name"]))
                continue
            self.compared += 1
            self.known |= {
                Weakness(one["name"], one["version"], weak["id"], tuple(weak["aliases"]), tuple(weak["fix_versions"]))
                for weak in one["vulns"]
            }


def accepted(path: Path) -> list[Acceptance]:
    """The list of acceptances; ValueError for one without package, id, reason or last day."""
    if not path.exists():
        return []
    found = []
    for one in tomllib.loads(path.read_text(encoding="utf-8")).get("accepted", []):
        last = one.get("until")
        if not all(one.get(name) for name in ("package", "id", "reason")) or not isinstance(last, date):
            raise ValueError(f"{path.name}: every entry needs package, id, reason and until (a date).")
        found.append(Acceptance(one["package"], one["id"], one["reason"], last))
    return found


def compare(lists: Sequence[Path], service: Sequence[str] = ()) -> Comparison:
    """Ask pip-audit about each list. Nothing is installed or resolved: the lists are complete and hash-pinned."""
    result = Comparison()
    for path in lists:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", "-r", str(path), "--disable-pip", "--require-hashes",
             "--format", "json", "--progress-spinner", "off", "--timeout", str(PATIENCE_SECONDS),
             "-s", "osv", *service],
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        result.take(done.stdout, path.name)
        if not done.stdout.strip():
            result.trouble = (done.stderr.strip().splitlines() or ["no word"])[-1][:300]
    return result


def report(result: Comparison, list_of: Sequence[Acceptance], today: date, *, strict: bool) -> tuple[str, int]:
    """What to say, and the exit status."""
    valid = {(one.package, one.id) for one in list_of if one.until >= today}
    over = {(one.package, one.id) for one in list_of if one.until < today}
    lines, failing = [], []
    for weak in sorted(result.known):
        names = {(weak.package, name) for name in (weak.id, *weak.aliases)}
        if names & valid:
            lines.append(f"accepted for now: {weak}")
        else:
            failing.append(f"known weakness: {weak}" + (" (accepted once, but that is over)" if names & over else ""))
    if failing:
        return "\n".join([*lines, *failing]), KNOWN
    if result.silent:
        some = ", ".join(sorted(result.silent)[:6]) + (", …" if len(result.silent) > 6 else "")
        said = f" ({result.trouble})" if result.trouble else ""
        lines.append(
            f"warning: dependencies were not compared with published weaknesses: {some}{said}. The advisory service did"
            " not answer for them. Run `make audit` where it can be reached."
        )
        return "\n".join(lines), NOT_COMPARED if strict else 0
    return "\n".join([*lines, f"{result.compared} pinned versions compared: no other weakness is known."]), 0


def main(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="tools.audit", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("lists", nargs="*", type=Path, help="lists of pinned versions; all of requirements/ by default")
    parser.add_argument("--strict", action="store_true", help="fail too where the service did not answer for all")
    parser.add_argument("--osv-url", default="", help="another advisory service of the OSV form")
    parser.add_argument("--accepted", type=Path, default=ACCEPTED, help="acceptances, with reason and last day")
    asked = parser.parse_args(arguments)
    try:
        list_of = accepted(asked.accepted)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    result = compare(asked.lists or LISTS, ("--osv-url", asked.osv_url) if asked.osv_url else ())
    text, status = report(result, list_of, datetime.now(UTC).date(), strict=asked.strict)
    print(text, file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
