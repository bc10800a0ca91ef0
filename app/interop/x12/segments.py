"""X12 text cut into segments and envelopes: delimiters from each ISA, counts and control numbers compared.

Nothing here raises on what a file holds: whatever is wrong is a Finding. Form that senders often get wrong and that
changes no meaning (line breaks, indents, a byte order mark, other guides in GS08 and ISA12) is accepted.
"""

import re
from collections.abc import Iterator

import msgspec

from app.interop.x12.terms import Delimiters, Finding, Place

LARGEST = 5 * 1024 * 1024
"""Characters of a file. An answer has a few hundred; what is larger is not an answer to one of our requests."""

_NAME = re.compile(r"[A-Z][A-Z0-9]{1,2}\Z")
_BLANK = " \t\r\n\ufeff\0\x1a"
_ISA_ELEMENTS = 16


class Segment(msgspec.Struct, frozen=True):
    """One segment: its number in the file from 1, its name, its elements as sent, trailing blanks left out."""

    number: int
    name: str
    elements: tuple[str, ...]
    delimiters: Delimiters

    def get(self, position: int) -> str:
        """An element, counted from 1; "" when it was not sent."""
        return self.elements[position - 1] if 0 < position <= len(self.elements) else ""

    def parts(self, position: int) -> list[str]:
        """The components of a composite element; [] when it was not sent."""
        value = self.get(position)
        return value.split(self.delimiters.component) if value else []

    def repeated(self, position: int) -> list[str]:
        """The values of a repeating element that are not empty."""
        return [one for one in self.get(position).split(self.delimiters.repetition) if one]


class TransactionSet(msgspec.Struct, frozen=True, kw_only=True):
    """ST to SE without these two. `findings` holds what is wrong with it or with the envelopes around it."""

    type: str
    guide: str  # ST03, else GS08
    place: Place
    segments: tuple[Segment, ...]
    findings: tuple[Finding, ...] = ()


class Cut(msgspec.Struct, frozen=True):
    """A file taken apart: its transaction sets, the TA1 segments between them, all findings in order."""

    sets: tuple[TransactionSet, ...]
    interchange_acknowledgements: tuple[Segment, ...]
    findings: tuple[Finding, ...]


