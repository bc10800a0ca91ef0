"""What is owed on lists and on the page of a stay: order, words, filters, panel, calendar, news of the night."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.clocks import commands
from app.clocks.owed.calendar import Calendar, Narrowing, due_until
from app.clocks.owed.overnight import missed
from app.clocks.owed.panel import brief_lines, open_count, panel, shortly
from app.clocks.owed.words import BLOCKS, FAMILIES, SHORT, family
from app.clocks.registry import RULES
from app.clocks.terms import Severity
from app.kernel.refusal import NotFound
from app.notices.commands import EndDelivery, end_delivery
from app.notices.terms import DeliveryEnd
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.worklists import queries
from app.worklists.assignment.bulk import give_selected
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import Sort, View
from tests.notices.support import FIRST, deliver
from tests.support.client import Browser
from tests.support.feed import Telling
from tests.support.world import NOW, World

NOTICES = {"N-IM1", "N-IM2", "N-MOON", "N-MCSN"}
CHICAGO = ZoneInfo("America/Chicago")
HOUSE = """
A01 | rec 03-02 10:00 | occ 03-02 10:00 | bed 4W^401^A | ins MEDICARE | visit V1 | patient M1 | name Overdue
A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^402^A | ins MEDICARE | visit V2 | patient M2 | name Leaving | expected 20260307120000
A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^403^A | ins BLUE | visit V3 | patient M3 | name Private | expected 20260309
A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed OBS^01^A | class O | type OBS | ins MEDICARE | visit V4 | patient M4 | name Watched
"""  # noqa: E501


@pytest.fixture(autouse=True)
def only_notices() -> Iterator[None]:
    before = commands.shown_rules()
    commands.show(NOTICES)
    yield
    commands.show(before)


@pytest.fixture
def house(world: World) -> dict[str, uuid.UUID]:
    """Four stays by family name: overdue, leaving, without Medicare, in observation."""
    Telling(world).tell(HOUSE.strip() + "\n")
    with reading(everywhere("test")) as db:
        found: dict[str, uuid.UUID] = dict(
            db.rows(lambda *row: row, "select p.family, e.id from encounter e join patient p on p.id = e.patient_id")
        )
    return found


def rows(world: World, view: View, at: datetime = NOW) -> list[Any]:
    viewer = world.viewer("dana").acting(Permission.STAY_LIST)
    with reading(viewer, at=at) as db:
        return queries.rows(Ask(REGISTRY, REGISTRY.lists[view.list], view, db, viewer))


def families(found: list[Any]) -> list[str]:
    return [row.name.partition(",")[0] for row in found]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


def test_every_rule_has_a_short_name_and_a_family_and_the_step_that_it_blocks() -> None:
    assert set(SHORT) == set(RULES)
    assert {family(rule) for rule in RULES} == set(FAMILIES)
    assert set(BLOCKS) == {rule.id for rule in RULES.values() if rule.severity is Severity.BLOCK}
    assert all(len(short.split()) <= 2 for short in SHORT.values())


def test_the_next_consequence_orders_a_list_and_dates_follow_where_nothing_is_owed(world: World, house: Any) -> None:
    found = {row.name.partition(",")[0]: row for row in rows(world, View("inpatient"))}

    assert list(found) == ["Overdue", "Leaving", "Private"]
    late = found["Overdue"]
    assert (late.due_at, late.due_in, late.due_tone) == ("Wed 23:59", "9 h 41 late", "late")
    assert (late.todo, late.todo_rule) == ("Give the Important Message (IM)", "N-IM1")
    assert late.due_iso == "2026-03-05T05:59:59Z"
    assert (found["Leaving"].due_at, found["Leaving"].due_in, found["Leaving"].due_tone) == (
        "Fri 23:59",
        "in 38 h",
        "far",
    )
    assert (found["Private"].due_what, found["Private"].due_iso, found["Private"].todo) == ("expected", "", "")


def test_what_is_due_today_is_soon_and_chips_say_what_and_until_when(world: World, house: Any) -> None:
    (watched,) = rows(world, View("observation"))
    leaving = rows(world, View("inpatient"))[1]

    assert (watched.due_at, watched.due_in, watched.due_tone) == ("21:00", "in 11 h 19", "soon")
    assert watched.chips[0] == "amber bell MOON by 21:00"
    assert leaving.chips[:2] == ["gray bell IM by Fri", "gray bell IM follow-up by Sat"]
    assert rows(world, View("inpatient"))[0].chips[0] == "red bell IM late"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"owed": ("n",)}, ["Overdue", "Leaving"]),
        ({"owed": ("n-im2",)}, ["Leaving"]),
        ({"owed": ("n-moon",)}, []),
        ({"due": ("overdue",)}, ["Overdue"]),
        ({"due": ("today",)}, []),
        ({"due": ("none",)}, ["Private"]),
        ({"due": ("2026-03-06..2026-03-06",)}, ["Leaving"]),
        ({"missed": ("blocks",)}, ["Overdue", "Leaving"]),
        ({"missed": ("warns",)}, []),
    ],
)
def test_filters_find_what_is_owed_by_kind_time_and_weight(
    world: World, house: Any, filters: dict[str, tuple[str, ...]], expected: list[str]
) -> None:
    assert families(rows(world, View("inpatient", filters))) == expected


def test_a_list_can_be_ordered_by_what_is_owed_alone(world: World, house: Any) -> None:
    assert families(rows(world, View("inpatient", sorts=(Sort("owed", down=True),)))) == [
        "Leaving",
        "Overdue",
        "Private",
    ]


def test_a_delivery_moves_the_stay_to_its_next_place(world: World, house: dict[str, uuid.UUID]) -> None:
    made = deliver(world, house["Overdue"], **FIRST)
    assert families(rows(world, View("inpatient"))) == ["Leaving", "Private", "Overdue"]

    with begin(world.viewer("dana").acting(Permission.NOTICE_STRIKE), at=NOW) as work:
        end_delivery(work, made.delivery_id, EndDelivery(how=DeliveryEnd.STRUCK_OUT, reason="Wrong patient"))
    assert families(rows(world, View("inpatient")))[0] == "Overdue"


def test_the_panel_says_the_same_as_what_is_stored(world: World, house: dict[str, uuid.UUID]) -> None:
    deliver(world, house["Overdue"], **FIRST)
    viewer = world.viewer("dana")
    with reading(viewer, at=NOW) as db:
        for stay in house.values():
            shown = panel(db, viewer, stay)
            lines = [(group, line) for group, found in shown["owed"].items() for line in found]
            stored = db.rows(
                lambda *row: row,
                "select rule, because, case when not required then 'not_required' when closed_at is null then 'open'"
                " else 'closed' end from obligation where encounter_id = %s and ended_at is null order by rule",
                (stay,),
            )
            assert sorted((line["rule"], line["because"], group) for group, line in lines) == stored


def test_a_late_delivery_is_late_for_ever_and_its_versions_are_told(world: World, house: dict[str, uuid.UUID]) -> None:
    deliver(world, house["Overdue"], **FIRST)
    viewer = world.viewer("dana")
    with reading(viewer, at=NOW + timedelta(days=3)) as db:
        shown = panel(db, viewer, house["Overdue"])

    (closed,) = shown["owed"]["closed"]
    assert (closed["due"], closed["tone"], closed["deed"]) == ("Closed late", "late", None)
    assert [one["what"] for one in closed["versions"]] == [
        "due Wed 4 Mar 23:59",
        "closed by a record of Thu 5 Mar 09:41",
    ]
    assert closed["allowance"] == "2 calendar days" and closed["missed"] == "blocks the discharge"
    assert {step["label"]: step["at"]["text"] for step in closed["steps"]}["Runs from"] == "Mon 2 Mar 09:00"


def test_what_is_not_required_says_why_and_counters_are_named(world: World, house: dict[str, uuid.UUID]) -> None:
    viewer = world.viewer("dana")
    with reading(viewer, at=NOW) as db:
        private, watched = panel(db, viewer, house["Private"]), panel(db, viewer, house["Watched"])
        count = open_count(db, house["Leaving"])
        first = shortly(db, viewer, house["Leaving"])
        brief = brief_lines(db, list(house.values()))

    assert {one["because"] for one in private["owed"]["not_required"]} == {"No Medicare coverage."}
    assert {one["name"]: one["count"] for one in watched["counters"]} == {
        "Benchmark midnights": "1", "Hours of observation": "24",
    }  # fmt: skip
    assert count == "2" and [one["rule"] for one in first["lines"]] == ["N-IM1", "N-IM2"]
    assert brief[house["Overdue"]] == ["Give the Important Message (IM), due Wed 4 Mar 23:59, overdue"]
    assert house["Private"] not in brief


def test_a_deed_is_offered_to_who_may_do_it(world: World, house: dict[str, uuid.UUID]) -> None:
    offered = {}
    for name in ("dana", "ann", "aud"):
        viewer = world.viewer(name)
        with reading(everywhere("test"), at=NOW) as db:
            offered[name] = shortly(db, viewer, house["Leaving"])["lines"][0]["deed"]

    assert offered["dana"]["href"] == f"/encounters/{house['Leaving']}/notices/new?kind=IM&copy=first"
    assert offered["ann"] is None and offered["aud"] is None


def test_a_stranger_finds_no_panel(world: World, house: dict[str, uuid.UUID]) -> None:
    viewer = world.viewer("stan")
    with reading(viewer) as db, pytest.raises(NotFound):
        panel(db, viewer, house["Overdue"])


def test_the_calendar_counts_what_it_lists(world: World, house: dict[str, uuid.UUID]) -> None:
    viewer = world.viewer("dana")
    with reading(viewer, at=NOW) as db:
        found = due_until(db, world.facility["NORTH"], local("2026-03-12T00:00"))

    def seen(asked: Narrowing) -> Calendar:
        return Calendar(found, NOW, CHICAGO, "dana", asked)

    every = seen(Narrowing())
    counts = {one["id"]: one["count"] for one in every.columns() if one["some"]}
    assert counts == {"overdue": "1", "2026-03-05": "1", "2026-03-06": "1", "2026-03-07": "1"}
    for head in every.columns():
        listed = seen(Narrowing(day=head["id"])).days()
        assert sum(len(day["lines"]) for day in listed) == int(head["count"])
    assert {one["rule"]: one["sum"] for one in every.kinds()} == {"N-IM1": "2", "N-IM2": "1", "N-MOON": "1"}
    assert [line["name"] for day in seen(Narrowing(kind="N-MOON")).days() for line in day["lines"]] == ["Watched"]
    assert seen(Narrowing(owner="me")).days() == []
    assert len(seen(Narrowing(owner="nobody", unit="4W", kind="N")).days()) == 3


def test_deadlines_missed_since_somebody_left_are_news(world: World, house: dict[str, uuid.UUID]) -> None:
    viewer = world.viewer("dana")
    with begin(everywhere("test"), at=NOW) as work:
        give_selected(work, list(house.values()), viewer.user_id)
    with reading(viewer, at=NOW) as db:
        news = missed(db, viewer, local("2026-03-04T17:30"))
        none = missed(db, viewer, local("2026-03-05T07:00"))

    assert [(one.kind, one.late, [stay.words for stay in one.stays]) for one in news] == [("missed", True, ["IM"])]
    assert none == []


def test_pages_of_what_is_owed_stand(world: World, house: dict[str, uuid.UUID], browser_for: Any) -> None:
    browser: Browser = browser_for("dana")

    text = browser.get(f"/encounters/{house['Overdue']}/obligations").text
    assert "How it was reckoned" in text and "/deadlines#N-IM1" in text and "blocks the discharge" in text
    assert "Next on this stay" in browser.get(f"/encounters/{house['Overdue']}").text
    calendar = browser.get("/calendar?kind=N-IM1&day=overdue").text
    assert "Overdue" in calendar and "Give the Important Message (IM)" in calendar
    assert "/deadlines#N-IM1" in browser.get("/worklists/inpatient").text
