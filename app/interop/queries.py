"""What the interfaces read: the feeds and their habits, waiting messages, stored messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from app.census.terms import DEFAULT_CLASS_MAP, FeedPolicy, PatientClass
from app.interop.hl7 import Message
from app.platform.work import Reading


class FeedRow(msgspec.Struct, frozen=True):
    """One feed as it is set up, with the time zone of its facility."""

    facility_id: int
    code: str
    timezone: str
    authority: str
    aliases: list[str]
    port: int | None
    charset: str
    processing_ids: str
    a08_moves: bool
    a08_class: bool
    enhanced: bool
    classes: dict[str, str]


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """One feed as the inbox uses it. `names` are the values of MSH-4 that belong to it, in capitals."""

    facility_id: int
    policy: FeedPolicy
    port: int | None
    charset: str
    enhanced: bool
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Feeds:
    """All feeds, and the rule by which a message finds its own (W-FAC)."""

    all: tuple[FeedSettings, ...]

    def by_facility(self, facility_id: int | None) -> FeedSettings | None:
        """The feed of a facility."""
        return next((feed for feed in self.all if feed.facility_id == facility_id), None)

    def by_port(self, port: int | None) -> FeedSettings | None:
        """The feed that has the port to itself, or the only feed there is."""
        if port is not None:
            for feed in self.all:
                if feed.port == port:
                    return feed
        return self.all[0] if len(self.all) == 1 else None

    def by_sender(self, message: Message) -> FeedSettings | None:
        """The one feed whose authority or alias MSH-4 names, by its name or its universal id. Two are as none."""
        for component in (1, 2):
            name = message.header.text(4, component).strip().upper()
            found = [feed for feed in self.all if name in feed.names] if name else []
            if len(found) == 1:
                return found[0]
        return None


def feeds(view: Reading) -> Feeds:
    """The feeds as they are set up at this moment."""
    rows = view.rows(
        FeedRow,
        "select f.facility_id, p.code, p.timezone, f.authority, f.aliases, f.port, f.charset, f.processing_ids,"
        " f.a08_moves, f.a08_class, f.enhanced, f.classes"
        " from feed f join facility p on p.id = f.facility_id order by f.facility_id",
    )
    return Feeds(tuple(_settings(row) for row in rows))


def _settings(row: FeedRow) -> FeedSettings:
    return FeedSettings(
        facility_id=row.facility_id,
        policy=policy_of(row),
        port=row.port,
        charset=row.charset,
        enhanced=row.enhanced,
        names=frozenset(name.strip().upper() for name in (row.authority, *row.aliases) if name.strip()),
    )


def policy_of(row: FeedRow) -> FeedPolicy:
    """The habits of a feed as the fold knows them; facts carry the key of the facility as the name of their feed."""
    own = {code.strip().upper(): PatientClass(word) for code, word in row.classes.items()}
    return FeedPolicy(
        feed=str(row.facility_id),
        timezone=row.timezone,
        default_authority=row.authority,
        a08_moves=row.a08_moves,
        a08_class=row.a08_class,
        class_map={**DEFAULT_CLASS_MAP, **own},
        processing_ids=frozenset(row.processing_ids.replace(",", " ").split()),
    )


class Stored(msgspec.Struct, frozen=True):
    """A stored message on its way into the census. `facility_id` is where it belongs, None while that is unknown."""

    id: int
    facility_id: int | None
    raw: bytes
    received_at: datetime
    source: str = "mllp"


def waiting(view: Reading, count: int) -> list[Stored]:
    """The longest waiting messages in the order of receipt, locked against others that drain."""
    return view.rows(
        Stored,
        "select m.id, w.facility_id, m.raw, m.received_at, m.source from inbound_pending w"
        " join inbound_message m on m.id = w.message_id order by w.message_id limit %s for update of w",
        (count,),
    )


class Reused(msgspec.Struct, frozen=True):
    """A message whose control id its sender had used before for another one."""

    id: int
    facility_id: int
    control_id: str


def reused_control_ids(view: Reading, messages: Sequence[int]) -> list[Reused]:
    """Those of the given messages that share the control id with another accepted message of their sender (D-3)."""
    return view.rows(
        Reused,
        "select distinct on (m.facility_id, m.control_id) m.id, m.facility_id, m.control_id from inbound_message m"
        " join inbound_message o on o.facility_id = m.facility_id and o.sending_application = m.sending_application"
        " and o.sending_facility = m.sending_facility and o.control_id = m.control_id and o.digest <> m.digest"
        " and o.refusal = ''"
        " where m.id = any(%s) and m.facility_id is not null order by m.facility_id, m.control_id, m.id desc",
        (list(messages),),
    )


class Parked(msgspec.Struct, frozen=True):
    """Who sent messages that belong to no known facility."""

    sending_facility: str
    sample: bytes


def parked_senders(view: Reading) -> list[Parked]:
    """Each sender of parked messages, with one of them."""
    return view.rows(
        Parked,
        "select distinct on (m.sending_facility) m.sending_facility, m.raw from inbound_problem p"
        " join inbound_message m on m.id = p.message_id"
        " where p.closed_at is null and p.kind = 'UNKNOWN_FACILITY' order by m.sending_facility, m.id",
    )


class StoredMessage(msgspec.Struct, frozen=True):
    """A stored message and whether the census knows of it already, or soon will."""

    id: int
    facility_id: int | None
    raw: bytes
    received_at: datetime
    source: str
    applied: bool


def stored_message(view: Reading, message_id: int) -> StoredMessage:
    """One message; NotFound when there is none in scope."""
    return view.one(
        StoredMessage,
        "select m.id, m.facility_id, m.raw, m.received_at, m.source,"
        " exists (select from adt_fact f where f.message_id = m.id)"
        " or exists (select from inbound_pending w where w.message_id = m.id)"
        " from inbound_message m where m.id = %s",
        (message_id,),
        "There is no such message, or it belongs to another facility.",
    )


def open_problems(view: Reading) -> list[int]:
    """The messages that are parked or set aside, in the order of receipt."""
    return view.values("select message_id from inbound_problem where closed_at is null order by message_id")


class Sent(msgspec.Struct, frozen=True):
    """A message as its sender names it."""

    application: str
    facility: str
    control_id: str
    digest: bytes


def stored_ids(view: Reading, facility_id: int, messages: Sequence[Sent]) -> dict[bytes, int]:
    """The keys of messages that a facility sent before, by their digests."""
    found = view.connection.execute(
        "select m.digest, m.id from inbound_message m"
        " join unnest(%b::text[], %b::text[], %b::text[], %b::bytea[]) as s (application, facility, control_id, digest)"
        " on m.sending_application = s.application and m.sending_facility = s.facility"
        " and m.control_id = s.control_id and m.digest = s.digest where m.facility_id = %s",
        (
            [one.application for one in messages],
            [one.facility for one in messages],
            [one.control_id for one in messages],
            [one.digest for one in messages],
            facility_id,
        ),
    ).fetchall()
    return {bytes(digest): key for digest, key in found}


def keys_of(view: Reading, messages: Sequence[int]) -> list[str]:
    """The numbers by which the facts of these messages are connected with others."""
    return view.values("select distinct unnest(keys) from adt_fact where message_id = any(%s)", (list(messages),))


def unapplied(view: Reading, messages: Sequence[int]) -> dict[int, str]:
    """Why stored messages are not applied."""
    found = view.connection.execute(
        "select message_id, sentence from inbound_problem where closed_at is null and message_id = any(%s)",
        (list(messages),),
    ).fetchall()
    return dict(found)


class LastMessage(msgspec.Struct, frozen=True):
    """The newest message of one sender of a feed: where the sender goes on after a restore."""

    facility: str
    sending_application: str
    sending_facility: str
    control_id: str
    event: str
    received_at: datetime


_LAST = """
select distinct on (f.code, m.sending_application, m.sending_facility) f.code, m.sending_application,
  m.sending_facility, m.control_id, m.event, m.received_at
from facility f
  cross join lateral (select max(l.received_at) - interval '7 days' as since from inbound_message l
    where l.facility_id = f.id) newest
  join inbound_message m on m.facility_id = f.id and m.received_at >= newest.since
where m.source = 'mllp' and m.ack = 'AA'
order by f.code, m.sending_application, m.sending_facility, m.id desc
"""


def last_messages(view: Reading) -> list[LastMessage]:
    """The last accepted message of every sender that spoke in the last week of its feed."""
    return view.rows(LastMessage, _LAST)
