"""What may stand in the repository, and what must: things that no reviewer should have to remember."""

import ast
import os
import re
import tomllib

import pytest

from tests.house.sources import ROOT, committed_text, named, python_files

# Written in two parts, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(("pypi" + r"\.org", "files" + r"\.pythonhosted", "registry" + r"\.npmjs", "--(?:extra-)?index-" + "url"))
)
MACHINE_PATHS = re.compile("/" + r"(?:root|work|home/\w+|Users/\w+)/[\w.]")
LOCK_FILES = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"}
INLINE = re.compile(r"<style|\sstyle\s*=|\son[a-z]+\s*=|<script(?![^>]*\ssrc=)|javascript:|hx-on", re.IGNORECASE)

CLOCK = {"app/platform/now.py"}
ENVIRONMENT = {"app/settings.py"}
CATCH_ALL = {"app/platform/queue.py", "app/interop/inbox.py"}
CLOCK_CALLS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}


def matches(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {found.group()}"
        for name, text in committed_text().items()
        for number, line in enumerate(text.splitlines(), 1)
        if (found := pattern.search(line))
    ]


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text, "" for anything else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def uses(source: str) -> set[str]:
    """Which of the three guarded things a module does: "clock", "environment", "catch-all"."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ".".join(dotted(node.func).split(".")[-2:]) in CLOCK_CALLS:
            found.add("clock")
        if isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv"):
            found.add("environment")
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            found |= {"environment"} & {"environment" for name in node.names if name.name in ("environ", "getenv")}
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(part is None or dotted(part) in ("Exception", "BaseException") for part in caught):
                found.add("catch-all")
    return found


def modules_that(use: str) -> set[str]:
    return {named(path) for path in python_files("app") if use in uses(path.read_text("utf-8"))}


def test_no_file_names_a_package_registry():
    found = matches(REGISTRIES)

    assert not found, f"Addresses of registries belong to the machine, not to the repository: {found}"


def test_no_file_names_a_machine_path():
    found = matches(MACHINE_PATHS)

    assert not found, f"Paths of one machine mean nothing on another: {found}"


def test_no_lock_file_that_records_addresses():
    found = [name for name in committed_text() if name.rsplit("/", 1)[-1] in LOCK_FILES]

    assert not found, f"The lists in requirements/ are the lock (make lock); remove {found}"


def test_every_dependency_has_a_reason():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)
    declared = project["project"]["dependencies"] + [
        name for group in project["dependency-groups"].values() for name in group
    ]
    bare = [name for name in declared if not re.search(rf'"{re.escape(name)}",?\s*# \S', text)]

    assert not bare, f"Say in a comment what each dependency is for: {bare}"


@pytest.mark.parametrize("name", ["app", "dev"])
def test_requirements_are_pinned_with_hashes_and_fit_the_project(name: str):
    listed = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["setup"]
    if name == "dev":
        wanted = wanted + project["dependency-groups"]["dev"]
    entries = re.split(r"\n(?=\S)", listed.strip())
    pinned = {entry.split("==")[0].split("[")[0] for entry in entries}

    assert all(re.match(r"[\w.\[\],-]+==\S+.*\\\n\s+--hash=sha256:", entry) for entry in entries)
    assert {re.split(r"[\[=<>~!]", package)[0] for package in wanted} <= pinned, (
        "requirements/ is stale: run `make lock`."
    )


def test_integration_runs_what_everybody_runs():
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert re.search(r"^\s*(exec )?make test\b", script.read_text("utf-8"), re.MULTILINE)


def test_no_inline_script_or_style_in_templates():
    found = [
        f"{named(path)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "app").rglob("*.html"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if INLINE.search(line)
    ]

    assert not found, f"The content security policy refuses inline script and style; use static/: {found}"


def test_only_one_file_reads_the_wall_clock():
    extra = modules_that("clock") - CLOCK

    assert not extra, (
        f"Time is a parameter: take `now` from your Work, or from app/platform/now.py at the door: {extra}"
    )


def test_only_the_settings_read_the_environment():
    extra = modules_that("environment") - ENVIRONMENT

    assert not extra, f"Add a setting to app/settings.py, with its reason and default: {extra}"


def test_nothing_swallows_every_error():
    extra = modules_that("catch-all") - CATCH_ALL

    assert not extra, f"Name the errors that you can do something about: {extra}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import datetime\ndatetime.datetime.now()", {"clock"}),
        ("from datetime import date\ndate.today()", {"clock"}),
        ("import time\ntime.time()", {"clock"}),
        ("import time\ntime.monotonic()", set()),
        ("import os\nos.environ['A']", {"environment"}),
        ("from os import getenv", {"environment"}),
        ("try: pass\nexcept (ValueError, Exception): pass", {"catch-all"}),
        ("try: pass\nexcept: pass", {"catch-all"}),
        ("try: pass\nexcept ValueError: pass", set()),
    ],
)
def test_a_guarded_use_is_found(source: str, found: set[str]):
    assert uses(source) == found


@pytest.mark.parametrize(
    "line",
    ['<p style="color: red">', "<script>go()</script>", '<a onclick="go()">', '<a href="javascript:go()">', "<style>"],
)
def test_an_inline_script_or_style_is_found(line: str):
    assert INLINE.search(line)


@pytest.mark.parametrize("line", ['<script src="/static/a.js" defer></script>', '<input name="reason" value="on = 1">'])
def test_what_is_allowed_in_a_template_is_not_found(line: str):
    assert not INLINE.search(line)
