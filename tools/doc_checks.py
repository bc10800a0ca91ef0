"""Checks of the documents: what they name must exist. Run by `make docs` and by a test.

Links and their anchors; and in code marks: addresses of pages, `daybook` commands with their options, targets of make,
environment variables, files of the repository, and single tests written as `tests/folder/test_file.py::test_name`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
from markdown_it import MarkdownIt
from markdown_it.token import Token

HISTORY = "docs/decisions/"
"""Decisions tell of their day: what they name may have been renamed since. Only their links are checked."""

_ROUTE = re.compile(r"/[a-z][\w{}./:-]*")
_COMMAND = re.compile(r"(?:^|&& |\()(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/)?daybook((?: [^&()]*)?)")
_MAKE = re.compile(r"^make ([a-z]+)")
_VARIABLE = re.compile(r"\b(?:DAYBOOK_[A-Z_]+|DATABASE_URL)\b")
_PATH = re.compile(r"(?:app|tests|tools|migrations|static|benchmarks|docs|requirements)/[\w./*-]+(?:::\w+)?")
_PLACEHOLDER = re.compile(r"\{[^}]*\}")


def reader() -> MarkdownIt:
    """CommonMark with tables, the same for reading, checking and the site. HTML in a document stays text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def slug(text: str) -> str:
    """The anchor of a heading, as the usual hosts of repositories make it."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def heading_text(inline: Token) -> str:
    """What a heading says, without marks."""
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that a document names: a link's target or a piece of code, with the line where it stands."""

    line: int
    kind: str  # "link", "code" or "block", which is a line of a block of code
    text: str


@dataclass(frozen=True)
class Document:
    """One document of the repository, read once.

    Attributes:
        name: its path from the root of the repository, with slashes.
    """

    name: str
    source: str

    @cached_property
    def tokens(self) -> list[Token]:
        return reader().parse(self.source)

    @cached_property
    def anchors(self) -> list[str]:
        """Anchors of the headings in their order; a repeated one gets a number, as hosts do."""
        found: list[str] = []
        seen: dict[str, int] = {}
        for at, token in enumerate(self.tokens):
            if token.type == "heading_open":
                base = slug(heading_text(self.tokens[at + 1]))
                many = seen.get(base, 0)
                seen[base] = many + 1
                found.append(f"{base}-{many}" if many else base)
        return found

    @property
    def title(self) -> str:
        """The first heading, or the name of the file where there is none."""
        for at, token in enumerate(self.tokens):
            if token.type == "heading_open":
                return heading_text(self.tokens[at + 1])
        return self.name

    def marks(self) -> Iterator[Mark]:
        line = 1
        for token in self.tokens:
            line = token.map[0] + 1 if token.map else line
            if token.type in ("fence", "code_block"):
                first = line + (token.type == "fence")
                for offset, text in enumerate(token.content.splitlines()):
                    yield Mark(first + offset, "block", text.strip())
            yield from _inline(token.children or (), line)


def _inline(children: list[Token] | tuple[()], line: int) -> Iterator[Mark]:
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            line += 1
        elif child.type == "code_inline":
            yield Mark(line, "code", child.content)
        elif child.type == "link_open":
            yield Mark(line, "link", str(child.attrs["href"]))
        elif child.type == "image":
            yield Mark(line, "link", str(child.attrs["src"]))


@dataclass(frozen=True)
class House:
    """What the program really has, to hold the documents against.

    Attributes:
        routes: paths of tests/house/routes.txt.
        lists: names of worklists; an address below `/worklists/` names one of them.
    """

    root: Path
    command: click.Command
    routes: tuple[str, ...] = ()
    lists: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    documents: dict[str, Document] = field(default_factory=dict)

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [re.compile(_PLACEHOLDER.sub("[^/]+", route)) for route in self.routes]

    def faults(self) -> list[str]:
        """Everything in the documents that leads nowhere: file, line, and what is wrong."""
        return [
            f"{document.name}:{mark.line}: {fault}"
            for document in self.documents.values()
            for mark in document.marks()
            for fault in self._faults_of(document, mark)
        ]

    def _faults_of(self, document: Document, mark: Mark) -> Iterator[str]:
        if mark.kind == "link":
            yield from self._link(document, mark.text)
        elif not document.name.startswith(HISTORY):
            yield from self._commands(mark.text)
            for name in _VARIABLE.findall(mark.text):
                if name not in self.variables:
                    yield f"no setting is called {name}"
            if (target := _MAKE.match(mark.text)) and target[1] not in self.targets:
                yield f"make has no target {target[1]}"
            if mark.kind == "code":
                yield from self._named(mark.text)

    def _link(self, document: Document, address: str) -> Iterator[str]:
        parts = urlsplit(address)
        if parts.scheme:
            if parts.scheme not in ("https", "mailto"):
                yield f"the link {address} is not https"
            return
        target = document.name
        if parts.path:
            place = (self.root / document.name).parent / unquote(parts.path)
            if not place.exists():
                yield f"the link {address} leads to no file"
                return
            target = place.resolve().relative_to(self.root.resolve()).as_posix()
        if parts.fragment:
            other = self.documents.get(target)
            if other is None or parts.fragment not in other.anchors:
                yield f"the link {address} leads to no heading"

    def _named(self, text: str) -> Iterator[str]:
        """An address of a page, or a file of the repository."""
        address = text.removeprefix("GET ").removeprefix("POST ").split("?")[0].split("#")[0]
        if _ROUTE.fullmatch(address) and not self.has_route(address):
            yield f"no page has the address {address}"
        if _PATH.fullmatch(text):
            path, _, test = text.partition("::")
            found = [one for one in self.root.glob(path.rstrip("/")) if "__pycache__" not in one.parts]
            if not found:
                yield f"no file is called {path}"
            elif test and test not in _functions(found[0]):
                yield f"{path} has no test {test}"

    def has_route(self, address: str) -> bool:
        """Whether a page has this address, written with values or with names in braces."""
        parts = address.split("/")
        if parts[1] == "worklists" and len(parts) > 2 and "{" not in parts[2] and parts[2] != "changes":
            return parts[2] in self.lists
        return any(pattern.fullmatch(_PLACEHOLDER.sub("0", address)) for pattern in self._patterns)

    def _commands(self, text: str) -> Iterator[str]:
        for found in _COMMAND.finditer(text):
            yield from _unknown(self.command, found[1].split("#")[0].split())


def _unknown(command: click.Command, words: list[str]) -> Iterator[str]:
    """Words of one call that the command does not know: a sub-command or an option."""
    said = "daybook"
    for word in words:
        name = word.strip("[]").split("=")[0]
        if name.startswith("--"):
            known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
            if name not in known | {"--help", "--version"}:
                yield f"`{said}` has no option {name}"
        elif isinstance(command, click.Group) and re.fullmatch(r"[a-z0-9|-]+", name):
            here = click.Context(command)
            names = name.split("|")
            missing = [one for one in names if command.get_command(here, one) is None]
            following = command.get_command(here, names[0])
            if missing or following is None:
                yield f"`{said}` has no command {missing[0]}"
                return
            command, said = following, f"{said} {names[0]}"


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
