"""Files and functions stay small enough to be read at one sitting; the message says which and what to do."""

import ast
from pathlib import Path

import pytest

from tests.house.sources import CODE, ROOT, named, python_files

MODULE_LINES = 400
FUNCTION_LINES = 50
FOLDER_MODULES = 12
TEMPLATE_LINES = 150
ARGUMENTS = 5
# The two doors for showing take everything by name, and what they must be told has no default: a class would hide it.
WIDE_DOORS = {"app/web/render.py": {"page (6 parameters)", "done (6 parameters)"}}
VERSIONS = ROOT / "migrations" / "versions"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: str) -> list[Function]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, Function)]


def long_functions(source: str) -> list[str]:
    """Functions beyond the limit, from `def` to their last line, each with its length."""
    lengths = ((node, (node.end_lineno or node.lineno) - node.lineno + 1) for node in functions(source))
    return [f"{node.name} ({length} lines)" for node, length in lengths if length > FUNCTION_LINES]


def crowded_signatures(source: str) -> list[str]:
    """Functions with more parameters than one can keep apart; `self` and `cls` do not count."""
    crowded = []
    for node in functions(source):
        parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        count = len([parameter for parameter in parameters if parameter.arg not in ("self", "cls")])
        if count > ARGUMENTS:
            crowded.append(f"{node.name} ({count} parameters)")
    return crowded


def line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_modules_are_short():
    # A migration is one list of statements in a fixed order: cutting it up would hide the order.
    files = [path for path in python_files(*CODE) if VERSIONS not in path.parents]
    too_long = [f"{named(path)} ({line_count(path)} lines)" for path in files if line_count(path) > MODULE_LINES]

    assert not too_long, f"Longer than {MODULE_LINES} lines; split by what changes together: {', '.join(too_long)}"


def test_functions_are_short():
    files = [path for path in python_files(*CODE) if VERSIONS not in path.parents]
    too_long = [
        f"{named(path)}: {', '.join(found)}" for path in files if (found := long_functions(path.read_text("utf-8")))
    ]

    assert not too_long, f"Longer than {FUNCTION_LINES} lines; give each step a name: {'; '.join(too_long)}"


def test_argument_lists_are_short():
    found = {
        named(path): crowded_signatures(path.read_text("utf-8")) for path in python_files("app", "tools", "benchmarks")
    }
    wide = {name: [one for one in those if one not in WIDE_DOORS.get(name, ())] for name, those in found.items()}
    crowded = [f"{name}: {', '.join(those)}" for name, those in wide.items() if those]

    assert not crowded, f"More than {ARGUMENTS} parameters; put what belongs together in a class: {'; '.join(crowded)}"


def test_folders_hold_few_modules():
    counts = {
        named(folder): len([path for path in folder.glob("*.py") if path.name != "__init__.py"])
        for folder in {path.parent for path in python_files("app")}
    }
    crowded = [f"{name} ({count} modules)" for name, count in sorted(counts.items()) if count > FOLDER_MODULES]

    assert not crowded, (
        f"More than {FOLDER_MODULES} modules; give a second life cycle its sub-folder: {', '.join(crowded)}"
    )


def test_templates_are_short():
    templates = sorted((ROOT / "app").rglob("templates/**/*.html"))
    too_long = [f"{named(path)} ({line_count(path)} lines)" for path in templates if line_count(path) > TEMPLATE_LINES]

    assert not too_long, (
        f"Longer than {TEMPLATE_LINES} lines; move a part to a piece `_name.html`: {', '.join(too_long)}"
    )


@pytest.mark.parametrize(("body", "found"), [(49, []), (50, ["long (51 lines)"])])
def test_a_long_function_is_found(body: int, found: list[str]):
    assert long_functions("def long():\n" + "    x = 1\n" * body) == found


def test_a_crowded_signature_is_found():
    source = "class A:\n    def fits(self, a, b, c, d, e): ...\n    async def crowded(self, a, b, c, *, d, e, f): ...\n"

    assert crowded_signatures(source) == ["crowded (6 parameters)"]
