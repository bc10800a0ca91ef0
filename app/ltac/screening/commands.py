"""Taking a referral in, screening it, asking the payer, deciding. Nothing is rewritten; a step can be undone."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app import regulations
from app.clocks.guessing import line_of
from app.kernel.days import local_day
from app.kernel.deadlines import Allowance, due
from app.kernel.entered import true_time
from app.kernel.refusal import Refused
from app.kernel.transitions import after
from app.ltac.kind import LONG_TERM
from app.ltac.screening import queries, rules
from app.ltac.screening.events import (
    LongTermAuthorizationSet,
    LongTermReferralAmended,
    LongTermReferralDecided,
    LongTermReferralReceived,
    LongTermReferralScreened,
    LongTermReferralStruckOut,
    LongTermStepUndone,
)
from app.ltac.screening.forms import AmendReferral, Decide, Screen, SetPayer, TakeReferral, intensive_days
from app.ltac.screening.models import (
    LongTermAuthorization,
    LongTermReferral,
    LongTermReferralStep,
    LongTermReferralVersion,
    LongTermScreening,
)
from app.ltac.screening.queries import NO_REFERRAL, Referral
from app.ltac.screening.terms import DaysSource, DeclineReason, EndReason, PayerState, ReferralAction, ReferralState
from app.platform.work import Work
from app.web.fields import StrikeOut, past_instant

NOT_LONG_TERM = "Referrals are taken in by long-term hospitals. Choose one at the top of the page."
CHANGED = "Somebody changed this meanwhile. Look at the page again."
DECIDED = "This referral is decided. Open it again before you change what was screened."
OVERWRITE = "Nothing of yours is kept yet. The lines above say what stands now; save again to put yours in its place."
OVER = "seen"
"""The field of a form that says which version it was filled from."""
ANSWER = "LT-ANSWER"
"""The term that says by when a referrer is answered where the referral names no time."""
RULES = frozenset({ANSWER})
UNDO_WITHIN = timedelta(hours=1)
OLDEST = 120
_SAME = """
select r.serial from ltac_referral_version v join ltac_referral r on r.id = v.referral_id
where v.facility_id = %(facility)s and v.ended_at is null and v.referral_id is distinct from %(own)s
  and ((%(number)s <> '' and lower(v.record_number) = lower(%(number)s) and v.birth = %(birth)s)
    or (lower(v.family) = lower(%(family)s) and lower(v.given) = lower(%(given)s) and v.birth = %(birth)s))
  and coalesce((select t.state from ltac_referral_step t where t.referral_id = r.id and t.ended_at is null
    order by t.made_at desc, t.id desc limit 1), 'received') in ('received', 'screening', 'accepted')
