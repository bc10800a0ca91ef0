"""Facts in the database: stored for ever, and found again by the numbers that connect them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from app.census.terms import AdtFact, FeedPolicy
from app.platform.work import Reading, Work

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_decoder = msgspec.json.Decoder(AdtFact)
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class House:
    """One facility as the fold needs it. Facts name their feed by the key of the facility."""

    facility_id: int
    timezone: str
    kind: str
    policy: FeedPolicy


class Known(NamedTuple):
    """Facts, and when each was known, by its number."""

    facts: list[AdtFact]
    at: dict[int, datetime]


class _FeedRow(msgspec.Struct, frozen=True):
    facility_id: int
    timezone: str
    kind: str
    a08_moves: bool
    a08_class: bool


def houses(view: Reading) -> dict[str, House]:
    """The facilities and the habits of their feeds, by the name that facts use."""
    rows = view.rows(
        _FeedRow,
        "select p.id, p.timezone, p.kind, coalesce(f.a08_moves, true), coalesce(f.a08_class, true)"
        " from facility p left join feed f on f.facility_id = p.id",
    )
    return {
        str(row.facility_id): House(
            row.facility_id,
            row.timezone,
            row.kind,
            FeedPolicy(
                feed=str(row.facility_id), timezone=row.timezone, a08_moves=row.a08_moves, a08_class=row.a08_class
            ),
        )
        for row in rows
    }


def store(work: Work, facts: Sequence[AdtFact], known: Mapping[int, datetime]) -> set[int]:
    """Keep the facts, each with the instant at which it was known; returns the numbers of those that are new.

    One that is kept already (the same message) stays as it is.
    """
    rows = [
        {
            "message_id": fact.sequence,
            "facility_id": int(fact.feed),
            "recorded_at": fact.recorded,
            "known_at": known.get(fact.sequence, fact.recorded),
            "keys": clean_keys(fact),
            "payload": msgspec.Raw(_text(fact)),
        }
        for fact in facts
    ]
    work.written.add("adt_fact")
    new = work.values(
        "insert into adt_fact (message_id, facility_id, recorded_at, known_at, keys, payload)"
        " select message_id, facility_id, recorded_at, known_at, keys, payload"
        " from json_populate_recordset(null::adt_fact, %s::json) on conflict (message_id) do nothing"
        " returning message_id",
        (_encoder.encode(rows).decode(),),
    )
    return set(new)


def clean_keys(fact: AdtFact) -> list[str]:
    """The connecting numbers as the database can hold them."""
    return [key.replace("\0", "") for key in fact.keys]


def _text(fact: AdtFact) -> bytes:
    text = _encoder.encode(fact)
    return _NUL.sub(rb"\1", text) if b"\\u0000" in text else text  # the database knows no such character


def connected(view: Reading, keys: Iterable[str]) -> Known:
    """All stored facts that are connected with these numbers, transitively."""
    query = "select payload, known_at from connected_facts(%s::varchar[])"
    return _known(view.rows(_pair, query, (list(dict.fromkeys(keys)),)))


def by_number(view: Reading, messages: Sequence[int]) -> Known:
    """The facts of these messages."""
    query = "select payload::text, known_at from adt_fact where message_id = any(%s)"
    return _known(view.rows(_pair, query, (list(messages),)))


def _known(found: Iterable[tuple[str, datetime]]) -> Known:
    facts, at = [], {}
    for text, moment in found:
        fact = _decoder.decode(text)
        facts.append(fact)
        at[fact.sequence] = moment
    return Known(facts, at)


def components(view: Reading) -> Iterable[list[int]]:
    """All messages, those together that numbers connect, transitively."""
    parents: dict[int, int] = {}

    def root(message: int) -> int:
        while parents[message] != message:
            parents[message] = parents[parents[message]]
            message = parents[message]
        return message

    first: dict[str, int] = {}
    for message, keys in view.rows(_pair, "select message_id, keys from adt_fact order by message_id"):
        parents[message] = message
        for key in keys:
            other = root(first.setdefault(key, message))
            parents[max(other, root(message))] = min(other, root(message))
    found: dict[int, list[int]] = {}
    for message in parents:
        found.setdefault(root(message), []).append(message)
    return found.values()


def _pair(one: Any, other: Any) -> tuple[Any, Any]:
    return one, other
