"""The stay after this one under the view of an address, for pages that lead from stay to stay."""

import uuid
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from app.platform.work import Reading
from app.security.viewer import Viewer
from app.worklists import queries
from app.worklists.listing import language_of, may_see
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import read

_LANGUAGE = language_of(REGISTRY)


def following(db: Reading, viewer: Viewer, address: str, stay_id: uuid.UUID) -> uuid.UUID | None:
    """The next row of the list after this stay; None after the last one, and where the stay is not on the list."""
    parts = urlsplit(address)
    name = parts.path.removeprefix("/worklists/")
    built = REGISTRY.lists.get(name)
    if built is None or not may_see(built, viewer):
        return None
    view, _ = read(name, parse_qsl(parts.query), _LANGUAGE)
    rows = queries.rows(Ask(REGISTRY, built, replace(view, as_of="", open=""), db, viewer))
    order = [row.id for row in rows]
    place = order.index(str(stay_id)) + 1 if str(stay_id) in order else len(order)
    return uuid.UUID(order[place]) if place < len(order) else None
