"""One message on its way through the inbox: where it came from, what its sender is told, the fact it becomes."""

import traceback
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from app.census.terms import AdtFact, ExceptionKind
from app.interop import hl7
from app.interop.adt import NotAccepted, to_fact
from app.interop.census_file.reader import fact_of as of_census_file
from app.interop.fhir.messages import read_message as of_fhir
from app.interop.framing import Oversized
from app.interop.hl7 import Answer, Message, Unparseable
from app.interop.queries import Feeds, FeedSettings, Stored

NAME_LENGTH = 200
"""Characters kept of a name that a sender chose, in columns that have an index; the bytes keep the whole."""

COMPONENT = "inbox"
"""Marks exceptions of a message itself, which no fold closes."""

UNKNOWN_FACILITY = (
    "No facility takes messages of this sender. Enter the name in MSH-4 as the authority or an alias of a"
    " facility's feed; the message is then applied by itself."
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where messages come from: a connection (`port` it reached), or a file for one facility.

    `kind` is mllp, file, replay or demo; `origin` names the peer or file for the interface monitor.
    """

    kind: str
    origin: str = ""
    port: int | None = None
    facility_id: int | None = None


@dataclass(slots=True)
class Receipt:
    """What became of one received message. `id` is None when the same bytes were stored before, or nothing was."""

    raw: bytes
    message: Message | None
    feed: FeedSettings | None
    answer: Answer
    at: datetime
    refusal: str = ""
    id: int | None = None
    digest: bytes = b""

    @property
    def code(self) -> str:
        """MSA-1: AA, AE or AR, and CA, CE or CR where the feed works in enhanced mode and the message asks for it."""
        enhanced = self.feed is not None and self.feed.enhanced and self._asks
        return ("C" if enhanced else "A") + self.answer.code[1:]

    @property
    def _asks(self) -> str:
        """MSH-15 where one of MSH-15 and MSH-16 is valued, AL where it is empty; "" in original mode (W-MODE)."""
        if self.message is None:
            return ""
        accept, application = self.message.header.text(15), self.message.header.text(16)
        return (accept or "AL") if accept or application else ""

    @property
    def facility_id(self) -> int | None:
        return self.feed.facility_id if self.feed else None

    @property
    def control_id(self) -> str:
        return self.message.control_id if self.message else ""

    @property
    def event(self) -> str:
        return self.message.event if self.message else ""

    def acknowledgement(self) -> bytes:
        """The answer to send; empty when the sender asked for none (enhanced mode, MSH-15 NE, ER or SU)."""
        code = self.code
        if code[0] == "C":
            wanted = {"NE": "", "ER": "ER", "SU": "A"}.get(self._asks, "AER")
            if code[1] not in wanted:
                return b""
        answer = Answer(code, self.answer.sentence, self.answer.segment, self.answer.field)
        at = self.at.strftime("%Y%m%d%H%M%S+0000")
        return hl7.acknowledgement(self.message, answer, control_id=uuid.uuid4().hex[:20], at=at, head=self.raw[:4096])


def unstored(raw: bytes | Oversized, answer: Answer, at: datetime) -> Receipt:
    data = raw.head if isinstance(raw, Oversized) else raw
    try:
        message = None if isinstance(raw, Oversized) else hl7.parse(data)
    except Unparseable:
        message = None
    return Receipt(data, message, None, answer, at)


Reader = Callable[[Stored, FeedSettings], AdtFact | NotAccepted]
"""Reads one stored message of a feed; the fact bears the message's `id` as its sequence."""


def fact_of(stored: Stored, known: Feeds) -> AdtFact | NotAccepted:
    """What a stored message says, by the reader of its source."""
    feed = known.by_facility(stored.facility_id)
    if feed is None:
        return NotAccepted(ExceptionKind.UNKNOWN_FACILITY, "AA", UNKNOWN_FACILITY, "MSH", 4)
    return READERS.get(stored.source, _of_hl7)(stored, feed)


def _of_hl7(stored: Stored, feed: FeedSettings) -> AdtFact | NotAccepted:
    try:
        message = hl7.parse(stored.raw, feed_charset=feed.charset)
    except Unparseable as error:
        return NotAccepted(ExceptionKind.UNPARSEABLE, "AE", error.sentence, error.segment, error.field)
    return to_fact(message, feed.policy, stored.id, stored.received_at)


READERS: dict[str, Reader] = {
    "fhir": of_fhir,
    "census": of_census_file,
    "repair": of_census_file,
}
"""Readers by the source of a message. Sources without a line here send HL7."""


def known_at(batch: Sequence[Stored], facts: Sequence[AdtFact]) -> dict[int, datetime]:
    """When each fact was known, by its number: over a live feed when it was received, else at its recorded clock. A
    clock that is ahead counts only until the message was here."""
    recorded = {fact.sequence: fact.recorded for fact in facts}
    return {
        one.id: one.received_at if one.source == "mllp" else min(recorded[one.id], one.received_at)
        for one in batch
        if one.id in recorded
    }


def name_of(text: str) -> str:
    """Text as a column with an index can hold it."""
    return text[:NAME_LENGTH].encode("utf-8", "replace").decode().replace("\0", "")


def place_of(error: BaseException) -> str:
    """Where in the program it was raised; never what the exception says, which may quote a message."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return f"{last[0].filename.rsplit('/', 1)[-1]}:{last[0].lineno}" if last else ""


def is_outage(error: BaseException) -> bool:
    """Whether the database could not do its work for reasons of its own, so that the same may succeed later."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, NoFreeConnection | psycopg.InterfaceError):
        return True
    state = getattr(cause, "sqlstate", None) or ""
    too_large = state.startswith("54")  # program limits: the data is at fault, whatever the driver calls it
    return (isinstance(cause, psycopg.OperationalError) and not too_large) or state == "25006"


def is_momentary(error: BaseException) -> bool:
    """Whether an outage is over already: a connection of the pool had died with its server, or two batches that held
    the same messages stood in each other's way."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = getattr(error, "sqlstate", None) or ""
    return state.startswith("40")
