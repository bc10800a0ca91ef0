"""The rules for unusual access, as a table: what a day of one person holds, and which rules point to it."""

import uuid
from datetime import date
from typing import Any

import pytest

from app.accounts.watching.openings.rules import check_judge, check_words
from app.accounts.watching.openings.terms import OpeningVerdict
from app.accounts.watching.unusual.rules import RULES, Limits, look, ordinary
from app.accounts.watching.unusual.terms import Found, Opening, Pattern, PersonDay
from app.kernel.refusal import Refused

PERSON, DAY = uuid.uuid4(), date(2026, 3, 4)
SHIPPED: dict[Pattern, Limits] = {rule.pattern: rule.shipped for rule in RULES}


def opening(number: int = 0, **more: Any) -> Opening:
    return Opening(patient_id=uuid.uuid4(), encounter_id=uuid.uuid4(), times=1, rows=(number,), **more)


def openings(count: int, **more: Any) -> tuple[Opening, ...]:
    return tuple(opening(number, **more) for number in range(count))


def day(**more: Any) -> PersonDay:
    return PersonDay(user_id=PERSON, day=DAY, **more)


def found(person_day: PersonDay, own: dict[Pattern, Limits] | None = None) -> list[Found]:
    return look(person_day, SHIPPED | (own or {}))


MIXED = openings(10) + openings(6, assigned=True)
BALANCED = openings(10) + openings(10, on_unit=True)
ORDINARY = (6, 7, 7, 8, 6)

# What the day holds | the rules that point to it
TABLE: list[tuple[str, dict[str, Any], list[Pattern]]] = [
    ("nothing", {}, []),
    ("an own stay", {"openings": openings(1, assigned=True)}, []),
    ("same rare name", {"openings": openings(1, same_name=True, bearers=1)}, [Pattern.SAME_NAME]),
    ("same name at the limit", {"openings": openings(1, same_name=True, bearers=3)}, [Pattern.SAME_NAME]),
    ("same common name", {"openings": openings(1, same_name=True, bearers=4)}, []),
    ("same name, assigned", {"openings": openings(1, same_name=True, bearers=1, assigned=True)}, []),
    ("same name, on the own unit", {"openings": openings(1, same_name=True, bearers=1, on_unit=True)}, []),
    ("mostly others", {"openings": MIXED, "has_stays": True}, [Pattern.ELSEWHERE]),
    ("mostly others, no stays of their own", {"openings": MIXED}, []),
    ("half others", {"openings": BALANCED, "has_stays": True}, []),
    ("few others", {"openings": openings(9), "has_stays": True}, []),
    ("a wild hour", {"hours": {9: 40, 14: 8}, "ordinary_hours": ORDINARY}, [Pattern.MANY]),
    ("a busy hour under the floor", {"hours": {9: 25}, "ordinary_hours": ORDINARY}, []),
    ("a wild hour of somebody new", {"hours": {9: 90}, "ordinary_hours": (6, 7)}, []),
    ("always wild hours", {"hours": {9: 40}, "ordinary_hours": (38, 41, 36, 40, 39)}, []),
    ("night of a day worker", {"openings": openings(3, at_night=1), "day_openings": 40}, [Pattern.NIGHT]),
    ("night, two stays", {"openings": openings(2, at_night=1), "day_openings": 40}, []),
    ("night of a night worker", {"openings": openings(3, at_night=1), "day_openings": 40, "night_openings": 10}, []),
    ("night of somebody new", {"openings": openings(3, at_night=1), "day_openings": 5}, []),
    ("long gone", {"openings": openings(1, away_days=61)}, [Pattern.LONG_AFTER]),
    ("gone for two months", {"openings": openings(1, away_days=60)}, []),
    ("long gone, worked on", {"openings": openings(1, away_days=400, worked=True)}, []),
    ("glass, four times", {"glass": tuple(uuid.uuid4() for _ in range(4))}, [Pattern.GLASS_OFTEN]),
    ("glass, three times", {"glass": tuple(uuid.uuid4() for _ in range(3))}, []),
    ("much taken out", {"taken_out": 700, "ordinary_out": (200, 230, 210)}, [Pattern.TAKEN_OUT]),
    ("as much as ever", {"taken_out": 620, "ordinary_out": (200, 230, 210)}, []),
    ("much taken out for the first time", {"taken_out": 201}, [Pattern.TAKEN_OUT]),
    ("a list taken out", {"taken_out": 40}, []),
    ("searches without openings", {"searches": 25, "opened_after": 4}, [Pattern.SEARCHES]),
    ("searches with openings", {"searches": 25, "opened_after": 5}, []),
    ("few searches", {"searches": 24}, []),
    ("after a change", {"openings": openings(10), "role_taken_days": 3}, [Pattern.AFTER_CHANGE]),
    ("long after a change", {"openings": openings(10), "role_taken_days": 15}, []),
    ("settling work after a change", {"openings": openings(10, worked=True), "role_taken_days": 3}, []),
]


