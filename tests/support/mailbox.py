"""A real mail server of a test, and what it was given."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Mail

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from tests.support.ports import free_port


class Box(Message):
    """Keeps what was delivered. Who is refused is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []
        self.refuses = False

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)

    async def handle_RCPT(self, _server: object, _session: object, envelope: object, address: str, _options: object):
        if self.refuses:
            return "550 nobody here of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@contextmanager
def mailbox(monkeypatch: pytest.MonkeyPatch, sender: str) -> Iterator[Box]:
    """A mail server on this machine, and the settings that name it and the address from which mail comes."""
    found = Box()
    port = free_port()
    server = Controller(found, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setenv("DAYBOOK_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("DAYBOOK_MAIL_FROM", sender)
    monkeypatch.setenv("DAYBOOK_PUBLIC_URL", "https://daybook.example/")
    try:
        yield found
    finally:
        server.stop()
