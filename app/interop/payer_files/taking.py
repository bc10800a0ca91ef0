"""Files of payers: stored first, as they came; then each part is applied, noted, or put before people."""

import hashlib
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.interop.payer_files import folders
from app.interop.payer_files.events import PayerAnswerTaken, PayerFileRead, PayerFileReceived
from app.interop.payer_files.matching import Match, Sent, Verdict, judge
from app.interop.payer_files.models import PayerFileIn, PayerFileItem, PayerFileOut
from app.interop.payer_files.reading import told
from app.interop.payer_files.sending import note_step
from app.interop.payer_files.settings import exchange_of, exchanges
from app.interop.payer_files.terms import ItemKind, ItemState, Step, Told
from app.interop.x12.segments import LARGEST
from app.kernel.refusal import NotFound, Refused
from app.payers.authorizations.commands import record_decision
from app.payers.authorizations.forms import Received
from app.payers.authorizations.terms import Channel
from app.platform.now import now
from app.platform.work import Reading, Work, begin, everywhere, reading

ACTOR = everywhere("payer files")
READ, SETTLE = "payer_files.read", "payer_files.settle"
REST = timedelta(seconds=5)
"""A file that was written to more recently may not be whole yet."""
NO_FILE = "There is no such file, or it lies outside what you may see."
_log = logging.getLogger(__name__)
_STEPS = {ItemKind.DECISION: Step.ANSWERED, ItemKind.RECEIPT: Step.RECEIVED, ItemKind.REJECTION: Step.REJECTED}


