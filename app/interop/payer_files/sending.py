"""Sending to a payer: a file is made and stored first, then put into the payer's folder or fetched by hand."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.census.united import held_subject, subject
from app.interop.pas.writing import bundle
from app.interop.payer_files import folders
from app.interop.payer_files.building import Draft, draft
from app.interop.payer_files.events import ControlNumberTaken, PayerFileMade, PayerFileMoved
from app.interop.payer_files.models import PayerFileOut, PayerFileStep
from app.interop.payer_files.terms import FAILED, Format, Step
from app.interop.x12.terms import Control, Kind
from app.interop.x12.writing import interchange
from app.kernel.refusal import Refused
from app.kernel.wording import dated_text
from app.platform.work import Reading, Who, Work, begin, everywhere, reading
from app.web import packets
from app.web.packets import Leaving, Recipient

ACTOR = everywhere("payer files")
WRITE = "payer_files.write"
AGAIN_AFTER = timedelta(minutes=5)
NO_FILE = "There is no such file, or it lies outside what you may see."
_TRIAL = Control(1, 1, 1)
_SUFFIXES = {Format.X12: ".x12", Format.FHIR: ".json"}


@dataclass(frozen=True, slots=True)
class Send:
    """What is to be sent: the last request of an authorization, an inquiry after it, or a notification of the stay."""

    authorization_id: uuid.UUID
    kind: Kind


def preview(db: Reading, ask: Send) -> Draft:
    """What would be sent now. Refused where it was sent already, or cannot be said: CannotBeSaid with all reasons.
    ConsentMissing where it may not leave; what it would say can be read all the same: `readable`."""
    made = readable(db, ask)
    packets.let_pass(made.leaving, Recipient.PAYER)
    return made


def readable(db: Reading, ask: Send) -> Draft:
    """The same for people who may see the stay: also without the consent on which it could leave."""
    made = _draft(db, ask, uuid.UUID(int=0))
    _check_once(db, made)
    _written(made, _TRIAL, db.now)
    return made


def send(who: Who, ask: Send, *, at: datetime | None = None) -> uuid.UUID:
    """Make the file, store it, and let it be put into the payer's folder. Returns its key."""
    with reading(who, at=at) as db:
        exchange = preview(db, ask).exchange
    number = take_number(exchange.sender, exchange.receiver)
    key = uuid.uuid4()
    with begin(who, at=at) as work:
        made = _draft(work, ask, key)
        if (made.exchange.sender, made.exchange.receiver) != (exchange.sender, exchange.receiver):
            raise Refused("The addresses of this payer were changed just now. Send it again.")
        stay = held_subject(work, made.held.head.encounter_id)
        packets.let_pass(made.leaving, Recipient.PAYER)
        _check_once(work, made)
        content = _written(made, Control(number, number, number), work.now)
        row = work.add(PayerFileOut(
            id=key, facility_id=stay.facility_id, encounter_id=stay.encounter_id, authorization_id=made.held.id,
            request_id=made.asked.request_id if made.asked else None, payer_code=made.exchange.payer_code,
            format=made.exchange.format, kind=ask.kind.value, event_trace=made.said.request.event_trace,
            reference=made.said.reference, sender=exchange.sender, receiver=exchange.receiver, control=number,
            usage=made.exchange.usage, folder=made.exchange.outbox,
            name=f"{number:09d}-{ask.kind.value}-{key.hex[:12]}{_SUFFIXES[Format(made.exchange.format)]}",
            content=content, digest=hashlib.sha256(content).digest(), made_at=work.now, made_by=work.who.actor_id,
        ))  # fmt: skip
        work.record(PayerFileMade(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id, out_id=row.id,
            authorization_id=made.held.id, kind=row.kind, digest=row.digest.hex(),
            consent_id=made.leaving.consent_id,
        ))  # fmt: skip
        if row.folder:
            work.later(WRITE, once=f"{WRITE} {key}", out_id=str(key))
        work.changed(stay.facility_id, stay.encounter_id)
    return key


def _draft(db: Reading, ask: Send, key: uuid.UUID) -> Draft:
    return draft(db, ask.authorization_id, ask.kind, new_reference(key), notice_trace(key))


def _written(made: Draft, control: Control, at: datetime) -> bytes:
    """The bytes of the file, in the form that the payer takes. The same draft, numbers and instant give the same."""
    if made.exchange.format == Format.FHIR:
        return json.dumps(bundle(made.said, at, made.earlier), indent=1).encode("ascii")
    return interchange(made.said, made.exchange.envelope, control).encode("ascii")


