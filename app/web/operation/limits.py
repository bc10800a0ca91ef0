"""How often somebody may ask: a bucket of tokens for each person, and for each address of those who are not signed in.

Generous, against scripts and stuck keys, not against work: sign-in and links of vendors have limits of their own that
guess-work meets first. Buckets lie in the memory of a process, so that a request costs no question to the database;
with several processes the whole installation allows the sum.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from litestar import Request
from litestar.exceptions import TooManyRequestsException

from app.security.sessions import client_address
from app.security.viewer import Viewer
from app.web.operation.watch import UNTOLD, route_of

MOST_HELD = 20_000  # buckets; the one that was asked for longest ago goes first
COSTLY_SHARE = 10  # files and searches: so many times less often than pages
ADDRESS_SHARE = 4  # a hospital often shows one address for everybody
_FILES = (".csv", ".xlsx", ".parquet", ".pdf")
_COSTLY = frozenset({"/find", "/worklists/{name:str}/out/{kind:str}", "/audit/patients", "/audit/people"})


@dataclass(slots=True)
class Buckets:
    """Tokens of everybody: `each` is one minute's worth, held at most; they come back evenly."""

    _held: OrderedDict[Hashable, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, key: Hashable, each: int, at: float) -> float:
        """Take a token. 0.0 where there was one; else the seconds until there is one again, and none is taken."""
        left, last = self._held.pop(key, (float(each), at))
        left = min(float(each), left + (at - last) * each / 60)
        taken = left >= 1
        self._held[key] = (left - 1 if taken else left, at)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return 0.0 if taken else (1 - left) * 60 / each


def is_costly(template: str) -> bool:
    """Whether a route makes a file or searches all patients."""
    return template in _COSTLY or template.endswith(_FILES)


def slow_down(request: Request[Any, Any, Any]) -> None:
    """Raise TooManyRequests for who asks more often than the installation allows."""
    state = request.app.state
    each = state.settings.requests_per_minute
    route = route_of(request.scope)
    if not each or route in UNTOLD:
        return
    viewer = request.scope.get("user")
    if isinstance(viewer, Viewer):
        who: Hashable = viewer.user_id
    else:
        who, each = client_address(request, state.settings), each * ADDRESS_SHARE
    buckets: Buckets = state.buckets
    at = monotonic()
    seconds = buckets.wait(who, each, at)
    if not seconds and is_costly(route):
        seconds = buckets.wait((who, "costly"), max(1, each // COSTLY_SHARE), at)
    if seconds:
        raise too_many(seconds)


def too_many(seconds: float) -> TooManyRequestsException:
    """The refusal, with the time after which it is worth to ask again."""
    whole = max(1, round(seconds + 0.5))
    return TooManyRequestsException(
        f"This was asked for too often. Nothing was stored; wait {whole} seconds, then try again.",
        headers={"Retry-After": str(whole)},
    )
