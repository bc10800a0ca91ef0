"""Recording a denial and what happens to it. Every step ends a version and writes another; nothing is rewritten."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.census.united import Subject, held_subject
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.payers.authorizations.queries import authorization
from app.payers.denials import queries
from app.payers.denials.appeals.terms import AppealState
from app.payers.denials.events import (
    DenialAmended,
    DenialClosed,
    DenialMoved,
    DenialRecorded,
    DenialReopened,
    DenialStruckOut,
)
from app.payers.denials.forms import AmendDenial, AskTalk, CloseDenial, RecordDenial, Say, check_recovered
from app.payers.denials.models import Denial
from app.payers.denials.queries import NOT_THERE, DenialVersion
from app.payers.denials.rules import LIFE, Done, check_closing, count
from app.payers.denials.terms import DenialAction, DenialKind, DenialOutcome, DenialState
from app.payers.directory.queries import PayerOf, payers_of
from app.platform.work import Work
from app.web.fields import StrikeOut

NO_PAYER = "No payer of this stay is known. A denial can be recorded once the feed has named one."
_KEPT = frozenset({"id", "made_at", "made_by", "ended_at", "action", "note", "state"})


@dataclass(frozen=True, slots=True)
class Step:
    """What makes the next version: the deed, what was said with it, and the columns that it changes."""

    action: DenialAction
    note: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def record_denial(work: Work, encounter_id: uuid.UUID, ask: RecordDenial) -> Denial:
    """Record a payer's denial. Refused for days that are none, a notice to come, and a payer that the stay has not."""
    stay = held_subject(work, encounter_id)
    payer = _payer(work, stay, ask)
    columns = _said(work, stay, ask) | {"payer_code": payer.payer_code, "payer_name": payer.payer_name,
                                        "plan_code": payer.plan_code}  # fmt: skip
    return store_denial(work, stay, columns)


def store_denial(work: Work, stay: Subject, columns: dict[str, Any]) -> Denial:
    """The first version. What review and which opinion it came from is what was signed last, unless it is said."""
    origin = queries.origin(work, stay.encounter_id, work.now)
    made = work.add(
        Denial(
            denial_id=uuid.uuid4(), encounter_id=stay.encounter_id, facility_id=stay.facility_id,
            state=after(LIFE, DenialState.NONE, DenialAction.RECORD).value, action=DenialAction.RECORD.value,
            made_at=work.now, made_by=work.who.actor_id,
            **columns | {"review_id": columns.get("review_id") or origin.review_id,
                         "escalation_id": columns.get("escalation_id") or origin.escalation_id},
        )
    )  # fmt: skip
    work.record(DenialRecorded(**about(stay, made), authorization_id=made.authorization_id, notice_at=made.notice_at))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def amend_denial(work: Work, denial_id: uuid.UUID, ask: AmendDenial) -> Denial:
    """Record another version in the place of the one that stands, with the reason."""
    held, stay = held_denial(work, denial_id)
    payer = _payer(work, stay, ask)
    changes = _said(work, stay, ask) | {"payer_code": payer.payer_code, "payer_name": payer.payer_name,
                                        "plan_code": payer.plan_code}  # fmt: skip
    if held.recovered_amount is not None or held.recovered_days is not None:
        check_recovered(held.recovered_days, held.recovered_amount, ask.days, ask.amount)
    made = move(work, held, Step(DenialAction.AMEND, ask.because, changes))
    work.record(DenialAmended(**about(stay, made)))
    return made


def ask_talk(work: Work, denial_id: uuid.UUID, ask: AskTalk) -> Denial:
    """Record that the payer was asked for a peer-to-peer talk."""
    held, stay = held_denial(work, denial_id)
    made = move(work, held, Step(DenialAction.ASK_TALK, ask.note, {"talk_asked_at": work.now}))
    moved(work, stay, made)
    return made


def forget_asking(work: Work, denial_id: uuid.UUID, ask: StrikeOut) -> Denial:
    """Say that a talk was not asked for after all."""
    held, stay = held_denial(work, denial_id)
    if held.talk_asked_at is None or held.state != DenialState.TALK:
        raise Refused("No talk is asked for any more. Reload the page and look again.")
    made = move(work, held, Step(DenialAction.TAKE_BACK, ask.reason, {"talk_asked_at": None}))
    moved(work, stay, made)
    return made


def close_denial(work: Work, denial_id: uuid.UUID, ask: CloseDenial) -> Denial:
    """Say that nothing more is done. Refused without a talk, an appeal, a changed status or a reason to give it up."""
    held, stay = held_denial(work, denial_id)
    check_closing(ask.outcome, done_about(work, held), ask.reason)
    days, amount = ask.recovered_days, ask.recovered_amount
    if ask.outcome is DenialOutcome.OVERTURNED:
        days, amount = count(held.days) if days is None else days, held.amount if amount is None else amount
    else:
        won = queries.won_back(work, denial_id)
        days, amount = won[0] if days is None else days, won[1] if amount is None else amount
    check_recovered(days, amount, held.days, held.amount)
    made = move(work, held, closing(DenialAction.CLOSE, ask.outcome, work.now, Back(days, amount), ask.reason))
    closed(work, stay, made)
    return made


def reopen_denial(work: Work, denial_id: uuid.UUID, ask: Say) -> Denial:
    """Take a closed denial up again; it waits for the decision of an appeal that is still out."""
    held, stay = held_denial(work, denial_id)
    made = move(work, held, Step(DenialAction.REOPEN, ask.reason, dict(NOT_CLOSED)))
    if any(one.state in (AppealState.SENT, AppealState.VERIFIED) for one in queries.appeals(work, [denial_id])):
        made = move(work, queries.denial(work, denial_id), Step(DenialAction.FILE_APPEAL, ask.reason))
    work.record(DenialReopened(**about(stay, made)))
    return made


