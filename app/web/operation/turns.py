"""What pages ask for by themselves lets go first what people ask for.

The open lists of a busy house ask for more than its people do. In one row with them a click would wait for a hundred
pages at which nobody looks. So a process makes one such answer at a time, and its other places are for people.
Whoever has waited long goes in line with them, for what is shown must not grow old without end; who left the page
meanwhile needs no answer any more.
"""

import asyncio
import contextlib
from typing import Any

from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE = 1  # of the places in which a process makes pages
LONGEST = 4.0  # seconds that a page waits for its turn
BY_ITSELF: dict[str, Any] = {"quiet": True, "in_turn": True}
"""What a route says that pages ask for by themselves: it is no use of a session, and it takes turns."""


class Turns:
    """Wraps every route; those marked BY_ITSELF wait for each other until the answer begins, no longer than LONGEST."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not getattr(scope.get("route_handler"), "opt", {}).get("in_turn"):
            await self._app(scope, receive, send)
            return
        turns: asyncio.Semaphore = scope["app"].state.turns
        mine = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                mine = await turns.acquire()

        def give_up() -> None:
            nonlocal mine
            if mine:
                turns.release()
            mine = False

        async def begins(message: Message) -> None:
            if message["type"] == "http.response.start":
                give_up()  # a slow browser takes its answer without keeping others from theirs
            await send(message)

        try:
            asked = await receive()
            if asked["type"] == "http.disconnect":
                await ASGIResponse(status_code=204)(scope, receive, send)  # heard by nobody but the figures
                return
            unread = [asked]

            async def receive_again() -> Any:
                return unread.pop() if unread else await receive()

            await self._app(scope, receive_again, begins)
        finally:
            give_up()
