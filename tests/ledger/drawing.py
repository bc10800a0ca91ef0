"""A stay drawn as text, and its ledger drawn as letters: what a case manager can check by eye.

Times are local, of 2026 unless the zone's nights say otherwise: `03-02 21:30`. Lines:

    class    03-02 21:30 ED | 03-04 10:00 IP      from when which class (place: which unit)
    leave    03-06 09:00 > 03-07 18:00            a leave of absence (ready: medically ready; an open end is `>`)
    left     03-09 11:00                          the departure; without it the stay is looked at at `now`
    review   03-03 M 03-05                        of which day, with which result, and the day of the next one
    approved 03-03 > 03-05                        days by their nights, the second one not covered (denied, asked, won)
    entry    03-05 PA-01                          an avoidable day, `draft` where it is one
    gmlos    4.3                                  days
    expected 03-10                                the day on which the patient is expected to leave
    unasked                                       no payer asks for an authorization
"""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.stay.timeline import Course, Lane, Row
from app.ledger.rules import Claim, Entry, Facts, Ledger, ledger
from app.ledger.terms import Authorized, Source
from app.payers.requests.terms import Days
from app.reviews.rules import Reviewed
from app.reviews.terms import Outcome

ZONE = ZoneInfo("America/Chicago")
KEY = uuid.UUID(int=7)
_LANES = {"place": Lane.LOCATION, "class": Lane.CLASS}
_OUTCOMES = {"M": Outcome.MET, "N": Outcome.NOT_MET, "P": Outcome.PENDING}
_CLAIMS = {
    "won": (Authorized.APPROVED, Source.DENIAL), "denied": (Authorized.DENIED, Source.DENIAL),
    "approved": (Authorized.APPROVED, Source.AUTHORIZATION), "asked": (Authorized.REQUESTED, Source.AUTHORIZATION),
}  # fmt: skip


def instant(text: str) -> datetime:
    return datetime.strptime(f"2026-{text.strip()}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).astimezone(UTC)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text.strip()}")


def drawn(story: str) -> Facts:
    """The facts of a stay drawn as text."""
    told = [line.strip().partition(" ")[::2] for line in story.strip().splitlines() if line.strip()]
    single = {word: rest.strip() for word, rest in told}
    left, now = single.get("left"), single.get("now")
    end = instant(left or now or "")
    rows: list[Row] = []
    for word, lane in _LANES.items():
        rows += _rows(lane, [rest for name, rest in told if name == word], end)
    rows += [Row(Lane.LEAVE, "1", "", *_period(rest)) for word, rest in told if word == "leave"]
    claims = [_claim(word, rest) for kind in _CLAIMS for word, rest in told if word == kind]
    return Facts(
        course=Course(tuple(rows), ZONE, end, left is not None, True, frozenset({"ICU"})),
        reviews=[_review(rest, number) for number, (word, rest) in enumerate(told) if word == "review"],
        claims=claims,
        needs="unasked" not in single,
        entries=dict(_entry(rest) for word, rest in told if word == "entry"),
        ready=[_period(rest) for word, rest in told if word == "ready"],
        gmlos=float(single["gmlos"]) if "gmlos" in single else None,
        expected=day(single["expected"]) if "expected" in single else None,
    )


def _rows(lane: Lane, texts: list[str], end: datetime) -> list[Row]:
    parts = [part.strip() for text in texts for part in text.split("|")]
    begun = [(instant(part[:11]), part[11:].strip()) for part in parts]
    ends = [since for since, _ in begun[1:]] + [end]
    return [Row(lane, value if lane is Lane.CLASS else f"{value}^1^A", "", since, until)
            for (since, value), until in zip(begun, ends, strict=True)]  # fmt: skip


def _period(text: str) -> tuple[datetime, datetime | None]:
    first, _, last = text.partition(">")
    return instant(first), instant(last) if last.strip() else None


def _review(text: str, number: int) -> Reviewed:
    for_day, letter, *following = text.split()
    signed = datetime(2026, 1, 1, 0, number, tzinfo=UTC)
    return Reviewed(
        uuid.UUID(int=number), day(for_day), _OUTCOMES[letter], signed, day(following[0]) if following else None
    )


def _claim(word: str, text: str) -> Claim:
    first, _, until = text.partition(">")
    letter, source = _CLAIMS[word]
    return Claim(letter, (Days(day(first), day(until)),), source, KEY)


def _entry(text: str) -> tuple[date, Entry]:
    on, code, *draft = text.split()
    return day(on), Entry(code, code, bool(draft), "pre_ready", KEY)


LANES: dict[str, Callable[[Any], str]] = {
    "days": lambda one: str(one.day.day),
    "occupied": lambda one: one.occupied.value,
    "unit": lambda one: one.unit or "-",
    "necessary": lambda one: one.necessary.value,
    "authorized": lambda one: one.authorized.value,
    "avoidable": lambda one: "-" if one.entry is None else one.entry.code + ("?" if one.entry.draft else ""),
    "place": lambda one: one.place.value,
    "ready": lambda one: "r" if one.ready else "-",
    "past": lambda one: "x" if one.past_expected else "-",
}


def letters(found: Ledger, *lanes: str) -> dict[str, str]:
    """The lanes of a ledger, each as letters apart."""
    return {lane: " ".join(LANES[lane](one) for one in found.days) for lane in lanes}


def check(story: str, wanted: str) -> Ledger:
    """The ledger of a story has these lanes."""
    lanes = {name: " ".join(rest.split()) for name, _, rest in
             (line.strip().partition(" ") for line in wanted.strip().splitlines())}  # fmt: skip
    found = ledger(drawn(story))
    assert letters(found, *lanes) == lanes
    return found
