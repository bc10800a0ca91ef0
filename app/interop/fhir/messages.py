"""Stored FHIR messages: one self-contained bundle for each Encounter, and how a stored one is read again."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.census.terms import AdtFact
from app.interop.adt import NotAccepted
from app.interop.fhir.bundles import Found
from app.interop.fhir.facts.elements import part
from app.interop.fhir.facts.numbers import Habits
from app.interop.fhir.facts.stays import APPLICATION, control_id, to_fact
from app.interop.fhir.links import Linked
from app.interop.intake.events import MessagesReceived
from app.interop.queries import FeedSettings, Sent, Stored, stored_ids
from app.platform.work import Work

SOURCE = "fhir"
NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Message:
    """One message to be stored."""

    found: Found
    raw: bytes

    @property
    def control_id(self) -> str:
        return control_id(self.found.name, self.raw)[-NAME_LENGTH:].replace("\0", "")


@dataclass(frozen=True, slots=True)
class Kept:
    """Key of a stored message. `new` is false where the same bytes were stored before."""

    id: int
    new: bool


def bundle_of(linked: Linked) -> Message:
    """The Encounter first, then all that it needs, in an order that no file decides.

    The instant of the bundle in which it came is kept only where the Encounter bears none of its own: the same version
    in two bundles is the same message.
    """
    about = linked.encounter
    others = [held.found for held in linked.used.values() if held is not about]
    others.sort(key=lambda found: (found.type, found.name, found.raw))
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    if about.found.clock and not part(about.body, "meta").get("lastUpdated"):
        bundle["timestamp"] = about.found.clock
    bundle["entry"] = [_entry(found) for found in (about.found, *others)]
    return Message(about.found, msgspec.json.encode(bundle))


def _entry(found: Found) -> dict[str, Any]:
    resource = msgspec.Raw(found.raw)
    return {"fullUrl": found.url, "resource": resource} if found.url else {"resource": resource}


def deletion_of(found: Found) -> Message:
    """Says that the server deleted the resource, so that its stay never was."""
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "transaction"}
    if found.clock:
        bundle["timestamp"] = found.clock
    bundle["entry"] = [{"request": {"method": "DELETE", "url": found.name}}]
    return Message(found, msgspec.json.encode(bundle))


def read_message(stored: Stored, feed: FeedSettings) -> AdtFact | NotAccepted:
    """The fact of a stored message."""
    return to_fact(stored.raw, Habits(feed.policy, feed.names), stored.id, stored.received_at)


_INSERT = """
with given as (
  select * from unnest(%b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[]) with ordinality
  as t (control_id, event, origin, digest, raw, place)),
fresh as (
  insert into inbound_message (received_at, source, origin, facility_id, sending_application, control_id, event,
    digest, raw, ack)
  select %s, %s, origin, %s, %s, control_id, event, digest, raw, 'AA' from given order by place
  on conflict do nothing returning id, facility_id, digest),
queued as (insert into inbound_pending (message_id, facility_id) select id, facility_id from fresh)
select id, digest from fresh
"""


def store(work: Work, facility_id: int, messages: Sequence[Message]) -> list[Kept]:
    """Keep the messages and queue the new ones; in order. A repeated one keeps the key that it has."""
    digests = [hashlib.sha256(one.raw).digest() for one in messages]
    work.written.add("inbound_message")
    rows = work.connection.execute(
        _INSERT,
        ([one.control_id for one in messages], [one.found.type for one in messages],
         [one.found.place.partition(",")[0][:NAME_LENGTH].replace("\0", "") for one in messages], digests,
         [one.raw for one in messages], work.now, SOURCE, facility_id, APPLICATION),
    ).fetchall()  # fmt: skip
    new = {bytes(digest): key for key, digest in rows}
    known = [
        Sent(APPLICATION, "", one.control_id, digest)
        for one, digest in zip(messages, digests, strict=True)
        if digest not in new
    ]
    keys = new | (stored_ids(work, facility_id, known) if known else {})
    repeated = len(messages) - len(new)
    work.record(MessagesReceived(
        facility_id=facility_id, source=SOURCE, accepted=len(new), repeated=repeated, refused=0, parked=0,
    ))  # fmt: skip
    work.signal("daybook_feed", f"{facility_id} {work.now.isoformat()}")
    if new:
        work.signal("daybook_inbox")
    first: set[bytes] = set()
    kept = []
    for digest in digests:
        kept.append(Kept(keys[digest], digest in new and digest not in first))
        first.add(digest)
    return kept
