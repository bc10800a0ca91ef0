"""Rows that are kept are the rows that the template would draw now, whatever was drawn before."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from app.platform.work import reading
from app.security.permissions import Permission
from app.web.render import render
from app.worklists import drawing, queries
from app.worklists.drawing import draw, forget
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from tests.support.stays import StaySpec, add_stays
from tests.support.world import NOW, World

BUILT = REGISTRY.lists["inpatient"]


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    forget()
    yield
    forget()


def rows_of(world: World) -> list[Any]:
    specs = [StaySpec(family=f"<tbody {number}> O'Neil", room=str(400 + number), gmlos=2.5) for number in range(3)]
    add_stays(world, [*specs, replace(specs[0], family="Plain", pending="discharge")])
    viewer = world.viewer("dana").acting(Permission.STAY_LIST)
    with reading(viewer, at=NOW) as db:
        return queries.rows(Ask(REGISTRY, BUILT, View("inpatient"), db, viewer))


def by_template(rows: list[Any], look: str) -> str:
    return "".join(render(BUILT.row_template, row=row, opened="", look=look, stay_query="") for row in rows)


def same(drawn: bytes, text: str) -> bool:
    """Apart from the line ends between rows."""
    return "".join(drawn.decode().splitlines()) == "".join(text.splitlines())


def test_rows_are_those_of_the_template_kept_or_not(world: World) -> None:
    rows = rows_of(world)
    assert len(rows) == 4
    for look in ("?open=", "?unit=4W&open="):
        wanted = by_template(rows, look)
        assert same(draw(BUILT.row_template, look, rows), wanted)
        assert same(draw(BUILT.row_template, look, rows), wanted)
    turned = list(reversed(rows))
    assert same(draw(BUILT.row_template, "?open=", turned), by_template(turned, "?open="))


def test_a_row_that_says_something_else_is_another_row(world: World) -> None:
    rows = rows_of(world)
    draw(BUILT.row_template, "?open=", rows)
    for field in ("owner", "name", "due_at", "chips", "over", "order"):
        before = getattr(rows[0], field)
        after = {str: "Somebody else", list: ["red alert now"], bool: not before, int: -7}[type(before)]
        changed = [msgspec.structs.replace(rows[0], **{field: after}), *rows[1:]]
        assert same(draw(BUILT.row_template, "?open=", changed), by_template(changed, "?open=")), field


def test_so_many_rows_are_kept_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(world)
    monkeypatch.setattr(drawing, "MOST", 5)
    for number in range(4):
        look = f"?day={number}&open="
        assert same(draw(BUILT.row_template, look, rows), by_template(rows, look))
        assert len(drawing._kept) <= 5


def test_no_row_draws_nothing() -> None:
    assert draw(BUILT.row_template, "?open=", []) == b""
