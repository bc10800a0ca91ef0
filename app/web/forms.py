"""Forms are commands: one pydantic class is what the browser sends, what the test builds and what the command reads."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException, PermissionDeniedException
from pydantic import BaseModel, ValidationError

from app.kernel.as_of import PARAMETER
from app.kernel.days import FIRST_YEAR, LAST_YEAR, written_year
from app.kernel.refusal import NotFound, Refused
from app.security.sessions import is_token

C = TypeVar("C", bound=BaseModel)
TOKEN_FIELD = "_csrf_token"
TOKEN_HEADER = "x-csrftoken"
# What HTML cannot hold: controls and the code points that are no characters. They come with text that is copied from
# other programs, and nobody sees them.
_NO_CHARACTERS = re.compile(
    "[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_LINE_ENDS = re.compile("[\x0b\x0c\x85]")  # what word processors put between the lines of a paragraph


def without_unseen(text: str) -> str:
    """Text as somebody sees it who writes it: without characters that no page can show."""
    return _NO_CHARACTERS.sub("", _LINE_ENDS.sub("\n", text))


class FormFields(Mapping[str, str]):
    """What a browser sent: the first value of each field, all values on request. White space around is cut off, and so
    are characters that no page can show."""

    def __init__(self, pairs: list[tuple[str, str]], files: dict[str, UploadFile] | None = None) -> None:
        self._all: dict[str, list[str]] = {}
        for name, value in pairs:
            self._all.setdefault(name, []).append(without_unseen(value).strip())
        self.files = files or {}

    def __getitem__(self, name: str) -> str:
        return self._all[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def all(self, name: str) -> list[str]:
        """Every value of a field that may come several times."""
        return list(self._all.get(name, ()))


async def form_fields(request: Request[Any, Any, Any]) -> FormFields:
    """Read the body of a request that changes things, and check that the form is one of ours for this session.

    The past cannot be changed: at an earlier instant no such request exists, but those that only record what was
    looked at (route option `past_too`).
    """
    if PARAMETER in request.query_params and not request.route_handler.opt.get("past_too"):
        raise NotFound("A page as of an earlier time is for reading only. Go back to now and try again.")
    most = request.route_handler.resolve_request_max_body_size()
    if most is not None and (request.content_length or 0) > most:
        raise ClientException("What was sent is too large.", status_code=413)
    try:
        data = await request.form()
    except UnicodeDecodeError as error:  # of a form in parts, which also carries files
        raise ClientException("What was sent is no text in UTF-8. Reload the page and write it again.") from error
    pairs = [(name, value) for name, value in data.multi_items() if isinstance(value, str)]
    if any("\x00" in name or "\x00" in value for name, value in pairs):
        raise ClientException("What was sent holds a character that no text can hold. Write it again by hand.")
    files = {name: value for name, value in data.multi_items() if isinstance(value, UploadFile)}
    fields = FormFields(pairs, files)
    sent = request.headers.get(TOKEN_HEADER) or fields.get(TOKEN_FIELD, "")
    if not is_token(str(request.scope.get("csrf", "")), sent):
        raise PermissionDeniedException("This form is out of date. Go back, reload the page and send it again.")
    return fields


@dataclass
class FormState:
    """A form as a page shows it: what was typed and what is wrong with it, by field."""

    given: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    id: str = "f"

    def refuse(self, refused: Refused) -> "FormState":
        """The same form with a rule's refusal beside its field."""
        self.errors[refused.field or ""] = refused.sentence
        return self


_SENTENCES = {
    "missing": "Fill in this field.",
    "string_too_short": "Fill in this field.",
    "string_too_long": "This is too long.",
    "enum": "Choose one of the list.",
    "literal_error": "Choose one of the list.",
    "int_parsing": "Write a whole number.",
    "date_from_datetime_parsing": "Write a date.",
    "date_parsing": "Write a date.",
    "datetime_parsing": "Write a date and a time.",
    "datetime_from_date_parsing": "Write a date and a time.",
    "time_parsing": "Write a time such as 05:00.",
    "uuid_parsing": "Choose one of the list.",
    "greater_than_equal": "This number is too small.",
    "less_than_equal": "This number is too large.",
}
_NOT_UNDERSTOOD = "This value is not understood."
_NO_YEAR = f"Write a day from {FIRST_YEAR} to {LAST_YEAR}."
UNNAMED = tuple(dict.fromkeys((*_SENTENCES.values(), _NOT_UNDERSTOOD, _NO_YEAR)))
"""Sentences that do not say which field they mean: above a form its label goes before them."""


def read_form(command: type[C], form: FormFields, *, hidden: tuple[str, ...] = ()) -> tuple[C | None, FormState]:
    """Build the command from the form; when it cannot be built, the form comes back with a sentence per field.

    `hidden` names fields whose value must not be shown again (passwords, codes).
    """
    lists = {name for name, info in command.model_fields.items() if "list" in str(info.annotation).lower()}
    data: dict[str, Any] = {
        name: form.all(name) if name in lists else form[name]
        for name in command.model_fields
        if name in form and (form[name] != "" or name in lists)
    }
    state = FormState(given={name: value for name, value in form.items() if name not in (*hidden, TOKEN_FIELD)})
    try:
        made = command.model_validate(data)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = str(fault["loc"][0]) if fault["loc"] else ""
            text = str(fault.get("ctx", {}).get("error", "")) if fault["type"] == "value_error" else ""
            state.errors.setdefault(name, text or _SENTENCES.get(fault["type"], _NOT_UNDERSTOOD))
        return None, state
    state.errors |= {name: _NO_YEAR for name in data if _is_far(getattr(made, name))}
    return (None if state.errors else made), state


def _is_far(value: object) -> bool:
    """Whether this is a day in a year that nobody means. Instants are judged by who reckons with them."""
    return type(value) is date and not written_year(value)
