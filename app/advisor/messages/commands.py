"""Asking the attending physician, and recording the answer. What stands is ended, never rewritten."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.advisor.events import (
    AttendingAnswered,
    AttendingAnswerStruckOut,
    AttendingAsked,
    AttendingLinkMade,
    AttendingLinkRevoked,
    AttendingMessageWithdrawn,
)
from app.advisor.models import AttendingLink, AttendingMessage, AttendingReply
from app.advisor.steps import Step, back_to_rung, decides, held, moved, step
from app.advisor.terms import AnswerChannel, AttendingAnswer, EscalationAction, EscalationState
from app.census.united import Subject, held_subject, subject
from app.kernel.days import exists, instant_of
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work

NO_MESSAGE = "There is no such message, or it lies outside what you may see."
TIME_TO_ANSWER = timedelta(hours=4)
LINK_LASTS = timedelta(hours=24)
MOST_LINKS = 5
Words = Annotated[str, AfterValidator(str.strip)]


_WAITS = """
select true from attending_message m where m.encounter_id = %s and m.ended_at is null and m.question = %s
  and m.escalation_id is not distinct from %s
  and not exists (select from attending_reply r where r.message_id = m.id and r.ended_at is null) limit 1
"""


def _none(value: object) -> object:
    return None if value == "" else value


class AskAttending(BaseModel):
    """A question to the attending, in the words in which it is sent."""

    question: Annotated[Words, Field(min_length=3, max_length=600)]


class Reply(BaseModel):
    """What the attending answers."""

    answer: AttendingAnswer
    said: Annotated[Words, Field(max_length=1000)] = ""


class ToldReply(Reply):
    """What the attending answered by telephone: who, and when by the facility's clocks; without a time it is now."""

    answered_by: Annotated[Words, Field(min_length=3, max_length=120)]
    on: Annotated[date | None, BeforeValidator(_none)] = None
    at: Annotated[time | None, BeforeValidator(_none)] = None


class EndReply(BaseModel):
    """Why an answer does not count."""

    reason: Annotated[Words, Field(min_length=3, max_length=300)]