def strike_denial(work: Work, denial_id: uuid.UUID, ask: StrikeOut) -> Denial:
    """Say that a denial was recorded by mistake, with everything that was done about it."""
    held, stay = held_denial(work, denial_id)
    made = move(work, held, Step(DenialAction.STRIKE_OUT, ask.reason, dict(NOT_CLOSED)))
    work.record(DenialStruckOut(**about(stay, made)))
    return made


# --- steps that appeals and reactions take too ------------------------------------------------------------------------

NOT_CLOSED: dict[str, Any] = {"outcome": "", "closed_at": None, "recovered_days": None, "recovered_amount": None}


@dataclass(frozen=True, slots=True)
class Back:
    """What came back of a denial."""

    days: int | None = None
    amount: Decimal | None = None


def held_denial(work: Work, denial_id: uuid.UUID) -> tuple[DenialVersion, Subject]:
    """The standing version of a denial with its stay, locked: what two people record comes one after the other."""
    stay = held_subject(work, queries.denial(work, denial_id).encounter_id)
    return queries.denial(work, denial_id), stay


def move(work: Work, held: DenialVersion, step: Step) -> Denial:
    """The next version. Refused where the life cycle does not know the deed."""
    state = after(LIFE, DenialState(held.state), step.action, noun="denial")
    before = work.lock(Denial, held.id, NOT_THERE)
    before.ended_at = work.now
    work.session.flush()
    kept = {name: value for name, value in before.model_dump().items() if name not in _KEPT}
    made = work.add(
        Denial(**kept | step.changes, state=state.value, action=step.action.value, note=step.note,
               made_at=work.now, made_by=work.who.actor_id)
    )  # fmt: skip
    work.changed(made.facility_id, made.encounter_id)
    return made


def closing(action: DenialAction, outcome: DenialOutcome, at: datetime, back: Back, note: str = "") -> Step:
    """The step that closes a denial."""
    changes = {"outcome": outcome.value, "closed_at": at, "recovered_days": back.days, "recovered_amount": back.amount}
    return Step(action, note, changes)


def closed(work: Work, stay: Subject, made: Denial) -> None:
    """Record that it is closed."""
    work.record(DenialClosed(**about(stay, made), outcome=made.outcome))


def moved(work: Work, stay: Subject, made: Denial) -> None:
    """Record what happened to it short of its end."""
    work.record(DenialMoved(**about(stay, made), action=made.action, state=made.state))


def about(stay: Subject, made: DenialVersion | Denial) -> dict[str, Any]:
    """Whom and what an event of a denial concerns."""
    return {"encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id,
            "denial_id": made.denial_id, "kind": made.kind}  # fmt: skip


def done_about(work: Work, held: DenialVersion) -> Done:
    """What was done about a denial."""
    return Done(
        talk_asked=held.talk_asked_at is not None,
        talk_held=held.talk_outcome not in ("", "not_held"),
        appealed=queries.was_appealed(work, held.denial_id),
    )


def _said(work: Work, stay: Subject, ask: RecordDenial) -> dict[str, Any]:
    """The columns that a form fills."""
    days = ask.days
    if not days and ask.kind in (DenialKind.CONCURRENT, DenialKind.RETROSPECTIVE):
        raise Refused("Write which days are denied.", field="first_day")
    if ask.authorization_id is not None:
        head = authorization(work, ask.authorization_id).head
        if head.encounter_id not in queries.parts(work, stay.encounter_id):
            raise NotFound("There is no such authorization, or it lies outside what you may see.")
    _check_origin(work, stay, ask)
    if ask.owner_id is not None and str(ask.owner_id) not in {one.value for one in queries.owners(work, stay)}:
        raise Refused("Choose one of the list.", field="owner_id")
    return {
        "kind": ask.kind.value, "authorization_id": ask.authorization_id, "firsts": [one.first for one in days],
        "untils": [one.until for one in days], "amount": ask.amount, "notice_at": ask.notice(work.now, stay.zone),
        "received_on": ask.received_on, "channel": ask.channel.value, "reference": ask.reference,
        "reason_code": ask.reason_code, "reason": ask.reason, "root_cause": ask.root_cause.value,
        "root_cause_words": ask.root_cause_words, "owner_id": ask.owner_id, "review_id": ask.review_id,
        "escalation_id": ask.escalation_id,
    }  # fmt: skip


def _check_origin(work: Work, stay: Subject, ask: RecordDenial) -> None:
    """Refused where review or opinion are not of this stay."""
    for field_name, chosen, offered in (
        ("review_id", ask.review_id, queries.reviews_of),
        ("escalation_id", ask.escalation_id, queries.answers_of),
    ):
        if chosen is not None and str(chosen) not in {one.value for one in offered(work, stay.encounter_id)}:
            raise Refused("Choose one of the list.", field=field_name)


def _payer(work: Work, stay: Subject, ask: RecordDenial) -> PayerOf:
    """The payer of the stay that is named, else that of the authorization, else the first."""
    found = payers_of(work, [stay.encounter_id]).get(stay.encounter_id, [])
    if not found:
        raise Refused(NO_PAYER, field="payer")
    named = ask.payer
    if not named and ask.authorization_id is not None:
        head = authorization(work, ask.authorization_id).head
        named = head.payer_code or head.payer_name
    chosen = next((one for one in found if named in ("", one.key)), None)
    if chosen is None:
        raise Refused("The stay has no such payer. Choose one of the list.", field="payer")
    return chosen
