"""Messages of files, through the same pipeline as those of a connection: stored, answered, applied."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from app.census.facilities import facility_by_code
from app.census.rules import fold
from app.census.storage.kept import connected, houses
from app.interop import hl7
from app.interop.framing import LIMIT, Oversized
from app.interop.inbox import Receipt, Source, drain, receive
from app.interop.intake.messages import name_of
from app.interop.queries import Sent, keys_of, stored_ids, unapplied
from app.platform.work import Reading, begin, everywhere, reading

TOGETHER = 500
_ACTOR = everywhere("import")


class Imported(msgspec.Struct):
    """What became of one message, as `daybook import hl7` prints it. None where there is nothing to say.

    `encounter` is the present number of the stay that the message tells of, with its authority before it unless that
    is the feed's own.
    """

    control_id: str | None
    event: str | None
    ack: str
    error: str | None
    encounter: str | None = None


class _Taken(msgspec.Struct):
    """A message on its way; `id` is None while it is only known to have been stored before."""

    line: Imported
    sent: Sent
    id: int | None


def import_files(code: str, paths: Sequence[Path]) -> Iterator[Imported]:
    """Take all messages of the files for one facility, apply them, and tell what became of each, in order.

    Everything is stored before the first is applied, so that a stay is folded once and not once per message. Raises
    Refused where there is no such facility, OSError where a file cannot be read.
    """
    with begin(_ACTOR) as work:
        facility_id = facility_by_code(work, code).id
    taken: list[_Taken] = []
    for path in paths:
        source = Source("file", path.name, facility_id=facility_id)
        for group in _groups(_messages(path.read_bytes())):
            taken.extend(_taken(receipt) for receipt in receive(group, source))
    while drain():
        pass
    for start in range(0, len(taken), TOGETHER):
        part = taken[start : start + TOGETHER]
        with reading(_ACTOR) as view:
            _find_out(view, facility_id, part)
        yield from (one.line for one in part)


def _messages(data: bytes) -> Iterator[bytes | Oversized]:
    for message in hl7.split_messages(data):
        yield message if len(message) <= LIMIT else Oversized(message[:4096], len(message))


def _groups(messages: Iterable[bytes | Oversized]) -> Iterator[list[bytes | Oversized]]:
    rest = iter(messages)
    while group := list(islice(rest, TOGETHER)):
        yield group


def _taken(receipt: Receipt) -> _Taken:
    message = receipt.message
    sender = (message.sending_application, message.sending_facility) if message else ("", "")
    return _Taken(
        line=Imported(
            control_id=receipt.control_id or None,
            event=receipt.event or None,
            ack=receipt.code,
            error=receipt.answer.sentence or None,
        ),
        sent=Sent(name_of(sender[0]), name_of(sender[1]), name_of(receipt.control_id), receipt.digest),
        id=receipt.id,
    )


def _find_out(view: Reading, facility_id: int, taken: Sequence[_Taken]) -> None:
    """Complete the lines: to which stay each message belongs now, or why it is not applied."""
    known = stored_ids(view, facility_id, [one.sent for one in taken if one.id is None])
    for one in taken:
        one.id = known.get(one.sent.digest) if one.id is None else one.id
    ids = [one.id for one in taken if one.id is not None]
    stays, failed = stays_of(view, facility_id, ids), unapplied(view, ids)
    for one in taken:
        if one.id is not None:
            one.line.encounter = stays.get(one.id)
            one.line.error = one.line.error or failed.get(one.id)


def stays_of(view: Reading, facility_id: int, messages: Sequence[int]) -> dict[int, str]:
    """The present number of the stay that each message tells of, with its authority unless that is the feed's own."""
    places = houses(view)
    facts = connected(view, keys_of(view, messages)).facts
    folded = fold(facts, {name: place.policy for name, place in places.items()})
    own = f"{view.value('select authority from feed where facility_id = %s', (facility_id,))}|"
    named = {fact.sequence: fact.groups[0].visit if fact.groups else None for fact in facts}
    found: dict[int, str] = {}
    for key, state in folded.encounters.items():
        for sequence in state.sequences:
            if sequence not in found or named.get(sequence) in state.numbers:  # a bed swap tells of two stays
                found[sequence] = key.removeprefix(own)
    return found
