"""The board in words: one line for each bed, and the figures above it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.discharge.plan.queries import BarrierRow
from app.discharge.rounds.board.queries import Bed, Known
from app.discharge.rounds.rules import initials
from app.discharge.terms import Light, LightName
from app.kernel.days import local_day
from app.kernel.wording import age_text, brief_text, clock_text, day_text, duration_text, iso_text

HEADS = {
    LightName.MEDICAL: "Medical", LightName.THERAPY: "Therapy", LightName.MEDICINES: "Meds",
    LightName.FAMILY: "Family", LightName.PAYER: "Payer", LightName.DESTINATION: "Place",
    LightName.TRANSPORT: "Ride", LightName.PAPERWORK: "Papers",
}  # fmt: skip
"""Lights as the heads of narrow columns; the whole name is in the title."""
OLD = timedelta(days=1)
"""From this age on a barrier counts as old in the figures above the board."""
SOON = timedelta(hours=48)
"""A stay without an expected date for this long is shown as late: the date belongs to the first two days."""
ONE_PAGE = 16
"""So many beds fit on one page of Letter paper, landscape."""


def board_context(beds: Sequence[Bed], found: Known, names: bool, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Lines and figures of the board."""
    today = local_day(now, zone)
    return {
        "heads": [{"label": label, "name": name.label} for name, label in HEADS.items()],
        "rows": [_row(one, found, names, (now, today, zone)) for one in beds],
        "figures": _figures(beds, found, (now, today, zone)),
        "dense": len(beds) > ONE_PAGE,
    }


def _row(bed: Bed, found: Known, names: bool, at: tuple[datetime, date, ZoneInfo]) -> dict[str, Any]:
    now, today, zone = at
    barriers = found.barriers.get(bed.id, ())
    going, looked = found.going.get(bed.id), found.looked.get(bed.id)
    day = (today - bed.began).days + 1 if bed.began else None
    lights = found.lights.get(bed.id, ())
    return {
        "id": str(bed.id),
        "bed": bed.place,
        "name": bed.family if names else initials(bed.family, bed.given),
        "age": age_text(bed.birth, today),
        "day": str(day) if day is not None else "",
        "of": f"of {bed.gmlos:.1f}" if bed.gmlos else "",
        "over": day is not None and bed.gmlos is not None and day > bed.gmlos,
        "expected": _expected(bed, found, at),
        "going": {"text": going.to.label, "backup": f"or {going.backup.label}" if going.backup else ""}
        if going else None,
        "lights": [{"shape": one.state.shape, "word": f"{one.name.label}: {one.state.label}", "why": one.why}
                   for one in lights],
        "barriers": [_barrier(one, now) for one in barriers[:2]],
        "more": len(barriers) - 2 if len(barriers) > 2 else 0,
        "ready": f"ready {duration_text(now - found.ready[bed.id])}" if bed.id in found.ready else "",
        "next": _next(bed, found, today),
        "owner": bed.owner,
        "looked": {"text": brief_text(looked.made_at, zone, now), "by": looked.made_by_name,
                   "today": local_day(looked.made_at, zone) == today} if looked else None,
        "leaves_today": _leaves_on(bed, found, zone) == today,
        "blocked": any(one.state is Light.RED for one in lights),
    }  # fmt: skip


def _leaves_on(bed: Bed, found: Known, zone: ZoneInfo) -> date | None:
    """The expected date of the plan, else the feed's."""
    one = found.expected.get(bed.id)
    return one.expected_on if one else local_day(bed.feed_at, zone) if bed.feed_at else None


def _expected(bed: Bed, found: Known, at: tuple[datetime, date, ZoneInfo]) -> dict[str, str]:
    """The expected date of the plan, else the feed's; `T+2`, and whether it is over or missing for too long."""
    _, today, zone = at
    one, on = found.expected.get(bed.id), _leaves_on(bed, found, zone)
    if on is None:
        late = bed.began is not None and (today - bed.began) >= SOON
        return {"text": "set date", "rest": "", "tone": "late" if late else ""}
    days = (on - today).days
    text = "Today" if days == 0 else f"{on:%a %-d}" if 0 < days < 7 else day_text(on, today)
    tone = "good" if days == 0 else "late" if days < 0 else ""
    rest = f"T+{days}" if days > 0 else f"{-days} d over" if days < 0 else ""
    if one is None and bed.feed_at is not None:
        rest = ", ".join(part for part in (rest, "feed", clock_text(bed.feed_at, zone) if days == 0 else "") if part)
    return {"text": text, "rest": rest, "tone": tone}


def _barrier(one: BarrierRow, now: datetime) -> dict[str, Any]:
    age = now - one.began_at
    return {"text": one.words, "party": one.party, "age": duration_text(age), "late": one.overdue(now) or age > OLD}


def _next(bed: Bed, found: Known, today: date) -> str:
    one = found.next.get(bed.id)
    if one is None:
        return ""
    return f"Next: {one.words}" + (f", {day_text(one.due_on, today)}" if one.due_on else "")


def _figures(beds: Sequence[Bed], found: Known, at: tuple[datetime, date, ZoneInfo]) -> dict[str, Any]:
    """What the line above the board counts: the days that its lines show."""
    now, today, zone = at
    known = [_leaves_on(one, found, zone) for one in beds]
    days = [day for day in known if day is not None]
    old = [one for one in beds if any(now - barrier.began_at > OLD for barrier in found.barriers.get(one.id, ()))]
    looked = [
        one for one in beds if one.id in found.looked and now - found.looked[one.id].made_at < timedelta(hours=16)
    ]  # fmt: skip
    return {
        "here": len(beds),
        "today": sum(1 for day in days if day <= today),
        "tomorrow": sum(1 for day in days if day == today + timedelta(days=1)),
        "without": known.count(None),
        "old": len(old),
        "looked": len(looked),
    }


def stamp(now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """When the board was drawn."""
    today = local_day(now, zone)
    return {"text": f"{day_text(today, date.min)}, {clock_text(now, zone)}", "iso": iso_text(now, zone)}
