"""What the form of a review holds when it is opened: its draft, what the last review said, or nothing yet."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import Subject
from app.clocks.commands import FAULTS
from app.clocks.gather import gather
from app.platform.work import Reading
from app.reviews import queries, rules
from app.reviews.criteria.terms import CriteriaSet, ReviewKind
from app.reviews.judging import LICENSED, given_of
from app.reviews.proposing import Proposal, propose_next
from app.reviews.queries import Draft, Version
from app.reviews.rules import StayNow
from app.reviews.sets.queries import sets_for
from app.reviews.writing.reading import MOMENT, VALUE, Typed


class Wanted(msgspec.Struct, frozen=True):
    """Which review somebody wants to write; what is not said follows from the stay."""

    kind: ReviewKind | None = None
    day: date | None = None
    criteria: str = ""


class Opened(msgspec.Struct):
    """A review about to be written.

    `signed` is the review that stands for that kind and day already; `last` the one signed last, whatever it was about.
    """

    kind: ReviewKind
    day: date
    stay: StayNow
    typed: Typed
    made: list[Version]
    proposal: Proposal
    sets: list[CriteriaSet]
    draft: Draft | None = None
    signed: Version | None = None
    last: Version | None = None
    from_last: bool = False


def opened(db: Reading, subject: Subject, wanted: Wanted) -> Opened:
    """The review that is wanted, or that comes next, with its form as it is most often right."""
    stay = queries.stay_now(db, subject.encounter_id)
    made = queries.standing(db, subject.encounter_id)
    kind = wanted.kind or rules.kind_next(stay, (one.kind_word for one in made))
    day = wanted.day or rules.day_next(kind, stay, rules.days_open(queries.lane(stay, made)))
    draft = queries.draft_of(db, subject.encounter_id, kind, day)
    offered = sets_for(db, subject.facility_id, kind, day)
    last = made[0] if made else None
    proposal = proposed(db, subject.encounter_id, kind, day)
    typed = dict(draft.content) if draft is not None else _prefilled(last, offered, proposal, wanted.criteria)
    if wanted.criteria:
        typed["criteria"] = [wanted.criteria]
    return Opened(
        kind, day, stay, typed, made, proposal, offered, draft=draft,
        signed=next((one for one in made if (one.kind, one.for_day) == (kind.value, day)), None), last=last,
        from_last=draft is None and bool(typed.get("points")),
    )  # fmt: skip


def proposed(db: Reading, encounter_id: uuid.UUID, kind: ReviewKind, day: date) -> Proposal:
    """The day of the next review; none where the clocks of the stay cannot be computed."""
    try:
        facts = gather(db, [encounter_id])
        return propose_next(facts[0], kind, day) if facts else Proposal(None, "")
    except FAULTS:
        return Proposal(None, "The clocks of this stay cannot be computed; choose the day yourself.")


def _prefilled(last: Version | None, offered: list[CriteriaSet], proposal: Proposal, criteria: str) -> Typed:
    """What the last review said that may still hold: answers to the same set, level of care, the summary."""
    found: Typed = {"next_review_on": [proposal.day.isoformat() if proposal.day else ""]}
    first = offered[0] if offered else None
    found["criteria"] = [criteria or (f"{first.id} {first.version}" if first else LICENSED)]
    if last is None:
        return found
    named = {one.id: f"{one.id} {one.version}" for one in offered}
    if not criteria and last.set_id in named:
        found["criteria"] = [named[last.set_id]]
    if found["criteria"][0].partition(" ")[0] == last.set_id:
        found |= answers_typed(last)
    return found | {"level": [last.level], "carried": [one.text for one in last.paragraphs]}


def answers_typed(one: Version) -> Typed:
    """The answers of a version as its form shows them."""
    given = given_of(one.answers)
    return {
        "points": sorted(given.points),
        **{f"{VALUE}{name}": [text] for name, text in given.values.items()},
        **{f"{MOMENT}{code}": [text] for code, text in given.moments.items()},
    }


def of_version(one: Version) -> Typed:
    """A version as its form shows it, to be amended."""
    plain = {
        name: [str(getattr(one, name) or "")]
        for name in ("override_reason", "reason", "level", "recommended_level", "exemption", "awaited", "awaited_from")
    }
    own = [part.text for part in one.paragraphs if not part.carried]
    return {
        **plain,
        **answers_typed(one),
        **{f"licensed-{name}": [str(text)] for name, text in one.licensed.items()},
        "criteria": [LICENSED if one.licensed else f"{one.set_id} {one.set_version}"],
        "outcome": [one.outcome if one.override != "none" or one.outcome == "pending_information" else ""],
        "refer": ["on"] if one.referred and one.outcome != "not_met" else [],
        "question": [one.question],
        "summary": ["\n\n".join(own)],
        "carried": [part.text for part in one.paragraphs if part.carried],
        "next_review_on": [one.next_review_on.isoformat() if one.next_review_on else ""],
    }


def opened_at(typed: Typed, draft: Draft | None, now: datetime, zone: ZoneInfo) -> str:
    """When the work began, as the form carries it."""
    return (draft.opened_at if draft is not None else now).astimezone(zone).isoformat(timespec="seconds")
