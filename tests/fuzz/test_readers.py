"""What others send, changed by a few bytes: a reader understands or refuses it, soon and in little memory."""

import io
import json
import signal
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import FrameType

import pytest

from app.census.drg.sheets import sheets
from app.interop.pas.reading import understand as pas
from app.interop.x12.reading import understand as x12
from app.kernel.refusal import Refused
from tests.fuzz.mutation import mutated
from tests.fuzz.readers import ADT, DRG, READERS, X12, Reader

SEED = 20_260_305
NEIGHBOURS = 100
SECONDS = 20  # of one input; a reader that takes longer on a busy machine does not end, or grows with the square
MEBIBYTE = 1024 * 1024


class Stuck(BaseException):
    """No reader may catch it."""


@contextmanager
def watched(seconds: int = SECONDS) -> Iterator[None]:
    """Whatever takes longer is stopped where it stands, so that the trace names the place."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Stuck

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def trial(reader: Reader, data: bytes) -> bool:
    """Whether the reader took it; anything raised but its own refusal is a fault, told with the input."""
    try:
        with watched():
            reader.call(data)
    except reader.refusals:
        return False
    except (Exception, Stuck) as error:
        shown = data if len(data) < 3000 else data[:1500] + b" ... " + data[-1500:]
        raise AssertionError(f"{reader.name}: {type(error).__name__} on {len(data)} bytes: {shown!r}") from error
    return True


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.name)
def test_good_input_is_taken(reader: Reader) -> None:
    assert all(trial(reader, seed) for seed in reader.seeds)


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.name)
def test_neighbours_of_good_input_are_taken_or_refused(reader: Reader) -> None:
    random = Random(f"{SEED} {reader.name}")
    for number in range(NEIGHBOURS):
        trial(reader, mutated(random, reader.seeds[number % len(reader.seeds)]))


@pytest.mark.parametrize("reader", READERS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"PK\x03\x04",
        b"PAR1",
        b"{",
        b"[]",
        b"\r\n" * 1000,
        b'"',
        b"MSH",
        b"ISA",
    ],
    ids=lambda data: data[:6].hex(),
)
def test_next_to_nothing_is_taken_or_refused(reader: Reader, data: bytes) -> None:
    trial(reader, data)


@contextmanager
def little_memory(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def bomb(name: str, size: int, *, beside: dict[str, bytes] | None = None) -> bytes:
    """An archive whose member is a thousand times larger unpacked; its directory may lie about that."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for one, content in (beside or {}).items():
            file.writestr(one, content)
        with file.open(name, "w", force_zip64=True) as member:
            for _ in range(size // MEBIBYTE):
                member.write(b"0" * MEBIBYTE)
    return out.getvalue()


@pytest.mark.parametrize("name", ["table.csv", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_an_archive_that_unpacks_without_end_is_refused_in_little_memory(name: str) -> None:
    beside = {"xl/workbook.xml": b"<workbook/>"} if name.startswith("xl/") else {}
    data = bomb(name, 200 * MEBIBYTE, beside=beside)
    with little_memory(80 * MEBIBYTE), watched(60), pytest.raises(Refused):
        list(sheets("bomb.xlsx", data))


def test_a_directory_that_understates_its_member_is_refused_in_little_memory() -> None:
    """The sizes of an archive are what its maker wrote there."""
    data = bytearray(bomb("table.csv", 200 * MEBIBYTE))
    true = (200 * MEBIBYTE).to_bytes(4, "little")
    place = data.rfind(b"PK\x01\x02")
    assert data[place + 24 : place + 28] == true
    data[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    with little_memory(80 * MEBIBYTE), watched(60):
        try:
            list(sheets("bomb.zip", bytes(data)))
        except Refused:
            return
        raise AssertionError("what lies about its size was taken")


@pytest.mark.parametrize("place", [16, 42])
def test_an_archive_whose_places_point_before_its_beginning_is_refused(place: int) -> None:
    """Offsets of the directory and of a member, as a flipped bit leaves them."""
    data = bytearray(bomb("table.csv", MEBIBYTE))
    start = data.rfind(b"PK\x05\x06") if place == 16 else data.rfind(b"PK\x01\x02")
    data[start + place : start + place + 4] = b"\xff\xff\xff\x7f"
    with pytest.raises(Refused):
        list(sheets("broken.zip", bytes(data)))


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_lists_within_lists_end_in_a_sentence(depth: int) -> None:
    deep = b'{"resourceType":"Bundle","entry":' + b"[" * depth + b"]" * depth + b"}"
    with watched(60):
        assert pas(deep).findings


def test_very_many_segments_take_time_and_memory_in_step_with_their_number() -> None:
    head, _, tail = X12.partition(b"HCR*A1")
    data = head + b"HCR*A1*AU1~\n" * 100_000 + tail
    with little_memory(400 * MEBIBYTE), watched(120):
        x12(data)


def test_a_segment_with_very_many_repetitions_is_read() -> None:
    reader = next(one for one in READERS if one.name == "hl7")
    many = ADT.replace(b"M100^^^HOSP^MR~", b"M100^^^HOSP^MR~" * 30_000)
    with watched(120):
        reader.call(many)


def test_a_table_with_endless_columns_is_refused() -> None:
    with little_memory(200 * MEBIBYTE), watched(60), pytest.raises(Refused):
        list(sheets("wide.csv", DRG + b"," * (15 * MEBIBYTE)))


def test_a_number_of_very_many_digits_is_a_finding() -> None:
    text = json.dumps({"resourceType": "ClaimResponse", "item": [{"itemSequence": 7}]}).replace("7", "7" * 5000)
    assert pas(text.encode()).findings or pas(text.encode()).answers
