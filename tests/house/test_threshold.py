"""No screen shows a payment threshold without the clinical readiness beside it: one macro draws both."""

import ast
import re
from pathlib import Path

from tests.house.sources import ROOT, named, python_files

MACRO = Path("app/ltac/templates/_threshold.html")
NAME = re.compile(r"short.?stay threshold|threshold_day|last_short_day|payment threshold", re.IGNORECASE)
COUNTS = ("app/ltac/days/", "app/ltac/house/")
"""Where days are reckoned. What is shown of them leaves through `threshold_words`, which takes readiness along."""


def naming(root: Path) -> list[str]:
    """Templates other than the macro that name the threshold themselves."""
    found = sorted((root / "app").rglob("templates/**/*.html"))
    return [named(path) for path in found if path != root / MACRO and NAME.search(path.read_text("utf-8"))]


def readers(source: str) -> set[str]:
    """Attributes of a threshold that a module reads."""
    return {
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in ("threshold_day", "threshold_on", "last_short_day")
    }


def test_only_the_macro_names_the_threshold_in_a_template():
    assert naming(ROOT) == []


def test_the_macro_draws_readiness_first():
    text = (ROOT / MACRO).read_text("utf-8")
    assert 0 < text.index("{{ days.readiness }}") < text.index("{{ days.line }}")


def test_nobody_else_reads_the_days_of_a_threshold():
    elsewhere = {named(path): readers(path.read_text("utf-8")) for path in python_files("app")}
    assert {name for name, read in elsewhere.items() if read and not name.startswith(COUNTS)} == set()


def test_a_template_that_names_it_is_found(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("tests.house.test_threshold.named", lambda path: path.name)
    folder = tmp_path / "app" / "ltac" / "templates"
    folder.mkdir(parents=True)
    (folder / "_threshold.html").write_text("short-stay threshold", "utf-8")
    (folder / "list.html").write_text("day {{ one.threshold_day }}", "utf-8")
    (folder / "fine.html").write_text("{{ threshold(one) }}", "utf-8")
    assert naming(tmp_path) == ["list.html"]
    assert readers("x = one.threshold_day") == {"threshold_day"} and not readers("threshold_day = 3")
