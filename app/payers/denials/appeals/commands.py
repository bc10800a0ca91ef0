"""Steps of an appeal, each with what it does to its denial. The level follows from what was decided before."""

import uuid
from typing import Any

from app.census.united import Subject
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.payers.denials import commands, queries
from app.payers.denials.appeals.course import Course, course_of
from app.payers.denials.appeals.forms import DecideAppeal, PrepareAppeal, SendAppeal, VerifyAppeal
from app.payers.denials.appeals.rules import LIFE, Level
from app.payers.denials.appeals.terms import AppealAction, AppealOutcome, AppealState
from app.payers.denials.commands import Back, Step, about, closing, held_denial, move
from app.payers.denials.events import AppealDecided, AppealFiled, AppealMoved
from app.payers.denials.forms import check_recovered
from app.payers.denials.models import AppealPacket, DenialAppeal
from app.payers.denials.queries import AppealVersion, DenialVersion
from app.payers.denials.rules import AT_WORK, count
from app.payers.denials.terms import DenialAction, DenialOutcome, DenialState
from app.platform.work import Work
from app.web.fields import StrikeOut, past_instant

_KEPT = frozenset({"id", "made_at", "made_by", "ended_at", "action", "note", "state"})
_NOT_DECIDED: dict[str, Any] = {"outcome": "", "decided_at": None, "decision_received_on": None,
                                "recovered_days": None, "recovered_amount": None}  # fmt: skip


def prepare_appeal(work: Work, denial_id: uuid.UUID, ask: PrepareAppeal) -> DenialAppeal:
    """Begin to work on the appeal of the next level."""
    held, stay = held_denial(work, denial_id)
    level = _open_level(course_of(work, held, stay), held, ask.level)
    made = _first(work, held, level, Step(DenialAction.FILE_APPEAL, ask.note), AppealAction.PREPARE)
    _moved(work, stay, held, made)
    return made


def send_appeal(work: Work, denial_id: uuid.UUID, ask: SendAppeal) -> DenialAppeal:
    """Record that the appeal of the next level left the house, prepared before or not."""
    held, stay = held_denial(work, denial_id)
    sent_at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    course = course_of(work, held, stay)
    prepared = next((one for one in course.appeals if one.state == AppealState.PREPARED), None)
    begins = course.opened_at
    if begins is not None and sent_at < begins:
        raise Refused("It was sent before there was something to appeal. Correct the day.", field="on")
    _check_packet(work, held, ask.packet_id)
    changes = {"sent_at": sent_at, "channel": ask.channel.value, "to_whom": ask.to_whom, "tracking": ask.tracking,
               "packet_id": ask.packet_id, "expedited": ask.expedited}  # fmt: skip
    step = Step(DenialAction.FILE_APPEAL, ask.note, changes)
    if prepared is not None:
        made = _next(work, prepared, AppealAction.SEND, step)
    else:
        level = _open_level(course, held, ask.level)
        made = _first(work, held, level, step, AppealAction.SEND)
    move(work, held, Step(DenialAction.FILE_APPEAL, ask.note))
    work.record(
        AppealFiled(**about(stay, held), appeal_id=made.appeal_id, level=made.level, sent_at=sent_at)
    )  # fmt: skip
    return made


def verify_appeal(work: Work, appeal_id: uuid.UUID, ask: VerifyAppeal) -> DenialAppeal:
    """Record that the other side confirmed its arrival."""
    appeal, held, stay = _held(work, appeal_id)
    at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    if appeal.sent_at is not None and at < appeal.sent_at:
        raise Refused("It was verified before it was sent. Correct one of the times.", field="on")
    changes = {"verified_at": at, "verified_with": ask.verified_with}
    made = _next(work, appeal, AppealAction.VERIFY, Step(DenialAction.AMEND, "", changes))
    _moved(work, stay, held, made)
    return made


def decide_appeal(work: Work, appeal_id: uuid.UUID, ask: DecideAppeal) -> DenialAppeal:
    """Record the decision. What is overturned in whole closes the denial; else the next level opens."""
    appeal, held, stay = _held(work, appeal_id)
    if appeal.sent_at is None:
        raise Refused("This appeal was not sent yet. Record first when it was sent.")
    at = ask.decided_at(work.now, stay.zone, appeal.sent_at)
    days, amount = ask.recovered_days, ask.recovered_amount
    if ask.outcome is AppealOutcome.OVERTURNED:
        days, amount = count(held.days) if days is None else days, held.amount if amount is None else amount
    elif ask.outcome is not AppealOutcome.PARTLY and (days or amount):
        raise Refused("Nothing comes back by this decision. Leave days and amount empty.", field="outcome")
    check_recovered(days, amount, held.days, held.amount)
    changes = {"outcome": ask.outcome.value, "decided_at": at, "decision_received_on": ask.received_on,
               "recovered_days": days, "recovered_amount": amount}  # fmt: skip
    made = _next(work, appeal, AppealAction.DECIDE, Step(DenialAction.LOSE_APPEAL, ask.note, changes))
    work.record(
        AppealDecided(**about(stay, held), appeal_id=appeal_id, level=made.level, outcome=made.outcome, decided_at=at)
    )
    if ask.outcome is AppealOutcome.OVERTURNED:
        step = closing(DenialAction.WIN_APPEAL, DenialOutcome.OVERTURNED, work.now, Back(days, amount), ask.note)
        commands.closed(work, stay, move(work, held, step))
    else:
        move(work, held, Step(DenialAction.LOSE_APPEAL, ask.note))
    return made


