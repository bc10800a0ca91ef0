"""Judging an opening of a restricted stay, judging it anew, and taking a judgement back."""

import uuid
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from sqlmodel import col, select

from app.accounts.watching.openings.events import OpeningJudged, OpeningJudgementTakenBack
from app.accounts.watching.openings.models import GlassReview
from app.accounts.watching.openings.rules import check_judge, check_words
from app.accounts.watching.openings.terms import OpeningVerdict, VerdictEnd
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work
from app.security.models import StayAccess
from app.web.fields import one_line

NO_OPENING = "There is no such opening within your facilities."
NO_JUDGEMENT = "There is no such judgement within your facilities."


class JudgeOpening(BaseModel):
    """What the officer makes of an opening, in words too; `seen` is the judgement that the form showed, if any."""

    verdict: OpeningVerdict
    said: Annotated[str, Field(max_length=1000), AfterValidator(one_line)] = ""
    seen: str = ""


def judge_opening(work: Work, access_id: uuid.UUID, ask: JudgeOpening) -> GlassReview:
    """Record the judgement; one that stood is ended and stays readable.

    NotFound for an opening out of reach. Refused for whoever opened the stay, without words where they are needed, and
    when somebody else judged since the form was shown.
    """
    opening = _opening(work, access_id)
    check_judge(opening.user_id, work.who.actor_id)
    check_words(ask.verdict, ask.said)
    old = _standing(work, access_id)
    if (str(old.id) if old else "") != ask.seen:
        raise Refused("This opening was judged by somebody since you opened the page. Look at it again.")
    if old is not None:
        _end(work, old, VerdictEnd.AMENDED)
    made = work.add(
        GlassReview(
            facility_id=opening.facility_id, access_id=opening.id, encounter_id=opening.encounter_id,
            verdict=ask.verdict.value, said=ask.said, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        OpeningJudged(patient_id=_patient(work, opening), facility_id=opening.facility_id, access_id=opening.id,
                      user_id=opening.user_id, verdict=ask.verdict.value)
    )  # fmt: skip
    return made


def take_back(work: Work, review_id: uuid.UUID) -> GlassReview:
    """The opening waits again. Refused when the judgement stands no more."""
    found = work.lock(GlassReview, review_id, NO_JUDGEMENT)
    opening = _opening(work, found.access_id)
    check_judge(opening.user_id, work.who.actor_id)
    if found.ended_at is not None:
        raise Refused("This judgement stands no more. Look at the opening again.")
    _end(work, found, VerdictEnd.TAKEN_BACK)
    work.record(
        OpeningJudgementTakenBack(patient_id=_patient(work, opening), facility_id=opening.facility_id,
                                  access_id=opening.id, user_id=opening.user_id, verdict=found.verdict)
    )  # fmt: skip
    return found


def _opening(work: Work, access_id: uuid.UUID) -> StayAccess:
    """The opening, locked, so that two officers judge it one after the other."""
    opening = work.lock(StayAccess, access_id, NO_OPENING)
    if opening.kind != "glass" or _patient(work, opening) is None:
        raise NotFound(NO_OPENING)
    return opening


def _patient(work: Work, opening: StayAccess) -> uuid.UUID | None:
    found = work.value("select patient_id from encounter where id = %s", (opening.encounter_id,))
    return uuid.UUID(str(found)) if found else None


def _standing(work: Work, access_id: uuid.UUID) -> GlassReview | None:
    query = select(GlassReview).where(GlassReview.access_id == access_id, col(GlassReview.ended_at).is_(None))
    return work.session.exec(query.with_for_update()).first()


def _end(work: Work, old: GlassReview, because: VerdictEnd) -> None:
    old.ended_at, old.ended_by, old.ended_because = work.now, work.who.actor_id, because.value
    work.session.flush()
