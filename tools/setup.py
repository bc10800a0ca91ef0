"""Makes the environment of this repository, from nothing but Python: `python3 tools/setup.py app|dev|browser ...`.

    app       what the program needs: .venv with the hash-pinned packages of requirements/app.txt
    dev       the same with everything for tests and checks: requirements/dev.txt
    browser   a Chromium for the browser tests; its path is left in .venv/chromium-path

Every step is done once: a second call compares stamps and returns at once. Exit status 3 means that the machine lacks
something, which the message names. Standard library only, and readable by old Pythons too, so that they can say so.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
PIP_INSTALL = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
CHROMIUM_PATH = VENV / "chromium-path"

OLDEST_PYTHON = (3, 11)
ENVIRONMENT_AT_FAULT = 3

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_ON_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
NO_BROWSER = (
    "No Chromium was found and none could be installed: the browser tests will be skipped. "
    "Install Chromium or Google Chrome (Debian: apt-get install chromium), or set CHROMIUM to its path."
)


class Lacking(Exception):
    """The machine lacks something that set-up cannot provide. The text says what, and what to do."""


def main(steps):
    """Do the steps in the order given."""
    known = {"app": lambda: install("app"), "dev": lambda: install("dev"), "browser": provide_browser}
    if not steps or any(step not in known for step in steps):
        print(__doc__, file=sys.stderr)
        return 2
    run_on_a_newer_python_if_needed()
    try:
        for step in steps:
            known[step]()
    except Lacking as lack:
        print(f"\nSet-up stopped: {lack}", file=sys.stderr)
        return ENVIRONMENT_AT_FAULT
    return 0


def run_on_a_newer_python_if_needed():
    """Where `python3` is too old, another one on the path takes over."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(14, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    print(
        f"Set-up stopped: Python 3.11 or newer is needed, and `python3` here is {sys.version.split()[0]}. "
        "Install it (Debian and Ubuntu: apt-get install python3.11; macOS: python.org) and run this again.",
        file=sys.stderr,
    )
    sys.exit(ENVIRONMENT_AT_FAULT)


def install(wanted):
    """Packages and the `daybook` command. The tests' list contains the program's, and is never taken away again."""
    if wanted == "app" and stamp_file("dev").exists():
        wanted = "dev"
    listed = ROOT / "requirements" / f"{wanted}.txt"
    packages, project = fingerprint(listed), fingerprint(ROOT / "pyproject.toml")
    if done_before(wanted) == [packages, project] and PYTHON.exists() and (VENV / "bin" / "daybook").exists():
        return
    make_environment()
    if done_before(wanted)[:1] != [packages]:
        stamp_file(wanted).unlink(missing_ok=True)  # until the packages are whole, nothing may count as done
        say(f"Installing the packages of {listed.relative_to(ROOT)}")
        install_packages(listed)
    install_command()
    stamp_file(wanted).write_text(f"{packages} {project}\n")


def make_environment():
    """.venv, remade when it is broken: moved with its folder, or left by a Python that is gone."""
    settings = VENV / "pyvenv.cfg"
    made_here = settings.exists() and settings.read_text().rstrip().endswith(
        str(VENV)
    )  # the last line: how it was made
    if made_here and run([PYTHON, "-c", ""], quiet=True) is not None:
        return
    say("Making the environment in .venv")
    make_venv_possible()
    if run([sys.executable, "-m", "venv", "--clear", VENV]) is None:
        raise Lacking("`python3 -m venv` failed; its message stands above.")


def make_venv_possible():
    """Debian and Ubuntu ship Python without `ensurepip`."""
    if run([sys.executable, "-c", "import ensurepip, venv"], quiet=True) is not None:
        return
    package = f"python3.{sys.version_info.minor}-venv"
    if may_use_apt() and (apt_install(package) or apt_install("python3-venv")):
        return
    raise Lacking(f"this Python cannot make environments. Run `sudo apt-get install {package}` and then this again.")


def install_packages(listed):
    """By uv, which takes seconds; by pip, with the same hashes, where uv cannot be had."""
    if not UV.exists():
        install_uv(listed)
    if UV.exists() and run([UV, "pip", "sync", "--quiet", "--python", PYTHON, listed]) is not None:
        return
    say("Without uv: installing with pip, which takes some minutes")
    if run([*PIP_INSTALL, "--require-hashes", "-r", listed]) is None:
        raise Lacking("the packages could not be installed; the message of pip stands above. Is there a network?")


