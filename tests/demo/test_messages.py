"""How the simulated senders write: character sets, clocks, escapes, the fields of each kind of message."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from app.demo.hospital import ACUTE, LTCH
from app.demo.messages import Writer, escape
from app.demo.plan import Plan
from app.demo.simulation import Simulation, simulate
from app.interop import hl7
from app.interop.hl7 import Message

# The clocks go back on 1 November 2026 and forward on 8 March 2026.
AUTUMN = Plan(now=datetime(2026, 11, 6, 18, tzinfo=UTC), seed=11, beds=120, ltch_beds=20, days=14)
SPRING = Plan(now=datetime(2026, 3, 12, 18, tzinfo=UTC), seed=12, beds=60, ltch_beds=8, days=10)


@pytest.fixture(scope="module")
def autumn() -> Simulation:
    return simulate(AUTUMN)


def parsed(simulation: Simulation, facility: str = "") -> Iterator[Message]:
    return (hl7.parse(one.raw) for one in simulation if facility in ("", one.facility))


def field(message: Message, segment: str, number: int, component: int = 1) -> str:
    found = message.first(segment)
    return found.text(number, component) if found is not None else ""


def test_each_sender_keeps_to_its_version_and_character_set(autumn: Simulation) -> None:
    for facility, version, charset in ((ACUTE, "2.5.1", "UNICODE UTF-8"), (LTCH, "2.3", "8859/1")):
        for message in parsed(autumn, facility):
            assert message.version == version
            assert field(message, "MSH", 18) == charset
            assert (field(message, "EVN", 6) == "") or facility == ACUTE
    families = {field(message, "PID", 5) for message in parsed(autumn)}
    assert any(not family.isascii() for family in families)
    assert all("\ufffd" not in family for family in families)


def test_movements_of_the_acute_hospital_say_when_they_happened(autumn: Simulation) -> None:
    for message in parsed(autumn, ACUTE):
        if message.event in ("A01", "A02", "A03", "A04", "A06", "A07", "A17", "A21", "A22"):
            occurred, recorded = field(message, "EVN", 6), field(message, "EVN", 2)
            assert occurred
            if len(occurred) == len(recorded) == 14:
                assert occurred <= recorded
        if message.event == "A03":
            assert field(message, "PV1", 45) == field(message, "EVN", 6)
            assert field(message, "PV1", 36)
        if message.event in ("A01", "A04") and field(message, "PV1", 2) == "E":
            assert field(message, "PV1", 44) == field(message, "EVN", 6)


def test_the_repeated_hour_carries_its_offset() -> None:
    writer = Writer(AUTUMN.zone)
    first, second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    assert writer.stamp(first, old=False) == "20261101013000-0500"
    assert writer.stamp(second, old=False) == "20261101013000-0600"
    assert writer.stamp(datetime(2026, 11, 1, 8, 30, tzinfo=UTC), old=True) == "202611010230"
    assert writer.stamp(None, old=False) == ""


@pytest.mark.parametrize("plan", [AUTUMN, SPRING], ids=["clocks back", "clocks forward"])
def test_written_times_are_the_true_instants(plan: Plan) -> None:
    """Reading the local stamp of every message gives the instant it was recorded at, clock changes included."""
    simulation = simulate(plan)
    change = date(2026, 11, 1) if plan is AUTUMN else date(2026, 3, 8)
    seen = 0
    for sent, one in zip(simulation._history, simulation, strict=True):
        text = field(hl7.parse(one.raw), "EVN", 2)
        digits, offset = text[:14], text[14:] if len(text) > 16 else ""
        form = "%Y%m%d%H%M%S" if one.facility == ACUTE else "%Y%m%d%H%M"
        if one.facility == LTCH:
            digits, offset = text[:12], text[12:]
        read = datetime.strptime(digits + offset, form + "%z") if offset else None
        read = read or datetime.strptime(digits, form).replace(tzinfo=plan.zone)
        assert read == sent.recorded
        seen += sent.recorded.astimezone(plan.zone).date() == change
    assert seen > 50


def test_a_death_is_told_with_its_time(autumn: Simulation) -> None:
    dead = [message for message in parsed(autumn) if message.event == "A03" and field(message, "PV1", 36) == "20"]
    assert dead
    for message in dead:
        assert field(message, "PID", 30) == "Y"
        assert field(message, "PID", 29) == field(message, "PV1", 45)


def test_a_merge_names_both_numbers_and_other_messages_follow_it(autumn: Simulation) -> None:
    merges = [message for message in parsed(autumn) if message.event == "A40"]
    assert merges
    for message in merges:
        assert field(message, "MRG", 1) and field(message, "MRG", 1) != field(message, "PID", 3)
        assert field(message, "MRG", 1, 4) == field(message, "PID", 3, 4)


def test_bed_swaps_carry_two_patients(autumn: Simulation) -> None:
    swaps = [message for message in parsed(autumn) if message.event == "A17"]
    assert swaps
    for message in swaps:
        first, second = message.all("PV1")
        assert first.raw(3) == second.raw(6) and first.raw(6) == second.raw(3)
        assert len(message.all("PID")) == 2


def test_coded_stays_carry_their_group_and_payers(autumn: Simulation) -> None:
    final = [message for message in parsed(autumn) if message.event == "A08" and field(message, "DG1", 6) == "F"]
    assert len(final) > 100
    for message in final:
        assert len(field(message, "DRG", 1)) == 3
        assert field(message, "DG1", 3)
        assert field(message, "IN1", 3)


def test_encoding_characters_are_escaped() -> None:
    assert escape("a|b^c~d&e\\f") == "a\\F\\b\\S\\c\\R\\d\\T\\e\\E\\f"
    message = hl7.parse(b"MSH|^~\\&|A|B|C|D|2026||ADT^A08|1|P|2.5\rPID|1||7||" + escape("x^y\\z").encode() + b"\r")
    assert field(message, "PID", 5) == "x^y\\z"
