"""The last review of stays in short, for whoever decides on them: points that were looked at, and the words."""

import uuid
from collections.abc import Mapping, Sequence

import msgspec

from app.census.united import with_former
from app.kernel.wording import day_text
from app.platform.work import Reading
from app.reviews.criteria.terms import CriteriaSet, ReviewKind
from app.reviews.judging import given_of
from app.reviews.queries import Version, last_of
from app.reviews.sets.queries import get
from app.reviews.terms import Outcome

LONGEST = 400  # letters of the summary


class PointSaid(msgspec.Struct, frozen=True):
    """A point that was looked at, and whether it was met."""

    text: str
    code: str
    met: bool


class ReviewBrief(msgspec.Struct, frozen=True):
    """One review: its kind, day and outcome as a title; points not met before those that were; reason and summary."""

    title: str
    points: Sequence[PointSaid]
    words: str


def briefs(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, ReviewBrief]:
    """The review that was signed last of each stay, if any: two queries, and one for each own set of a hospital."""
    belongs = with_former(db, encounter_ids)
    sets: dict[tuple[int, str, str], CriteriaSet] = {}
    found: dict[uuid.UUID, ReviewBrief] = {}
    for one in last_of(db, list(belongs)):
        key = (one.facility_id, one.set_id, one.set_version)
        if one.set_id and key not in sets:
            sets[key] = get(db, *key)
        found.setdefault(belongs[one.encounter_id], _brief(one, sets.get(key)))
    return found


def _brief(one: Version, held: CriteriaSet | None) -> ReviewBrief:
    title = f"{ReviewKind(one.kind).label}, {day_text(one.for_day, one.for_day)}: {Outcome(one.outcome).label.lower()}"
    met, points = set(one.met), []
    if held is not None:
        looked = met | given_of(one.answers).points
        points = [PointSaid(each.text, each.code, each.code in met) for each in held.points if each.code in looked]
    said = [f"{one.reason.rstrip('.')}." if one.reason else "", *(paragraph.text for paragraph in one.paragraphs)]
    if held is not None and not met:
        said.insert(0, f"No point of {held.title} was met.")
    words = " ".join(filter(None, said))
    short = words if len(words) <= LONGEST else f"{words[:LONGEST].rsplit(' ', 1)[0]} …"
    return ReviewBrief(title, sorted(points, key=lambda point: point.met), short)
