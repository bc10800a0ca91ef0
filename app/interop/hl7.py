"""HL7 v2 messages: cut into segments at once, into fields and components only when they are asked for.

Pure. Numbering is that of the standard: MSH-1 is the field separator itself, MSH-2 the encoding characters.
"""

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from app.interop.hl7_text import DEFAULT, Separators, decode, escape, unescape, wide_character_set

__all__ = [
    "DEFAULT",
    "Answer",
    "Message",
    "Repetition",
    "Segment",
    "Separators",
    "Unparseable",
    "acknowledgement",
    "escape",
    "parse",
    "split_messages",
    "unescape",
]

NULL = '""'
"""The two quote characters by which a sender deletes a value (HL7 2.5.1 chapter 2.5.3.5)."""

_BLANK = b"\x0b\x1c\r\n\t \0"
_HEADERS = ("MSH", "FHS", "BHS")


class Unparseable(ValueError):
    """The bytes are no HL7 v2 message. `sentence` may go into an acknowledgement: it quotes nothing of the message."""

    def __init__(self, sentence: str, *, segment: str = "", field: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.segment = segment
        self.field = field


class Repetition:
    """One of the values of a repeating field."""

    __slots__ = ("_charset", "_components", "_separators")

    def __init__(self, value: str, separators: Separators, charset: str) -> None:
        self._components = value.split(separators.component)
        self._separators = separators
        self._charset = charset

    def __len__(self) -> int:
        return len(self._components)

    @property
    def components(self) -> int:
        """How many components were sent, empty ones included."""
        return len(self._components)

    def text(self, component: int = 1, subcomponent: int = 1) -> str:
        """As `Segment.text`, within this repetition."""
        if not 0 < component <= len(self._components):
            return ""
        return _leaf(self._components[component - 1], subcomponent, self._separators, self._charset)


class Segment:
    """One line of a message."""

    __slots__ = ("_charset", "_fields", "_line", "_separators", "name")

    def __init__(self, line: str, separators: Separators, charset: str) -> None:
        self.name = line[:3] if line[3:4] in ("", separators.field) else line.partition(separators.field)[0]
        self._line = line
        self._fields: list[str] | None = None
        self._separators = separators
        self._charset = charset

    def _split(self) -> list[str]:
        if self._fields is None:
            self._fields = self._line.split(self._separators.field)
            if self.name in _HEADERS:
                self._fields.insert(1, self._separators.field)
        return self._fields

    def raw(self, field: int) -> str:
        """The field as it was sent, repetitions and escapes included; "" when it was not sent."""
        fields = self._split()
        return fields[field] if 0 < field < len(fields) else ""

    def text(self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 1) -> str:
        """One value with its escapes decoded: "" when it was not sent, the two quote characters when it is deleted."""
        value = self.raw(field)
        if not value:
            return ""
        separators = self._separators
        if field <= 2 and self.name in _HEADERS:
            return value if component == subcomponent == repetition == 1 else ""
        value = _part(value, separators.repetition, repetition)
        return _leaf(_part(value, separators.component, component), subcomponent, separators, self._charset)

    def repetitions(self, field: int) -> list[Repetition]:
        """The values of a repeating field in the order sent, empty ones between them included; [] without the field."""
        value = self.raw(field)
        if not value:
            return []
        if field <= 2 and self.name in _HEADERS:
            return [Repetition(value, Separators(component=self._separators.field), self._charset)]
        parts = value.split(self._separators.repetition)
        return [Repetition(part, self._separators, self._charset) for part in parts]

    def is_null(self, field: int, component: int = 1) -> bool:
        """Whether the sender deletes this value of the first repetition, instead of saying nothing about it."""
        return self.text(field, component) == NULL

    @property
    def separators(self) -> Separators:
        return self._separators

    @property
    def fields(self) -> int:
        """The number of the last field that was sent, empty or not."""
        return len(self._split()) - 1


def _part(value: str, separator: str, number: int) -> str:
    if separator not in value:
        return value if number == 1 else ""
    parts = value.split(separator)
    return parts[number - 1] if 0 < number <= len(parts) else ""


def _leaf(value: str, subcomponent: int, separators: Separators, charset: str) -> str:
    value = _part(value, separators.subcomponent, subcomponent)
    return unescape(value, separators, charset) if separators.escape in value else value


class Message:
    """One parsed message; `raw` keeps the bytes as they came, `charset` names the codec that read them."""

    __slots__ = ("charset", "header", "raw", "segments", "separators")

    def __init__(self, raw: bytes, charset: str, separators: Separators, segments: list[Segment]) -> None:
        self.raw = raw
        self.charset = charset
        self.separators = separators
        self.segments = segments
        self.header = segments[0]

    def first(self, name: str) -> Segment | None:
        """The first segment of this name."""
        for segment in self.segments:
            if segment.name == name:
                return segment
        return None

    def all(self, name: str) -> list[Segment]:
        """Every segment of this name, in the order sent."""
        return [segment for segment in self.segments if segment.name == name]

    @property
    def event(self) -> str:
        """Trigger event: MSH-9.2, and EVN-1 only when that is empty (W-EVN1)."""
        named = self.header.text(9, 2)
        if named:
            return named
        occurrence = self.first("EVN")
        return occurrence.text(1) if occurrence else ""

    @property
    def message_type(self) -> str:
        return self.header.text(9)

    @property
    def control_id(self) -> str:
        return self.header.text(10)

    @property
    def sending_application(self) -> str:
        return self.header.text(3)

    @property
    def sending_facility(self) -> str:
        return self.header.text(4)

    @property
    def processing_id(self) -> str:
        return self.header.text(11)

    @property
    def version(self) -> str:
        return self.header.text(12)


def parse(raw: bytes, *, feed_charset: str = "cp1252") -> Message:
    """One message, with or without its MLLP frame, segments ended by CR, LF or CRLF.

    `feed_charset` is the codec of a feed that declares none and does not send UTF-8. Raises Unparseable, nothing else.
    """
    text, charset = decode(raw, _declared_character_sets(raw), feed_charset)
    text = text.lstrip("\ufeff\x0b\r\n\t \0").rstrip("\x1c\r\n\0")
    if "\0" in text:  # no character of HL7, and no text column can hold it
        text = text.replace("\0", "")
    separators = _separators_of(text)
    lines = _lines(text, separators.field)
    segments = [Segment(line, separators, charset) for line in lines]
    if segments[0].fields < 9:
        raise Unparseable("The MSH segment ends before the message type in MSH-9.", segment="MSH", field=9)
    return Message(raw, charset, separators, segments)


def _declared_character_sets(raw: bytes) -> list[str]:
    """The repetitions of MSH-18, read from the bytes because they decide how the bytes are to be read."""
    start = raw.find(b"MSH")
    if start < 0:
        return []
    header = re.split(rb"[\r\n]", raw[start : start + 4096], maxsplit=1)[0].decode("latin-1")
    fields = header.split(header[3:4] or "|")
    if len(fields) < 18:
        return []
    return fields[17].split(fields[1][1:2] or "~")


@lru_cache(maxsize=64)
def _separators_from(header: str) -> Separators:
    """`header` is MSH up to and without the second field separator."""
    field, declared = header[3], header[4:]
    for character in field + declared:
        if character.isalnum() or character.isspace() or character < " ":
            raise Unparseable("MSH-1 and MSH-2 do not declare usable separators.", segment="MSH", field=2)
    # Some senders double the backslash on its way through a program: a repeated character declares nothing new.
    sent = list(dict.fromkeys(declared.replace(field, "")))
    for standard in DEFAULT.encoding_characters[len(sent) :]:
        spare = [standard, *"^~\\&#!@%*"]
        sent.append(next(character for character in spare if character not in sent and character != field))
    return Separators(field, *sent[:4])


def _separators_of(text: str) -> Separators:
    if not text.startswith("MSH"):
        raise Unparseable("The message does not begin with an MSH segment.", segment="MSH")
    if len(text) < 5:
        raise Unparseable("The MSH segment is empty.", segment="MSH", field=1)
    end = text.find(text[3], 4, 12)
    if end < 0:
        raise Unparseable("MSH-2 does not hold four or five encoding characters.", segment="MSH", field=2)
    return _separators_from(text[:end])


@lru_cache(maxsize=64)
def _segment_after_line_feed(field: str) -> re.Pattern[str]:
    return re.compile(rf"\n+(?=[ \t]*[A-Z][A-Z0-9]{{2}}(?:{re.escape(field)}|[\r\n]|\Z)|[\r\n]|\Z)")


def _lines(text: str, field: str) -> list[str]:
    """The lines of a message that are not blank, without the spaces around them.

    Where CR ends the segments, a line feed that no segment follows is part of the text around it.
    """
    if "\n" in text:
        text = text.replace("\r\n", "\r")
        text = _segment_after_line_feed(field).sub("\r", text) if "\r" in text else text.replace("\n", "\r")
    lines = text.split("\r")
    return [stripped for line in lines if (stripped := line.strip(" \t"))]


_ENVELOPES = (b"FHS", b"BHS", b"BTS", b"FTS")
_START_OF_MESSAGE = re.compile(rb"(?:\A|(?<=[\r\n\x0b\x1c]))(?:\xef\xbb\xbf)?[ \t]*(?=MSH[^\sA-Za-z0-9])")
_ENVELOPE_LINE = re.compile(rb"(?:\A|(?<=[\r\n]))[ \t]*(?:FHS|BHS|BTS|FTS)(?:[^\sA-Za-z0-9][^\r\n]*)?(?:[\r\n]+|\Z)")


def split_messages(data: bytes) -> Iterator[bytes]:
    """The messages of a file, each as bytes without frame and envelope (W-BATCH).

    Files hold one message or many, framed as MLLP or not, inside FHS/BHS/BTS/FTS or not. Bytes before the first
    MSH are yielded too when there is no MSH at all, so that a file that is no HL7 is reported and not passed over.
    """
    wide = wide_character_set(data)
    yield from _split_wide(data, wide) if wide else _split(data)


def _split(data: bytes) -> Iterator[bytes]:
    starts = list(_START_OF_MESSAGE.finditer(data))
    ends = [match.start() for match in starts[1:]] + [len(data)]
    parts = [data[start.end() : end] for start, end in zip(starts, ends, strict=True)] if starts else [data]
    for part in parts:
        message = _without_envelope(part)
        if message:
            yield message


def _without_envelope(data: bytes) -> bytes:
    if any(name in data for name in _ENVELOPES):
        data = _ENVELOPE_LINE.sub(b"", data)
    end = data.find(b"\x1c")
    return (data if end < 0 else data[:end]).removeprefix(codecs.BOM_UTF8).lstrip(_BLANK).rstrip(b"\r\n\0")


def _split_wide(data: bytes, codec: str) -> Iterator[bytes]:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        yield data  # cut in the middle of a character: parse() says what is wrong with it
        return
    for message in _split(text.encode("utf-8", "surrogatepass")):
        yield message.decode("utf-8", "surrogatepass").encode("utf-16")


class Answer(msgspec.Struct, frozen=True):
    """What an acknowledgement says: the code of MSA-1, and for a refusal one sentence and the place it is about."""

    code: str
    sentence: str = ""
    segment: str = ""
    field: int = 0


def acknowledgement(about: Message | None, answer: Answer, *, control_id: str, at: str, head: bytes = b"") -> bytes:
    """The message that answers `about` (W-ACK), ready to be framed.

    `control_id` and `at` are MSH-10 and MSH-7 of the answer. Where the message could not be parsed, `about` is None
    and `head` its first bytes: whatever of MSH can be read there is answered, else MSA-2 stays empty.
    """
    header, charset = (about.header, about.charset) if about else _header_of(head)
    separators = header.separators if header else DEFAULT
    sent = header.raw if header else _nothing_sent
    version = sent(12) or "2.5.1"
    fields = [""] * 19
    fields[1:3] = separators.field, separators.encoding_characters
    fields[3:7] = sent(5), sent(6), sent(3), sent(4)
    fields[7], fields[9] = at, _acknowledgement_type(sent(9), version, separators)
    fields[10], fields[11], fields[12], fields[18] = escape(control_id, separators), sent(11), version, sent(18)
    msh = ("MSH" + separators.field + separators.field.join(fields[2:])).rstrip(separators.field)
    sentence = escape(answer.sentence, separators)
    msa = separators.field.join(["MSA", answer.code, sent(10), sentence]).rstrip(separators.field)
    lines = [msh, msa]
    if answer.code[-1:] in ("E", "R") and _release(version) >= (2, 5):
        lines.append(_error(answer, sentence, separators))
    return ("\r".join(lines) + "\r").encode(charset, "backslashreplace")


def _nothing_sent(field: int) -> str:
    return ""


def _header_of(head: bytes) -> tuple[Segment | None, str]:
    text, charset = decode(head, _declared_character_sets(head), "latin-1")
    text = text.lstrip("\ufeff\x0b\r\n\t \0").replace("\0", "")
    try:
        separators = _separators_of(text)
    except Unparseable:
        return None, "utf-8"
    return Segment(re.split("[\r\n\x1c]", text, maxsplit=1)[0], separators, charset), charset


def _release(version: str) -> tuple[int, int]:
    """2.5.1 -> (2, 5); a version that is no number counts as the oldest, which every sender understands."""
    found = re.match(r"(\d{1,2})\.(\d{1,2})", version)
    return (int(found[1]), int(found[2])) if found else (2, 1)


def _acknowledgement_type(answered: str, version: str, separators: Separators) -> str:
    event = _part(answered, separators.component, 2)
    if not event or _release(version) < (2, 2):
        return "ACK"
    structure = ["ACK"] if _release(version) >= (2, 4) else []
    return separators.component.join(["ACK", event, *structure])


# HL7 table 0357, message error condition codes.
_CONDITIONS = {
    "100": "Segment sequence error",
    "101": "Required field missing",
    "200": "Unsupported message type",
    "202": "Unsupported processing id",
    "207": "Application internal error",
}


def _error(answer: Answer, sentence: str, separators: Separators) -> str:
    """The ERR segment in its form from version 2.5 on: place, condition, severity, sentence for the user."""
    condition = {("MSH", 9): "200", ("MSH", 11): "202"}.get((answer.segment, answer.field), "")
    if answer.code[-1:] != "R" or not condition:
        condition = "101" if answer.field else "100" if answer.segment or answer.code[-1:] == "E" else "207"
    place = [answer.segment, "1", str(answer.field) if answer.field else ""] if answer.segment else []
    location = separators.component.join(place).rstrip(separators.component)
    code = separators.component.join([condition, _CONDITIONS[condition], "HL70357"])
    return separators.field.join(["ERR", "", location, code, "E", "", "", "", sentence]).rstrip(separators.field)
