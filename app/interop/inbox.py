"""The inbox: store before acknowledging, apply afterwards, set aside what fails; nothing acknowledged is ever lost.

`receive` and `drain` share only tables, so that either side may be killed at any instant. Whoever calls `receive` gets
receipts only after the commit: an acknowledgement cannot be sent for what is not durable (W-ACK).
"""

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from app.census.commands import apply_facts
from app.census.terms import AdtFact, ExceptionKind, FeedPolicy
from app.interop import hl7
from app.interop.adt import NotAccepted, to_fact
from app.interop.framing import LIMIT, Oversized
from app.interop.hl7 import Answer, Unparseable
from app.interop.intake.events import MessagesApplied, MessagesReceived
from app.interop.intake.messages import (
    COMPONENT,
    UNKNOWN_FACILITY,
    Receipt,
    Source,
    fact_of,
    is_momentary,
    is_outage,
    known_at,
    name_of,
    place_of,
    unstored,
)
from app.interop.intake.parked import release_parked, replay_all, replay_message
from app.interop.queries import Feeds, feeds, reused_control_ids, waiting
from app.platform.now import now
from app.platform.work import Work, begin, everywhere

__all__ = ["Receipt", "Source", "apply_waiting", "drain", "receive", "release_parked", "replay_all", "replay_message"]

BATCH = 1000
"""Messages that are folded together at most: many of a backlog belong to one stay, which is then folded once."""

FEWEST = 25
HOLD_SECONDS = 1.0
"""So long the standing duty holds the stays of its messages: whoever writes on one of them waits."""

MOST_HOLD_SECONDS = 10.0
"""So long it may hold them at last, when more comes in than short runs fold."""

LONGER = 1.2

GATHER_SECONDS = 0.05

NOT_APPLIED = "NOT_APPLIED"
"""The kind of problem of a message that the program failed to apply."""

_ACTOR = everywhere("adt")
_log = logging.getLogger(__name__)


# --- receiving -------------------------------------------------------------------------------------------------------


Moments = datetime | Sequence[datetime] | None
"""When messages are taken as received: now, all at one instant, or each at its own (the simulation's history)."""


def receive(messages: Sequence[bytes | Oversized], source: Source, *, at: Moments = None) -> list[Receipt]:
    """Store the messages in one transaction; the receipts come back, in order, when it is committed.

    A database that cannot be reached gives receipts that say AR and nothing stored: the sender keeps its messages.
    """
    for last_try in (False, True):
        try:
            return _store(messages, source, at)
        except (psycopg.Error, SQLAlchemyError) as error:
            if not is_outage(error):
                return _one_by_one(messages, source, at, error)
            if last_try or not is_momentary(error):
                told = {"error": type(error).__name__, "count": len(messages)}
                _log.warning("messages could not be stored", extra=told)
                break
    unable = Answer("AR", "The receiving system is not able to store messages now. Send the message again later.")
    return [unstored(raw, unable, moment) for raw, moment in _each(messages, at, now())]


def _each(
    messages: Sequence[bytes | Oversized], at: Moments, present: datetime
) -> list[tuple[bytes | Oversized, datetime]]:
    moments = at if isinstance(at, Sequence) else [at or present] * len(messages)
    return list(zip(messages, moments, strict=True))


def _one_by_one(messages: Sequence[bytes | Oversized], source: Source, at: Moments, error: Exception) -> list[Receipt]:
    """The database would not take the batch: the message that it objects to must not hold up the others."""
    if len(messages) > 1:
        return [one for raw, moment in _each(messages, at, now()) for one in receive([raw], source, at=[moment])]
    _log.error("a message could not be stored", extra={"error": type(error).__name__})
    unable = Answer("AR", "This message could not be stored.")
    return [unstored(raw, unable, moment) for raw, moment in _each(messages, at, now())]


def _store(messages: Sequence[bytes | Oversized], source: Source, at: Moments) -> list[Receipt]:
    with begin(_ACTOR, at=None if isinstance(at, Sequence) else at) as work:
        known = feeds(work)
        receipts = [_judge(raw, source, known, moment) for raw, moment in _each(messages, at, work.now)]
        _insert(work, receipts, source)
        _report_refused(work, [one for one in receipts if one.refusal and one.id is not None])
        _tell(work, receipts, source)
    return receipts


