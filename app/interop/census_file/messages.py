"""The messages of census files and repairs, kept beside those of the feed."""

import hashlib
from collections.abc import Sequence

from app.census.commands import apply_facts
from app.interop.census_file.facts import APPLICATION, Saying, fact_of_saying
from app.interop.intake.messages import name_of
from app.interop.queries import Sent, stored_ids
from app.platform.work import Work

_INSERT = """
with given as (
  select * from unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::bytea[]) with ordinality
  as t (source, application, control_id, event, digest, raw, place)),
fresh as (
  insert into inbound_message (received_at, source, origin, facility_id, sending_application, control_id, event,
    digest, raw, ack)
  select %s, source, %s, %s, application, control_id, event, digest, raw, 'AA' from given order by place
  on conflict do nothing returning id, facility_id, digest),
queued as (
  insert into inbound_pending (message_id, facility_id) select id, facility_id from fresh where %s)
select id, digest from fresh
"""


def keep(work: Work, facility_id: int, origin: str, sayings: Sequence[Saying], *, queue: bool) -> list[int]:
    """Store messages and return their keys in order; one that is stored already keeps its key.

    With `queue` the new ones wait for the duty that applies messages; without it the caller applies them.
    """
    if not sayings:
        return []
    raws = [one.raw() for one in sayings]
    digests = [hashlib.sha256(raw).digest() for raw in raws]
    work.written.add("inbound_message")
    stored = work.connection.execute(
        _INSERT,
        ([one.source for one in sayings], [APPLICATION[one.source] for one in sayings],
         [name_of(one.name) for one in sayings], [one.event for one in sayings], digests, raws,
         work.now, name_of(origin), facility_id, queue),
    ).fetchall()  # fmt: skip
    keys = {bytes(digest): key for key, digest in stored}
    known = [
        Sent(APPLICATION[one.source], "", name_of(one.name), digest)
        for one, digest in zip(sayings, digests, strict=True)
        if digest not in keys
    ]
    if known:
        keys |= stored_ids(work, facility_id, known)
    if queue:
        work.signal("daybook_inbox")
    return [keys[digest] for digest in digests]


def say(work: Work, facility_id: int, origin: str, sayings: Sequence[Saying]) -> list[int]:
    """Store messages and apply them at once, in this transaction. `work` must reach all facilities."""
    keys = keep(work, facility_id, origin, sayings, queue=False)
    facts = [fact_of_saying(one, str(facility_id), key) for one, key in zip(sayings, keys, strict=True)]
    apply_facts(work, facts)
    return keys
