"""The repository's own files, for the tests that read them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("app", "benchmarks", "migrations", "tests", "tools")
NOT_OURS = ("static", "tests/support/vendor", "docs/screenshots")  # vendored files and pictures


def python_files(*folders: str) -> list[Path]:
    """All modules in these folders of the repository, in a fixed order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    """The path as a message should give it."""
    return path.relative_to(ROOT).as_posix()


def committed_text() -> dict[str, str]:
    """The text files that git keeps or would keep, by path; vendored files and pictures left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    texts: dict[str, str] = {}
    for name in filter(None, listed):
        if name.startswith(NOT_OURS) or not (ROOT / name).is_file():
            continue
        content = (ROOT / name).read_bytes()
        if b"\0" not in content:
            texts[name] = content.decode("utf-8")
    return texts
