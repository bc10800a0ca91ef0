"""Stays that are reviewed, by the commands of the product."""

import uuid
from datetime import date, datetime
from typing import Any

from app.platform.work import begin, everywhere, reading
from app.reviews.commands import AmendReview, StrikeOut, WriteReview, amend_review, sign_review, strike_out
from app.reviews.models import Review
from app.security.permissions import Permission
from tests.support.feed import Telling
from tests.support.world import NOW, World

TODAY = date(2026, 3, 5)
ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins MEDICARE\n"
WATCHED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | class O | type OBS | ins MEDICARE\n"
ADMISSION = {"kind": "admission", "for_day": "2026-03-04", "criteria": "aep_admission 2"}
CONTINUED = {"kind": "continued_stay", "for_day": "2026-03-05", "criteria": "aep_day 2"}
MET = {"points": ["A12"], "summary": "Antibiotics by vein."}
NOT_MET = {
    "reason": "Only tablets since yesterday", "level": "acute", "recommended_level": "skilled_nursing",
    "summary": "Walks with help.",
}  # fmt: skip


def tell(world: World, story: str, *, first: int = 1) -> uuid.UUID:
    """Tell a story of messages; the key of its stay."""
    Telling(world, first=first).tell(story)
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select id from encounter where gone_at is null order by serial desc limit 1")
    return found


def sign(world: World, stay: uuid.UUID, *said: dict[str, Any], now: datetime = NOW, name: str = "uma") -> Review:
    """A review by this person at that instant."""
    ask = WriteReview.model_validate({key: value for part in said for key, value in part.items()})
    with begin(world.viewer(name).acting(Permission.REVIEW_WRITE), at=now) as work:
        return sign_review(work, stay, ask)


def amend(world: World, review: uuid.UUID, *said: dict[str, Any], now: datetime = NOW, name: str = "uma") -> Review:
    """Another version of a review."""
    ask = AmendReview.model_validate({key: value for part in said for key, value in part.items()})
    with begin(world.viewer(name).acting(Permission.REVIEW_WRITE), at=now) as work:
        return amend_review(work, review, ask)


def strike(world: World, review: uuid.UUID, now: datetime = NOW, name: str = "uma") -> Review:
    """Strike a review out."""
    with begin(world.viewer(name).acting(Permission.REVIEW_WRITE), at=now) as work:
        return strike_out(work, review, StrikeOut(reason="Of another patient"))


def owed(rule: str, at: datetime | None = None) -> list[tuple[str, datetime | None, datetime | None]]:
    """What is stored as owed under a rule: subject, due, closed."""
    with reading(everywhere("test"), as_of=at) as view:
        return view.rows(
            lambda *row: row,
            "select subject, due_at, closed_at from obligation where ended_at is null and required and rule = %s"
            " order by due_at, subject",
            (rule,),
        )


def events(name: str) -> list[dict[str, Any]]:
    """What the trail keeps of events of this name."""
    with reading(everywhere("test")) as view:
        return view.values("select facts from audit_event where name = %s order by id", (name,))
