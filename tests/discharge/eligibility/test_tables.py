"""The worked examples of eligibility, as a table that a case manager can check."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.clocks.engine import counters
from app.clocks.facts import Coverage, Event, StayFacts
from app.clocks.terms import EventKind, Line
from app.discharge.booking.rules import Ground, check_ground
from app.discharge.eligibility.facts import Answer, Check, Facts
from app.discharge.eligibility.rules.every import checks, questions
from app.discharge.eligibility.rules.pasrr import in_the_way
from app.discharge.eligibility.terms import Question, Verdict
from app.discharge.terms import CareType
from app.kernel.refusal import Refused

TABLE = Path(__file__).parents[2] / "scenarios" / "discharge" / "eligibility.table"
ZONE = ZoneInfo("America/Chicago")
LIMIT = re.compile(r"([A-Za-z0-9 ]+)=(\S+)")
NOW = datetime(2026, 6, 1, 12, tzinfo=ZONE)


def rows() -> list[tuple[int, list[str]]]:
    found = []
    for number, line in enumerate(TABLE.read_text("utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            found.append((number, [part.strip() for part in line.split("|")]))
    return found


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class Read:
    """The facts of one line."""

    events: list[Event] = field(default_factory=list)
    payer: str = "medicare_ffs"
    now: datetime | None = None
    starts: date | None = None
    gmlos: float | None = None
    intensive: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    answers: dict[Question, Answer] = field(default_factory=dict)

    def take(self, name: str, value: str) -> None:
        if name in set(EventKind) - set(Question):
            self.events.append(Event(kind=EventKind(name), at=instant(value), to="snf"))
        elif name == "unit":
            begins, _, ends = value.partition("/")
            self.intensive.append((instant(begins), instant(ends) if ends else None))
        elif name == "payer":
            self.payer = value
        elif name == "now":
            self.now = instant(value)
        elif name == "starts":
            self.starts = date.fromisoformat(value)
        elif name == "gmlos":
            self.gmlos = float(value)
        else:
            self.answer(name, value)

    def answer(self, name: str, value: str) -> None:
        part, _, asked = name.rpartition(".")
        question = Question(asked)
        before = self.answers.get(question, Answer(""))
        told = {
            "on": Answer(before.value, date.fromisoformat(value) if part == "on" else None, before.detail),
            "said": Answer(before.value, before.on, value),
            "": Answer(value, before.on, before.detail),
        }
        self.answers[question] = told[part]


def facts_of(care: str, text: str) -> Facts:
    read = Read()
    for word in text.split():
        read.take(*word.split("=", 1))
    now = read.now or max([one.at for one in read.events], default=NOW)
    lines = () if read.payer == "none" else (Coverage(Line(read.payer)),)
    stay = StayFacts(id="x", zone=ZONE, facility_kind="acute", as_of=now, coverage=lines, events=tuple(read.events))
    left = next((one.at for one in read.events if one.kind is EventKind.DISCHARGE), None)
    counted = counters(stay)
    return Facts(
        care_type=CareType(care), zone=ZONE, now=now, today=now.date(), lines=frozenset(one.line for one in lines),
        inpatient_days=counted.snf_qualifying_days, leaves_on=left.date() if left else None, left=left is not None,
        length=counted.presumption_midnights, gmlos=read.gmlos, intensive=read.intensive, starts_on=read.starts,
        answers=read.answers,
    )  # fmt: skip


def limits(one: Check) -> dict[str, str]:
    days = {name: day.isoformat() for name, day in one.days.items()}
    return days | {name: f"{at.astimezone(ZONE):%Y-%m-%dT%H:%M}" for name, at in one.instants.items()}


@pytest.mark.parametrize(("number", "row"), rows(), ids=lambda value: f"line {value}" if isinstance(value, int) else "")
def test_a_line_of_the_table(number: int, row: list[str]):
    _, care, facts, key, verdict, wanted = row
    found = {one.key: one for one in checks(facts_of(care, facts))}
    if verdict == "nothing":
        assert key not in found
        return
    assert found[key].verdict == Verdict(verdict), found[key].because
    assert found[key].because and found[key].citation
    got = limits(found[key])
    for name, value in LIMIT.findall(wanted):
        assert got[name.strip()] == value


def test_every_type_of_care_has_its_questions():
    for care in CareType:
        found = checks(facts_of(care.value, "payer=medicare_ffs"))
        assert len({one.key for one in found}) == len(found)
        assert {one.record for one in found if one.record} <= set(questions(found, care))


@pytest.mark.parametrize(
    ("answers", "blocked"),
    [
        ("", "Level I is missing"),
        ("pasrr_level_one=negative", ""),
        ("pasrr_level_one=not_needed", ""),
        ("pasrr_level_one=positive", "Level II is open"),
        ("pasrr_level_one=positive pasrr_level_two=asked", "Level II is open"),
        ("pasrr_level_one=positive pasrr_exempted=no", "Level II is open"),
        ("pasrr_level_one=positive pasrr_exempted=yes", ""),
        ("pasrr_level_one=positive pasrr_level_two=refused", "not right"),
        ("pasrr_level_one=positive pasrr_level_two=refused pasrr_exempted=yes", "not right"),
        ("pasrr_level_one=positive pasrr_level_two=approved", ""),
    ],
)
def test_pasrr_keeps_a_nursing_facility_from_being_booked(answers: str, blocked: str):
    known = facts_of("snf", answers).answers
    assert blocked in in_the_way(known)
    for care in CareType:
        ground = Ground(care_type=care, chosen=True, answers=known)
        if blocked and care in (CareType.SNF, CareType.NF):
            with pytest.raises(Refused, match="PASRR"):
                check_ground(ground, "override")
        else:
            check_ground(ground, "")


def test_no_provider_is_booked_against_the_choice_of_the_patient():
    known = facts_of("irf", "").answers
    for care in (CareType.HOME_HEALTH, CareType.IRF, CareType.LTCH, CareType.HOSPICE_HOME):
        ground = Ground(care_type=care, chosen=False, answers=known)
        with pytest.raises(Refused, match="482"):
            check_ground(ground, "")
        check_ground(ground, "The patient cannot speak and has nobody who decides.")
    for care in (CareType.TRANSPORT, CareType.DME, CareType.ACUTE):
        check_ground(Ground(care_type=care, chosen=False, answers=known), "")


def test_the_payer_is_waited_for():
    for state in ({"undecided": True}, {"denied": True}):
        ground = Ground(care_type=CareType.DME, chosen=True, answers={}, **state)
        with pytest.raises(Refused):
            check_ground(ground, "")
        check_ground(ground, "The hospital pays the first week")
