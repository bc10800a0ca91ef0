"""Set-up on a machine that lacks things: it must say what, and never do twice what is done."""

from pathlib import Path
from typing import Any

import pytest

from tools import setup


class Machine:
    """A machine on which commands only leave a trace: what was run, and which of them fail."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.commands: list[str] = []
        self.failing: tuple[str, ...] = ()

    def run(self, command: list[Any], quiet: bool = False) -> str | None:
        words = " ".join(str(part).replace(f"{self.root}/", "") for part in command)
        self.commands.append(words)
        if any(words.startswith(start) or f" {start}" in words for start in self.failing):
            return None
        if "venv --clear" in words:
            self.write(".venv/pyvenv.cfg", f"command = python -m venv --clear {self.root / '.venv'}\n")
            self.write(".venv/bin/python", "")
            for stamp in (self.root / ".venv").glob("installed-*"):
                stamp.unlink()
        if words.endswith("uv.txt"):
            self.write(".venv/bin/uv", "")
        if "--no-build-isolation" in words:
            self.write(".venv/bin/daybook", "")
        return "Chromium 150" if words.endswith("--version") else ""

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def ran(self, part: str) -> bool:
        return any(part in command for command in self.commands)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    bare = Machine(tmp_path)
    venv = tmp_path / ".venv"
    places = {"ROOT": tmp_path, "VENV": venv, "PYTHON": venv / "bin/python", "UV": venv / "bin/uv"}
    places |= {"CHROMIUM_PATH": venv / "chromium-path", "PIP_INSTALL": (venv / "bin/python", "-m", "pip", "install")}
    for name, value in places.items():
        monkeypatch.setattr(setup, name, value)
    monkeypatch.setattr(setup, "run", bare.run)
    monkeypatch.setattr(setup, "may_use_apt", lambda: False)
    monkeypatch.setattr(setup, "CHROMIUM_NAMES", ())
    monkeypatch.setattr(setup, "CHROMIUM_ON_MACOS", ())
    for name in ("CI", "CHROMIUM"):
        monkeypatch.delenv(name, raising=False)
    bare.write("pyproject.toml", "[project]\n")
    for name in ("app", "dev"):
        bare.write(f"requirements/{name}.txt", "click==8\nuv==0.13.9 \\\n    --hash=sha256:00\nzz==1\n")
    return bare


def test_a_second_call_does_nothing(machine: Machine):
    setup.install("app")
    machine.commands.clear()

    setup.install("app")

    assert machine.commands == []


def test_the_programs_set_up_keeps_what_the_tests_need(machine: Machine):
    setup.install("dev")
    machine.commands.clear()

    setup.install("app")

    assert machine.commands == []


def test_changed_lists_are_installed_again_in_the_same_environment(machine: Machine):
    setup.install("app")
    machine.commands.clear()
    machine.write("requirements/app.txt", "click==9\n")

    setup.install("app")

    assert machine.ran("pip sync") and machine.ran("--no-build-isolation")
    assert not machine.ran("-m venv")


def test_a_changed_project_alone_downloads_nothing(machine: Machine):
    setup.install("app")
    machine.commands.clear()
    machine.write("pyproject.toml", "[project]\nname = 'x'\n")

    setup.install("app")

    assert machine.ran("--no-build-isolation") and not machine.ran("pip sync")


def test_a_moved_environment_is_made_anew(machine: Machine):
    setup.install("app")
    machine.commands.clear()
    machine.write(".venv/pyvenv.cfg", "command = python -m venv /elsewhere/.venv\n")
    machine.write("pyproject.toml", "[project]\nname = 'x'\n")

    setup.install("app")

    assert machine.ran("-m venv --clear") and machine.ran("pip sync")


def test_pip_does_the_work_where_uv_cannot_be_had(machine: Machine):
    machine.failing = (".venv/bin/uv",)

    setup.install("app")

    assert machine.ran("pip install --require-hashes -r requirements/app.txt")
    assert (machine.root / ".venv/installed-app").exists()


def test_failed_packages_never_count_as_done(machine: Machine):
    machine.failing = (".venv/bin/uv", "pip install", ".venv/bin/python -m pip")

    with pytest.raises(setup.Lacking, match="could not be installed"):
        setup.install("app")

    assert not (machine.root / ".venv/installed-app").exists()


def test_a_python_that_cannot_make_environments_names_the_package(machine: Machine):
    machine.failing = ("-c import ensurepip",)

    with pytest.raises(setup.Lacking, match=r"apt-get install python3\.\d+-venv"):
        setup.install("app")


def test_a_browser_that_starts_is_remembered(machine: Machine, monkeypatch: pytest.MonkeyPatch):
    browser = machine.write("bin/chromium", "")
    machine.write(".venv/bin/python", "")
    monkeypatch.setenv("CHROMIUM", str(browser))

    setup.provide_browser()

    assert (machine.root / ".venv/chromium-path").read_text().strip() == str(browser)


def test_a_pointer_to_a_browser_that_is_not_installed_is_none(machine: Machine):
    stub = machine.write("bin/chromium-browser", "")
    machine.failing = ("bin/chromium-browser",)

    assert not setup.works(stub)


def test_without_a_browser_the_closing_line_says_what_to_install(machine: Machine, capsys: pytest.CaptureFixture[str]):
    machine.write(".venv/chromium-path", "/gone/chromium\n")
    machine.failing = ("playwright", "-c from playwright")

    setup.provide_browser()

    assert not (machine.root / ".venv/chromium-path").exists()
    assert "browser tests will be skipped" in capsys.readouterr().err
    assert machine.ran("playwright install chromium")


def test_in_continuous_integration_a_missing_browser_is_an_error(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("CI", "true")
    machine.failing = ("playwright", "-c from playwright")

    assert setup.main(["browser"]) == setup.ENVIRONMENT_AT_FAULT
    assert "with CI=true this is an error" in capsys.readouterr().err


def test_a_wrong_browser_in_the_environment_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")

    with pytest.raises(setup.Lacking, match="CHROMIUM names /nowhere/chromium"):
        setup.provide_browser()


def test_an_unknown_step_is_wrong_usage():
    assert setup.main(["everything"]) == 2
