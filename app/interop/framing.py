"""The minimal lower layer protocol: messages in a stream of bytes, VT before each, FS and CR after it.

Pure: bytes in, frames out; the sockets, clocks and answers are the listener's. Tolerant as section 8 of the ADT rules
asks: real senders split anywhere, leave out the CR, write line ends between frames and restart in the middle of one.
"""

import re

import msgspec

START = b"\x0b"
END = b"\x1c"
LIMIT = 16 * 1024 * 1024
"""Bytes of the longest frame that is taken; admissions with a scanned document inside stay far below."""
HEAD = 4096
"""Bytes kept of a longer frame: enough for its MSH segment, so that the refusal can name it."""

_MARK = re.compile(rb"[\x0b\x1c]")


class Oversized(msgspec.Struct, frozen=True):
    """A frame that was longer than the limit and is gone but for its head. `size` counts all of its bytes."""

    head: bytes
    size: int


class Deframer:
    """Cuts the stream of one connection into frames.

    Memory is bounded by the limit. `discarded` counts the bytes that belonged to no complete frame, line ends
    between frames left out: an interface analyst sees by it that a sender frames wrongly.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.discarded = 0
        self._frame: bytearray | None = None
        self._size = 0

    @property
    def mid_frame(self) -> bool:
        """Whether a frame has begun and not ended: only then a silent sender is a fault."""
        return self._frame is not None

    def drop(self) -> None:
        """Forget the frame that has begun; what still comes of it is discarded up to the next start."""
        self.discarded += self._size
        self._frame = None
        self._size = 0

    def feed(self, data: bytes) -> list[bytes | Oversized]:
        """The frames that these bytes complete, in order and without their marks.

        Frames with nothing in them are heartbeats and not reported.
        """
        frames: list[bytes | Oversized] = []
        position = 0
        for mark in _MARK.finditer(data):
            self._take(data, position, mark.start())
            position = mark.end()
            if mark.group() == START:
                self.drop()
                self._frame = bytearray()
            elif self._frame is not None:
                frames.extend(self._finish())
        self._take(data, position, len(data))
        return frames

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._frame is None:
            self.discarded += len(data[start:end].translate(None, b"\r\n"))
            return
        self._size += end - start
        if self._size <= self.limit:
            self._frame += memoryview(data)[start:end]
            return
        del self._frame[HEAD:]
        self._frame += memoryview(data)[start : min(end, start + HEAD - len(self._frame))]

    def _finish(self) -> list[bytes | Oversized]:
        payload, size = bytes(self._frame or b""), self._size
        self._frame = None
        self._size = 0
        if size > self.limit:
            return [Oversized(payload, size)]
        return [payload] if payload.strip(b"\r\n\t \0") else []


def frame(payload: bytes) -> bytes:
    """The payload as one frame."""
    return START + payload + END + b"\r"
