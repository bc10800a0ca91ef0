"""Writing, signing, amending, striking out and referring reviews. No version of a signed review is ever rewritten."""

import uuid
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.census.united import Subject, held_subject, subject, with_former
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.reviews import judging, rules
from app.reviews.criteria.terms import ReviewKind
from app.reviews.events import (
    ReviewAmended,
    ReviewDraftDiscarded,
    ReviewDraftSaved,
    ReviewReferred,
    ReviewSigned,
    ReviewStruckOut,
)
from app.reviews.judging import Judgment
from app.reviews.models import Review, ReviewDraft
from app.reviews.queries import NO_DRAFT, NOT_THERE, standing, stay_now
from app.reviews.rules import LIFE
from app.reviews.terms import LevelOfCare, Outcome, ReviewAction, ReviewState
from app.web.fields import empty_is_none, one_line

LONGEST_FORM = timedelta(hours=12)
"""A form that was open longer was left alone: then the work began when it was sent."""
MOST_DRAFT = 60_000
MOST_AHEAD = timedelta(days=92)
"""No cadence is longer; a next review that lies farther ahead is a mistyped date."""


Line = Annotated[str, Field(max_length=200), AfterValidator(one_line)]
Words = Annotated[str, Field(max_length=2000), AfterValidator(str.strip)]
Level = Annotated[LevelOfCare | None, BeforeValidator(empty_is_none)]
Reason = Annotated[str, Field(min_length=3, max_length=300), AfterValidator(str.strip)]


class WriteReview(BaseModel):
    """A review as somebody writes it.

    `criteria` names a set and its version apart by a blank, or `licensed` for a licensed product. Without an outcome
    it follows from the points. `values` are quantities by name, `moments` local times of events by point.
    """

    kind: ReviewKind
    for_day: date
    criteria: Annotated[str, Field(max_length=80)]
    points: Annotated[list[str], Field(max_length=40)] = []
    values: dict[str, str] = {}
    moments: dict[str, str] = {}
    licensed: dict[str, str] = {}
    outcome: Annotated[Outcome | None, BeforeValidator(empty_is_none)] = None
    override_reason: Words = ""
    reason: Words = ""
    level: Level = None
    recommended_level: Level = None
    exemption: Annotated[str, Field(max_length=40)] = ""
    refer: bool = False
    question: Words = ""
    awaited: Line = ""
    awaited_from: Line = ""
    summary: Annotated[str, Field(max_length=8000)] = ""
    carried: Annotated[list[Annotated[str, Field(max_length=8000)]], Field(max_length=40)] = []
    next_review_on: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    opened_at: Annotated[datetime | None, BeforeValidator(empty_is_none)] = None


class AmendReview(WriteReview):
    """The review as it should read, and why the earlier version was wrong."""

    because: Reason


class StrikeOut(BaseModel):
    """Why a review does not count."""

    reason: Reason


class Refer(BaseModel):
    """The question to the physician; empty is the usual one."""

    question: Words = ""


class KeepDraft(BaseModel):
    """Which review is being written, and since when; whether it is to stand in the place of one that is signed."""

    kind: ReviewKind
    for_day: date
    amends: bool = False
    opened_at: Annotated[datetime | None, BeforeValidator(empty_is_none)] = None


def save_draft(work: Work, encounter_id: uuid.UUID, ask: KeepDraft, typed: dict[str, list[str]]) -> ReviewDraft:
    """Keep what is written so far, as it was typed. Who saves goes on with the draft that is there."""
    stay = held_subject(work, encounter_id)
    if sum(len(value) for values in typed.values() for value in values) > MOST_DRAFT:
        raise Refused("This is too long to keep. Shorten the summary.", field="summary")
    state = _state(work, stay, ask.kind, ask.for_day)
    if not (ask.amends and state in rules.STANDING):  # what is typed for an amendment is kept beside what stands
        after(LIFE, state, ReviewAction.SAVE if state is ReviewState.DRAFT else ReviewAction.OPEN, noun="review")
    draft = _draft(work, stay, ask.kind, ask.for_day)
    if draft is None:
        draft = ReviewDraft(
            encounter_id=stay.encounter_id, facility_id=stay.facility_id, kind=ask.kind.value, for_day=ask.for_day,
            opened_at=_began(ask.opened_at, work.now), opened_by=work.who.actor_id, saved_at=work.now,
        )  # fmt: skip
    draft.content, draft.saved_at, draft.saved_by = dict(typed), work.now, work.who.actor_id
    work.add(draft)
    work.record(
        ReviewDraftSaved(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id, kind=draft.kind,
            for_day=draft.for_day,
        )
    )  # fmt: skip
    return draft


