"""How many statements it takes to look at many stays: as many for twenty-five as for three."""

import uuid
from typing import Any

import pytest

from app.discharge.assessment import source as assessments
from app.discharge.illness import computing as signs
from app.discharge.illness import source as illness
from app.discharge.illness.lent.showing import brief_lines
from app.discharge.instruments import computing as scores
from app.discharge.instruments.known import known_of
from app.platform.work import Reading, everywhere, reading
from tests.browser.journeys import Arrival, Ward
from tests.support.world import World


def statements(monkeypatch: pytest.MonkeyPatch, stays: list[uuid.UUID]) -> list[int]:
    counted = 0
    plain = Reading.rows

    def rows(self: Reading, *arguments: Any) -> Any:
        nonlocal counted
        counted += 1
        return plain(self, *arguments)

    found = []
    with monkeypatch.context() as patch, reading(everywhere("test")) as db:
        patch.setattr(Reading, "rows", rows)
        known = known_of(db, stays)
        for deed in (
            lambda: known_of(db, stays), lambda: scores.outdated(db, known), lambda: signs.outdated(db, known),
            lambda: list(assessments.facts(db, stays)), lambda: list(illness.facts(db, stays)),
            lambda: brief_lines(db, stays),
        ):  # fmt: skip
            counted = 0
            deed()
            found.append(counted)
    return found


def test_many_stays_take_as_many_statements_as_few(world: World, monkeypatch: pytest.MonkeyPatch):
    Ward().admit(*(Arrival(visit=f"V{n}", name=f"TREE{n}^ROSA", place=f"4W^{400 + n}^A") for n in range(25)))
    with reading(everywhere("test")) as db:
        stays: list[uuid.UUID] = db.values("select id from encounter order by serial")
    assert len(stays) == 25

    few, many = statements(monkeypatch, stays[:3]), statements(monkeypatch, stays)

    assert few == many and max(many) <= 8
