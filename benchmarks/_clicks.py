"""What people click: each role its own mixture of lists, stays, notes, reviews, searches and figures.

A person has one page open. It listens to the live stream as the scripts of the product do: a list asks for the rows of
stays that changed, the page of a stay for its parts.
"""

import asyncio
import contextlib
import html
import re
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from random import Random

import msgspec

from app.security.permissions import ROLES, Permission, Role
from app.worklists.registry import REGISTRY
from benchmarks._browser import Answer, Browser, Connection
from benchmarks._house import Person

STAY = re.compile(rb'<tbody[^>]* data-stay="([0-9a-f-]{36})"')
MARK = re.compile(rb'data-mark="(\d+)"')
LIVE = re.compile(rb'data-live="([^"]+)"')
UNIT = re.compile(rb'name="unit" value="([^"]+)"')
FIELD = re.compile(rb'<input type="hidden" name="(kind|for_day|opened_at|criteria)" value="([^"]*)"')
TABS = ("obligations", "timeline", "reviews", "status", "payer", "days", "plan", "assessment", "referrals", "departure",
        "notices", "notes", "places", "history")  # fmt: skip
FAMILIES = ("an", "ber", "car", "do", "el", "fi", "ha", "jo", "ka", "lo", "ma", "ol", "pe", "ri", "sa", "wa")
# What a list asks for by itself, as static/worklist.js: rows at once, requests at once, seconds between others, and
# seconds without a touch after which it is drawn in its new order.
MOST_ROWS, AT_ONCE, EVERY, QUIET = 60, 5.0, 2.0, 20.0
MOST_CHANGED = 150  # with fewer than these it has caught up, and goes on from there
REFUSED = 409  # a rule said no: two people wanted the same stay
NOT_THERE = 404
Click = Callable[["Visitor"], Coroutine[None, None, None]]


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """One request: what kind, when it was sent (seconds of the machine's monotonic clock), how long, its status, and
    of which stay who asked."""

    kind: str
    at: float
    seconds: float
    status: int
    stay: str = ""
    person: str = ""


@dataclass
class Record:
    """What was measured; shared by all visitors. `heard` is the instant at which probes came to one stream each."""

    taken: list[Taken] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    heard: dict[str, list[float]] = field(default_factory=dict)
    probes: set[str] = field(default_factory=set)
    events: int = 0


class Visitor:
    """A person with a browser in which one page is open."""

    def __init__(self, person: Person, port: int, record: Record, seed: int) -> None:
        self.name, self.role, self.record, self.random = person.name, Role(person.role), record, Random(seed)
        self.browser = Browser(port, person.cookie)
        held = ROLES[self.role].permissions
        self.may = held.__contains__
        lists = REGISTRY.lists.items()
        self.lists = [name for name, one in lists if not one.spec.permission or self.may(one.spec.permission)]
        self.list, self.query, self.stays, self.units = "", "", list[str](), list[str]()
        self.stay, self.mine, self.clicked = "", list[str](), 0.0
        self._page: asyncio.Task[None] | None = None
        self._clicks = mixture(self)

    async def click(self) -> None:
        """One click, of a kind that this role makes; without a list there is nothing else to click."""
        kinds, weights = self._clicks
        self.clicked = time.monotonic()
        first = not self.stays and open_list in kinds
        chosen = open_list if first else self.random.choices(kinds, weights)[0]
        await chosen(self)

    async def taken(self, kind: str, asked: Coroutine[None, None, Answer], stay: str = "") -> Answer | None:
        """Wait for an answer and write it down. None: it was refused or did not come. Whether a stay may be not there
        any more is judged afterwards, by the database."""
        began = time.monotonic()
        try:
            answer = await asked
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.record.taken.append(Taken(kind, began, time.monotonic() - began, 0))
            self.record.faults.append(f"{kind}: {type(error).__name__}")
            return None
        self.record.taken.append(Taken(kind, began, answer.seconds, answer.status, stay, self.name))
        if answer.status == NOT_THERE and stay:  # back to the list
            self.stay, self.stays = "", [one for one in self.stays if one != stay]
        elif answer.status >= 400 and answer.status != REFUSED:
            self.record.faults.append(f"{kind}: {answer.status}")
        return answer if answer.status < 400 else None

    def shows(self, look: Coroutine[None, None, None] | None = None) -> None:
        """Another page is open: its predecessor listens no more; `look` keeps the new one current."""
        self.leave()
        if look is not None:
            self._page = asyncio.get_running_loop().create_task(look)

    def leave(self) -> None:
        """Close the page."""
        if self._page is not None:
            self._page.cancel()
            self._page = None


# --- live pages ------------------------------------------------------------------------------------------------------


