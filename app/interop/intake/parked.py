"""Messages that are kept but not applied: parked until their facility is known, or replayed after a repair."""

import time
from datetime import datetime

from sqlalchemy import Engine

from app.census.terms import ExceptionKind
from app.interop import hl7
from app.interop.adt import NotAccepted
from app.interop.hl7 import Unparseable
from app.interop.intake.events import MessageReplayed, ParkedMessagesReleased
from app.interop.intake.messages import COMPONENT, UNKNOWN_FACILITY, fact_of
from app.interop.queries import Feeds, Stored, feeds, open_problems, parked_senders, stored_message
from app.kernel.refusal import Refused
from app.platform.work import Work, begin, engine, everywhere

RELEASE_SECONDS = 10.0
_ACTOR = everywhere("adt")
_released: tuple[Engine, Feeds, float] | None = None


def release_parked(*, at: datetime | None = None) -> int:
    """Queue the messages whose facility is known by now; returns how many.

    Looks whenever the feeds have changed, and now and then in case a message was parked at that same moment.
    """
    global _released
    with begin(_ACTOR, at=at) as work:
        known, moment = feeds(work), time.monotonic()
        last = _released
        if last and last[0] is engine() and last[1] == known and moment - last[2] < RELEASE_SECONDS:
            return 0
        count = sum(_release(work, sender.sending_facility, sender.sample, known) for sender in parked_senders(work))
    _released = (engine(), known, moment)
    return count


def _release(work: Work, sender: str, sample: bytes, known: Feeds) -> int:
    # Only the name decides: while facilities are set up one after the other, the first must not swallow what is meant
    # for the second.
    feed = known.by_sender(hl7.parse(sample))
    if feed is None:
        return 0
    count = work.write(
        "inbound_problem",
        "with released as (update inbound_problem p set closed_at = %s, facility_id = %s from inbound_message m"
        " where m.id = p.message_id and m.sending_facility = %s and p.kind = %s and p.closed_at is null"
        " returning p.message_id)"
        " insert into inbound_pending (message_id, facility_id) select message_id, %s from released"
        " on conflict do nothing",
        (work.now, feed.facility_id, sender, ExceptionKind.UNKNOWN_FACILITY.value, feed.facility_id),
    )
    work.record(ParkedMessagesReleased(facility_id=feed.facility_id, count=count))
    return count


def replay_message(work: Work, message_id: int) -> None:
    """Send a stored message that was refused, parked or set aside into the pipeline once more.

    Raises Refused with the reason where it would fail again, NotFound where the message lies out of scope.
    """
    stored = stored_message(work, message_id)
    if stored.applied:
        raise Refused("This message is applied or waits to be applied; replaying it would change nothing.")
    known = feeds(work)
    try:
        feed = known.by_facility(stored.facility_id) or known.by_sender(hl7.parse(stored.raw))
    except Unparseable as error:
        raise Refused(error.sentence) from error
    if feed is None:
        raise Refused(UNKNOWN_FACILITY)
    outcome = fact_of(Stored(stored.id, feed.facility_id, stored.raw, stored.received_at, stored.source), known)
    if isinstance(outcome, NotAccepted):
        raise Refused(outcome.sentence)
    work.write(
        "inbound_pending",
        "insert into inbound_pending (message_id, facility_id) values (%s, %s) on conflict do nothing",
        (message_id, feed.facility_id),
    )
    for table, more in (("inbound_problem", ""), ("census_exception", f" and component = '{COMPONENT}'")):
        work.write(
            table,
            f"update {table} set closed_at = %s where message_id = %s and closed_at is null{more}",
            (work.now, message_id),
        )
    work.record(MessageReplayed(message_id=message_id, facility_id=feed.facility_id))
    work.signal("daybook_inbox")


def replay_all(work: Work) -> tuple[int, int]:
    """Replay every message that is parked or set aside. Returns how many were queued and how many would fail again."""
    queued = refused = 0
    for message_id in open_problems(work):
        try:
            replay_message(work, message_id)
            queued += 1
        except Refused:
            refused += 1
    return queued, refused
