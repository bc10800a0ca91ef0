"""To which request of ours an answer belongs, and whether it fits: what does not fit is put before people."""

import uuid
from dataclasses import dataclass, field

import msgspec

from app.interop.payer_files.building import Stay, stay_of
from app.interop.payer_files.settings import Exchange
from app.interop.payer_files.terms import ItemKind, ItemState, Told
from app.interop.x12.terms import Acknowledgement, Answer, Rejection, Taken
from app.payers.authorizations.queries import AskedVersion, Authorization, authorization, request_by_trace
from app.payers.authorizations.terms import Channel
from app.payers.requests.rules import covered
from app.payers.requests.terms import Decision
from app.platform.work import Reading

NO_REQUEST = "It repeats no request that was recorded here."
REASONS = {
    "15": "required data are missing", "33": "data are wrong", "42": "the payer cannot answer now",
    "67": "the patient was not found", "72": "the member id is not valid", "75": "the subscriber was not found",
    "95": "the patient is not eligible",
}  # fmt: skip
FOLLOW_UPS = {
    "C": "correct and send again", "N": "do not send again", "R": "it may be sent again", "W": "wait and send again",
    "P": "send again later",
}  # fmt: skip


class Sent(msgspec.Struct):
    """A file of ours that an answer may be about."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    authorization_id: uuid.UUID
    request_id: uuid.UUID | None
    facility_id: int
    payer_code: str


@dataclass(frozen=True, slots=True)
class Match:
    """What was found that an answer belongs to."""

    held: Authorization | None = None
    asked: AskedVersion | None = None
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a part of a file; `sentence` says why, without anything of a patient.

    `state` APPLIED: the decision is to be recorded.
    """

    state: ItemState
    sentence: str = ""
    match: Match = field(default_factory=Match)


_SENT = "select id, encounter_id, authorization_id, request_id, facility_id, payer_code from payer_file_out"


def judge(db: Reading, exchange: Exchange, part: Told) -> Verdict:
    """Look for what a part of a file is about."""
    if part.acknowledgement is not None:
        return _acknowledged(db, exchange, part.acknowledgement)
    if part.answer is None:
        return Verdict(ItemState.HELD, part.sentence)
    match = _match(db, exchange, part.answer)
    if part.sentence:
        return Verdict(ItemState.HELD, part.sentence, match)
    stranger = _stranger(exchange, part.answer, match)
    if stranger:
        return Verdict(ItemState.HELD, stranger, match)
    if part.kind is ItemKind.RECEIPT:
        known = match.sent is not None
        return Verdict(ItemState.NOTED if known else ItemState.HELD, "" if known else NO_REQUEST, match)
    if match.held is None:
        return Verdict(ItemState.HELD, NO_REQUEST, match)
    if part.kind is ItemKind.REJECTION:
        return Verdict(ItemState.REJECTED, rejection_text(part.answer.rejections), match)
    return _decided(db, part.answer, match)


def rejection_text(rejections: tuple[Rejection, ...]) -> str:
    """Why a payer did not take a request up, and what it asks for."""
    texts = []
    for one in rejections:
        why = REASONS.get(one.reason, "see the payer’s guide")
        todo = f"; {FOLLOW_UPS[one.follow_up]}" if one.follow_up in FOLLOW_UPS else ""
        texts.append(f"{one.level.capitalize()}, reason {one.reason}: {why}{todo}.")
    return " ".join(dict.fromkeys(texts))


def _acknowledged(db: Reading, exchange: Exchange, found: Acknowledgement) -> Verdict:
    digits = (found.interchange or found.group or "").strip()
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else 0
    query = f"{_SENT} where receiver = %s and sender = %s and control = %s order by made_at desc limit 1"
    sent = next(iter(db.rows(Sent, query, (exchange.receiver, exchange.sender, number))), None)
    if sent is None:
        return Verdict(ItemState.HELD, "It acknowledges a file that was not sent from here.")
    match = Match(sent=sent)
    if found.taken is Taken.REFUSED:
        codes = f" ({'; '.join(found.codes)})" if found.codes else ""
        return Verdict(ItemState.REJECTED, f"The payer’s computer refused the file{codes}.", match)
    return Verdict(ItemState.NOTED, "", match)


