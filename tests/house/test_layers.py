"""Imports go one way, and pure modules stay pure: a rule that reaches the database cannot be tested alone."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.sources import ROOT, named, python_files

LINTER = Path(sys.executable).parent / "lint-imports"
FRAMES_IN_FRAMES_OUT = {"pareto", "length_of_stay", "readmissions"}  # rules over data frames may use their libraries


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [LINTER, "--config", folder / "pyproject.toml", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def pure_files() -> list[Path]:
    """The modules that the contract "pure" in pyproject.toml names."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [names] = [contract["source_modules"] for contract in contracts if contract["id"] == "pure"]
    wanted = [
        re.compile(re.escape(name).replace(r"\*\*", r".+").replace(r"\*", r"[^.]+") + r"(\..+)?") for name in names
    ]
    modules = {
        path: named(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in python_files("app")
    }
    return [path for path, module in modules.items() if any(pattern.fullmatch(module) for pattern in wanted)]


def foreign_packages(source: str) -> set[str]:
    """Top-level packages that the source imports and that are neither ours nor Python's nor msgspec."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    return imported - set(sys.stdlib_module_names) - {"app", "msgspec"}


def frame_packages(path: Path) -> set[str]:
    """What a module over data frames may import; only the module of engines may ask a table whether it is Spark's."""
    if not {path.stem, path.parent.name} & FRAMES_IN_FRAMES_OUT:
        return set()
    return {"polars", "narwhals", "pyspark"} if path.stem == "engines" else {"polars", "narwhals"}


def test_import_directions_hold():
    checked = lint_imports(ROOT)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("kernel/days.py", "import app.settings"),  # upwards
        ("kernel/days.py", "import sqlalchemy"),  # out of the pure core
        ("regulations/__init__.py", "from app.settings import Settings"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, module: str, statement: str):
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__", "templates"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "app" / module
    planted.write_text(planted.read_text("utf-8") + f"\n{statement}\n")

    checked = lint_imports(tmp_path)

    assert checked.returncode == 1
    assert module.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".") in checked.stdout


def test_pure_modules_use_nothing_but_python_and_msgspec():
    files = pure_files()
    foreign = {
        named(path): found - frame_packages(path)
        for path in files
        if (found := foreign_packages(path.read_text("utf-8")))
    }
    wrong = [f"{name} imports {', '.join(sorted(found))}" for name, found in foreign.items() if found]

    assert len(files) >= 6, "The list of pure modules names none any more."
    assert not wrong, f"Pure modules use the standard library, msgspec and each other: {'; '.join(wrong)}"


def test_a_foreign_package_is_found():
    assert foreign_packages("import re, msgspec\nfrom app.kernel import days\nfrom polars.selectors import all") == {
        "polars"
    }