def decode(data: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else Latin-1, which reads anything."""
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(codec, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def cut(text: str) -> Cut:
    """Take a file apart. Never raises."""
    if len(text) > LARGEST:
        return Cut((), (), (Finding(0, f"The file is larger than {LARGEST // 1024 // 1024} MiB and was not read."),))
    reader = _Envelopes()
    for segment in _segments(text, reader.findings):
        reader.take(segment)
    return reader.finish()


# --- segments --------------------------------------------------------------------------------------------------------


def _segments(text: str, findings: list[Finding]) -> Iterator[Segment]:
    """Segment after segment; delimiters change with each ISA. What stands outside of interchanges is reported."""
    at, number, delimiters = _skip(text, 0), 0, None
    while at < len(text):
        if text.startswith("ISA", at) and not text[at + 3 : at + 4].isalnum():
            declared = _delimiters(text, at)
            if isinstance(declared, str):
                findings.append(Finding(number + 1, declared))
                return
            delimiters = declared
        elif delimiters is None:
            findings.append(Finding(1, "The file does not begin with an ISA segment: this is no X12 interchange."))
            return
        end = text.find(delimiters.segment, at)
        number += 1
        if end < 0:
            findings.append(Finding(number, "The file ends within a segment: its terminator is missing."))
            return
        yield _segment(text[at:end], number, delimiters)
        at = _skip(text, end + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _delimiters(text: str, at: int) -> Delimiters | str:
    """What an ISA segment declares, or a sentence about why that cannot be told.

    The sixteenth element is the component separator and what follows it ends the segment (bytes 105 and 106 of a
    header of full width; senders that trim blanks shorten it).
    """
    element = text[at + 3 : at + 4]
    unusable = "The ISA segment does not declare usable delimiters."
    if not element or element.isalnum() or element in _BLANK:
        return unusable
    place = at + 3
    for _ in range(_ISA_ELEMENTS - 1):
        place = text.find(element, place + 1, at + 200)
        if place < 0:
            return "The ISA segment is incomplete: it has fewer than 16 elements."
    component, segment = text[place + 1 : place + 2], text[place + 2 : place + 3]
    declared = text[at:place].split(element)
    # Before release 00402 the eleventh element was U and nothing repeats.
    repetition = declared[11] if len(declared[11]) == 1 and not declared[11].isalnum() else "\0"
    found = [element, component, segment, repetition]
    if len(set(found)) < 4 or any(not one or one.isalnum() or one == " " for one in found):
        return unusable
    return Delimiters(element, component, repetition, segment)


def _segment(raw: str, number: int, delimiters: Delimiters) -> Segment:
    """Line breaks are never data: where lines were folded the rest continues."""
    name, *elements = raw.replace("\r", "").replace("\n", "").split(delimiters.element)
    return Segment(number, name.strip(_BLANK), tuple(one.rstrip(" ") for one in elements), delimiters)


# --- envelopes -------------------------------------------------------------------------------------------------------


class _Level:
    """An envelope that is open: its first segment, and what was counted and found in it so far."""

    def __init__(self, head: Segment, sets_before: int = 0) -> None:
        self.head = head
        self.count = 0
        self.sets_before = sets_before


class _Envelopes:
    """Follows ISA, GS and ST to their ends. An envelope that is wrong makes every set in it one for people."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._sets: list[TransactionSet] = []
        self._notes: list[Segment] = []
        self._interchange: _Level | None = None
        self._group: _Level | None = None
        self._set: _Level | None = None
        self._body: list[Segment] = []
        self._set_findings: list[Finding] = []
        self._last = 0

    def take(self, segment: Segment) -> None:
        self._last = segment.number
        known = {"ISA": self._isa, "GS": self._gs, "ST": self._st, "SE": self._se, "GE": self._ge, "IEA": self._iea}
        step = known.get(segment.name)
        if step is not None:
            step(segment)
        elif self._set is not None:
            if not _NAME.match(segment.name):
                self._set_findings.append(Finding(segment.number, "This segment has no name."))
            self._body.append(segment)
        elif segment.name == "TA1" and self._interchange is not None:
            self._notes.append(segment)
        else:
            self.findings.append(Finding(segment.number, "This segment stands outside of any transaction set.", False))

    def finish(self) -> Cut:
        self._close_interchange(self._last)
        return Cut(tuple(self._sets), tuple(self._notes), tuple(sorted(self.findings, key=lambda one: one.segment)))

    def _isa(self, segment: Segment) -> None:
        self._close_interchange(segment.number)
        self._interchange = _Level(segment, len(self._sets))

    def _gs(self, segment: Segment) -> None:
        self._close_group(segment.number)
        if self._interchange is not None:
            self._interchange.count += 1
        self._group = _Level(segment, len(self._sets))

    def _st(self, segment: Segment) -> None:
        self._close_set(None, segment.number)
        self._set, self._body, self._set_findings = _Level(segment), [], []
        if self._group is None:
            self._set_findings.append(Finding(segment.number, "This transaction set stands outside of a group (GS)."))
        else:
            self._group.count += 1

    def _se(self, segment: Segment) -> None:
        if self._set is None:
            self.findings.append(Finding(segment.number, "This SE segment ends no transaction set.", False))
        self._close_set(segment, segment.number)

    def _ge(self, segment: Segment) -> None:
        self._close_set(None, segment.number)
        self._end(self._group, segment, ("GS", "GE"), self._group.head.get(6) if self._group else "")
        self._group = None

    def _iea(self, segment: Segment) -> None:
        self._close_group(segment.number)
        head = self._interchange
        self._end(head, segment, ("ISA", "IEA"), head.head.get(13) if head else "")
        self._interchange = None

    def _end(self, level: _Level | None, segment: Segment, names: tuple[str, str], control: str) -> None:
        begin, end = names
        if level is None:
            self.findings.append(Finding(segment.number, f"This {end} segment ends nothing.", False))
            return
        what = "groups" if end == "IEA" else "transaction sets"
        if _number(segment.get(1)) != level.count:
            self._blame(level, segment.number, f"{end} counts another number of {what} than there are.")
        if not _same_control(segment.get(2), control):
            self._blame(level, segment.number, f"The control numbers of {begin} and {end} differ.")

    def _close_interchange(self, number: int) -> None:
        self._close_group(number)
        if self._interchange is not None:
            self._blame(self._interchange, number, "The end of the interchange (IEA) is missing.")
        self._interchange = None

    def _close_group(self, number: int) -> None:
        self._close_set(None, number)
        if self._group is not None:
            self._blame(self._group, number, "The end of the group (GE) is missing.")
        self._group = None

    def _close_set(self, end: Segment | None, number: int) -> None:
        if self._set is None:
            return
        head = self._set.head
        if end is None:
            self._set_findings.append(Finding(number, "The end of the transaction set (SE) is missing."))
        else:
            if _number(end.get(1)) != len(self._body) + 2:
                self._set_findings.append(Finding(number, "SE counts another number of segments than there are."))
            if not _same_control(end.get(2), head.get(2)):
                self._set_findings.append(Finding(number, "The control numbers of ST and SE differ."))
        group = self._group.head if self._group else None
        self.findings += self._set_findings
        self._sets.append(TransactionSet(
            type=head.get(1), guide=head.get(3) or (group.get(8) if group else ""), segments=tuple(self._body),
            place=self._place(head), findings=tuple(self._set_findings),
        ))  # fmt: skip
        self._set = None

    def _place(self, head: Segment) -> Place:
        isa = self._interchange.head if self._interchange else None
        group = self._group.head if self._group else None
        read = isa.get if isa else _nothing
        return Place(
            segment=head.number, interchange=read(13).strip(), group=group.get(6) if group else "", set=head.get(2),
            sender=read(6).strip(), receiver=read(8).strip(), usage=read(15).strip(),
        )  # fmt: skip

    def _blame(self, level: _Level, number: int, sentence: str) -> None:
        """What is wrong with an envelope is wrong with each set in it: something may be lost or belong elsewhere."""
        finding = Finding(number, sentence)
        self.findings.append(finding)
        for at in range(level.sets_before, len(self._sets)):
            one = self._sets[at]
            self._sets[at] = msgspec.structs.replace(one, findings=(*one.findings, finding))


def _nothing(position: int) -> str:
    return ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _same_control(one: str, other: str) -> bool:
    """Control numbers are equal as numbers too: some senders leave out leading zeros."""
    return one.strip().lstrip("0") == other.strip().lstrip("0") and bool(one.strip())