def withdraw_appeal(work: Work, appeal_id: uuid.UUID, ask: StrikeOut) -> DenialAppeal:
    """Record that the hospital withdrew the appeal."""
    appeal, held, stay = _held(work, appeal_id)
    made = _next(work, appeal, AppealAction.WITHDRAW, Step(DenialAction.WITHDRAW_APPEAL, ask.reason))
    move(work, held, Step(DenialAction.WITHDRAW_APPEAL, ask.reason))
    _moved(work, stay, held, made)
    return made


def take_back(work: Work, appeal_id: uuid.UUID, ask: StrikeOut) -> DenialAppeal:
    """Say that the last step of an appeal was recorded by mistake. Refused where a later level stands on it."""
    appeal, held, stay = _held(work, appeal_id)
    _check_last(course_of(work, held, stay), appeal)
    before = AppealState(appeal.state)
    changes: dict[str, Any] = dict(_NOT_DECIDED)
    if before is AppealState.SENT:
        changes |= {"sent_at": None}
    if before is AppealState.VERIFIED:
        changes |= {"verified_at": None, "verified_with": ""}
    made = _next(work, appeal, AppealAction.TAKE_BACK, Step(DenialAction.TAKE_BACK, ask.reason, changes))
    if made.verified_at is not None and made.state == AppealState.SENT:
        made = _next(
            work, queries.appeal(work, appeal_id), AppealAction.VERIFY, Step(DenialAction.TAKE_BACK, ask.reason)
        )
    if before is AppealState.SENT:
        move(work, held, Step(DenialAction.TAKE_BACK, ask.reason))
    elif before in (AppealState.DECIDED, AppealState.WITHDRAWN):
        _stand_again(work, held, ask.reason)
    _moved(work, stay, held, made)
    return made


def strike_appeal(work: Work, appeal_id: uuid.UUID, ask: StrikeOut) -> DenialAppeal:
    """Say that a whole appeal was recorded by mistake."""
    appeal, held, stay = _held(work, appeal_id)
    sent = appeal.state in (AppealState.SENT, AppealState.VERIFIED)
    made = _next(work, appeal, AppealAction.STRIKE_OUT, Step(DenialAction.TAKE_BACK, ask.reason))
    if sent:
        move(work, held, Step(DenialAction.TAKE_BACK, ask.reason))
    _moved(work, stay, held, made)
    return made


def _stand_again(work: Work, held: DenialVersion, reason: str) -> None:
    """The denial waits for a decision again, also where the decision had closed it."""
    if held.state == DenialState.CLOSED:
        move(work, held, Step(DenialAction.REOPEN, reason, dict(commands.NOT_CLOSED)))
        held = queries.denial(work, held.denial_id)
    move(work, held, Step(DenialAction.FILE_APPEAL, reason))


def _held(work: Work, appeal_id: uuid.UUID) -> tuple[AppealVersion, DenialVersion, Subject]:
    held, stay = held_denial(work, queries.appeal(work, appeal_id).denial_id)
    if held.state == DenialState.STRUCK_OUT:
        raise Refused("This denial was struck out, with everything that was done about it.")
    return queries.appeal(work, appeal_id), held, stay


def _open_level(course: Course, held: DenialVersion, named: int | None) -> Level:
    """The level that may be appealed to now, which a form may name."""
    if held.state not in AT_WORK:
        raise Refused("This denial is closed. Take it up again first.")
    if course.under_way is not None:
        raise Refused(f"{course.under_way.level_name} is under way. Record its decision first.")
    if course.next is None:
        raise Refused("There is no further level of appeal. Close the denial.")
    if named is not None and named != course.next.number:
        raise Refused(f"The next level is {course.next.number}: {course.next.name}.", field="level")
    return course.next


def _first(work: Work, held: DenialVersion, level: Level, step: Step, action: AppealAction) -> DenialAppeal:
    state = after(LIFE, AppealState.NONE, action, noun="appeal")
    return work.add(
        DenialAppeal(
            appeal_id=uuid.uuid4(), denial_id=held.denial_id, encounter_id=held.encounter_id,
            facility_id=held.facility_id, level=level.number, level_name=level.name, state=state.value,
            action=action.value, note=step.note, made_at=work.now, made_by=work.who.actor_id, **step.changes,
        )
    )  # fmt: skip


def _next(work: Work, held: AppealVersion, action: AppealAction, step: Step) -> DenialAppeal:
    state = after(LIFE, AppealState(held.state), action, noun="appeal")
    before = work.lock(DenialAppeal, held.id)
    before.ended_at = work.now
    work.session.flush()
    kept = {name: value for name, value in before.model_dump().items() if name not in _KEPT}
    return work.add(
        DenialAppeal(**kept | step.changes, state=state.value, action=action.value, note=step.note,
                     made_at=work.now, made_by=work.who.actor_id)
    )  # fmt: skip


def _check_packet(work: Work, held: DenialVersion, packet_id: uuid.UUID | None) -> None:
    if packet_id is None:
        return
    packet = work.get(AppealPacket, packet_id, "There is no such packet, or it lies outside what you may see.")
    if packet.denial_id != held.denial_id:
        raise Refused("This packet belongs to another denial. Choose one of the list.", field="packet_id")


def _check_last(course: Course, appeal: AppealVersion) -> None:
    later = [one for one in course.appeals if one.level > appeal.level]
    if later:
        raise Refused(f"{later[-1].level_name} stands on it. Take that back first.")


def _moved(work: Work, stay: Subject, held: DenialVersion, made: DenialAppeal) -> None:
    work.record(
        AppealMoved(**about(stay, held), appeal_id=made.appeal_id, level=made.level, action=made.action)
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
