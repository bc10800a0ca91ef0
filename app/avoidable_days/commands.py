"""Recording the reason of a lost day, correcting it, striking it out; and delays of hours. No version is rewritten."""

import uuid
from datetime import date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.avoidable_days import queries, rules
from app.avoidable_days.drafts.queries import Draft, draft_on
from app.avoidable_days.drafts.storing import refresh
from app.avoidable_days.events import (
    AvoidableDayAmended,
    AvoidableDayRecorded,
    AvoidableDayStruckOut,
    DelayRecorded,
    DelayStruckOut,
    DraftConfirmed,
)
from app.avoidable_days.models import AvoidableDay, AvoidableDelay, AvoidableDraft
from app.avoidable_days.presence import readable, stay_days
from app.avoidable_days.reasons.queries import policy, reason_for
from app.avoidable_days.reasons.rules import Reason
from app.avoidable_days.rules import StayDays, Wish
from app.avoidable_days.terms import OTHER, Controllable, DraftEnd, EntryEnd, Origin, PartyKind, Weight
from app.census.united import Subject, held_subject
from app.clocks.commands import gathered
from app.kernel.entered import true_time
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.fields import Clock, Day, Name, StrikeOut, empty_is_none, one_line
from app.web.fields import Reason as Why

GONE = "Nothing can be recorded for a stay that is cancelled or only announced."
CHANGED = "This entry was changed or struck out meanwhile. Look at it again."
LOCKED = (
    "Days are locked after 30 days. Ask somebody who keeps the reasons (director or administrator) to change it, with"
    " a reason."
)
Code = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(one_line)]
"""A reason by its code, by code and label, or by words of its label."""
Text = Annotated[str, Field(max_length=1000), AfterValidator(str.strip)]


class RecordDay(BaseModel):
    """A reason for one patient day. What is left out follows from the reason: who answers for it, and control."""

    day: date
    code: Code
    weight: Weight = Weight.PRIMARY
    amount: float = rules.FULL
    hours: Annotated[float | None, BeforeValidator(empty_is_none), Field(gt=0, le=25)] = None
    party_kind: Annotated[PartyKind | None, BeforeValidator(empty_is_none)] = None
    party: Name = ""
    controllable: Annotated[Controllable | None, BeforeValidator(empty_is_none)] = None
    controllable_because: Text = ""
    explanation: Text = ""
    override: Text = ""
    lock_reason: Text = ""


class AmendDay(RecordDay):
    """The entry as it should read, and why the earlier version was wrong."""

    because: Why


class RecordDelay(BaseModel):
    """A delay of hours: from when until when, and its reason. Days and times are the facility's."""

    since_on: Day = None
    since_at: Clock = None
    until_on: Day = None
    until_at: Clock = None
    code: Code
    party_kind: Annotated[PartyKind | None, BeforeValidator(empty_is_none)] = None
    party: Name = ""
    explanation: Text = ""


def record_day(work: Work, encounter_id: uuid.UUID, ask: RecordDay) -> AvoidableDay:
    """Record a reason for a day, which answers a draft of it. Refused for what the counting rules forbid."""
    stay = held_subject(work, encounter_id)
    proposed = draft_on(work, stay.encounter_id, ask.day) if ask.weight is Weight.PRIMARY else None
    reason, days = _checked(work, stay, ask, None, proposed.code if proposed else "")
    made = _row(work, stay, ask, reason, days)
    made.entry_id, made.recorded_at, made.recorded_by = uuid.uuid4(), work.now, work.who.actor_id
    if proposed is not None:
        _answer(work, made, proposed)
    work.add(made)
    _recorded(work, stay, made)
    return made


def amend_day(work: Work, entry_id: uuid.UUID, ask: AmendDay) -> AvoidableDay:
    """Record another version in the place of the one that stands. Refused for another day than that."""
    before, stay = _standing(work, entry_id)
    if ask.day != before.day:
        raise Refused("This is another day. Strike this entry out and record the other one.", field="day")
    reason, days = _checked(work, stay, ask, before, before.proposed)
    made = _row(work, stay, ask, reason, days)
    made.entry_id, made.recorded_at, made.recorded_by = before.entry_id, before.recorded_at, before.recorded_by
    made.validated_by, made.rule, made.proposed = before.validated_by, before.rule, before.proposed
    made.origin, made.evidence, made.made_because = before.origin, before.evidence, ask.because
    if before.rule:
        made.origin = (Origin.CONFIRMED if made.code == before.proposed else Origin.CHANGED).value
    _end(work, before, EntryEnd.AMENDED, ask.because)
    work.add(made)
    work.record(
        AvoidableDayAmended(
            encounter_id=made.encounter_id, patient_id=stay.patient_id, facility_id=made.facility_id,
            entry_id=entry_id, day=made.day, code=made.code, code_before=before.code,
            locked=rules.is_locked(made.day, days.today),
        )
    )  # fmt: skip
    _shown(work, stay)
    return made


