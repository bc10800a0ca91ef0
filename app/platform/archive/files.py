"""The file of an archived part: how it is written and read as a stream, so that nothing lies in the clear."""

import hashlib
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol, cast

import msgspec
import pyrage

from app.kernel.refusal import Refused
from app.platform.backup.keys import Keys

NAME = "daybook audit trail"
SUFFIXES = (".jsonl.gz", ".jsonl.gz.age")
_GZIP = 31  # what zlib calls a gzip head and foot
_LARGEST_LINE = 64 * 1024 * 1024


class Head(msgspec.Struct):
    """The first line: which seals follow, and the digest that the first of them was made with."""

    name: str
    form: int
    seal_from: int
    seal_to: int
    before: str  # hexadecimal
    made_at: datetime


class SealLine(msgspec.Struct):
    """A seal. For form 2 `head` is part of what was hashed, so all that it says is proven; digests in hexadecimal."""

    form: int
    head: str  # JSON array: 2, number, seconds since 1970, last numbers of the three trails, rows of each
    rows: int
    digest: str
    parts: list[str] | None


class LineSink(Protocol):
    """What takes the lines of a file, without their ends."""

    def line(self, text: bytes) -> None: ...


class _Squeezed:
    """Lines as a compressed stream that somebody else reads."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._gzip, self._ready = lines, zlib.compressobj(6, zlib.DEFLATED, _GZIP), b""
        self._open = True

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        while self._open and (size < 0 or len(self._ready) < size):
            line = next(self._lines, None)
            if line is None:
                self._ready += self._gzip.flush()
                self._open = False
            else:
                self._ready += self._gzip.compress(line + b"\n")
        cut = len(self._ready) if size < 0 else size
        data, self._ready = self._ready[:cut], self._ready[cut:]
        return data


class _Hashed:
    """A file that is written while its digest is reckoned."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Take the next bytes."""
        self.digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand on what the file holds back."""
        self._file.flush()


class _Unsqueezed:
    """Takes a compressed stream and gives its lines on."""

    def __init__(self, sink: LineSink) -> None:
        self._sink, self._gzip, self._rest = sink, zlib.decompressobj(_GZIP), b""

    def write(self, data: bytes) -> int:
        """Take the next bytes. Refused when they are no such stream."""
        try:
            plain = self._gzip.decompress(data)
        except zlib.error:
            raise Refused("It is damaged.") from None
        *lines, self._rest = (self._rest + plain).split(b"\n")
        if len(self._rest) > _LARGEST_LINE:
            raise Refused("It is damaged: a line has no end.")
        for line in lines:
            self._sink.line(line)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Refused when the stream was cut short, or goes on behind its end."""
        if not self._gzip.eof or self._rest or self._gzip.unused_data:
            raise Refused("It was cut short.")


def name_of(seal_from: int, seal_to: int, keys: Keys | None) -> str:
    """The file name of a part; names sort in the order of the chain."""
    return f"audit-trail-{seal_from:012}-{seal_to:012}{SUFFIXES[1] if keys else SUFFIXES[0]}"


def write(target: Path, lines: Iterator[bytes], keys: Keys | None) -> bytes:
    """Write a file that is on the disk, whole and under its name, when this returns. Returns its SHA-256.

    What an earlier attempt left under the name is replaced: the caller knows that no record names it.
    """
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            hashed, source = _Hashed(file), _Squeezed(lines)
            if keys is None:
                shutil.copyfileobj(cast(Any, source), cast(Any, hashed), 1 << 16)
            else:
                pyrage.encrypt_io(cast(Any, source), cast(Any, hashed), list(keys.recipients))
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        _sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return hashed.digest.digest()


def _sync_folder(folder: Path) -> None:
    """Without this the name of a new file may be lost with the power, though its content was written."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, sink: LineSink, keys: Callable[[], Keys]) -> None:
    """Hand the lines of a file to `sink`. Refused says what is wrong with the file or its key."""
    plain = _Unsqueezed(sink)
    try:
        with path.open("rb") as file:
            if path.name.endswith(".age"):
                pyrage.decrypt_io(file, cast(Any, plain), list(keys().identities))
            else:
                shutil.copyfileobj(file, cast(Any, plain), 1 << 16)
        plain.close()
    except pyrage.DecryptError as error:
        wrong_key = "matching keys" in str(error)
        raise Refused(
            f"{path.name}: the key does not open it." if wrong_key else f"{path.name}: it is damaged."
        ) from None
    except Refused as refused:
        raise Refused(f"{path.name}: {refused.sentence}") from None
    except OSError:
        raise Refused(f"{path.name}: it is damaged or cannot be read.") from None


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file as it lies there."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def files_of(folder: Path) -> list[Path]:
    """The parts in a folder, in the order of the chain."""
    return sorted(path for path in folder.glob("audit-trail-*") if path.name.endswith(SUFFIXES) and path.is_file())
