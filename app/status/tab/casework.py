"""Determinations in words: what was asked, who was heard, who found what, who was told, and what may be done next."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.census.united import Subject
from app.kernel.days import local_day
from app.kernel.deadlines import Allowance, due
from app.kernel.transitions import actions
from app.kernel.wording import dated_text
from app.platform.work import Reading
from app.regulations import in_force
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.status import queries
from app.status.determining.commands import told_of
from app.status.queries import Case, ConsultLine, NoticeLine, OpinionLine
from app.status.rules import LIFE, conflict, deciding, members_needed, missing_notices
from app.status.terms import (
    ASKED_BY,
    TOLD_BY,
    Answer,
    Channel,
    Degree,
    DeterminationAction,
    DeterminationState,
    Finding,
    Part,
    Question,
    StatusState,
)

CHOICES = {
    "asked_by": [{"value": one.value, "label": one.label} for one in ASKED_BY],
    "told_by": [{"value": one.value, "label": one.label} for one in TOLD_BY],
    "answers": [{"value": one.value, "label": one.label} for one in Answer],
    "parts": [{"value": one.value, "label": one.label} for one in Part],
    "findings": [{"value": one.value, "label": one.label} for one in Finding],
}
_TONES = {
    DeterminationState.OPEN: ("amber", "hour"),
    DeterminationState.DETERMINED: ("amber", "mail"),
    DeterminationState.CLOSED: ("green", "check"),
}
_A = DeterminationAction


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a case, where, and what they may do there."""

    db: Reading
    stay: Subject
    viewer: Viewer
    here: frozenset[Permission]

    def said(self, at: Any) -> str:
        """An instant in words."""
        return dated_text(at, self.stay.zone, self.db.now)


def is_self_denial(one: Case) -> bool:
    """Whether the committee found after discharge that the admission was not necessary."""
    version = one.version
    stands = version.state in (DeterminationState.DETERMINED, DeterminationState.CLOSED)
    return stands and version.question == Question.SELF_DENIAL and version.finding == Finding.NOT_NECESSARY


def questions(stands: StatusState, cases: list[Case]) -> list[dict[str, str]]:
    """What the committee can be asked now."""
    asked = {one.version.question for one in cases if one.version.state in ("open", "determined")}
    fit = {
        StatusState.INPATIENT: (Question.ADMISSION, Question.CONTINUED_STAY),
        StatusState.DISCHARGED: (Question.SELF_DENIAL,),
    }.get(stands, ())
    return [{"value": one.value, "label": one.label} for one in fit if one.value not in asked]


def case_of(one: Case, reader: Reader) -> dict[str, Any]:
    """One determination as the tab shows it."""
    version = one.version
    state = DeterminationState(version.state)
    tone, icon = _TONES.get(state, ("gray", "x"))
    finding = Finding(version.finding) if version.finding else None
    told = told_of(reader.db, reader.stay, one)
    return {
        "id": str(version.determination_id), "question": Question(version.question).label, "state": state.label,
        "tone": tone, "icon": icon, "opened": f"{version.opened_by}, {reader.said(version.opened_at)}",
        "finding": finding.label if finding else "", "rationale": version.rationale,
        "by": f"{version.determined_by}, {reader.said(version.determined_at)}" if version.determined_at else "",
        "exception": version.exception, "note": version.note if state is not DeterminationState.OPEN else "",
        "rule": _rule(one, reader), "consults": [_consult(each, reader) for each in one.consults],
        "opinions": [_opinion(each, reader) for each in one.opinions],
        "notices": [_notice(each, one, reader) for each in one.notices],
        "missing": [{"value": each.value, "label": each.label} for each in missing_notices(told)],
        "notices_due": _notices_due(one, reader) if finding is Finding.NOT_NECESSARY else "",
        **_steps(one, state, reader),
    }  # fmt: skip


