"""What the plan lends to the frame of a stay, to its overview, to the hand-off brief and to reviews that open again."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.united import subject
from app.discharge.plan import queries
from app.discharge.plan.barriers.showing import barrier_words
from app.discharge.plan.stay.showing import expected_words, feed_text, feed_word, going_words, lights_words, near_day
from app.discharge.plan.terms import BarrierAction
from app.discharge.ready.queries import statements
from app.discharge.ready.rules import since
from app.discharge.ready.showing import three_times
from app.discharge.ready.terms import Lane
from app.kernel.days import local_day
from app.kernel.wording import duration_text, full_text
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.changes import Change
from app.web.stay import BannerFact

EXPECTED = "Expected (EDD)"
"""The fact of the banner that the plan's date replaces."""


def planned_day(db: Reading, encounter_id: uuid.UUID) -> date | None:
    """The expected day that the plan has; None where only the feed may know one."""
    found = queries.expected_date(db, encounter_id)
    return found.expected_on if found is not None else None


def banner_facts(db: Reading, encounter_id: uuid.UUID) -> Sequence[BannerFact]:
    """The plan's date with the destination in the place of the feed's, and since when the patient is ready."""
    stay = subject(db, encounter_id)
    feed = feed_word(db, stay)
    if not feed.here:
        return ()
    found = []
    expected, going = queries.expected_date(db, stay.encounter_id), queries.disposition(db, stay.encounter_id)
    if expected is not None:
        words = expected_words(expected, stay, db.now)
        assert words is not None
        text = f"{words['day']}, {going.to.label}" if going else words["day"]
        fed = feed_text(feed, expected, stay, stay.day(db.now))
        late = words["late"]
        found.append(BannerFact(EXPECTED, text, late or (f"feed: {fed}" if fed else ""), "late" if late else "muted"))
    elif going is not None:
        found.append(BannerFact("Going to", going.to.label))
    standing = [one.stated for one in statements(db, [stay.encounter_id])]
    ready, ordered = since(standing, Lane.READINESS), since(standing, Lane.ORDER)
    if ready is not None or ordered is not None:
        warning = duration_text(db.now - ready) if ready else ""
        found.append(BannerFact("Leaving", three_times(ready, ordered, None, stay.zone, db.now), warning, "soon"))
    return found


def shortly(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> Mapping[str, Any]:
    """The card on the overview: date, destination, three times, barriers, lights."""
    stay = subject(db, encounter_id)
    feed = feed_word(db, stay)
    expected = queries.expected_date(db, stay.encounter_id)
    standing = [one.stated for one in statements(db, [stay.encounter_id])]
    blocked = queries.open_barriers(db, [stay.encounter_id]).get(stay.encounter_id, [])
    return {
        "href": f"/encounters/{stay.encounter_id}/plan",
        "expected": expected_words(expected, stay, db.now),
        "feed": feed_text(feed, expected, stay, stay.day(db.now)),
        "going": going_words(queries.disposition(db, stay.encounter_id), stay, db.now),
        "times": three_times(
            since(standing, Lane.READINESS), since(standing, Lane.ORDER), feed.discharge_at, stay.zone, db.now
        ),
        "barriers": [barrier_words(one, stay, db.now) for one in blocked],
        "lights": lights_words(db, stay.encounter_id),
    }


_ZONES = "select e.id, f.timezone from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)"


def brief_lines(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """Lines of the hand-off: when and where to, the three times, what is in the way; three queries for all stays."""
    found: dict[uuid.UUID, list[str]] = {}
    going = {one.encounter_id: one for one in queries.dispositions(db, encounter_ids)}
    dates = {one.encounter_id: one for one in queries.expected_dates(db, encounter_ids)}
    blocked = queries.open_barriers(db, encounter_ids)
    zones = _zones(db, encounter_ids)
    for stay in encounter_ids:
        lines = []
        today = local_day(db.now, zones[stay]) if stay in zones else None
        if stay in dates and today is not None:
            lines.append(f"Expected {near_day(dates[stay].expected_on, today).lower()}")
        if stay in going:
            backup = going[stay].backup
            lines.append(f"Going to: {going[stay].to.label}" + (f", else {backup.label}" if backup else ""))
        lines += [f"Barrier for {duration_text(db.now - one.began_at)}: {one.words} ({one.party})"
                  for one in blocked.get(stay, ())]  # fmt: skip
        if lines:
            found[stay] = lines
    return found


def _zones(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ZoneInfo]:
    return {key: ZoneInfo(zone) for key, zone in db.rows(lambda *row: row, _ZONES, (list(encounter_ids),))}


def plan_changes(db: Reading, encounter_id: uuid.UUID, since_when: datetime) -> Sequence[Change]:
    """What of the plan changed after an instant: date, destination, barriers raised and resolved, readiness."""
    stay = subject(db, encounter_id)
    stays, found = [stay.encounter_id], []
    today = stay.day(db.now)
    before = ""
    for one in queries.expected_dates(db, stays, ended=True):
        text = near_day(one.expected_on, today)
        if one.made_at > since_when and one.ended_at is None and text != before:
            found.append(Change(EXPECTED, text, one.made_at, before=before))
        before = text
    for going in queries.dispositions(db, stays):
        if going.made_at > since_when:
            found.append(Change("Going to", going.to.label, going.made_at))
    for barrier in queries.barriers(db, stays):
        if barrier.made_at > since_when and barrier.action in (BarrierAction.RAISE, BarrierAction.REOPEN):
            found.append(Change("Barrier", barrier.words, barrier.made_at))
        elif barrier.made_at > since_when and barrier.action is BarrierAction.RESOLVE:
            found.append(Change("Barrier", "resolved", barrier.made_at, before=barrier.words))
    for said in statements(db, stays):
        if said.made_at > since_when:
            found.append(Change(said.kind.label, full_text(said.at, stay.zone), said.made_at))
    return found
