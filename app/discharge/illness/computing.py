"""Signs of stays as the facts show them, stored when they are found or gone; the case that they open.

What a person told stands until a person takes it away. What the facts show comes and goes with them.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from app.discharge.illness import queries
from app.discharge.illness.events import SignsChanged, TriggerFound
from app.discharge.illness.models import IllnessCase, IllnessSign
from app.discharge.illness.queries import CaseRow, Planning, SignRow
from app.discharge.illness.rules import LIFE, Earlier, Facts, Found, opens, signs
from app.discharge.illness.terms import CaseAction, CaseState, PlanningState, Sign
from app.discharge.instruments.known import StayKnown, known_of
from app.kernel.transitions import after
from app.platform.db import new_id
from app.platform.work import Reading, Work

WAITS_NOT = frozenset({CaseState.CLOSED, CaseState.NOT_APPLICABLE, CaseState.GONE})
"""Another sign brings the question back from here; what is deferred waits for its day."""


def found_of(stay: StayKnown, planning: Planning | None, told: Sequence[SignRow]) -> list[Found]:
    """The signs that the facts show now; those of people are among them."""
    facts = Facts(
        known=stay.known,
        earlier=tuple(Earlier(codes) for codes in stay.earlier),
        admit_source=stay.admit_source,
        planning=PlanningState(planning.state) if planning else PlanningState.UNKNOWN,
        told={Sign(one.sign): one.evidence for one in told if one.told},
    )
    return signs(facts)


def outdated(db: Reading, stays: Mapping[uuid.UUID, StayKnown]) -> list[uuid.UUID]:
    """Those of which the stored signs, or a deferral, are not what the facts and the day say now."""
    held, planned = queries.standing_signs(db, list(stays)), queries.plannings(db, list(stays))
    waiting = queries.cases(db, list(stays))
    return [
        key for key, stay in stays.items()
        if _stored(held.get(key, ())) != _shown(found_of(stay, planned.get(key), held.get(key, ())))
        or _is_back(waiting.get(key), stay)
    ]  # fmt: skip


def refresh_signs(work: Work, encounter_id: uuid.UUID) -> bool:
    """Store the signs of a stay that changed, and open or return its case. The stay is held by the caller."""
    stay = known_of(work, [encounter_id]).get(encounter_id)
    if stay is None:
        return False
    held = queries.standing_signs(work, [encounter_id]).get(encounter_id, [])
    found = found_of(stay, queries.plannings(work, [encounter_id]).get(encounter_id), held)
    before, now = {one.sign: one for one in held}, {one.sign.value: one for one in found}
    new = [one for name, one in now.items() if name not in before]
    gone = [one for name, one in before.items() if name not in now]
    changed = [one for name, one in now.items() if name in before and before[name].evidence != one.evidence]
    for row in (*gone, *(before[one.sign.value] for one in changed)):
        _end(work, row)
    for one in (*new, *changed):
        earlier = before.get(one.sign.value)
        _add(work, stay, one, earlier)
    if new or gone or changed:
        work.record(
            SignsChanged(
                **_whom(stay), found=tuple(one.sign.value for one in new), gone=tuple(one.sign for one in gone)
            )
        )
        work.changed(stay.facility_id, encounter_id)
    opened = _follow(work, stay, found, bool(new))
    return bool(new or gone or changed or opened)


def _follow(work: Work, stay: StayKnown, found: Sequence[Found], new: bool) -> bool:
    """Open the case, bring it back, or let it go. A stay that ended opens nothing and brings nothing back: what is
    coded after departure asks nobody at the bed any more."""
    case = queries.cases(work, [stay.encounter_id]).get(stay.encounter_id)
    asks = opens({one.sign for one in found})
    here = stay.status in ("admitted", "on_leave", "registered")
    if case is None:
        if asks and here:
            _open(work, stay)
        return asks and here
    if _is_back(case, stay) or (asks and new and here and case.stands in WAITS_NOT):
        step_case(work, stay, case, CaseAction.RETURN, {})
        return True
    if not asks and (case.stands, CaseAction.LOSE) in LIFE:
        step_case(work, stay, case, CaseAction.LOSE, {})
        return True
    return False


def _is_back(case: CaseRow | None, stay: StayKnown) -> bool:
    return (
        case is not None
        and case.stands is CaseState.DEFERRED
        and case.return_on is not None
        and case.return_on <= stay.known.today
        and stay.known.departed_on is None
    )


def _open(work: Work, stay: StayKnown) -> None:
    case_id = new_id()
    work.add(
        IllnessCase(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, case_id=case_id, round_id=new_id(),
            state=CaseState.FOUND.value, action="find", found_at=work.now, first_found_at=work.now, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(TriggerFound(**_whom(stay), case_id=case_id, again=False))


def step_case(work: Work, stay: StayKnown, case: CaseRow, action: CaseAction, change: Mapping[str, Any]) -> IllnessCase:
    """Another version of the case after an action; refused where the life cycle knows no such step."""
    state = after(LIFE, case.stands, action, noun="case")
    held = work.lock(IllnessCase, case.id)
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.session.flush()
    kept = {name: getattr(held, name) for name in
            ("facility_id", "encounter_id", "case_id", "round_id", "found_at", "first_found_at", "answered_at",
             "ordered_at", "seen_at")}  # fmt: skip
    if action is CaseAction.RETURN:
        kept |= {"round_id": new_id(), "found_at": work.now, "answered_at": None, "ordered_at": None, "seen_at": None}
    kept |= {"state": state.value, "action": action.value, "made_at": work.now, "made_by": work.who.actor_id}
    made = work.add(IllnessCase(**kept | dict(change)))
    if action is CaseAction.RETURN:
        work.record(TriggerFound(**_whom(stay), case_id=case.case_id, again=True))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _add(work: Work, stay: StayKnown, one: Found, earlier: SignRow | None) -> None:
    work.add(
        IllnessSign(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, sign=one.sign.value,
            told=earlier.told if earlier else False, evidence=one.evidence,
            found_at=earlier.found_at if earlier else work.now, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip


def _end(work: Work, row: SignRow) -> None:
    work.write(
        "illness_sign",
        "update illness_sign set ended_at = %s, ended_by = %s where id = %s",
        (work.now, work.who.actor_id, row.id),
    )


def _stored(held: Sequence[SignRow]) -> set[tuple[str, str]]:
    return {(one.sign, one.evidence) for one in held}


def _shown(found: Sequence[Found]) -> set[tuple[str, str]]:
    return {(one.sign.value, one.evidence) for one in found}


def _whom(stay: StayKnown) -> dict[str, Any]:
    return {"facility_id": stay.facility_id, "encounter_id": stay.encounter_id, "patient_id": stay.patient_id}
