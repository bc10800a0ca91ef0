"""Messages of files, through the same pipeline as those of a connection: stored, answered, applied."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from app.census.facilities import facility_by_code
from app.interop import hl7
from app.interop.framing import LIMIT, Oversized
from app.interop.inbox import Receipt, Source, drain, receive
from app.interop.queries import encounters_of, feeds, unapplied
from app.platform.work import begin, everywhere, reading

TOGETHER = 500
_ACTOR = everywhere("import")


class Imported(msgspec.Struct, frozen=True):
    """What became of one message, as `daybook import hl7` prints it. None where there is nothing to say."""

    control_id: str | None
    event: str | None
    ack: str
    error: str | None
    encounter: str | None


def import_files(code: str, paths: Sequence[Path]) -> Iterator[Imported]:
    """Take all messages of the files for one facility, apply them, and tell what became of each, in order.

    Everything is stored before the first is applied, so that a stay is folded once and not once per message. Raises
    Refused where there is no such facility, OSError where a file cannot be read.
    """
    with begin(_ACTOR) as work:
        facility_id = facility_by_code(work, code).id
    receipts: list[Receipt] = []
    for path in paths:
        source = Source("file", path.name, facility_id=facility_id)
        for group in _groups(_messages(path.read_bytes())):
            receipts.extend(receive(group, source))
    while drain():
        pass
    for start in range(0, len(receipts), TOGETHER):
        yield from _told(receipts[start : start + TOGETHER], facility_id)


def _messages(data: bytes) -> Iterator[bytes | Oversized]:
    for message in hl7.split_messages(data):
        yield message if len(message) <= LIMIT else Oversized(message[:4096], len(message))


def _groups(messages: Iterable[bytes | Oversized]) -> Iterator[list[bytes | Oversized]]:
    rest = iter(messages)
    while group := list(islice(rest, TOGETHER)):
        yield group


def _told(receipts: Sequence[Receipt], facility_id: int) -> Iterator[Imported]:
    digests = [receipt.digest for receipt in receipts if not receipt.refusal]
    with reading(_ACTOR) as view:
        feed = feeds(view).by_facility(facility_id)
        own = f"{feed.policy.default_authority}|" if feed else ""
        stays = encounters_of(view, facility_id, digests)
        failed = unapplied(view, facility_id, digests)
    for receipt in receipts:
        stay = stays.get(receipt.digest) if not receipt.refusal else None
        error = receipt.answer.sentence if receipt.code[1] != "A" else failed.get(receipt.digest)
        yield Imported(
            control_id=receipt.control_id or None,
            event=receipt.event or None,
            ack=receipt.code,
            error=error or None,
            encounter=stay.removeprefix(own) if stay else None,
        )
