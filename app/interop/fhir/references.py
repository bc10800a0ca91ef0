"""References between resources: relative, absolute, urn:uuid by fullUrl, contained, and by identifier.

Pure. Of several versions of one resource the last updated is meant, whatever their order.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from app.interop.fhir.bundles import BROKEN, Found
from app.interop.fhir.facts.elements import Resource, instant, part, parts, text, updated

_NEVER = datetime.min.replace(tzinfo=UTC)


class Held:
    """A resource with the place where it was found, decoded when it is first looked at."""

    __slots__ = ("_body", "container", "found")

    def __init__(self, found: Found, container: "Held | None" = None) -> None:
        self.found = found
        self.container = container  # the resource in which a contained one lies
        self._body: Resource | None = None

    @property
    def body(self) -> Resource:
        """The resource. Raises msgspec.DecodeError where it is not an object."""
        if self._body is None:
            self._body = msgspec.json.decode(self.found.raw, type=dict[str, Any])
        return self._body

    @property
    def base(self) -> str:
        """Address of the server, with a slash at its end, where the full address tells it."""
        if self.container is not None:
            return self.container.base
        url, end = self.found.url, f"{self.found.type}/{self.found.id}"
        return url.removesuffix(end) if url.startswith("http") and url.endswith("/" + end) else ""


class Ambiguous(Exception):
    """An identifier by which more than one resource is found; which one is meant must not be guessed."""


class Pool:
    """All resources of some files, as references find them."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._by_url: dict[str, Held] = {}
        self._by_name: dict[str, Held] = {}
        self._nameless: list[Held] = []  # nothing can refer to them, but they may refer to others
        self._identifiers: dict[str, dict[tuple[str, str], list[Held]]] = {}
        self.unreadable: list[Found] = []
        for one in found:
            self._add(Held(one))

    def _add(self, held: Held) -> None:
        try:
            held.body  # noqa: B018 - it is decoded here, so that nobody meets a broken one later
        except BROKEN:
            self.unreadable.append(held.found)
            return
        if held.found.url:
            _keep_newest(self._by_url, held.found.url, held)
        if held.found.id:
            _keep_newest(self._by_name, f"{held.found.type}/{held.found.id}", held)
        if not held.found.url and not held.found.id:
            self._nameless.append(held)

    def all(self, kind: str) -> Iterator[Held]:
        """Every resource of a type, each in its last version."""
        seen: set[int] = set()
        for held in (*self._by_name.values(), *self._by_url.values(), *self._nameless):
            if held.found.type == kind and id(held) not in seen and self._stands(held):
                seen.add(id(held))
                yield held

    def _stands(self, held: Held) -> bool:
        name = f"{held.found.type}/{held.found.id}"
        return not held.found.id or self._by_name.get(name) is held or bool(held.base)

    def follow(self, reference: object, source: Held, kind: str) -> Held | None:
        """The resource that an element Reference of `source` means; None where the files do not hold it.

        `kind` is the type that is expected there. Raises Ambiguous for an identifier that several resources bear.
        """
        url = text(reference, "reference").partition("/_history/")[0]
        if url.startswith("#"):
            held = self._contained(url[1:], source)
            return held if held is not None and held.found.type == kind else None
        if url:
            name = "/".join(url.split("?")[0].rstrip("/").split("/")[-2:])
            held = self._by_url.get(url) or (self._by_url.get(source.base + url) if source.base else None)
            held = held or self._by_its_name(name, url.removesuffix(name) if "://" in url else source.base)
            if held is None and "?" in url:
                held = self._conditional(url)
            return held if held is not None and held.found.type == kind else None
        wanted = part(reference, "identifier")
        return self._identified(kind, text(wanted, "system"), text(wanted, "value")) if wanted else None

    def _by_its_name(self, name: str, base: str) -> Held | None:
        """The same id on another server is another resource."""
        held = self._by_name.get(name)
        return None if held is not None and base and held.base not in ("", base) else held

    @staticmethod
    def _contained(name: str, source: Held) -> Held | None:
        """Its id means something in its container only, and is left out."""
        container = source.container or source
        for one in parts(container.body, "contained"):
            if text(one, "id") == name:
                raw = msgspec.json.encode({field: value for field, value in one.items() if field != "id"})
                return Held(Found(container.found.place, text(one, "resourceType"), "", raw), container)
        return None

    def _conditional(self, url: str) -> Held | None:
        kind, _, query = url.partition("?")
        for name, value in parse_qsl(query.replace("+", "%2B")):
            if name == "identifier":
                system, bar, number = unquote(value).rpartition("|")
                return self._identified(kind.rsplit("/", 1)[-1], system if bar else "", number)
        return None

    def _identified(self, kind: str, system: str, value: str) -> Held | None:
        if kind not in self._identifiers:
            known = self._identifiers[kind] = {}
            for held in self.all(kind):
                for one in parts(held.body, "identifier"):
                    for key in {(text(one, "system"), text(one, "value")), ("", text(one, "value"))}:
                        known.setdefault(key, []).append(held)
        found = self._identifiers[kind].get((system, value), []) if value else []
        if len(found) > 1:
            raise Ambiguous
        return found[0] if found else None


def _keep_newest(known: dict[str, Held], key: str, held: Held) -> None:
    other = known.get(key)
    if other is None or _version(other) < _version(held):
        known[key] = held


def _version(held: Held) -> tuple[datetime, bytes]:
    """Later versions sort later; the bytes part what bears one instant, so that no order of files decides."""
    recorded = updated(held.body, "UTC") or instant(held.found.clock, "UTC")
    return recorded.at if recorded else _NEVER, held.found.raw