def _check_once(db: Reading, made: Draft) -> None:
    """A request is one file, unless the payer did not take it. Inquiries may be sent again."""
    if made.said.kind is Kind.INQUIRY:
        return
    query = (
        "select o.made_at, coalesce((select s.step from payer_file_step s where s.out_id = o.id"
        " order by s.at desc, s.id desc limit 1), '') from payer_file_out o where o.authorization_id = %s"
        " and o.kind = %s and o.request_id is not distinct from %s order by o.made_at desc limit 1"
    )
    request_id = made.asked.request_id if made.asked else None
    for made_at, step in db.rows(_pair, query, (made.held.id, made.said.kind.value, request_id)):
        if step not in FAILED:
            raise Refused(f"This was sent already: {dated_text(made_at, made.stay.zone, db.now)}.")


def _pair(made_at: datetime, step: str) -> tuple[datetime, str]:
    return made_at, step


# --- numbers that are never used twice -------------------------------------------------------------------------------


def take_number(sender: str, receiver: str) -> int:
    """The next control number between two addresses: ISA13, GS06 and ST02 in one.

    It is committed before it is used: a transaction that fails afterwards leaves a gap, and no number comes twice. The
    row stays locked meanwhile, so that of two who ask at once the second gets the next number.
    """
    with begin(ACTOR) as work:
        number = work.value(
            "insert into payer_control (sender, receiver, last) values (%s, %s, 1)"
            " on conflict (sender, receiver) do update set last = payer_control.last + 1 returning last",
            (sender, receiver),
        )
        work.record(ControlNumberTaken(receiver=receiver, number=number))
    return int(number)


def new_reference(key: uuid.UUID) -> str:
    """Our number of a transmission (BHT03), out of the key of its file."""
    return f"R{key.hex[:20].upper()}"


def notice_trace(key: uuid.UUID) -> str:
    """The event trace of a notification, which repeats no request."""
    return f"N{key.hex[:20].upper()}"


# --- what becomes of a file ------------------------------------------------------------------------------------------


def note_step(work: Work, out: PayerFileOut, step: Step, detail: str = "", consent_id: uuid.UUID | None = None) -> None:
    """Say what happened to a file; pages of the stay show it."""
    work.add(PayerFileStep(
        out_id=out.id, facility_id=out.facility_id, encounter_id=out.encounter_id, step=step.value,
        detail=detail, at=work.now, by=work.who.actor_id,
    ))  # fmt: skip
    work.record(PayerFileMoved(
        facility_id=out.facility_id, encounter_id=out.encounter_id, out_id=out.id, step=step.value,
        consent_id=consent_id,
    ))  # fmt: skip
    work.changed(out.facility_id, out.encounter_id)


def write_file(out_id: str) -> None:
    """The job: put a file into its folder. A folder that cannot be written is tried again every five minutes.

    Killed after the file is there and before that is noted, it writes the same bytes under the same name once more;
    the control number tells the payer that they are the same. Where a consent is needed and does not hold any more,
    the file is held back for good: once there is another, it is made and sent anew.
    """
    with begin(ACTOR) as work:
        work.value("select pg_advisory_xact_lock(hashtext(%s))", (f"{WRITE} {out_id}",))
        out = work.get(PayerFileOut, uuid.UUID(out_id), NO_FILE)
        if _was(work, out, Step.WRITTEN) or _was(work, out, Step.HELD_BACK):
            return
        found = _leaving(work, out)
        if found.lacks_consent:
            note_step(work, out, Step.HELD_BACK, packets.MISSING[Recipient.PAYER])
            return
        try:
            folders.put(out.folder, out.name, out.content)
        except OSError as error:
            note_step(work, out, Step.NOT_WRITTEN, error.strerror or type(error).__name__)
            work.later(WRITE, once=f"{WRITE} {out_id} again", at=work.now + AGAIN_AFTER, out_id=out_id)
            return
        note_step(work, out, Step.WRITTEN, f"{out.folder}/{out.name}", found.consent_id)


def fetch_file(who: Who, out_id: uuid.UUID) -> PayerFileOut:
    """Take a file, to send it by hand. That it was taken is the proof that is kept of it. ConsentMissing where it may
    not leave."""
    with begin(who) as work:
        out = work.get(PayerFileOut, out_id, NO_FILE)
        found = packets.let_pass(_leaving(work, out), Recipient.PAYER)
        note_step(work, out, Step.FETCHED, consent_id=found.consent_id)
    return out


def _leaving(work: Work, out: PayerFileOut) -> Leaving:
    """Whether a file may leave now."""
    stay = subject(work, out.encounter_id)
    return packets.leaving(work, stay.encounter_id, Recipient.PAYER, stay.day(work.now))


def _was(work: Work, out: PayerFileOut, step: Step) -> bool:
    return bool(work.value(
        "select exists (select from payer_file_step where out_id = %s and step = %s)", (out.id, step.value)
    ))  # fmt: skip