async def watch_list(visitor: Visitor, mark: str) -> None:
    """A list that keeps itself current."""
    asked: set[str] = set()
    wake = asyncio.Event()
    fetcher = asyncio.get_running_loop().create_task(fetch_rows(visitor, asked, wake))
    connection = Connection(visitor.browser.port, visitor.browser.cookie)
    try:
        async for kind, data in connection.events():
            visitor.record.events += 1
            heard(visitor, data)
            if kind == "resync":
                answer = await visitor.taken(
                    "changes, asked by pages", visitor.browser.get(f"/worklists/changes/{mark}", quiet=True)
                )
                reached, *changed = answer.body.decode().split() if answer else (mark,)
                mark = reached if len(changed) < MOST_CHANGED else mark
                asked.update(changed)
            elif kind == "changed":
                asked |= set(data.split())
            if asked:
                wake.set()
    finally:
        fetcher.cancel()
        connection.close()


async def fetch_rows(visitor: Visitor, asked: set[str], wake: asyncio.Event) -> None:
    """Ask for the rows of stays that changed, as static/worklist.js does: a few at once, then every other second."""
    shown, left, every, counted = set(visitor.stays), AT_ONCE, EVERY, time.monotonic()
    drawn = time.monotonic()
    while True:
        await wake.wait()
        wake.clear()
        while asked:
            left, counted = min(AT_ONCE, left + (time.monotonic() - counted) / every), time.monotonic()
            await asyncio.sleep(0.03 if left >= 1 else (1 - left) * every)
            ids = sorted(asked, key=lambda one: one not in shown)[:MOST_ROWS]
            asked.difference_update(ids)
            joined = "&".join([*([visitor.query] if visitor.query else []), *(f"id={one}" for one in ids)])
            began, left = time.monotonic(), left - 1
            path = f"/worklists/{visitor.list}/rows?{joined}"
            await visitor.taken("rows, asked by pages", visitor.browser.get(path, piece=True, quiet=True))
            every = min(max(EVERY, 200 * (time.monotonic() - began)), 10 * EVERY)
        if time.monotonic() - max(visitor.clicked, drawn) > QUIET:  # the new order is shown to whoever only looks
            address = f"/worklists/{visitor.list}" + (f"?{visitor.query}" if visitor.query else "")
            await visitor.taken("list, asked by pages", visitor.browser.get(address, piece=True, quiet=True))
            drawn = time.monotonic()


async def watch_stay(visitor: Visitor, stay: str, parts: list[str]) -> None:
    """The page of a stay that keeps itself current."""
    connection = Connection(visitor.browser.port, visitor.browser.cookie)
    try:
        async for kind, data in connection.events():
            visitor.record.events += 1
            heard(visitor, data)
            if kind == "changed" and stay in data.split():
                await asyncio.sleep(0.15)
                for part in parts:
                    asked = visitor.browser.get(part, piece=True, quiet=True)
                    await visitor.taken("parts of a stay, asked by pages", asked, stay)
    finally:
        connection.close()


def heard(visitor: Visitor, data: str) -> None:
    """Note when a probe arrives."""
    for one in visitor.record.probes.intersection(data.split()):
        visitor.record.heard.setdefault(one, []).append(time.monotonic())


# --- clicks ----------------------------------------------------------------------------------------------------------


async def open_list(visitor: Visitor) -> None:
    """A whole list; mostly the first, which is the person's own."""
    usual = visitor.lists[0] if visitor.random.random() < 0.5 else visitor.random.choice(visitor.lists[:10])
    await list_page(visitor, usual if visitor.stays else "inpatient", "")


async def list_page(visitor: Visitor, name: str, query: str) -> None:
    address = f"/worklists/{name}" + (f"?{query}" if query else "")
    answer = await visitor.taken("list", visitor.browser.get(address))
    if answer is None:
        return
    if answer.location:  # a default view of this person
        return
    found = [one.decode() for one in STAY.findall(answer.body)]
    visitor.list, visitor.query, visitor.stays = name, query, found or visitor.stays
    visitor.units = [one.decode() for one in dict.fromkeys(UNIT.findall(answer.body))] or visitor.units
    mark = MARK.search(answer.body)
    visitor.shows(watch_list(visitor, mark[1].decode()) if mark else None)


async def filter_list(visitor: Visitor) -> None:
    """The same list, narrowed to a unit."""
    if not visitor.list or not visitor.units:
        return await open_list(visitor)
    query = f"unit={visitor.random.choice(visitor.units)}"
    address = f"/worklists/{visitor.list}?{query}"
    if await visitor.taken("filter", visitor.browser.get(address, piece=True, source="form#narrow")):
        visitor.query = query
    return None


async def open_row(visitor: Visitor) -> None:
    """A row in place."""
    name = visitor.list or "inpatient"
    stay = visitor.random.choice(visitor.stays)
    address = f"/worklists/{name}/rows/{stay}/more"
    await visitor.taken("row in place", visitor.browser.get(address, piece=True), stay)


