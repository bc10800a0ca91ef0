"""From the bytes of an HL7 v2 message to its characters: character sets (MSH-18), separators (MSH-2), escapes.

Pure. Rules W-CS, W-SEP and W-ESC of the ADT rules.
"""

import codecs
import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec


class Separators(msgspec.Struct, frozen=True):
    """The five characters that MSH-1 and MSH-2 declare; the defaults are those that the standard recommends."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def encoding_characters(self) -> str:
        """The four characters of MSH-2, in the order of the standard."""
        return self.component + self.repetition + self.escape + self.subcomponent


DEFAULT = Separators()

# HL7 table 0211 and the names that senders write instead, without case, spaces and punctuation. Single Python names,
# because codecs.lookup() would also accept transformations such as "hex" from a sender.
_CHARACTER_SETS = {
    "ASCII": "ascii",
    "USASCII": "ascii",
    "ISOIR6": "ascii",
    "UTF8": "utf-8",
    "UNICODE": "utf-8",
    "UNICODEUTF8": "utf-8",
    "UTF16": "utf-16",
    "UNICODEUTF16": "utf-16",
    "UTF32": "utf-32",
    "UNICODEUTF32": "utf-32",
    "LATIN1": "latin-1",
    "ISOIR100": "latin-1",
    "WINDOWS1250": "cp1250",
    "CP1250": "cp1250",
    "WINDOWS1251": "cp1251",
    "CP1251": "cp1251",
    "WINDOWS1252": "cp1252",
    "CP1252": "cp1252",
    "BIG5": "big5",
    "GB180302000": "gb18030",
    "GB18030": "gb18030",
    "GB2312": "gb18030",
    "GBK": "gb18030",
    "KSX1001": "euc_kr",
    "SHIFTJIS": "shift_jis",
    "SJIS": "shift_jis",
    "EUCJP": "euc_jp",
    "JISX0202": "iso2022_jp_2",
    "ISOIR87": "iso2022_jp_2",
    "ISOIR159": "iso2022_jp_2",
    "ISOIR14": "iso2022_jp_2",
}
for _part in range(2, 17):
    if _part != 12:  # there is no ISO 8859-12
        for _prefix in ("8859", "ISO8859", "ISOIEC8859"):
            _CHARACTER_SETS[f"{_prefix}{_part}"] = f"iso8859_{_part}"
for _prefix in ("8859", "ISO8859", "ISOIEC8859"):
    _CHARACTER_SETS[f"{_prefix}1"] = "latin-1"

_WIDE = frozenset({"utf-16", "utf-32", "utf-16-le", "utf-16-be"})
_WIDE_STARTS = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"M\0S\0", "utf-16-le"),
    (b"\0M\0S", "utf-16-be"),
)


@lru_cache(maxsize=256)
def character_set(declared: str) -> str:
    """The Python codec of a name in MSH-18, or "" for a name that is not known."""
    return _CHARACTER_SETS.get("".join(character for character in declared.upper() if character.isalnum()), "")


def wide_character_set(raw: bytes) -> str:
    """The codec of bytes that begin as UTF-16 does, else "". Such bytes cannot be cut before they are decoded."""
    for start, codec in _WIDE_STARTS:
        if raw.startswith(start):
            return codec
    return ""


def decode(raw: bytes, declared: Sequence[str], feed_charset: str) -> tuple[str, str]:
    """The characters of a message and the codec that gave them (W-CS).

    In this order: what the bytes show by themselves, the first repetition of MSH-18, strict UTF-8, the default of
    the feed. ISO 8859-1 comes last because it knows every byte: nothing is ever replaced or lost.
    """
    wide = wide_character_set(raw)
    if wide:
        attempts = [wide]
    else:
        raw = raw.removeprefix(codecs.BOM_UTF8)
        attempts = _attempts(raw, declared, feed_charset)
    for codec in attempts:
        try:
            return raw.decode(codec), codec
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), "latin-1"


def _attempts(raw: bytes, declared: Sequence[str], feed_charset: str) -> list[str]:
    first = character_set(declared[0]) if declared else ""
    # Japanese senders leave the first repetition at ASCII and switch to a further one by the escape byte.
    if b"\x1b" in raw and any(character_set(name) == "iso2022_jp_2" for name in declared):
        first = "iso2022_jp_2"
    return ["utf-8" if first in _WIDE or not first else first, "utf-8", feed_charset]


@lru_cache(maxsize=64)
def _hexadecimal_run(escape: str) -> re.Pattern[str]:
    """Neighbouring hexadecimal escapes belong together: a character may be split over two of them."""
    mark = re.escape(escape)
    return re.compile(f"(?:{mark}X(?:[0-9A-Fa-f]{{2}})+{mark})+")


def unescape(value: str, separators: Separators = DEFAULT, charset: str = "utf-8") -> str:
    r"""The text that an escaped value stands for (W-ESC).

    Known are \F\ \S\ \T\ \R\ \E\, \.br\ (a line feed) and \Xhh..\ (bytes in the character set of the message). An
    unknown sequence or a single escape character stays as it was sent.
    """
    escape = separators.escape
    if escape not in value:
        return value
    meaning = {
        "F": separators.field,
        "S": separators.component,
        "T": separators.subcomponent,
        "R": separators.repetition,
        "E": escape,
        ".br": "\n",
    }
    text: list[str] = []
    position = 0
    while (start := value.find(escape, position)) >= 0:
        text.append(value[position:start])
        end = value.find(escape, start + 1)
        if end < 0:
            position = start
            break
        known = meaning.get(value[start + 1 : end])
        run = None if known is not None else _hexadecimal_run(escape).match(value, start)
        if known is not None:
            text.append(known)
            position = end + 1
        elif run:
            text.append(_bytes_of(run.group(), escape, charset))
            position = run.end()
        else:  # the second escape character may open a sequence of its own
            text.append(value[start:end])
            position = end
    text.append(value[position:])
    return "".join(text)


def _bytes_of(run: str, escape: str, charset: str) -> str:
    digits = run.replace(escape + "X", "").replace(escape, "")
    raw = bytes.fromhex(digits)
    if b"\0" in raw:  # the database can hold no such character: the sequence stays readable as it was sent
        return run
    for codec in (charset, "utf-8", "cp1252"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def escape(text: str, separators: Separators = DEFAULT) -> str:
    """The form in which text may stand in a field; `unescape` gives it back, without NUL, which nothing can hold."""
    mark = separators.escape
    names = {
        mark: f"{mark}E{mark}",
        separators.field: f"{mark}F{mark}",
        separators.component: f"{mark}S{mark}",
        separators.repetition: f"{mark}R{mark}",
        separators.subcomponent: f"{mark}T{mark}",
        "\n": f"{mark}.br{mark}",
        "\0": "",
    }
    return "".join(
        names.get(character) or ("" if character == "\0" else character if character >= " " else _hex(character, mark))
        for character in text
    )


def _hex(control: str, mark: str) -> str:
    return f"{mark}X{ord(control):02X}{mark}"
