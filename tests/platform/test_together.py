"""Several questions in one way: answers in their order, in the reader's scope; an error harms nobody after it."""

import psycopg
import pytest

from app.platform.reads.together import Question, together
from app.platform.work import everywhere, reading
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

STAYS = "select count(*)::int from encounter"


def pair(one: int, other: str) -> tuple[int, str]:
    return one, other


def test_each_question_gets_its_own_rows(world: World) -> None:
    with reading(everywhere("test")) as db:
        found = together(db, [
            Question(int, "select n from generate_series(1, %(most)s::int) n", {"most": 3}),
            Question(pair, "select 7, 'word'"),
            Question(int, "select 1 where false"),
        ])  # fmt: skip
    assert found == [[1, 2, 3], [(7, "word")], []]


def test_questions_see_what_their_reader_may_see(world: World) -> None:
    add_stay(world, StaySpec())
    counted = {}
    for name in ("dana", "stan"):
        with reading(world.viewer(name)) as db:
            counted[name] = together(db, [Question(int, STAYS), Question(int, STAYS)])
    assert counted == {"dana": [[1], [1]], "stan": [[0], [0]]}


def test_a_question_that_fails_says_so_and_the_next_reading_is_sound(world: World) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), reading(everywhere("test")) as db:
        together(db, [Question(int, "select 1"), Question(int, "select 1 / 0"), Question(int, "select 2")])
    with reading(everywhere("test")) as db:
        assert together(db, [Question(int, "select 3")]) == [[3]]


def test_the_plan_for_any_value_ends_with_the_reading(world: World) -> None:
    setting = "select current_setting('plan_cache_mode')"
    with reading(world.viewer("dana")) as db:
        assert db.value(setting) == "auto"
        together(db, [Question(int, "select 1")])
        assert db.value(setting) == "force_generic_plan"
    with reading(world.viewer("dana")) as db:
        assert db.value(setting) == "auto"


def test_prepared_statements_outlive_a_reading(world: World) -> None:
    for _ in range(6):
        with reading(everywhere("test")) as db:
            assert db.value("select %s::int", (5,)) == 5
            kept = db.values("select statement from pg_prepared_statements")
    assert "select $1::int" in kept
