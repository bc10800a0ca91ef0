"""Reviews of a stay with all their versions, its drafts, and what reviews say of its days."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import NO_STAY, with_former
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.platform.work import Reading
from app.reviews.criteria.terms import ReviewKind
from app.reviews.rules import Paragraph, Reviewed, ReviewedDay, StayNow, day_results, stay_days
from app.reviews.sampling.blind import kept_blind, refuse_while_blind
from app.reviews.terms import Outcome, ReviewState

NOT_THERE = "There is no such review, or it lies outside what you may see."
NO_DRAFT = "There is no such draft any more."


class Version(msgspec.Struct):
    """One version of a review."""

    id: uuid.UUID
    review_id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    kind: str
    for_day: date
    state: str
    set_id: str
    set_version: str
    licensed: dict[str, Any]
    answers: dict[str, Any]
    met: list[str]
    qualifies: bool
    override: str
    override_reason: str
    outcome: str
    reason: str
    level: str
    recommended_level: str
    exemption: str
    referred: bool
    question: str
    awaited: str
    awaited_from: str
    summary: list[dict[str, Any]]
    next_review_on: date | None
    started_at: datetime
    signed_at: datetime
    signed_by: str
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str

    @property
    def standing(self) -> bool:
        """Whether this version counts."""
        return self.ended_at is None

    @property
    def now(self) -> ReviewState:
        """Where the review stands, as this version tells."""
        return ReviewState.STRUCK_OUT if self.ended_because == "struck_out" else ReviewState(self.state)

    @property
    def kind_word(self) -> ReviewKind:
        """The kind as the rules know it."""
        return ReviewKind(self.kind)

    @property
    def paragraphs(self) -> list[Paragraph]:
        """The summary, part by part."""
        return [Paragraph(one["text"], bool(one["carried"])) for one in self.summary]

    @property
    def reviewed(self) -> Reviewed:
        """As days see it."""
        return Reviewed(self.review_id, self.for_day, Outcome(self.outcome), self.signed_at, self.next_review_on)


class Draft(msgspec.Struct):
    """What is written of a review so far."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    kind: str
    for_day: date
    content: dict[str, list[str]]
    opened_at: datetime
    saved_at: datetime
    saved_by: str
    saved_by_id: uuid.UUID | None


class _Stay(msgspec.Struct):
    timezone: str
    status: str
    patient_class: str
    began_at: datetime | None
    ordered_at: datetime | None
    discharge_at: datetime | None


_VERSIONS = """
select r.id, r.review_id, r.encounter_id, r.facility_id, r.kind, r.for_day, r.state, r.set_id, r.set_version,
  r.licensed, r.answers, r.met, r.qualifies, r.override, r.override_reason, r.outcome, r.reason, r.level,
  r.recommended_level, r.exemption, r.referred, r.question, r.awaited, r.awaited_from, r.summary, r.next_review_on,
  r.started_at, r.signed_at, coalesce(s.display_name, ''), r.made_at, coalesce(m.display_name, ''), r.made_because,
  r.ended_at, coalesce(b.display_name, ''),
  case when r.ended_at is null then '' else r.ended_because end,
  case when r.ended_at is null then '' else r.ended_reason end
from review r left join app_user s on s.id = r.signed_by left join app_user m on m.id = r.made_by
  left join app_user b on b.id = r.ended_by
"""
_DRAFTS = """
select d.id, d.encounter_id, d.facility_id, d.kind, d.for_day, d.content, d.opened_at, d.saved_at,
  coalesce(u.display_name, ''), d.saved_by
from review_draft d left join app_user u on u.id = d.saved_by where d.ended_at is null
"""
_STAY = """
select f.timezone, e.status, e.patient_class, coalesce(least(e.observation_at, e.inpatient_at), e.start_at),
  coalesce(e.inpatient_at, case when e.patient_class = 'IP' then e.start_at end), e.discharge_at
from encounter e join facility f on f.id = e.facility_id where e.id = %s
"""


