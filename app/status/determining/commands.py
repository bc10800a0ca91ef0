"""The determination of the committee: asking, hearing the practitioner, opinions, finding, telling, closing.

42 CFR 482.30(d). A nurse prepares and never determines; a member who takes part in the care, or owns part of the
hospital, decides nothing. No version is rewritten.
"""

import uuid
from typing import Any

from app.census.united import Subject, held_subject, subject, with_former
from app.kernel.entered import true_time
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.status import queries, rules
from app.status.events import (
    DeterminationMoved,
    DeterminationOpened,
    DeterminationTold,
    Determined,
    OpinionGiven,
    PractitionerConsulted,
    StatusRecordStruckOut,
)
from app.status.forms import (
    AmendDetermination,
    Close,
    Determine,
    GiveOpinion,
    LogConsult,
    OpenDetermination,
    Say,
    Tell,
)
from app.status.models import Consult, Determination, DeterminationNotice, Opinion
from app.status.queries import Case, MemberLine
from app.status.rules import LIFE
from app.status.terms import (
    Answer,
    DeterminationAction,
    DeterminationState,
    Finding,
    Question,
    Told,
)

NOT_THERE = "There is no such determination, or it lies outside what you may see."
NO_RECORD = "There is no such record, or it lies outside what you may see."
CHANGED = "Somebody changed this determination just now. Reload the page and look again."
_NOUN = "determination"
_S, _A = DeterminationState, DeterminationAction


