"""Stays of the counting rules as small text tables."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app.avoidable_days.rules import Delay, Span, StayDays

ZONE = ZoneInfo("America/Chicago")
SCENARIOS = Path(__file__).parents[1] / "scenarios" / "avoidable_days"
LATER = datetime(2026, 12, 1, 12, 0, tzinfo=ZONE)


def local(text: str) -> datetime:
    """`2026-06-05 10:00`, on the clocks of Chicago."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class Story:
    """One case of a table."""

    title: str
    marks: list[tuple[str, datetime]] = field(default_factory=list)
    delays: list[Delay] = field(default_factory=list)
    lost: dict[date, tuple[str, str]] = field(default_factory=dict)
    hours: float | None = None

    def spans(self, opening: str, closing: str) -> list[Span]:
        """From each mark of one kind to the next of the other."""
        found: list[Span] = []
        since: datetime | None = None
        for word, at in self.marks:
            if word == opening and since is None:
                since = at
            elif word == closing and since is not None:
                found.append(Span(since, at))
                since = None
        return [*found, Span(since)] if since is not None else found

    def stay(self, now: datetime = LATER) -> StayDays:
        """As the rules take it."""
        left = next((at for word, at in self.marks if word == "left"), None)
        classes = [Span(at, left, "IP") for word, at in self.marks if word == "admitted"]
        classes += [Span(at, left, "OBS") for word, at in self.marks if word == "observation"]
        return StayDays(
            zone=ZONE, now=now, classes=classes, left_at=left, leaves=self.spans("leave", "back"),
            ready=self.spans("ready", "unready"), appeals=self.spans("appeal", "decided"),
        )  # fmt: skip


def stories(name: str) -> list[Story]:
    """All cases of a file."""
    found: list[Story] = []
    for line in (SCENARIOS / name).read_text("utf-8").splitlines():
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if not line.strip() or line.startswith("#"):
            continue
        if word == "case:":
            found.append(Story(rest))
        elif word == "delay":
            _add_delay(found[-1], rest)
        elif word == "lost":
            day, code, phase = rest.split()
            found[-1].lost[date.fromisoformat(day)] = (code, phase)
        elif word == "hours":
            found[-1].hours = float(rest)
        else:
            found[-1].marks.append((word, local(rest)))
    return found


def _add_delay(story: Story, text: str) -> None:
    reason, _, span = text.partition(" ")
    since, _, until = span.partition("..")
    story.delays.append(
        Delay(
            seq=len(story.delays), reason=reason.lstrip("+"), since=local(since.strip()),
            until=local(until.strip()) if until.strip() else None, progression=reason.startswith("+"),
        )
    )  # fmt: skip