def install_uv(listed):
    """The pinned uv with its hashes, cut out of the list. Failing is no error here: pip can do the work."""
    entry = re.search(r"^uv==.*?(?<!\\)$", listed.read_text(), re.MULTILINE | re.DOTALL)
    if not entry:
        return
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(entry.group() + "\n")
        run([*PIP_INSTALL, "--require-hashes", "-r", only_uv])


def install_command():
    """The program itself, editable, by the build backend that the list pins: nothing else is downloaded."""
    how = ["--no-deps", "--no-build-isolation", "-e", ROOT]
    if UV.exists() and run([UV, "pip", "install", "--quiet", "--python", PYTHON, *how]) is not None:
        return
    if run([*PIP_INSTALL, *how]) is None:
        raise Lacking("the program could not be installed into .venv; the message stands above.")


def provide_browser():
    """Find a Chromium, or install one where that is allowed, and leave its path for the tests."""
    found = find_chromium()
    if found is None:
        say("Looking for a browser to install")
        found = install_chromium()
    if found is not None:
        CHROMIUM_PATH.write_text(f"{found}\n")
        return
    CHROMIUM_PATH.unlink(missing_ok=True)
    if os.environ.get("CI", "").lower() in ("1", "true"):
        raise Lacking(NO_BROWSER.replace("the browser tests will be skipped", "with CI=true this is an error"))
    print(NO_BROWSER, file=sys.stderr)


def find_chromium():
    """A Chromium that starts: the one named in CHROMIUM, the one used last, the system's, Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        if works(named):
            return named
        raise Lacking(f"CHROMIUM names {named}, which does not start as a browser. Correct it or leave it unset.")
    candidates = [CHROMIUM_PATH.read_text().strip()] if CHROMIUM_PATH.exists() else []
    candidates += [path for path in map(shutil.which, CHROMIUM_NAMES) if path]
    candidates += CHROMIUM_ON_MACOS
    system = next((path for path in candidates if works(path)), None)
    return system or find_playwrights_chromium()


def find_playwrights_chromium():
    """The browser that `playwright install` downloads, when it is there."""
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    path = run([PYTHON, "-c", ask], quiet=True)
    return path if path and works(path) else None


def install_chromium():
    """By the system's packages as root, else by Playwright. Without recommends, which would bring a whole desktop."""
    if may_use_apt() and apt_install("chromium"):
        found = find_chromium()  # on Ubuntu the package is only a pointer to a snap, which may not start
        if found:
            return found
    with_libraries = ["--with-deps"] if may_use_apt() else []
    run([PYTHON, "-m", "playwright", "install", *with_libraries, "chromium"])
    return find_playwrights_chromium()


def works(path):
    """Whether the file is there and starts as a browser: it may be a pointer to a package that is not installed."""
    if not Path(path).is_file():
        return False
    answer = run([path, "--version"], quiet=True)
    return bool(answer) and "chrom" in answer.lower()


def may_use_apt():
    """Only as root, and only where apt is: set-up never asks for a password."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(package):
    """Install a system package with as little around it as possible. Whether it went well."""
    say(f"Installing the system package {package}")
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    run([*command, "update"])
    return run([*command, "install", "-y", "--no-install-recommends", package]) is not None


def fingerprint(path):
    """Of the file and of where the environment stands: when one changes, the step is done again."""
    return hashlib.sha256(f"{VENV} ".encode() + path.read_bytes()).hexdigest()


def stamp_file(wanted):
    """Holds what was installed. Inside .venv, so that removing .venv starts afresh."""
    return VENV / f"installed-{wanted}"


def done_before(wanted):
    """The fingerprints of the last installation: packages, then project."""
    return stamp_file(wanted).read_text().split() if stamp_file(wanted).exists() else []


def say(text):
    """Progress, on standard error like all messages."""
    print(f"· {text}", file=sys.stderr, flush=True)


def run(command, quiet=False):
    """What the command printed, or None when it failed. Quiet ones are questions: their complaints do not matter."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else sys.stderr,
            stderr=subprocess.DEVNULL if quiet else None,
            cwd=ROOT,
            text=True,
            timeout=60 if quiet else None,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    return (done.stdout or "").strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
