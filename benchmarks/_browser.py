"""What a browser does to the server, without drawing anything: requests on kept connections, and the live stream."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import brotli
import msgspec

from app.security.sessions import csrf_token

KEPT_SECONDS = 4.0  # the server closes a connection that was idle for five
MOST_SECONDS = 30.0  # a page that takes longer is given up, as htmx does
LINE = 1 << 20


class Answer(msgspec.Struct, frozen=True):
    """One answer: its status, its plain body, where it leads, and the seconds to its last byte."""

    status: int
    body: bytes
    location: str
    seconds: float


class Connection:
    """One kept connection. It is opened when it is needed, and anew when the server may have closed it."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port, self._cookie = port, cookie
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._used = 0.0
        self._turn = asyncio.Lock()

    async def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> Answer:
        """Send a request and read the whole answer; one at a time."""
        async with self._turn:
            began = time.monotonic()
            if self._writer is None or began - self._used > KEPT_SECONDS:
                await self.open()
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    status, data, location = await self._exchange(method, path, headers, body)
            except BaseException:
                self.close()
                raise
            self._used = time.monotonic()
            return Answer(status, data, location, self._used - began)

    async def open(self) -> None:
        self.close()
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=LINE)

    def close(self) -> None:
        """Forget the connection; what still comes over it is not read."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self, method: str, path: str, headers: str, body: bytes) -> tuple[int, bytes, str]:
        assert self._reader is not None and self._writer is not None
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCookie: daybook={self._cookie}\r\n"
            f"Accept-Encoding: br\r\n{headers}"
        )
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(head.encode() + b"\r\n" + body)
        found = await self._head(self._reader)
        data = await self._body(self._reader, found)
        if found.get("content-encoding") == "br":
            data = brotli.decompress(data)
        if found.get("connection") == "close":
            self.close()
        return int(found["status"]), data, found.get("location") or found.get("hx-redirect", "")

    async def _head(self, reader: asyncio.StreamReader) -> dict[str, str]:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        return {name.lower(): value.strip() for name, _, value in pairs} | {"status": lines[0].split(" ")[1]}

    async def _body(self, reader: asyncio.StreamReader, found: dict[str, str]) -> bytes:
        if "content-length" in found:
            return await reader.readexactly(int(found["content-length"]))
        if found.get("transfer-encoding") != "chunked":
            return b""
        parts = []
        while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readexactly(2)
        return b"".join(parts)

    async def events(self) -> AsyncIterator[tuple[str, str]]:
        """What the live stream says, until the connection is closed."""
        await self.open()
        assert self._reader is not None and self._writer is not None
        self._writer.write(
            f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCookie: daybook={self._cookie}\r\n\r\n".encode()
        )
        reader = self._reader
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._head(reader)
            kind = ""
            while line := await reader.readline():
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, value


class Browser:
    """One person's browser: a connection for what is clicked, and one for what pages ask by themselves."""

    PIECE = "HX-Request: true\r\nHX-Request-Type: partial\r\n"

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self._clicks, self._quiet = Connection(port, cookie), Connection(port, cookie)
        self._token = csrf_token(cookie)

    async def get(self, path: str, *, piece: bool = False, quiet: bool = False, source: str = "") -> Answer:
        """A page, or its piece, which the element `source` asks for."""
        connection = self._quiet if quiet else self._clicks
        headers = (self.PIECE if piece else "") + (f"HX-Source: {source}\r\n" if source else "")
        return await connection.ask("GET", path, headers)

    async def post(self, path: str, fields: list[tuple[str, str]], *, piece: bool = False) -> Answer:
        """A form of ours."""
        body = urlencode([("_csrf_token", self._token), *fields]).encode()
        return await self._clicks.ask("POST", path, self.PIECE if piece else "", body)

    def close(self) -> None:
        """Leave."""
        self._clicks.close()
        self._quiet.close()
