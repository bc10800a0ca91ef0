"""The stay after this one on the list that somebody works through, as an address names the list. Lent by the lists."""

import uuid
from collections.abc import Callable
from typing import Any

from litestar import Request

from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.frame import is_local

Following = Callable[[Reading, Viewer, str, uuid.UUID], uuid.UUID | None]
LISTS = "/worklists/"
_lent: list[Following] = []


def install(following: Following) -> None:
    """Hand over who knows the order of a list (app/wiring.py)."""
    _lent[:] = [following]


def following(db: Reading, viewer: Viewer, address: str, stay_id: uuid.UUID) -> uuid.UUID | None:
    """The stay that stands after this one, None for the last and where no list is named."""
    return _lent[0](db, viewer, address, stay_id) if _lent and is_list(address) else None


def list_of(request: Request[Any, Any, Any]) -> str:
    """The list that the address names, or from which the link was followed; empty for none."""
    named = request.query_params.get("list", "")
    if is_list(named):
        return named
    came = request.headers.get("referer", "")
    host = f"{request.url.scheme}://{request.url.netloc}"
    path = came.removeprefix(host)
    return path if came.startswith(host) and is_list(path) else ""


def is_list(address: str) -> bool:
    """Whether the address is one of our lists."""
    return address.startswith(LISTS) and is_local(address)