order by r.serial limit 1
"""


def receive(work: Work, facility_id: int, ask: TakeReferral) -> LongTermReferral:
    """Take a referral in. Refused elsewhere than in a long-term hospital, and for a double that nobody meant."""
    zone = _zone(work, facility_id)
    came = past_instant(ask.received_on, ask.received_at, work.now, zone, None)
    values = _values(work, facility_id, ask, (came, zone))
    _check_double(work, facility_id, ask, None)
    made = work.add(
        LongTermReferral(facility_id=facility_id, received_at=came, made_at=work.now, made_by=work.who.actor_id)
    )
    work.add(LongTermReferralVersion(referral_id=made.id, **values))
    work.session.refresh(made)
    work.record(LongTermReferralReceived(facility_id=facility_id, referral_id=made.id, serial=made.serial))
    return made


def amend(work: Work, referral_id: uuid.UUID, ask: AmendReferral) -> None:
    """Correct what was written down; the version before is kept. When it came in stays."""
    held = _held(work, referral_id)
    zone = ZoneInfo(held.timezone)
    values = _values(work, held.facility_id, ask, (held.received_at, zone))
    _check_double(work, held.facility_id, ask, referral_id)
    before = work.lock(LongTermReferralVersion, held.version_id, NO_REFERRAL)
    changed = tuple(name for name, value in values.items() if name not in _OF and getattr(before, name) != value)
    if not changed:
        raise Refused("Nothing was changed.")
    _end_version(work, before, "amended", ask.because)
    work.add(LongTermReferralVersion(referral_id=referral_id, **values))
    work.record(
        LongTermReferralAmended(
            facility_id=held.facility_id, referral_id=referral_id, serial=held.serial, changed=changed
        )
    )


def strike_out(work: Work, referral_id: uuid.UUID, ask: StrikeOut) -> None:
    """Say that a referral was entered by mistake. Refused for one that became a stay."""
    held = _held(work, referral_id)
    if held.stands is ReferralState.ADMITTED:
        raise Refused("This referral became a stay. Unlink the stay first, if it is another patient's.")
    _end_version(work, work.lock(LongTermReferralVersion, held.version_id, NO_REFERRAL), "struck_out", ask.reason)
    work.record(LongTermReferralStruckOut(facility_id=held.facility_id, referral_id=referral_id, serial=held.serial))


def record_screening(work: Work, referral_id: uuid.UUID, ask: Screen) -> LongTermScreening:
    """Record what is known of a candidate, as a whole.

    Refused once the referral is declined, taken back or lost, and when a colleague wrote since the form was shown.
    """
    held = _held(work, referral_id)
    days = intensive_days(ask, local_day(work.now, ZoneInfo(held.timezone)))
    before = queries.screened(work, [referral_id]).get(referral_id)
    if before is not None and ask.seen not in ("", queries.mark_of(before)):
        raise Refused(f"{before.made_by_name} saved this screening after you had opened it. {OVERWRITE}", field=OVER)
    same = before is not None and before.intensive == days and days is not None
    origin = (before.intensive_source, before.intensive_stay_id) if before and same else (DaysSource.TOLD, None)
    given = ask.model_dump(
        exclude={"seen", "intensive", "intensive_first", "intensive_last", "intensive_more"}, mode="json"
    )
    return _keep_screening(work, held, given | {"intensive": days}, origin)


def take_intensive_days(work: Work, referral_id: uuid.UUID, stay: tuple[uuid.UUID, list[date], bool]) -> None:
    """Take the days in intensive care from the movements of a stay elsewhere in the installation, as evidence.

    `stay` is its key, the days, and whether the patient lies in intensive care still.
    """
    held = _held(work, referral_id)
    encounter_id, days, still = stay
    before = queries.screened(work, [referral_id]).get(referral_id)
    kept = {} if before is None else {name: getattr(before, name) for name in _KEPT}
    given = kept | {"intensive": days, "still_intensive": still}
    _keep_screening(work, held, given, (DaysSource.ADT, encounter_id))


def set_authorization(work: Work, referral_id: uuid.UUID, ask: SetPayer) -> None:
    """Record where the payer's authorization stands. Number and days only with an approval."""
    held = _held(work, referral_id)
    if ask.days is not None and ask.state is not PayerState.APPROVED:
        raise Refused("Days belong to an approval.", field="days")
    if ask.state is PayerState.APPROVED and not ask.payer_number:
        raise Refused("Write the number of the approval.", field="payer_number")
    _end_standing(work, LongTermAuthorization, referral_id)
    work.add(LongTermAuthorization(**ask.model_dump(mode="json"), **_of(work, held)))
    work.record(
        LongTermAuthorizationSet(
            facility_id=held.facility_id, referral_id=referral_id, serial=held.serial, state=ask.state.value
        )
    )


def decide(work: Work, referral_id: uuid.UUID, ask: Decide) -> ReferralState:
    """Accept, decline, take back, lose or reopen. Refused without its reason, or where the life does not allow it."""
    held = _held(work, referral_id)
    reason = _reason(ask)
    if ask.action not in _DECISIONS:
        raise Refused("Choose what becomes of the referral.", field="action")
    if ask.bed_on is not None and ask.bed_on < local_day(work.now, ZoneInfo(held.timezone)):
        raise Refused("The day of the bed lies in the past.", field="bed_on")
    offered = {"bed": ask.bed, "bed_on": ask.bed_on} if ask.action is ReferralAction.ACCEPT else {}
    state = add_step(work, held, ask.action, {"reason": reason, "said": ask.said, **offered})
    work.record(
        LongTermReferralDecided(
            facility_id=held.facility_id, referral_id=referral_id, serial=held.serial, action=ask.action.value,
            state=state.value, reason=reason if ask.action is not ReferralAction.REOPEN else "",
        )
    )  # fmt: skip
    return state


