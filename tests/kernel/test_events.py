"""Events become audit rows: a particular that is lost or unreadable here is lost for the auditor."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import pytest

from app.kernel.events import Event, registered

ENCOUNTER = UUID("00000000-0000-0000-0000-000000000001")


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class LampLit(Event):
    name: ClassVar[str] = "lamp.lit"
    at: datetime
    on: date
    colour: Colour
    tags: frozenset[str]
    by: UUID
    nested: dict[str, tuple[Decimal, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LampCarried(Event):
    name: ClassVar[str] = "lamp.carried"
    what: Any = None


def test_facts_are_plain_and_leave_out_the_subject():
    lit = LampLit(
        encounter_id=ENCOUNTER,
        at=datetime(2026, 5, 4, 8, tzinfo=timezone(-timedelta(hours=5))),
        on=date(2026, 5, 4),
        colour=Colour.RED,
        tags=frozenset({"b", "a"}),
        by=ENCOUNTER,
        nested={"amounts": (Decimal("1.20"),)},
    )

    facts = json.loads(json.dumps(lit.facts()))

    assert facts == {
        "at": "2026-05-04T08:00:00-05:00",
        "on": "2026-05-04",
        "colour": "red",
        "tags": ["a", "b"],
        "by": str(ENCOUNTER),
        "nested": {"amounts": ["1.20"]},
    }
    assert type(lit.facts()["colour"]) is str


def test_facts_refuse_what_has_no_plain_form():
    with pytest.raises(TypeError, match="no plain form"):
        LampCarried(what=object()).facts()


def test_event_is_registered_by_name():
    assert registered()["lamp.lit"] is LampLit


def test_event_cannot_be_changed():
    with pytest.raises(AttributeError):
        LampCarried().what = "oil"


def test_event_name_must_read_noun_and_participle():
    with pytest.raises(ValueError, match="noun"):

        class Wrong(Event):
            name: ClassVar[str] = "LampBroken"


def test_event_name_belongs_to_one_class():
    with pytest.raises(ValueError, match="belongs to"):

        class Another(Event):
            name: ClassVar[str] = "lamp.lit"
