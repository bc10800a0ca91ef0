"""Putting a question, moving it on its ladder, and answering it with a signature. No version is ever rewritten."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.advisor.events import DecisionAmended, DecisionStruckOut, Escalated, EscalationDecided, PeerToPeerHeld
from app.advisor.ladder.rising import raise_to_next
from app.advisor.ladder.settings import ladder_on
from app.advisor.messages.commands import AskAttending, ask_attending, withdraw_messages_of
from app.advisor.models import Escalation, EscalationDecision
from app.advisor.rules import MEDICAL, OF_TALKS, ON_THE_WAY, Answerer, Asked, check_answer
from app.advisor.steps import CHANGED, Step, decides, held, moved, patient_of, step
from app.advisor.talks.commands import open_talk
from app.advisor.terms import EscalationAction, EscalationKind, EscalationState, Outcome, Reason, Rung
from app.census.united import held_subject, subject
from app.kernel.refusal import Refused
from app.platform.work import Who, Work
from app.security.permissions import ROLES, Permission
from app.security.viewer import Viewer
from app.web.fields import one_line

TAKEN_BACK = "Taken back right after it was signed"


def _none(value: object) -> object:
    return None if value == "" else value


Words = Annotated[str, AfterValidator(str.strip)]
Why = Annotated[Words, Field(min_length=3, max_length=300)]


class PutQuestion(BaseModel):
    """A question in one sentence, what it is about, and why it is asked."""

    kind: EscalationKind
    question: Annotated[str, Field(min_length=8, max_length=300), AfterValidator(one_line)]
    background: Annotated[Words, Field(max_length=1000)] = ""


class Say(BaseModel):
    """What is said with a step: the answer to a question back, or why it is withdrawn, struck out or moved up."""

    note: Why


class GiveTo(BaseModel):
    """To whom a question is handed over; nobody means anybody of its rung."""

    to: Annotated[uuid.UUID | None, BeforeValidator(_none)] = None


class SignAnswer(BaseModel):
    """An answer with its reason; the rationale may be empty where the reason says it all."""

    outcome: Outcome
    reason: Reason
    rationale: Annotated[Words, Field(max_length=2000)] = ""


class AmendAnswer(SignAnswer):
    """The answer as it should stand, and why the earlier version was wrong."""

    because: Why


@dataclass(frozen=True, slots=True)
class Origin:
    """The review or the denial that a question came from."""

    review_id: uuid.UUID | None = None
    denial_id: uuid.UUID | None = None

    @property
    def subject(self) -> str:
        """Its key as text; empty for a question that somebody put by hand."""
        return str(self.review_id or self.denial_id or "")


def escalate(work: Work, encounter_id: uuid.UUID, ask: PutQuestion, origin: Origin | None = None) -> Escalation:
    """Put a question on the first rung of the facility's ladder that may answer it."""
    origin = origin or Origin()
    stay = held_subject(work, encounter_id)
    if not origin.subject:  # two denials of one stay ask the same, each for itself
        _check_first(work, stay.encounter_id, ask)
    ladder = ladder_on(work, stay.facility_id, stay.day(work.now))
    rung = ladder.first(ask.kind, roles_at(work.who, stay.facility_id))
    made = work.add(
        Escalation(
            escalation_id=uuid.uuid4(), encounter_id=stay.encounter_id, facility_id=stay.facility_id,
            kind=ask.kind.value, question=ask.question, background=ask.background, review_id=origin.review_id,
            denial_id=origin.denial_id, asked_at=work.now, asked_by=work.who.actor_id,
            state=EscalationState.WAITING.value, rung=rung.value, due_at=ladder.due(rung, work.now),
            action=EscalationAction.ASK.value, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    if ask.kind is EscalationKind.CONCURRENT_DENIAL:
        open_talk(work, made)
    assert made.due_at is not None, "what waits has a due time"
    work.record(
        Escalated(
            facility_id=made.facility_id, encounter_id=made.encounter_id, patient_id=stay.patient_id,
            escalation_id=made.escalation_id, kind=made.kind, subject=origin.subject, rung=made.rung,
            due_at=made.due_at,
        )
    )  # fmt: skip
    work.changed(made.facility_id, made.encounter_id)
    return made


def _check_first(work: Work, encounter_id: uuid.UUID, ask: PutQuestion) -> None:
    query = (
        "select exists (select from escalation where encounter_id = %s and ended_at is null and kind = %s"
        " and lower(question) = lower(%s) and state in ('waiting', 'returned', 'with_attending', 'talk'))"
    )
    if work.value(query, (encounter_id, ask.kind.value, ask.question)):
        raise Refused("This question is open already for this stay. Add to it there.", field="question")


def take(work: Work, escalation_id: uuid.UUID) -> Escalation:
    """Say that oneself will answer."""
    before = held(work, escalation_id)
    if before.holder_id == work.who.actor_id:
        raise Refused("You have this question already.")
    return _plain(work, before, Step(EscalationAction.TAKE, "", (("holder_id", work.who.actor_id),)))


def hand_over(work: Work, escalation_id: uuid.UUID, ask: GiveTo) -> Escalation:
    """Give a question to a colleague who may decide, or back to all of its rung."""
    before = held(work, escalation_id)
    if ask.to is not None and ask.to not in deciders(work, before.facility_id):
        raise Refused("This person may not decide here. Choose one of the list.", field="to")
    if before.holder_id == ask.to:
        raise Refused("Nothing would change: it is there already.", field="to")
    return _plain(work, before, Step(EscalationAction.HAND_OVER, "", (("holder_id", ask.to),)))


def hand_over_day(work: Work, facility_id: int, ask: GiveTo) -> int:
    """Hand over everything that one has taken at a facility; how many there were."""
    if ask.to == work.who.actor_id:
        raise Refused("This is you. Choose a colleague.", field="to")
    mine = work.values(
        "select escalation_id from escalation where ended_at is null and facility_id = %s and holder_id = %s"
        " and state in ('waiting', 'with_attending', 'talk') order by due_at, id",
        (facility_id, work.who.actor_id),
    )
    if not mine:
        raise Refused("You have taken no question; whoever decides sees them all.", field="to")
    for key in mine:
        hand_over(work, key, ask)
    return len(mine)


def answer_back(work: Work, escalation_id: uuid.UUID, ask: Say) -> Escalation:
    """Give what was asked for; the rung has its whole time again."""
    before = held(work, escalation_id)
    return _plain(work, before, Step(EscalationAction.ANSWER_BACK, ask.note, (("due_at", _due(work, before)),)))


def move_up(work: Work, escalation_id: uuid.UUID, ask: Say) -> Escalation:
    """Move a question to the next rung before its time. Refused on the last one."""
    made = raise_to_next(work, held(work, escalation_id), ask.note)
    if made is None:
        raise Refused("This question is on the last rung of the ladder.")
    return made


def withdraw(work: Work, escalation_id: uuid.UUID, ask: Say) -> Escalation:
    """Say that a question is not needed any more."""
    return _close(work, escalation_id, Step(EscalationAction.WITHDRAW, ask.note))


def strike_out(work: Work, escalation_id: uuid.UUID, ask: Say) -> Escalation:
    """Say that a question was put by mistake; it does not count."""
    return _close(work, escalation_id, Step(EscalationAction.STRIKE_OUT, ask.note))


def _close(work: Work, escalation_id: uuid.UUID, what: Step) -> Escalation:
    made = _plain(work, held(work, escalation_id), what)
    withdraw_messages_of(work, escalation_id)
    return made


def _plain(work: Work, before: Escalation, what: Step) -> Escalation:
    made = step(work, before, what)
    moved(work, made)
    return made


def decide(work: Work, escalation_id: uuid.UUID, ask: SignAnswer) -> EscalationDecision:
    """Sign an answer. One on the way (more information, the attending, a talk first) leaves the question open."""
    before = held(work, escalation_id)
    _check(work, before, ask)
    action = ON_THE_WAY.get(ask.outcome, EscalationAction.DECIDE)
    held_by = (("holder_id", work.who.actor_id),) if action is not EscalationAction.DECIDE else ()
    words = ask.rationale or ask.reason.label
    made = step(work, before, Step(action, words, held_by))
    signed = _sign(work, made, ask, uuid.uuid4())
    if action is EscalationAction.DECIDE:
        _say_decided(work, made, signed)
        withdraw_messages_of(work, escalation_id)
        return signed
    moved(work, made)
    if action is EscalationAction.ASK_ATTENDING:
        sent = ask.rationale or f"{ask.reason.label}. {made.question}"
        ask_attending(work, made.encounter_id, AskAttending(question=sent[:600]), escalation_id)
    elif action is EscalationAction.PLAN_TALK:
        open_talk(work, made)
    return signed


def amend_decision(work: Work, escalation_id: uuid.UUID, ask: AmendAnswer) -> EscalationDecision:
    """Sign another version in the place of the answer that stands, with the reason."""
    question = held(work, escalation_id)
    signed = _signed(work, question)
    if ask.outcome in ON_THE_WAY:
        raise Refused("This would open the question again. Strike the answer out instead.", field="outcome")
    talked = Outcome(signed.outcome) in OF_TALKS
    _check(work, question, ask, was=EscalationState.TALK if talked else EscalationState.WAITING)
    made = step(work, question, Step(EscalationAction.AMEND, ask.because))
    _end(work, signed, "amended", ask.because)
    again = _sign(work, made, ask, signed.decision_id, before=signed)
    work.record(
        DecisionAmended(
            facility_id=made.facility_id, encounter_id=made.encounter_id, patient_id=patient_of(work, made),
            escalation_id=made.escalation_id, review_id=made.review_id, denial_id=made.denial_id,
            decision=again.outcome, before=signed.outcome,
        )
    )  # fmt: skip
    if ask.outcome in OF_TALKS and again.outcome != signed.outcome:
        _say_talk(work, made, again)
    return again


def strike_decision(work: Work, escalation_id: uuid.UUID, ask: Say) -> Escalation:
    """Say that an answer was signed by mistake: the question is open again, for the rung that it was on."""
    question = held(work, escalation_id)
    signed = _signed(work, question)
    _may_strike(work.who, question, signed)
    made = step(work, question, Step(EscalationAction.STRIKE_DECISION, ask.note, (("due_at", _due(work, question)),)))
    _end(work, signed, "struck_out", ask.note)
    work.record(
        DecisionStruckOut(
            facility_id=made.facility_id, encounter_id=made.encounter_id, patient_id=patient_of(work, made),
            escalation_id=made.escalation_id, review_id=made.review_id, denial_id=made.denial_id,
            decision=signed.outcome,
        )
    )  # fmt: skip
    return made


def deciders(work: Work, facility_id: int) -> list[uuid.UUID]:
    """Who may decide at a facility."""
    roles = [role.value for role, text in ROLES.items() if Permission.DECIDE in text.permissions]
    found: list[uuid.UUID] = work.values(
        "select distinct g.user_id from role_grant g join app_user u on u.id = g.user_id and u.active"
        " where g.role = any(%s) and (g.facility_id is null or g.facility_id = %s)",
        (roles, facility_id),
    )
    return found


def roles_at(who: Who, facility_id: int) -> frozenset[str]:
    """The roles of a person at a facility; a part of the program has none."""
    grants = who.grants if isinstance(who, Viewer) else ()
    return frozenset(one.role.value for one in grants if one.facility_id in (None, facility_id))


def _may_strike(who: Who, question: Escalation, signed: EscalationDecision) -> None:
    """A physician who decides may; so may who signed an answer about a plan, of the own one."""
    own = EscalationKind(question.kind) not in MEDICAL and signed.decided_by == who.actor_id
    if not own and not decides(who, question.facility_id):
        raise Refused("Only a physician who holds the right to decide may do this.")


def _check(work: Work, question: Escalation, ask: SignAnswer, was: EscalationState | None = None) -> None:
    asked = Asked(EscalationKind(question.kind), Rung(question.rung), was or EscalationState(question.state))
    who = Answerer(decides(work.who, question.facility_id), roles_at(work.who, question.facility_id))
    check_answer(asked, who, ask.outcome, ask.reason, ask.rationale)


def _due(work: Work, question: Escalation) -> Any:
    stay = subject(work, question.encounter_id)
    return ladder_on(work, question.facility_id, stay.day(work.now)).due(Rung(question.rung), work.now)


def _signed(work: Work, question: Escalation) -> EscalationDecision:
    key = work.value(
        "select id from escalation_decision where escalation_id = %s and ended_at is null and not (outcome = any(%s))",
        (question.escalation_id, [one.value for one in ON_THE_WAY]),
    )
    if key is None:
        raise Refused("This question has no signed answer yet.")
    found = work.lock(EscalationDecision, key)
    if found.ended_at is not None:
        raise Refused(CHANGED)
    return found


def _sign(
    work: Work, made: Escalation, ask: SignAnswer, key: uuid.UUID, before: EscalationDecision | None = None
) -> EscalationDecision:
    because = ask.because if isinstance(ask, AmendAnswer) else ""
    return work.add(
        EscalationDecision(
            decision_id=key, escalation_id=made.escalation_id, encounter_id=made.encounter_id,
            facility_id=made.facility_id, outcome=ask.outcome.value, reason=ask.reason.value, rationale=ask.rationale,
            decided_at=before.decided_at if before else work.now,
            decided_by=before.decided_by if before else work.who.actor_id,
            made_at=work.now, made_by=work.who.actor_id, made_because=because,
        )
    )  # fmt: skip


def _end(work: Work, signed: EscalationDecision, how: str, reason: str) -> None:
    signed.ended_at, signed.ended_by = work.now, work.who.actor_id
    signed.ended_because, signed.ended_reason = how, reason
    work.session.flush()


def _say_decided(work: Work, made: Escalation, signed: EscalationDecision) -> None:
    work.record(
        EscalationDecided(
            facility_id=made.facility_id, encounter_id=made.encounter_id, patient_id=patient_of(work, made),
            escalation_id=made.escalation_id, review_id=made.review_id, denial_id=made.denial_id,
            decision=signed.outcome, reason=signed.reason,
        )
    )  # fmt: skip
    if Outcome(signed.outcome) in OF_TALKS:
        _say_talk(work, made, signed)


def _say_talk(work: Work, made: Escalation, signed: EscalationDecision) -> None:
    open_talk(work, made)
    work.record(
        PeerToPeerHeld(
            facility_id=made.facility_id, encounter_id=made.encounter_id, patient_id=patient_of(work, made),
            escalation_id=made.escalation_id, denial_id=made.denial_id, outcome=signed.outcome, reason=signed.reason,
        )
    )  # fmt: skip