def _match(db: Reading, exchange: Exchange, answer: Answer) -> Match:
    """By our event trace; where the payer did not get as far as an event, by our number of the transmission."""
    asked = request_by_trace(db, answer.event_trace) if answer.event_trace else None
    if answer.event_trace:
        query, value = f"{_SENT} where event_trace = %s order by made_at desc limit 1", answer.event_trace
    else:
        query, value = f"{_SENT} where reference = %s", answer.reference
    sent = next(iter(db.rows(Sent, query, (value,))), None)
    if asked is not None:
        return Match(authorization(db, asked.authorization_id), asked, sent)
    if sent is None or answer.event_trace:
        return Match(sent=sent)
    held = authorization(db, sent.authorization_id)
    return Match(
        held, next((one for one in held.asked if one.stands and one.request_id == sent.request_id), None), sent
    )


def _stranger(exchange: Exchange, answer: Answer, match: Match) -> str:
    """Why an answer is not one to our house, or not of this payer; empty when it is."""
    if answer.trace_origin and answer.trace_origin != exchange.trace_origin:
        return "Its event trace bears the origin (TRN03) of another sender."
    sent = match.sent
    if sent is not None and sent.facility_id != exchange.facility_id:
        return "It is about a file of another facility."
    if sent is not None and sent.payer_code != exchange.payer_code:
        return "It is about a file to another payer."
    if match.held is None:
        return ""
    head = match.held.head
    if head.facility_id != exchange.facility_id:
        return "It is about a request of another facility."
    if exchange.payer_code not in (head.payer_code, head.payer_name):
        return "It is about a request to another payer."
    return ""


def _decided(db: Reading, answer: Answer, match: Match) -> Verdict:
    held, asked, decision = match.held, match.asked, answer.decision
    if held is None or asked is None or decision is None:
        return Verdict(ItemState.HELD, NO_REQUEST, match)
    if held.head.ended_at is not None:
        return Verdict(ItemState.HELD, "The authorization was struck out.", match)
    stay = stay_of(db, held)
    if answer.member_id and stay.member_number and _bare(answer.member_id) != _bare(stay.member_number):
        return Verdict(ItemState.HELD, "It names another member id than the stay has.", match)
    if any(_same(one.decision, decision) for one in held.answers
           if one.stands and one.request_id == asked.request_id and one.channel == Channel.FILE):  # fmt: skip
        return Verdict(ItemState.REPEATED, "The same answer is recorded already.", match)
    misfit = _misfit(decision, asked, stay)
    return Verdict(ItemState.HELD if misfit else ItemState.APPLIED, misfit, match)


def _bare(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isalnum())


def _same(one: Decision, other: Decision) -> bool:
    """Whether two answers say the same, whenever they were given."""
    plain = [
        msgspec.structs.replace(given, decided_at=None, ranges=tuple(sorted(given.ranges))) for given in (one, other)
    ]
    return plain[0] == plain[1]


def _misfit(decision: Decision, asked: AskedVersion, stay: Stay) -> str:
    """Why the days of an answer cannot be those of this stay and request; empty when they can."""
    found = covered(decision, asked.request)
    if found.contradiction:
        return found.contradiction
    if not found.ranges:
        return ""
    first, until = found.ranges[0].first, found.ranges[-1].until
    begins, ends = stay.on(stay.begins), stay.on(stay.discharge_at)
    if begins is not None and first < begins:
        return "It authorizes days before the admission."
    if ends is not None and until > ends and not (asked.days and until <= asked.days.until):
        return "It authorizes days after the discharge that were not asked."
    if asked.days is not None and not any(
        one.first < asked.days.until and asked.days.first < one.until for one in found.ranges
    ):
        return "None of the days that it authorizes were asked."
    return ""
