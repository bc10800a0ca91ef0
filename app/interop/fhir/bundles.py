"""What lies in FHIR files: bundles of any type, single resources, NDJSON, and the manifest of a bulk export.

Reads files, nothing else. What cannot be read becomes a `Fault` with a sentence that holds no data of a person; the
rest of the file goes on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Raw, UnsetType

from app.interop.framing import LIMIT

LONGEST_FILE = 512 * 1024 * 1024
"""Bytes of a file that is one JSON document; it must be held in memory. NDJSON may be of any size."""

DEPTH = 3
BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are no JSON, or whose lists lie in one another without end."""

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is left out. `place` names file and line or entry, `resource` its type and id."""

    place: str
    sentence: str
    resource: str = ""

    @property
    def text(self) -> str:
        return f"{self.place}{', ' if self.resource else ''}{self.resource}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Found:
    """One resource as it lies in a file. `clock` is the instant of its bundle or export, as written."""

    place: str
    type: str
    id: str
    raw: bytes
    url: str = ""
    clock: str = ""
    deleted: bool = False  # then `raw` is empty: the server says that there is no such resource any more

    @property
    def name(self) -> str:
        """Type and id, as references write it."""
        return f"{self.type}/{self.id}" if self.id else self.url or self.type


@dataclass(slots=True)
class Files:
    """What was found in all files together."""

    found: list[Found] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class _Peek(msgspec.Struct):
    resourceType: str = ""
    id: str = ""


class _Entry(msgspec.Struct):
    fullUrl: Any = ""
    resource: Raw | UnsetType = UNSET
    request: Any = None


class _Document(msgspec.Struct):
    """A bundle or the manifest of a bulk export, as far as it matters which of them it is."""

    resourceType: Any = ""
    timestamp: Any = ""
    link: Any = None
    entry: list[Raw] | None = None
    transactionTime: Any = ""
    output: list[dict[str, Any]] | None = None
    error: list[dict[str, Any]] | None = None
    deleted: list[dict[str, Any]] | None = None


class _Line(msgspec.Struct):
    """Only to learn whether the first line of a file is a document by itself."""

    resourceType: Any = ""


_peek = msgspec.json.Decoder(_Peek)
_entry = msgspec.json.Decoder(_Entry)
_document = msgspec.json.Decoder(_Document)


def read_files(paths: Sequence[Path]) -> Files:
    """Everything in the files, in their order. Raises OSError where a file cannot be read."""
    reader = _Reader(paths)
    for path in paths:
        reader.read(path)
    reader.complete()
    return reader.files


def read_bundle(raw: bytes) -> Files:
    """Everything in one stored bundle. Raises msgspec.DecodeError where it is none."""
    reader = _Reader(())
    reader.take(raw)
    return reader.files


class _Reader:
    def __init__(self, paths: Sequence[Path]) -> None:
        self.files = Files()
        self._given = {path.name for path in paths}
        self._pages: set[str] = set()  # addresses of the pages that were given
        self._next: list[tuple[str, str]] = []  # file, and the address of the page that follows it
        self._clocks: dict[str, str] = {}
        self._documents: dict[Path, _Document] = {}
        for path in paths:
            self._look(path)

    def _look(self, path: Path) -> None:
        """Manifests first: they give the instant of the files that they name."""
        document = self._whole(path)
        if document is None:
            return
        self._documents[path] = document
        if not document.resourceType and document.output is not None:
            for one in (*document.output, *(document.deleted or ()), *(document.error or ())):
                name = _base_name(one.get("url"))
                self._clocks[name] = _string(document.transactionTime)
                if name not in self._given:
                    sentence = f"the export names a file {name} that is not among the given ones."
                    self.files.faults.append(Fault(path.name, sentence))

    def _whole(self, path: Path) -> _Document | None:
        """The file as one document; None where it is NDJSON, or none at all, which reading it line by line tells."""
        if path.suffix.lower() == ".ndjson" or path.stat().st_size > LONGEST_FILE:
            return None
        try:
            return _document.decode(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        except BROKEN:
            return None

    def read(self, path: Path) -> None:
        document = self._documents.pop(path, None)
        if document is None:
            self._lines(path)
        elif document.resourceType == "Bundle":
            self._bundle(path.name, document, self._clocks.get(path.name, ""), 1)
        elif document.resourceType:
            self._resource(path.name, path.read_bytes().removeprefix(b"\xef\xbb\xbf"), "", "", 1)
        elif document.output is None:
            self.files.faults.append(Fault(path.name, "this is JSON, but no FHIR resource: it has no resourceType."))

    def take(self, raw: bytes) -> None:
        self._bundle("the message", _document.decode(raw), "", 1)

    def _lines(self, path: Path) -> None:
        clock, whole = self._clocks.get(path.name, ""), path.suffix.lower() != ".ndjson"
        with path.open("rb") as lines:
            for number, line in enumerate(_limited(lines), 1):
                if line is None:
                    sentence = f"the line is longer than {LIMIT // _MIB} MiB and was not taken."
                    self.files.faults.append(Fault(f"{path.name}, line {number}", sentence))
                    continue
                line = line.removeprefix(b"\xef\xbb\xbf").strip()
                if not line:
                    continue
                if whole and number == 1 and not _is_document(line):
                    sentence = "this is neither JSON nor NDJSON; the file is broken or cut off."
                    if path.stat().st_size > LONGEST_FILE:
                        sentence = f"one JSON document may have {LONGEST_FILE // _MIB} MiB; export NDJSON instead."
                    self.files.faults.append(Fault(path.name, sentence))
                    return
                self._resource(f"{path.name}, line {number}", line, "", clock, 1)

    def _bundle(self, place: str, bundle: _Document, clock: str, depth: int) -> None:
        clock = _string(bundle.timestamp) or clock
        self._links(place, bundle.link)
        for number, raw in enumerate(bundle.entry or (), 1):
            here = f"{place}, entry {number}"
            try:
                entry = _entry.decode(raw)
            except BROKEN:
                self.files.faults.append(Fault(here, "the entry is not an object with a resource."))
                continue
            request = entry.request if isinstance(entry.request, dict) else {}
            if request.get("method") == "DELETE":
                kind, _, key = _string(request.get("url")).partition("?")[0].rpartition("/")
                if key:
                    kind = kind.rsplit("/", 1)[-1]
                    self.files.found.append(Found(here, kind, key, b"", "", clock, deleted=True))
            elif not isinstance(entry.resource, UnsetType) and bytes(entry.resource) != b"null":
                self._resource(here, bytes(entry.resource), _string(entry.fullUrl), clock, depth)

    def _links(self, place: str, links: object) -> None:
        for link in links if isinstance(links, list) else ():
            relation, url = (link.get("relation"), _string(link.get("url"))) if isinstance(link, dict) else ("", "")
            if relation == "self":
                self._pages.add(url)
            elif relation == "next" and url:
                self._next.append((place, url))

    def _resource(self, place: str, raw: bytes, url: str, clock: str, depth: int) -> None:
        try:
            peek = _peek.decode(raw)
        except BROKEN:
            self.files.faults.append(Fault(place, "this is not the JSON of a FHIR resource."))
            return
        if not peek.resourceType:
            self.files.faults.append(Fault(place, "the resource has no resourceType."))
        elif peek.resourceType == "Bundle":
            if depth >= DEPTH:
                self.files.faults.append(Fault(place, "bundles lie in one another too deeply."))
            else:
                self._inner(place, raw, clock, depth)
        elif peek.resourceType == "OperationOutcome":
            self._outcome(place, raw)
        else:
            self.files.found.append(Found(place, peek.resourceType, peek.id, raw, url, clock))

    def _inner(self, place: str, raw: bytes, clock: str, depth: int) -> None:
        try:
            document = _document.decode(raw)
        except BROKEN:
            self.files.faults.append(Fault(place, "the bundle is not one: its entries are no list."))
        else:
            self._bundle(place, document, clock, depth + 1)

    def _outcome(self, place: str, raw: bytes) -> None:
        """What the exporting server could not give. Its own words may name a patient, so only codes are passed on."""
        try:
            issues = msgspec.json.decode(raw).get("issue")
        except BROKEN:
            issues = None
        bad = [
            f"{_string(one.get('severity'))} {_string(one.get('code'))}".strip()
            for one in (issues if isinstance(issues, list) else ())
            if isinstance(one, dict) and one.get("severity") in ("fatal", "error")
        ]
        if bad:
            self.files.faults.append(Fault(place, f"the sender reports a fault of its own: {', '.join(bad)}."))

    def complete(self) -> None:
        """Every page that is named as the next one must be among the files. Addresses may hold names: none is told."""
        for place, url in self._next:
            if url not in self._pages and _base_name(url) not in self._given:
                sentence = "the search goes on with a page that is not among the given files."
                self.files.faults.append(Fault(place, sentence))


def _is_document(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=_Line)
    except BROKEN:
        return False
    return True


def _limited(lines: Any) -> Iterator[bytes | None]:
    """Lines of a file, None for one that is longer than a message may be; memory stays bounded."""
    while line := lines.readline(LIMIT + 1):
        if len(line) <= LIMIT:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = lines.readline(LIMIT)
        yield None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _base_name(url: object) -> str:
    return urlsplit(_string(url)).path.rsplit("/", 1)[-1]