def undo(work: Work, referral_id: uuid.UUID) -> ReferralState:
    """Take the last decision back at once. Refused for another person's, and after an hour: then reopen."""
    held = _held(work, referral_id)
    mine = held.stepped_by is not None and held.stepped_by == work.who.actor_id
    fresh = held.stepped_at is not None and work.now - held.stepped_at <= UNDO_WITHIN
    if not held.action or ReferralAction(held.action) not in _DECISIONS or not mine or not fresh:
        raise Refused("There is no decision of yours to take back. Open the referral again, with a reason.")
    query = (
        "select id from ltac_referral_step where referral_id = %s and ended_at is null"
        " order by made_at desc, id desc limit 1"
    )
    step = work.lock(LongTermReferralStep, work.value(query, (referral_id,)), CHANGED)
    step.ended_at, step.ended_by = work.now, work.who.actor_id
    work.session.flush()
    state = ReferralState(work.value(_STATE, (referral_id,)) or ReferralState.RECEIVED.value)
    work.record(
        LongTermStepUndone(
            facility_id=held.facility_id, referral_id=referral_id, serial=held.serial, action=held.action,
            state=state.value,
        )
    )  # fmt: skip
    return state


# --- the steps of it -------------------------------------------------------------------------------------------------

_OF = frozenset({"facility_id", "made_at", "made_by"})
_DECISIONS = frozenset(
    {ReferralAction.ACCEPT, ReferralAction.DECLINE, ReferralAction.WITHDRAW, ReferralAction.LOSE, ReferralAction.REOPEN}
)
_KEPT = tuple(name for name in Screen.model_fields if not name.startswith(("intensive", "seen")))
_STATE = (
    "select state from ltac_referral_step where referral_id = %s and ended_at is null"
    " order by made_at desc, id desc limit 1"
)


_TERM = (
    "select allowance from policy_rule where facility_id = %s and rule = %s and payer_code = '' and asked"
    " and begins <= %s and (ends is null or ends >= %s) and ended_at is null order by begins desc limit 1"
)


def _held(work: Work, referral_id: uuid.UUID) -> Referral:
    """The referral, locked: of two who act on it at once the second sees what the first did."""
    work.lock(LongTermReferral, referral_id, NO_REFERRAL)
    return queries.referral(work, referral_id)


def add_step(work: Work, held: Referral, action: ReferralAction, said: dict[str, Any]) -> ReferralState:
    """Let a step follow on what stands, and say where the referral is then."""
    state = after(rules.LIFE, held.stands, action, noun="referral")
    work.add(LongTermReferralStep(action=action.value, state=state.value, **said, **_of(work, held)))
    return state


def _of(work: Work, held: Referral) -> dict[str, Any]:
    return {
        "facility_id": held.facility_id, "referral_id": held.id, "made_at": work.now, "made_by": work.who.actor_id,
    }  # fmt: skip


def _zone(work: Work, facility_id: int) -> ZoneInfo:
    query = "select timezone from facility where id = %s and kind = %s"
    found = work.value(query, (facility_id, LONG_TERM))
    if found is None:
        raise Refused(NOT_LONG_TERM)
    return ZoneInfo(found)


def _values(work: Work, facility_id: int, ask: TakeReferral, when: tuple[datetime, ZoneInfo]) -> dict[str, Any]:
    """The columns of a version. What is left out follows: the answer in a day, the line from the payer's name."""
    came, zone = when
    today = local_day(work.now, zone)
    if not today.replace(year=today.year - OLDEST, day=min(today.day, 28)) <= ask.birth <= today:
        raise Refused("This day of birth cannot be. Look at the year.", field="birth")
    by = _usual_answer(work, facility_id, came, zone)
    if ask.answer_on is not None or ask.answer_at is not None:
        if ask.answer_at is None:
            raise Refused("Write the time of day too.", field="answer_at")
        by = true_time(ask.answer_on or today, ask.answer_at, work.now, zone)
    if by < came:
        raise Refused("The answer is due before the referral came. Correct one of the two.", field="answer_on")
    line = ask.line or line_of(ask.payer_name)
    query = (
        "select v.id, v.ccn from vendor v join vendor_version w on w.vendor_id = v.id and w.ended_at is null"
        " where v.facility_id = %s and w.care_type = 'acute' and lower(w.name) = lower(%s) order by v.made_at limit 1"
    )
    vendor, ccn = next(iter(work.rows(_pair, query, (facility_id, ask.from_name))), (None, ""))
    left_out = {
        "received_on", "received_at", "answer_on", "answer_at", "same_again", "because", "line", "birth", "wanted_on",
        "needs",
    }  # fmt: skip
    return ask.model_dump(mode="json", exclude=left_out) | {
        "birth": ask.birth, "wanted_on": ask.wanted_on, "needs": [one.value for one in ask.needs], "answer_by": by,
        "line": "" if line is None else line.value, "vendor_id": vendor, "from_ccn": ask.from_ccn or ccn,
        "facility_id": facility_id, "made_at": work.now, "made_by": work.who.actor_id,
    }  # fmt: skip


