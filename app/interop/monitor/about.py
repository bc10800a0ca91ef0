"""Whom a stored message is about, read from the message itself: also one that was refused or is not applied yet.

Pure.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from app.interop.census_file.facts import saying_of
from app.interop.fhir.facts.elements import Resource, part, parts, text
from app.interop.fhir.facts.numbers import resource_authority
from app.interop.hl7 import Segment, Unparseable, parse


def keys_named(raw: bytes, charset: str, own_authority: str) -> list[str]:
    """Numbers of patients (`P:AUTHORITY|number`) and visits (`V:...`) that the message may name.

    Every repetition of PID-3 and MRG-1 counts, under its own authority, the sender's name and the authority of the
    feed: who reads the text reads all of them, so all of them are looked up.
    """
    try:
        message = parse(raw, feed_charset=charset)
    except Unparseable:
        return []
    keys: dict[str, None] = {}
    for segment in message.segments:
        for kind, field in _FIELDS.get(segment.name, ()):
            for number, authority in _numbers(segment, field):
                for by in (authority, message.sending_facility, own_authority):
                    if by:
                        keys[f"{kind}:{by}|{number}"] = None
                        if segment.name == "PID" and kind == "V":
                            keys[f"V:{by}|ACCT:{number}"] = None
    return list(keys)


_FIELDS = {
    "PID": (("P", 2), ("P", 3), ("P", 4), ("V", 18)),
    "MRG": (("P", 1), ("V", 5)),
    "PV1": (("V", 19),),
}


def _numbers(segment: Segment, field: int) -> list[tuple[str, str]]:
    found = []
    for repetition in segment.repetitions(field):
        number = repetition.text(1)
        if number:
            found.append((number, repetition.text(4, 1)))
    return found


def keys_of_resources(raw: bytes, own_authority: str) -> list[str]:
    """The same for a FHIR message: every identifier and id of its patients and encounters, contained ones included.

    An identifier counts under its system and under the authority of the feed, for which the system may be an alias.
    """
    keys: dict[str, None] = {}
    for one in _resources(_decoded(raw)):
        kind = {"Patient": "P", "Encounter": "V"}.get(text(one, "resourceType"))
        if kind is None:
            continue
        if text(one, "id"):
            keys[f"{kind}:{resource_authority(own_authority)}|{text(one, 'id')}"] = None
        for identifier in parts(one, "identifier"):
            _under_both(keys, kind, identifier, own_authority)
        _under_both(keys, "P", part(one, "subject", "identifier"), own_authority)
    return list(keys)


def keys_of_row(raw: bytes) -> list[str]:
    """The same for a row of a census file or a repair."""
    try:
        groups = saying_of(raw).groups
    except msgspec.DecodeError:
        return []
    patients = [one.patient for one in groups] + [prior.patient or "" for one in groups for prior in one.priors]
    return [*(f"P:{number}" for number in patients), *(f"V:{one.visit}" for one in groups if one.visit)]


def _under_both(keys: dict[str, None], kind: str, identifier: Resource, own_authority: str) -> None:
    for authority in (text(identifier, "system").replace("|", "/"), own_authority):
        if authority and text(identifier, "value"):
            keys[f"{kind}:{authority}|{text(identifier, 'value')}"] = None


def _resources(value: Any) -> Iterator[Resource]:
    if isinstance(value, dict):
        if "resourceType" in value:
            yield value
        for inner in value.values():
            yield from _resources(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _resources(inner)


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def elements(raw: bytes) -> list[tuple[str, str]]:
    """Every element of a JSON document that has a value, with its path, which begins anew at each FHIR resource."""
    decoded = _decoded(raw)
    if decoded is None:
        return [("", line) for line in raw.decode("utf-8", "replace").splitlines()]
    return list(_elements(decoded, ""))


def _elements(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        kind = text(value, "resourceType")
        for name, inner in value.items():
            if name != "resourceType":
                yield from _elements(inner, f"{kind or path}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _elements(inner, f"{path}[{number}]" if len(value) > 1 else path)
    else:
        yield path, value if isinstance(value, str) else msgspec.json.encode(value).decode()
