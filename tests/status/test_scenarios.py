"""The tables under tests/scenarios/status, which a nurse can read, answered by the rules of the product."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.census.stay.timeline import Course, Lane, Row
from app.clocks.engine import counters, obligations
from app.clocks.facts import Coverage, Event, StayFacts
from app.clocks.rules.reviews import STATUS_CHANGE
from app.clocks.terms import EventKind, Line, Obligation
from app.kernel.days import local_day
from app.kernel.deadlines import Allowance, Standing, due
from app.kernel.refusal import Refused
from app.kernel.wording import clock_text, day_text, running_text
from app.status import rules
from app.status.rules import Consultation, Seat, StatusChange, Vote
from app.status.terms import Basis, CutShort, Finding, Told
from app.status.timeline import Expectation, Known, Reckoning, reckon

FOLDER = Path(__file__).parents[1] / "scenarios" / "status"
ZONE = ZoneInfo("America/Chicago")
NOON = datetime(2026, 5, 6, 12, 0, tzinfo=ZONE)
HOUR = Allowance.parse("1 hour")


def rows(name: str) -> list[tuple[str, ...]]:
    return [
        tuple(cell.strip() for cell in line.split("|"))
        for line in (FOLDER / f"{name}.table").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]


def instant(text: str) -> datetime:
    """`05-04 21:10` of 2026, at the first of two such hours."""
    day, clock = text.split()
    local = datetime.combine(date.fromisoformat(f"2026-{day}"), time.fromisoformat(clock.rjust(5, "0")), tzinfo=ZONE)
    return local.astimezone(UTC)


def said(at: datetime, *, clock: bool = False) -> str:
    day = day_text(local_day(at, ZONE), date(2026, 1, 1))
    return f"{day} {clock_text(at, ZONE)}" if clock else day


# --- midnights -------------------------------------------------------------------------------------------------------


def known(course: str) -> Known:
    """A course as the table tells it."""
    marks = [part.strip() for part in course.split(",")]
    timed = [(word, instant(rest)) for word, _, rest in (mark.partition(" ") for mark in marks)
             if word in ("ED", "OBS", "IP", "OP")]  # fmt: skip
    given = {mark.partition(" ")[0]: mark.partition(" ")[2] for mark in marks}
    left, _, disposition = given.get("left", "").partition(" to ")
    end = instant(left or given["now"])
    ends = [at for _, at in timed[1:]] + [None]
    found = [Row(Lane.CLASS, word, word, at, until) for (word, at), until in zip(timed, ends, strict=True)]
    if "away" in given:
        found.append(Row(Lane.LEAVE, "away", "", instant(given["away"]), instant(given["back"])))
    basis = next((basis for word, basis in _BASES.items() if word in given), None)
    expectation = None
    if basis is not None:
        cut = CutShort.TRANSFER if "cut" in given else CutShort.NO
        expectation = Expectation(basis=basis, by="Attending", written_at=timed[0][1], cut_short=cut)
    return Known(
        course=Course(tuple(found), ZONE, end, bool(left)), now=end, disposition=disposition, expectation=expectation,
        expected_at=instant(given["EDD"]) if "EDD" in given else None,
        elsewhere_since=instant(given["from"]) if "from" in given else None,
    )  # fmt: skip


_BASES = {"wrote": Basis.TWO_MIDNIGHTS, "case": Basis.CASE_BY_CASE, "only": Basis.INPATIENT_ONLY}


def counted(found: Reckoning) -> str:
    hours = running_text(found.observed).removesuffix(" h") if found.observed is not None else None
    numbers = (found.benchmark, found.presumption, found.qualifying, found.billing, hours)
    return " ".join("-" if one is None else str(one) for one in numbers)


@pytest.mark.parametrize("row", rows("midnights"), ids=lambda row: row[0])
def test_midnights_and_support_are_those_of_the_table(row: tuple[str, ...]):
    _example, course, counts, supported = row
    found = reckon(known(course))

    assert (counted(found), {True: "yes", False: "no", None: "-"}[found.supported]) == (counts, supported)
    assert found.sentence.endswith(".") and ("not supported" in found.sentence) is (supported == "no")


@pytest.mark.parametrize(
    "course", [row[1] for row in rows("midnights") if "left" in row[1] and "away" not in row[1] and "OP " not in row[1]]
)
def test_the_counts_of_a_stay_that_ended_agree_with_the_clocks(course: str):
    one = known(course)
    found, engine = reckon(one), counters(facts_of(course))

    assert engine.benchmark_midnights == found.benchmark
    assert engine.snf_qualifying_days == found.qualifying
    assert (found.presumption is None) or (engine.presumption_midnights, engine.billing_days) == (
        found.presumption, found.billing,
    )  # fmt: skip


# --- by the clocks ---------------------------------------------------------------------------------------------------

_KINDS = {"ED": EventKind.CARE_START, "OBS": EventKind.OBSERVATION_START, "IP": EventKind.INPATIENT_ORDER,
          "from": EventKind.CARE_START, "left": EventKind.DISCHARGE, "leaves": EventKind.DISCHARGE_PLANNED,
          "QIO": EventKind.QIO_STATUS_NOTIFIED}  # fmt: skip


def facts_of(course: str) -> StayFacts:
    """The same course as events of the clocks."""
    marks = [part.strip() for part in course.split(",")]
    events, inpatient, last = [], False, datetime.min.replace(tzinfo=ZONE)
    for mark in marks:
        word, _, rest = mark.partition(" ")
        if word not in (*_KINDS, "now"):
            continue
        at = instant(rest.partition(" to ")[0])
        last = max(last, at) if word != "leaves" else last
        if word == "now":
            continue
        kind = EventKind.STATUS_TO_OBSERVATION if word == "OBS" and inpatient else _KINDS[word]
        inpatient = word == "IP" or (inpatient and word not in ("OBS",))
        events.append(Event(kind=kind, at=at))
    line = Line.MEDICARE_ADVANTAGE if "plan" in marks else Line.MEDICARE_FFS
    return StayFacts(
        id="S", zone=ZONE, facility_kind="acute", as_of=last, events=tuple(events),
        coverage=(Coverage(line, part_b="no B" not in marks),),
    )  # fmt: skip


def owed(facts: StayFacts, rule: str) -> Obligation:
    return next(one for one in obligations(facts) if one.rule == rule)


@pytest.mark.parametrize("row", rows("mcsn"), ids=lambda row: row[0])
def test_the_change_of_status_notice_is_due_as_the_table_says(row: tuple[str, ...]):
    _example, course, expected = row
    if expected.startswith("records"):
        found = owed(facts_of(course), "N-MCSN-REC")
        assert found.due_at is not None and f"records {said(found.due_at, clock=True)}" == expected
        return
    found = owed(facts_of(course), "N-MCSN")
    if expected.startswith("no: "):
        assert found.standing is Standing.NOT_REQUIRED and expected.removeprefix("no: ") in found.because
    elif found.due_at is None:
        assert expected in found.because
    else:
        assert f"due {said(found.due_at, clock=True)}" == expected


# --- determinations --------------------------------------------------------------------------------------------------


def on_the_clocks(question: str, text: str) -> str:
    """When the clocks say that something is due after a determination, a notice, or a day of the plan."""
    at = instant(" ".join(text.split()[:2]))
    kind, rule = {
        "notices due": (EventKind.UR_DETERMINATION, "UR-NOTICE"),
        "payable through": (EventKind.UR_NOTICE_RECEIVED, "UR-GRACE"),
        "extended review": (EventKind.EXTENDED_STAY_DAY, "UR-EXT"),
    }[question]
    events = [Event(kind=EventKind.INPATIENT_ORDER, at=at - timedelta(days=1)), Event(
        kind=kind, at=at, to=STATUS_CHANGE if "change" in text else "")]  # fmt: skip
    if "leaves" in text:
        events.append(Event(kind=EventKind.DISCHARGE_PLANNED, at=instant(text.split("leaves ")[1])))
    facts = StayFacts(id="S", zone=ZONE, facility_kind="acute", as_of=at, events=tuple(events),
                      coverage=(Coverage(Line.MEDICARE_FFS),))  # fmt: skip
    found = owed(facts, rule)
    assert found.due_at is not None
    return said(found.due_at, clock="leaves" in text)


class Facts:
    """The facts of one line about members and the practitioner."""

    def __init__(self, text: str) -> None:
        parts = [part.strip() for part in text.split(";") if part.strip()]
        self.team = frozenset(part.split()[0] for part in parts if part.endswith("cares"))
        self.owners = frozenset(part.split()[0] for part in parts if part.endswith("owns"))
        self.finds = [part.split()[0] for part in parts if part.endswith("finds")]
        asked = next((part.removeprefix("asked ").split(", ") for part in parts if part.startswith("asked")), [])
        now = next((part.removeprefix("now ") for part in parts if part.startswith("now")), "12:00")
        limit = due(instant(f"05-06 {asked[0]}"), HOUR, ZONE) if asked else None
        heard = {"concurs", "disagrees"} & set(parts)
        self.asked = Consultation(
            attempts=len(asked) + len(heard), concurs="concurs" in heard, disagrees="disagrees" in heard,
            time_to_answer_passed=limit is not None and limit <= instant(f"05-06 {now}"),
        )  # fmt: skip

    def seat(self, name: str) -> Seat:
        return Seat(key=name, financial_interest=name in self.owners)

    @property
    def votes(self) -> list[Vote]:
        return [
            Vote(name, Finding.NOT_NECESSARY, bool(rules.conflict(self.seat(name), self.team, ())))
            for name in self.finds
        ]


def decided(question: str, text: str) -> str:
    told = Facts(text)
    if question == "who decides":
        needed = {1: "one", 2: "two"}[rules.members_needed(told.asked) or 0]
        return f"{needed} needed, {len(rules.deciding(told.votes, Finding.NOT_NECESSARY))} count"
    if question == "may determine":
        try:
            rules.check_finding(told.asked, told.votes)
        except Refused as refused:
            return f"no: {refused.sentence}"
        return "yes"
    against = rules.conflict(told.seat(question.split()[1]), told.team, told.finds)
    return f"no: {against}" if against else "yes"


@pytest.mark.parametrize("row", rows("determinations"), ids=lambda row: " ".join(row[:3]))
def test_determinations_are_those_of_the_table(row: tuple[str, ...]):
    _example, question, text, expected = row
    if question in ("notices due", "payable through", "extended review"):
        assert on_the_clocks(question, text) == expected
        return
    answer = decided(question, text)
    assert answer.startswith("no: ") and expected[4:] in answer if expected.startswith("no: ") else answer == expected


# --- changes ---------------------------------------------------------------------------------------------------------


def attempt(text: str) -> StatusChange:
    facts = {part.strip() for part in text.split(";") if part.strip()}
    needed = 2 if "disagrees" in facts else 1
    members = next((int(part.split()[1]) for part in facts if part.startswith("members")), 1)
    line = (
        Line.MEDICARE_ADVANTAGE if "plan" in facts else Line.MEDICAID_FFS if "medicaid" in facts else Line.MEDICARE_FFS
    )
    untold = {"not told patient": (Told.PATIENT,), "not told all": tuple(Told)}
    return StatusChange(
        at=NOON, discharged_at=NOON - timedelta(minutes=15) if "left" in facts else None, line=line,
        inpatient="observation" not in facts, claim_sent="claim sent" in facts, claim_said="claim unsaid" not in facts,
        members=members, needed=needed, physician_concurs="no concurrence" not in facts,
        documented=not facts & {"no concurrence", "not documented"},
        not_told=next((who for word, who in untold.items() if word in facts), ()),
    )  # fmt: skip


@pytest.mark.parametrize("row", rows("changes"), ids=lambda row: row[0])
def test_what_a_change_lacks_is_what_the_table_says(row: tuple[str, ...]):
    example, text, expected = row
    change = attempt(text)

    assert ("; ".join(rules.missing_for_change(change)) or "nothing") == expected
    if example == "CC1":
        assert "Self-denial" in rules.other_way(change)
    if example in ("MA", "Medicaid"):
        assert "payer" in rules.other_way(change)
    assert len(rules.conditions(change)) == 8
