"""Stays as messages tell them, and what people record, change and take back: the cases that they make."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from app.metrics.sources.recorded import recorded
from app.payers.requests.terms import Action
from app.platform.work import everywhere, reading
from tests.metrics.sources.tables import said
from tests.payers import support as asking
from tests.payers.denials import support as denying
from tests.reviews import support as reviewing
from tests.support.feed import Telling
from tests.support.world import NOW, World

STORIES = Path(__file__).parents[2] / "scenarios" / "metrics" / "stays.txt"
LATER = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Story:
    """Messages, and the cases that they make: measure, day, figure."""

    title: str
    messages: list[str] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)

    @property
    def measures(self) -> set[str]:
        return {one.split(" | ")[0] for one in self.cases}

    @property
    def expected(self) -> list[str]:
        return sorted(one for one in self.cases if not one.endswith("| -"))


def stories() -> list[Story]:
    found: list[Story] = []
    for line in STORIES.read_text("utf-8").splitlines():
        if line.startswith("story:"):
            found.append(Story(line.removeprefix("story:").strip()))
        elif line.startswith("=>"):
            found[-1].cases.append(line.removeprefix("=>").strip())
        elif line.strip() and not line.startswith("#"):
            found[-1].messages.append(line)
    return found


def cases(at: datetime = NOW) -> pl.DataFrame:
    with reading(everywhere("test"), at=at) as db:
        return recorded(db, db.values("select id from patient"))


def of(measure: str, *columns: str, at: datetime = NOW) -> list[str]:
    return said(cases(at).filter(pl.col("measure") == measure), *columns)


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.title)
def test_story(world: World, story: Story) -> None:
    Telling(world).tell("\n".join(story.messages), at=LATER)
    found = cases(LATER)
    assert said(found.filter(pl.col("measure").is_in(story.measures)), "measure", "day") == story.expected
    assert found["facility_id"].unique().to_list() in ([], [world.facility["NORTH"]])


VISITOR = "A04 | visit E900 | rec 03-04 08:00 | class E | bed ED^01^A\n"


def test_what_was_recorded_for_a_part_counts_for_the_whole_and_once(world: World) -> None:
    former = reviewing.tell(world, VISITOR + "A06 | visit E900 | rec 03-04 09:00 | occ 03-04 09:00 | bed 4W^401^A")
    reviewing.sign(world, former, reviewing.ADMISSION, reviewing.MET, {"next_review_on": "2026-03-06"})
    before = of("productivity")
    kept = reviewing.tell(world, reviewing.ADMITTED, first=10)
    assert kept != former

    Telling(world, first=20).tell("A42 | visit V100 | mrg-visit E900 | rec 03-05 09:00")

    found = cases().filter(pl.col("measure").is_in(["productivity", "review_timeliness"]))
    assert found["encounter_id"].unique().to_list() == [str(kept)]
    assert of("productivity") == before and len(before) == 1


def test_a_review_that_was_struck_out_was_neither_due_nor_made(world: World) -> None:
    stay = reviewing.tell(world, reviewing.ADMITTED)
    made = reviewing.sign(world, stay, reviewing.ADMISSION, reviewing.MET, {"next_review_on": "2026-03-06"})
    rule = pl.col("detail").str.contains("UR-CSR")
    assert said(cases().filter(rule), "record_id", "day") == [f"{made.review_id} | 03-06 | not: not_due_yet"]
    assert said(cases(NOW + 48 * HOUR).filter(rule), "day") == ["03-06 | 0 of 1"], "its day is over"

    reviewing.strike(world, made.review_id)

    assert cases().filter(rule).is_empty() and of("productivity") == []


def test_a_review_signed_on_the_day_that_was_set_is_in_time(world: World) -> None:
    stay = reviewing.tell(world, reviewing.ADMITTED)
    first = NOW - 20 * HOUR
    reviewing.sign(world, stay, reviewing.ADMISSION, reviewing.MET, {"next_review_on": "2026-03-05"}, now=first)
    reviewing.sign(world, stay, reviewing.CONTINUED, {"points": ["D13"]})
    assert [one for one in of("review_timeliness", "detail", "day") if "CSR" in one] == [
        '{"rule":"UR-CSR"} | 03-05 | 1 of 1'
    ]


def test_what_payers_answer_deny_and_take_back(world: World) -> None:
    stay = asking.tell(world)
    asked = asking.ask(world, stay, NOW - 6 * HOUR, asked_at="")
    assert of("authorization_turnaround") == ["not: undecided"] and of("denial", "payer") == [f"{asking.PLAN} | 0 of 1"]
    asking.answer(world, asked.authorization_id, NOW, action=Action.CERTIFIED)
    assert of("authorization_turnaround", "payer") == [f"{asking.PLAN} | 6"]

    denied = denying.deny(world, stay)
    assert of("denial") == ["1 of 1"] and of("denial_final") == ["not: open"]
    appeal = denying.send(world, denied.denial_id)
    assert of("overturn", "day") == ["03-05 | not: undecided"]
    denying.decided(world, appeal.appeal_id, "overturned")
    assert of("overturn", "day") == ["03-05 | 1 of 1"] and of("denial_final") == ["0 of 1"]


def statements(world: World) -> int:
    """How many statements the cases of all patients take."""
    with reading(everywhere("test"), at=NOW) as db:
        wanted = db.values("select id from patient")
        counted = _Counting(db.connection)
        db.connection = counted  # type: ignore[assignment]
        found = recorded(db, wanted)
    assert found["patient_id"].n_unique() == len(wanted)
    return counted.count


class _Counting:
    """A connection that counts what is asked of it."""

    def __init__(self, connection: object) -> None:
        self._connection, self.count = connection, 0

    def cursor(self, *values: object, **named: object) -> object:
        self.count += 1
        return self._connection.cursor(*values, **named)  # type: ignore[attr-defined]


def test_as_many_statements_for_twenty_five_patients_as_for_three(world: World) -> None:
    def admit(numbers: range) -> None:
        for number in numbers:
            story = reviewing.ADMITTED.replace("401^A", f"{400 + number}^A").replace(
                "A01 |", f"A01 | patient M{number} | visit V{number} |"
            )
            stay: uuid.UUID = reviewing.tell(world, story, first=10 * number)
            reviewing.sign(world, stay, reviewing.ADMISSION, reviewing.MET)

    admit(range(1, 4))
    few = statements(world)
    admit(range(4, 26))
    assert statements(world) == few < 40