def strike_day(work: Work, entry_id: uuid.UUID, ask: StrikeOut) -> AvoidableDay:
    """Strike an entry out: the day has no reason then, and may be proposed again."""
    held, stay = _standing(work, entry_id)
    if rules.is_locked(held.day, stay.day(work.now)):
        _check_unlocking(work, stay, ask.reason)
    _end(work, held, EntryEnd.STRUCK_OUT, ask.reason)
    work.record(
        AvoidableDayStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=held.facility_id,
            entry_id=entry_id, day=held.day, code=held.code,
        )
    )  # fmt: skip
    _shown(work, stay)
    return held


def take_back_day(work: Work, version_id: uuid.UUID, ask: StrikeOut) -> AvoidableDay:
    """Strike out the version that somebody recorded a moment ago. Refused when it no longer stands: the way back of one
    person must not strike out what another has corrected meanwhile."""
    recorded = work.get(AvoidableDay, version_id, missing=queries.NOT_THERE)
    stands, _stay = _standing(work, recorded.entry_id)
    if stands.id != recorded.id:
        raise Refused(CHANGED)
    return strike_day(work, recorded.entry_id, ask)


def record_delay(work: Work, encounter_id: uuid.UUID, ask: RecordDelay) -> AvoidableDelay:
    """Record a delay of hours that cost no midnight."""
    stay = held_subject(work, encounter_id)
    days = _days(work, stay)
    since = _instant(stay, work, ask.since_on, ask.since_at, "since_at")
    until = _instant(stay, work, ask.until_on or ask.since_on, ask.until_at, "until_at")
    rules.check_delay(since, until, days)
    reason = reason_for(work, stay.facility_id, stay.day(since), ask.code)
    if reason.code == OTHER and not ask.explanation:
        raise Refused("Write what the reason is: “Other” needs words.", field="explanation")
    made = work.add(
        AvoidableDelay(
            encounter_id=stay.encounter_id, facility_id=stay.facility_id, since_at=since, until_at=until,
            code=reason.code, party_kind=(ask.party_kind or reason.party_kind).value, party=ask.party or reason.party,
            controllable=reason.controllable.value, explanation=ask.explanation, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        DelayRecorded(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            delay_id=made.id, code=made.code, since=since, until=until,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_delay(work: Work, delay_id: uuid.UUID, ask: StrikeOut) -> AvoidableDelay:
    """Strike a delay out."""
    stay = held_subject(work, work.get(AvoidableDelay, delay_id, missing=queries.NOT_THERE).encounter_id)
    held = work.lock(AvoidableDelay, delay_id, missing=queries.NOT_THERE)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    held.ended_at, held.ended_by, held.ended_reason = work.now, work.who.actor_id, ask.reason
    work.record(
        DelayStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=held.facility_id, delay_id=held.id,
            code=held.code,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return held


# --- the steps of it -------------------------------------------------------------------------------------------------


def _checked(
    work: Work, stay: Subject, ask: RecordDay, before: AvoidableDay | None, computed: str
) -> tuple[Reason, StayDays]:
    """The reason as it reads on the day, and the days of the stay; Refused for what the counting rules forbid."""
    days = _days(work, stay)
    if rules.is_locked(ask.day, days.today) and not days.why_not(ask.day):
        _check_unlocking(work, stay, ask.lock_reason)
    reason = reason_for(work, stay.facility_id, ask.day, ask.code)
    others = [
        one.standing
        for one in queries.standing_entries(work, stay.encounter_id)
        if one.day == ask.day and (before is None or one.entry_id != before.entry_id)
    ]
    wish = Wish(
        day=ask.day, code=reason.code, group=reason.group, weight=ask.weight, amount=ask.amount,
        explanation=ask.explanation, override=ask.override, computed=computed,
    )  # fmt: skip
    rules.check(wish, days, others, half_days=policy(work, stay.facility_id).half_days)
    if ask.controllable not in (None, reason.controllable) and not ask.controllable_because:
        raise Refused(
            f"{reason.code} is {reason.controllable.label}. Write why this day is another case.",
            field="controllable_because",
        )
    return reason, days


def _check_unlocking(work: Work, stay: Subject, reason: str) -> None:
    who = work.who
    if isinstance(who, Viewer) and stay.facility_id not in who.facilities_with(Permission.AVOIDABLE_DAY_SET):
        raise Refused(LOCKED)
    if not reason:
        raise Refused("This day is locked after 30 days. Write why it is changed now.", field="lock_reason")


def _days(work: Work, stay: Subject) -> StayDays:
    facts = readable(gathered(work, [stay.encounter_id]))
    found = stay_days(work, [stay.encounter_id], facts).get(stay.encounter_id)
    if found is None:
        raise Refused(GONE)
    return found


def _row(work: Work, stay: Subject, ask: RecordDay, reason: Reason, days: StayDays) -> AvoidableDay:
    """A version without what identifies it and where it came from."""
    control = ask.controllable or reason.controllable
    return AvoidableDay(
        entry_id=uuid.UUID(int=0), recorded_at=work.now, encounter_id=stay.encounter_id, facility_id=stay.facility_id,
        day=ask.day, code=reason.code, weight=ask.weight.value, amount=rules.weighed(ask.weight, ask.amount),
        hours=ask.hours, phase=days.phase(ask.day).value, party_kind=(ask.party_kind or reason.party_kind).value,
        party=ask.party or reason.party, controllable=control.value,
        controllable_because=ask.controllable_because if control is not reason.controllable else "",
        explanation=ask.explanation, override=ask.override, origin=Origin.MANUAL.value,
        lock_reason=ask.lock_reason if rules.is_locked(ask.day, days.today) else "", made_at=work.now,
        made_by=work.who.actor_id,
    )  # fmt: skip


def _answer(work: Work, made: AvoidableDay, proposed: Draft) -> None:
    """The entry answers the draft of its day: it keeps the rule, what it proposed, and its evidence."""
    same = made.code == proposed.code
    made.origin = (Origin.CONFIRMED if same else Origin.CHANGED).value
    made.rule, made.proposed, made.evidence = proposed.rule, proposed.code, proposed.evidence
    made.validated_by = work.who.actor_id
    end_draft(work, proposed.id, DraftEnd.TAKEN)


def end_draft(work: Work, draft_id: uuid.UUID, because: DraftEnd) -> None:
    """The draft waits no more."""
    row = work.lock(AvoidableDraft, draft_id)
    row.ended_at, row.ended_by, row.ended_because = work.now, work.who.actor_id, because.value
    work.session.flush()


def _recorded(work: Work, stay: Subject, made: AvoidableDay) -> None:
    work.record(
        AvoidableDayRecorded(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            entry_id=made.entry_id, day=made.day, code=made.code, weight=made.weight, origin=made.origin,
            rule=made.rule,
        )
    )  # fmt: skip
    if made.rule:
        work.record(
            DraftConfirmed(
                encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
                entry_id=made.entry_id, rule=made.rule, day=made.day, changed=made.origin == Origin.CHANGED,
            )
        )  # fmt: skip
    _shown(work, stay)


def _standing(work: Work, entry_id: uuid.UUID) -> tuple[AvoidableDay, Subject]:
    found = queries.entry(work, entry_id)
    stay = held_subject(work, found.encounter_id)
    row = work.lock(AvoidableDay, found.id, missing=queries.NOT_THERE)
    if row.ended_at is not None:
        raise Refused(CHANGED)
    return row, stay


def _end(work: Work, row: AvoidableDay, because: EntryEnd, reason: str) -> None:
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    row.ended_because, row.ended_reason = because.value, reason
    work.session.flush()


def _shown(work: Work, stay: Subject) -> None:
    refresh(work, [stay.encounter_id])
    work.changed(stay.facility_id, stay.encounter_id)


def _instant(stay: Subject, work: Work, on: date | None, at: time | None, field: str) -> datetime:
    if at is None:
        raise Refused("Write the time of day.", field=field)
    try:
        return true_time(on, at, work.now, stay.zone)
    except Refused as refused:
        raise Refused(refused.sentence, field=field) from None
