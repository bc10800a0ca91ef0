"""What each route takes: fields of the forms that pages show, and names that its code asks for."""

import inspect
import re
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import Any

from litestar.handlers import HTTPRouteHandler
from pydantic import BaseModel

_READ = re.compile(r"read_form\(\s*([\w.]+)")
_FIELD = re.compile(r"""form(?:\.get\(|\.all\(|\[)\s*["']([\w-]+)["']""")
_FILE = re.compile(r"""files(?:\.get\(|\[)\s*["']([\w-]+)["']""")
_QUERY = re.compile(r"""(?:query_params|query|asked)(?:\.get\(|\.getall\(|\[)\s*["']([\w-]+)["']""")
_PARAMETER = re.compile(r"^[a-z]")
_USUAL = {"date": "2026-03-05", "time": "10:00", "number": "3", "datetime-local": "2026-03-05T10:00"}


@dataclass
class Taken:
    """Fields with a value that would do, names of files, names of the query."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    query: set[str] = field(default_factory=set)


@cache
def _source(module: str) -> str:
    return inspect.getsource(sys.modules[module])


def by_code(handler: HTTPRouteHandler) -> Taken:
    """Read the handler and its module: the commands it builds, the names it asks for."""
    function: Any = handler.fn
    function = inspect.unwrap(getattr(function, "func", function))  # what runs in a thread is wrapped
    taken = Taken()
    own, whole = inspect.getsource(function), _source(function.__module__)
    for name in _READ.findall(own) or _READ.findall(whole):
        command: Any = function.__globals__.get(name)
        if inspect.isclass(command) and issubclass(command, BaseModel):
            for one, info in command.model_fields.items():
                taken.fields[one] = [_likely(str(info.annotation))]
    for name in _FIELD.findall(own) or _FIELD.findall(whole):
        taken.fields.setdefault(name, ["x"])
    taken.files |= set(_FILE.findall(own) or _FILE.findall(whole))
    taken.query |= set(_QUERY.findall(whole))
    in_path = set(re.findall(r"{(\w+):", " ".join(handler.paths)))
    taken.query |= {
        name
        for name in handler.parsed_fn_signature.parameters
        if name not in in_path | {"request", "form", "channels", "self"} and _PARAMETER.match(name)
    }
    return taken


def _likely(annotation: str) -> str:
    lowered = annotation.lower()
    for part, value in (
        ("datetime", "2026-03-05T10:00"), ("date", "2026-03-05"), ("time", "10:00"), ("uuid", str(uuid.UUID(int=9))),
        ("int", "3"), ("decimal", "3.5"), ("bool", "on"),
    ):  # fmt: skip
        if part in lowered:
            return value
    return "a plain text of more than ten characters"


class _Forms(HTMLParser):
    """Gathers forms with their fields. Much quicker than a reader of whole trees, and the walk reads many pages."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, list[str]]]] = []
        self._fields: dict[str, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """A form begins, or one of its fields."""
        said = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._fields = {}
            self.found.append((said.get("action") or said.get("hx-post", ""), self._fields))
        if self._fields is None:
            return
        name = said.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._fields.setdefault(self._select, []).append(said.get("value", ""))
        elif tag in ("input", "textarea", "button") and name and name != "_csrf_token" and said.get("type") != "file":
            value = said.get("value") or _USUAL.get(said.get("type", ""), "a plain text of some length")
            self._fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        """A form or a list of choices ends."""
        if tag == "form":
            self._fields = None
        if tag in ("form", "select"):
            self._select = ""


def on_page(text: str) -> Iterable[tuple[str, dict[str, list[str]]]]:
    """Every form on a page that changes things: where it goes, its fields with values that a person could send."""
    parser = _Forms()
    parser.feed(text)
    return [(action.partition("?")[0], fields) for action, fields in parser.found if action.startswith("/")]