def _steps(one: Case, state: DeterminationState, reader: Reader) -> dict[str, Any]:
    """What this person may do next with it; why not, for a member in conflict."""
    following = set(actions(LIFE, state))
    works, decides = Permission.STATUS_WORK in reader.here, Permission.DETERMINE in reader.here
    barred = _barred(one, reader) if decides else ""
    return {
        "may_consult": works and _A.CONSULT in following,
        "may_opine": decides and not barred and _A.GIVE_OPINION in following,
        "barred": barred if _A.GIVE_OPINION in following else "",
        "may_find": decides and _seated(reader) and _A.FIND_NOT_NECESSARY in following,
        "may_tell": works and _A.NOTIFY in following,
        "may_close": works and _A.CLOSE in following,
        "may_amend": decides and _seated(reader) and _A.AMEND in following,
        "may_withdraw": works and _A.WITHDRAW in following,
        "may_strike": decides and _seated(reader) and _A.STRIKE_OUT in following,
    }


def _seat(reader: Reader) -> Any:
    held = queries.members(reader.db, reader.stay.facility_id, reader.stay.day(reader.db.now))
    return next((one for one in held if one.user_id == reader.viewer.user_id), None)


def _seated(reader: Reader) -> bool:
    return _seat(reader) is not None


def _barred(one: Case, reader: Reader) -> str:
    member = _seat(reader)
    if member is None:
        return "You hold no seat on the utilization-review committee of this hospital today."
    team = queries.care_team(reader.db, reader.stay.encounter_id)
    return conflict(member.seat, team, {str(each.user_id) for each in one.given})


def _rule(one: Case, reader: Reader) -> str:
    """Where the consultation stands, and how many members it takes."""
    db, stay = reader.db, reader.stay
    allowed = queries.time_to_answer(db, stay.facility_id, stay.day(db.now))
    limit = one.answer_by(allowed, stay.zone)
    asked = one.consultation(db.now, limit)
    needed = one.version.members_needed or members_needed(asked)
    found = len(deciding(one.votes(queries.care_team(db, stay.encounter_id)), Finding.NOT_NECESSARY))
    if one.version.state not in ("open", "determined", "closed"):
        return ""
    if asked.attempts == 0:
        return "The practitioner was not asked yet. Nothing can be determined before that: 42 CFR 482.30(d)."
    if needed is None:
        until = reader.said(limit) if limit is not None else ""
        return f"Asked; views can be presented until {until} ({allowed})."
    why = {True: "the practitioner disagrees", False: "the practitioner concurs"}
    reason = why[asked.disagrees] if asked.disagrees or asked.concurs else "no views were presented in time"
    people = "One member" if needed == 1 else "Two members"
    decide = "decides" if needed == 1 else "decide"
    return f"{people} of the committee {decide}, since {reason}; {found} of {needed} without conflict found it so."


def _consult(one: ConsultLine, reader: Reader) -> dict[str, Any]:
    return {
        "id": str(one.id), "who": one.practitioner, "part": Part(one.part).label, "at": reader.said(one.attempted_at),
        "channel": Channel(one.channel).label, "answer": Answer(one.answer).label, "views": one.views,
        "documented": one.documented_in, "by": one.made_by, "struck": one.ended_reason,
    }  # fmt: skip


def _opinion(one: OpinionLine, reader: Reader) -> dict[str, Any]:
    return {
        "id": str(one.id), "who": one.name, "degree": Degree(one.degree).label, "at": reader.said(one.made_at),
        "finding": Finding(one.finding).label, "rationale": one.rationale, "struck": one.ended_reason,
        "mine": one.user_id == reader.viewer.user_id,
    }  # fmt: skip


def _notice(one: NoticeLine, case: Case, reader: Reader) -> dict[str, Any]:
    limit = _limit(case, reader)
    return {
        "id": str(one.id), "told": one.told.capitalize(), "recipient": one.recipient,
        "channel": Channel(one.channel).label, "by": one.given_by, "at": reader.said(one.delivered_at),
        "late": limit is not None and one.delivered_at > limit, "struck": one.ended_reason,
    }  # fmt: skip


def _limit(one: Case, reader: Reader) -> Any:
    made = one.version.determined_at
    if made is None:
        return None
    day = local_day(made, reader.stay.zone)
    allowed: Allowance = in_force("UR-NOTICE", day).allowance
    return due(made, allowed, reader.stay.zone)


def _notices_due(one: Case, reader: Reader) -> str:
    limit = _limit(one, reader)
    if limit is None:
        return ""
    before = ", and before the patient leaves" if one.version.question == Question.ADMISSION else ""
    return f"due by the end of {reader.said(limit - timedelta(seconds=1))[:-6]}{before}"