async def open_stay(visitor: Visitor) -> None:
    """The page of a stay."""
    visitor.stay = visitor.random.choice(visitor.stays)
    answer = await visitor.taken("stay", visitor.browser.get(f"/encounters/{visitor.stay}"), visitor.stay)
    if answer is not None:
        parts = [html.unescape(one.decode()) for one in LIVE.findall(answer.body)]
        visitor.list, visitor.query = "", ""
        visitor.shows(watch_stay(visitor, visitor.stay, parts))


async def open_tab(visitor: Visitor) -> None:
    """Another part of the stay."""
    if not visitor.stay:
        return await open_stay(visitor)
    tab = visitor.random.choice(TABS)
    asked = visitor.browser.get(f"/encounters/{visitor.stay}/{tab}", piece=True)
    await visitor.taken("stay tab", asked, visitor.stay)
    return None


async def write_note(visitor: Visitor) -> None:
    """A note on a stay of the list."""
    stay = visitor.random.choice(visitor.stays)
    fields = [("text", f"Called the family, will call again after {visitor.random.randrange(9, 18)} hours.")]
    await visitor.taken("note", visitor.browser.post(f"/encounters/{stay}/notes", fields, piece=True), stay)


async def take_stay(visitor: Visitor) -> None:
    """Take a stay that nobody has, or give back one that was taken."""
    if visitor.mine:
        path = f"/encounters/{visitor.mine.pop()}/own-assignment/end"
        await visitor.taken("give back", visitor.browser.post(path, [("back", "/worklists/my-day")]))
        return
    answer = await visitor.taken("list", visitor.browser.get("/worklists/unassigned"))
    found = STAY.findall(answer.body) if answer else []
    if found:
        stay = visitor.random.choice(found).decode()
        path = f"/encounters/{stay}/own-assignment"
        if await visitor.taken("take", visitor.browser.post(path, [("back", "/worklists/unassigned")])):
            visitor.mine.append(stay)


async def write_review(visitor: Visitor) -> None:
    """The form of a review, and its draft kept."""
    stay = visitor.random.choice(visitor.stays)
    answer = await visitor.taken("review form", visitor.browser.get(f"/encounters/{stay}/reviews/new"), stay)
    hidden = [(name.decode(), value.decode()) for name, value in FIELD.findall(answer.body)] if answer else []
    if not hidden:
        return
    visitor.shows()
    fields = [*hidden, ("summary", "Afebrile since the morning, oxygen by nasal cannula, second day of antibiotics.")]
    draft = visitor.browser.post(f"/encounters/{stay}/reviews/drafts", fields, piece=True)
    await visitor.taken("review draft", draft, stay)


async def search(visitor: Visitor) -> None:
    """Some letters of a name."""
    fields = [("q", visitor.random.choice(FAMILIES) + visitor.random.choice("aeiou"))]
    await visitor.taken("search", visitor.browser.post("/find", fields))


def page_at(kind: str, *addresses: str) -> Click:
    """A click that opens one of these pages."""

    async def open_page(visitor: Visitor) -> None:
        answer = await visitor.taken(kind, visitor.browser.get(visitor.random.choice(addresses)))
        if answer is not None:
            visitor.shows()

    return open_page


_CONTROL = page_at("control", "/control")
_MEASURE = page_at("measure", "/measures", "/measures/readmission", "/measures/los", "/measures/readmission/cases")
_LEDGER = page_at("ledger", "/ledger")
_STUDY = page_at("study", "/avoidable-days", "/vendors/scorecards", "/distribution")
_AUDIT = page_at("audit", "/audit", "/audit/glass")
_HOUSE = page_at("administration", "/people", "/facilities", "/configuration", "/interfaces")


def mixture(visitor: Visitor) -> tuple[list[Click], list[int]]:
    """What this role clicks, and how often."""
    if visitor.role is Role.ADMINISTRATOR:
        return [_HOUSE], [1]
    found: dict[Click, int] = {open_list: 20, filter_list: 14, open_row: 16, open_stay: 14, open_tab: 18, search: 4}
    for permission, click, weight in (
        (Permission.NOTE_WRITE, write_note, 6), (Permission.STAY_TAKE, take_stay, 4),
        (Permission.REVIEW_WRITE, write_review, 12 if visitor.role is Role.UR_NURSE else 4),
        (Permission.MEASURE_SEE, _CONTROL, 6), (Permission.MEASURE_SEE, _MEASURE, 6),
        (Permission.STAY_LIST, _LEDGER, 2), (Permission.STAY_ASSIGN, _STUDY, 4), (Permission.AUDIT_SEE, _AUDIT, 15),
    ):  # fmt: skip
        if visitor.may(permission):
            found[click] = weight
    return list(found), list(found.values())


@contextlib.contextmanager
def here(visitors: list[Visitor]) -> Iterator[None]:
    """Everybody leaves in the end."""
    try:
        yield
    finally:
        for visitor in visitors:
            visitor.leave()
            visitor.browser.close()
