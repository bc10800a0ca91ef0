"""Builds the documents as a site of plain pages in build/docs, after checking what they name: `make docs`.

`make docs ARGS=--screenshots` first takes the pictures anew from a demonstration of its own. A fault is told with its
file and line, and nothing is built then.
"""

import argparse
import html
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from tools.doc_checks import Document, House, reader

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "docs"
LOOSE = ("README.md", "DEVELOPERS.md", "GLOSSARY.md")
"""Documents beside the folder docs."""

STARTS_WITHIN = 900.0  # seconds; the demonstration replays its days first
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{up}style.css">
</head>
<body>
<header><nav aria-label="Documents">{bar}</nav></header>
<main>
{body}
</main>
</body>
</html>
"""
BAR = (
    ("README.md", "Daybook"),
    ("docs/README.md", "Documents"),
    ("docs/operation.md", "Operation"),
    ("docs/security.md", "Security"),
    ("GLOSSARY.md", "Glossary"),
)


def documents(root: Path) -> dict[str, Document]:
    """Every document of the repository by its name."""
    paths = [root / name for name in LOOSE if (root / name).is_file()] + sorted((root / "docs").rglob("*.md"))
    names = [path.relative_to(root).as_posix() for path in paths]
    return {name: Document(name, (root / name).read_text("utf-8")) for name in names}


def house(root: Path) -> House:
    """What the program has, read from the program itself."""
    from app.cli import daybook
    from app.worklists.registry import REGISTRY

    lines = (root / "tests" / "house" / "routes.txt").read_text("utf-8").splitlines()
    return House(
        root=root,
        command=daybook,
        routes=tuple(line.split()[1] for line in lines if line),
        lists=frozenset(REGISTRY.lists),
        targets=frozenset(re.findall(r"^([a-z]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE)),
        variables=frozenset(re.findall(r"[A-Z][A-Z_]+", (root / "app" / "settings.py").read_text("utf-8"))),
        documents=documents(root),
    )


def place_of(name: str) -> str:
    """Where the page of a document stands in the site: README becomes the index of its folder."""
    path = PurePosixPath(name)
    return str(path.with_name("index.html") if path.name == "README.md" else path.with_suffix(".html"))


def build(root: Path, out: Path) -> list[str]:
    """Write the site anew; the places of its pages."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("docs.css"), out / "style.css")
    found = documents(root)
    for document in found.values():
        for mark in document.marks():
            parts = urlsplit(mark.text)
            if mark.kind == "link" and not parts.scheme and parts.path:
                _bring(root, out, (root / document.name).parent / parts.path)
        _write(out / place_of(document.name), _page(document, found))  # last: its links become those of the site
    return [place_of(name) for name in found]


def _bring(root: Path, out: Path, target: Path) -> None:
    """What a document links to beside documents: a picture or file is copied, a folder gets a page that lists it."""
    place = target.resolve().relative_to(root.resolve())
    if target.is_dir() and not (target / "README.md").exists():
        listed = [Document(one.name, one.read_text("utf-8")) for one in sorted(target.glob("*.md"))]
        rows = "\n".join(
            f'<li><a href="{html.escape(place_of(one.name))}">{html.escape(one.title)}</a></li>' for one in listed
        )
        title = target.name.capitalize()
        _write(out / place / "index.html", _frame(f"{place.as_posix()}/x", title, f"<h1>{title}</h1><ul>{rows}</ul>"))
    elif target.is_file() and target.suffix != ".md":
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(target, out / place)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _frame(name: str, title: str, body: str) -> str:
    up = "../" * name.count("/")
    bar = " ".join(f'<a href="{up}{place_of(target)}">{text}</a>' for target, text in BAR)
    return PAGE.format(title=html.escape(title), up=up, bar=bar, body=body)


def _page(document: Document, found: dict[str, Document]) -> str:
    tokens, anchors = document.tokens, iter(document.anchors)
    for token in tokens:
        if token.type == "heading_open":
            token.attrSet("id", next(anchors))
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", _address(document.name, str(child.attrs["href"]), found))
    engine = reader()
    assert isinstance(engine.renderer, RendererHTML)
    engine.renderer.rules["table_open"] = _table_open
    engine.renderer.rules["table_close"] = _table_close
    body = engine.renderer.render(tokens, engine.options, {})
    return _frame(document.name, document.title, body)


def _table_open(tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    return '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>\n'


def _table_close(tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    return "</table></div>\n"


def _address(name: str, address: str, found: dict[str, Document]) -> str:
    """The same link in the site."""
    parts = urlsplit(address)
    if parts.scheme or not parts.path:
        return address
    target = os.path.normpath(PurePosixPath(name).parent / parts.path)
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    if target in found:
        place = place_of(target)
    elif "." in PurePosixPath(target).name or PurePosixPath(target).name == "LICENSE":
        place = target
    else:
        place = f"{target}/index.html"
    return os.path.relpath(place, PurePosixPath(place_of(name)).parent) + fragment


def take_pictures() -> None:
    """Start a demonstration, photograph it, and stop it."""
    from tests.browser import screenshots

    home = ROOT / "build" / "demo"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(ROOT / ".venv/bin/daybook"),
        "demo",
        "--beds",
        "60",
        "--days",
        "10",
        "--port",
        str(port),
        "--mllp-port",
        "0",
    ]
    with subprocess.Popen(command, env={**os.environ, "DAYBOOK_HOME": str(home)}, stdout=sys.stderr) as demonstration:
        try:
            _wait_for(f"http://127.0.0.1:{port}/readyz", demonstration)
            screenshots.main(f"http://127.0.0.1:{port}")
        finally:
            demonstration.terminate()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
    raise SystemExit("The demonstration did not start. Run `daybook demo` to see why.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screenshots", action="store_true", help="take the pictures anew first")
    asked = parser.parse_args()
    if asked.screenshots:
        take_pictures()
    faults = house(ROOT).faults()
    if faults:
        print(*faults, f"{len(faults)} things that the documents name do not exist.", sep="\n", file=sys.stderr)
        return 1
    pages = build(ROOT, OUT)
    print(f"{len(pages)} pages in {OUT.relative_to(ROOT)}; begin with {OUT.relative_to(ROOT)}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
