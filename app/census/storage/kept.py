"""Facts in the database: stored for ever, and found again by the numbers that connect them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from app.census.terms import AdtFact, FeedPolicy
from app.platform.work import Reading, Work

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_SEPARATOR = "\x1f"
_decoder = msgspec.json.Decoder(AdtFact)
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class House:
    """One facility as the fold needs it. Facts name their feed by the key of the facility."""

    facility_id: int
    timezone: str
    kind: str
    policy: FeedPolicy


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


def store(work: Work, facts: Sequence[AdtFact]) -> None:
    """Keep the facts; one that is kept already (the same message) stays as it is."""
    work.write(
        "adt_fact",
        "insert into adt_fact (message_id, facility_id, recorded_at, keys, payload)"
        " select id, facility, recorded, string_to_array(keys, %s), payload::jsonb"
        " from unnest(%s::bigint[], %s::smallint[], %s::timestamptz[], %s::text[], %s::text[])"
        " as given (id, facility, recorded, keys, payload) on conflict (message_id) do nothing",
        (
            _SEPARATOR,
            [fact.sequence for fact in facts],
            [int(fact.feed) for fact in facts],
            [fact.recorded for fact in facts],
            [_SEPARATOR.join(clean_keys(fact)) for fact in facts],
            [_text(fact) for fact in facts],
        ),
    )


def clean_keys(fact: AdtFact) -> list[str]:
    """The connecting numbers as the database can hold them."""
    return [key.replace("\0", "").replace(_SEPARATOR, "") for key in fact.keys]


def _text(fact: AdtFact) -> str:
    text = _encoder.encode(fact).decode()
    return _NUL.sub(r"\1", text) if "\\u0000" in text else text  # the database knows no such character


def connected(view: Reading, keys: Iterable[str]) -> list[AdtFact]:
    """All stored facts that are connected with these numbers, transitively."""
    found = view.values("select payload from connected_facts(%s::varchar[])", (list(dict.fromkeys(keys)),))
    return [_decoder.decode(text) for text in found]


def everything(view: Reading) -> list[AdtFact]:
    """All facts there are, for a fold of the whole house."""
    return [_decoder.decode(text) for text in view.values("select payload::text from adt_fact order by message_id")]
