"""Bytes near a good file: what links lose, programs break and hostile hands build."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

SIGNS = b"|^~\\&*:;,\t\r\n\"'{}[]<>\x00\x0b\x1c\xff\xfe\xef\xbb\xbf~ \x85\xa0"
NUMBERS: Sequence[bytes] = (
    b"0", b"-1", b"99999999999999999999", b"1e999", b"NaN", b"Infinity", b"00000000", b"99999999", b"20260230",
    b"99991231235959", b"0001-01-01", b"9999-12-31T23:59:59Z", b"2026-03-05T10:00:00+99:99", b"\xd9\xa3", b"1" * 5000,
    b"20260310081500.9999999999-9999", b"24:00", b"-99999-01-01", b"0.1e-400",
)  # fmt: skip
LONGEST = 300_000
DEEP = 60_000


def _flip(random: Random, data: bytearray) -> None:
    for _ in range(random.randint(1, 8)):
        if data:
            data[random.randrange(len(data))] = random.randrange(256)


def _sign(random: Random, data: bytearray) -> None:
    for _ in range(random.randint(1, 4)):
        place = random.randint(0, len(data))
        data[place : place + random.randint(0, 1)] = bytes([random.choice(SIGNS)])


def _cut(random: Random, data: bytearray) -> None:
    first, last = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    if random.random() < 0.5:
        del data[first:]
    else:
        del data[first:last]


def _repeat(random: Random, data: bytearray) -> None:
    first = random.randint(0, len(data))
    piece = bytes(data[first : first + random.randint(1, 200)])
    times = random.choice((1, 2, 50, 2000))
    data[first:first] = (piece * times)[:LONGEST]


def _line(random: Random, data: bytearray) -> None:
    """Lines repeated, left out, in another order."""
    mark = random.choice((b"\r", b"\n", b"~"))
    lines = bytes(data).split(mark)
    deed = random.random()
    place = random.randrange(len(lines))
    if deed < 0.35:
        lines.insert(random.randrange(len(lines)), lines[place])
    elif deed < 0.7:
        del lines[place]
    else:
        random.shuffle(lines)
    data[:] = mark.join(lines)


def _number(random: Random, data: bytearray) -> None:
    """A field, as digits or as text, becomes one that no calendar and no counter holds."""
    places = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    if not places:
        return
    first = last = random.choice(places)
    while last < len(data) and 48 <= data[last] <= 57:
        last += 1
    data[first:last] = random.choice(NUMBERS)


def _delimiters(random: Random, data: bytearray) -> None:
    """One sign becomes another throughout, as senders with other separators write it."""
    one, other = random.choice(SIGNS), random.choice(SIGNS)
    data[:] = bytes(data).replace(bytes([one]), bytes([other]))


def _charset(random: Random, data: bytearray) -> None:
    text = bytes(data).decode("utf-8", "replace")
    data[:] = text.encode(
        random.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "cp500")), "replace"
    )


def _join(random: Random, data: bytearray) -> None:
    data.extend(bytes(data)[random.randint(0, len(data)) :])


MUTATIONS: Sequence[Callable[[Random, bytearray], None]] = (
    _flip, _sign, _cut, _repeat, _line, _number, _delimiters, _charset, _join, _number, _line, _sign,
)  # fmt: skip


def _leaves(thing: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    return [path, *(leaf for key, value in inside for leaf in _leaves(value, (*path, key)))]


ODD_JSON: Sequence[Any] = (
    None, True, 0, -1, 1e308, 10**300, "", "x", [], {}, [[]], [None], {"": None}, "\x00", "9999-12-31", "\ud83d",
    "a" * 5000, {"reference": "#x"}, {"reference": 5}, [{"value": []}], "2026-03-10T08:00:00-04:00",
)  # fmt: skip


def _json(random: Random, data: bytes) -> bytes:
    """A value somewhere inside becomes another kind of thing, is left out, or lies deep."""
    try:
        thing = json.loads(data)
    except ValueError:  # several documents, one a line
        return plain(random, data)
    for _ in range(random.randint(1, 3)):
        paths = _leaves(thing)[1:]
        if not paths:
            break
        path = random.choice(paths)
        holder = thing
        for key in path[:-1]:
            holder = holder[key]
        if random.random() < 0.2:
            del holder[path[-1]]
        else:
            other = thing
            for key in random.choice(paths):
                other = other[key]
            holder[path[-1]] = json.loads(json.dumps(random.choice([*ODD_JSON, other])))
    text = json.dumps(thing)
    if random.random() < 0.03:
        text = text.replace('"x"', "[" * DEEP + "]" * DEEP, 1)
    return text.encode("utf-8", "surrogatepass")


def _zip(random: Random, data: bytes) -> bytes:
    """A member of an archive changed inside, so that what unpacks it finds nothing wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            members = {one: old.read(one) for one in old.namelist()}
    except (zipfile.BadZipFile, RuntimeError, OSError):
        return data
    name = random.choice(list(members))
    members[name] = plain(random, members[name])
    if random.random() < 0.2:
        members[random.choice(("../../x.csv", "a.csv", "x/__MACOSX/._a.csv", "xl/workbook.xml"))] = members[name]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one, content in members.items():
            new.writestr(one, content)
    return out.getvalue()


def plain(random: Random, data: bytes) -> bytes:
    """One to four changes of bytes."""
    held = bytearray(data)
    for _ in range(random.randint(1, 4)):
        random.choice(MUTATIONS)(random, held)
        del held[LONGEST:]
    return bytes(held)


def mutated(random: Random, data: bytes) -> bytes:
    """A neighbour of the data, by its own grammar where it has one."""
    draw = random.random()
    if data.startswith(b"PK") and draw < 0.7:
        return _zip(random, data)
    if data.lstrip()[:1] in (b"{", b"[") and draw < 0.75:
        return _json(random, data)
    return plain(random, data)
