"""How much the database is asked: as often for many stays as for a few."""

import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from app.clocks.commands import refresh
from app.platform.work import begin, everywhere
from app.reactions import FACT_SOURCES
from tests.support.feed import Telling
from tests.support.world import NOW, World

ME = everywhere("test")
STAYS = 40
STORY = "A01 | visit V{0} | patient M{0} | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^{0}^A | ins MEDICARE\n"


def asked(monkeypatch: pytest.MonkeyPatch, stays: Sequence[uuid.UUID]) -> tuple[int, int]:
    """Versions made, and statements sent, when these stays are computed anew a day later."""
    sent: list[Any] = []
    plain = psycopg.Cursor.execute

    def counted(self: psycopg.Cursor[Any], query: Any, *rest: Any, **more: Any) -> Any:
        sent.append(query)
        return plain(self, query, *rest, **more)

    with monkeypatch.context() as patch, begin(ME, at=NOW) as work:
        patch.setattr(psycopg.Cursor, "execute", counted)
        work.connection.execute(
            "update encounter set expected_discharge_at = %s where id = any(%s)", (NOW, list(stays))
        )
        made = refresh(work, stays)
        work.connection.rollback()
        work.written.clear()
    return made, len(sent)


def test_many_stays_take_as_many_statements_as_a_few(world: World, monkeypatch: pytest.MonkeyPatch):
    Telling(world).tell_at_once("".join(STORY.format(100 + number) for number in range(STAYS)))
    with begin(ME, at=NOW) as work:
        every = work.values("select id from encounter order by id")
    assert len(every) == STAYS

    few, many = asked(monkeypatch, every[:2]), asked(monkeypatch, every)

    assert 0 < few[0] < many[0]
    # Some statements gather and store; each feature that lends facts asks a few times, for all stays at once.
    assert few[1] == many[1] <= 15 + 4 * len(FACT_SOURCES)