@pytest.mark.parametrize(("holds", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_the_rules_point_to(holds: dict[str, Any], expected: list[Pattern]) -> None:
    assert [one.pattern for one in found(day(**holds))] == expected


def test_every_rule_is_in_the_table() -> None:
    assert {pattern for _, _, patterns in TABLE for pattern in patterns} == set(Pattern) == set(SHIPPED)


def test_a_finding_says_what_was_counted() -> None:
    [one] = found(day(hours={9: 40, 14: 8}, hour_rows={9: (7, 8)}, ordinary_hours=ORDINARY))

    assert one.sentence == (
        "Opened stays of 40 different patients between 09:00 and 09:59. The busiest hour of an ordinary day of this"
        " person has 7 (spread 1.5, 5 days); the line was 25."
    )
    assert (one.rows, one.encounter_id, one.user_id, one.day) == ((7, 8), None, PERSON, DAY)


def test_a_finding_about_one_stay_names_the_stay_and_its_lines() -> None:
    seen = opening(12, away_days=90)

    [one] = found(day(openings=(seen,)))

    assert (one.encounter_id, one.rows) == (seen.encounter_id, (12,))
    assert "90 days before" in one.sentence


def test_no_sentence_holds_a_name_or_anything_clinical() -> None:
    for _, holds, _ in TABLE:
        for one in found(day(**holds)):
            assert str(PERSON) not in one.sentence and one.sentence.endswith(".")


def test_a_rule_without_limits_rests() -> None:
    limits: dict[Pattern, Limits] = {
        pattern: limit for pattern, limit in SHIPPED.items() if pattern is not Pattern.LONG_AFTER
    }

    assert look(day(openings=openings(1, away_days=90)), limits) == []


def test_the_officer_moves_the_line() -> None:
    away = day(openings=openings(1, away_days=50))

    assert found(away) == []
    assert [one.pattern for one in found(away, {Pattern.LONG_AFTER: {"days": 30, "work": 14}})] == [Pattern.LONG_AFTER]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [((), None), ((1, 2, 3, 4), None), ((7, 7, 7, 7, 7), (7, 1.0)), ((2, 4, 6, 8, 10), (6, 2 * 1.4826))],
)
def test_ordinary_is_median_and_spread(figures: tuple[int, ...], expected: tuple[float, float] | None) -> None:
    assert ordinary(figures) == expected


def test_one_wild_day_does_not_move_the_ordinary() -> None:
    assert ordinary((6, 7, 7, 8, 6, 400)) == (7, 1.4826)


def test_shipped_limits_lie_within_their_own_bounds() -> None:
    outside = [
        (rule.pattern, one.name) for rule in RULES for one in rule.limits if not one.least <= one.shipped <= one.most
    ]
    assert outside == []


# --- judging an opening ----------------------------------------------------------------------------------------------


def test_who_opened_a_stay_does_not_judge_it() -> None:
    with pytest.raises(Refused, match="yourself"):
        check_judge(PERSON, PERSON)
    with pytest.raises(Refused, match="Only a person"):
        check_judge(PERSON, None)
    check_judge(PERSON, uuid.uuid4())


@pytest.mark.parametrize("verdict", [OpeningVerdict.NOT_JUSTIFIED, OpeningVerdict.COMPLIANCE])
def test_a_judgement_against_somebody_needs_words(verdict: OpeningVerdict) -> None:
    with pytest.raises(Refused) as caught:
        check_words(verdict, "no")
    assert caught.value.field == "said"
    check_words(verdict, "No work on this unit was found.")
    check_words(OpeningVerdict.JUSTIFIED, "")
