"""What a simulated nurse records, and with which evidence (pure)."""

import uuid
from datetime import date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.terms import Copy, NoticeKind
from app.demo.names import FAMILY_NAMES, FEMALE_NAMES, MALE_NAMES
from app.notices.appeals.terms import AppealStep, Favors
from app.notices.commands import DeliverNotice
from app.notices.terms import Channel, Receipt, Recipient

_PAPER, _SCREEN, _REFUSED = "paper", "screen", "refused"
_RELATIVE, _TELEPHONE, _INTERPRETED = "relative", "telephone", "interpreted"
_WAYS = ((_PAPER, 74), (_SCREEN, 8), (_REFUSED, 3), (_RELATIVE, 6), (_TELEPHONE, 6), (_INTERPRETED, 3))
_RELATIONS = (("daughter", FEMALE_NAMES), ("son", MALE_NAMES), ("wife", FEMALE_NAMES), ("husband", MALE_NAMES),
              ("sister", FEMALE_NAMES), ("agent under a health care power of attorney", MALE_NAMES))  # fmt: skip
_TITLES = ("RN", "LPN", "Patient care technician")
_LANGUAGES = ("Spanish", "Vietnamese", "Somali")
_OUTPATIENT = (
    "You do not meet inpatient criteria; the results of further tests are awaited.",
    "You need monitoring for a short time to decide whether you should be admitted.",
    "Your symptoms are being treated and are expected to improve within a day.",
)
_STRUCK = ("Recorded for the wrong patient.", "Wrong copy chosen; given again.", "The paper bears another name.")


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that one person records of one stay at `entered`; it happened at `at`.

    Exactly one of `give`, `strike` and `step` says what: a delivery, the delivery of the notice at `at` struck out,
    a step of an appeal. `owed_from` and `due_at` are what the engine said when the nurse acted.
    """

    stay: uuid.UUID
    person: str
    entered: datetime
    at: datetime
    give: DeliverNotice | None = None
    strike: str = ""
    kind: NoticeKind | None = None
    copy: Copy | None = None
    step: AppealStep | None = None
    favors: Favors | None = None
    discharge_on: date | None = None
    owed_from: datetime | None = None
    due_at: datetime | None = None

    @property
    def late(self) -> bool:
        """Whether a delivery came after it was due."""
        return self.due_at is not None and self.at > self.due_at


def notice(kind: NoticeKind, copy: Copy | None, at: datetime, zone: ZoneInfo, random: Random) -> DeliverNotice:
    """How it was given: mostly on paper to the patient, sometimes refused, by telephone, to a relative."""
    local = at.astimezone(zone)
    said: dict[str, Any] = {"kind": kind, "which_copy": copy, "on": local.date(), "at": local.time().replace(second=0)}
    if kind is NoticeKind.DND:
        return DeliverNotice(**said, receipt=Receipt.UNSIGNED)
    if kind is NoticeKind.MOON:
        said |= {"explained": True, "outpatient_reason": random.choice(_OUTPATIENT)}
    ways, weights = zip(*_WAYS, strict=True)
    said |= _evidence(random.choices(ways, weights)[0], local.date(), random)
    if kind is NoticeKind.MOON and said.get("receipt") is Receipt.REFUSED:
        said["certified"] = True
    return DeliverNotice(**said)


def _evidence(way: str, day: date, random: Random) -> dict[str, Any]:
    family = random.choice(FAMILY_NAMES)
    if way == _SCREEN:
        return {"receipt": Receipt.SCREEN, "drawing": _signature(random)}
    if way == _REFUSED:
        name = f"{random.choice(FEMALE_NAMES)} {family}"
        return {"receipt": Receipt.REFUSED, "witness_name": name, "witness_title": random.choice(_TITLES)}
    if way == _INTERPRETED:
        return {"language": random.choice(_LANGUAGES), "interpreter": f"Interpreter {random.randint(1000, 9999)}"}
    if way in (_RELATIVE, _TELEPHONE):
        relation, names = random.choice(_RELATIONS)
        said: dict[str, Any] = {
            "recipient": Recipient.REPRESENTATIVE, "recipient_name": f"{random.choice(names)} {family}",
            "relation": relation,
        }  # fmt: skip
        if way == _TELEPHONE:
            said |= {"channel": Channel.TELEPHONE, "receipt": Receipt.TELEPHONE, "mailed_on": day}
        return said
    return {}


def _signature(random: Random) -> str:
    points = [(40 + 26 * step + random.randint(-9, 9), 110 + random.randint(-60, 60)) for step in range(18)]
    return f"M{points[0][0]} {points[0][1]}" + "".join(f"L{x} {y}" for x, y in points[1:])


def mistake(random: Random) -> str:
    """Why a delivery is struck out."""
    return random.choice(_STRUCK)
