"""Reaching into JSON of which nothing is known for sure: what is missing or of another form is empty."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

Json = dict[str, Any]


def listed(thing: Json, name: str) -> list[Json]:
    """The objects of a list; one object alone counts as a list of it."""
    found = thing.get(name)
    if isinstance(found, dict):
        return [found]
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def first(things: Sequence[Json]) -> Json:
    """The first, or an empty object."""
    return things[0] if things else {}


def valued(thing: Json, name: str) -> Json:
    """The object of that name, or an empty one."""
    found = thing.get(name)
    return found if isinstance(found, dict) else {}


def text_of(thing: Json, name: str) -> str:
    """The text of that name; a number counts as its digits."""
    found = thing.get(name)
    if isinstance(found, str):
        return found.strip()
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def concept(thing: Json) -> str:
    """The first code of a CodeableConcept."""
    return text_of(first(listed(thing, "coding")), "code")


def extension(thing: Json, name: str, value: str) -> Json:
    """An extension by the last part of its address (with or without `extension-`); its object `value`, or it whole."""
    found = first(extensions(thing, name))
    return valued(found, value) if value else found


def extensions(thing: Json, name: str) -> list[Json]:
    """All extensions whose address ends so."""
    return [one for one in listed(thing, "extension")
            if text_of(one, "url").rpartition("/")[2].removeprefix("extension-") == name]  # fmt: skip


def entries(bundle: Json) -> Iterator[tuple[str, Json]]:
    """Resources of a bundle with their addresses; a resource alone is a bundle of itself."""
    if bundle.get("resourceType") != "Bundle":
        yield "", bundle
        return
    for one in listed(bundle, "entry"):
        if found := valued(one, "resource"):
            yield text_of(one, "fullUrl"), found


def resources(bundle: Json) -> list[Json]:
    """The resources of a bundle in their order."""
    return [one for _, one in entries(bundle)]


def day_of(text: object) -> date | None:
    """The day of a FHIR date or instant; None for anything else and for a month or year alone."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def whole_number(thing: Json) -> int | None:
    """The value of a quantity when it is a whole number of at least nought."""
    found = thing.get("value")
    if isinstance(found, bool) or not isinstance(found, int | float) or found != int(found) or found < 0:
        return None
    return int(found)