def discard_draft(work: Work, draft_id: uuid.UUID) -> ReviewDraft:
    """Throw a draft away."""
    draft = work.lock(ReviewDraft, draft_id, NO_DRAFT)
    if draft.ended_at is not None:
        raise NotFound(NO_DRAFT)
    after(LIFE, ReviewState.DRAFT, ReviewAction.DISCARD, noun="draft")
    stay = subject(work, draft.encounter_id)
    _end_draft(work, draft, "discarded")
    work.record(
        ReviewDraftDiscarded(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id, kind=draft.kind,
            for_day=draft.for_day,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return draft


def sign_review(work: Work, encounter_id: uuid.UUID, ask: WriteReview) -> Review:
    """Sign a review. Refused, with the field, for one that says too little, and where one stands for that day."""
    stay = held_subject(work, encounter_id)
    rules.check_day(ask.kind, ask.for_day, stay_now(work, stay.encounter_id))
    after(LIFE, _state(work, stay, ask.kind, ask.for_day), ReviewAction.SIGN, noun="review of this day")
    found = judging.judge(work, stay, ask)
    _check_next(ask)
    draft = _draft(work, stay, ask.kind, ask.for_day)
    began = _began(draft.opened_at if draft else ask.opened_at, work.now)
    if draft is not None:
        _end_draft(work, draft, "signed")
    signing = _Signing(review_id=uuid.uuid4(), state=ReviewState.SIGNED, started_at=began, signed_at=work.now,
                       signed_by=work.who.actor_id, before=_last_summary(work, stay))  # fmt: skip
    made = _store(work, stay, ask, found, signing)
    work.record(
        ReviewSigned(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            review_id=made.review_id, kind=made.kind, for_day=made.for_day, outcome=made.outcome,
            signed_at=made.signed_at,
        )
    )  # fmt: skip
    if made.referred:
        _tell_referred(work, stay, made)
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def amend_review(work: Work, review_id: uuid.UUID, ask: AmendReview) -> Review:
    """Put another version in the place of the one that stands. Kind and day stay: another day is another review."""
    held, stay = _held(work, review_id, ReviewAction.AMEND)
    if (ask.kind.value, ask.for_day) != (held.kind, held.for_day):
        raise Refused("This is another review. Strike this one out and sign the other one.", field="for_day")
    found = judging.judge(work, stay, ask, held.signed_at)
    _check_next(ask)
    # A physician who was asked about a review that was met has not been asked whether it may fail.
    was_referred = held.referred and (held.outcome == found.finding.outcome or found.finding.outcome is Outcome.MET)
    _end(work, held, "amended", ask.because)
    if (draft := _draft(work, stay, ask.kind, ask.for_day)) is not None:
        _end_draft(work, draft, "signed")
    before = [rules.Paragraph(one["text"]) for one in held.summary if one["carried"]]
    signing = _Signing(review_id=review_id, state=ReviewState.AMENDED, started_at=held.started_at,
                       signed_at=held.signed_at, signed_by=held.signed_by, because=ask.because,
                       before=before)  # fmt: skip
    made = _store(work, stay, ask, found, signing)
    work.record(
        ReviewAmended(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            review_id=review_id, kind=made.kind, for_day=made.for_day, outcome=made.outcome, referred=made.referred,
        )
    )  # fmt: skip
    if made.referred and not was_referred:
        _tell_referred(work, stay, made)
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_out(work: Work, review_id: uuid.UUID, ask: StrikeOut) -> Review:
    """Say that a review does not count; what it had closed is open again."""
    held, stay = _held(work, review_id, ReviewAction.STRIKE_OUT)
    _end(work, held, "struck_out", ask.reason)
    work.record(
        ReviewStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            review_id=review_id, because="struck_out",
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return held


def refer(work: Work, review_id: uuid.UUID, ask: Refer) -> Review:
    """Ask a physician about a review that stands; again, where what was asked first was withdrawn or answered.

    Whether a question is open already is known to who answers: then the reaction to the event refuses.
    """
    held, stay = _held(work, review_id, ReviewAction.REFER)
    if held.referred and ask.question in ("", held.question):
        _tell_referred(work, stay, held, "again")
        return held
    question = ask.question or rules.question_of(judging.finding_of(held), ReviewKind(held.kind), held.for_day)
    values = held.model_dump(exclude={"id", "ended_at", "ended_by", "ended_because", "ended_reason"})
    _end(work, held, "amended", "Referred to a physician")
    made = work.add(
        Review(**values | {"referred": True, "question": question, "made_at": work.now, "made_by": work.who.actor_id,
                           "made_because": "Referred to a physician"})
    )  # fmt: skip
    _tell_referred(work, stay, made, "again" if held.referred else "reviewer")
    work.changed(stay.facility_id, stay.encounter_id)
    return made


class _Signing(msgspec.Struct, kw_only=True):
    """Who signs which version, since when it was written, and the parts that count as carried over."""

    review_id: uuid.UUID
    state: ReviewState
    started_at: datetime
    signed_at: datetime
    signed_by: uuid.UUID | None
    before: list[rules.Paragraph]
    because: str = ""


def _store(work: Work, stay: Subject, ask: WriteReview, found: Judgment, signing: _Signing) -> Review:
    said = found.finding
    referred = rules.goes_to_physician(said)
    parts = rules.paragraphs([ask.summary, *ask.carried], signing.before)
    values: dict[str, Any] = {name: getattr(said, name) or "" for name in _SAID}
    return work.add(
        Review(
            **values, review_id=signing.review_id, encounter_id=stay.encounter_id, facility_id=stay.facility_id,
            kind=ask.kind.value, for_day=ask.for_day, state=signing.state.value, set_id=found.set_id,
            set_version=found.set_version, licensed=found.licensed, answers=found.answers, met=list(found.met),
            qualifies=found.qualifies, referred=referred,
            question=rules.question_of(said, ask.kind, ask.for_day) if referred else "",
            summary=[msgspec.to_builtins(part) for part in parts], next_review_on=ask.next_review_on,
            started_at=signing.started_at, signed_at=signing.signed_at, signed_by=signing.signed_by, made_at=work.now,
            made_by=work.who.actor_id, made_because=signing.because,
        )
    )  # fmt: skip


_SAID = (
    "outcome", "override", "override_reason", "reason", "level", "recommended_level", "exemption", "awaited",
    "awaited_from",
)  # fmt: skip


def _tell_referred(work: Work, stay: Subject, made: Review, reason: str = "") -> None:
    by_outcome = made.outcome == Outcome.NOT_MET and not made.exemption
    work.record(
        ReviewReferred(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            review_id=made.review_id, question=made.question,
            reason=reason or ("not_met" if by_outcome else "reviewer"),
        )
    )  # fmt: skip


def _check_next(ask: WriteReview) -> None:
    if ask.next_review_on is not None and ask.next_review_on <= ask.for_day:
        raise Refused("The next review lies after the day that is reviewed.", field="next_review_on")
    if ask.next_review_on is not None and ask.next_review_on > ask.for_day + MOST_AHEAD:
        raise Refused(
            f"This is more than {MOST_AHEAD.days} days after the day that is reviewed. Look at the date again.",
            field="next_review_on",
        )


def _began(opened_at: datetime | None, now: datetime) -> datetime:
    if opened_at is None or opened_at.utcoffset() is None or not now - LONGEST_FORM <= opened_at <= now:
        return now
    return opened_at


def _last_summary(db: Reading, stay: Subject) -> list[rules.Paragraph]:
    found = standing(db, stay.encounter_id)
    return found[0].paragraphs if found else []


def _state(work: Work, stay: Subject, kind: ReviewKind, for_day: date) -> ReviewState:
    """Where the review of this kind and day stands, also where it was signed for a part of the stay."""
    state = work.value(
        "select state from review where encounter_id = any(%s) and kind = %s and for_day = %s and ended_at is null",
        (list(with_former(work, [stay.encounter_id])), kind.value, for_day),
    )
    if state is not None:
        return ReviewState(state)
    return ReviewState.NOT_BEGUN if _draft(work, stay, kind, for_day) is None else ReviewState.DRAFT


def _draft(work: Work, stay: Subject, kind: ReviewKind, for_day: date) -> ReviewDraft | None:
    key = work.value(
        "select id from review_draft where encounter_id = %s and kind = %s and for_day = %s and ended_at is null",
        (stay.encounter_id, kind.value, for_day),
    )
    return work.lock(ReviewDraft, key, NO_DRAFT) if key is not None else None


def _end_draft(work: Work, draft: ReviewDraft, because: str) -> None:
    draft.ended_at, draft.ended_by, draft.ended_because = work.now, work.who.actor_id, because
    work.session.flush()


def _held(work: Work, review_id: uuid.UUID, action: ReviewAction) -> tuple[Review, Subject]:
    """The version that stands, locked after its stay as all who write do; Refused when none does any more."""
    found = work.rows(
        lambda key, encounter_id: (key, encounter_id),
        "select id, encounter_id from review where review_id = %s"
        " order by (ended_at is null) desc, made_at desc, id desc limit 1",
        (review_id,),
    )
    if not found:
        raise NotFound(NOT_THERE)
    stay = held_subject(work, found[0][1])
    held = work.lock(Review, found[0][0], NOT_THERE)
    struck = held.ended_because == "struck_out"
    after(LIFE, ReviewState.STRUCK_OUT if struck else ReviewState(held.state), action, noun="review")
    if held.ended_at is not None:
        raise Refused("Somebody changed this review just now. Reload the page and look again.")
    return held, stay


def _end(work: Work, held: Review, because: str, reason: str) -> None:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = because, reason
    work.session.flush()
