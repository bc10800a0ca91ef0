"""The list of a long-term hospital: rows of its own shape, readiness beside every threshold, what stands around it."""

import csv
import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.ltac.house.worklist import NAME
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.worklists import queries
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from tests.ltac.days.support import set_columns
from tests.support.client import Browser
from tests.support.long_term import charted, long_term_stay, make_kind
from tests.support.payment_days import payment_days
from tests.support.stays import StaySpec, insert_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
ADDRESS = f"/worklists/{NAME}"


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    made = long_term_stay(world)
    charted(everywhere("test"), made, "sacrum")
    payment_days(everywhere("test"), made, "as told")
    return made


def rows_of(world: World, view: View) -> list[object]:
    viewer = world.viewer("stan").acting(Permission.STAY_LIST)
    with reading(viewer) as db:
        return queries.rows(Ask(REGISTRY, REGISTRY.lists[NAME], view, db, viewer))


def left(world: World, disposition: str, days_ago: int) -> uuid.UUID:
    """Somebody who went away some days ago, as the discharge says where to."""
    stay = long_term_stay(world, 20, family=f"Gone{days_ago}{disposition}", bed=f"{disposition}{days_ago}")
    with begin(everywhere("test")) as work:
        gone = now() - timedelta(days=days_ago)
        set_columns(work, stay, status="discharged", discharge_at=gone, disposition=disposition)
    return stay


def test_a_row_says_readiness_before_days_and_what_was_charted(browser_for: BrowserFor, stay: uuid.UUID):
    page = browser_for("stan").get(ADDRESS).text
    text, heads = words(page), re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", page, re.DOTALL)

    assert text.index("Not medically ready") < text.index("covered day 10")
    for said in ("Weaning, 14 days", "breathing trial", "wound sacrum", "therapy 105 min in 7 d", "conference"):
        assert said in text, said
    assert not any(words(one) == "Class" for one in heads) and 'class="wl ltac"' in page


def test_a_row_shows_three_chips_the_heaviest_first(world: World, stay: uuid.UUID):
    (row,) = rows_of(world, View(NAME))
    assert len(row.chips) <= 3
    assert not any(chip[:3].isdigit() for chip in row.chips)


def test_who_went_to_an_acute_hospital_stays_on_the_list_while_a_return_is_the_same_stay(world: World):
    away, late, home = left(world, "02", 3), left(world, "02", 12), left(world, "01", 1)

    found = {uuid.UUID(row.id): row for row in rows_of(world, View(NAME))}

    assert set(found) == {away} and late not in found and home not in found
    assert found[away].beside["step"] == "Interrupted: day 4 of 9 away, acute hospital"
    assert any(chip.startswith("amber hour back by ") for chip in found[away].chips)


@pytest.mark.parametrize(
    ("name", "value", "there"),
    [
        ("weaning", "ventilated", True),
        ("weaning", "free", False),
        ("weaning", "uncharted", False),
        ("interrupted", "yes", False),
        ("conference", "due", False),
    ],
)
def test_the_list_is_narrowed_by_weaning_and_interruption(
    world: World, stay: uuid.UUID, name: str, value: str, there: bool
):
    assert bool(rows_of(world, View(NAME, filters={name: (value,)}))) is there


def test_the_list_is_empty_where_the_hospital_is_of_another_kind(browser_for: BrowserFor, stay: uuid.UUID):
    text = browser_for("dana").get(ADDRESS).text
    assert "No stay is in a long-term care hospital." in text and 'id="screen-t"' not in text


def test_files_carry_what_was_reckoned(browser_for: BrowserFor, stay: uuid.UUID):
    (told,) = csv.DictReader(io.StringIO(browser_for("stan").get(f"{ADDRESS}/out/csv").text))
    assert (told["covered"], told["therapy_minutes"], told["ready_words"]) == ("10", "105", "Not medically ready")
    assert told["wound_words"].startswith("sacrum") and told["letters"].endswith("S")


def statements(world: World, stays: int) -> int:
    make_kind(world, "ltch", "SOUTH")
    moment = now()
    with begin(everywhere("test"), at=moment) as work:
        made = [
            insert_stay(work, world, StaySpec(facility="SOUTH", family=f"P{number}", bed=str(number),
                                              start=moment - timedelta(days=9)))
            for number in range(stays)
        ]  # fmt: skip
    for one in made:
        charted(everywhere("test"), one, "heel")
    viewer = world.viewer("stan").acting(Permission.STAY_LIST)
    with reading(viewer) as db:
        asked, plain = [], db.connection.cursor

        def counting(*given, **more):  # type: ignore[no-untyped-def]
            asked.append(given)
            return plain(*given, **more)

        db.connection.cursor = counting  # type: ignore[method-assign]
        found = queries.rows(Ask(REGISTRY, REGISTRY.lists[NAME], View(NAME), db, viewer))
        db.connection.cursor = plain  # type: ignore[method-assign]
    assert len(found) >= stays
    return len(asked)


def test_many_rows_ask_as_often_as_few(world: World):
    few = statements(world, 2)
    assert statements(world, 8) == few < 40
