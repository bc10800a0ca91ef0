"""Who gets which stay: the tables a nurse can read, and what holds for any ward."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.worklists.assignment.rules.deciding import Person, Rule, decide, fits
from app.worklists.assignment.rules.minutes import DEFAULTS, StayFacts, duration_text, expected_minutes, table_of
from app.worklists.assignment.rules.sharing import ENOUGH, Held, Share, balance, split
from app.worklists.assignment.terms import WorkPart

SCENARIOS = sorted(
    path
    for kind in ("share", "split", "balance")
    for path in (Path(__file__).parents[1] / "scenarios").glob(f"{kind}_*.txt")
)


def key(name: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, name)


def facts(key_: uuid.UUID | None = None, **more: object) -> StayFacts:
    known: dict[str, object] = {
        "id": key_ or key("stay"), "unit": "4W", "service": "MED", "payer": "P", "patient_class": "IP", "day": 4,
        "gmlos": None, "expected_in": None, "pending": "", "watched_hours": None, "age": 60, "payer_known": True,
        "intensive": False, "admissions": 1,
    }  # fmt: skip
    return StayFacts(**(known | more))  # type: ignore[arg-type]


@dataclass
class Scenario:
    """A table of people, rules and stays, and what is expected of them."""

    people: dict[str, int | None] = field(default_factory=dict)
    works_on: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    stays: dict[str, tuple[StayFacts, int, frozenset[str]]] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    expected: dict[str, str] = field(default_factory=dict)
    kind: str = "share"

    def line(self, text: str) -> None:
        head, _, rest = text.partition(": ") if ": " in text else (text.rstrip(":"), "", "")
        word, _, name = head.partition(" ")
        if word == "=>":
            self.expected[name] = rest
        elif word == "person":
            minutes, _, unit = rest.partition(", works on ")
            self.people[name] = None if minutes == "away" else int(minutes.split()[0])
            self.works_on[name] = unit
        elif word == "rule":
            self.rules.append(self._rule(name, rest))
        elif word == "stay":
            self._stay(name, rest)
        elif word == "has":
            stay, _, rest = rest.partition(" ")
            self.holders[stay] = name
            self._stay(stay, rest)
        else:
            self.kind = word

    def _stay(self, name: str, rest: str) -> None:
        values = dict(re.findall(r"(unit|payer|class|service) (\w+)", rest))
        found = re.search(r"(\d+) min", rest)
        assert found is not None, f"stay {name} says no minutes"
        had = frozenset(re.findall(r"(\w+) had it", rest))
        unit, payer, patient_class = values.get("unit", ""), values.get("payer", ""), values.get("class", "IP")
        described = facts(key(name), unit=unit, payer=payer, patient_class=patient_class)
        self.stays[name] = (described, int(found[1]), had)

    def _rule(self, name: str, rest: str) -> Rule:
        conditions, _, people = rest.partition("-> ")
        values: dict[str, set[str]] = {"unit": set(), "service": set(), "payer": set(), "class": set()}
        for kind, value in re.findall(r"(unit|payer|class|service) (\w+)", conditions):
            values[kind].add(value)
        named = tuple(key(one) for one in people.split(", "))
        return Rule(
            key(name), len(self.rules) + 1, name, frozenset(values["unit"]), frozenset(values["service"]),
            frozenset(values["payer"]), frozenset(values["class"]), named,
        )  # fmt: skip

    def shares(self) -> list[Share]:
        found = []
        for name, minutes in self.people.items():
            stays = [Held(key(f"own {name}"), self.works_on[name], minutes or 0)]
            stays += [self.held(stay) for stay, holder in self.holders.items() if holder == name]
            found.append(Share(key(name), name, stays))
        return found

    def held(self, name: str) -> Held:
        described, minutes, had = self.stays[name]
        return Held(described.id, described.unit, minutes, frozenset(key(one) for one in had))

    def outcome(self) -> dict[str, str]:
        names = {key(name): name for name in [*self.people, *self.stays]}
        if self.kind == "split":
            done = split([self.held(name) for name in self.stays], self.shares())
            return {names[stay]: names[person] for stay, person in done.items()}
        if self.kind == "balance":
            own = [key(f"own {name}") for name in self.people]
            moved = {move.stay.id: names[move.taker] for move in balance(self.shares(), fixed=own)}
            return {name: moved.get(key(name), holder) for name, holder in self.holders.items()}
        present = {key(name): Person(key(name), name, m) for name, m in self.people.items() if m is not None}
        decided = decide([(one, minutes) for one, minutes, _ in self.stays.values()], self.rules, present)
        found = dict.fromkeys(self.stays, "nobody")
        return found | {names[one.stay_id]: f"{names[one.to]}, {one.because}" for one in decided}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_stays_are_shared_as_the_table_says(path: Path) -> None:
    scenario = Scenario()
    for text in path.read_text("utf-8").splitlines():
        if text.strip() and not text.startswith("#"):
            scenario.line(text.strip())
    assert scenario.expected and scenario.outcome() == scenario.expected


def test_there_are_tables_of_every_kind() -> None:
    assert {path.stem.partition("_")[0] for path in SCENARIOS} == {"share", "split", "balance"}


# --- minutes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ({}, 8),
        ({"patient_class": "OBS"}, 12),
        ({"patient_class": "ED"}, 4),
        ({"day": 2}, 23),
        ({"day": 3}, 8),
        ({"day": None}, 8),
        ({"pending": "discharge"}, 23),
        ({"expected_in": -1}, 23),
        ({"expected_in": 0, "pending": "discharge"}, 23),
        ({"expected_in": 1}, 16),
        ({"expected_in": 2}, 8),
        ({"pending": "transfer"}, 12),
        ({"patient_class": "OBS", "watched_hours": 24.0}, 12),
        ({"patient_class": "OBS", "watched_hours": 24.1}, 20),
        ({"day": 5, "gmlos": 5.0}, 8),
        ({"day": 6, "gmlos": 5.0}, 16),
        ({"day": 10, "gmlos": 5.0}, 24),
        ({"age": 79}, 8),
        ({"age": 80}, 10),
        ({"payer_known": False}, 12),
        ({"admissions": 3}, 12),
        ({"intensive": True}, 14),
    ],
    ids=str,
)
def test_expected_minutes_are_the_sum_of_what_fits(more: dict[str, object], minutes: int) -> None:
    found = expected_minutes(facts(**more), DEFAULTS)
    assert found.minutes == minutes == sum(part for _, part in found.parts)


def test_a_facility_writes_its_own_minutes_over_the_documented_ones() -> None:
    table = table_of({"inpatient": 30, "new": 0})
    assert expected_minutes(facts(day=1), table).minutes == 30
    assert table[WorkPart.POINT] == DEFAULTS[WorkPart.POINT]


def test_twenty_usual_stays_are_a_day_of_a_case_manager() -> None:
    """What the documentation of the defaults says: about 6 h 40 min."""
    usual = [
        *[facts(day=1)] * 4, *[facts(expected_in=0)] * 4, *[facts(expected_in=1)] * 3,
        *[facts(day=8, gmlos=5.0)] * 4, *[facts(age=84)] * 3, facts(payer_known=False),
        facts(patient_class="OBS", day=1),
    ]  # fmt: skip
    assert len(usual) == 20
    assert 350 <= sum(expected_minutes(one, DEFAULTS).minutes for one in usual) <= 430


@pytest.mark.parametrize(("minutes", "text"), [(0, "0 min"), (45, "45 min"), (120, "2 h"), (370, "6 h 10 min")])
def test_minutes_are_written_as_people_say_them(minutes: int, text: str) -> None:
    assert duration_text(minutes) == text


# --- what holds for any ward -----------------------------------------------------------------------------------------

UNITS = ("4W", "5E", "ICU")
WARD = st.lists(st.tuples(st.sampled_from(UNITS), st.integers(0, 90), st.integers(0, 3)), max_size=30)
LOADS = st.lists(st.lists(st.tuples(st.sampled_from(UNITS), st.integers(0, 90)), max_size=6), min_size=1, max_size=5)


def staff(loads: Iterable[list[tuple[str, int]]]) -> list[Share]:
    return [
        Share(key(f"p{i}"), f"P{i}", [Held(key(f"own {i} {j}"), unit, m) for j, (unit, m) in enumerate(own)])
        for i, own in enumerate(loads)
    ]


@given(WARD, LOADS)
def test_every_stay_of_the_absent_gets_exactly_one_colleague_and_the_minutes_stay_even(
    ward: list[tuple[str, int, int]], loads: list[list[tuple[str, int]]]
) -> None:
    stays = [Held(key(f"s{i}"), u, m, frozenset({key(f"p{had}")})) for i, (u, m, had) in enumerate(ward)]
    people = staff(loads)

    done = split(stays, people)

    assert set(done) == {stay.id for stay in stays}
    assert set(done.values()) <= {one.id for one in people}
    then = {one.id: one.minutes for one in people}
    for stay in stays:
        then[done[stay.id]] += stay.minutes
    heaviest = max((stay.minutes for stay in stays), default=0)
    got_work = {done[stay.id] for stay in stays if stay.minutes}
    # What giving each stay to the least laden guarantees, units together or not.
    assert all(then[one] <= min(then.values()) + heaviest for one in got_work)


@given(LOADS)
def test_evening_out_narrows_the_spread_and_loses_no_stay(loads: list[list[tuple[str, int]]]) -> None:
    people = staff(loads)
    before = [one.minutes for one in people]

    moves = balance(people)

    owner = {stay.id: one.id for one in people for stay in one.stays}
    for move in moves:
        assert owner[move.stay.id] == move.giver != move.taker
        owner[move.stay.id] = move.taker
    then = [sum(s.minutes for p in people for s in p.stays if owner[s.id] == one.id) for one in people]
    assert sum(then) == sum(before) and max(then) <= max(before) and min(then) >= min(before)
    assert len({move.stay.id for move in moves}) == len(moves), "no stay moves twice"
    if max(before) - min(before) <= ENOUGH:
        assert not moves


@given(
    st.lists(st.tuples(st.sampled_from(UNITS), st.integers(0, 60)), max_size=25),
    st.lists(st.tuples(st.sets(st.sampled_from(UNITS)), st.sets(st.integers(0, 4), min_size=1)), max_size=4),
    st.sets(st.integers(0, 4)),
)
def test_the_first_rule_with_somebody_present_decides(
    ward: list[tuple[str, int]], spoken: list[tuple[set[str], set[int]]], here: set[int]
) -> None:
    stays = [(facts(key(f"s{i}"), unit=unit), minutes) for i, (unit, minutes) in enumerate(ward)]
    none: frozenset[str] = frozenset()
    rules = [
        Rule(key(f"r{i}"), i, f"R{i}", frozenset(units), none, none, none, tuple(key(f"p{one}") for one in pool))
        for i, (units, pool) in enumerate(spoken)
    ]
    present = {key(f"p{one}"): Person(key(f"p{one}"), f"P{one}") for one in here}

    decided = {one.stay_id: one for one in decide(stays, rules, present)}

    for stay, _ in stays:
        right = next((r for r in rules if fits(r, stay) and any(one in present for one in r.people)), None)
        if right is None:
            assert stay.id not in decided
        else:
            assert decided[stay.id].rule_id == right.id and decided[stay.id].to in right.people
    assert sum(one.minutes for one in present.values()) == sum(m for stay, m in stays if stay.id in decided)
