"""The framer against the wire cases of the ADT rules, and against any way of cutting a stream."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.interop.framing import HEAD, LIMIT, Deframer, Oversized, frame

WIRE_CASES = Path(__file__).parents[2].parent / "shared" / "vectors" / "adt_wire_cases.jsonl"
MESSAGE = b"MSH|^~\\&|EHR|HOSP\rPID|1||M100\r"


def _wire_cases() -> list[Any]:
    if not WIRE_CASES.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="../shared is absent: no wire cases to read"))]
    cases = [json.loads(line) for line in WIRE_CASES.read_text().splitlines()]
    return [pytest.param(case, id=case["id"]) for case in cases]


def _chunks(case: dict[str, Any]) -> list[bytes]:
    if case["chunks_hex"] is None:  # M11: an admission with a document of 240,000 characters
        document = b"OBX|1|ED|PDF^Doc^L||^application^pdf^Base64^" + b"QUJD" * 60_000
        stream = frame(MESSAGE + document + b"\r")
        return [stream[start : start + 65_536] for start in range(0, len(stream), 65_536)]
    return [bytes.fromhex(chunk) for chunk in case["chunks_hex"]]


@pytest.mark.parametrize("case", _wire_cases())
def test_wire_case_gives_its_number_of_frames(case: dict[str, Any]) -> None:
    # M19 is about two connections at once; each of them has a framer of its own.
    per_connection = case["id"] == "M19"
    frames: list[bytes | Oversized] = []
    deframer = Deframer()
    for chunk in _chunks(case):
        if per_connection:
            deframer = Deframer()
        frames += deframer.feed(chunk)
    assert len(frames) == case["expect"]["frames"]
    assert all(isinstance(payload, bytes) and not re.search(rb"[\x0b\x1c]", payload) for payload in frames)


@pytest.mark.parametrize(
    ("stream", "frames"),
    [
        pytest.param(b"\x0bA\x1c\r\x0bB\x1c\r", [b"A", b"B"], id="two frames at once"),
        pytest.param(b"\r\nxx\x0bA\x1c\r", [b"A"], id="bytes before the start"),
        pytest.param(b"\x0bA\x1c\x0bB\x1c", [b"A", b"B"], id="no CR after the end"),
        pytest.param(b"\x0bA\x1c\r\n\x0bB\x1c\r\n", [b"A", b"B"], id="line feed between frames"),
        pytest.param(b"\x0bLOST\x0bA\x1c\r", [b"A"], id="start inside a frame"),
        pytest.param(b"LOST\x1c\r\x0bA\x1c\r", [b"A"], id="no start"),
        pytest.param(b"\x0b\x1c\r\x0b\r\n\x1c\r\x0bA\x1c\r", [b"A"], id="heartbeats"),
        pytest.param(b"\x0bA", [], id="no end"),
        pytest.param(b"\x1c\x1c\r\x1c", [], id="ends alone"),
    ],
)
def test_frames_of_a_stream(stream: bytes, frames: list[bytes]) -> None:
    assert Deframer().feed(stream) == frames
    byte_by_byte = Deframer()
    assert [found for byte in stream for found in byte_by_byte.feed(bytes([byte]))] == frames


def test_framed_payload_comes_back() -> None:
    assert frame(MESSAGE) == b"\x0b" + MESSAGE + b"\x1c\r"
    assert Deframer().feed(frame(MESSAGE) * 3) == [MESSAGE] * 3


def test_default_limit_lets_sixteen_mebibytes_pass() -> None:
    payload = b"M" * LIMIT
    assert Deframer().feed(frame(payload)) == [payload]
    assert Deframer().feed(frame(payload + b"M")) == [Oversized(b"M" * HEAD, LIMIT + 1)]


def test_longer_frame_is_reported_when_it_ends_and_its_neighbours_survive() -> None:
    deframer = Deframer(limit=10_000)
    too_long = MESSAGE + b"x" * 30_000
    stream = frame(b"before") + frame(too_long) + frame(b"after")
    found = [item for start in range(0, len(stream), 700) for item in deframer.feed(stream[start : start + 700])]
    assert found == [b"before", Oversized(too_long[:HEAD], len(too_long)), b"after"]


def test_memory_of_an_endless_frame_is_bounded() -> None:
    deframer = Deframer(limit=10_000)
    deframer.feed(b"\x0b" + MESSAGE)
    for _ in range(100):
        deframer.feed(b"x" * 9_000)
        assert len(deframer._frame or b"") <= 10_000
    assert len(deframer._frame or b"") == HEAD
    assert deframer.mid_frame


def test_dropped_frame_is_gone_and_the_connection_works_on() -> None:
    deframer = Deframer()
    states = [deframer.mid_frame]
    deframer.feed(b"\x0bHALF")
    states.append(deframer.mid_frame)
    deframer.drop()
    states.append(deframer.mid_frame)
    assert states == [False, True, False]
    assert deframer.feed(b" OF IT\x1c\r" + frame(b"next")) == [b"next"]
    assert deframer.discarded == len(b"HALF OF IT")


def test_bytes_outside_frames_are_counted() -> None:
    deframer = Deframer()
    deframer.feed(b"garbage\x0bLOST\x0bA\x1c\r")
    assert deframer.discarded == len(b"garbage") + len(b"LOST")


_pieces = st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\n", b"MSH|", b"x" * 60, b"\xc3", b"\xa9"])


@settings(max_examples=200, deadline=None)
@given(st.lists(_pieces | st.binary(max_size=12), max_size=40).map(b"".join), st.data())
def test_any_chunking_gives_the_same_frames(stream: bytes, data: st.DataObject) -> None:
    whole = Deframer(limit=100)
    expected = whole.feed(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    parts = Deframer(limit=100)
    found = [item for start, end in pairwise([0, *cuts, len(stream)]) for item in parts.feed(stream[start:end])]
    assert found == expected
    assert (parts.mid_frame, parts.discarded) == (whole.mid_frame, whole.discarded)