def open_determination(work: Work, encounter_id: uuid.UUID, ask: OpenDetermination) -> Determination:
    """Ask the committee. Refused for a question that does not fit the stay, and while the same one is open."""
    stay = held_subject(work, encounter_id)
    _check_question(work, stay, ask.question)
    if ask.review_id is not None and not queries.is_review_of(work, stay.encounter_id, ask.review_id):
        raise NotFound("There is no such review of this stay, or it lies outside what you may see.")
    running = work.value(
        "select true from determination where encounter_id = any(%s) and question = %s and ended_at is null"
        " and state in ('open', 'determined')",
        (list(with_former(work, [stay.encounter_id])), ask.question.value),
    )
    if running:
        raise Refused("The committee is asked this already. Go on with the determination that is open.")
    state = after(LIFE, _S.NOT_OPENED, _A.OPEN, noun=_NOUN)
    made = work.add(
        Determination(
            determination_id=uuid.uuid4(), encounter_id=stay.encounter_id, facility_id=stay.facility_id,
            question=ask.question.value, review_id=ask.review_id, opened_at=work.now, opened_by=work.who.actor_id,
            state=state.value, action=_A.OPEN.value, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(DeterminationOpened(question=made.question, **_of(stay, made.determination_id)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def log_consult(work: Work, determination_id: uuid.UUID, ask: LogConsult) -> Consult:
    """Record one attempt to hear a practitioner, at its true time."""
    held, stay = _held(work, determination_id, _A.CONSULT)
    at = true_time(ask.on, ask.at, work.now, stay.zone)
    if at > work.now:
        raise Refused("The attempt lies in the future. Record it when it was made.", field="at")
    if ask.answer is Answer.DISAGREES and not ask.views:
        raise Refused("Write the views that the practitioner presented.", field="views")
    made = work.add(
        Consult(
            determination_id=determination_id, encounter_id=held.encounter_id, facility_id=held.facility_id,
            part=ask.part.value, practitioner=ask.practitioner, attempted_at=at, channel=ask.channel.value,
            answer=ask.answer.value, views=ask.views, documented_in=ask.documented_in, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        PractitionerConsulted(part=made.part, answer=made.answer, attempted_at=at, **_of(stay, determination_id))
    )
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def give_opinion(work: Work, determination_id: uuid.UUID, ask: GiveOpinion) -> Opinion:
    """A member says what they find. Refused for who is no member, and for one whose interests or care conflict."""
    held, stay = _held(work, determination_id, _A.GIVE_OPINION)
    member = acting_member(work, stay)
    decided = {str(one.user_id) for one in case(work, stay, determination_id).given}
    against = rules.conflict(member.seat, queries.care_team(work, stay.encounter_id), decided)
    if against:
        raise Refused(against)
    made = work.add(
        Opinion(
            determination_id=determination_id, encounter_id=held.encounter_id, facility_id=held.facility_id,
            member_id=member.id, user_id=member.user_id, finding=ask.finding.value, rationale=ask.rationale,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(OpinionGiven(finding=made.finding, **_of(stay, determination_id)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def determine(work: Work, determination_id: uuid.UUID, ask: Determine) -> Determination:
    """Find that the care is necessary, or that it is not, as the opinions say.

    Refused before the practitioner was heard, with too few members without conflict, and for who is no member.
    """
    action = _A.FIND_NOT_NECESSARY if ask.finding is Finding.NOT_NECESSARY else _A.FIND_NECESSARY
    held, stay = _held(work, determination_id, action)
    acting_member(work, stay)
    found = case(work, stay, determination_id)
    votes = found.votes(queries.care_team(work, stay.encounter_id))
    needed = None
    if ask.finding is Finding.NOT_NECESSARY:
        _check_question(work, stay, Question(held.question))
        allowed = queries.time_to_answer(work, stay.facility_id, stay.day(work.now))
        needed = rules.check_finding(found.consultation(work.now, found.answer_by(allowed, stay.zone)), votes)
    elif not rules.deciding(votes, Finding.NECESSARY):
        raise Refused("A member of the committee without conflict must find the care necessary first.")
    made = _next(
        work, held, action, finding=ask.finding.value, rationale=ask.rationale, members_needed=needed,
        determined_at=work.now, determined_by=work.who.actor_id,
    )  # fmt: skip
    work.record(
        Determined(
            question=made.question, outcome=made.finding, members_needed=needed, at=work.now,
            **_of(stay, determination_id),
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def tell(work: Work, determination_id: uuid.UUID, ask: Tell) -> DeterminationNotice:
    """Record a written notice to hospital, patient or practitioner. A late one keeps its true time."""
    held, stay = _held(work, determination_id, _A.NOTIFY)
    at = true_time(ask.on, ask.at, work.now, stay.zone)
    if at > work.now:
        raise Refused("The notice lies in the future. Record it when it was given.", field="at")
    if held.determined_at is not None and at < held.determined_at.replace(second=0, microsecond=0):
        raise Refused("The notice lies before the determination that it tells of.", field="at")
    if ask.told in case(work, stay, determination_id).told:
        raise Refused(f"The {ask.told.value} was told already. Strike that notice out to record another.", field="told")
    made = work.add(
        DeterminationNotice(
            determination_id=determination_id, encounter_id=held.encounter_id, facility_id=held.facility_id,
            told=ask.told.value, recipient=ask.recipient, channel=ask.channel.value, given_by=_name(work),
            delivered_at=at, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(DeterminationTold(told=made.told, delivered_at=at, **_of(stay, determination_id)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def close(work: Work, determination_id: uuid.UUID, ask: Close) -> Determination:
    """End a determination whose three notices are given. Without them only with a documented exception."""
    held, stay = _held(work, determination_id, _A.CLOSE)
    missing = rules.missing_notices(told_of(work, stay, case(work, stay, determination_id)))
    if missing and len(ask.exception) < 10:
        names = ", ".join(one.label.lower() for one in missing)
        raise Refused(f"Not told in writing yet: {names}. Give the notice, or document the exception.",
                      field="exception")  # fmt: skip
    made = _next(work, held, _A.CLOSE, exception=ask.exception if missing else "")
    _moved(work, stay, made, excepted=bool(missing))
    return made


def amend(work: Work, determination_id: uuid.UUID, ask: AmendDetermination) -> Determination:
    """Correct the rationale. The finding stays: another finding is another determination."""
    held, stay = _held(work, determination_id, _A.AMEND)
    acting_member(work, stay)
    made = _next(work, held, _A.AMEND, rationale=ask.rationale, note=ask.because)
    _moved(work, stay, made)
    return made


def withdraw(work: Work, determination_id: uuid.UUID, ask: Say) -> Determination:
    """End an open determination without a finding."""
    held, stay = _held(work, determination_id, _A.WITHDRAW)
    made = _next(work, held, _A.WITHDRAW, note=ask.reason)
    _moved(work, stay, made)
    return made


def strike_out(work: Work, determination_id: uuid.UUID, ask: Say) -> Determination:
    """Say that a determination was made by mistake; what it had started or closed is taken back."""
    held, stay = _held(work, determination_id, _A.STRIKE_OUT)
    acting_member(work, stay)
    _check_nothing_rests(work, determination_id, _NOUN)
    made = _next(work, held, _A.STRIKE_OUT, note=ask.reason)
    _moved(work, stay, made)
    return made


_OPEN_ONLY: dict[type[Consult | Opinion | DeterminationNotice], tuple[str, frozenset[DeterminationState]]] = {
    Consult: ("consultation", frozenset({_S.OPEN})),
    Opinion: ("opinion", frozenset({_S.OPEN})),
    DeterminationNotice: ("notice", frozenset({_S.DETERMINED, _S.CLOSED})),
}


def strike_record(
    work: Work, model: type[Consult | Opinion | DeterminationNotice], record_id: uuid.UUID, ask: Say
) -> Consult | Opinion | DeterminationNotice:
    """Strike out an attempt, an opinion or a notice that was recorded by mistake.

    What a determination rests on cannot be taken away from under it: that determination is struck out instead. An
    opinion is struck out by who gave it.
    """
    noun, states = _OPEN_ONLY[model]
    record = work.lock(model, record_id, NO_RECORD)
    if record.ended_at is not None:
        raise Refused(f"This {noun} is struck out already.")
    if isinstance(record, Opinion) and record.user_id != work.who.actor_id:
        raise Refused("Only the member who gave this opinion strikes it out.")
    stay = subject(work, record.encounter_id)
    held = _current(work, record.determination_id)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    state = DeterminationState(held.state)
    if state not in states:
        raise Refused(f"The determination is {state.label.lower()} and rests on this {noun}. Strike it out instead.")
    if isinstance(record, DeterminationNotice):
        _check_nothing_rests(work, record.determination_id, "notice")
    record.ended_at, record.ended_by, record.ended_reason = work.now, work.who.actor_id, ask.reason
    work.session.flush()
    work.record(
        StatusRecordStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            record_id=record_id, kind=noun,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return record


# --- what the others ask ---------------------------------------------------------------------------------------------


def acting_member(work: Work, stay: Subject) -> MemberLine:
    """The seat of whoever acts. Refused for everybody else, a nurse above all."""
    who = work.who
    if isinstance(who, Viewer) and stay.facility_id not in who.facilities_with(Permission.DETERMINE):
        raise Refused("Only a member of the committee determines. A nurse prepares, and asks a member.")
    held = queries.members(work, stay.facility_id, stay.day(work.now))
    found = next((one for one in held if one.user_id == who.actor_id), None)
    if found is None:
        raise Refused("You hold no seat on the utilization-review committee of this hospital today.")
    return found


def case(work: Work, stay: Subject, determination_id: uuid.UUID) -> Case:
    """A determination with everything that hangs on it."""
    found = [one for one in queries.cases(work, stay.encounter_id) if one.version.determination_id == determination_id]
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def told_of(db: Reading, stay: Subject, found: Case) -> frozenset[Told]:
    """Who was told: by notices of the determination, the patient also by the notice of a change of status."""
    since = found.version.determined_at
    if since is None or Told.PATIENT in found.told:
        return found.told
    at = queries.patient_told_at(db, stay.encounter_id, since)
    return found.told | {Told.PATIENT} if at is not None else found.told


def _check_question(work: Work, stay: Subject, question: Question) -> None:
    now = queries.where(work, stay.encounter_id)
    if question is Question.SELF_DENIAL:
        if now.left_at is None:
            raise Refused("The patient is still here. Self-denial is for after discharge.", field="question")
    elif now.left_at is not None:
        raise Refused("The patient has left. Ask for self-denial after discharge.", field="question")
    if not now.inpatient:
        raise Refused("The patient is no inpatient: there is no admission to determine.", field="question")


def _current(work: Work, determination_id: uuid.UUID) -> Determination:
    """The version that stands, locked."""
    key = work.value(
        "select id from determination where determination_id = %s"
        " order by (ended_at is null) desc, made_at desc, id desc limit 1",
        (determination_id,),
    )
    if key is None:
        raise NotFound(NOT_THERE)
    return work.lock(Determination, key, NOT_THERE)


def _held(work: Work, determination_id: uuid.UUID, action: DeterminationAction) -> tuple[Determination, Subject]:
    held = _current(work, determination_id)
    stay = held_subject(work, held.encounter_id)
    after(LIFE, DeterminationState(held.state), action, noun=_NOUN)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    return held, stay


def _next(work: Work, held: Determination, action: DeterminationAction, **changed: Any) -> Determination:
    """End the version that stands and put the next one in its place."""
    values = held.model_dump(exclude={"id", "ended_at"})
    held.ended_at = work.now
    work.session.flush()
    state = after(LIFE, DeterminationState(held.state), action, noun=_NOUN)
    fresh = {"state": state.value, "action": action.value, "note": "", "made_at": work.now}
    return work.add(Determination(**values | fresh | {"made_by": work.who.actor_id} | changed))


def _moved(work: Work, stay: Subject, made: Determination, *, excepted: bool = False) -> None:
    work.record(
        DeterminationMoved(action=made.action, state=made.state, excepted=excepted, **_of(stay, made.determination_id))
    )
    work.changed(stay.facility_id, stay.encounter_id)


def _check_nothing_rests(work: Work, determination_id: uuid.UUID, noun: str) -> None:
    """Refused where a change of status was completed with this determination as its evidence."""
    query = "select true from status_change where determination_id = %s and ended_at is null and state = 'completed'"
    if work.value(query, (determination_id,)):
        raise Refused(f"A completed change of status rests on this {noun}. Strike the change out first.")


def _of(stay: Subject, determination_id: uuid.UUID) -> dict[str, Any]:
    return {
        "encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id,
        "determination_id": determination_id,
    }  # fmt: skip


def _name(work: Work) -> str:
    return work.who.display_name if isinstance(work.who, Viewer) else work.who.actor