@dataclass(frozen=True, slots=True)
class TakePayerFile:
    """A file of a payer. `folder` is the inbox in which it lay; empty: a person brought it."""

    facility_id: int
    payer_code: str
    name: str
    data: bytes
    folder: str = ""
    person: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The key of the stored file. `new` is false for bytes that were stored before: nothing follows from them."""

    file_id: uuid.UUID
    new: bool


# --- storing ---------------------------------------------------------------------------------------------------------


def take_from_folders() -> bool:
    """The standing duty: store what lies in the inboxes. A file leaves its inbox only when it is stored."""
    with reading(ACTOR) as db:
        known = [one for one in exchanges(db) if one.inbox]
    latest = (now() - REST).timestamp()
    for one in known:
        for found in folders.look(one.inbox):
            if found.written_at > latest:
                continue
            try:
                data = folders.read(found, LARGEST + 1)
                take(TakePayerFile(one.facility_id, one.payer_code, found.name, data, folder=one.inbox))
                folders.set_away(found)
            except OSError as error:  # this file is tried again; the others must not wait for it
                _log.warning("a file of a payer could not be taken", extra={"error": type(error).__name__})
    return False


def take(ask: TakePayerFile, *, at: datetime | None = None) -> Taken:
    """Store a file and let it be read. The same bytes are stored once. Refused for a file that is far too large."""
    if len(ask.data) > LARGEST and not ask.folder:
        raise Refused(f"The file is larger than {LARGEST // 1024 // 1024} MiB: it is no answer to our requests.")
    digest = hashlib.sha256(ask.data).digest()
    with begin(ACTOR, at=at) as work:
        work.value("select pg_advisory_xact_lock(hashtext('payer_files.take'))")
        query = "select id from payer_file_in where facility_id = %s and digest = %s"
        known = work.value(query, (ask.facility_id, digest))
        if known is not None:
            return Taken(known, False)
        exchange = exchange_of(work, ask.facility_id, ask.payer_code)
        row = work.add(PayerFileIn(
            facility_id=ask.facility_id, payer_code=ask.payer_code, format=exchange.format, name=ask.name[:200],
            folder=ask.folder, digest=digest, raw=ask.data, received_at=work.now, received_by=ask.person,
        ))  # fmt: skip
        work.record(PayerFileReceived(facility_id=row.facility_id, file_id=row.id, digest=digest.hex()))
        work.later(READ, once=f"{READ} {row.id}", file_id=str(row.id))
    return Taken(row.id, True)


# --- reading ---------------------------------------------------------------------------------------------------------


def read_file(file_id: str, *, at: datetime | None = None) -> list[uuid.UUID]:
    """Note which parts a stored file has, and let each be settled. Returns the keys of those that wait."""
    with begin(ACTOR, at=at) as work:
        file = work.get(PayerFileIn, uuid.UUID(file_id), NO_FILE)
        work.value("select pg_advisory_xact_lock(hashtext(%s))", (f"{READ} {file_id}",))
        if not work.value("select exists (select from payer_file_item where file_id = %s)", (file.id,)):
            parts = told(file.format, file.raw)
            for place, part in enumerate(parts):
                work.add(PayerFileItem(
                    file_id=file.id, place=place, facility_id=file.facility_id, kind=part.kind.value,
                    state=ItemState.WAITING.value, event_trace=part.answer.event_trace[:60] if part.answer else "",
                    action=_action(part), made_at=work.now,
                ))  # fmt: skip
            work.record(PayerFileRead(facility_id=file.facility_id, file_id=file.id, parts=len(parts)))
        waiting = work.values(
            "select id from payer_file_item where file_id = %s and ended_at is null and state = 'waiting'"
            " order by place",
            (file.id,),
        )
        for key in waiting:
            work.later(SETTLE, once=f"{SETTLE} {key}", item_id=str(key))
    return waiting


def _action(part: Told) -> str:
    return part.answer.decision.action.value if part.answer and part.answer.decision else ""


def read_waiting(file_id: str) -> None:
    """The job of a file that was stored."""
    read_file(file_id)


class StoredFile(msgspec.Struct):
    """A file of a payer as it is read anew."""

    id: uuid.UUID
    facility_id: int
    payer_code: str
    format: str
    name: str
    folder: str
    raw: bytes
    received_at: datetime


_ONE_FILE = (
    "select id, facility_id, payer_code, format, name, folder, raw, received_at from payer_file_in where id = %s"
)


def stored_file(db: Reading, file_id: uuid.UUID) -> StoredFile:
    """A stored file. For parts of the program: only a reading that reaches everywhere finds any."""
    return db.one(StoredFile, _ONE_FILE, (file_id,), missing=NO_FILE)


def part_of(file: StoredFile, place: int) -> Told:
    """One part of a stored file, read anew."""
    parts = told(file.format, file.raw)
    if place >= len(parts):
        raise NotFound("The file is read otherwise today than when it came. Settle it by hand.")
    return parts[place]


# --- settling --------------------------------------------------------------------------------------------------------


def settle_item(item_id: str, *, at: datetime | None = None) -> None:
    """The job: apply one part of a file, note it, or put it before people. What is settled already stays as it is."""
    key = uuid.UUID(item_id)
    try:
        with begin(ACTOR, at=at) as work:
            _settle(work, key, apply=True)
    except Refused as refused:
        with begin(ACTOR, at=at) as work:
            _settle(work, key, apply=False, sentence=refused.sentence)


def _settle(work: Work, key: uuid.UUID, *, apply: bool, sentence: str = "") -> None:
    item = work.lock(PayerFileItem, key, NO_FILE)
    if item.ended_at is not None or item.state != ItemState.WAITING:
        return
    file = stored_file(work, item.file_id)
    part = part_of(file, item.place)
    verdict = judge(work, exchange_of(work, file.facility_id, file.payer_code), part)
    if verdict.state is ItemState.APPLIED and not apply:
        verdict = Verdict(ItemState.HELD, sentence, verdict.match)
    decision_id = None
    if verdict.state is ItemState.APPLIED:
        decision_id = apply_decision(work, part, verdict.match)
    renew(work, item, verdict.state, sentence=verdict.sentence, decision_id=decision_id, **links(verdict.match))
    _note_with_file(work, part, verdict)
    work.record(PayerAnswerTaken(
        facility_id=item.facility_id, file_id=item.file_id, kind=item.kind, state=verdict.state.value,
        encounter_id=_stay(verdict.match),
    ))  # fmt: skip


def apply_decision(work: Work, part: Told, match: Match) -> uuid.UUID:
    """Record a decision with its authorization, as a person would who was told it. Raises what that command raises."""
    answer, held = part.answer, match.held
    if answer is None or answer.decision is None or held is None:
        raise Refused("This answer holds no decision that could be recorded.")
    received = Received(
        channel=Channel.FILE, from_whom=answer.contact[:100], request_id=match.asked.request_id if match.asked else None
    )
    return record_decision(work, held.id, answer.decision, received).decision_id


def renew(work: Work, item: PayerFileItem, state: ItemState, **changes: Any) -> PayerFileItem:
    """End the version of an item that stands, and say anew what became of it; what is not named stays as it is."""
    item.ended_at, item.ended_by = work.now, work.who.actor_id
    work.session.flush()
    kept = item.model_dump(exclude={"id", "state", "reason", "made_at", "made_by", "ended_at", "ended_by"})
    return work.add(PayerFileItem(
        **kept | changes, state=state.value, made_at=work.now, made_by=work.who.actor_id
    ))  # fmt: skip


def links(match: Match) -> dict[str, uuid.UUID | None]:
    """What an item belongs to, as its columns say it."""
    sent = match.sent
    return {
        "encounter_id": _stay(match),
        "authorization_id": match.held.id if match.held else sent.authorization_id if sent else None,
        "out_id": sent.id if sent else None,
    }


def _stay(match: Match) -> uuid.UUID | None:
    if match.held is not None:
        return match.held.head.encounter_id
    return match.sent.encounter_id if match.sent else None


def _note_with_file(work: Work, part: Told, verdict: Verdict) -> None:
    """What an answer means for the file of ours that it is about."""
    sent: Sent | None = verdict.match.sent
    if sent is None or verdict.state in (ItemState.HELD, ItemState.REPEATED):
        return
    if part.kind is ItemKind.ACKNOWLEDGEMENT:
        step = Step.REFUSED if verdict.state is ItemState.REJECTED else Step.ARRIVED
    else:
        step = _STEPS[part.kind]
    note_step(work, work.get(PayerFileOut, sent.id, NO_FILE), step, verdict.sentence)
