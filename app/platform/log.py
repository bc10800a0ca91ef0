"""Structured logs that cannot hold patient data: one JSON object a line, built from an allow-list.

A record gives its fixed text, never the values that were to be put into it; of its extra fields only those named here
are kept. An exception gives its type and the places in the code, never its own text, which may quote a value. Libraries
write what they like into their messages, so of theirs only the name of the logger, the level and the place are kept.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TextIO

from app.settings import log_form

ALLOWED = frozenset({
    "ack", "actor_id", "code", "count", "error", "facility_id", "kind", "message_id", "messages", "method", "part",
    "place", "port", "request", "route", "seconds", "stage", "state", "status", "task_name", "where", "workers",
})  # fmt: skip
_NAMES = frozenset({"error", "kind"})  # must read like the name of a type, not like a sentence
_NAME = re.compile(r"[A-Za-z_][\w.]*")
LONGEST = 200
PLACES = 12
_OURS = "app"


class Lines(logging.Formatter):
    """One record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.split(".", 1)[0] == _OURS
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _fixed_text(record) if ours else f"{record.module}:{record.lineno}",
        }
        line |= {name: _plain(value) for name, value in record.__dict__.items() if _is_allowed(name, value)}
        if record.exc_info and record.exc_info[1] is not None:
            line |= fault(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


class Text(Lines):
    """The same for people who read along: time, level, logger, words, then what else is known."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = json.loads(super().format(record))
        head = [line.pop(name) for name in ("at", "level", "logger", "message")]
        return " ".join([*head, *(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in line.items())])


class Handler(logging.StreamHandler[TextIO]):
    """Writes the lines; a record that cannot be written is named, not shown."""

    def handleError(self, record: logging.LogRecord) -> None:
        line = {"level": "error", "logger": record.name, "message": "a record was not written"}
        sys.stderr.write(json.dumps(line) + "\n")


def fault(error: BaseException) -> dict[str, Any]:
    """What may be known of an exception: its type and where it passed, and the same of what it came from."""
    found: dict[str, Any] = {"kind": type(error).__name__, "where": places(error)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        found["cause"] = type(cause).__name__
        found["cause_where"] = places(cause)
    return found


def places(error: BaseException) -> list[str]:
    """Files and lines that the exception passed, outermost first, never values."""
    found: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        found.append(f"{'/'.join(file.split('/')[-3:])}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-PLACES:]


def install(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send all logs of this process to standard error as such lines, also warnings and what nobody caught.

    Libraries are heard from warnings upwards.
    """
    handler = Handler(stream or sys.stderr)
    handler.setFormatter(Text() if _form() == "text" else Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    ours = logging.getLogger(_OURS)
    ours.setLevel(level)
    ours.propagate = True
    logging.captureWarnings(True)
    sys.excepthook = _uncaught


def _form() -> str:
    try:
        return log_form()
    except ValueError:
        return "json"  # whoever reads the settings says what is wrong with them


class LastWord:
    """Around the body of a process: what nobody caught is logged by type and place, and the process ends with `status`.

    Python's own report would print the text of the exception, which may quote a patient's data.
    """

    def __init__(self, status: int = 1) -> None:
        self._status = status

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            _uncaught(type(error), error, None)
            raise SystemExit(self._status) from None


def _uncaught(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("app.platform.log").critical("ended by a fault of the program", exc_info=error)


def _is_allowed(name: str, value: Any) -> bool:
    return name in ALLOWED and (name not in _NAMES or (isinstance(value, str) and _NAME.fullmatch(value) is not None))


def _fixed_text(record: logging.LogRecord) -> str:
    return record.msg[:LONGEST] if isinstance(record.msg, str) else type(record.msg).__name__


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value[:PLACES]]
    return str(value)[:LONGEST]
