"""The file inside the encryption: one line that names the form, a manifest, then the dump of pg_dump.

    DAYBOOK BACKUP 1
    <number of bytes of the manifest>
    <manifest, JSON><dump in custom format>

It is written and read as a stream, so that nothing lies on a disk in the clear.
"""

from collections.abc import Callable
from datetime import datetime
from typing import IO, Protocol

import msgspec

from app.kernel.refusal import Refused

MAGIC = b"DAYBOOK BACKUP 1\n"
LONGEST = 8 * 1024 * 1024
DUMP = b"PGDMP"

Told = Callable[[int], None]


class Manifest(msgspec.Struct, frozen=True):
    """What a backup is. `rows` counts the rows of every table in the moment of the backup; `files` lay beside it.

    Everything that was committed before `made_at` is in it, so every message that was acknowledged by then.
    """

    made_at: datetime
    program: str
    revision: str
    postgres: int  # major version of the tool that wrote the dump
    rows: dict[str, int]
    files: dict[str, bytes] = {}


class Outgoing:
    """What is encrypted: the head, then whatever the dump gives. `told` hears how many bytes went by."""

    def __init__(self, manifest: Manifest, dump: IO[bytes], told: Told) -> None:
        text = msgspec.json.encode(manifest)
        self._head = MAGIC + b"%d\n" % len(text) + text
        self._dump, self._told = dump, told

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        if self._head:
            cut = len(self._head) if size < 0 else size
            data, self._head = self._head[:cut], self._head[cut:]
        else:
            data = self._dump.read(size)
        self._told(len(data))
        return data


class Incoming:
    """What was decrypted: reads the manifest and hands everything after it to `dump`."""

    def __init__(self, dump: "Sink") -> None:
        self.manifest: Manifest | None = None
        self._head, self._dump = b"", dump

    def write(self, data: bytes) -> int:
        """Take the next bytes. Refused when they are not those of a backup."""
        if self.manifest is not None:
            self._dump.write(data)
            return len(data)
        self._head += data
        if not self._head.startswith(MAGIC[: len(self._head)]):
            raise Refused("This file is encrypted, but it is no backup of Daybook.")
        length, line, rest = self._head[len(MAGIC) :].partition(b"\n")
        if line and not (length.isdigit() and int(length) <= LONGEST):
            raise Refused("The head of this backup cannot be read.")
        if line and len(rest) >= int(length):
            try:
                self.manifest = msgspec.json.decode(rest[: int(length)], type=Manifest)
            except msgspec.DecodeError:
                raise Refused("The head of this backup cannot be read; a newer version may have made it.") from None
            self._head = b""
            self._dump.write(rest[int(length) :])
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


class Sink(Protocol):
    """Where the dump goes."""

    def write(self, data: bytes, /) -> object: ...


class Inspection:
    """A place for a dump that is only looked at: whether it is one, and how long."""

    def __init__(self) -> None:
        self.first, self.bytes = b"", 0

    def write(self, data: bytes, /) -> object:
        if len(self.first) < len(DUMP):
            self.first = (self.first + data)[: len(DUMP)]
        self.bytes += len(data)
        return None


class Counted:
    """A file that is read while `told` hears how many bytes went by."""

    def __init__(self, file: IO[bytes], told: Told) -> None:
        self._file, self._told = file, told

    def read(self, size: int = -1) -> bytes:
        """The next bytes; none at the end."""
        data = self._file.read(size)
        self._told(len(data))
        return data