def versions(db: Reading, encounter_id: uuid.UUID) -> list[Version]:
    """All versions of all reviews of a stay, the latest day first, its current version before the earlier ones."""
    stays = list(with_former(db, [encounter_id]))
    refuse_while_blind(db, stays)
    order = " order by r.for_day desc, r.signed_at desc, r.review_id, (r.ended_at is null) desc, r.made_at desc"
    return db.rows(Version, f"{_VERSIONS} where r.encounter_id = any(%s){order}", (stays,))


def standing(db: Reading, encounter_id: uuid.UUID) -> list[Version]:
    """The reviews of a stay that count, the one signed last first."""
    stays = list(with_former(db, [encounter_id]))
    refuse_while_blind(db, stays)
    order = " order by r.signed_at desc, r.id desc"
    return db.rows(Version, f"{_VERSIONS} where r.encounter_id = any(%s) and r.ended_at is null{order}", (stays,))


def last_of(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> list[Version]:
    """The reviews of these stays that count, of each stay the one signed last, the latest first."""
    query = (
        f"{_VERSIONS} where r.encounter_id = any(%s) and r.ended_at is null and not exists (select from review n"
        " where n.encounter_id = r.encounter_id and n.ended_at is null and (n.signed_at, n.id) > (r.signed_at, r.id))"
        " order by r.signed_at desc, r.id desc"
    )
    blind = kept_blind(db, encounter_ids)
    return db.rows(Version, query, ([one for one in encounter_ids if one not in blind],))


def history(db: Reading, review_id: uuid.UUID) -> list[Version]:
    """All versions of one review, the current one (or the last that was) first; NotFound outside the scope."""
    order = " order by (r.ended_at is null) desc, r.made_at desc, r.id desc"
    found = db.rows(Version, f"{_VERSIONS} where r.review_id = %s{order}", (review_id,))
    if not found:
        raise NotFound(NOT_THERE)
    refuse_while_blind(db, [found[0].encounter_id])
    return found


def drafts(db: Reading, encounter_id: uuid.UUID) -> list[Draft]:
    """The drafts of a stay, the latest first."""
    stays = list(with_former(db, [encounter_id]))
    return db.rows(Draft, f"{_DRAFTS} and d.encounter_id = any(%s) order by d.saved_at desc", (stays,))


def draft_of(db: Reading, encounter_id: uuid.UUID, kind: ReviewKind, for_day: date) -> Draft | None:
    """What is written of this review, by whomever."""
    found = [one for one in drafts(db, encounter_id) if (one.kind, one.for_day) == (kind.value, for_day)]
    return found[0] if found else None


def draft(db: Reading, draft_id: uuid.UUID) -> Draft:
    """A draft by its key; NotFound when it is none any more."""
    return db.one(Draft, f"{_DRAFTS} and d.id = %s", (draft_id,), missing=NO_DRAFT)


def stay_now(db: Reading, encounter_id: uuid.UUID) -> StayNow:
    """What decides which review fits the stay."""
    stay = db.one(_Stay, _STAY, (encounter_id,), missing=NO_STAY)
    zone = ZoneInfo(stay.timezone)

    def day(at: datetime | None) -> date | None:
        return local_day(at, zone) if at is not None else None

    expected = stay.status == "preadmit"
    return StayNow(
        began=None if expected else day(stay.began_at),
        ordered=None if expected else day(stay.ordered_at),
        ended=day(stay.discharge_at) if _has_left(stay, db.now) else None,
        today=local_day(db.now, zone),
        watched=stay.patient_class == "OBS",
        expected=expected,
    )


def _has_left(stay: _Stay, now: datetime) -> bool:
    """Whether the stay had ended at that instant; an end without a time has."""
    return stay.status == "discharged" and (stay.discharge_at is None or stay.discharge_at <= now)


def lane(stay: StayNow, reviews: list[Version]) -> list[ReviewedDay]:
    """What the reviews that count say of each day of a stay; nothing before it has begun."""
    if stay.began is None:
        return []
    return day_results(stay_days(stay.began, stay.ended, stay.today), [one.reviewed for one in reviews])


def open_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """How many reviews are owed, as stored; empty for none."""
    count = db.value(
        "select count(*) from obligation where encounter_id = %s and ended_at is null and required"
        " and closed_at is null and rule in ('UR-ADM-SCREEN', 'UR-CSR')",
        (encounter_id,),
    )
    return str(count) if count else ""
