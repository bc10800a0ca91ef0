"""Logs are read by people who may not see patients: nothing of a patient may get there, whatever fails."""

import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator

import pytest

from app.platform import log

PATIENT = "QUIGLEY^HORATIO"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """A stream that everything is logged to, as in a running process; what pytest set up comes back afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("app")
    before = root.handlers[:], root.level, ours.level, sys.excepthook
    stream = io.StringIO()
    log.install(stream=stream)
    yield stream
    root.handlers[:], sys.excepthook = before[0], before[3]
    root.setLevel(before[1])
    ours.setLevel(before[2])
    logging.captureWarnings(False)


def last(stream: io.StringIO) -> dict[str, object]:
    found: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    return found


def fail() -> None:
    """Fail as code that handles patients does: with the value in the text, and another failure behind it."""
    try:
        raise KeyError(PATIENT)
    except KeyError as error:
        raise ValueError(f"cannot place {PATIENT}") from error


def test_an_exception_gives_its_type_and_places_only(lines: io.StringIO):
    try:
        fail()
    except ValueError:
        logging.getLogger("app.census").exception("message failed")

    assert "QUIGLEY" not in lines.getvalue()
    line = last(lines)
    assert line["kind"] == "ValueError" and line["cause"] == "KeyError"
    assert any("test_log.py:" in place for place in line["where"])  # type: ignore[attr-defined]


def test_values_put_into_a_message_stay_out(lines: io.StringIO):
    logging.getLogger("app.census").warning("no bed for %s", PATIENT)

    assert last(lines)["message"] == "no bed for %s"
    assert "QUIGLEY" not in lines.getvalue()


def test_only_listed_extra_fields_are_kept(lines: io.StringIO):
    logging.getLogger("app.census").warning("done", extra={"count": 3, "patient": PATIENT, "part": "web"})

    line = last(lines)
    assert line["count"] == 3 and line["part"] == "web" and "patient" not in line


def test_a_sentence_in_the_place_of_a_type_stays_out(lines: io.StringIO):
    logging.getLogger("app.interop").warning("failed", extra={"error": f"bad {PATIENT}"})

    assert "error" not in last(lines)


def test_messages_of_libraries_are_named_by_place(lines: io.StringIO):
    logging.getLogger("some.library").warning(f"Job failed with {PATIENT}")
    logging.getLogger("some.library").info("not heard")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"strange {PATIENT}", stacklevel=1)

    assert "QUIGLEY" not in lines.getvalue()
    assert [json.loads(line)["logger"] for line in lines.getvalue().splitlines()] == ["some.library", "py.warnings"]


def test_a_record_that_cannot_be_written_is_named_not_shown(lines: io.StringIO, capsys: pytest.CaptureFixture[str]):
    lines.close()
    logging.getLogger("app.census").warning("lost %s", PATIENT)

    assert "a record was not written" in capsys.readouterr().err


@pytest.mark.parametrize("around", ["", "with log.LastWord(3):\n"])
def test_a_process_that_ends_by_a_fault_says_no_more(around: str):
    indent = "    " if around else ""
    code = f"from app.platform import log\nlog.install()\n{around}{indent}raise ValueError('{PATIENT}')"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "QUIGLEY" not in ended.stderr and '"kind": "ValueError"' in ended.stderr
    assert ended.returncode == (3 if around else 1)


def test_last_word_lets_a_wanted_exit_pass():
    with pytest.raises(SystemExit) as end, log.LastWord():
        raise SystemExit(2)

    assert end.value.code == 2
