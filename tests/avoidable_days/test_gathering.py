"""How often the facts of stays are read when drafts follow the clocks, and when many are confirmed together."""

import uuid
from collections.abc import Sequence
from datetime import date

import pytest

from app.avoidable_days.drafts.commands import confirm_drafts
from app.clocks import commands
from app.clocks.gather import Found
from app.platform.work import Reading, begin
from tests.avoidable_days.support import READY, RECORD, Planted, admitted, drafts, proposed
from tests.support.feed import Telling
from tests.support.world import NOW, World

MON = date(2026, 3, 2)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    return Planted(monkeypatch)


def test_facts_are_gathered_once_however_many_drafts_are_confirmed(
    world: World, planted: Planted, monkeypatch: pytest.MonkeyPatch
):
    stays = [admitted(world, 1), admitted(world, 2)]
    for stay in stays:
        planted.happened(stay, READY)
    waits = [one.id for stay in stays for one in drafts(stay)]
    asked: list[list[uuid.UUID]] = []
    collect = commands.collect

    def counted(view: Reading, some: Sequence[uuid.UUID], **more: bool) -> list[Found]:
        asked.append(list(some))
        return collect(view, some, **more)

    monkeypatch.setattr(commands, "collect", counted)
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        made, gone = confirm_drafts(work, [*waits, waits[0]])

    assert (len(made), gone) == (6, 0)
    assert asked == [sorted(stays)]


def test_clocks_and_drafts_of_one_transaction_share_what_was_gathered(
    world: World, planted: Planted, monkeypatch: pytest.MonkeyPatch
):
    stay = admitted(world)
    planted.happened(stay, READY)
    asked: list[list[uuid.UUID]] = []
    collect = commands.collect

    def counted(view: Reading, some: Sequence[uuid.UUID], **more: bool) -> list[Found]:
        asked.append(list(some))
        return collect(view, some, **more)

    monkeypatch.setattr(commands, "collect", counted)
    Telling(world, first=70).tell("A03 | patient M1 | visit V1 | rec 03-05 09:00 | occ 03-03 20:00\n")

    assert asked == [[stay]]
    assert proposed(stay) == {MON: ("AD-READY", "OT-03")}, "and they are the facts after the message"
