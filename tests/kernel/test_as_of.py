"""An earlier instant in an address: read, written back the same, refused in a sentence when it cannot be."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.as_of import AsOf, read_as_of, read_day_and_time, steps
from app.kernel.refusal import Refused

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ZONES = st.sampled_from([ZoneInfo(name) for name in ("America/Chicago", "America/Phoenix", "America/St_Johns", "UTC",
                                                     "Pacific/Honolulu", "Pacific/Apia")])  # fmt: skip
SECONDS = st.integers(0, int((NOW - datetime(2000, 1, 2, tzinfo=UTC)).total_seconds()))


def shown(text: str) -> AsOf:
    return read_as_of(text, CHICAGO, NOW)


@given(SECONDS, ZONES)
def test_every_instant_has_one_address_that_leads_back_to_it(seconds: int, zone: ZoneInfo) -> None:
    past = AsOf(NOW - timedelta(seconds=seconds), zone)
    again = read_as_of(past.address, zone, NOW)
    assert again.at == past.at
    assert again.address == past.address


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("2026-11-12T07:00", datetime(2026, 11, 12, 13, 0, tzinfo=UTC), "Thu 12 Nov 2026 07:00"),
        ("2026-11-12T07:00:09", datetime(2026, 11, 12, 13, 0, 9, tzinfo=UTC), "Thu 12 Nov 2026 07:00:09"),
        ("2026-11-01T01:30", datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "Sun 1 Nov 2026 01:30 CDT"),
        ("2026-11-01T01:30-06:00", datetime(2026, 11, 1, 7, 30, tzinfo=UTC), "Sun 1 Nov 2026 01:30 CST"),
        ("2026-11-12T07:00-06:00", datetime(2026, 11, 12, 13, 0, tzinfo=UTC), "Thu 12 Nov 2026 07:00"),
    ],
)
def test_addresses_are_read_by_the_clocks_of_the_facility(text: str, at: datetime, words: str) -> None:
    assert shown(text).at == at
    assert shown(text).text == words


def test_a_plus_sign_that_became_a_space_is_still_a_plus_sign() -> None:
    assert read_as_of("2026-11-12T07:00 00:00", ZoneInfo("UTC"), NOW).at == datetime(2026, 11, 12, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-11-23T07:00", "lies ahead"),
        ("9999-12-31T23:59", "lies ahead"),
        ("1999-12-30T23:59", "before 2000"),
        ("0001-01-01T00:00", "before 2000"),
        ("2026-03-08T02:30", "did not exist"),
        ("2026-02-30T07:00", "no day and time"),
        ("2026-11-12T25:00", "no day and time"),
        ("2026-11-12T07:00-07:00", "not at -07:00"),
        ("yesterday", "not understood"),
        ("2026-11-12", "not understood"),
        ("２０２６-11-12T07:00", "not understood"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        shown(text)
    assert refused.value.sentence.endswith(".")


@given(st.text(max_size=30))
def test_any_text_is_an_instant_or_a_sentence(text: str) -> None:
    try:
        assert shown(text).at <= NOW
    except Refused as refused:
        assert refused.sentence


def test_a_day_without_a_time_is_its_end_and_today_is_now() -> None:
    assert read_day_and_time("2026-11-12", "", CHICAGO, NOW).address == "2026-11-12T23:59"
    assert read_day_and_time("2026-11-22", "", CHICAGO, NOW).at == NOW
    for day in ("2026-11-23", "9999-12-31", "", "x"):
        with pytest.raises(Refused):
            read_day_and_time(day, "", CHICAGO, NOW)


@given(SECONDS, ZONES)
def test_quick_steps_stay_within_what_can_be_shown(seconds: int, zone: ZoneInfo) -> None:
    past = AsOf((NOW - timedelta(seconds=seconds)).replace(second=0), zone)
    for words, one in steps(past, zone, NOW):
        if one is None:
            assert "later" in words
        else:
            assert read_as_of(one.address, zone, NOW).at == one.at
    hours = dict(steps(past, zone, NOW))
    if earlier := hours.get("An hour earlier"):
        assert past.at - earlier.at == timedelta(hours=1)


def test_a_day_earlier_keeps_the_time_of_the_clock_over_a_change_of_clocks() -> None:
    ways = dict(steps(shown("2026-11-01T12:00"), CHICAGO, NOW))
    assert ways["A day earlier"] == AsOf(datetime(2026, 10, 31, 17, 0, tzinfo=UTC), CHICAGO)
    assert ways["A day earlier"].address == "2026-10-31T12:00"