def _judge(raw: bytes | Oversized, source: Source, known: Feeds, at: datetime) -> Receipt:
    """What the sender is to be told about one message, and where it belongs."""
    feed = known.by_facility(source.facility_id) if source.facility_id is not None else known.by_port(source.port)
    if isinstance(raw, Oversized):
        sentence = f"The message is longer than {LIMIT // 1024 // 1024} MiB and was not taken."
        return Receipt(raw.head, None, feed, Answer("AR", sentence), at, ExceptionKind.UNPARSEABLE)
    try:
        message = hl7.parse(raw, feed_charset=feed.charset if feed else "cp1252")
        feed = feed or known.by_sender(message)
        outcome = to_fact(message, feed.policy if feed else FeedPolicy(), 0, at)
    except Unparseable as error:
        answer = Answer("AE", error.sentence, error.segment, error.field)
        return Receipt(raw, None, feed, answer, at, ExceptionKind.UNPARSEABLE)
    except Exception as error:
        _log.error("a message could not be read", extra={"error": type(error).__name__, "place": place_of(error)})
        answer = Answer("AR", "The message could not be read. It is kept for the people who look after this system.")
        return Receipt(raw, None, feed, answer, at, ExceptionKind.UNPARSEABLE)
    if isinstance(outcome, NotAccepted):
        answer = Answer(outcome.code, outcome.sentence, outcome.segment, outcome.field)
        return Receipt(raw, message, feed, answer, at, outcome.kind)
    return Receipt(raw, message, feed, Answer("AA"), at)


_INSERT = """
with given as (
  select * from unnest(%b::smallint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[],
    %b::text[], %b::text[], %b::text[], %b::timestamptz[]) with ordinality
  as t (facility_id, application, facility, control_id, event, digest, raw, ack, refusal, sentence, at, place)),
fresh as (
  insert into inbound_message (received_at, source, origin, facility_id, sending_application, sending_facility,
    control_id, event, digest, raw, ack, refusal, sentence)
  select at, %s, %s, facility_id, application, facility, control_id, event, digest, raw, ack, refusal, sentence
  from given order by place on conflict do nothing
  returning id, received_at, facility_id, digest, refusal),
queued as (
  insert into inbound_pending (message_id, facility_id)
  select id, facility_id from fresh where refusal = '' and facility_id is not null),
parked as (
  insert into inbound_problem (message_id, kind, sentence, opened_at)
  select id, %s, %s, received_at from fresh where refusal = '' and facility_id is null)
select id, facility_id, digest from fresh
"""


def _insert(work: Work, receipts: list[Receipt], source: Source) -> None:
    columns: list[tuple[object, ...]] = []
    for one in receipts:
        one.digest = hashlib.sha256(one.raw).digest()
        application, facility = (
            (one.message.sending_application, one.message.sending_facility) if one.message else ("", "")
        )
        names = (name_of(text) for text in (application, facility, one.control_id, one.event))
        answer = (one.code, str(one.refusal), one.answer.sentence)
        columns.append((one.facility_id, *names, one.digest, one.raw, *answer, one.at))
    work.written.add("inbound_message")
    stored = work.connection.execute(
        _INSERT,
        (*map(list, zip(*columns, strict=True)), source.kind, name_of(source.origin),
         ExceptionKind.UNKNOWN_FACILITY.value, UNKNOWN_FACILITY),
    ).fetchall()  # fmt: skip
    new = {(facility_id, bytes(digest)): key for key, facility_id, digest in stored}
    for one in receipts:
        one.id = new.pop((one.facility_id, one.digest), None)


def _report_refused(work: Work, refused: list[Receipt]) -> None:
    if not refused:
        return
    work.write_many(
        "census_exception",
        "insert into census_exception (facility_id, kind, subject, component, message_id, detail, opened_at)"
        " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        [(one.facility_id, str(one.refusal), name_of(one.control_id) or "?", COMPONENT, one.id, one.answer.sentence,
          work.now) for one in refused],
    )  # fmt: skip


def _tell(work: Work, receipts: list[Receipt], source: Source) -> None:
    """Record the batch, wake the duty that applies it, and tell the pages that the feed is alive."""
    counts: dict[int | None, Counter[str]] = {}
    for one in receipts:
        kind = "refused" if one.refusal else "repeated" if one.id is None else "accepted" if one.feed else "parked"
        counts.setdefault(one.facility_id, Counter())[kind] += 1
    for facility_id, count in counts.items():
        work.record(MessagesReceived(
            facility_id=facility_id, source=source.kind, accepted=count["accepted"], repeated=count["repeated"],
            refused=count["refused"], parked=count["parked"],
        ))  # fmt: skip
        if facility_id is not None:
            work.signal("daybook_feed", f"{facility_id} {work.now.isoformat()}")
        if count["accepted"] or count["parked"]:
            work.signal("daybook_inbox")


# --- applying --------------------------------------------------------------------------------------------------------