def _usual_answer(work: Work, facility_id: int, came: datetime, zone: ZoneInfo) -> datetime:
    """By when the answer is due: the facility's own term, or the default."""
    day = local_day(came, zone)
    allowance = work.value(_TERM, (facility_id, ANSWER, day, day))
    if not allowance:
        allowance = str(regulations.in_force(ANSWER, day).allowance)
    return due(came, Allowance.parse(allowance), zone)


def _pair(vendor: uuid.UUID, ccn: str) -> tuple[uuid.UUID | None, str]:
    return vendor, ccn


def _check_double(work: Work, facility_id: int, ask: TakeReferral, own: uuid.UUID | None) -> None:
    if ask.same_again:
        return
    work.connection.execute("select pg_advisory_xact_lock(hashtext('ltac.referral'), %s)", (facility_id,))
    about = {
        "facility": facility_id, "own": own, "number": ask.record_number, "birth": ask.birth, "family": ask.family,
        "given": ask.given,
    }  # fmt: skip
    serial = work.value(_SAME, about)
    if serial is not None:
        text = f"Referral {serial} is open for this person. Tick this if a second one is meant."
        raise Refused(text, field="same_again")


def _keep_screening(
    work: Work, held: Referral, given: dict[str, Any], origin: tuple[DaysSource, uuid.UUID | None]
) -> LongTermScreening:
    if not held.stands.open:
        raise Refused(DECIDED)
    _end_standing(work, LongTermScreening, held.id)
    made = work.add(
        LongTermScreening(
            **given, intensive_source=origin[0].value, intensive_stay_id=origin[1], **_of(work, held)
        )
    )  # fmt: skip
    if held.stands is ReferralState.RECEIVED:
        add_step(work, held, ReferralAction.SCREEN, {})
    told = queries.screened(work, [held.id])[held.id]
    rate = queries.rate_of(held, told, local_day(work.now, ZoneInfo(held.timezone))).rate
    work.record(
        LongTermReferralScreened(
            facility_id=held.facility_id, referral_id=held.id, serial=held.serial, rate=rate.value,
            intensive_source=origin[0].value,
        )
    )  # fmt: skip
    return made


def _end_standing(
    work: Work, model: type[LongTermScreening] | type[LongTermAuthorization], referral_id: uuid.UUID
) -> None:
    table = model.__tablename__
    query = f"select id from {table} where referral_id = %s and ended_at is null"
    for key in work.values(query, (referral_id,)):
        row: LongTermScreening | LongTermAuthorization = work.lock(model, key, CHANGED)
        row.ended_at, row.ended_by = work.now, work.who.actor_id
    work.session.flush()


def _end_version(work: Work, row: LongTermReferralVersion, because: str, reason: str) -> None:
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    row.ended_because, row.ended_reason = because, reason
    work.session.flush()


def _reason(ask: Decide) -> str:
    """The code of the reason, or the words where there are none. Refused without one."""
    if ask.action is ReferralAction.DECLINE:
        if ask.declined is None:
            raise Refused("Choose why the patient is not taken.", field="declined")
        if ask.declined is DeclineReason.OTHER and not ask.said:
            raise Refused("Write what the reason is: “Other” needs words.", field="said")
        return ask.declined.value
    if ask.action is ReferralAction.WITHDRAW:
        if ask.ended is None:
            raise Refused("Choose why the referrer took it back.", field="ended")
        if ask.ended is EndReason.OTHER and not ask.said:
            raise Refused("Write what the reason is: “Other” needs words.", field="said")
        return ask.ended.value
    if ask.action is ReferralAction.REOPEN and not ask.said:
        raise Refused("Write why it is opened again.", field="said")
    return ask.said if ask.action is ReferralAction.REOPEN else ""
