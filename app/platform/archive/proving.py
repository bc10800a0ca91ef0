"""Proof of archived parts without a database: seals are computed again from the text of their rows."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from app.kernel.refusal import Refused
from app.platform.archive import files
from app.platform.archive.files import Head, SealLine
from app.platform.backup.keys import Keys

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OnSeal = Callable[["Sealed", list[bytes]], None]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal that was found to fit its rows. `parts` and `counts` are None in the first form."""

    number: int
    at: datetime
    form: int
    borders: tuple[int, int, int]
    rows: int
    digest: bytes
    parts: list[bytes] | None
    counts: list[int] | None


@dataclass(slots=True)
class Proof:
    """A sink that checks one file line by line. `before`: the digest that its first seal must follow; None takes what
    the file says. `on_seal` hears of every seal that fits, with the text of its rows."""

    before: bytes | None = None
    on_seal: OnSeal | None = None
    head: Head | None = None
    seals: int = 0
    rows: int = 0
    last: Sealed | None = None
    _open: SealLine | None = None
    _lines: list[bytes] = field(default_factory=list)

    def line(self, text: bytes) -> None:
        """Take the next line. Refused names the seal that does not fit."""
        if self.head is None:
            self._begin(text)
        elif text.startswith(b"{"):
            self._close()
            self._open = _decoded(text, SealLine)
        elif self._open is None:
            raise Refused("It is damaged: rows stand before the first seal.")
        else:
            self._lines.append(text)

    def finish(self) -> None:
        """Refused when seals are missing at the end."""
        self._close()
        if self.head is None or self.last is None or self.last.number != self.head.seal_to:
            raise Refused("It was cut short: seals are missing at its end.")

    def _begin(self, text: bytes) -> None:
        self.head = _decoded(text, Head)
        if self.head.name != files.NAME or self.head.form != 1:
            raise Refused("It is no part of an audit trail that this version can read.")
        told = bytes.fromhex(self.head.before)
        if self.before is not None and told != self.before:
            raise Refused("It does not follow the part before it.")
        self.before = told

    def _close(self) -> None:
        if self._open is None:
            return
        assert self.head is not None and self.before is not None
        found = sealed(self._open, self.before, self._lines)
        expected = self.head.seal_from + self.seals
        if found.number != expected:
            raise Refused(f"Seal {expected} is missing: seal {found.number} stands in its place.")
        if self.on_seal is not None:
            self.on_seal(found, self._lines)
        self.seals, self.rows = self.seals + 1, self.rows + found.rows
        self.before, self.last, self._open, self._lines = found.digest, found, None, []


def sealed(line: SealLine, before: bytes, rows: list[bytes]) -> Sealed:
    """The seal, computed again. Refused says what does not fit."""
    try:
        form, number, seconds, *rest = json.loads(line.head, parse_float=Decimal)
        borders, counts = (int(rest[0]), int(rest[1]), int(rest[2])), rest[3]
        at = _EPOCH + timedelta(microseconds=int(Decimal(seconds) * 1_000_000))
        kept, parts = bytes.fromhex(line.digest), None if line.parts is None else [*map(bytes.fromhex, line.parts)]
    except (ValueError, IndexError, ArithmeticError, TypeError):
        raise Refused("It is damaged: a seal cannot be read.") from None
    if len(rows) != line.rows:
        raise Refused(f"Seal {number} does not fit: it was made over {line.rows} rows, and {len(rows)} are there.")
    if line.form == 1:
        made = hashlib.sha256(before + b"\n".join(rows)).digest()
    else:
        found = [_part(rows, kind) for kind in (b"[1,", b"[2,", b"[3,")]
        # A row of no trail is under none of the three digests: only their counts, which are hashed, leave it out.
        if form != 2 or found != parts or sum(map(int, counts)) != len(rows):
            raise Refused(f"Seal {number} does not fit: a row under it was changed or moved.")
        made = hashlib.sha256(before + line.head.encode() + b"".join(found)).digest()
    if made != kept:
        raise Refused(f"Seal {number} does not fit: it, a row under it, or the seal before it was changed.")
    return Sealed(number, at, line.form, borders, len(rows), kept, parts, counts)


def _part(rows: list[bytes], kind: bytes) -> bytes:
    return hashlib.sha256(b"\n".join(row for row in rows if row.replace(b" ", b"", 1).startswith(kind))).digest()


def _decoded(text: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError:
        _damaged()


def _damaged() -> NoReturn:
    raise Refused("It is damaged: a line cannot be read.")


@dataclass(frozen=True, slots=True)
class FolderVerdict:
    """What the files of a folder prove. `last`: the last seal in them, with which the database must go on."""

    files: int
    seals: int
    rows: int
    seal_from: int
    seal_to: int
    before: bytes
    last: bytes
    names: dict[str, bytes]
    why: str


def prove_folder(folder: Path, keys: Callable[[], Keys]) -> FolderVerdict:
    """Verify all parts of a folder as one chain. `why` names the first thing that does not fit."""
    seals, rows, first, last = 0, 0, None, None
    before: bytes | None = None
    names: dict[str, bytes] = {}
    why = ""
    for path in files.files_of(folder):
        proof = Proof(before=before)
        try:
            files.read(path, proof, keys)
            _finish(proof, path)
        except Refused as refused:
            why = refused.sentence
            break
        assert proof.head is not None and proof.last is not None
        if last is not None and proof.head.seal_from != last.number + 1:
            why = f"{path.name}: seals {last.number + 1} to {proof.head.seal_from - 1} are missing before it."
            break
        names[path.name] = files.digest_of(path)
        first = first or proof.head
        before, last, seals, rows = proof.last.digest, proof.last, seals + proof.seals, rows + proof.rows
    return FolderVerdict(
        len(names), seals, rows, first.seal_from if first else 0, last.number if last else 0,
        bytes.fromhex(first.before) if first else b"", last.digest if last else b"", names, why,
    )  # fmt: skip


def _finish(proof: Proof, path: Path) -> None:
    try:
        proof.finish()
    except Refused as refused:
        raise Refused(f"{path.name}: {refused.sentence}") from None
