"""Screening, asking for an evaluation, writing an assessment. No version is ever rewritten."""

import uuid
from datetime import datetime
from typing import Any

import msgspec

from app.census.united import Subject, held_subject
from app.discharge.assessment import queries
from app.discharge.assessment.domains import DOMAINS, POINTS, social_codes
from app.discharge.assessment.events import (
    AssessmentAmended,
    AssessmentDraftDiscarded,
    AssessmentDraftKept,
    AssessmentSigned,
    AssessmentStruckOut,
    ScreenChanged,
    StayScreened,
)
from app.discharge.assessment.forms import (
    NOTHING,
    AmendAssessment,
    CorrectScreen,
    Override,
    RecordScreen,
    RequestEvaluation,
    WriteAssessment,
)
from app.discharge.assessment.models import Assessment, Screening
from app.discharge.assessment.rules import LIFE, SCREEN_LIFE, Content, check_signed
from app.discharge.assessment.terms import (
    AssessmentAction,
    AssessmentKind,
    AssessmentState,
    ScreenAction,
    ScreenKind,
    ScreenState,
)
from app.discharge.instruments.computing import refresh
from app.discharge.terms import CareType
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.db import new_id
from app.platform.work import Work
from app.web.fields import StrikeOut, past_instant

NO_SCREEN = "There is no such screen, or it lies outside what you may see."
NO_ASSESSMENT = "There is no such assessment, or it lies outside what you may see."


class Meanwhile(Refused):
    """Somebody else wrote what the writer has not seen. Said once: whoever then sends the page again goes on."""


# --- screens ---------------------------------------------------------------------------------------------------------


def record_screen(work: Work, encounter_id: uuid.UUID, ask: RecordScreen) -> Screening:
    """Write down the screen of a stay; a stay has one that stands."""
    stay = held_subject(work, encounter_id)
    standing = [one for one in queries.screens(work, stay.encounter_id) if one.ended_at is None]
    found = [one for one in standing if one.kind == ScreenKind.SCREEN and one.state != ScreenState.STRUCK_OUT]
    if found:
        raise Refused("This stay was screened already. Correct that screen, or ask for an evaluation.")
    return _new_screen(work, stay, ScreenKind.SCREEN, _screened(work, stay, ask, None))


def request_evaluation(work: Work, encounter_id: uuid.UUID, ask: RequestEvaluation) -> Screening:
    """Write down that patient, family or physician asks for an evaluation. 42 CFR 482.43(a)(1)."""
    stay = held_subject(work, encounter_id)
    at = _since_arrival(stay, past_instant(ask.on, ask.at, work.now, stay.zone, None))
    return _new_screen(
        work,
        stay,
        ScreenKind.REQUEST,
        {
            "state": ScreenState.POSITIVE.value,
            "asked_by": ask.asked_by.value,
            "note": ask.note,
            "found_at": at,
            "needed_at": at,
        },
    )


def override_screen(work: Work, screening_id: uuid.UUID, ask: Override) -> Screening:
    """Say that an evaluation is made although the screen is negative; it is needed from now on."""
    held, stay = _held_screen(work, screening_id)
    state = after(SCREEN_LIFE, ScreenState(held.state), ScreenAction.OVERRIDE, noun="screen")
    change = {"state": state.value, "made_because": ask.reason, "needed_at": work.now}
    return _next_screen(work, stay, held, ScreenAction.OVERRIDE, change)


def correct_screen(work: Work, screening_id: uuid.UUID, ask: CorrectScreen) -> Screening:
    """Write down the screen as it should have been."""
    held, stay = _held_screen(work, screening_id)
    after(SCREEN_LIFE, ScreenState(held.state), ScreenAction.CORRECT, noun="screen")
    if held.kind == ScreenKind.REQUEST:
        raise Refused("A request is struck out and written down again; there is nothing to correct in it.")
    change = _screened(work, stay, ask, held.found_at) | {"made_because": ask.because}
    return _next_screen(work, stay, held, ScreenAction.CORRECT, change)


def strike_screen(work: Work, screening_id: uuid.UUID, ask: StrikeOut) -> Screening:
    """Say that a screen or a request was a mistake."""
    held, stay = _held_screen(work, screening_id)
    state = after(SCREEN_LIFE, ScreenState(held.state), ScreenAction.STRIKE_OUT, noun="screen")
    change = {"state": state.value, "made_because": ask.reason}
    return _next_screen(work, stay, held, ScreenAction.STRIKE_OUT, change)


def _screened(work: Work, stay: Subject, ask: RecordScreen, before: datetime | None) -> dict[str, Any]:
    at = _since_arrival(stay, past_instant(ask.on, ask.at, work.now, stay.zone, before))
    if ask.positive and not ask.needs and not ask.note:
        raise Refused("Choose why an evaluation is needed, or write the reason.", field="note")
    positive = ask.positive or bool(ask.needs)
    state = ScreenState.POSITIVE if positive else ScreenState.NEGATIVE
    return {"state": state.value, "needs": [one.value for one in ask.needs], "note": ask.note, "found_at": at,
            "needed_at": at if positive else None}  # fmt: skip


