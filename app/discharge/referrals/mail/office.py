"""The mail server of the installation, and the words of a mail. Nothing here knows a patient."""

import contextlib
import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from app.discharge.referrals.terms import MailKind
from app.settings import Settings

TIMEOUT_SECONDS = 20.0
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_WORDS = {
    MailKind.INVITATION: ("A hospital has a referral for you", "A hospital has a referral for you."),
    MailKind.REMINDER: ("A hospital waits for your answer", "A hospital waits for your answer to a referral."),
    MailKind.REPLY: ("A hospital wrote to you", "A hospital wrote to you about a referral."),
    MailKind.UPDATE: ("A referral has changed", "A hospital has changed a referral that it sent you."),
}


class NotSent(Exception):
    """The mail server did not take a mail. The sentence names no address and nothing of what the server said."""


class AddressRefused(NotSent):
    """The mail server knows nobody under this address; trying again would not help."""


@dataclass(frozen=True, slots=True)
class Office:
    """Where mail is handed in, from whom it comes, and under which address links work."""

    server: str
    sender: str
    public: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: its kind, to whom, the link, the times in words, and a number that no other mail has."""

    kind: MailKind
    to: str
    link: str
    answer_by: str
    works_until: str
    number: str
    at: datetime


def office() -> Office | None:
    """The mail server that is set; None without one, or without the addresses that a mail needs."""
    settings = Settings.from_environment()
    found = Office(settings.smtp_url, settings.mail_from, settings.public_url)
    return found if found.server and found.sender and found.public else None


def written(letter: Letter, by: Office) -> EmailMessage:
    """The mail. NotSent for an address that cannot be one."""
    subject, first = _WORDS[letter.kind]
    host = urlsplit(by.public).hostname or "localhost"
    message = EmailMessage()
    try:
        message["From"], message["To"], message["Subject"] = by.sender, letter.to, subject
    except ValueError:
        raise NotSent("The address of this vendor is no mail address. Correct it in the registry.") from None
    message["Date"], message["Message-ID"] = format_datetime(letter.at), f"<{letter.number}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"{first}\n\nOpen it here:\n{letter.link}\n\nPlease answer by {letter.answer_by}.\n"
        f"The link works until {letter.works_until}, for you only. This mail tells nothing about a patient;"
        " whoever is not meant may delete it.\n"
    )
    return message


def hand_in(message: EmailMessage, by: Office) -> None:
    """Give a mail to the server. NotSent where it cannot be reached or does not take it."""
    parts = urlsplit(by.server)
    host, port = parts.hostname or "localhost", parts.port
    try:
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS)
        else:
            server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
        with contextlib.closing(server):
            _protect(server, host, parts.scheme == "smtps")
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()  # it has the mail: how it says good-bye changes nothing
    except smtplib.SMTPRecipientsRefused:
        raise AddressRefused("The mail server refuses this address.") from None
    except smtplib.SMTPAuthenticationError:
        raise NotSent("The mail server refuses our sign-in. Tell an administrator.") from None
    except smtplib.SMTPException:
        raise NotSent("The mail server did not take the mail.") from None
    except OSError:
        raise NotSent("The mail server cannot be reached.") from None


def _protect(server: smtplib.SMTP, host: str, protected: bool) -> None:
    """Encrypt where the server can; a server elsewhere that cannot gets nothing."""
    server.ehlo()
    if protected:
        return
    if server.has_extn("starttls"):
        server.starttls()
        server.ehlo()
    elif host not in HERE:
        raise NotSent("The mail server offers no encryption. Tell an administrator.")