class Pace:
    """How many messages the standing duty folds in one transaction: as many as fit into `hold` seconds by the last run.

    A run costs something however few messages it folds, on a busy machine most of a second. So each run that leaves
    messages behind lets the next one hold longer: a backlog that grows without end is worse than a note that waits.
    """

    def __init__(self) -> None:
        self.size = FEWEST
        self.hold = HOLD_SECONDS

    def went(self, taken: int, seconds: float) -> None:
        """Learn from a run that took so many messages; one that found fewer than it might says little of the pace."""
        if taken < self.size:
            self.hold = HOLD_SECONDS
            return
        fits = int(taken * self.hold / max(seconds, 0.001))
        self.size = max(FEWEST, min(fits, 2 * self.size, BATCH))
        self.hold = min(self.hold * LONGER, MOST_HOLD_SECONDS)


_pace = Pace()


def apply_waiting(pace: Pace = _pace) -> bool:
    """The standing duty. A moment's rest after each run lets the messages of a busy feed gather: folded one by one they
    would take the processor from the listener that stores the next."""
    size, began = pace.size, time.monotonic()
    release_parked()
    taken = _drain(size, None)
    pace.went(taken, time.monotonic() - began)
    if taken < size:
        time.sleep(GATHER_SECONDS)
    return taken >= size


def drain(*, at: datetime | None = None) -> bool:
    """Apply the longest waiting messages; True when more may wait. Raises when the database is away."""
    release_parked(at=at)
    return _drain(BATCH, at) >= BATCH


def _drain(count: int, at: datetime | None) -> int:
    """Apply up to `count` messages and return how many were taken from the queue.

    What fails is tried again in halves, each in a transaction of its own, down to the message that is at fault: this
    also finds what only a deferred constraint or the last step before the commit objects to.
    """
    taken: list[int] = []
    try:
        return _apply(count, at, taken)
    except Exception as error:
        if is_outage(error) or not taken:
            raise
        if len(taken) == 1:
            _set_aside_alone(taken[0], error, at)
            return 1
    half = len(taken) // 2
    return _drain(half, at) + _drain(len(taken) - half, at)


def _lock(work: Work) -> None:
    """One drain at a time in the whole installation, whichever process or command it runs in."""
    work.connection.execute("select pg_advisory_xact_lock(hashtext('interop.apply'))")


def _apply(count: int, at: datetime | None, taken: list[int]) -> int:
    with begin(_ACTOR, at=at) as work:
        _lock(work)
        batch = waiting(work, count)
        if not batch:
            return 0
        taken.extend(one.id for one in batch)
        known = feeds(work)
        facts: list[AdtFact] = []
        failed: list[tuple[int, int | None, str, str]] = []
        for one in batch:
            outcome = fact_of(one, known)
            if isinstance(outcome, AdtFact):
                facts.append(outcome)
            else:
                failed.append((one.id, one.facility_id, outcome.kind, outcome.sentence))
        if facts:
            apply_facts(work, facts, known_at(batch, facts))
        _note_reuse(work, taken)
        _set_aside(work, failed)
        work.write("inbound_pending", "delete from inbound_pending where message_id = any(%s)", (taken,))
        work.record(MessagesApplied(applied=len(facts), set_aside=len(failed)))
    return len(taken)


def _set_aside(work: Work, failed: Sequence[tuple[int, int | None, str, str]]) -> None:
    if failed:
        work.write_many(
            "inbound_problem",
            "insert into inbound_problem (message_id, facility_id, kind, sentence, opened_at)"
            " values (%s, %s, %s, %s, %s) on conflict do nothing",
            [(key, facility_id, str(kind), sentence, work.now) for key, facility_id, kind, sentence in failed],
        )


def _set_aside_alone(message_id: int, error: Exception, at: datetime | None) -> None:
    """Take the message out of the queue that nothing can be done with, and keep it for people to look at."""
    place = place_of(error)
    told = {"message_id": message_id, "error": type(error).__name__, "place": place}
    _log.error("a message is set aside", extra=told)
    sentence = (
        f"The program failed to apply this message ({type(error).__name__} at {place}). Report the fault;"
        " replay the message when it is repaired."
    )
    with begin(_ACTOR, at=at) as work:
        facility_id = work.value("select facility_id from inbound_pending where message_id = %s", (message_id,))
        if work.write("inbound_pending", "delete from inbound_pending where message_id = %s", (message_id,)):
            _set_aside(work, [(message_id, facility_id, NOT_APPLIED, sentence)])
        work.record(MessagesApplied(applied=0, set_aside=1))


def _note_reuse(work: Work, messages: Sequence[int]) -> None:
    """Two different messages under one control id are both applied, and reported (D-3)."""
    reused = reused_control_ids(work, messages)
    if reused:
        work.write_many(
            "census_exception",
            "insert into census_exception (facility_id, kind, subject, component, message_id, opened_at)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            [(one.facility_id, ExceptionKind.CONTROL_ID_REUSE.value, one.control_id, COMPONENT, one.id, work.now)
             for one in reused],
        )  # fmt: skip