def _since_arrival(stay: Subject, at: datetime) -> datetime:
    if stay.start_at is not None and at < stay.start_at:
        raise Refused("This time lies before the stay began. Write when it took place.", field="on")
    return at


def _new_screen(work: Work, stay: Subject, kind: ScreenKind, values: dict[str, Any]) -> Screening:
    made = work.add(
        Screening(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, screening_id=new_id(), kind=kind.value,
            found_by=work.who.actor_id, made_at=work.now, made_by=work.who.actor_id, **values,
        )
    )  # fmt: skip
    work.record(
        StayScreened(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id,
            screening_id=made.screening_id, kind=kind.value, positive=made.state == ScreenState.POSITIVE,
            found_at=made.found_at,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _held_screen(work: Work, screening_id: uuid.UUID) -> tuple[Screening, Subject]:
    stay_id = work.value("select encounter_id from screening where screening_id = %s limit 1", (screening_id,))
    if stay_id is None:
        raise NotFound(NO_SCREEN)
    stay = held_subject(work, stay_id)
    key = work.value("select id from screening where screening_id = %s and ended_at is null", (screening_id,))
    return work.lock(Screening, key, NO_SCREEN), stay


def _next_screen(work: Work, stay: Subject, held: Screening, action: ScreenAction, change: dict[str, Any]) -> Screening:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.session.flush()
    kept = {name: getattr(held, name) for name in
            ("facility_id", "encounter_id", "screening_id", "kind", "state", "needs", "asked_by", "note", "found_at",
             "found_by", "needed_at")}  # fmt: skip
    made = work.add(Screening(**kept | {"made_at": work.now, "made_by": work.who.actor_id} | change))
    work.record(
        ScreenChanged(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id,
            screening_id=held.screening_id, kind=held.kind, action=action.value, because=made.made_because,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


# --- assessments -----------------------------------------------------------------------------------------------------


def keep_draft(work: Work, encounter_id: uuid.UUID, ask: WriteAssessment) -> Assessment:
    """Keep what is written so far. A stay has at most one draft, and a colleague who has seen it goes on with it."""
    stay = held_subject(work, encounter_id)
    before = queries.draft(work, stay.encounter_id)
    if _written_meanwhile(work, stay, ask, before) is not None:
        raise Meanwhile("This is signed already. Reload the page to begin another assessment.", field="points")
    made = _write(work, stay, AssessmentState.DRAFT, ask, before)
    event = AssessmentDraftKept(**_whom(stay, made))
    work.record(event)
    return made


def discard_draft(work: Work, encounter_id: uuid.UUID) -> Assessment:
    """Throw the draft away; it stays in the trail."""
    stay = held_subject(work, encounter_id)
    before = queries.draft(work, stay.encounter_id)
    if before is None:
        raise Refused("There is no draft any more. Reload the page and look again.")
    after(LIFE, AssessmentState(before.state), AssessmentAction.DISCARD, noun="assessment")
    made = _version(work, stay, before, {"state": AssessmentState.DISCARDED.value, "content": before.stored})
    work.record(AssessmentDraftDiscarded(**_whom(stay, made)))
    return made


def sign_assessment(work: Work, encounter_id: uuid.UUID, ask: WriteAssessment) -> Assessment:
    """Sign what is written: an evaluation first, a reassessment from then on. 42 CFR 482.43(a).

    A form that was sent twice signs once.
    """
    stay = held_subject(work, encounter_id)
    check_signed(_content(ask), ask.discussed, ask.discussed_with)
    draft = queries.draft(work, stay.encounter_id)
    if (twice := _written_meanwhile(work, stay, ask, draft)) is not None:
        return work.get(Assessment, twice.id, NO_ASSESSMENT)
    made = _write(work, stay, AssessmentState.SIGNED, ask, draft)
    content = _content(ask)
    codes = social_codes(frozenset(content.points))
    work.record(
        AssessmentSigned(
            **_whom(stay, made), signed_at=work.now, points=content.points, services=content.services,
            social_codes=tuple(codes),
        )
    )  # fmt: skip
    return _settled(work, stay, made)


def amend_assessment(work: Work, assessment_id: uuid.UUID, ask: AmendAssessment) -> Assessment:
    """Correct a signed assessment; it stays signed by whom and when it was."""
    held, stay = _held(work, assessment_id)
    after(LIFE, AssessmentState(held.state), AssessmentAction.AMEND, noun="assessment")
    check_signed(_content(ask), ask.discussed, ask.discussed_with)
    change = _written(work, stay, ask, held.discussed_at) | {"made_because": ask.because}
    made = _version(work, stay, held, change)
    work.record(AssessmentAmended(**_whom(stay, made), because=ask.because))
    return _settled(work, stay, made)


def strike_assessment(work: Work, assessment_id: uuid.UUID, ask: StrikeOut) -> Assessment:
    """Say that a signed assessment does not count; what it closed is owed again."""
    held, stay = _held(work, assessment_id)
    state = after(LIFE, AssessmentState(held.state), AssessmentAction.STRIKE_OUT, noun="assessment")
    made = _version(work, stay, held, {"state": state.value, "content": held.stored, "made_because": ask.reason})
    work.record(AssessmentStruckOut(**_whom(stay, made), because=ask.reason))
    return _settled(work, stay, made)


def _settled(work: Work, stay: Subject, made: Assessment) -> Assessment:
    refresh(work, stay.encounter_id)
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def _content(ask: WriteAssessment) -> Content:
    unknown = [code for code in ask.points if code not in POINTS] + [
        code for code in ask.services if code not in set(CareType)
    ]
    if unknown:
        raise Refused("The list of points has changed. Reload the page; what you wrote is kept.", field="points")
    titles = {domain.code for domain in DOMAINS}
    return Content(
        points=tuple(code for code in POINTS if code in ask.points),
        notes={name: text.strip()[:2000] for name, text in ask.notes.items() if name in titles and text.strip()},
        caregiver=ask.caregiver, goals=ask.goals, preferences=ask.preferences,
        services=tuple(dict.fromkeys(ask.services)), availability=ask.availability, access=ask.access,
    )  # fmt: skip


def _written_meanwhile(
    work: Work, stay: Subject, ask: WriteAssessment, draft: queries.Version | None
) -> queries.Version | None:
    """The assessment that the same person signed with the same words since; Refused where somebody else wrote.

    Whoever writes in two windows at once goes on with the draft: every version of it is kept.
    """
    stands = draft or next(iter(queries.standing(work, [stay.encounter_id]).get(stay.encounter_id, [])), None)
    if ask.seen is None or ask.seen == (str(stands.id) if stands is not None else NOTHING):
        return None
    if stands is None:
        raise Meanwhile(
            "The draft was thrown away meanwhile. Sign or keep this again to write it anew.", field="points"
        )
    if stands.made_by_id == work.who.actor_id:
        if draft is not None:
            return None
        if stands.content == _content(ask):
            return stands
    what = "wrote in this draft" if draft is not None else "signed an assessment"
    raise Meanwhile(
        f"{stands.made_by or 'The program'} {what} meanwhile. Reload the page to read it; to put your words in its"
        " place, send this page again once it is shown with what you wrote.", field="points",
    )  # fmt: skip


def _write(
    work: Work, stay: Subject, state: AssessmentState, ask: WriteAssessment, before: queries.Version | None
) -> Assessment:
    """Another version of the draft, or the first one."""
    action = AssessmentAction.SIGN if state is AssessmentState.SIGNED else AssessmentAction.KEEP
    after(LIFE, AssessmentState.DRAFT, action, noun="assessment")
    signed = {"signed_at": work.now, "signed_by": work.who.actor_id} if state is AssessmentState.SIGNED else {}
    change = _written(work, stay, ask, before.discussed_at if before else None) | {"state": state.value} | signed
    if before is not None:
        return _version(work, stay, before, change)
    first = not queries.standing(work, [stay.encounter_id])
    kind = AssessmentKind.EVALUATION if first else AssessmentKind.REASSESSMENT
    return work.add(
        Assessment(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, assessment_id=new_id(), kind=kind.value,
            made_at=work.now, made_by=work.who.actor_id, **change,
        )
    )  # fmt: skip


def _written(work: Work, stay: Subject, ask: WriteAssessment, before: datetime | None) -> dict[str, Any]:
    """The columns that a form fills. The talk took place now where nobody says another time."""
    at = None
    if ask.discussed is not None:
        at = past_instant(ask.discussed_on, ask.discussed_clock, work.now, stay.zone, before)
    return {
        "content": msgspec.to_builtins(_content(ask)),
        "discussed": ask.discussed.value if ask.discussed is not None else "",
        "discussed_with": ask.discussed_with,
        "discussed_at": at,
    }


def _held(work: Work, assessment_id: uuid.UUID) -> tuple[queries.Version, Subject]:
    found = queries.versions_of(work, assessment_id)
    if not found:
        raise NotFound(NO_ASSESSMENT)
    stay = held_subject(work, found[0].encounter_id)
    return next(one for one in queries.versions_of(work, assessment_id) if one.ended_at is None), stay


def _version(work: Work, stay: Subject, before: queries.Version, change: dict[str, Any]) -> Assessment:
    held = work.lock(Assessment, before.id, NO_ASSESSMENT)
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.session.flush()
    kept = {name: getattr(held, name) for name in
            ("facility_id", "encounter_id", "assessment_id", "kind", "state", "content", "discussed", "discussed_with",
             "discussed_at", "signed_at", "signed_by")}  # fmt: skip
    return work.add(Assessment(**kept | {"made_at": work.now, "made_by": work.who.actor_id} | change))


def _whom(stay: Subject, made: Assessment) -> dict[str, Any]:
    return {"facility_id": stay.facility_id, "encounter_id": stay.encounter_id, "patient_id": stay.patient_id,
            "assessment_id": made.assessment_id, "kind": made.kind}  # fmt: skip