def ask_attending(
    work: Work, encounter_id: uuid.UUID, ask: AskAttending, escalation_id: uuid.UUID | None = None
) -> AttendingMessage:
    """Put a question to the attending physician of a stay. Refused where the feed has named none."""
    stay = held_subject(work, encounter_id)
    number, name = work.rows(
        lambda number, name: (number, name),
        "select attending_number, attending_name from encounter where id = %s",
        (stay.encounter_id,),
    )[0]
    if not number and not name:
        raise Refused("The feed has named no attending physician for this stay. Call the unit instead.")
    if work.value(_WAITS, (stay.encounter_id, ask.question, escalation_id)):
        raise Refused("This message waits for the attending already. Make a link to it, or call.", field="question")
    made = work.add(
        AttendingMessage(
            encounter_id=stay.encounter_id, facility_id=stay.facility_id, escalation_id=escalation_id,
            question=ask.question, attending_number=number, attending_name=name, due_at=work.now + TIME_TO_ANSWER,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        AttendingAsked(
            facility_id=made.facility_id, encounter_id=made.encounter_id, patient_id=stay.patient_id,
            message_id=made.id, escalation_id=escalation_id, due_at=made.due_at,
        )
    )  # fmt: skip
    work.changed(made.facility_id, made.encounter_id)
    return made


def open_message(work: Work, message_id: uuid.UUID) -> AttendingMessage:
    """A message that waits for its answer, locked. Refused when it has one or was withdrawn."""
    found = work.lock(AttendingMessage, message_id, NO_MESSAGE)
    if found.ended_at is not None:
        raise Refused("This message was withdrawn; it needs no answer any more.")
    if work.value("select id from attending_reply where message_id = %s and ended_at is null", (message_id,)):
        raise Refused("This message is answered already. Strike the answer out first if it is wrong.")
    return found


def reply_signed_in(work: Work, message_id: uuid.UUID, ask: Reply) -> AttendingReply:
    """The answer of the attending who is signed in; row policies let them reach their own patients only."""
    message = open_message(work, message_id)
    name = work.value("select display_name from app_user where id = %s", (work.who.actor_id,))
    return _store(work, message, ask, _How(AnswerChannel.SIGNED_IN, str(name or work.who.actor), work.now))


def reply_through_link(work: Work, message_id: uuid.UUID, ask: Reply) -> AttendingReply:
    """The answer through a link: by the attending to whom the message was put, as far as a link can tell."""
    message = open_message(work, message_id)
    name = message.attending_name or f"attending {message.attending_number}"
    return _store(work, message, ask, _How(AnswerChannel.LINK, name, work.now))


def record_reply(work: Work, message_id: uuid.UUID, ask: ToldReply) -> AttendingReply:
    """What was told by telephone, by whom and when."""
    message = open_message(work, message_id)
    stay = subject(work, message.encounter_id)
    at = _told_at(work, ask, stay)
    if at < message.made_at:
        raise Refused("This is before the message was put. Write when the attending answered.", field="at")
    return _store(work, message, ask, _How(AnswerChannel.TELEPHONE, ask.answered_by, at))


def strike_reply(work: Work, message_id: uuid.UUID, ask: EndReply) -> None:
    """Say that an answer was recorded by mistake; the message waits again."""
    message = work.lock(AttendingMessage, message_id, NO_MESSAGE)
    key = work.value("select id from attending_reply where message_id = %s and ended_at is null", (message_id,))
    if key is None:
        raise Refused("This message has no answer that could be struck out.")
    found = work.lock(AttendingReply, key)
    _may_strike(work, found)
    found.ended_at, found.ended_by, found.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(
        AttendingAnswerStruckOut(
            facility_id=message.facility_id, encounter_id=message.encounter_id, message_id=message.id,
            patient_id=subject(work, message.encounter_id).patient_id, answer=found.answer,
        )
    )  # fmt: skip
    work.changed(message.facility_id, message.encounter_id)


def _may_strike(work: Work, reply: AttendingReply) -> None:
    """Refused for an answer that the attending gave, unless by the attending or by a physician who decides.

    A disagreement decides how many members a determination needs, 42 CFR 482.30(d)(1): who asked does not remove it.
    """
    own = reply.channel == AnswerChannel.TELEPHONE or (reply.made_by is not None and reply.made_by == work.who.actor_id)
    if not own and not decides(work.who, reply.facility_id):
        raise Refused("The attending gave this answer. The attending or a physician who decides may strike it out.")


def withdraw_message(work: Work, message_id: uuid.UUID) -> None:
    """Say that no answer is needed any more; the links are closed, and the question is the rung's again."""
    message = open_message(work, message_id)
    message.ended_at, message.ended_by = work.now, work.who.actor_id
    _close_links(work, message_id)
    work.record(
        AttendingMessageWithdrawn(
            facility_id=message.facility_id, encounter_id=message.encounter_id, message_id=message.id,
            patient_id=subject(work, message.encounter_id).patient_id,
        )
    )  # fmt: skip
    work.changed(message.facility_id, message.encounter_id)
    _hear(work, message, "The message to the attending was withdrawn.")


def withdraw_messages_of(work: Work, escalation_id: uuid.UUID) -> None:
    """Withdraw what is still unanswered of a question that was answered, withdrawn or struck out itself."""
    query = (
        "select m.id from attending_message m where m.escalation_id = %s and m.ended_at is null and not exists"
        " (select from attending_reply r where r.message_id = m.id and r.ended_at is null)"
    )
    for key in work.values(query, (escalation_id,)):
        withdraw_message(work, key)


def make_link(work: Work, message_id: uuid.UUID) -> tuple[AttendingLink, str]:
    """A way to this one message without an account, and the key of its address, which is kept nowhere."""
    message = open_message(work, message_id)
    standing = "select count(*) from attending_link where message_id = %s and ended_at is null and expires_at > %s"
    if work.value(standing, (message_id, work.now)) >= MOST_LINKS:
        raise Refused(f"This message has {MOST_LINKS} links already. Close them before you make another.")
    key = secrets.token_urlsafe(32)
    made = work.add(
        AttendingLink(
            message_id=message.id, encounter_id=message.encounter_id, facility_id=message.facility_id,
            digest=digest(key), expires_at=work.now + LINK_LASTS, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        AttendingLinkMade(
            facility_id=made.facility_id, encounter_id=made.encounter_id, message_id=message.id, link_id=made.id,
            patient_id=subject(work, made.encounter_id).patient_id, expires_at=made.expires_at,
        )
    )  # fmt: skip
    return made, key


def revoke_links(work: Work, message_id: uuid.UUID) -> int:
    """Close every link of a message before its time; how many there were."""
    message = work.lock(AttendingMessage, message_id, NO_MESSAGE)
    closed = _close_links(work, message_id)
    for key in closed:
        work.record(
            AttendingLinkRevoked(
                facility_id=message.facility_id, encounter_id=message.encounter_id, message_id=message.id, link_id=key,
                patient_id=subject(work, message.encounter_id).patient_id,
            )
        )  # fmt: skip
    if not closed:
        raise Refused("This message has no open link.")
    return len(closed)


def digest(key: str) -> bytes:
    """What the database knows of the key of a link."""
    return hashlib.sha256(key.encode()).digest()


@dataclass(frozen=True, slots=True)
class _How:
    """By which way, from whom and when an answer came."""

    channel: AnswerChannel
    name: str
    at: datetime


def _told_at(work: Work, ask: ToldReply, stay: Subject) -> datetime:
    if ask.at is None:
        if ask.on not in (None, stay.day(work.now)):
            raise Refused("Write the time of day too.", field="at")
        return work.now
    day = ask.on or stay.day(work.now)
    if not exists(day, ask.at, stay.zone):
        raise Refused("This time did not exist: the clocks were put forward that night.", field="at")
    said = instant_of(day, ask.at, stay.zone)
    if said > work.now:
        raise Refused("This time lies in the future. Write when the attending answered.", field="at")
    local = work.now.astimezone(stay.zone)
    return work.now if (day, ask.at) == (local.date(), time(local.hour, local.minute)) else said


def _store(work: Work, message: AttendingMessage, ask: Reply, how: _How) -> AttendingReply:
    made = work.add(
        AttendingReply(
            message_id=message.id, encounter_id=message.encounter_id, facility_id=message.facility_id,
            answer=ask.answer.value, said=ask.said, channel=how.channel.value, answered_by=how.name,
            answered_at=how.at, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _close_links(work, message.id)
    work.record(
        AttendingAnswered(
            facility_id=made.facility_id, encounter_id=made.encounter_id, message_id=message.id,
            patient_id=subject(work, made.encounter_id).patient_id, escalation_id=message.escalation_id,
            answer=made.answer, channel=made.channel, answered_at=made.answered_at,
        )
    )  # fmt: skip
    work.changed(made.facility_id, made.encounter_id)
    _hear(work, message, f"The attending answered “{ask.answer.label}”.")
    return made


def _close_links(work: Work, message_id: uuid.UUID) -> list[uuid.UUID]:
    query = "select id from attending_link where message_id = %s and ended_at is null for update"
    found: list[uuid.UUID] = work.values(query, (message_id,))
    change = "update attending_link set ended_at = %s, ended_by = %s where id = any(%s)"
    work.write("attending_link", change, (work.now, work.who.actor_id, found))
    return found


def _hear(work: Work, message: AttendingMessage, note: str) -> None:
    """A question that waited for the attending is its rung's again, with the rung's whole time."""
    if message.escalation_id is None:
        return
    try:
        question = held(work, message.escalation_id)
    except NotFound:
        return  # the writer reaches this message only
    if question.state == EscalationState.WITH_ATTENDING:
        moved(work, back_to_rung(work, question, note))
    elif question.state == EscalationState.WAITING and message.ended_at is None:  # the answer came after its time
        moved(work, step(work, question, Step(EscalationAction.HEAR_ATTENDING, note)))
